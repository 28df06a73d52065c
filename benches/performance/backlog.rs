//! A stored backlog, from raw events to sealed journals, one thread: what is left to do after an outage.

use crate::deliveries::{deliveries, today};
use crate::measure::{Table, alternately, grouped, per_second, share, timed};
use crate::stage::{Database, databases};
use avstem::app::{process_events, seal_ledger};
use avstem_domain::time::Timestamp;
use avstem_simulator::{Shape, WebhookDelivery};
use std::time::Duration;

/// Some 26,000 events of classic and newer shape.
const SUBSCRIBERS: usize = 1_000;
const MONTHS: i64 = 2;

struct Round {
    stored: Duration,
    processed: Duration,
    sealed: Duration,
    journals: usize,
}

pub fn run() {
    let now = today();
    let deliveries = deliveries(Shape::Mixed, SUBSCRIBERS, MONTHS, now);
    let title = format!(
        "A backlog of {} events of {} subscriptions",
        grouped(u128::try_from(deliveries.len()).unwrap()),
        grouped(u128::try_from(SUBSCRIBERS).unwrap())
    );
    let mut table = Table::new(
        &title,
        &["what", "s", "events/s", "journals/s", "of storing"],
    );
    let (databases, deliveries) = (databases(), &deliveries);
    let work = |&database: &Database| -> Box<dyn Fn() -> Round + '_> {
        Box::new(move || round(database, deliveries, now))
    };
    let works: Vec<_> = databases.iter().map(work).collect();
    let rounds = alternately(&works, |round| round.processed + round.sealed);
    for (database, round) in databases.iter().zip(rounds) {
        add(&mut table, *database, &round, deliveries.len());
    }
    table.print();
}

fn round(database: Database, deliveries: &[WebhookDelivery], now: Timestamp) -> Round {
    let stage = database.stage(now);
    let (stored, ()) = timed(|| stage.store(deliveries));
    let (processed, done) = timed(|| process_events::drain(&stage.app).unwrap());
    assert_eq!(done.total(), done.processed + done.ignored, "{done:?}");
    assert_eq!(done.total(), deliveries.len(), "{done:?}");
    let (sealed, journals) = timed(|| seal_ledger::seal(&stage.app, "bench").unwrap());
    assert!(journals > 0);
    Round {
        stored,
        processed,
        sealed,
        journals,
    }
}

fn add(table: &mut Table, database: Database, round: &Round, events: usize) {
    let stored = per_second(events, round.stored);
    for (step, took, journals) in [
        ("verified and stored", round.stored, 0),
        ("processed", round.processed, round.journals),
        (
            "processed and sealed",
            round.processed + round.sealed,
            round.journals,
        ),
    ] {
        let rate = per_second(events, took);
        let seconds = format!("{}.{:02}", took.as_secs(), took.subsec_millis() / 10);
        let journals = match journals {
            0 => String::new(),
            count => grouped(per_second(count, took)),
        };
        table.row(&[
            &format!("{}: {step}", database.name()),
            &seconds,
            &grouped(rate),
            &journals,
            &share(rate, stored),
        ]);
    }
}
