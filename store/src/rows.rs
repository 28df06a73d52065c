//! Rows as they are stored: one struct a table, shared by both databases, a file for each migration's
//! subject. Times are microseconds since 1970 UTC, amounts minor units.
//!
//! Rows are plain data. What their texts mean is decided where they are read (`app`), never here.

mod access;
mod billing;
mod code;
mod decisions;
mod inbox;
mod ledger;
mod line_flags;
mod periods;
mod projected;
mod provider_balance;
mod reconciliation;
mod reports;
mod syncing;
mod vouchers;

pub use access::{AccountSession, ApiKey, IdempotentRequest, Lease, PortalSession};
pub use billing::{
    Charge, Customer, Delivery, Invoice, InvoicePayment, InvoiceSubscription, Subscription,
};
pub use code::Code;
pub use decisions::{Cancellation, Mail, Receipt, Refund, Verdict};
pub use inbox::{Due, DueRow, Event, EventBundle, EventRow, EventSummary, StoredAnswer};
pub use ledger::{ChainHead, DailyBalance, Effect, EffectOf, Journal, NewJournal, Posting, Seal};
pub use line_flags::LineFlags;
pub use periods::{ClosingStatement, ClosingTotal, PeriodEvent, RecognisedRevenue};
pub use projected::Projected;
pub use provider_balance::{Dispute, DisputeMovement, Payout};
pub use reconciliation::{
    BankLine, Break, BreakEvent, ChargeLine, ComparedCharge, ComparedLine, FilePiece, FileProblem,
    Match, MatchRun, PayoutPosition, ProviderLine, ProviderTotal, Reconciliation, StatementFile,
    StatementHolder, ToCompare, Unreported,
};
pub use reports::{DeferredCharge, MovedSum, RefundSum, Reported, VerdictSum};
pub use syncing::{Made, SyncCursor, SyncRun};
pub use vouchers::{TranslatedBalance, VoucherBatch};

/// Rows in one statement: SQLite takes 32,766 bound values, PostgreSQL 65,535, and the widest row has
/// fewer than 30 columns.
pub(super) const CHUNK: usize = 500;

/// A stretch of a list, newest first: what was found in as many rows as one question may look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch<R, K> {
    pub rows: Vec<R>,
    /// How far it was looked, where that is not to the end: older rows may follow before this key.
    pub looked_to: Option<K>,
}
