//! Lines of bank statements.

use super::bank_id::{BankAccount, BankLineId};
use crate::money::Money;
use chrono::NaiveDate;

/// One entry of a bank statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankLine {
    /// Where it stands in its file: the row of a table, the line of an MT940, the number of a camt entry.
    pub row: u64,
    pub id: BankLineId,
    pub account: BankAccount,
    /// The bank's local day.
    pub booked_on: NaiveDate,
    pub value_date: Option<NaiveDate>,
    /// Above zero when money came in.
    pub amount: Money,
    /// Only [`EntryState::Booked`] is money.
    pub state: EntryState,
    pub reversal: Reversal,
    /// The bank's own reference, as this file writes it.
    pub bank_reference: Option<String>,
    pub references: Vec<BankReference>,
    /// Who paid, or was paid.
    pub counterparty: Option<String>,
    pub text: String,
    /// The bank's code for what it is: `PMNT/RCDT/ESCT`, `NTRF`.
    pub code: Option<String>,
    /// What a collective entry is made of; empty for a single one, whose details are in the line itself.
    pub transactions: Vec<BankTransaction>,
    /// What the bank kept of it, where it says so.
    pub charges: Option<Money>,
    pub statement: Option<StatementPage>,
}

/// One part of a collective entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankTransaction {
    /// Signed as the entry is; `None` where the bank leaves it out.
    pub amount: Option<Money>,
    pub bank_reference: Option<String>,
    pub references: Vec<BankReference>,
    pub counterparty: Option<String>,
    pub text: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankReference {
    pub kind: ReferenceKind,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReferenceKind {
    /// What the payer gave along; a provider's payout id.
    EndToEnd,
    /// What the payee asked for: OCR, RF.
    Structured,
    /// The number of an invoice or other document.
    Document,
    Instruction,
    Transaction,
    Mandate,
    /// A batch's message or payment information.
    Batch,
    /// MT940's reference for the account owner, cut to 16 characters.
    Customer,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryState {
    Booked,
    Pending,
    Information,
}

/// Whether the entry takes an earlier one back. Its sign already says which way the money went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reversal {
    No,
    Yes,
}

/// The statement, and the page of it, that a line stands on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StatementPage {
    pub id: String,
    pub sequence: Option<u64>,
    pub page: Option<u64>,
}

impl ReferenceKind {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EndToEnd => "end_to_end",
            Self::Structured => "structured",
            Self::Document => "document",
            Self::Instruction => "instruction",
            Self::Transaction => "transaction",
            Self::Mandate => "mandate",
            Self::Batch => "batch",
            Self::Customer => "customer",
            Self::Other => "other",
        }
    }
}

impl EntryState {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Booked => "booked",
            Self::Pending => "pending",
            Self::Information => "information",
        }
    }
}
