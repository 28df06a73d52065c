//! Journals: sets of postings that balance, or do not exist.

use super::account::Account;
use crate::money::{Currency, Money};
use crate::time::Timestamp;
use std::collections::BTreeMap;
use std::fmt;

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    pub account: Account,
    /// Debit positive, credit negative, never zero.
    pub amount: Money,
}

/// The business event that a journal records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JournalEvent {
    ChargeSucceeded,
    /// What a charge was for became known, or known better, after it was booked.
    ChargeReclassified,
    RefundDecided,
    RefundSucceeded,
    RefundFailed,
    RefundAbandoned,
    /// A bank took money because of a dispute.
    DisputeWithdrawn,
    DisputeReinstated,
    /// What was withdrawn is gone for good.
    DisputeLost,
    /// It was not: the dispute was appealed, or won after all.
    DisputeLossReversed,
    PayoutSent,
    /// A payout failed, was canceled or came back.
    PayoutFailed,
    /// What a provider keeps for its work, or gives back of it.
    ProviderFee,
    /// Money of one currency reached our balance in another.
    SettledInOtherCurrency,
    /// A report moved money that no object accounts for.
    SuspensePosted,
    /// What the money belongs to came.
    SuspenseCleared,
    /// Our records have money that no report knows.
    MissingAtProvider,
    /// A report knows it by now, or it never moved.
    FoundAtProvider,
    ReserveHeld,
    ReserveReleased,
    /// From one of our balances at a provider to another.
    BalanceConverted,
    /// Money of a payout stands on the bank's statement.
    BankLineMatched,
    /// A payout came short, and the bank took the rest.
    BankFeeTaken,
    WrittenOff,
    /// What a person resolved is open again.
    ResolutionReversed,
    /// A month end: what was paid ahead is earned.
    RevenueRecognised,
    /// A month end recognised what had been given back by then.
    RevenueGivenBack,
}

impl JournalEvent {
    pub const ALL: [Self; 27] = [
        Self::ChargeSucceeded,
        Self::ChargeReclassified,
        Self::RefundDecided,
        Self::RefundSucceeded,
        Self::RefundFailed,
        Self::RefundAbandoned,
        Self::DisputeWithdrawn,
        Self::DisputeReinstated,
        Self::DisputeLost,
        Self::DisputeLossReversed,
        Self::PayoutSent,
        Self::PayoutFailed,
        Self::ProviderFee,
        Self::SettledInOtherCurrency,
        Self::SuspensePosted,
        Self::SuspenseCleared,
        Self::MissingAtProvider,
        Self::FoundAtProvider,
        Self::ReserveHeld,
        Self::ReserveReleased,
        Self::BalanceConverted,
        Self::BankLineMatched,
        Self::BankFeeTaken,
        Self::WrittenOff,
        Self::ResolutionReversed,
        Self::RevenueRecognised,
        Self::RevenueGivenBack,
    ];

    /// The word in tables and exports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ChargeSucceeded => "charge_succeeded",
            Self::ChargeReclassified => "charge_reclassified",
            Self::RefundDecided => "refund_decided",
            Self::RefundSucceeded => "refund_succeeded",
            Self::RefundFailed => "refund_failed",
            Self::RefundAbandoned => "refund_abandoned",
            Self::DisputeWithdrawn => "dispute_withdrawn",
            Self::DisputeReinstated => "dispute_reinstated",
            Self::DisputeLost => "dispute_lost",
            Self::DisputeLossReversed => "dispute_loss_reversed",
            Self::PayoutSent => "payout_sent",
            Self::PayoutFailed => "payout_failed",
            Self::ProviderFee => "provider_fee",
            Self::SettledInOtherCurrency => "settled_in_other_currency",
            Self::SuspensePosted => "suspense_posted",
            Self::SuspenseCleared => "suspense_cleared",
            Self::MissingAtProvider => "missing_at_provider",
            Self::FoundAtProvider => "found_at_provider",
            Self::ReserveHeld => "reserve_held",
            Self::ReserveReleased => "reserve_released",
            Self::BalanceConverted => "balance_converted",
            Self::BankLineMatched => "bank_line_matched",
            Self::BankFeeTaken => "bank_fee_taken",
            Self::WrittenOff => "written_off",
            Self::ResolutionReversed => "resolution_reversed",
            Self::RevenueRecognised => "revenue_recognised",
            Self::RevenueGivenBack => "revenue_given_back",
        }
    }

    /// Reads that word; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == text)
    }
}

impl fmt::Display for JournalEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Everything a journal is made from, not checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalEntry {
    pub event: JournalEvent,
    /// The provider's id of the object that the journal is about, or our refund's id.
    pub reference: String,
    /// Short English, without personal data.
    pub description: String,
    /// When it happened in the world, not when it was booked.
    pub occurred_at: Timestamp,
    pub postings: Vec<Posting>,
}

/// A balanced journal. Its fields are private: what exists has passed [`Journal::new`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Journal {
    entry: JournalEntry,
}

/// Why a set of postings is no journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    #[error("a journal needs postings")]
    Empty,
    #[error("a posting of zero says nothing; leave it out ({account})")]
    ZeroAmount { account: Account },
    #[error(
        "the postings in {currency} do not balance: debits less credits are {excess} minor units, not zero"
    )]
    Unbalanced {
        currency: Currency,
        /// In minor units; negative when credits exceed debits.
        excess: i128,
    },
    #[error("the debits in {currency} do not fit in 64 bits of minor units")]
    Overflow { currency: Currency },
    #[error("a journal needs a reference")]
    NoReference,
}

impl Journal {
    /// The only way to a journal. Errors unless there are postings, none of them is zero, and in each
    /// currency debits equal credits.
    pub fn new(entry: JournalEntry) -> Result<Self, JournalError> {
        if entry.postings.is_empty() {
            return Err(JournalError::Empty);
        }
        if entry.reference.is_empty() {
            return Err(JournalError::NoReference);
        }
        let mut sums: BTreeMap<Currency, Sums> = BTreeMap::new();
        for posting in &entry.postings {
            if posting.amount.is_zero() {
                return Err(JournalError::ZeroAmount {
                    account: posting.account.clone(),
                });
            }
            sums.entry(posting.amount.currency())
                .or_default()
                .add(posting.amount)?;
        }
        for (currency, Sums { debits, excess }) in sums {
            if excess != 0 {
                return Err(JournalError::Unbalanced { currency, excess });
            }
            if i64::try_from(debits).is_err() {
                return Err(JournalError::Overflow { currency });
            }
        }
        Ok(Self { entry })
    }

    #[must_use]
    pub const fn event(&self) -> JournalEvent {
        self.entry.event
    }

    #[must_use]
    pub fn reference(&self) -> &str {
        &self.entry.reference
    }

    #[must_use]
    pub fn description(&self) -> &str {
        &self.entry.description
    }

    #[must_use]
    pub const fn occurred_at(&self) -> Timestamp {
        self.entry.occurred_at
    }

    /// At least two, in line order.
    #[must_use]
    pub fn postings(&self) -> &[Posting] {
        &self.entry.postings
    }
}

/// Sums of one currency, in minor units.
#[derive(Default)]
struct Sums {
    debits: i128,
    /// Debits less credits.
    excess: i128,
}

impl Sums {
    fn add(&mut self, amount: Money) -> Result<(), JournalError> {
        let minor = i128::from(amount.minor());
        let overflow = || JournalError::Overflow {
            currency: amount.currency(),
        };
        self.excess = self.excess.checked_add(minor).ok_or_else(overflow)?;
        self.debits = self.debits.checked_add(minor.max(0)).ok_or_else(overflow)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(lines: &[(&str, i64, &str)]) -> Result<Journal, JournalError> {
        let posting = |(account, minor, currency): &(&str, i64, &str)| Posting {
            account: Account::parse(account).unwrap(),
            amount: Money::from_minor(*minor, Currency::parse(currency).unwrap()),
        };
        Journal::new(JournalEntry {
            event: JournalEvent::ChargeSucceeded,
            reference: "ch_1".into(),
            description: "Charge succeeded".into(),
            occurred_at: Timestamp::from_unix_seconds(1).unwrap(),
            postings: lines.iter().map(posting).collect(),
        })
    }

    #[test]
    fn balanced_postings_make_a_journal_also_in_two_currencies() {
        let one = journal(&[
            ("assets:suspense", 5, "SEK"),
            ("liabilities:vat", -5, "SEK"),
        ])
        .unwrap();
        assert_eq!((one.postings().len(), one.reference()), (2, "ch_1"));
        let two = [
            ("assets:suspense", 5, "SEK"),
            ("equity:conversion", -5, "SEK"),
            ("equity:conversion", 1, "USD"),
            ("assets:suspense", -1, "USD"),
        ];
        assert!(journal(&two).is_ok());
    }

    #[test]
    fn unbalanced_empty_or_zero_postings_make_none() {
        let sek = Currency::parse("SEK").unwrap();
        assert_eq!(journal(&[]), Err(JournalError::Empty));
        assert_eq!(
            journal(&[
                ("assets:suspense", 5, "SEK"),
                ("liabilities:vat", -4, "SEK")
            ]),
            Err(JournalError::Unbalanced {
                currency: sek,
                excess: 1
            })
        );
        assert_eq!(
            journal(&[
                ("assets:suspense", 4, "SEK"),
                ("liabilities:vat", -5, "SEK")
            ]),
            Err(JournalError::Unbalanced {
                currency: sek,
                excess: -1
            })
        );
        let zero = [("assets:suspense", 0, "SEK"), ("liabilities:vat", 0, "SEK")];
        assert!(matches!(
            journal(&zero),
            Err(JournalError::ZeroAmount { .. })
        ));
    }

    #[test]
    fn currencies_do_not_balance_each_other() {
        let mixed = journal(&[
            ("assets:suspense", 5, "SEK"),
            ("liabilities:vat", -5, "USD"),
        ]);
        assert!(matches!(mixed, Err(JournalError::Unbalanced { .. })));
    }

    #[test]
    fn sums_beyond_64_bits_are_refused_even_when_they_balance() {
        let huge = [
            ("assets:suspense", i64::MAX, "SEK"),
            ("assets:suspense", 1, "SEK"),
            ("liabilities:vat", i64::MIN, "SEK"),
        ];
        assert!(matches!(journal(&huge), Err(JournalError::Overflow { .. })));
    }

    #[test]
    fn a_journal_without_a_reference_is_refused() {
        let made = journal(&[
            ("assets:suspense", 5, "SEK"),
            ("liabilities:vat", -5, "SEK"),
        ]);
        let entry = JournalEntry {
            reference: String::new(),
            ..made.unwrap().entry
        };
        assert_eq!(Journal::new(entry), Err(JournalError::NoReference));
    }

    #[test]
    fn events_are_read_back_from_the_words_they_print() {
        for event in JournalEvent::ALL {
            assert_eq!(JournalEvent::parse(event.as_str()), Some(event));
        }
    }
}
