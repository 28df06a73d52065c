//! R4: a period that has been delivered is not refunded. Reports decide; without any, a period that
//! was over at the request counts as delivered.

use super::{Case, Clause, Code, Decision, Delivered, Explanation, PartlyDelivered, Rule, wording};

pub(super) const RULE: Rule = Rule {
    code: Code::PeriodDelivered,
    clause: Clause::R4,
    applies,
    explain,
};

fn applies(case: &Case<'_>) -> Option<Decision> {
    let delivered = match case.delivered {
        Delivered::All(_) => true,
        Delivered::Part { undelivered, .. } => match case.policy.partly_delivered {
            PartlyDelivered::Reject => true,
            // What rounds to nothing leaves nothing to refund.
            PartlyDelivered::UndeliveredShare => undelivered.is_zero(),
            PartlyDelivered::Full => false,
        },
        Delivered::Nothing => false,
        Delivered::NoReport => case
            .charge
            .period
            .is_some_and(|period| period.end() <= case.judged_at),
    };
    delivered.then_some(Decision::Reject)
}

fn explain(case: &Case<'_>, _: Decision) -> Explanation {
    let (amount, paid) = (case.amount(), case.paid_day());
    let (sv, en) = match case.delivered {
        Delivered::All(_) => (
            "har levererats i sin helhet".to_owned(),
            "has been delivered in full".to_owned(),
        ),
        Delivered::Part { report, .. } => (
            format!(
                "har redan levererats till {} av {}",
                report.delivered, report.ordered
            ),
            format!(
                "has already been delivered to {} of {}",
                report.delivered, report.ordered
            ),
        ),
        Delivered::Nothing | Delivered::NoReport => {
            let over = case
                .charge
                .period
                .map_or(case.judged_at, |period| period.end());
            let over = wording::day(over, case.zone);
            (
                format!("tog slut den {}", over.sv),
                format!("was over on {}", over.en),
            )
        }
    };
    Explanation {
        sv: format!(
            "Perioden som du betalade {} för den {} {sv}. En period som har levererats betalas inte tillbaka.",
            amount.sv, paid.sv
        ),
        en: format!(
            "The period that you paid {} for on {} {en}. A period that has been delivered is not refunded.",
            amount.en, paid.en
        ),
    }
}
