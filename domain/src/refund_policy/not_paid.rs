//! R2: what was never paid cannot be paid back.

use super::{Case, Clause, Code, Decision, Explanation, Rule};
use crate::charge::ChargeStatus;

pub(super) const RULE: Rule = Rule {
    code: Code::NotPaid,
    clause: Clause::R2,
    applies,
    explain,
};

fn applies(case: &Case<'_>) -> Option<Decision> {
    let paid = match case.charge.status {
        ChargeStatus::Succeeded => {
            case.charge.paid_at.is_some() && case.charge.amount.is_positive()
        }
        ChargeStatus::Pending | ChargeStatus::Failed => false,
    };
    (!paid).then_some(Decision::Reject)
}

fn explain(case: &Case<'_>, _: Decision) -> Explanation {
    let amount = case.amount();
    Explanation {
        sv: format!(
            "Vi har inte fått någon betalning för debiteringen på {}, så det finns inget att betala tillbaka.",
            amount.sv
        ),
        en: format!(
            "We have received no payment for the charge of {}, so there is nothing to pay back.",
            amount.en
        ),
    }
}
