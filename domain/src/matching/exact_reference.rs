//! One side names the other by its own id: a report's line the movement that a webhook told of, a bank
//! line the payout.

use super::input::{Line, RecordKind, Role};
use super::outcome::{Counterpart, Finding, Item, Match};
use super::workspace::{OpenEntry, Workspace};
use crate::breaks::{BreakKind, Holding};
use crate::money::{Money, MoneyError};
use std::collections::BTreeMap;

pub fn run(workspace: &mut Workspace<'_>, pass: &'static str) -> Result<(), MoneyError> {
    pair_movements(workspace, pass)?;
    pair_named(workspace, pass, |open, payout| open.names(payout))
}

/// Lines of disputes and the movements that the disputes told of.
fn pair_movements(workspace: &mut Workspace<'_>, pass: &'static str) -> Result<(), MoneyError> {
    let mut told = BTreeMap::new();
    workspace.records.retain(|record| match record.kind {
        RecordKind::DisputeMovement { fee } => {
            told.insert((&record.connection, record.id.as_str()), (*record, fee));
            false
        }
        RecordKind::Charge | RecordKind::Refund | RecordKind::Payout => true,
    });
    for line in std::mem::take(&mut workspace.lines) {
        let found = match line.role {
            Role::Movement => told.remove(&(&line.connection, line.id.as_str())),
            Role::Opinion => None,
        };
        let Some((record, fee)) = found else {
            workspace.lines.push(line);
            continue;
        };
        let fee = Money::from_minor(fee, line.amounts.fee().currency());
        if fee == line.amounts.fee() {
            workspace.outcome.matches.push(Match {
                pass,
                item: Item::Line(line.connection.clone(), line.id.clone()),
                counterpart: Counterpart::Record(record.id.clone()),
                amount: line.amounts.net(),
                bank_fee: Money::zero(fee.currency()),
            });
        } else {
            let found = line.amounts.fee();
            workspace
                .outcome
                .findings
                .push(fee_finding(line, fee, found));
        }
    }
    workspace
        .records
        .extend(told.into_values().map(|(record, _)| record));
    Ok(())
}

pub fn fee_finding(line: &Line, expected: Money, found: Money) -> Finding {
    Finding {
        kind: BreakKind::FeeMismatch,
        subject: Item::Line(line.connection.clone(), line.id.clone()),
        connection: Some(line.connection.clone()),
        reference: line
            .source
            .as_ref()
            .map_or_else(|| line.id.to_string(), ToString::to_string),
        expected,
        found,
        holding: match line.role {
            Role::Movement => Some(Holding::Suspense),
            Role::Opinion => None,
        },
        on: line.on,
    }
}

/// Bank lines and the payouts that they name, where the amounts agree: one line of several payouts, one
/// payout in several lines.
pub fn pair_named(
    workspace: &mut Workspace<'_>,
    pass: &'static str,
    names: fn(&OpenEntry<'_>, &super::input::Payout) -> bool,
) -> Result<(), MoneyError> {
    let mut parts: BTreeMap<usize, Vec<OpenEntry<'_>>> = BTreeMap::new();
    let mut left = Vec::new();
    for open in std::mem::take(&mut workspace.entries) {
        let named = workspace.indices(|payout| {
            payout.is_on_its_way()
                && payout.rest.currency() == open.entry.amount.currency()
                && names(&open, payout.payout)
        });
        if workspace.sum(&named)? == Some(open.entry.amount) {
            workspace.pair(pass, &open, &named)?;
        } else if let [one] = named.as_slice() {
            parts.entry(*one).or_default().push(open);
        } else {
            left.push(open);
        }
    }
    for (payout, entries) in parts {
        let rest = workspace.sum(&[payout])?;
        let came = sum_of(&entries)?;
        if came.is_some() && came == rest {
            for open in entries {
                let amount = open.entry.amount;
                let no_fee = Money::zero(amount.currency());
                workspace.take(pass, &open, payout, amount, no_fee)?;
            }
        } else {
            left.extend(entries);
        }
    }
    left.sort_by_key(|open| (open.entry.booked_on, &open.entry.id));
    workspace.entries = left;
    Ok(())
}

pub fn sum_of(entries: &[OpenEntry<'_>]) -> Result<Option<Money>, MoneyError> {
    let mut amounts = entries.iter().map(|open| open.entry.amount);
    amounts.try_fold(None, |sum: Option<Money>, amount| {
        sum.map_or(Ok(amount), |sum| sum.checked_add(amount))
            .map(Some)
    })
}
