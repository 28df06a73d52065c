//! What no pass could pair: differences that time will settle, lines that are not ours, and breaks.

use super::input::{Coverage, Record, RecordKind, RecordState, Role};
use super::outcome::{Expected, Finding, Item, Reason};
use super::provider_object::{finding, item};
use super::workspace::{OpenPayout, Workspace};
use super::{Rules, fee_split};
use crate::breaks::{BreakKind, Holding};
use crate::money::{Money, MoneyError};

pub fn tell(workspace: &mut Workspace<'_>) -> Result<(), MoneyError> {
    tell_lines(workspace);
    tell_records(workspace)?;
    tell_payouts(workspace)?;
    tell_entries(workspace);
    Ok(())
}

fn tell_lines(workspace: &mut Workspace<'_>) {
    for line in std::mem::take(&mut workspace.lines) {
        let gross = line.amounts.gross();
        match line.role {
            Role::Movement => {
                let nothing = Money::zero(gross.currency());
                let kind = BreakKind::MissingInLedger;
                let holding = Some(Holding::Suspense);
                let missing = finding(line, kind, (nothing, gross), holding);
                workspace.outcome.findings.push(missing);
            }
            Role::Opinion => workspace.outcome.expected.push(Expected {
                reason: Reason::NotSettled,
                subject: item(line),
                connection: line.connection.clone(),
                amount: gross,
                on: line.on,
            }),
        }
    }
}

fn tell_records(workspace: &mut Workspace<'_>) -> Result<(), MoneyError> {
    for record in std::mem::take(&mut workspace.records) {
        match (record.state, record.coverage) {
            // What came back or never moved need not be in any report.
            (RecordState::Unmoved | RecordState::CameBack, _) => {}
            (RecordState::Moved, Coverage::NotYet) => {
                workspace.outcome.expected.push(Expected {
                    reason: Reason::NotReported,
                    subject: Item::Record(record.connection.clone(), record.id.clone()),
                    connection: record.connection.clone(),
                    amount: taken_with_fee(record)?,
                    on: record.on,
                });
            }
            (RecordState::Moved, Coverage::Due) => {
                let missing = missing_at_provider(record)?;
                workspace.outcome.findings.push(missing);
            }
        }
    }
    Ok(())
}

/// What the books have moved the provider's account by.
fn taken_with_fee(record: &Record) -> Result<Money, MoneyError> {
    match record.kind {
        RecordKind::DisputeMovement { fee } => {
            let fee = Money::from_minor(fee, record.moves.currency());
            record.moves.checked_sub(fee)
        }
        RecordKind::Charge | RecordKind::Refund | RecordKind::Payout => Ok(record.moves),
    }
}

fn missing_at_provider(record: &Record) -> Result<Finding, MoneyError> {
    Ok(Finding {
        kind: BreakKind::MissingAtProvider,
        subject: Item::Record(record.connection.clone(), record.id.clone()),
        connection: Some(record.connection.clone()),
        reference: record.id.to_string(),
        expected: taken_with_fee(record)?,
        found: Money::zero(record.moves.currency()),
        holding: Some(Holding::Suspense),
        on: record.on,
    })
}

fn tell_payouts(workspace: &mut Workspace<'_>) -> Result<(), MoneyError> {
    let rules = workspace.rules;
    let open = workspace
        .payouts
        .iter()
        .filter(|payout| payout.is_on_its_way());
    for payout in open {
        if payout.rest != payout.payout.amount {
            workspace.outcome.findings.push(fee_split::short(payout)?);
        } else if may_be_on_its_way(payout, rules) {
            workspace.outcome.expected.push(Expected {
                reason: Reason::NotInBank,
                subject: subject(payout),
                connection: payout.payout.connection.clone(),
                amount: payout.rest,
                on: payout.payout.arrival,
            });
        } else {
            workspace.outcome.findings.push(Finding {
                kind: BreakKind::PayoutNotInBank,
                subject: subject(payout),
                connection: Some(payout.payout.connection.clone()),
                reference: payout.payout.id.to_string(),
                expected: payout.payout.amount,
                found: Money::zero(payout.rest.currency()),
                holding: Some(Holding::Transit),
                on: payout.payout.arrival,
            });
        }
    }
    Ok(())
}

fn may_be_on_its_way(payout: &OpenPayout<'_>, rules: Rules) -> bool {
    let late = rules
        .through
        .signed_duration_since(payout.payout.arrival)
        .num_days();
    late <= i64::from(rules.bank_days)
}

fn subject(payout: &OpenPayout<'_>) -> Item {
    Item::Payout(payout.payout.connection.clone(), payout.payout.id.clone())
}

fn tell_entries(workspace: &mut Workspace<'_>) {
    for open in std::mem::take(&mut workspace.entries) {
        let id = open.entry.id.clone();
        if open.connections.is_empty() && !workspace.names_a_payout(&open) {
            workspace.outcome.unrelated.push(Item::Entry(id));
            continue;
        }
        let connection = match open.connections.as_slice() {
            [one] => Some((*one).clone()),
            [] | [_, ..] => None,
        };
        workspace.outcome.findings.push(Finding {
            kind: BreakKind::BankLineUnmatched,
            reference: open
                .entry
                .reference
                .clone()
                .unwrap_or_else(|| id.to_string()),
            subject: Item::Entry(id),
            connection,
            expected: Money::zero(open.entry.amount.currency()),
            found: open.entry.amount,
            holding: None,
            on: open.entry.booked_on,
        });
    }
}
