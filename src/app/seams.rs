//! The places between two steps where a process can die, or stand still while others go on. A test
//! stops the work at any of them; since nothing is kept in memory between steps, going on from the
//! database is then what a restart does.

use std::sync::{Arc, Mutex, PoisonError};

/// Hooks at every seam. In production they do nothing.
#[derive(Clone, Default)]
pub struct Seams {
    script: Option<Arc<Mutex<Script>>>,
}

#[derive(Default)]
struct Script {
    crossed: Vec<&'static str>,
    at: Option<usize>,
    meanwhile: Option<Meanwhile>,
}

type Meanwhile = Arc<dyn Fn() + Send + Sync>;

/// The work was stopped at a seam by a test.
#[derive(Debug, thiserror::Error)]
#[error("stopped at {seam}")]
pub struct Stopped {
    pub seam: &'static str,
}

impl Seams {
    /// Seams that remember what was crossed, and stop at crossing number `stop_at` (from 0).
    #[must_use]
    pub fn scripted(stop_at: Option<usize>) -> Self {
        Self {
            script: Some(Arc::new(Mutex::new(Script {
                at: stop_at,
                ..Script::default()
            }))),
        }
    }

    /// Seams where the process stands still once, at crossing number `at` (from 0), while
    /// `meanwhile` happens. Then it goes on, not knowing of it.
    #[must_use]
    pub fn paused(at: usize, meanwhile: impl Fn() + Send + Sync + 'static) -> Self {
        let script = Script {
            at: Some(at),
            meanwhile: Some(Arc::new(meanwhile)),
            ..Script::default()
        };
        Self {
            script: Some(Arc::new(Mutex::new(script))),
        }
    }

    /// Forgets what was crossed and counts from 0 again, towards another crossing.
    pub fn count_again(&self, at: Option<usize>) {
        if let Some(script) = &self.script {
            let mut script = script.lock().unwrap_or_else(PoisonError::into_inner);
            script.crossed.clear();
            script.at = at;
        }
    }

    /// Names of the seams crossed so far, in order.
    #[must_use]
    pub fn crossed(&self) -> Vec<&'static str> {
        self.script.as_ref().map_or_else(Vec::new, |script| {
            script
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .crossed
                .clone()
        })
    }

    /// Passes a seam.
    pub fn cross(&self, seam: &'static str) -> Result<(), Stopped> {
        let Some(script) = &self.script else {
            return Ok(());
        };
        let meanwhile = {
            let mut script = script.lock().unwrap_or_else(PoisonError::into_inner);
            let number = script.crossed.len();
            script.crossed.push(seam);
            if script.at != Some(number) {
                return Ok(());
            }
            script.meanwhile.clone().ok_or(Stopped { seam })?
        };
        meanwhile();
        Ok(())
    }
}
