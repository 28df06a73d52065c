//! Breaks: the queue of what a person must look at, and everything that happens to one.
//!
//! A break is a row that never changes. What becomes of it are events, each a row with who and when; the
//! last one says how it stands. A resolution that moves money has its journal; taking it back is another.

mod ending;
mod raise;
mod resolve;

pub use ending::arrived;
pub use raise::{Raised, Raising, found_again};
pub use resolve::{Handled, Refused, Resolve, assign, reopen, resolve};

use super::books::{JournalRows, money};
use super::{App, Failure};
use crate::clock::Clock;
use crate::store::WriteTx;
use crate::store::rows::{Break, BreakEvent};
use avstem_domain::breaks::{BreakKind, Holding, Resolution};
use avstem_domain::id::JournalId;
use avstem_domain::ledger::journal::Journal;
use avstem_domain::money::Money;
use chrono::NaiveDate;

/// Who does what no person does.
pub const BY_ITSELF: &str = "avstem";

/// What a list is narrowed to. `before` is an id of ours: only older ones follow.
#[derive(Debug, Default)]
pub struct Filter {
    pub state: Option<String>,
    pub kind: Option<String>,
    pub before: Option<String>,
}

/// A break as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakView {
    pub row: Break,
    pub last: BreakEvent,
    pub kind: BreakKind,
    pub expected: Money,
    pub found: Money,
    /// `None` when the two are of different currencies.
    pub difference: Option<Money>,
    pub age_days: i64,
}

/// Newest first.
pub fn list(app: &App, filter: &Filter, limit: i64) -> Result<Vec<BreakView>, Failure> {
    app.store.snapshot(|tx| {
        let last = tx.last_reconciliation()?;
        let through = last.map(|row| row.through);
        tx.list_breaks(
            filter.state.as_deref(),
            filter.kind.as_deref(),
            filter.before.as_deref(),
            limit,
        )?
        .into_iter()
        .map(|(row, last)| view(row, last, through.as_deref()))
        .collect()
    })
}

pub fn find(app: &App, id: &str) -> Result<Option<BreakView>, Failure> {
    app.store.snapshot(|tx| {
        let last = tx.last_reconciliation()?;
        let through = last.map(|row| row.through);
        tx.find_break(id)?
            .map(|(row, last)| view(row, last, through.as_deref()))
            .transpose()
    })
}

/// Everything that happened to one, in order.
pub fn history(app: &App, id: &str) -> Result<Vec<BreakEvent>, Failure> {
    app.store.read(|tx| Ok(tx.events_of_break(id)?))
}

/// `through` is the day that ages count to, unless the break ended before.
pub fn view(row: Break, last: BreakEvent, through: Option<&str>) -> Result<BreakView, Failure> {
    let expected = money(row.expected, &row.currency)?;
    let found = money(row.found, &row.found_currency)?;
    let until = match (last.state.as_str(), through) {
        ("open", Some(through)) if through > last.through.as_str() => through,
        _ => last.through.as_str(),
    };
    let day = |text: &str| -> Result<NaiveDate, Failure> {
        text.parse().map_err(|e| Failure::unreadable("day", e))
    };
    let age = day(until)?.signed_duration_since(day(&row.opened_on)?);
    Ok(BreakView {
        kind: kind(&row)?,
        difference: difference(&row)?,
        age_days: age.num_days().max(0),
        expected,
        found,
        row,
        last,
    })
}

pub fn kind(row: &Break) -> Result<BreakKind, Failure> {
    BreakKind::parse(&row.kind)
        .ok_or_else(|| Failure::Unreadable(format!("break {} of kind {:?}", row.id, row.kind)))
}

fn holding(row: &Break) -> Option<Holding> {
    row.holding.as_deref().and_then(Holding::parse)
}

/// What was found less what was expected.
fn difference(row: &Break) -> Result<Option<Money>, Failure> {
    if row.currency != row.found_currency {
        return Ok(None);
    }
    let found = money(row.found, &row.currency)?;
    Ok(Some(
        found.checked_sub(money(row.expected, &row.currency)?)?,
    ))
}

fn resolution(event: &BreakEvent) -> Option<Resolution> {
    event.resolution.as_deref().and_then(Resolution::parse)
}

/// The next event of a break, as it stands, to be changed in what is new.
fn next(last: &BreakEvent, clock: &Clock, through: &str) -> BreakEvent {
    BreakEvent {
        seq: last.seq.saturating_add(1),
        resolution: None,
        note: None,
        through: through.to_owned(),
        done_by: BY_ITSELF.to_owned(),
        journal_id: None,
        done_at: clock.now().as_micros(),
        ..last.clone()
    }
}

/// Where and when something is booked.
struct Desk<'a> {
    clock: &'a Clock,
    zone: chrono_tz::Tz,
}

impl Desk<'_> {
    /// The day it is now, in the time zone of the books.
    fn today(&self) -> String {
        self.clock.now().date_in(self.zone).to_string()
    }

    /// Writes the journal of an event of a break; returns its id.
    fn book(
        &self,
        tx: &mut WriteTx<'_>,
        row: &Break,
        seq: i64,
        journal: &Journal,
    ) -> Result<String, Failure> {
        let id = JournalId::from_uuid(self.clock.uuid());
        let mut rows = JournalRows::default();
        rows.add(
            id,
            journal,
            &super::books::EffectKey {
                connection: row.connection.as_deref().unwrap_or_default(),
                object: &row.reference,
                effect: &format!("{}/{}/{seq}", journal.event(), row.id),
            },
            self.clock.now(),
            self.zone,
        );
        rows.write(tx)?;
        Ok(id.to_string())
    }
}
