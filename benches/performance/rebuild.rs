//! What `avstem rebuild --check` takes, as a process: its memory is to be the same for any history.

use crate::arguments::Arguments;
use crate::backlog::{self, Size};
use crate::deliveries::today;
use crate::figure;
use crate::measure::{Table, grouped, per_second};
use crate::process;
use crate::stage::{Database, Stage, databases};
use avstem::app::{process_events, seal_ledger};

/// Unless the argument `--events` says otherwise.
const EVENTS: usize = 100_000;
/// The small history has one event where the large one has so many.
const LARGER: usize = 10;
/// Events of a subscription.
const EACH: usize = 25;

const COMMAND: [&str; 2] = ["rebuild", "--check"];

pub fn run(arguments: &Arguments) {
    let events = arguments.number("events", EVENTS);
    let head = ["what", "s", "events/s", "MB above idle"];
    let mut table = Table::new("A check by rebuilding, as a process", &head);
    for database in databases() {
        let idle = process::avstem(&database.stage(today()), &COMMAND).memory_kib;
        for events in [events / LARGER, events] {
            let stage = processed(database, events);
            let took = process::avstem(&stage, &COMMAND);
            let memory = took.memory_kib.saturating_sub(idle) / 1_024;
            let rate = per_second(events, took.time);
            let number = grouped(u128::try_from(events).unwrap());
            table.row(&[
                &format!("{}: {number} events", database.name()),
                &took.time.as_secs().to_string(),
                &grouped(rate),
                &memory.to_string(),
            ]);
            // The large one comes last, and the last figure of a name is what counts.
            let name = database.name().to_lowercase();
            figure::print(&format!("{name}_rebuild_rate"), rate, "events/s");
            figure::print(
                &format!("{name}_rebuild_memory_above_idle"),
                u128::from(memory),
                "MB",
            );
        }
    }
    table.print();
}

/// A history that was stored, processed and sealed.
fn processed(database: Database, events: usize) -> Stage {
    let stage = database.stage(today());
    let size = Size {
        events,
        subscriptions: events / EACH,
    };
    backlog::store(&stage, size, today());
    assert_eq!(process_events::drain(&stage.app).unwrap().total(), events);
    seal_ledger::seal(&stage.app, "bench").unwrap();
    stage
}
