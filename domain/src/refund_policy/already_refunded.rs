//! R2: a charge is refunded once. Refunds under way count as done.

use super::{Case, Clause, Code, Decision, Explanation, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::AlreadyRefunded,
    clause: Clause::R2,
    applies,
    explain,
};

fn applies(case: &Case<'_>) -> Option<Decision> {
    (!case.left.is_positive()).then_some(Decision::Reject)
}

fn explain(case: &Case<'_>, _: Decision) -> Explanation {
    let (amount, day) = (case.amount(), case.paid_day());
    Explanation {
        sv: format!(
            "Hela betalningen på {} den {} är redan återbetald eller på väg tillbaka till dig.",
            amount.sv, day.sv
        ),
        en: format!(
            "The whole payment of {} on {} has already been refunded or is on its way back to you.",
            amount.en, day.en
        ),
    }
}
