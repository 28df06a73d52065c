//! What the letter and the pages say alike: verdicts, stops and the states of refunds.

use super::super::Failure;
use super::super::books::{money, period, time};
use crate::config::Locale;
use crate::i18n::Speech;
use crate::store::rows::{self, Cancellation, Refund};
use avstem_domain::cancellation::RefundChoice;
use avstem_domain::charge::ChargeKind;
use avstem_domain::money::Money;
use avstem_domain::refund_policy::{Decision, Verdict};

/// A verdict, told to the customer in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldVerdict {
    pub kind: String,
    pub amount: String,
    pub period: Option<String>,
    pub decision: String,
    pub explanation: String,
    pub clause: String,
}

impl ToldVerdict {
    /// A stored verdict. `choice` is what the cancellation asked for.
    pub fn of_row(
        row: &rows::Verdict,
        choice: RefundChoice,
        speech: Speech,
    ) -> Result<Self, Failure> {
        let amount = money(row.amount, &row.currency)?;
        let granted = row
            .refund_amount
            .map(|minor| money(minor, &row.currency))
            .transpose()?;
        let decision = match (row.decision.as_str(), granted) {
            ("refund", Some(granted)) => Decision::Refund(granted),
            ("partial_refund", Some(granted)) => Decision::PartialRefund(granted),
            ("reject", None) => Decision::Reject,
            (other, _) => return Err(Failure::Unreadable(format!("decision {other:?}"))),
        };
        let kind = ChargeKind::parse(&row.kind)
            .ok_or_else(|| Failure::Unreadable(format!("charge kind {:?}", row.kind)))?;
        Ok(Self {
            kind: charge_kind(kind, speech),
            amount: speech.money(amount),
            period: period(row.period_start, row.period_end)?.map(|period| speech.period(period)),
            decision: decided(decision, amount, choice, speech),
            explanation: explanation(&row.explanation_sv, &row.explanation_en, speech),
            clause: clause(&row.clause, speech),
        })
    }

    /// A verdict of a plan that nobody has asked to carry out yet.
    #[must_use]
    pub fn of_plan(verdict: &Verdict, speech: Speech) -> Self {
        Self {
            kind: charge_kind(verdict.kind, speech),
            amount: speech.money(verdict.amount),
            period: verdict.period.map(|period| speech.period(period)),
            decision: decided(
                verdict.decision,
                verdict.amount,
                RefundChoice::Policy,
                speech,
            ),
            explanation: explanation(&verdict.explanation.sv, &verdict.explanation.en, speech),
            clause: clause(verdict.clause.as_str(), speech),
        }
    }
}

fn charge_kind(kind: ChargeKind, speech: Speech) -> String {
    match kind {
        ChargeKind::Initial => speech.text("kind-initial"),
        ChargeKind::Renewal => speech.text("kind-renewal"),
        ChargeKind::Other => speech.text("kind-other"),
    }
}

fn decided(decision: Decision, charged: Money, choice: RefundChoice, speech: Speech) -> String {
    let granted = |amount: Money| speech.money(amount);
    match (decision, choice) {
        (Decision::Reject, RefundChoice::Policy | RefundChoice::None) => {
            speech.text("decision-reject")
        }
        (Decision::Refund(amount) | Decision::PartialRefund(amount), RefundChoice::None) => {
            speech.with("decision-waived", &[("amount", &granted(amount))])
        }
        (Decision::Refund(amount), RefundChoice::Policy) if amount == charged => {
            speech.with("decision-refund", &[("amount", &granted(amount))])
        }
        (Decision::Refund(amount), RefundChoice::Policy) => {
            speech.with("decision-rest", &[("amount", &granted(amount))])
        }
        (Decision::PartialRefund(amount), RefundChoice::Policy) => {
            speech.with("decision-partial", &[("amount", &granted(amount))])
        }
    }
}

fn explanation(sv: &str, en: &str, speech: Speech) -> String {
    match speech.locale {
        Locale::Sv => sv.to_owned(),
        Locale::En => en.to_owned(),
    }
}

fn clause(clause: &str, speech: Speech) -> String {
    speech.with("clause", &[("clause", clause)])
}

/// What a stored cancellation asked for.
pub fn refund_choice(row: &Cancellation) -> Result<RefundChoice, Failure> {
    match row.refund.as_str() {
        "policy" => Ok(RefundChoice::Policy),
        "none" => Ok(RefundChoice::None),
        other => Err(Failure::Unreadable(format!("refund choice {other:?}"))),
    }
}

/// When the subscription ends, or has ended. Nothing is promised before the provider has confirmed it.
pub fn stop(row: &Cancellation, speech: Speech) -> Result<String, Failure> {
    if row.state == "undone" {
        return Ok(speech.text("stop-undone"));
    }
    let confirmed = row
        .stop_done_at
        .and(row.stop_mode.as_deref())
        .zip(row.stop_effective_at);
    let Some((mode, effective_at)) = confirmed else {
        return Ok(speech.text("stop-under-way"));
    };
    let moment = speech.moment(time(effective_at)?);
    let values = [("moment", moment.as_str())];
    match mode {
        "immediate" if effective_at < row.judged_at => Ok(speech.with("stop-over", &values)),
        "immediate" => Ok(speech.with("stop-immediate", &values)),
        "at_period_end" => Ok(speech.with("stop-period-end", &values)),
        other => Err(Failure::Unreadable(format!("stop mode {other:?}"))),
    }
}

/// Where a refund stands, to go on a line after its amount. What is still owed is never called done.
pub fn refund_state(refund: &Refund, speech: Speech) -> Result<String, Failure> {
    Ok(match refund.state.as_str() {
        "pending" | "submitted" => waiting(refund, speech),
        "succeeded" => speech.text("refund-succeeded"),
        "failed" if refund.decided > 0 => {
            let owed = speech.money(money(refund.decided, &refund.currency)?);
            speech.with("refund-failed", &[("amount", &owed)])
        }
        "failed" => speech.text("refund-replaced"),
        "canceled" => speech.text("refund-canceled"),
        "unknown" => speech.text("refund-unknown"),
        other => return Err(Failure::Unreadable(format!("refund state {other:?}"))),
    })
}

fn waiting(refund: &Refund, speech: Speech) -> String {
    match (refund.pending_reason.as_deref(), refund.state.as_str()) {
        (Some("insufficient_funds"), _) => speech.text("refund-waits-for-us"),
        (Some("charge_pending"), _) => speech.text("refund-waits-for-charge"),
        (Some("requires_action"), _) => speech.text("refund-waits-for-you"),
        (_, "pending") => speech.text("refund-pending"),
        (_, _) => speech.text("refund-submitted"),
    }
}
