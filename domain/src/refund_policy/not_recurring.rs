//! R2: only recurring charges are refunded on a cancellation. A policy may exclude the first charge.

use super::{Case, Clause, Code, Decision, Explanation, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::NotRecurring,
    clause: Clause::R2,
    applies,
    explain,
};

fn applies(case: &Case<'_>) -> Option<Decision> {
    (!case.is_recurring()).then_some(Decision::Reject)
}

fn explain(case: &Case<'_>, _: Decision) -> Explanation {
    let (amount, day) = (case.amount(), case.paid_day());
    Explanation {
        sv: format!(
            "Betalningen på {} den {} räknas inte som en återkommande betalning. Bara den senaste återkommande betalningen kan betalas tillbaka vid en uppsägning.",
            amount.sv, day.sv
        ),
        en: format!(
            "The payment of {} on {} does not count as a recurring one. Only the latest recurring payment can be refunded when a subscription is cancelled.",
            amount.en, day.en
        ),
    }
}
