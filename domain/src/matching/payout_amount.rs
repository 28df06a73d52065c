//! A bank line names the provider, and a payout of exactly its amount was to arrive about then. Payouts of
//! one amount are taken in the order of their arrival.

use super::workspace::Workspace;
use crate::money::MoneyError;

pub fn run(workspace: &mut Workspace<'_>, pass: &'static str) -> Result<(), MoneyError> {
    for open in std::mem::take(&mut workspace.entries) {
        let amount = open.entry.amount;
        let fits = |index: &usize| {
            workspace
                .payouts
                .get(*index)
                .is_some_and(|payout| payout.rest == amount)
        };
        match workspace.candidates(&open).into_iter().find(fits) {
            Some(index) => workspace.pair(pass, &open, &[index])?,
            None => workspace.entries.push(open),
        }
    }
    Ok(())
}
