//! Journals as the rows that store them.

use super::super::Failure;
use crate::store::WriteTx;
use crate::store::rows::{Effect, NewJournal, Posting};
use avstem_domain::id::JournalId;
use avstem_domain::ledger::journal::Journal;
use avstem_domain::time::Timestamp;

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

    pub fn write(&self, tx: &mut WriteTx<'_>) -> Result<(), Failure> {
        Ok(tx.add_journals(&self.journals, &self.postings, &self.effects)?)
    }
}
