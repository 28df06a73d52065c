//! What happened to months, which every part of a walk goes by, and what it asks of each journal.

use super::super::Failure;
use super::super::month_end::standing::Kind;
use super::finding::Finding;
use crate::store::ReadTx;
use crate::store::bulk::views::{JournalView, PostingView};
use crate::store::rows::{ClosingStatement, PeriodEvent};
use avstem_domain::ledger::journal::JournalEvent;
use std::collections::BTreeSet;

pub struct Calendar {
    /// Oldest first.
    events: Vec<PeriodEvent>,
    /// Which links of the chain closing statements name.
    named: BTreeSet<i64>,
}

impl Calendar {
    pub fn new(events: Vec<PeriodEvent>, statements: &[ClosingStatement]) -> Self {
        Self {
            events,
            named: statements.iter().map(|row| row.chain_count).collect(),
        }
    }

    pub fn event(&self, number: usize) -> Option<&PeriodEvent> {
        self.events.get(number)
    }

    pub fn names(&self, seal: i64) -> bool {
        self.named.contains(&seal)
    }

    /// How many events come before a journal at `position`, if `reached` came before the one that it follows.
    pub fn reached(&self, reached: usize, position: i64) -> usize {
        let mut reached = reached;
        while self
            .event(reached)
            .is_some_and(|event| event.position < position)
        {
            reached = reached.saturating_add(1);
        }
        reached
    }

    /// What is wrong with a journal that comes after `reached` events.
    pub fn journal(
        &self,
        tx: &mut ReadTx<'_>,
        reached: usize,
        journal: &JournalView<'_>,
        lines: &[PostingView<'_>],
    ) -> Result<Vec<Finding>, Failure> {
        let mut found = Vec::new();
        if let Some(now) = reached.checked_sub(1).and_then(|last| self.event(last)) {
            found.extend(must_be_open(now, journal));
        }
        if journal.event == JournalEvent::RevenueRecognised.as_str() {
            let booked = lines.iter().filter(|line| line.amount > 0);
            let booked: i64 = booked.map(|line| line.amount).fold(0, i64::saturating_add);
            let told = tx.recognised_in_journal(journal.id)?;
            if booked != told {
                found.push(Finding::RecognisedDiffers {
                    what: format!("journal {}", journal.id),
                    booked,
                    told,
                });
            }
        }
        Ok(found)
    }
}

/// `now` is the last that had happened to months when the journal was written.
fn must_be_open(now: &PeriodEvent, journal: &JournalView<'_>) -> Option<Finding> {
    let locked = now.locked_through.as_deref().unwrap_or_default();
    let is_its_own = now.kind == Kind::Closing.as_str()
        && journal.event == JournalEvent::RevenueRecognised.as_str()
        && journal.booked_on.starts_with(&now.month);
    (journal.booked_on <= locked && !is_its_own).then(|| Finding::BookedInClosedMonth {
        journal: journal.id.to_owned(),
        booked_on: journal.booked_on.to_owned(),
        closed_through: locked.to_owned(),
    })
}
