//! R4: of a partly delivered period, the share not delivered is refunded.

use super::{Case, Clause, Code, Decision, Delivered, Explanation, PartlyDelivered, Rule, wording};

pub(super) const RULE: Rule = Rule {
    code: Code::LatestChargePartlyDelivered,
    clause: Clause::R4,
    applies,
    explain,
};

fn applies(case: &Case<'_>) -> Option<Decision> {
    match (case.delivered, case.policy.partly_delivered) {
        (Delivered::Part { undelivered, .. }, PartlyDelivered::UndeliveredShare) => {
            Some(Decision::PartialRefund(undelivered))
        }
        (Delivered::Part { .. }, PartlyDelivered::Reject | PartlyDelivered::Full)
        | (Delivered::NoReport | Delivered::Nothing | Delivered::All(_), _) => None,
    }
}

fn explain(case: &Case<'_>, decision: Decision) -> Explanation {
    let (amount, paid) = (case.amount(), case.paid_day());
    let back = wording::money(decision.refund_amount().unwrap_or(case.left));
    let (delivered, ordered) = match case.delivered {
        Delivered::Part { report, .. } | Delivered::All(report) => {
            (report.delivered, report.ordered)
        }
        Delivered::NoReport | Delivered::Nothing => (0, 0),
    };
    Explanation {
        sv: format!(
            "Av det som du betalade {} för den {} har {delivered} av {ordered} levererats. För resten har du rätt att få tillbaka {}.",
            amount.sv, paid.sv, back.sv
        ),
        en: format!(
            "Of what you paid {} for on {}, {delivered} of {ordered} has been delivered. For the rest you are entitled to get {} back.",
            amount.en, paid.en, back.en
        ),
    }
}
