//! Closing statements: written once, read back as they were.

use super::super::books::{money, time};
use super::super::{App, Failure};
use super::measure::Measured;
use super::standing::{Kind, Standing, parse_month};
use super::{CloseError, Closing, signature};
use crate::store::rows::{ClosingStatement as StatementRow, ClosingTotal, PeriodEvent};
use crate::store::{ReadTx, WriteTx};
use avstem_domain::ledger::chain::{ChainHash, GENESIS};
use avstem_domain::ledger::closing::{AccountTotal, ClosingStatement, KeyName, hash};

pub use super::measure::{Sums, totals};
pub use super::signature::{is_signed, key_name};

/// A statement with what protects it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    pub of: ClosingStatement,
    /// What is hashed and signed.
    pub text: String,
    /// SHA-256 of the text.
    pub hash: String,
    /// HMAC-SHA256 of the text, when there was a key.
    pub signature: Option<String>,
}

/// Closes the month for good and returns the statement's number; another's, if another closed it.
pub(super) fn write(
    tx: &mut WriteTx<'_>,
    app: &App,
    closing: Closing,
    measured: Option<&Measured>,
    by: &str,
) -> Result<i64, CloseError> {
    let Closing { month, .. } = closing;
    let standing = Standing::of(tx)?;
    if let Some(number) = standing.closed_as(month) {
        return Ok(number);
    }
    let Some(measured) = measured.filter(|_| standing.closing() == Some(closing)) else {
        return Err(CloseError::OpenedMeanwhile(month));
    };
    let number = standing.next_number();
    let last = tx.closing_statements()?.pop();
    let key = app.config.books.signing_key.as_ref();
    let statement = ClosingStatement {
        number: count(number)?,
        month,
        time_zone: app.config.time_zone.name().to_owned(),
        closed_at: app.clock.now(),
        journals: measured.journals,
        postings: measured.postings,
        charges: measured.charges,
        chain_count: count(measured.head.count)?,
        chain_head: link(&measured.head.hash)?,
        previous: last.map_or(Ok(GENESIS), |last| link(&last.hash))?,
        key: key.map(signature::key_name),
        totals: measured.totals.clone(),
    };
    let text = statement.text()?;
    let signed = key.map(|key| signature::sign(key, &text)).transpose()?;
    let position = tx.last_position()?;
    tx.add_period_event(&PeriodEvent {
        number,
        month: month.to_string(),
        kind: Kind::Closed.as_str().to_owned(),
        locked_through: Some(month.last_day().to_string()),
        position,
        reason: None,
        done_by: by.to_owned(),
        done_at: statement.closed_at.as_micros(),
    })?;
    let (row, totals) = rows(&statement, hash(&text).to_string(), signed)?;
    tx.add_closing_statement(&row, &totals)?;
    Ok(number)
}

/// The statement with that number.
pub(super) fn load(app: &App, number: i64) -> Result<Statement, Failure> {
    app.store.snapshot(|tx| {
        let row = tx.closing_statement(number)?.ok_or_else(|| {
            Failure::Unreadable(format!(
                "closing statement {number} is gone; run `avstem verify`"
            ))
        })?;
        read(tx, &row)
    })
}

/// The statement that a month was closed with last, whether it is open again or not.
pub fn find(app: &App, month: avstem_domain::revenue::Month) -> Result<Option<Statement>, Failure> {
    app.store.snapshot(|tx| {
        let rows = tx.closing_statements()?;
        let month = month.to_string();
        let last = rows.into_iter().rev().find(|row| row.month == month);
        last.map(|row| read(tx, &row)).transpose()
    })
}

/// A stored statement. Its text is made from its rows, not stored: changed rows are another text.
pub fn read(tx: &mut ReadTx<'_>, row: &StatementRow) -> Result<Statement, Failure> {
    let mut totals = Vec::new();
    for total in tx.closing_totals(row.number)? {
        let amount = |minor| money(minor, &total.currency);
        totals.push(AccountTotal {
            opening: amount(total.opening)?,
            debits: amount(total.debits)?,
            credits: amount(total.credits)?,
            account: total.account.clone(),
        });
    }
    // Databases have orders of their own.
    totals.sort_by(|a, b| {
        let key = |total: &AccountTotal| {
            (
                total.opening.currency().code().to_owned(),
                total.account.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    let of = ClosingStatement {
        number: count(row.number)?,
        month: parse_month(&row.month)?,
        time_zone: row.time_zone.clone(),
        closed_at: time(row.closed_at)?,
        journals: count(row.journals)?,
        postings: count(row.postings)?,
        charges: count(row.charges)?,
        chain_count: count(row.chain_count)?,
        chain_head: link(&row.chain_head)?,
        previous: link(&row.previous)?,
        key: row.key.clone().map(KeyName),
        totals,
    };
    Ok(Statement {
        text: of.text()?,
        of,
        hash: row.hash.clone(),
        signature: row.signature.clone(),
    })
}

fn rows(
    statement: &ClosingStatement,
    hash: String,
    signature: Option<String>,
) -> Result<(StatementRow, Vec<ClosingTotal>), Failure> {
    let number = stored(statement.number)?;
    let row = StatementRow {
        number,
        month: statement.month.to_string(),
        time_zone: statement.time_zone.clone(),
        closed_at: statement.closed_at.as_micros(),
        journals: stored(statement.journals)?,
        postings: stored(statement.postings)?,
        charges: stored(statement.charges)?,
        chain_count: stored(statement.chain_count)?,
        chain_head: statement.chain_head.to_string(),
        previous: statement.previous.to_string(),
        key: statement.key.clone().map(|KeyName(name)| name),
        hash,
        signature,
    };
    let total = |total: &AccountTotal| ClosingTotal {
        number,
        currency: total.opening.currency().code().to_owned(),
        account: total.account.clone(),
        opening: total.opening.minor(),
        debits: total.debits.minor(),
        credits: total.credits.minor(),
    };
    Ok((row, statement.totals.iter().map(total).collect()))
}

fn count(stored: i64) -> Result<u64, Failure> {
    u64::try_from(stored).map_err(|e| Failure::unreadable("a count of a closing statement", e))
}

fn stored(count: u64) -> Result<i64, Failure> {
    i64::try_from(count).map_err(|e| Failure::unreadable("a count of a closing statement", e))
}

fn link(text: &str) -> Result<ChainHash, Failure> {
    ChainHash::parse(text)
        .ok_or_else(|| Failure::Unreadable("a hash of a closing statement is not one".to_owned()))
}
