//! Compares what providers and banks report with what our records say.
//!
//! [`run`] takes both sides and sends them through [`PASSES`], in order: each pass pairs what it is sure of
//! and leaves the rest to the next. What is left at the end is told apart into differences that time will
//! settle, bank lines that are none of a provider's, and breaks. So every line ends as exactly one of these,
//! and the order in which lines come does not matter.
//!
//! An amount alone never pairs anything: the three nearest payments of 125.00 are somebody else's.

mod covering_set;
mod exact_reference;
mod fee_split;
pub mod input;
mod leftovers;
pub mod outcome;
mod payout_amount;
mod payout_trace;
mod provider_object;
mod workspace;

use crate::money::{Money, MoneyError};
use crate::statement::allotment::{Agreement, Claim, Known, allot};
use chrono::NaiveDate;
use input::Input;
use outcome::Outcome;
use workspace::Workspace;

/// What the comparison goes by.
#[derive(Debug, Clone, Copy)]
pub struct Rules {
    /// The last day that counts; ages count to it.
    pub through: NaiveDate,
    /// Calendar days after its arrival date within which a payout may be missing at the bank. Inclusive.
    pub bank_days: u32,
}

/// One way of finding counterparts.
struct Pass {
    name: &'static str,
    run: fn(&mut Workspace<'_>, &'static str) -> Result<(), MoneyError>,
}

/// The pass that pairs lines with the objects that they name.
pub const PROVIDER_OBJECT: &str = "provider_object";

/// From the surest to the least sure.
const PASSES: &[Pass] = &[
    Pass {
        name: "exact_reference",
        run: exact_reference::run,
    },
    Pass {
        name: PROVIDER_OBJECT,
        run: provider_object::run,
    },
    Pass {
        name: "payout_trace",
        run: payout_trace::run,
    },
    Pass {
        name: "payout_amount",
        run: payout_amount::run,
    },
    Pass {
        name: "covering_set",
        run: covering_set::run,
    },
    Pass {
        name: "fee_split",
        run: fee_split::run,
    },
];

/// Pairs everything there is. Errors only when a sum does not fit in 64 bits of minor units.
pub fn run(input: &Input, rules: Rules) -> Result<Outcome, MoneyError> {
    let mut workspace = Workspace::new(input, rules);
    for pass in PASSES {
        (pass.run)(&mut workspace, pass.name)?;
    }
    leftovers::tell(&mut workspace)?;
    Ok(workspace.outcome)
}

/// Whether [`run`] pairs a charge that moved its money with the line about it, when that line is the only one, in
/// the pass [`PROVIDER_OBJECT`]. When it does not, all of [`run`] has to tell why. For lines by the million.
pub fn pairs_alone(line: Claim, charge: Money) -> Result<bool, MoneyError> {
    let alone = allot(Known::Moves(charge), &[line])?;
    Ok(alone
        .iter()
        .all(|allotment| allotment.agreement == Agreement::Agrees))
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_bank;
#[cfg(test)]
mod tests_order;
