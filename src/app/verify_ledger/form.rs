//! A journal as the chain hashes it, and what its postings come to.

use crate::store::bulk::views::{JournalView, PostingView};
use avstem_domain::id::JournalId;
use avstem_domain::ledger::chain::{self, ChainHash, SealedJournal, SealedPosting};
use avstem_domain::time::Timestamp;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// Of a journal's id as we write it: its prefix, `_`, and 32 hex digits in small letters.
const ID_BYTES: usize = JournalId::PREFIX.len() + 33;

/// A journal as the chain hashes it.
pub struct SealedForm<'a> {
    journal: &'a JournalView<'a>,
    id: JournalId,
    booked_on: NaiveDate,
    occurred_at: Timestamp,
    recorded_at: Timestamp,
    postings: Vec<SealedPosting<'a>>,
}

impl SealedForm<'_> {
    pub fn link(&self, previous: ChainHash, seq: u64) -> ChainHash {
        let sealed = SealedJournal {
            id: self.id,
            event: self.journal.event,
            reference: self.journal.reference,
            description: self.journal.description,
            occurred_at: self.occurred_at,
            booked_on: self.booked_on,
            recorded_at: self.recorded_at,
            postings: &self.postings,
        };
        chain::link(previous, seq, &sealed)
    }
}

/// `day` is the day that the journal's text is.
pub fn sealed_form<'a>(
    journal: &'a JournalView<'a>,
    day: Option<NaiveDate>,
    lines: &'a [PostingView<'a>],
) -> Result<SealedForm<'a>, String> {
    let id = JournalId::parse(journal.id).map_err(|e| e.to_string())?;
    // The chain hashes what was read, so a text that reads as the same must be the same.
    let is_canonical =
        journal.id.len() == ID_BYTES && !journal.id.bytes().any(|b| b.is_ascii_uppercase());
    if !is_canonical {
        return Err(format!("its id is not written as {id}"));
    }
    let booked_on = day.ok_or_else(|| format!("{:?} is no day", journal.booked_on))?;
    let time =
        |what: &str, micros| Timestamp::from_micros(micros).map_err(|e| format!("{what} is {e}"));
    Ok(SealedForm {
        journal,
        id,
        booked_on,
        occurred_at: time("occurred_at", journal.occurred_at)?,
        recorded_at: time("recorded_at", journal.recorded_at)?,
        postings: lines
            .iter()
            .map(|line| SealedPosting {
                account: line.account,
                amount: line.amount,
                currency: line.currency,
            })
            .collect(),
    })
}

pub fn read_day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        .filter(|day| day.to_string() == text)
}

/// What the postings of each currency come to, where that is not nothing.
pub fn excesses(lines: &[PostingView<'_>]) -> BTreeMap<String, i128> {
    let sum = |currency: &str| {
        let own = lines.iter().filter(|line| line.currency == currency);
        own.fold(0i128, |sum, line| {
            sum.saturating_add(i128::from(line.amount))
        })
    };
    let mut excesses = BTreeMap::new();
    for line in lines {
        let excess = sum(line.currency);
        if excess != 0 {
            excesses.insert(line.currency.to_owned(), excess);
        }
        // Nearly all journals are in one currency.
        if lines.iter().all(|other| other.currency == line.currency) {
            break;
        }
    }
    excesses
}
