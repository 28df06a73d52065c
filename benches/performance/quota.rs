//! A share of the machine for some processes, as if they had a small one of their own: a control group of Linux, which
//! takes the right to make one.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Length of a turn of the processor. A process that has had its share of one waits for the next.
const TURN_US: u64 = 10_000;

/// A folder of control groups, and what is written into which of the new group's files.
type Settings = (&'static str, Vec<(&'static str, String)>);

/// A control group, gone when it is dropped; processes that are in it then have all they want again.
pub struct Quota {
    root: PathBuf,
    group: PathBuf,
}

impl Quota {
    /// A share of one core, in per cent. None where no control group can be made.
    pub fn of_a_core(name: &str, percent: u64) -> Option<Self> {
        let share_us = TURN_US * percent / 100;
        Self::first_of(
            name,
            [
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
            ],
        )
    }

    /// So many bytes a second may be written to the disk that holds a folder. None where no control group can be made,
    /// and where the folder is on no disk.
    pub fn of_the_disk(name: &str, folder: &Path, bytes_a_second: u64) -> Option<Self> {
        let disk = disk_of(folder)?;
        Self::first_of(
            name,
            [
                (
                    "/sys/fs/cgroup",
                    vec![("io.max", format!("{disk} wbps={bytes_a_second}"))],
                ),
                (
                    "/sys/fs/cgroup/blkio",
                    vec![(
                        "blkio.throttle.write_bps_device",
                        format!("{disk} {bytes_a_second}"),
                    )],
                ),
            ],
        )
    }

    fn first_of(name: &str, versions: [Settings; 2]) -> Option<Self> {
        let name = format!("avstem-bench-{}-{name}", std::process::id());
        versions.iter().find_map(|(root, settings)| {
            let root = PathBuf::from(root);
            let group = root.join(&name);
            fs::create_dir(&group).ok()?;
            let quota = Self { root, group };
            // Opened, not made: in a folder of another kind such a file would be an ordinary one.
            let set = |(file, value): &(&str, String)| {
                let file = quota.group.join(file);
                file.exists() && fs::write(file, value).is_ok()
            };
            settings.iter().all(set).then_some(quota)
        })
    }

    /// A process, and those that it starts from now on.
    pub fn hold(&self, process: u32) {
        let held = fs::write(self.group.join("cgroup.procs"), process.to_string());
        // A server's process may have ended since it was looked for, and one that is there is held or nothing is measured.
        let has_ended = !Path::new("/proc").join(process.to_string()).exists();
        assert!(
            held.is_ok() || has_ended,
            "process {process} is not held: {held:?}"
        );
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        // A group with processes in it stays.
        let held = fs::read_to_string(self.group.join("cgroup.procs")).unwrap_or_default();
        for process in held.lines() {
            // It may have ended meanwhile.
            let _ = fs::write(self.root.join("cgroup.procs"), process);
        }
        let _ = fs::remove_dir(&self.group);
    }
}

/// The number of the disk that a folder is on, such as `254:0`: the whole disk, as a part of one cannot be limited.
fn disk_of(folder: &Path) -> Option<String> {
    let device = fs::metadata(folder).ok()?.dev();
    // As glibc's `major` and `minor` take it apart.
    let major = ((device >> 8) & 0xfff) | ((device >> 32) & !0xfff);
    let minor = (device & 0xff) | ((device >> 12) & !0xff);
    let described = fs::canonicalize(format!("/sys/dev/block/{major}:{minor}")).ok()?;
    let whole = if described.join("partition").exists() {
        described.parent()?
    } else {
        &described
    };
    let number = fs::read_to_string(whole.join("dev")).ok()?;
    Some(number.trim().to_owned())
}
