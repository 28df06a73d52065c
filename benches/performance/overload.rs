//! Five times what the service can take, for as long as is asked: what it answers, how long that takes, how much
//! memory it needs, whether the API and the account page go on, and how soon it is itself again.
//!
//! Twice: with all that the machine has, of which the generator needs its part, and on a disk that is slow, so that
//! five times as much can be sent.

use crate::arguments::Arguments;
use crate::figure;
use crate::footprint;
use crate::generator::Tally;
use crate::lifecycles::Mix;
use crate::measure::{Table, grouped, now};
use crate::scene::Scene;
use crate::sender::Pace;
use crate::stage::{Database, databases};
use crate::visitors::{Visited, Visitors};
use std::time::Duration;

const SECONDS: usize = 60;
const TIMES: usize = 5;
/// More than the deliveries that the service takes on at a time.
const CONNECTIONS: usize = 1_400;
const MOST_FOR: Duration = Duration::from_secs(5);
/// After the storm, in slices: it has recovered before the first that is answered 200 throughout and in time.
const SLICE: Duration = Duration::from_millis(500);
const SLICES: usize = 40;
const IN_TIME: Duration = Duration::from_millis(250);

/// Nobody is refunded: a refund whose charge was refused would be parked.
const MIX: Mix = Mix {
    refunded: 0,
    ..Mix::ORDINARY
};

/// What the database is on.
#[derive(Clone, Copy)]
enum Disk {
    Own,
    /// At most so many bytes may be written to it a second.
    Slow(u64),
}

struct Storm {
    most: usize,
    offered: usize,
    seconds: usize,
    tally: Tally,
    /// At its most, in KiB.
    memory: u64,
    visited: Visited,
    recovered_after: Duration,
    drained_after: Duration,
}

pub fn run(arguments: &Arguments) {
    let seconds = arguments.number("seconds", SECONDS);
    let connections = arguments.number("connections", CONNECTIONS);
    for database in databases() {
        let slow = arguments.number("disk-bytes", slow_bytes_a_second(database));
        for disk in [Disk::Own, Disk::Slow(u64::try_from(slow).unwrap())] {
            match storm(database, disk, seconds, connections) {
                Some(storm) => print(database, disk, &storm),
                None => println!("No control group can be made here, so the disk was not slowed."),
            }
        }
    }
}

/// Of a disk that is slow, as a small volume of a host is once it has had its burst: enough for a thousand deliveries a
/// second and some more, so that as many connections as are open can send five times as much. Until a delivery is booked
/// SQLite writes 8 KB for it, being whole pages, and PostgreSQL 3.
const fn slow_bytes_a_second(database: Database) -> usize {
    match database {
        Database::Sqlite => 8_000_000,
        Database::Postgres => 4_000_000,
    }
}

/// None where the disk cannot be slowed.
fn storm(database: Database, disk: Disk, seconds: usize, connections: usize) -> Option<Storm> {
    let mut scene = Scene::open(database, MIX);
    let quota = match disk {
        Disk::Own => None,
        Disk::Slow(bytes_a_second) => Some(scene.on_a_slow_disk(bytes_a_second)?),
    };
    let most = scene.most_a_second(MOST_FOR);
    scene.drain();
    let visitors = Visitors::begin(&scene.program);
    let pace = Pace::Storm {
        per_second: most * TIMES,
        count: most * TIMES * seconds,
    };
    let tally = scene
        .generator
        .send(scene.program.address, connections, pace, |_, _| {});
    let visited = visitors.end();
    let recovered_after = recovered(&mut scene, most / 2);
    let memory = footprint::most_kib(scene.program.id());
    let drained_after = scene.drain();
    drop(quota);
    scene.close();
    Some(Storm {
        most,
        offered: most * TIMES * seconds,
        seconds,
        tally,
        memory,
        visited,
        recovered_after,
        drained_after,
    })
}

/// Until half of what it can take is answered as on any other day.
fn recovered(scene: &mut Scene, per_second: usize) -> Duration {
    let start = now();
    let slice = per_second * usize::try_from(SLICE.as_millis()).unwrap() / 1_000;
    for _ in 0..SLICES {
        let after = start.elapsed();
        let tally = scene.send_steadily(per_second, slice);
        if tally.overloaded + tally.uncertain == 0 && tally.percentile(99) < IN_TIME {
            return after;
        }
    }
    start.elapsed()
}

impl Disk {
    /// In the title of a table.
    fn described(self) -> String {
        match self {
            Self::Own => String::new(),
            Self::Slow(bytes) => format!(" on a disk that writes {} KB/s", bytes / 1_000),
        }
    }

    /// In the names of figures.
    const fn key(self) -> &'static str {
        match self {
            Self::Own => "overload",
            Self::Slow(_) => "overload_slow_disk",
        }
    }
}

fn print(database: Database, disk: Disk, storm: &Storm) {
    let Storm { tally, visited, .. } = storm;
    let title = format!(
        "{}{}: {TIMES} times the most it takes, for {} s",
        database.name(),
        disk.described(),
        storm.seconds
    );
    let count = |number: usize| grouped(u128::try_from(number).unwrap());
    let mut table = Table::new(&title, &["what", ""]);
    for (what, value) in [
        ("the most, events/s", count(storm.most)),
        ("due", count(storm.offered)),
        ("due, and no connection free", count(tally.dropped)),
        ("sent", count(tally.sent())),
        ("answered 200", count(tally.accepted())),
        ("answered 503, overloaded", count(tally.overloaded)),
        ("answered 503, uncertain", count(tally.uncertain)),
        (
            "p50 of the accepted, ms",
            tally.percentile(50).as_millis().to_string(),
        ),
        (
            "p99 of the accepted, ms",
            tally.percentile(99).as_millis().to_string(),
        ),
        ("the most memory, KiB", grouped(storm.memory.into())),
        ("visits", count(visited.took.len())),
        ("visits that failed", count(visited.failed)),
        (
            "the longest visit, ms",
            visited.longest().as_millis().to_string(),
        ),
        (
            "recovered after ms",
            storm.recovered_after.as_millis().to_string(),
        ),
        (
            "all worked on after s",
            storm.drained_after.as_secs().to_string(),
        ),
    ] {
        table.row(&[what, &value]);
    }
    table.print();
    tell(&format!("{}_{}", database.key(), disk.key()), storm);
}

/// `key` begins the names of all figures.
fn tell(key: &str, storm: &Storm) {
    let Storm { tally, visited, .. } = storm;
    let sent = u128::try_from(tally.sent()).unwrap();
    let taken = u128::try_from(storm.most * storm.seconds).unwrap();
    figure::print_share(&format!("{key}_sent"), sent, taken);
    figure::print(
        &format!("{key}_p99"),
        tally.percentile(99).as_millis(),
        "ms",
    );
    figure::print(&format!("{key}_memory"), storm.memory.into(), "KiB");
    figure::print(
        &format!("{key}_visits_failed"),
        u128::try_from(visited.failed).unwrap(),
        "visits",
    );
    figure::print(&format!("{key}_visit"), visited.longest().as_millis(), "ms");
    figure::print(
        &format!("{key}_recovery"),
        storm.recovered_after.as_millis(),
        "ms",
    );
}
