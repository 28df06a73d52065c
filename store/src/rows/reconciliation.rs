//! Imported files, what they say, and how it compares with the books.

use super::super::packing;
use super::super::schema::{
    bank_lines, break_events, breaks, file_problems, match_runs, matches, payout_positions,
    provider_lines, reconciliations, statement_files, statement_holders,
};
use super::{Code, LineFlags};
use diesel::prelude::*;

/// A file that was handed in.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = statement_files, treat_none_as_default_value = false)]
pub struct StatementFile {
    pub id: String,
    /// `settlement` or `bank`.
    pub side: String,
    /// The connection, or the bank account's name in the settings.
    pub owner: String,
    pub format: String,
    pub sha256: String,
    pub bytes: i64,
    pub data_rows: i64,
    pub problems: i64,
    /// A calendar day, `2026-10-28`; so are all days here.
    pub first_day: Option<String>,
    pub last_day: Option<String>,
    /// The time of its newest line.
    pub covers_until: Option<i64>,
    /// `received` while it is being taken in, `stored` afterwards.
    pub state: String,
    pub received_by: String,
    pub received_at: i64,
    /// The time of the oldest movement that it tells of.
    pub covers_from: Option<i64>,
    /// The number of the last line that was here before any of its own.
    pub lines_before: i64,
}

/// Some of a file's bytes, as they came. At most [`FilePiece::BYTES_MAX`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePiece {
    pub file_id: String,
    pub position: i64,
    pub bytes: Vec<u8>,
}

impl FilePiece {
    pub const BYTES_MAX: u32 = 1024 * 1024;

    /// Bytes as they are stored.
    pub fn pack(plain: &[u8]) -> std::io::Result<Vec<u8>> {
        packing::pack(plain)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = file_problems, treat_none_as_default_value = false)]
pub struct FileProblem {
    pub file_id: String,
    pub position: i64,
    pub row_number: i64,
    pub column_name: String,
    pub code: String,
    pub found: String,
    pub expected: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = statement_holders, treat_none_as_default_value = false)]
pub struct StatementHolder {
    pub side: String,
    pub owner: String,
    pub what: String,
    pub name: String,
    pub file_id: String,
}

/// A movement of a balance at a provider.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = provider_lines, treat_none_as_default_value = false)]
pub struct ProviderLine {
    /// In the order in which lines came; the database numbers them.
    #[diesel(skip_insertion)]
    pub seq: i64,
    pub connection: String,
    pub id: String,
    pub file_id: String,
    pub row_number: i64,
    /// `movement` or `opinion`.
    pub role: String,
    pub kind: String,
    pub gross: i64,
    pub fee: i64,
    pub net: i64,
    pub currency: String,
    /// What the customer saw, in `facing_currency`.
    pub facing: Option<i64>,
    pub facing_currency: Option<String>,
    pub source: Option<String>,
    pub charge: Option<String>,
    pub payout: Option<String>,
    pub trace_id: Option<String>,
    pub merchant_reference: Option<String>,
    pub occurred_at: i64,
    pub day: String,
    pub available_on: Option<String>,
    pub text: String,
    /// Whether its journals are written.
    pub posted: bool,
    /// What of it no object accounts for, as it is booked.
    pub suspense: i64,
    /// `new`, `matched`, `open`, or `told`: it moves no money. As it is stored, `new` may be one of a
    /// [`MatchRun`]; as it is read, it is `matched` then.
    pub standing: String,
}

/// A line about a charge that our records have, with what they say of it; the only line about it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct ChargeLine {
    pub seq: i64,
    pub id: String,
    /// The charge, by the provider's id.
    pub charge: String,
    pub occurred_at: i64,
    pub gross: i64,
    pub fee: i64,
    pub currency: String,
    pub facing: Option<i64>,
    pub facing_currency: Option<String>,
    /// What the charge took, in `charged_currency`.
    pub charged: i64,
    pub charged_currency: String,
}

/// Which lines of a connection to compare: those after one, in the order of what they are about.
#[derive(Debug, Clone, Copy)]
pub struct ToCompare<'a> {
    pub connection: &'a str,
    /// The last day that is due.
    pub through: &'a str,
    /// What the last line before was about, and its number.
    pub after: (&'a str, i64),
    /// The number of the last line that counts.
    pub until: i64,
    pub limit: i64,
}

/// What comparing takes of a line that says what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct ComparedLine {
    pub seq: i64,
    /// The object that it is about, by the provider's id.
    pub source: String,
    pub flags: LineFlags,
    pub gross: i64,
    pub currency: Code,
    pub facing: Option<i64>,
    pub facing_currency: Option<String>,
}

/// What comparing takes of a charge that is booked.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct ComparedCharge {
    pub provider_id: String,
    pub amount: i64,
    pub currency: Code,
    pub created_at: i64,
}

/// What lines of one currency that one payout took along come to; without a payout, those that none has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderTotal {
    pub payout: Option<String>,
    pub currency: String,
    /// Of lines up to the day that is asked for.
    pub due: i64,
    /// Of lines of any day that are not the payout itself; `None` when there are none.
    pub members: Option<i64>,
}

/// Lines that agree with their charges, by their numbers: from the first to the last, both included.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = match_runs)]
pub struct MatchRun {
    pub connection: String,
    pub last_seq: i64,
    pub first_seq: i64,
    pub pass: String,
    pub reconciliation_id: String,
}

/// A booked line of a bank statement.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = bank_lines, treat_none_as_default_value = false)]
pub struct BankLine {
    /// Its name in the settings.
    pub account: String,
    pub id: String,
    pub file_id: String,
    pub row_number: i64,
    pub booked_on: String,
    pub value_date: Option<String>,
    pub amount: i64,
    pub currency: String,
    pub bank_reference: Option<String>,
    pub charges: Option<i64>,
    pub counterparty: Option<String>,
    pub text: String,
    /// Everything that any file says of it, as a JSON list.
    pub words: String,
    /// `new`, `matched`, `open` or `unrelated`.
    pub standing: String,
}

/// A payout, by whoever told of it first.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = payout_positions, treat_none_as_default_value = false)]
pub struct PayoutPosition {
    pub connection: String,
    pub provider_id: String,
    pub amount: i64,
    pub currency: String,
    pub sent_on: String,
    pub arrival_on: String,
    /// What the bank shows to tell it by, as a JSON list.
    pub traces: String,
    pub came_back: bool,
    /// What came to the bank, with what the bank says that it kept.
    pub came: i64,
    /// What a person decided about the rest.
    pub resolved: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = reconciliations, treat_none_as_default_value = false)]
pub struct Reconciliation {
    pub id: String,
    /// All of them, when it is left out.
    pub connection: Option<String>,
    pub through: String,
    pub state: String,
    /// JSON.
    pub report: String,
    pub made_by: String,
    pub made_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = matches, treat_none_as_default_value = false)]
pub struct Match {
    pub side: String,
    /// The line's connection or account.
    pub owner: String,
    pub line_id: String,
    pub counterpart: String,
    pub counterpart_kind: String,
    pub connection: String,
    pub amount: i64,
    pub bank_fee: i64,
    pub currency: String,
    /// The line's.
    pub day: String,
    pub pass: String,
    pub reconciliation_id: String,
}

/// Something for a person. What becomes of it are its events.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = breaks, treat_none_as_default_value = false)]
pub struct Break {
    pub id: String,
    pub kind: String,
    /// What it is about, unique over everything that can be.
    pub subject: String,
    pub connection: Option<String>,
    pub reference: String,
    pub currency: String,
    pub expected: i64,
    pub found: i64,
    /// Of `found`; `currency` is that of `expected`.
    pub found_currency: String,
    pub holding: Option<String>,
    pub opened_on: String,
    pub created_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = break_events, treat_none_as_default_value = false)]
pub struct BreakEvent {
    pub break_id: String,
    pub seq: i64,
    pub action: String,
    pub state: String,
    pub resolution: Option<String>,
    pub owner: Option<String>,
    pub note: Option<String>,
    /// The day that ages counted to then.
    pub through: String,
    pub done_by: String,
    pub journal_id: Option<String>,
    pub done_at: i64,
}

/// Which records of money that moved between two instants (`from` inclusive, `to` exclusive) to look for.
#[derive(Debug, Clone, Copy)]
pub struct Unreported<'a> {
    pub connection: &'a str,
    pub from: i64,
    pub to: i64,
    /// The last day of lines that count.
    pub through: &'a str,
    pub after: &'a str,
    pub limit: i64,
}
