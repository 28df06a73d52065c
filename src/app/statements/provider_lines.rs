//! Lines of reports onto their rows: each once, whatever files tell it. What a later file adds fills what was
//! empty; what contradicts an earlier one is a problem of the later.

use super::super::books::money;
use super::super::{App, Failure};
use crate::store::rows::{ProviderLine as Row, StatementFile};
use crate::store::{ReadTx, WriteTx};
use avstem_domain::breaks::BreakKind;
use avstem_domain::statement::{LineKind, ProviderLine};
use avstem_statements::formats::{Format, Role};
use avstem_statements::problem::{Problem, ProblemCode};
use std::collections::{BTreeMap, HashMap, HashSet};

pub const fn role_of(format: Format) -> &'static str {
    match format.role() {
        Role::Movements => "movement",
        Role::Opinion => "opinion",
    }
}

/// Lines as a file tells them.
#[derive(Default)]
pub struct Told {
    pub lines: Vec<Row>,
    /// Those of them, by position, that agree with a charge that is booked and take no fee: when no other line is
    /// about the same charge, there is nothing to book.
    agreeing: Vec<usize>,
}

/// Finds the lines that agree with their charges.
pub fn compare_with_charges(
    tx: &mut ReadTx<'_>,
    connection: &str,
    told: &mut Told,
) -> Result<(), Failure> {
    let mut times: HashMap<&str, usize> = HashMap::new();
    for source in told.lines.iter().filter_map(|line| line.source.as_deref()) {
        let times = times.entry(source).or_default();
        *times = times.saturating_add(1);
    }
    let is_alone = |line: &&Row| {
        let times = line.source.as_deref().and_then(|source| times.get(source));
        times == Some(&1) && line.kind == "charge" && line.fee == 0 && !line.posted
    };
    let ids: Vec<&str> = told
        .lines
        .iter()
        .filter(is_alone)
        .filter_map(|line| line.source.as_deref())
        .collect();
    let booked: HashMap<String, (i64, String)> = tx
        .booked_charges(connection, &ids)?
        .into_iter()
        .map(|(id, amount, currency)| (id, (amount, currency)))
        .collect();
    let agrees = |line: &Row| {
        let charge = line.source.as_ref().and_then(|source| booked.get(source));
        charge.is_some_and(|(amount, currency)| (line.gross, &line.currency) == (*amount, currency))
    };
    let agreeing = told
        .lines
        .iter()
        .enumerate()
        .filter(|(_, line)| is_alone(line) && agrees(line))
        .map(|(position, _)| position);
    told.agreeing = agreeing.collect();
    Ok(())
}

/// Stores lines; returns what contradicts lines that are here.
pub fn store(
    tx: &mut WriteTx<'_>,
    connection: &str,
    told: &mut Told,
) -> Result<Vec<Problem>, Failure> {
    mark_what_needs_no_journal(tx, connection, told)?;
    if tx.add_provider_lines(&told.lines)? == told.lines.len() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = told.lines.iter().map(|row| row.id.clone()).collect();
    let known: BTreeMap<String, Row> = tx
        .provider_lines_by_ids(connection, &ids)?
        .into_iter()
        .map(|row| (row.id.clone(), row))
        .collect();
    let (mut fuller, mut contradictions) = (Vec::new(), Vec::new());
    for told in &told.lines {
        let Some(kept) = known.get(&told.id) else {
            continue;
        };
        if !agree(kept, told) {
            contradictions.push(contradiction(told, kept)?);
            continue;
        }
        let filled = filled(kept, told.clone());
        if filled != *kept {
            fuller.push(filled);
        }
    }
    tx.save_provider_lines(&fuller)?;
    Ok(contradictions)
}

/// Says of lines that agree that nothing is left to be booked, where no other line is about the charge, and it was
/// never missed at the provider, which would have to be taken back.
fn mark_what_needs_no_journal(
    tx: &mut WriteTx<'_>,
    connection: &str,
    told: &mut Told,
) -> Result<(), Failure> {
    let at = |position: &usize| told.lines.get(*position)?.source.as_deref();
    let sources: Vec<&str> = told.agreeing.iter().filter_map(at).collect();
    if sources.is_empty() {
        return Ok(());
    }
    let mut others: HashSet<String> = HashSet::from_iter(tx.sources_told(connection, &sources)?);
    if tx.has_breaks(connection, BreakKind::MissingAtProvider.as_str())? {
        let objects: Vec<String> = sources.iter().map(ToString::to_string).collect();
        let missed = tx.effects_of(connection, &objects)?.into_iter();
        let missed = missed.filter(|one| one.effect.starts_with("missing_at_provider"));
        others.extend(missed.map(|one| one.object));
    }
    for position in &told.agreeing {
        if let Some(line) = told.lines.get_mut(*position)
            && let Some(source) = &line.source
        {
            line.posted = !others.contains(source);
        }
    }
    Ok(())
}

pub fn row(app: &App, file: &StatementFile, role: &str, line: &ProviderLine) -> Row {
    let moves = role == "movement" && !matches!(line.kind, LineKind::Memo(_));
    let facing = line.customer_facing;
    Row {
        seq: 0, // the database numbers it
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

fn contradiction(told: &Row, kept: &Row) -> Result<Problem, Failure> {
    Ok(Problem {
        row: u64::try_from(told.row_number).unwrap_or(0),
        column: String::new(),
        code: ProblemCode::DoesNotAddUp,
        found: format!("{} {}", told.kind, money(told.net, &told.currency)?),
        expected: format!(
            "what an earlier file says of {}: {} of {} minor units net in {}; the earlier one counts",
            kept.id, kept.kind, kept.net, kept.currency
        ),
    })
}
