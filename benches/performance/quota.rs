//! A share of the processor for a process, as if it had a small machine of its own: a control group of Linux, which
//! takes the right to make one.

use std::fs;
use std::path::{Path, PathBuf};

/// Length of a turn. A process that has had its share of one waits for the next.
const TURN_US: u64 = 10_000;

/// A control group, gone when it is dropped; its processes must have ended by then.
pub struct Quota {
    group: PathBuf,
}

impl Quota {
    /// A share of one core, in per cent. None where no control group can be made.
    pub fn of_a_core(name: &str, percent: u64) -> Option<Self> {
        let share_us = TURN_US * percent / 100;
        let name = format!("avstem-bench-{}-{name}", std::process::id());
        let settings = [
            // Version 2, where the root group lets its members be limited.
            (
                "/sys/fs/cgroup",
                vec![("cpu.max", format!("{share_us} {TURN_US}"))],
            ),
            // Version 1.
            (
                "/sys/fs/cgroup/cpu",
                vec![
                    ("cpu.cfs_period_us", TURN_US.to_string()),
                    ("cpu.cfs_quota_us", share_us.to_string()),
                ],
            ),
        ];
        settings.iter().find_map(|(root, settings)| {
            let group = Path::new(root).join(&name);
            fs::create_dir(&group).ok()?;
            let quota = Self { group };
            // Opened, not made: in a folder of another kind such a file would be an ordinary one.
            let set = |(file, value): &(&str, String)| {
                let file = quota.group.join(file);
                file.exists() && fs::write(file, value).is_ok()
            };
            settings.iter().all(set).then_some(quota)
        })
    }

    pub fn hold(&self, process: u32) {
        fs::write(self.group.join("cgroup.procs"), process.to_string()).unwrap();
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        let _ = fs::remove_dir(&self.group);
    }
}
