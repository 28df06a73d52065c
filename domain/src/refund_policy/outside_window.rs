//! R5: the customer cancels in time. A request exactly as old as the window is still in time.

use super::{Case, Clause, Code, Decision, Explanation, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code::OutsideWindow,
    clause: Clause::R5,
    applies,
    explain,
};

fn applies(case: &Case<'_>) -> Option<Decision> {
    let paid_at = case.charge.paid_at?;
    let too_late = case.judged_at.micros_since(paid_at) > case.policy.refund_window.micros();
    too_late.then_some(Decision::Reject)
}

fn explain(case: &Case<'_>, _: Decision) -> Explanation {
    let (amount, paid, asked) = (case.amount(), case.paid_day(), case.request_day());
    let window = case.window();
    Explanation {
        sv: format!(
            "{} drogs den {} och du hörde av dig den {}. En betalning kan betalas tillbaka i {}, och den tiden hade gått ut.",
            amount.sv, paid.sv, asked.sv, window.sv
        ),
        en: format!(
            "{} was charged on {} and you contacted us on {}. A payment can be refunded for {}, and that time had passed.",
            amount.en, paid.en, asked.en, window.en
        ),
    }
}
