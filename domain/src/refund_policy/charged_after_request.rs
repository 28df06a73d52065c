//! R6: a recurring charge paid after the customer asked to stop is a billing error. It does not take
//! the place of the latest charge, which is judged as of the request.

use super::{Case, Clause, Code, Decision, Explanation, Rule, wording};

pub(super) const RULE: Rule = Rule {
    code: Code::ChargedAfterRequest,
    clause: Clause::R6,
    applies,
    explain,
};

fn applies(case: &Case<'_>) -> Option<Decision> {
    let paid_after = case
        .charge
        .paid_at
        .is_some_and(|paid_at| paid_at > case.judged_at);
    (case.is_recurring() && paid_after).then_some(Decision::Refund(case.left))
}

fn explain(case: &Case<'_>, _: Decision) -> Explanation {
    let (amount, paid, asked) = (case.amount(), case.paid_day(), case.request_day());
    let back = wording::money(case.left);
    Explanation {
        sv: format!(
            "{} drogs den {}, efter att du hade hört av dig den {}. Det skulle inte ha dragits, och du har rätt att få tillbaka {}.",
            amount.sv, paid.sv, asked.sv, back.sv
        ),
        en: format!(
            "{} was charged on {}, after you had contacted us on {}. It should not have been, and you are entitled to get {} back.",
            amount.en, paid.en, asked.en, back.en
        ),
    }
}
