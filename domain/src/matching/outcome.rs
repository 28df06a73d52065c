//! What the comparison came to.

use crate::breaks::{BreakKind, Holding};
use crate::id::{ProviderMovementId, ProviderObjectId, ProviderPayoutId};
use crate::ledger::account::Connection;
use crate::money::Money;
use crate::statement::bank_id::BankLineId;
use chrono::NaiveDate;
use std::fmt;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    pub matches: Vec<Match>,
    pub findings: Vec<Finding>,
    pub expected: Vec<Expected>,
    /// Lines that are none of our business, or move no money.
    pub unrelated: Vec<Item>,
}

/// A line that found its counterpart. A bank line can have several: then it is in several matches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The pass that found it.
    pub pass: &'static str,
    pub item: Item,
    pub counterpart: Counterpart,
    /// What of the line's amount the counterpart accounts for.
    pub amount: Money,
    /// What the bank says that it kept of the counterpart.
    pub bank_fee: Money,
}

/// Something to be compared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    Line(Connection, ProviderMovementId),
    Record(Connection, ProviderObjectId),
    Payout(Connection, ProviderPayoutId),
    Entry(BankLineId),
    /// An object as it stands at the provider: each kind of break about it is another item.
    Object(Connection, BreakKind, ProviderObjectId),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counterpart {
    Record(ProviderObjectId),
    Payout(Connection, ProviderPayoutId),
    /// Only the provider knows of it, and the line itself is booked.
    Books,
    /// The movement that an opinion is about.
    Movement(ProviderMovementId),
}

/// A difference for a person, before it has an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub kind: BreakKind,
    pub subject: Item,
    pub connection: Option<Connection>,
    /// The provider's or the bank's id.
    pub reference: String,
    pub expected: Money,
    pub found: Money,
    /// Where the difference stands in the books, if it is booked.
    pub holding: Option<Holding>,
    /// The day of the money that it is about.
    pub on: NaiveDate,
}

/// A difference that time will settle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    pub reason: Reason,
    pub subject: Item,
    pub connection: Connection,
    pub amount: Money,
    pub on: NaiveDate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No report covers its time yet.
    NotReported,
    /// A second opinion on something that no report has settled yet.
    NotSettled,
    /// A payout that may still be on its way.
    NotInBank,
    /// The provider still has it.
    NotPaidOut,
}

impl Reason {
    pub const ALL: [Self; 4] = [
        Self::NotReported,
        Self::NotSettled,
        Self::NotInBank,
        Self::NotPaidOut,
    ];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotReported => "not_reported",
            Self::NotSettled => "not_settled",
            Self::NotInBank => "not_in_bank",
            Self::NotPaidOut => "not_paid_out",
        }
    }
}

impl fmt::Display for Item {
    /// Unique over all kinds: what stored breaks are told apart by.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(connection, id) => write!(f, "line/{connection}/{id}"),
            Self::Record(connection, id) => write!(f, "record/{connection}/{id}"),
            Self::Payout(connection, id) => write!(f, "payout/{connection}/{id}"),
            Self::Entry(id) => write!(f, "bank/{id}"),
            Self::Object(connection, kind, id) => write!(f, "object/{kind}/{connection}/{id}"),
        }
    }
}
