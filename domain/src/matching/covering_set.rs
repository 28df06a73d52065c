//! A bank line that is the exact sum of several payouts, or a payout that came in several bank lines. Only
//! where one set of few candidates covers it: with two there would be no telling which.

use super::workspace::{OpenEntry, OpenPayout, Workspace, is_near};
use crate::money::{Money, MoneyError};

/// More candidates than this are not tried: 2^16 sets are looked at in a moment, and with more of them
/// some set would fit by chance.
const CANDIDATES_MAX: usize = 16;

pub fn run(workspace: &mut Workspace<'_>, pass: &'static str) -> Result<(), MoneyError> {
    pair_lines_of_several_payouts(workspace, pass)?;
    pair_payouts_in_several_lines(workspace, pass)
}

fn pair_lines_of_several_payouts(
    workspace: &mut Workspace<'_>,
    pass: &'static str,
) -> Result<(), MoneyError> {
    for open in std::mem::take(&mut workspace.entries) {
        let candidates = workspace.candidates(&open);
        let rests: Vec<Money> = candidates
            .iter()
            .filter_map(|index| workspace.payouts.get(*index))
            .map(|payout| payout.rest)
            .collect();
        match only_cover(open.entry.amount, &rests) {
            Some(chosen) => {
                let indices: Vec<usize> = pick(&candidates, &chosen);
                workspace.pair(pass, &open, &indices)?;
            }
            None => workspace.entries.push(open),
        }
    }
    Ok(())
}

fn pair_payouts_in_several_lines(
    workspace: &mut Workspace<'_>,
    pass: &'static str,
) -> Result<(), MoneyError> {
    for index in 0..workspace.payouts.len() {
        let Some(payout) = workspace
            .payouts
            .get(index)
            .filter(|payout| payout.is_on_its_way())
        else {
            continue;
        };
        let rest = payout.rest;
        let near: Vec<usize> = workspace
            .entries
            .iter()
            .enumerate()
            .filter(|(_, open)| could_be_part(open, payout) && !workspace.names_a_payout(open))
            .map(|(position, _)| position)
            .collect();
        let amounts: Vec<Money> = near
            .iter()
            .filter_map(|position| workspace.entries.get(*position))
            .map(|open| open.entry.amount)
            .collect();
        let Some(chosen) = only_cover(rest, &amounts) else {
            continue;
        };
        let parts: Vec<usize> = pick(&near, &chosen);
        let all = std::mem::take(&mut workspace.entries);
        for (position, open) in all.into_iter().enumerate() {
            if parts.contains(&position) {
                let amount = open.entry.amount;
                let no_fee = Money::zero(amount.currency());
                workspace.take(pass, &open, index, amount, no_fee)?;
            } else {
                workspace.entries.push(open);
            }
        }
    }
    Ok(())
}

fn could_be_part(open: &OpenEntry<'_>, payout: &OpenPayout<'_>) -> bool {
    open.entry.amount.currency() == payout.rest.currency()
        && open.connections.contains(&&payout.payout.connection)
        && is_near(open.entry.booked_on, payout.payout.arrival)
}

fn pick(from: &[usize], chosen: &[usize]) -> Vec<usize> {
    chosen
        .iter()
        .filter_map(|position| from.get(*position))
        .copied()
        .collect()
}

/// The positions of the one set of two or more amounts that sum to `whole`; `None` when there is none, or
/// more than one, or too many amounts to try.
fn only_cover(whole: Money, amounts: &[Money]) -> Option<Vec<usize>> {
    if amounts.len() < 2 || amounts.len() > CANDIDATES_MAX {
        return None;
    }
    let minor: Vec<i128> = amounts
        .iter()
        .map(|amount| i128::from(amount.minor()))
        .collect();
    let mut found: Option<Vec<usize>> = None;
    for set in 0u32..(1u32 << minor.len()) {
        if set.count_ones() < 2 {
            continue;
        }
        let chosen = |position: &usize| set >> position & 1 == 1;
        let sum: i128 = minor
            .iter()
            .enumerate()
            .filter(|(position, _)| chosen(position))
            .map(|(_, amount)| amount)
            .sum();
        if sum == i128::from(whole.minor()) {
            if found.is_some() {
                return None;
            }
            found = Some((0..minor.len()).filter(chosen).collect());
        }
    }
    found
}
