//! How much of the processors was used, by this process and by PostgreSQL's: what is measured beside time, for
//! it says the same on a machine that has other things to do.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

/// Linux counts in hundredths of a second, wherever it runs.
const TICK: Duration = Duration::from_millis(10);

/// Processes, and what they have used so far.
pub struct Cpu {
    /// The server's first process; it adds up what its children used that have ended.
    server: Option<u32>,
}

struct Process {
    parent: u32,
    used: u64,
    /// By children that have ended.
    used_by_children: u64,
}

impl Cpu {
    /// Of this process alone.
    pub const fn own() -> Self {
        Self { server: None }
    }

    /// Of this process, and of a PostgreSQL server of which one process is known.
    pub fn with_server(process: u32) -> Self {
        let server = processes().get(&process).map(|process| process.parent);
        Self { server }
    }

    /// The server's processes that run now.
    pub fn server_processes(&self) -> Vec<u32> {
        let all = processes().into_iter();
        all.filter(|(id, process)| self.is_of_server(*id, process))
            .map(|(id, _)| id)
            .collect()
    }

    fn is_of_server(&self, id: u32, process: &Process) -> bool {
        Some(id) == self.server || Some(process.parent) == self.server
    }

    /// What a process has used of it since it started, its ended children not counted.
    pub fn of_process(id: u32) -> Duration {
        let used = processes().get(&id).map_or(0, |process| process.used);
        TICK * u32::try_from(used).unwrap()
    }

    /// User and system time since the start.
    pub fn used(&self) -> Duration {
        let own = std::process::id();
        let ticks = processes().iter().fold(0, |sum, (id, process)| {
            let is_server = Some(*id) == self.server;
            let of_children = if is_server {
                process.used_by_children
            } else {
                0
            };
            let counts = *id == own || self.is_of_server(*id, process);
            sum + if counts {
                process.used + of_children
            } else {
                0
            }
        });
        TICK * u32::try_from(ticks).unwrap()
    }
}

fn processes() -> HashMap<u32, Process> {
    let folders = fs::read_dir("/proc").unwrap();
    let ids = folders.filter_map(|folder| folder.ok()?.file_name().to_str()?.parse().ok());
    // A process that has ended meanwhile has no file any more.
    ids.filter_map(|id: u32| {
        Some((
            id,
            process(&fs::read_to_string(format!("/proc/{id}/stat")).ok()?),
        ))
    })
    .collect()
}

/// Reads proc(5)'s `stat`. The second field is a name in parentheses, which may hold anything.
fn process(stat: &str) -> Process {
    let (_, fields) = stat.rsplit_once(") ").unwrap();
    let fields: Vec<&str> = fields.split(' ').collect();
    let number = |place: usize| fields[place].parse::<u64>().unwrap();
    Process {
        parent: fields[1].parse().unwrap(),
        used: number(11) + number(12),
        used_by_children: number(13) + number(14),
    }
}
