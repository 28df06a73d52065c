//! Who sends more than the service can take must not wait for it: on the cores that both share, the sender goes first.

use std::path::Path;
use std::process::Command;

/// Of the kernel's −20 to 19, 0 is everybody's.
const FIRST: &str = "-15";
const AS_ALL: &str = "0";

/// Does some work, all of it on this thread, before what other threads want to do. Where the kernel does not allow it, which
/// it does to root, says so.
pub fn on_the_cores<T>(work: impl FnOnce() -> T) -> T {
    if let Err(why) = renice(FIRST) {
        println!("The generator does not go first on the cores: {why}");
        return work();
    }
    let done = work();
    renice(AS_ALL).unwrap();
    done
}

fn renice(priority: &str) -> Result<(), String> {
    let thread = std::fs::read_link("/proc/thread-self").map_err(|error| error.to_string())?;
    let thread = Path::new(thread.file_name().unwrap_or_default());
    let renice = Command::new("renice")
        .args(["-n", priority, "-p"])
        .arg(thread)
        .output()
        .map_err(|error| format!("renice: {error}"))?;
    if renice.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&renice.stderr).trim().to_owned())
    }
}
