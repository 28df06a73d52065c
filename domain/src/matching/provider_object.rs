//! A line is about an object that our records have: charges, refunds and payouts, with all lines about each
//! taken together. Money that only the provider knows of, such as its fees, is booked from the line itself.

use super::exact_reference::fee_finding;
use super::input::{Line, Record, RecordKind, RecordState, Role};
use super::outcome::{Counterpart, Finding, Item, Match};
use super::workspace::Workspace;
use crate::breaks::{BreakKind, Holding};
use crate::id::ProviderObjectId;
use crate::ledger::account::Connection;
use crate::money::{Money, MoneyError};
use crate::statement::LineKind;
use crate::statement::allotment::{Agreement, Claim, Known, allot};
use std::collections::{BTreeMap, BTreeSet};

/// Lines of one kind about one object.
type GroupKey<'i> = (&'i Connection, &'static str, &'i ProviderObjectId);
/// A record by what it is and its id.
type RecordKey<'i> = (&'i Connection, RecordKind, &'i ProviderObjectId);

pub fn run(workspace: &mut Workspace<'_>, pass: &'static str) -> Result<(), MoneyError> {
    let mut groups: BTreeMap<GroupKey<'_>, Vec<&Line>> = BTreeMap::new();
    let mut opinions = Vec::new();
    for line in std::mem::take(&mut workspace.lines) {
        if line.role == Role::Opinion {
            opinions.push(line);
            continue;
        }
        match (of_object(&line.kind), &line.source) {
            (Told::Object(_), Some(source)) => {
                let key = (&line.connection, line.kind.word(), source);
                groups.entry(key).or_default().push(line);
            }
            (Told::Alone, _) => {
                let paired = paired(pass, line, Counterpart::Books);
                workspace.outcome.matches.push(paired);
            }
            (Told::Nothing, _) => workspace.outcome.unrelated.push(item(line)),
            (Told::Object(_) | Told::Unknown, _) => workspace.lines.push(line),
        }
    }
    let records: BTreeMap<RecordKey<'_>, &Record> = workspace
        .records
        .iter()
        .map(|record| ((&record.connection, record.kind, &record.id), *record))
        .collect();
    let mut seen = BTreeSet::new();
    for ((connection, _, source), lines) in groups {
        let Some(first) = lines.first() else { continue };
        let Told::Object(kind) = of_object(&first.kind) else {
            continue;
        };
        let record = records.get(&(connection, kind, source)).copied();
        if record.is_some() && !comes_back(&first.kind) {
            seen.insert((connection, kind, source));
        }
        judge(workspace, pass, &lines, record)?;
    }
    workspace
        .records
        .retain(|record| !seen.contains(&(&record.connection, record.kind, &record.id)));
    compare_opinions(workspace, pass, opinions);
    Ok(())
}

/// What a line of a kind is about.
enum Told {
    Object(RecordKind),
    /// Only the provider knows, and the line says all that there is to know.
    Alone,
    /// It moves no money.
    Nothing,
    Unknown,
}

const fn of_object(kind: &LineKind) -> Told {
    match kind {
        LineKind::Charge => Told::Object(RecordKind::Charge),
        LineKind::Refund | LineKind::RefundFailure => Told::Object(RecordKind::Refund),
        LineKind::Payout | LineKind::PayoutReturned => Told::Object(RecordKind::Payout),
        LineKind::DisputeWithdrawn
        | LineKind::DisputeReinstated
        | LineKind::Fee
        | LineKind::ReserveHeld
        | LineKind::ReserveReleased
        | LineKind::Conversion
        | LineKind::TopUp => Told::Alone,
        LineKind::Memo(_) => Told::Nothing,
        LineKind::Adjustment | LineKind::Other(_) => Told::Unknown,
    }
}

/// Whether lines of a kind take back what the object moved before.
#[must_use]
pub const fn comes_back(kind: &LineKind) -> bool {
    match kind {
        LineKind::RefundFailure | LineKind::PayoutReturned => true,
        LineKind::Charge
        | LineKind::Refund
        | LineKind::DisputeWithdrawn
        | LineKind::DisputeReinstated
        | LineKind::Fee
        | LineKind::Payout
        | LineKind::ReserveHeld
        | LineKind::ReserveReleased
        | LineKind::Conversion
        | LineKind::TopUp
        | LineKind::Adjustment
        | LineKind::Memo(_)
        | LineKind::Other(_) => false,
    }
}

/// What lines of `kind` can settle of a record.
fn known_by(kind: &LineKind, record: &Record) -> Result<Known, MoneyError> {
    Ok(match record.state {
        RecordState::Unmoved => Known::Unmoved,
        RecordState::Moved | RecordState::CameBack if comes_back(kind) => {
            Known::Moves(record.moves.checked_neg()?)
        }
        RecordState::Moved | RecordState::CameBack => Known::Moves(record.moves),
    })
}

/// All lines of one kind about one object, oldest first.
fn judge(
    workspace: &mut Workspace<'_>,
    pass: &'static str,
    lines: &[&Line],
    record: Option<&Record>,
) -> Result<(), MoneyError> {
    let Some(first) = lines.first() else {
        return Ok(());
    };
    let alone = matches!(first.kind, LineKind::Payout | LineKind::PayoutReturned);
    let known = match record {
        Some(record) => known_by(&first.kind, record)?,
        // A payout needs no event: the first line is it.
        None if alone => Known::Moves(first.amounts.gross()),
        None => Known::Nothing,
    };
    let claims: Vec<Claim> = lines.iter().map(|line| claim(line)).collect();
    // By our records the money is still where it went.
    let contradicts =
        comes_back(&first.kind) && record.is_some_and(|record| record.state == RecordState::Moved);
    for (line, allotment) in lines.iter().zip(allot(known, &claims)?) {
        let nothing = Money::zero(line.amounts.gross().currency());
        let gross = line.amounts.gross();
        let (kind, expected, found) = match allotment.agreement {
            Agreement::Agrees if contradicts => (BreakKind::StatusMismatch, nothing, gross),
            Agreement::Agrees => {
                let counterpart = record.map_or(Counterpart::Books, |record| {
                    Counterpart::Record(record.id.clone())
                });
                workspace
                    .outcome
                    .matches
                    .push(paired(pass, line, counterpart));
                continue;
            }
            Agreement::NothingKnown => (BreakKind::MissingInLedger, nothing, gross),
            Agreement::Unmoved => (BreakKind::StatusMismatch, nothing, gross),
            Agreement::AmountDiffers { expected, found } => {
                (BreakKind::AmountMismatch, expected, found)
            }
            Agreement::CurrencyDiffers { expected, found } => {
                (BreakKind::CurrencyMismatch, expected, found)
            }
            Agreement::Repeated => (BreakKind::DuplicateAtProvider, nothing, gross),
        };
        let in_suspense = !allotment.in_suspense(gross)?.is_zero();
        let holding = in_suspense.then_some(Holding::Suspense);
        workspace
            .outcome
            .findings
            .push(finding(line, kind, (expected, found), holding));
    }
    Ok(())
}

/// What a line says that its object moved.
#[must_use]
pub fn claim(line: &Line) -> Claim {
    Claim {
        gross: line.amounts.gross(),
        customer_facing: line.customer_facing,
    }
}

pub fn finding(
    line: &Line,
    kind: BreakKind,
    (expected, found): (Money, Money),
    holding: Option<Holding>,
) -> Finding {
    Finding {
        kind,
        subject: item(line),
        connection: Some(line.connection.clone()),
        reference: line
            .source
            .as_ref()
            .map_or_else(|| line.id.to_string(), ToString::to_string),
        expected,
        found,
        holding,
        on: line.on,
    }
}

pub fn item(line: &Line) -> Item {
    Item::Line(line.connection.clone(), line.id.clone())
}

fn paired(pass: &'static str, line: &Line, counterpart: Counterpart) -> Match {
    let amount = line.amounts.net();
    Match {
        pass,
        item: item(line),
        counterpart,
        amount,
        bank_fee: Money::zero(amount.currency()),
    }
}

/// Second opinions, each with a movement of its payment that is of the same kind: one of the same amount if
/// there is any.
fn compare_opinions<'i>(
    workspace: &mut Workspace<'i>,
    pass: &'static str,
    opinions: Vec<&'i Line>,
) {
    let input = workspace.input;
    let mut movements: Vec<&Line> = input
        .lines
        .iter()
        .chain(&input.context)
        .filter(|line| line.role == Role::Movement && line.charge.is_some())
        .collect();
    movements.sort_by_key(|line| (&line.connection, line.occurred_at, &line.id));
    movements.dedup_by_key(|line| (&line.connection, &line.id));
    for opinion in opinions {
        if let LineKind::Memo(_) = opinion.kind {
            workspace.outcome.unrelated.push(item(opinion));
            continue;
        }
        let same = |line: &&Line| {
            (&line.connection, &line.charge, &line.kind)
                == (&opinion.connection, &opinion.charge, &opinion.kind)
        };
        let exact = |line: &&Line| same(line) && line.amounts.gross() == opinion.amounts.gross();
        let position = movements
            .iter()
            .position(exact)
            .or_else(|| movements.iter().position(same));
        let Some(movement) = position.map(|position| movements.remove(position)) else {
            workspace.lines.push(opinion);
            continue;
        };
        let (settled, told) = (movement.amounts, opinion.amounts);
        if settled.gross() != told.gross() {
            let amounts = (settled.gross(), told.gross());
            let finding = finding(opinion, BreakKind::AmountMismatch, amounts, None);
            workspace.outcome.findings.push(finding);
        } else if settled.fee() != told.fee() {
            let finding = fee_finding(opinion, settled.fee(), told.fee());
            workspace.outcome.findings.push(finding);
        } else {
            let counterpart = Counterpart::Movement(movement.id.clone());
            workspace
                .outcome
                .matches
                .push(paired(pass, opinion, counterpart));
        }
    }
}
