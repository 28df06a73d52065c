//! Both sides of the comparison, as plain values.

use crate::id::{ProviderChargeId, ProviderMovementId, ProviderObjectId, ProviderPayoutId};
use crate::ledger::account::Connection;
use crate::money::Money;
use crate::statement::bank_id::BankLineId;
use crate::statement::{LineAmounts, LineKind};
use crate::time::Timestamp;
use chrono::NaiveDate;

/// Everything to compare. What belongs together must come together: all lines about one object with its
/// record, all bank lines with all payouts that they could be.
#[derive(Debug, Clone, Default)]
pub struct Input {
    pub lines: Vec<Line>,
    /// Lines that are paired already and only help to judge second opinions.
    pub context: Vec<Line>,
    pub records: Vec<Record>,
    pub payouts: Vec<Payout>,
    pub entries: Vec<Entry>,
    pub names: Vec<Name>,
}

/// A line of a provider's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub connection: Connection,
    pub id: ProviderMovementId,
    pub role: Role,
    pub kind: LineKind,
    pub amounts: LineAmounts,
    pub customer_facing: Option<Money>,
    pub source: Option<ProviderObjectId>,
    pub charge: Option<ProviderChargeId>,
    pub occurred_at: Timestamp,
    /// Its day in the time zone of the books.
    pub on: NaiveDate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Moves our balance.
    Movement,
    /// Tells of what another report settles.
    Opinion,
}

/// What our records say of one of the provider's objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub connection: Connection,
    /// For a dispute's movement, the id of that movement.
    pub id: ProviderObjectId,
    pub kind: RecordKind,
    pub state: RecordState,
    /// What it moves the provider's balance by, signed, in its own currency.
    pub moves: Money,
    pub on: NaiveDate,
    pub coverage: Coverage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKind {
    Charge,
    Refund,
    Payout,
    DisputeMovement {
        /// What the provider took for it, in minor units of the movement's settlement currency.
        fee: i64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RecordState {
    Moved,
    /// Known, and no money moved: a charge that failed.
    Unmoved,
    /// A refund or payout that came back.
    CameBack,
}

/// Whether the provider's reports must tell of a record by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Coverage {
    Due,
    NotYet,
}

/// A payout, by whoever told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payout {
    pub connection: Connection,
    pub id: ProviderPayoutId,
    /// Below zero when the provider takes money from the bank.
    pub amount: Money,
    /// What of it came to the bank already, or was resolved.
    pub came: Money,
    pub state: PayoutState,
    pub arrival: NaiveDate,
    /// What the bank shows to tell it by.
    pub traces: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PayoutState {
    Sent,
    CameBack,
}

/// A booked line of a bank statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: BankLineId,
    /// The bank's own reference.
    pub reference: Option<String>,
    pub booked_on: NaiveDate,
    /// Above zero when money came in.
    pub amount: Money,
    /// What the bank says that it kept.
    pub charges: Option<Money>,
    /// Text, counterparty and references, in any order.
    pub words: Vec<String>,
}

/// What bank lines call a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub connection: Connection,
    pub text: String,
}
