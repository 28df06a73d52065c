//! R2: the latest recurring charge is refunded, less what was refunded before.

use super::{Case, Clause, Code, Decision, Explanation, Rule, wording};

pub(super) const RULE: Rule = Rule {
    code: Code::LatestCharge,
    clause: Clause::R2,
    applies,
    explain,
};

/// Takes every case: the rules above have turned away what is not to be refunded.
fn applies(case: &Case<'_>) -> Option<Decision> {
    Some(Decision::Refund(case.left))
}

fn explain(case: &Case<'_>, _: Decision) -> Explanation {
    let (amount, paid, window) = (case.amount(), case.paid_day(), case.window());
    let back = wording::money(case.left);
    let (rest_sv, rest_en) = if case.left == case.charge.amount {
        ("", "")
    } else {
        (
            ", det som återstår av betalningen",
            ", what is left of the payment",
        )
    };
    Explanation {
        sv: format!(
            "{} drogs den {}, och du hörde av dig inom {}. Du har rätt att få tillbaka {}{rest_sv}.",
            amount.sv, paid.sv, window.sv, back.sv
        ),
        en: format!(
            "{} was charged on {}, and you contacted us within {}. You are entitled to get {} back{rest_en}.",
            amount.en, paid.en, window.en, back.en
        ),
    }
}
