//! R3: earlier renewals are never refunded, also when the latest one cannot be.

use super::{Case, Clause, Code, Decision, Explanation, Rule, Standing};

pub(super) const RULE: Rule = Rule {
    code: Code::EarlierPeriod,
    clause: Clause::R3,
    applies,
    explain,
};

fn applies(case: &Case<'_>) -> Option<Decision> {
    match case.standing {
        Standing::NotLatest => Some(Decision::Reject),
        Standing::Latest { .. } => None,
    }
}

fn explain(case: &Case<'_>, _: Decision) -> Explanation {
    let (amount, day) = (case.amount(), case.paid_day());
    Explanation {
        sv: format!(
            "Betalningen på {} den {} gällde en tidigare period. Bara den senaste återkommande betalningen kan betalas tillbaka.",
            amount.sv, day.sv
        ),
        en: format!(
            "The payment of {} on {} was for an earlier period. Only the latest recurring payment can be refunded.",
            amount.en, day.en
        ),
    }
}
