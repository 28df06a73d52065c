//! Journals as the rows that store them.

use super::super::Failure;
use crate::store::WriteTx;
use crate::store::rows::{Effect, NewJournal, Posting};
use avstem_domain::id::JournalId;
use avstem_domain::ledger::journal::{Journal, JournalEvent};
use avstem_domain::time::Timestamp;
use chrono::NaiveDate;

/// Journals, postings and effects that wait to be written together.
#[derive(Default)]
pub struct JournalRows {
    journals: Vec<NewJournal>,
    postings: Vec<Posting>,
    effects: Vec<Effect>,
}

/// What a journal is the effect of, unique in the whole ledger.
pub struct EffectKey<'a> {
    pub connection: &'a str,
    /// The provider's id, or ours for what only we decided.
    pub object: &'a str,
    pub effect: &'a str,
}

impl JournalRows {
    pub fn add(
        &mut self,
        id: JournalId,
        journal: &Journal,
        key: &EffectKey<'_>,
        recorded_at: Timestamp,
        zone: chrono_tz::Tz,
    ) {
        let id = id.to_string();
        self.journals.push(NewJournal {
            id: id.clone(),
            connection: key.connection.to_owned(),
            event: journal.event().as_str().to_owned(),
            reference: journal.reference().to_owned(),
            description: journal.description().to_owned(),
            booked_on: journal.occurred_at().date_in(zone).to_string(),
            occurred_at: journal.occurred_at().as_micros(),
            recorded_at: recorded_at.as_micros(),
        });
        for (line, posting) in (1..).zip(journal.postings()) {
            self.postings.push(Posting {
                journal_id: id.clone(),
                line,
                account: posting.account.to_string(),
                amount: posting.amount.minor(),
                currency: posting.amount.currency().code().to_owned(),
            });
        }
        self.effects.push(Effect {
            connection: key.connection.to_owned(),
            object: key.object.to_owned(),
            effect: key.effect.to_owned(),
            journal_id: id,
            recorded_at: recorded_at.as_micros(),
        });
    }

    /// How many journals wait.
    pub const fn count(&self) -> usize {
        self.journals.len()
    }

    /// What happened on a day of a closed month is booked on the first day that is open. When it happened
    /// stays true.
    pub fn write(&mut self, tx: &mut WriteTx<'_>) -> Result<(), Failure> {
        if self.journals.is_empty() {
            return Ok(());
        }
        if let Some(open) = first_open_day(tx)? {
            let closing = JournalEvent::RevenueRecognised.as_str();
            for journal in &mut self.journals {
                if journal.booked_on < open && journal.event != closing {
                    journal.booked_on.clone_from(&open);
                }
            }
        }
        Ok(tx.add_journals(&self.journals, &self.postings, &self.effects)?)
    }
}

/// The day after the last closed one; `None` while no month is closed.
fn first_open_day(tx: &mut WriteTx<'_>) -> Result<Option<String>, Failure> {
    let Some(locked_through) = tx
        .last_period_event()?
        .and_then(|event| event.locked_through)
    else {
        return Ok(None);
    };
    let day: NaiveDate = locked_through
        .parse()
        .map_err(|e| Failure::unreadable("a month's last day", e))?;
    Ok(day.succ_opt().map(|day| day.to_string()))
}
