//! Between stored lines and the domain's types.

use super::super::Failure;
use super::super::books::{money, time};
use crate::store::ReadTx;
use crate::store::rows::{ChargeLine, ProviderLine};
use avstem_domain::id::{ProviderChargeId, ProviderMovementId, ProviderObjectId};
use avstem_domain::ledger::account::Connection;
use avstem_domain::matching::input::{Line, Role};
use avstem_domain::money::Money;
use avstem_domain::statement::allotment::Claim;
use avstem_domain::statement::{LineAmounts, LineKind};
use chrono::NaiveDate;

pub fn kind(line: &ProviderLine) -> Result<LineKind, Failure> {
    LineKind::parse(&line.kind)
        .ok_or_else(|| Failure::Unreadable(format!("line {} of kind {:?}", line.id, line.kind)))
}

/// What the object that a line is about is called in the books: the provider's id of it, or the line's own
/// where there is none.
pub fn object(line: &ProviderLine) -> &str {
    line.source.as_deref().unwrap_or(&line.id)
}

pub fn gross(line: &ProviderLine) -> Result<Money, Failure> {
    money(line.gross, &line.currency)
}

pub fn fee(line: &ProviderLine) -> Result<Money, Failure> {
    money(line.fee, &line.currency)
}

pub fn customer_facing(line: &ProviderLine) -> Result<Option<Money>, Failure> {
    let (Some(minor), Some(currency)) = (line.facing, &line.facing_currency) else {
        return Ok(None);
    };
    money(minor, currency).map(Some)
}

pub fn claim(line: &ProviderLine) -> Result<Claim, Failure> {
    Ok(Claim {
        gross: gross(line)?,
        customer_facing: customer_facing(line)?,
    })
}

/// What the only line about a charge says of it.
pub fn claim_on(line: &ChargeLine) -> Result<Claim, Failure> {
    let facing = line.facing.zip(line.facing_currency.as_deref());
    let facing = facing.map(|(minor, currency)| money(minor, currency));
    Ok(Claim {
        gross: money(line.gross, &line.currency)?,
        customer_facing: facing.transpose()?,
    })
}

/// What the charge took by our records.
pub fn charged(line: &ChargeLine) -> Result<Money, Failure> {
    money(line.charged, &line.charged_currency)
}

/// The number of the last line that counts: lines of a file that is still being taken in do not, nor do those that
/// came after it began.
pub fn counted_until(tx: &mut ReadTx<'_>, connection: &str) -> Result<i64, Failure> {
    let unfinished = tx.unfinished_files()?;
    let theirs = unfinished
        .into_iter()
        .filter(|file| file.side == "settlement" && file.owner == connection);
    Ok(theirs
        .map(|file| file.lines_before)
        .min()
        .unwrap_or(i64::MAX))
}

pub fn day(text: &str) -> Result<NaiveDate, Failure> {
    text.parse().map_err(|e| Failure::unreadable("day", e))
}

pub fn role(line: &ProviderLine) -> Result<Role, Failure> {
    match line.role.as_str() {
        "movement" => Ok(Role::Movement),
        "opinion" => Ok(Role::Opinion),
        other => Err(Failure::Unreadable(format!("a line's role {other:?}"))),
    }
}

/// The whole line, to be compared.
pub fn line(row: &ProviderLine) -> Result<Line, Failure> {
    let amounts = LineAmounts::new(gross(row)?, fee(row)?, money(row.net, &row.currency)?)
        .map_err(|e| Failure::unreadable("a line's amounts", e))?;
    let id = |e| Failure::unreadable("a line's id", e);
    let source = row.source.as_deref().map(ProviderObjectId::parse);
    let charge = row.charge.as_deref().map(ProviderChargeId::parse);
    Ok(Line {
        connection: connection(&row.connection)?,
        id: ProviderMovementId::parse(&row.id).map_err(id)?,
        role: role(row)?,
        kind: kind(row)?,
        amounts,
        customer_facing: customer_facing(row)?,
        source: source.transpose().map_err(id)?,
        charge: charge.transpose().map_err(id)?,
        occurred_at: time(row.occurred_at)?,
        on: day(&row.day)?,
    })
}

pub fn connection(name: &str) -> Result<Connection, Failure> {
    Connection::parse(name).map_err(|e| Failure::unreadable("connection name", e))
}
