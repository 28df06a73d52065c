//! The hash chain over stored journals: each link covers the one before, so that a change to any
//! journal, or its removal, shows in every later link.

use crate::id::JournalId;
use crate::time::Timestamp;
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use std::fmt;

/// A link of the chain. Prints as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ChainHash(pub [u8; 32]);

/// What the first journal is linked to.
pub const GENESIS: ChainHash = ChainHash([0; 32]);

/// The layout of the bytes that are hashed. A new layout needs a new number.
const VERSION: u8 = 1;
/// More than most journals have; a longer one only takes more memory.
const JOURNAL_BYTES: usize = 1_024;

/// A journal as it is stored. Texts are taken as they stand in the tables, so that a journal that was
/// tampered with can still be hashed and found out.
#[derive(Debug, Clone, Copy)]
pub struct SealedJournal<'a> {
    pub id: JournalId,
    pub event: &'a str,
    pub reference: &'a str,
    pub description: &'a str,
    pub occurred_at: Timestamp,
    pub booked_on: NaiveDate,
    pub recorded_at: Timestamp,
    /// In line order.
    pub postings: &'a [SealedPosting<'a>],
}

#[derive(Debug, Clone, Copy)]
pub struct SealedPosting<'a> {
    pub account: &'a str,
    /// In minor units of `currency`; debit positive.
    pub amount: i64,
    /// The ISO 4217 code.
    pub currency: &'a str,
}

/// The link of the journal that is number `seq` (from 1) after `previous`.
///
/// SHA-256 over a version byte, the previous link, and every field preceded by its length, so that no
/// text can be moved across a boundary between fields.
#[must_use]
pub fn link(previous: ChainHash, seq: u64, journal: &SealedJournal<'_>) -> ChainHash {
    // Gathered and hashed in one go: most fields are shorter than a block.
    let mut bytes = Vec::with_capacity(JOURNAL_BYTES);
    bytes.push(VERSION);
    bytes.extend_from_slice(&previous.0);
    let mut field = |field: &[u8]| {
        // A length always fits: no field of ours is longer than memory.
        bytes.extend_from_slice(&u64::try_from(field.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend_from_slice(field);
    };
    field(&seq.to_be_bytes());
    field(journal.id.to_string().as_bytes());
    field(journal.event.as_bytes());
    field(journal.reference.as_bytes());
    field(journal.description.as_bytes());
    field(&journal.occurred_at.as_micros().to_be_bytes());
    field(journal.booked_on.to_string().as_bytes());
    field(&journal.recorded_at.as_micros().to_be_bytes());
    for posting in journal.postings {
        field(posting.account.as_bytes());
        field(&posting.amount.to_be_bytes());
        field(posting.currency.as_bytes());
    }
    ChainHash(Sha256::digest(&bytes).into())
}

impl ChainHash {
    /// Reads 64 lower-case hex digits; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0_u8; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = <[u8; 2]>::try_from(pair).ok()?;
            *byte = hex_digit(high)?
                .checked_mul(16)?
                .checked_add(hex_digit(low)?)?;
        }
        Some(Self(bytes))
    }
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => digit.checked_sub(b'0'),
        b'a'..=b'f' => digit.checked_sub(b'a')?.checked_add(10),
        _ => None,
    }
}

impl fmt::Display for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChainHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
