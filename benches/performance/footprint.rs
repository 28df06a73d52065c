//! How much memory a process has, as the kernel counts it.

use crate::program::Program;
use std::fs;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_secs(1);

/// In use now, in KiB.
pub fn now_kib(process: u32) -> u64 {
    field(process, "VmRSS:")
}

/// The most that was ever in use, in KiB.
pub fn most_kib(process: u32) -> u64 {
    field(process, "VmHWM:")
}

/// Reads proc(5)'s `status`.
fn field(process: u32, name: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Looks at a process until it is told to end.
pub struct Footprint {
    stop: Sender<()>,
    thread: JoinHandle<Vec<u64>>,
}

impl Footprint {
    pub fn watch(program: &Program) -> Self {
        let (process, (stop, stopped)) = (program.id(), channel());
        let thread = std::thread::spawn(move || {
            let mut seen = vec![now_kib(process)];
            while stopped.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                seen.push(now_kib(process));
            }
            seen
        });
        Self { stop, thread }
    }

    /// The most in the first third of the time, and in the last, in KiB.
    pub fn end(self) -> (u64, u64) {
        self.stop.send(()).unwrap();
        let seen = self.thread.join().unwrap();
        let third = seen.len().div_ceil(3);
        let most = |part: &[u64]| part.iter().copied().max().unwrap();
        (most(&seen[..third]), most(&seen[seen.len() - third..]))
    }
}
