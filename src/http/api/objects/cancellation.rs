//! Cancellations with their verdicts, and refunds.

use super::{Money, Period, optional_time, time};
use crate::app::Failure;
use crate::app::books::period;
use crate::app::cancellation::CancellationView;
use crate::app::refunds::RefundView;
use crate::http::problem::Problem;
use crate::store::rows;
use avstem_domain::cancellation::{Plan, Stop, StopMode};
use avstem_domain::refund_policy;
use serde::Serialize;

#[derive(Serialize)]
pub struct Verdict {
    charge: String,
    charge_provider_id: String,
    kind: String,
    amount: Money,
    period: Option<Period>,
    decision: String,
    refund_amount: Option<Money>,
    code: String,
    clause: String,
    explanation: Explanation,
}

#[derive(Serialize)]
struct Explanation {
    sv: String,
    en: String,
}

impl Verdict {
    fn of(verdict: &refund_policy::Verdict) -> Self {
        Self {
            charge: verdict.charge.to_string(),
            charge_provider_id: verdict.provider_charge.to_string(),
            kind: verdict.kind.as_str().to_owned(),
            amount: verdict.amount.into(),
            period: verdict.period.map(Period::from),
            decision: verdict.decision.as_str().to_owned(),
            refund_amount: verdict.decision.refund_amount().map(Money::from),
            code: verdict.code.as_str().to_owned(),
            clause: verdict.clause.as_str().to_owned(),
            explanation: Explanation {
                sv: verdict.explanation.sv.clone(),
                en: verdict.explanation.en.clone(),
            },
        }
    }

    fn stored(row: rows::Verdict) -> Result<Self, Failure> {
        let refund_amount = row
            .refund_amount
            .map(|minor| Money::from_minor(minor, &row.currency));
        Ok(Self {
            amount: Money::from_minor(row.amount, &row.currency)?,
            period: period(row.period_start, row.period_end)?.map(Period::from),
            refund_amount: refund_amount.transpose()?,
            charge: row.charge_id,
            charge_provider_id: row.charge_provider_id,
            kind: row.kind,
            decision: row.decision,
            code: row.code,
            clause: row.clause,
            explanation: Explanation {
                sv: row.explanation_sv,
                en: row.explanation_en,
            },
        })
    }
}

/// What a cancellation now would do.
#[derive(Serialize)]
pub struct Preview {
    stop: PlannedStop,
    verdicts: Vec<Verdict>,
}

#[derive(Serialize)]
struct PlannedStop {
    mode: &'static str,
    effective_at: String,
}

impl Preview {
    pub fn of(plan: &Plan) -> Self {
        let Stop {
            mode, effective_at, ..
        } = plan.stop;
        Self {
            stop: PlannedStop {
                mode: match mode {
                    StopMode::Immediate => "immediate",
                    StopMode::AtPeriodEnd => "at_period_end",
                },
                effective_at: effective_at.to_rfc3339(),
            },
            verdicts: plan.verdicts.iter().map(Verdict::of).collect(),
        }
    }
}

#[derive(Serialize)]
pub struct Cancellation {
    id: String,
    subscription: String,
    subscription_provider_id: String,
    state: String,
    origin: String,
    requested_by: String,
    refund: String,
    reason: Option<String>,
    received_at: String,
    /// The time that the rules go by.
    requested_at: String,
    stop: Option<StoredStop>,
    verdicts: Vec<Verdict>,
    refunds: Vec<Refund>,
    policy_version: Option<String>,
    letter_url: Option<String>,
    attention: Option<String>,
    /// When support asked for it to be taken back.
    undo_requested_at: Option<String>,
    undone_at: Option<String>,
}

#[derive(Serialize)]
struct StoredStop {
    mode: String,
    effective_at: Option<String>,
    done_at: Option<String>,
}

/// `refunds` are those of the view, with their charges.
pub fn cancellation(
    view: CancellationView,
    refunds: Vec<RefundView>,
    public_url: &str,
) -> Result<Cancellation, Problem> {
    let row = view.row;
    let (effective_at, done_at) = (
        optional_time(row.stop_effective_at)?,
        optional_time(row.stop_done_at)?,
    );
    let letter = format!("{public_url}/account/cancellations/{}", row.id);
    Ok(Cancellation {
        stop: row.stop_mode.map(|mode| StoredStop {
            mode,
            effective_at,
            done_at,
        }),
        verdicts: view
            .verdicts
            .into_iter()
            .map(Verdict::stored)
            .collect::<Result<_, _>>()?,
        refunds: refunds.into_iter().map(refund).collect::<Result<_, _>>()?,
        letter_url: (!view.receipts.is_empty()).then_some(letter),
        received_at: time(row.received_at)?,
        requested_at: time(row.judged_at)?,
        id: row.id,
        subscription: row.subscription_id,
        subscription_provider_id: view.subscription.provider_id,
        state: row.state,
        origin: row.origin,
        requested_by: row.requested_by,
        refund: row.refund,
        reason: row.reason,
        policy_version: row.policy_version,
        // What keeps it from going on now comes before what must be looked at in the end.
        attention: row.trouble.or(row.attention),
        undo_requested_at: optional_time(row.undo_requested_at)?,
        undone_at: optional_time(row.undone_at)?,
    })
}

#[derive(Serialize)]
pub struct Refund {
    id: String,
    provider_id: Option<String>,
    charge: String,
    charge_provider_id: Option<String>,
    cancellation: Option<String>,
    amount: Money,
    state: String,
    /// The first time that told of it.
    state_since: String,
    pending_reason: Option<String>,
    origin: String,
    policy_conform: Option<bool>,
    /// The verdict that granted it, or that judges what others made.
    code: Option<String>,
    clause: Option<&'static str>,
    reason: Option<String>,
    failure_reason: Option<String>,
    attention: Option<String>,
    created_at: String,
}

pub fn refund(view: RefundView) -> Result<Refund, Problem> {
    let row = view.row;
    Ok(Refund {
        amount: Money::from_minor(row.amount, &row.currency)?,
        created_at: time(row.created_at)?,
        state_since: time(row.state_since)?,
        pending_reason: row.pending_reason,
        id: row.id,
        provider_id: row.provider_id,
        charge: row.charge_id,
        charge_provider_id: view.charge_provider_id,
        cancellation: row.cancellation_id,
        state: row.state,
        origin: row.origin,
        policy_conform: row.policy_conform,
        clause: row.code.as_deref().and_then(clause),
        code: row.code,
        reason: row.reason,
        failure_reason: row.failure_reason,
        attention: row.attention,
    })
}

/// The clause that a verdict's code stands for.
fn clause(code: &str) -> Option<&'static str> {
    let rule = refund_policy::RULES
        .iter()
        .find(|rule| rule.code.as_str() == code)?;
    Some(rule.clause.as_str())
}
