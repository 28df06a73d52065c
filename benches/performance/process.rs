//! The service's own commands, and what others offer instead, as processes: what they take of time and memory.

use crate::measure::now;
use crate::stage::Stage;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// How often it is looked how much memory a process has.
const LOOK: Duration = Duration::from_millis(10);

/// What a process took.
pub struct Took {
    pub time: Duration,
    /// The most memory that it had, in KiB.
    pub memory_kib: u64,
}

/// `avstem` with these arguments, on a stage's database.
pub fn avstem(stage: &Stage, arguments: &[&str]) -> Took {
    let mut command = Command::new(env!("CARGO_BIN_EXE_avstem"));
    command
        .args(arguments)
        .arg("--quiet")
        .current_dir(stage.place.folder())
        .env("AVSTEM_DATABASE_URL", stage.place.url())
        .env(
            "AVSTEM_CONNECTIONS__STRIPE__WEBHOOK_SECRETS",
            crate::deliveries::SECRET,
        )
        .stdout(Stdio::null());
    run(command)
}

/// A program whose output goes to a file.
pub fn program(name: &str, arguments: &[&str], output: &Path) -> Took {
    let mut command = Command::new(name);
    command
        .args(arguments)
        .stdout(File::create(output).unwrap());
    run(command)
}

fn run(mut command: Command) -> Took {
    let begun = now();
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut memory_kib = 0;
    let ended = loop {
        // The kernel keeps the most there was, so that the last look before the end tells it.
        if let Some(most) = fs::read_to_string(&status).ok().as_deref().and_then(most) {
            memory_kib = most;
        }
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        std::thread::sleep(LOOK);
    };
    let time = begun.elapsed();
    assert!(ended.success(), "{command:?}: {ended}");
    Took { time, memory_kib }
}

fn most(status: &str) -> Option<u64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_ascii_whitespace().nth(1)?.parse().ok()
}
