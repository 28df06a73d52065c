//! The statement of a closed month: what stood in the books then, in a text that can be kept anywhere
//! and checked later.

use super::chain::ChainHash;
use crate::money::{Money, MoneyError};
use crate::revenue::Month;
use crate::time::Timestamp;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// What a month came to when it was closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosingStatement {
    /// Which event in the life of the months it is, from 1. Later statements have higher numbers.
    pub number: u64,
    pub month: Month,
    /// Whose days the month's are.
    pub time_zone: String,
    pub closed_at: Timestamp,
    /// Booked on days of the month.
    pub journals: u64,
    /// Of those journals.
    pub postings: u64,
    /// Charges of which this closing recognised revenue.
    pub charges: u64,
    /// Journals of the whole ledger that were in the chain.
    pub chain_count: u64,
    /// The last link of the chain.
    pub chain_head: ChainHash,
    /// The hash of the statement before it; zeros for the first one.
    pub previous: ChainHash,
    /// Which key it is signed with.
    pub key: Option<KeyName>,
    /// By currency and account, each once.
    pub totals: Vec<AccountTotal>,
}

/// Tells keys apart without telling them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyName(pub String);

/// One account in one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountTotal {
    pub account: String,
    /// Before the month's first day; debit positive, as every amount here but `credits`.
    pub opening: Money,
    /// The sum of the month's debits, ≥ 0.
    pub debits: Money,
    /// The sum of the month's credits, ≥ 0.
    pub credits: Money,
}

impl AccountTotal {
    /// What it stood at after the month's last day.
    pub fn closing(&self) -> Result<Money, MoneyError> {
        self.opening
            .checked_add(self.debits)?
            .checked_sub(self.credits)
    }
}

impl ClosingStatement {
    /// What is hashed and signed. One fact a line, each ended by `\n`; amounts in their currency's digits.
    /// A new layout needs a new number in the first line.
    pub fn text(&self) -> Result<String, MoneyError> {
        let mut text = format!(
            "avstem closing statement 1\n\
             number {}\nmonth {}\ntime_zone {}\nclosed_at {}\n\
             journals {}\npostings {}\ncharges {}\n\
             chain {} {}\nprevious {}\n",
            self.number,
            self.month,
            self.time_zone,
            self.closed_at,
            self.journals,
            self.postings,
            self.charges,
            self.chain_count,
            self.chain_head,
            self.previous,
        );
        match &self.key {
            Some(KeyName(name)) => text.push_str(&format!("signed hmac-sha256 {name}\n")),
            None => text.push_str("unsigned\n"),
        }
        for total in &self.totals {
            let AccountTotal {
                account,
                opening,
                debits,
                credits,
            } = total;
            // Writing to a text cannot fail.
            let _ = writeln!(
                text,
                "total {} {account} {} {} {} {}",
                opening.currency().code(),
                opening.to_decimal_string(),
                debits.to_decimal_string(),
                credits.to_decimal_string(),
                total.closing()?.to_decimal_string(),
            );
        }
        Ok(text)
    }
}

/// SHA-256 of a statement's text.
#[must_use]
pub fn hash(text: &str) -> ChainHash {
    ChainHash(Sha256::digest(text.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::super::chain::GENESIS;
    use super::*;
    use crate::money::Currency;

    fn money(minor: i64, code: &str) -> Money {
        Money::from_minor(minor, Currency::parse(code).unwrap())
    }

    fn statement() -> ClosingStatement {
        let total = |account: &str, code, opening, debits, credits| AccountTotal {
            account: account.to_owned(),
            opening: money(opening, code),
            debits: money(debits, code),
            credits: money(credits, code),
        };
        ClosingStatement {
            number: 2,
            month: Month::parse("2026-10").unwrap(),
            time_zone: "Europe/Stockholm".to_owned(),
            closed_at: Timestamp::parse_rfc3339("2026-11-02T08:00:00Z").unwrap(),
            journals: 3,
            postings: 7,
            charges: 1,
            chain_count: 12,
            chain_head: ChainHash([0xab; 32]),
            previous: GENESIS,
            key: None,
            totals: vec![
                total("assets:provider:stripe", "JPY", 0, 1_200, 0),
                total("liabilities:vat", "SEK", -4_980, 0, 4_980),
            ],
        }
    }

    #[test]
    fn the_text_says_everything_and_its_hash_is_sha_256_of_it() {
        let text = statement().text().unwrap();
        let ab = "ab".repeat(32);
        let zeros = "00".repeat(32);
        assert_eq!(
            text,
            format!(
                "avstem closing statement 1\nnumber 2\nmonth 2026-10\ntime_zone Europe/Stockholm\n\
                 closed_at 2026-11-02T08:00:00Z\njournals 3\npostings 7\ncharges 1\nchain 12 {ab}\n\
                 previous {zeros}\nunsigned\n\
                 total JPY assets:provider:stripe 0 1200 0 1200\n\
                 total SEK liabilities:vat -49.80 0.00 49.80 -99.60\n"
            )
        );
        // As `sha256sum` says it.
        assert_eq!(
            hash("avstem\n").to_string(),
            "ca61b3662d436818c239ab662fce3ac66fdd2882054d8247bbcdccc728fdcfad"
        );
    }

    #[test]
    fn no_fact_can_change_without_the_hash() {
        let original = hash(&statement().text().unwrap());
        type Change = fn(&mut ClosingStatement);
        let changes: [Change; 12] = [
            |s| s.number = 3,
            |s| s.month = s.month.next(),
            |s| s.time_zone = "UTC".to_owned(),
            |s| s.closed_at = s.closed_at.saturating_add_seconds(1),
            |s| s.journals = 4,
            |s| s.postings = 8,
            |s| s.charges = 2,
            |s| s.chain_count = 13,
            |s| s.chain_head = GENESIS,
            |s| s.previous = ChainHash([1; 32]),
            |s| s.key = Some(KeyName("k".to_owned())),
            |s| s.totals[1].debits = money(1, "SEK"),
        ];
        for (number, change) in changes.into_iter().enumerate() {
            let mut changed = statement();
            change(&mut changed);
            assert_ne!(hash(&changed.text().unwrap()), original, "{number}");
        }
    }
}
