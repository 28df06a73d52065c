//! Lines of reports onto their rows: each once, whatever files tell it. What a later file adds fills what was
//! empty; what contradicts an earlier one is a problem of the later.

use super::super::{App, Failure};
use crate::store::WriteTx;
use crate::store::rows::{ProviderLine as Row, StatementFile};
use avstem_domain::statement::{LineKind, ProviderLine};
use avstem_statements::formats::{Format, Role};
use avstem_statements::problem::{Problem, ProblemCode};
use std::collections::BTreeMap;

pub const fn role_of(format: Format) -> &'static str {
    match format.role() {
        Role::Movements => "movement",
        Role::Opinion => "opinion",
    }
}

/// Stores a batch; returns what contradicts lines that are here.
pub fn store(
    tx: &mut WriteTx<'_>,
    app: &App,
    file: &StatementFile,
    role: &str,
    lines: &[ProviderLine],
) -> Result<Vec<Problem>, Failure> {
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    let told: Vec<Row> = lines
        .iter()
        .map(|line| row(app, file, role, line))
        .collect();
    if tx.add_provider_lines(&told)? == told.len() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = told.iter().map(|row| row.id.clone()).collect();
    let known: BTreeMap<String, Row> = tx
        .provider_lines_by_ids(&file.owner, &ids)?
        .into_iter()
        .map(|row| (row.id.clone(), row))
        .collect();
    let (mut fuller, mut contradictions) = (Vec::new(), Vec::new());
    for (line, told) in lines.iter().zip(told) {
        let Some(kept) = known.get(&told.id) else {
            continue;
        };
        if !agree(kept, &told) {
            contradictions.push(contradiction(line, kept));
            continue;
        }
        let filled = filled(kept, told);
        if filled != *kept {
            fuller.push(filled);
        }
    }
    tx.save_provider_lines(&fuller)?;
    Ok(contradictions)
}

fn row(app: &App, file: &StatementFile, role: &str, line: &ProviderLine) -> Row {
    let moves = role == "movement" && !matches!(line.kind, LineKind::Memo(_));
    let facing = line.customer_facing;
    Row {
        connection: file.owner.clone(),
        id: line.id.to_string(),
        file_id: file.id.clone(),
        row_number: i64::try_from(line.row).unwrap_or(i64::MAX),
        role: role.to_owned(),
        kind: line.kind.to_text(),
        gross: line.amounts.gross().minor(),
        fee: line.amounts.fee().minor(),
        net: line.amounts.net().minor(),
        currency: line.amounts.net().currency().code().to_owned(),
        facing: facing.map(|amount| amount.minor()),
        facing_currency: facing.map(|amount| amount.currency().code().to_owned()),
        source: line.source.as_ref().map(ToString::to_string),
        charge: line.charge.as_ref().map(ToString::to_string),
        payout: line.payout.as_ref().map(ToString::to_string),
        trace_id: line.trace_id.clone(),
        merchant_reference: line.merchant_reference.clone(),
        occurred_at: line.occurred_at.as_micros(),
        day: line.occurred_at.date_in(app.config.time_zone).to_string(),
        available_on: line.available_on.map(|day| day.to_string()),
        text: line.text.clone(),
        // What moves no money has no journal to wait for.
        posted: !moves,
        suspense: 0,
        standing: if matches!(line.kind, LineKind::Memo(_)) {
            "told".to_owned()
        } else {
            "new".to_owned()
        },
    }
}

/// Whether two files say the same of what a line moved.
fn agree(kept: &Row, told: &Row) -> bool {
    let amounts = |row: &Row| (row.gross, row.fee, row.net, row.currency.clone());
    amounts(kept) == amounts(told) && (&kept.role, &kept.kind) == (&told.role, &told.kind)
}

/// The line as both files tell it together. What it is about stays once it is booked.
fn filled(kept: &Row, told: Row) -> Row {
    let mut row = kept.clone();
    if !row.posted {
        row.source = row.source.or(told.source);
    }
    if row.facing.is_none() {
        row.facing = told.facing;
        row.facing_currency = told.facing_currency;
    }
    row.charge = row.charge.or(told.charge);
    row.payout = row.payout.or(told.payout);
    row.trace_id = row.trace_id.or(told.trace_id);
    row.merchant_reference = row.merchant_reference.or(told.merchant_reference);
    row.available_on = row.available_on.or(told.available_on);
    row
}

fn contradiction(line: &ProviderLine, kept: &Row) -> Problem {
    let amounts = line.amounts;
    Problem {
        row: line.row,
        column: String::new(),
        code: ProblemCode::DoesNotAddUp,
        found: format!("{} {}", line.kind.to_text(), amounts.net()),
        expected: format!(
            "what an earlier file says of {}: {} of {} minor units net in {}; the earlier one counts",
            kept.id, kept.kind, kept.net, kept.currency
        ),
    }
}
