//! What waits, and for how long: the part of the metrics that the database knows.

use super::{App, Failure};
use avstem_domain::time::Timestamp;

/// Rows that are counted in a state that they are to leave. A count that stands at this may be larger;
/// what waits is rarely that much, and then the age says the rest.
pub const WAITING_MAX: i64 = 100_000;
/// The same for a state in which rows rest for ever. An installation of some years has many of those,
/// and reading them all each time would cost more than the number is worth.
pub const AT_REST_MAX: i64 = 10_000;

/// Whether the age of the oldest row in a state tells anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    Counts,
    /// Rows rest in this state for ever.
    SaysNothing,
}

impl Age {
    const fn count_max(self) -> i64 {
        match self {
            Self::Counts => WAITING_MAX,
            Self::SaysNothing => AT_REST_MAX,
        }
    }
}

/// States of deliveries that nobody is done with. Those that are done are most of the table.
const EVENTS: [&str; 3] = ["received", "parked", "failed"];
const REFUNDS: [(&str, Age); 6] = [
    ("pending", Age::Counts),
    ("submitted", Age::Counts),
    ("unknown", Age::Counts),
    ("succeeded", Age::SaysNothing),
    ("failed", Age::SaysNothing),
    ("canceled", Age::SaysNothing),
];
const CANCELLATIONS: [(&str, Age); 6] = [
    ("requested", Age::Counts),
    ("canceling", Age::Counts),
    ("refunding", Age::Counts),
    ("attention", Age::Counts),
    ("completed", Age::SaysNothing),
    ("undone", Age::SaysNothing),
];

/// Everything at one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backlog {
    /// Deliveries; the age counts from when they were received.
    pub events: Vec<Pile>,
    /// Refunds; the age counts from when they were decided.
    pub refunds: Vec<Pile>,
    /// Cancellations; the age counts from when they were asked for.
    pub cancellations: Vec<Pile>,
    /// Letters that are not sent; the age counts from when they were due.
    pub mails: Pile,
    /// Journals without their link in the chain; the age counts from when they were recorded.
    pub unsealed: Pile,
    /// Journals in the chain, as its head has it.
    pub sealed: i64,
}

/// Rows in one state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pile {
    pub state: &'static str,
    /// At most [`WAITING_MAX`] or [`AT_REST_MAX`].
    pub count: i64,
    /// Of the oldest, 0 when there is none; None in a state that nothing leaves.
    pub oldest_s: Option<i64>,
}

/// Reads everything, from indexes only.
pub fn read(app: &App) -> Result<Backlog, Failure> {
    let now = app.clock.now();
    app.store.read(|tx| {
        let mut events = Vec::with_capacity(EVENTS.len());
        for state in EVENTS {
            let found = tx.events_in_state(state, WAITING_MAX)?;
            events.push(pile(state, Age::Counts, found, now));
        }
        let mut refunds = Vec::with_capacity(REFUNDS.len());
        for (state, age) in REFUNDS {
            refunds.push(pile(
                state,
                age,
                tx.refunds_in_state(state, age.count_max())?,
                now,
            ));
        }
        let mut cancellations = Vec::with_capacity(CANCELLATIONS.len());
        for (state, age) in CANCELLATIONS {
            let found = tx.cancellations_in_state(state, age.count_max())?;
            cancellations.push(pile(state, age, found, now));
        }
        let mails = tx.mails_waiting(WAITING_MAX)?;
        let head = tx.chain_head()?;
        let unsealed = tx.journals_behind(head.position, WAITING_MAX)?;
        Ok(Backlog {
            events,
            refunds,
            cancellations,
            mails: pile("waiting", Age::Counts, mails, now),
            unsealed: pile("unsealed", Age::Counts, unsealed, now),
            sealed: head.count,
        })
    })
}

fn pile(state: &'static str, age: Age, (count, first): (i64, Option<i64>), now: Timestamp) -> Pile {
    let seconds = |at: i64| now.as_micros().saturating_sub(at).max(0) / 1_000_000;
    Pile {
        state,
        count,
        oldest_s: match age {
            Age::Counts => Some(first.map_or(0, seconds)),
            Age::SaysNothing => None,
        },
    }
}
