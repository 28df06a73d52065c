//! A stored backlog, from raw events to sealed journals: what is left to do after an outage. Beside it, what the
//! database alone takes for the same rows.
//!
//! `BACKLOG_EVENTS` and `BACKLOG_SUBSCRIPTIONS` in the environment say how much of it there is.

use crate::bare::{self, Bare};
use crate::deliveries::{deliveries_of, today};
use crate::figure;
use crate::measure::{Table, each, grouped, per_second, share, timed};
use crate::memory;
use crate::spilled::{Sent, Spilled};
use crate::stage::{self, Database, Stage, databases};
use avstem::app::{process_events, seal_ledger};
use avstem_domain::time::Timestamp;
use avstem_simulator::{Shape, WebhookDelivery};
use std::time::Duration;

/// Subscriptions whose events are made at a time, and deliveries in memory while they are stored.
const AT_A_TIME: usize = 1_000;
const STORED_AT_A_TIME: usize = 8_192;
/// A larger backlog is measured once.
const SMALL: usize = 100_000;
const ROUNDS: usize = 5;

/// How much there is to do.
#[derive(Clone, Copy)]
pub struct Size {
    pub events: usize,
    pub subscriptions: usize,
}

struct Round {
    stored: Duration,
    processed: Duration,
    sealed: Duration,
    /// Of the processors, in processing and sealing: this process, and PostgreSQL's.
    used: Duration,
    journals: usize,
    /// Megabytes: before processing, and at most until the end.
    memory: (u64, u64),
    bare: Bare,
}

pub fn run() {
    let size = Size {
        events: setting("BACKLOG_EVENTS").unwrap_or(29_000),
        subscriptions: setting("BACKLOG_SUBSCRIPTIONS").unwrap_or(1_000),
    };
    let title = format!(
        "A backlog of {} events of {} subscriptions",
        grouped(u128::try_from(size.events).unwrap()),
        grouped(u128::try_from(size.subscriptions).unwrap())
    );
    let head = [
        "what",
        "s",
        "events/s",
        "CPU µs each",
        "journals/s",
        "of bare",
        "memory MB",
    ];
    let mut table = Table::new(&title, &head);
    let databases = databases();
    let rounds = if size.events > SMALL { 1 } else { ROUNDS };
    let mut all: Vec<Vec<Round>> = databases.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for (database, all) in databases.iter().zip(&mut all) {
            all.push(round(*database, size, today()));
        }
    }
    for (database, mut rounds) in databases.iter().zip(all) {
        rounds.sort_by_key(|round| round.processed + round.sealed);
        add(
            &mut table,
            *database,
            &rounds[rounds.len() / 2],
            size.events,
        );
    }
    table.print();
}

#[expect(
    clippy::disallowed_methods,
    reason = "how much is measured is no setting of the service"
)]
fn setting(name: &str) -> Option<usize> {
    std::env::var(name).ok().map(|value| value.parse().unwrap())
}

fn round(database: Database, size: Size, now: Timestamp) -> Round {
    let stage = database.stage(now);
    let stored = store(&stage, size, now);
    let cpu = database.cpu();
    let before = cpu.used();
    memory::forget_peak();
    let memory = memory::used();
    let (processed, done) = timed(|| process_events::drain(&stage.app).unwrap());
    assert_eq!(done.total(), done.processed + done.ignored, "{done:?}");
    assert_eq!(done.total(), size.events, "{done:?}");
    let (sealed, journals) = timed(|| seal_ledger::seal(&stage.app, "bench").unwrap());
    assert!(journals > 0);
    let used = cpu.used() - before;
    let memory = (memory, memory::peak());
    let bare = bare::bare(database, &stage.closed());
    Round {
        stored,
        processed,
        sealed,
        used,
        journals,
        memory,
        bare,
    }
}

/// Stores the events of all subscriptions, oldest first, and says how long the storing took.
pub fn store(stage: &Stage, size: Size, now: Timestamp) -> Duration {
    let mut spilled = Spilled::default();
    let mut left = size.events;
    for first in (0..size.subscriptions).step_by(AT_A_TIME) {
        let some = first..(first + AT_A_TIME).min(size.subscriptions);
        // As many for each of those that are still to come.
        let wanted = left * some.len() / (size.subscriptions - first);
        let events = events(some, wanted, now);
        spilled.add(stage.place.folder(), &events);
        left -= events.len();
    }
    assert_eq!(left, 0);
    let mut took = Duration::ZERO;
    loop {
        let some: Vec<Sent> = spilled.by_ref().take(STORED_AT_A_TIME).collect();
        if some.is_empty() {
            return took;
        }
        let sent = some.iter().map(|sent| (&*sent.headers, &*sent.body));
        took += timed(|| stage::store(&stage.app, sent)).0;
    }
}

/// The last so many events of subscriptions that are old enough to have as many.
fn events(
    subscriptions: std::ops::Range<usize>,
    count: usize,
    now: Timestamp,
) -> Vec<WebhookDelivery> {
    let each = count.div_ceil(subscriptions.len());
    let months = i64::try_from(each.saturating_sub(9).div_ceil(8)).unwrap();
    let mut events = deliveries_of(Shape::Mixed, subscriptions, months, now);
    assert!(events.len() >= count, "{} of {count}", events.len());
    events.truncate(count);
    events
}

fn add(table: &mut Table, database: Database, round: &Round, events: usize) {
    let Bare {
        inserted,
        copied,
        rows,
    } = round.bare;
    let bare = per_second(events, inserted);
    let done = round.processed + round.sealed;
    let cpu = (each(events, round.used) / 1_000).to_string();
    let memory = format!("{} → {}", round.memory.0, round.memory.1);
    let journals = |took| grouped(per_second(round.journals, took));
    let rows = grouped(u128::try_from(rows).unwrap());
    let key = database.key();
    let rate = per_second(events, done);
    figure::print(&format!("{key}_backlog_rate"), rate, "events/s");
    figure::print_share(&format!("{key}_backlog_of_bare"), rate, bare);
    let within = per_second(events, copied);
    figure::print_share(&format!("{key}_backlog_of_copied"), rate, within);
    for (step, took, cells) in [
        (
            "verified and stored",
            round.stored,
            [String::new(), String::new(), String::new()],
        ),
        (
            "processed",
            round.processed,
            [String::new(), journals(round.processed), String::new()],
        ),
        ("processed and sealed", done, [cpu, journals(done), memory]),
        (
            &format!("bare insert of its {rows} rows"),
            inserted,
            [String::new(), journals(inserted), String::new()],
        ),
        (
            "the same, copied within the database",
            copied,
            [String::new(), journals(copied), String::new()],
        ),
    ] {
        let [cpu, journals, memory] = cells;
        let rate = per_second(events, took);
        table.row(&[
            &format!("{}: {step}", database.name()),
            &format!("{}.{:02}", took.as_secs(), took.subsec_millis() / 10),
            &grouped(rate),
            &cpu,
            &journals,
            &share(rate, bare),
            &memory,
        ]);
    }
}
