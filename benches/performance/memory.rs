//! How much memory this process has, and had at most, in megabytes.

use std::fs;

/// Forgets what it had at most until now.
pub fn forget_peak() {
    fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// Since [`forget_peak`].
pub fn peak() -> u64 {
    field("VmHWM:")
}

pub fn used() -> u64 {
    field("VmRSS:")
}

fn field(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix(name)).unwrap();
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    kilobytes / 1_000
}
