//! Progress for a person who waits: on stderr, and only when that is a terminal.

use super::Noise;
use crate::app::progress::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;

/// A bar that may be hidden.
pub struct Bar {
    bar: ProgressBar,
}

impl Bar {
    /// `what` is counted: `journals`.
    pub fn new(noise: Noise, what: &'static str) -> Self {
        let target = match noise {
            Noise::Normal if std::io::stderr().is_terminal() => ProgressDrawTarget::stderr(),
            Noise::Normal | Noise::Quiet => ProgressDrawTarget::hidden(),
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {human_pos} {msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        Self { bar }
    }

    /// Does something else with the terminal, such as writing a line, while the bar is out of the way.
    pub fn aside<R>(&self, work: impl FnOnce() -> R) -> R {
        self.bar.suspend(work)
    }

    pub fn show(&self, progress: Progress) {
        if let (Some(total), None) = (progress.total, self.bar.length()) {
            self.bar.set_length(total);
            if let Ok(style) =
                ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} {msg} {eta}")
            {
                self.bar.set_style(style);
            }
        }
        self.bar.set_position(progress.done);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
