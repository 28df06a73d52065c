//! A bank line shows what the provider said that the bank would show.

use super::exact_reference::pair_named;
use super::workspace::Workspace;
use crate::money::MoneyError;

pub fn run(workspace: &mut Workspace<'_>, pass: &'static str) -> Result<(), MoneyError> {
    pair_named(workspace, pass, |open, payout| open.shows_trace_of(payout))
}
