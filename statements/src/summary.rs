//! What a file says as a whole.

use crate::formats::Format;
use avstem_domain::id::ProviderPayoutId;
use avstem_domain::money::Money;
use avstem_domain::statement::bank::StatementPage;
use avstem_domain::statement::bank_id::BankAccount;
use chrono::NaiveDate;

/// `lines + problems == data_rows`, always.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    pub format: Format,
    pub data_rows: u64,
    pub lines: u64,
    pub problems: u64,
    /// What was found to add up; what did not is an error.
    pub controls: Vec<Control>,
    pub period: Option<Days>,
    /// Whose file it is, as far as it says: compare it with whose it should be.
    pub holders: Vec<Holder>,
    /// Σ of the provider's lines, one for each currency.
    pub totals: Vec<Total>,
    /// Σ net of the lines that each payout took to the bank, without the payout itself.
    pub payouts: Vec<PayoutTotal>,
    pub statements: Vec<Statement>,
}

/// Calendar days, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    pub first: NaiveDate,
    pub last: NaiveDate,
}

/// One thing that the file says about its rows, and that they bear out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    pub what: ControlKind,
    /// The statement, batch, section or entry.
    pub of: String,
    /// The figure that both agree on.
    pub figure: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ControlKind {
    /// Opening + Σ entries = closing.
    Balance,
    /// Each row's balance is the last one's and its amount.
    RunningBalance,
    /// Number of rows.
    Count,
    Credits,
    Debits,
    FeeCredits,
    FeeDebits,
    /// Σ of a batch is zero, its payout included.
    BatchIsZero,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    BankAccount(BankAccount),
    Company(String),
    MerchantAccount(String),
    /// The provider's own id of our account.
    ProviderAccount(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    pub gross: Money,
    pub fee: Money,
    pub net: Money,
    pub lines: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutTotal {
    pub payout: ProviderPayoutId,
    pub net: Money,
    pub lines: u64,
}

/// A statement, or the page of one that this file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub account: BankAccount,
    pub page: StatementPage,
    pub opening: Option<Money>,
    pub closing: Option<Money>,
    /// Entries that were booked, repeated ones included.
    pub booked: u64,
}
