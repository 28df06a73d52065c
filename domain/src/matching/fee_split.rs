//! A bank line names a payout, and the amounts differ: what came is taken from the payout, and the bank's
//! own word on what it kept with it. What is left is for a person.

use super::input::PayoutState;
use super::outcome::{Finding, Item};
use super::workspace::{OpenEntry, OpenPayout, Workspace};
use crate::breaks::{BreakKind, Holding};
use crate::money::{Money, MoneyError};

pub fn run(workspace: &mut Workspace<'_>, pass: &'static str) -> Result<(), MoneyError> {
    for open in std::mem::take(&mut workspace.entries) {
        let named = |payout: &OpenPayout<'_>| {
            open.names(payout.payout) || open.shows_trace_of(payout.payout)
        };
        let on_their_way = workspace.indices(|payout| named(payout) && payout.is_on_its_way());
        let same_currency = |index: &usize| {
            let payout = workspace.payouts.get(*index);
            payout.is_some_and(|payout| payout.rest.currency() == open.entry.amount.currency())
        };
        let (payable, foreign): (Vec<usize>, Vec<usize>) =
            on_their_way.into_iter().partition(same_currency);
        if !payable.is_empty() {
            split(workspace, pass, &open, &payable)?;
        } else if let Some(payout) = foreign
            .first()
            .and_then(|index| workspace.payouts.get(*index))
        {
            let kind = BreakKind::CurrencyMismatch;
            let finding = of_entry(kind, &open, payout, payout.rest);
            workspace.outcome.findings.push(finding);
        } else if let Some(payout) = workspace
            .payouts
            .iter()
            .find(|payout| named(payout) && payout.payout.state == PayoutState::CameBack)
        {
            let nothing = Money::zero(open.entry.amount.currency());
            let finding = of_entry(BreakKind::StatusMismatch, &open, payout, nothing);
            workspace.outcome.findings.push(finding);
        } else {
            workspace.entries.push(open);
        }
    }
    Ok(())
}

/// Fills the payouts one after the other; the last takes whatever is left of the line, more or less.
fn split<'i>(
    workspace: &mut Workspace<'i>,
    pass: &'static str,
    open: &OpenEntry<'i>,
    payable: &[usize],
) -> Result<(), MoneyError> {
    let amount = open.entry.amount;
    let no_fee = Money::zero(amount.currency());
    let missing = match workspace.sum(payable)? {
        Some(rest) => rest.checked_sub(amount)?,
        None => no_fee,
    };
    let kept = open
        .entry
        .charges
        .filter(|charges| !missing.is_zero() && *charges == missing);
    let mut left = amount;
    for (number, index) in payable.iter().enumerate() {
        let is_last = number.saturating_add(1) == payable.len();
        let Some(rest) = workspace.payouts.get(*index).map(|payout| payout.rest) else {
            continue;
        };
        let part = if is_last || rest.minor().saturating_abs() > left.minor().saturating_abs() {
            left
        } else {
            rest
        };
        let fee = kept.filter(|_| is_last).unwrap_or(no_fee);
        left = left.checked_sub(part)?;
        if !part.is_zero() {
            workspace.take(pass, open, *index, part, fee)?;
        }
    }
    Ok(())
}

fn of_entry(
    kind: BreakKind,
    open: &OpenEntry<'_>,
    payout: &OpenPayout<'_>,
    expected: Money,
) -> Finding {
    Finding {
        kind,
        subject: Item::Entry(open.entry.id.clone()),
        connection: Some(payout.payout.connection.clone()),
        reference: payout.payout.id.to_string(),
        expected,
        found: open.entry.amount,
        holding: None,
        on: open.entry.booked_on,
    }
}

/// A payout of which something came, and not all of it.
pub fn short(payout: &OpenPayout<'_>) -> Result<Finding, MoneyError> {
    Ok(Finding {
        kind: BreakKind::PayoutAmountMismatch,
        subject: Item::Payout(payout.payout.connection.clone(), payout.payout.id.clone()),
        connection: Some(payout.payout.connection.clone()),
        reference: payout.payout.id.to_string(),
        expected: payout.payout.amount,
        found: payout.payout.amount.checked_sub(payout.rest)?,
        holding: Some(Holding::Transit),
        on: payout.payout.arrival,
    })
}
