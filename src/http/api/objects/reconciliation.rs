//! Files that were handed in, reconciliations, and breaks.

use super::time;
use crate::app::books::money;
use crate::app::breaks::BreakView;
use crate::app::reconcile::{self, ReconciliationView};
use crate::app::statements::import::Imported;
use crate::http::problem::Problem;
use crate::http::schema::{self, words};
use crate::store::rows::{BreakEvent, FileProblem};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A report or statement that was taken in.
#[derive(Serialize, JsonSchema)]
pub struct File {
    #[schemars(with = "schema::FileId")]
    id: String,
    /// What it is.
    #[schemars(with = "words::FileFormat")]
    format: String,
    /// The connection or the bank account that it is of.
    #[schemars(example = &"stripe")]
    owner: String,
    /// Its rows of data, those with problems among them.
    #[schemars(with = "schema::Count")]
    lines: i64,
    /// The first hundred.
    problems: Vec<RowProblem>,
    /// How many there are.
    #[schemars(with = "schema::Count")]
    problems_total: i64,
    #[schemars(with = "Option<schema::Day>")]
    first_day: Option<String>,
    #[schemars(with = "Option<schema::Day>")]
    last_day: Option<String>,
}

/// What kept a row from becoming a line. The rest of the file counts.
#[derive(Serialize, JsonSchema)]
struct RowProblem {
    /// The header is row 1.
    #[schemars(with = "schema::Count")]
    row: i64,
    /// The column's name; of an XML file, the element's.
    #[schemars(example = &"net")]
    column: String,
    #[schemars(with = "words::FileProblemCode")]
    code: String,
    #[schemars(example = &"12,50")]
    found: String,
    #[schemars(example = &"an amount with a decimal point")]
    expected: String,
}

pub fn file(imported: Imported) -> Result<File, Problem> {
    let row = imported.file;
    let problem = |problem: FileProblem| RowProblem {
        row: problem.row_number,
        column: problem.column_name,
        code: problem.code,
        found: problem.found,
        expected: problem.expected,
    };
    Ok(File {
        id: row.id,
        format: row.format,
        owner: row.owner,
        lines: row.data_rows,
        problems: imported.problems.into_iter().map(problem).collect(),
        problems_total: row.problems,
        first_day: row.first_day,
        last_day: row.last_day,
    })
}

/// What a comparison of ledger, provider and bank came to.
#[derive(Serialize, JsonSchema)]
pub struct Reconciliation {
    #[schemars(with = "schema::ReconciliationId")]
    id: String,
    #[schemars(with = "words::ReconciliationState")]
    state: String,
    /// Null when it was of all connections.
    #[schemars(example = None::<String>)]
    connection: Option<String>,
    /// The last day that counted.
    #[schemars(with = "schema::Day")]
    through: String,
    /// Lines of reports and of the bank that have found their counterparts.
    #[schemars(with = "schema::Count")]
    matched: i64,
    /// Bank lines that are none of a provider's.
    #[schemars(with = "schema::Count")]
    unrelated: i64,
    /// How many are open, by kind.
    #[schemars(with = "BTreeMap<String, schema::Count>")]
    breaks: BTreeMap<String, i64>,
    proof: Vec<Proof>,
    expected: Vec<Expected>,
    payouts: Payouts,
    #[schemars(with = "schema::Time")]
    made_at: String,
}

/// One connection in one currency.
#[derive(Serialize, JsonSchema)]
struct Proof {
    #[schemars(example = &"stripe")]
    connection: String,
    #[schemars(with = "schema::Currency")]
    currency: String,
    /// What the provider owes us by our books.
    #[schemars(with = "schema::Decimal")]
    ledger: String,
    /// The same by its reports; null where none was handed in.
    #[schemars(with = "Option<schema::Decimal>")]
    provider: Option<String>,
    /// Paid out, and not in the bank yet.
    #[schemars(with = "schema::Decimal")]
    in_transit: String,
    /// What of its payouts came to the bank.
    #[schemars(with = "schema::Decimal")]
    bank: String,
    /// What the books have more than the reports, less what no report covers yet.
    #[schemars(with = "Option<schema::Decimal>")]
    difference: Option<String>,
}

/// Differences of one kind that time will settle.
#[derive(Serialize, JsonSchema)]
struct Expected {
    #[schemars(with = "words::ExpectedReason")]
    reason: String,
    #[schemars(example = &"paypal")]
    connection: String,
    #[schemars(with = "schema::Currency")]
    currency: String,
    #[schemars(with = "schema::Decimal")]
    amount: String,
    #[schemars(with = "schema::Count")]
    count: u64,
    #[schemars(with = "schema::Day")]
    oldest_on: String,
    /// The first ten.
    references: Vec<String>,
}

/// Payouts against the lines that each took along.
#[derive(Serialize, JsonSchema)]
struct Payouts {
    /// Those whose lines sum to them.
    #[schemars(with = "schema::Count")]
    proved: u64,
    /// Those whose lines do not, and by how much: lines are missing from the reports.
    incomplete: Vec<String>,
}

pub fn reconciliation(view: ReconciliationView) -> Result<Reconciliation, Problem> {
    let report = view.report;
    let proof = report.proof.into_iter().map(proof);
    let expected = report.expected.into_iter().map(|sum| {
        Ok(Expected {
            amount: money(sum.amount, &sum.currency)?.to_decimal_string(),
            reason: sum.reason,
            connection: sum.connection,
            currency: sum.currency,
            count: sum.count,
            oldest_on: sum.oldest_on,
            references: sum.references,
        })
    });
    Ok(Reconciliation {
        proof: proof.collect::<Result<_, Problem>>()?,
        expected: expected.collect::<Result<_, Problem>>()?,
        payouts: Payouts {
            proved: report.payouts.proved,
            incomplete: report.payouts.incomplete,
        },
        matched: report.matched,
        unrelated: report.unrelated,
        breaks: report.breaks,
        made_at: time(view.row.made_at)?,
        id: view.row.id,
        state: view.row.state,
        connection: view.row.connection,
        through: view.row.through,
    })
}

fn proof(proof: reconcile::Proof) -> Result<Proof, Problem> {
    let text =
        |minor: i64| -> Result<String, Problem> { Ok(proof.money(minor)?.to_decimal_string()) };
    Ok(Proof {
        ledger: text(proof.ledger)?,
        provider: proof.provider.map(text).transpose()?,
        in_transit: text(proof.in_transit)?,
        bank: text(proof.bank)?,
        difference: proof.difference.map(text).transpose()?,
        connection: proof.connection.clone(),
        currency: proof.currency.clone(),
    })
}

/// What a person must look at because two sources disagree.
#[derive(Serialize, JsonSchema)]
pub struct Break {
    #[schemars(with = "schema::BreakId")]
    id: String,
    #[schemars(with = "words::BreakKind")]
    kind: String,
    #[schemars(with = "words::BreakState")]
    state: String,
    /// Null when it could be of several.
    #[schemars(example = &"adyen")]
    connection: Option<String>,
    /// The provider's or the bank's id of what it is about.
    #[schemars(example = &"po_1")]
    reference: String,
    /// Of `expected`; and of `found`, unless `found_currency` says otherwise.
    #[schemars(with = "schema::Currency")]
    currency: String,
    #[schemars(with = "schema::Decimal")]
    expected: String,
    #[schemars(with = "schema::Decimal")]
    found: String,
    /// Null unless it is another currency than `currency`.
    #[schemars(with = "Option<schema::Currency>", example = None::<String>)]
    found_currency: Option<String>,
    /// What was found less what was expected; null between two currencies.
    #[schemars(with = "Option<schema::Decimal>")]
    difference: Option<String>,
    /// The day of the money that it is about.
    #[schemars(with = "schema::Day")]
    opened_on: String,
    /// Counted to the day that the last reconciliation went through, or on which it was resolved.
    #[schemars(with = "schema::Count")]
    age_days: i64,
    /// Who looks after it.
    #[schemars(example = &"Kim")]
    owner: Option<String>,
    note: Option<String>,
    /// What to do about it.
    suggestion: String,
    /// How it was resolved; while it is open, what one person proposes over the limit.
    #[schemars(with = "Option<words::Resolution>")]
    resolution: Option<String>,
    /// An API key's id, `avstem` for what ended by itself, or a rule.
    #[schemars(example = &"avkey_019ab0c8000070008000000000000001")]
    changed_by: String,
    #[schemars(with = "schema::Time")]
    changed_at: String,
}

/// A break with everything that happened to it, in order.
#[derive(Serialize, JsonSchema)]
pub struct BreakWithHistory {
    #[serde(flatten)]
    now: Break,
    history: Vec<BreakStep>,
}

/// Something that happened to a break.
#[derive(Serialize, JsonSchema)]
struct BreakStep {
    #[schemars(with = "words::BreakAction")]
    action: String,
    #[schemars(with = "words::BreakState")]
    state: String,
    #[schemars(with = "Option<words::Resolution>")]
    resolution: Option<String>,
    owner: Option<String>,
    note: Option<String>,
    /// What it booked.
    #[schemars(with = "Option<schema::JournalId>")]
    journal: Option<String>,
    done_by: String,
    #[schemars(with = "schema::Time")]
    done_at: String,
}

pub fn open_break(view: BreakView) -> Result<Break, Problem> {
    let (row, last) = (view.row, view.last);
    Ok(Break {
        expected: view.expected.to_decimal_string(),
        found: view.found.to_decimal_string(),
        found_currency: Some(row.found_currency).filter(|other| *other != row.currency),
        difference: view.difference.map(|money| money.to_decimal_string()),
        age_days: view.age_days,
        suggestion: view.kind.suggestion().to_owned(),
        changed_at: time(last.done_at)?,
        id: row.id,
        kind: row.kind,
        state: last.state,
        connection: row.connection,
        reference: row.reference,
        currency: row.currency,
        opened_on: row.opened_on,
        owner: last.owner,
        note: last.note,
        resolution: last.resolution,
        changed_by: last.done_by,
    })
}

pub fn break_with_history(
    view: BreakView,
    history: Vec<BreakEvent>,
) -> Result<BreakWithHistory, Problem> {
    let step = |event: BreakEvent| {
        Ok(BreakStep {
            done_at: time(event.done_at)?,
            action: event.action,
            state: event.state,
            resolution: event.resolution,
            owner: event.owner,
            note: event.note,
            journal: event.journal_id,
            done_by: event.done_by,
        })
    };
    Ok(BreakWithHistory {
        now: open_break(view)?,
        history: history
            .into_iter()
            .map(step)
            .collect::<Result<_, Problem>>()?,
    })
}
