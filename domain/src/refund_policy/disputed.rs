//! D3: money that a bank is deciding about, or has already moved, is not sent a second time.

use super::{Case, Clause, Code, Decision, Explanation, Rule};
use crate::event::DisputeStanding;

pub(super) const RULE: Rule = Rule {
    code: Code::Disputed,
    clause: Clause::D3,
    applies,
    explain,
};

fn applies(case: &Case<'_>) -> Option<Decision> {
    match case.charge.dispute {
        DisputeStanding::Blocks => Some(Decision::Reject),
        DisputeStanding::Undisputed | DisputeStanding::Refundable => None,
    }
}

fn explain(case: &Case<'_>, _: Decision) -> Explanation {
    let (amount, day) = (case.amount(), case.paid_day());
    Explanation {
        sv: format!(
            "Betalningen på {} den {} är bestridd hos banken. Pengarna avgörs där och kan inte också betalas tillbaka av oss.",
            amount.sv, day.sv
        ),
        en: format!(
            "The payment of {} on {} is disputed with the bank. The money is settled there and cannot be paid back by us as well.",
            amount.en, day.en
        ),
    }
}
