//! Cancellations with their verdicts, and refunds.

use super::{Money, Period, optional_time, time};
use crate::app::Failure;
use crate::app::books::period;
use crate::app::cancellation::CancellationView;
use crate::app::refunds::RefundView;
use crate::http::problem::Problem;
use crate::http::schema::{self, words};
use crate::store::rows;
use avstem_domain::cancellation::{Plan, Stop, StopMode};
use avstem_domain::refund_policy;
use schemars::JsonSchema;
use serde::Serialize;

/// What was decided about one charge, and why.
#[derive(Serialize, JsonSchema)]
pub struct Verdict {
    #[schemars(with = "schema::ChargeId")]
    charge: String,
    #[schemars(example = &"ch_1")]
    charge_provider_id: String,
    #[schemars(with = "words::ChargeKind")]
    kind: String,
    amount: Money,
    /// What it paid for.
    period: Option<Period>,
    #[schemars(with = "words::Decision")]
    decision: String,
    /// Null when nothing comes back.
    refund_amount: Option<Money>,
    #[schemars(with = "words::VerdictCode")]
    code: String,
    #[schemars(with = "words::Clause")]
    clause: String,
    explanation: Explanation,
}

/// A sentence or two for the customer, in both languages.
#[derive(Serialize, JsonSchema)]
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
#[derive(Serialize, JsonSchema)]
pub struct Preview {
    stop: PlannedStop,
    /// One for each charge.
    verdicts: Vec<Verdict>,
}

#[derive(Serialize, JsonSchema)]
struct PlannedStop {
    #[schemars(with = "words::StopMode")]
    mode: &'static str,
    /// When billing and service end.
    #[schemars(with = "schema::Time")]
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

/// A request to stop, and everything done about it.
#[derive(Serialize, JsonSchema)]
pub struct Cancellation {
    #[schemars(with = "schema::CancellationId")]
    id: String,
    #[schemars(with = "schema::SubscriptionId")]
    subscription: String,
    #[schemars(example = &"sub_1")]
    subscription_provider_id: String,
    #[schemars(with = "words::CancellationState")]
    state: String,
    #[schemars(with = "words::Origin")]
    origin: String,
    #[schemars(with = "words::RequestedBy")]
    requested_by: String,
    #[schemars(with = "words::RefundChoice")]
    refund: String,
    /// What the customer said.
    reason: Option<String>,
    #[schemars(with = "schema::Time")]
    received_at: String,
    /// The time that the rules go by.
    #[schemars(with = "schema::Time")]
    requested_at: String,
    /// Null until it is planned.
    stop: Option<StoredStop>,
    /// One for each charge, once it is planned.
    verdicts: Vec<Verdict>,
    refunds: Vec<Refund>,
    /// Which policy decided.
    policy_version: Option<String>,
    /// Leads to the receipt on the account page, once there is one.
    #[schemars(with = "Option<schema::Url>")]
    letter_url: Option<String>,
    /// Why a person must look.
    attention: Option<String>,
    /// When support asked for it to be taken back.
    undo_requested_at: Option<String>,
    undone_at: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct StoredStop {
    #[schemars(with = "words::StopMode")]
    mode: String,
    /// When billing and service end.
    #[schemars(with = "Option<schema::Time>")]
    effective_at: Option<String>,
    /// When the provider had done it.
    #[schemars(with = "Option<schema::Time>")]
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

/// Money back for one charge.
#[derive(Serialize, JsonSchema)]
pub struct Refund {
    #[schemars(with = "schema::RefundId")]
    id: String,
    /// Null until the provider has it.
    #[schemars(example = &"re_1")]
    provider_id: Option<String>,
    #[schemars(with = "schema::ChargeId")]
    charge: String,
    #[schemars(example = &"ch_1")]
    charge_provider_id: Option<String>,
    /// The cancellation that it belongs to.
    #[schemars(with = "Option<schema::CancellationId>")]
    cancellation: Option<String>,
    amount: Money,
    #[schemars(with = "words::RefundState")]
    state: String,
    /// The first time that told of it.
    #[schemars(with = "schema::Time")]
    state_since: String,
    /// Why it waits at the provider, in its word; null when it does not.
    #[schemars(example = &"insufficient_funds")]
    pending_reason: Option<String>,
    #[schemars(with = "words::Origin")]
    origin: String,
    /// Whether the rules grant what was refunded; null when that was not judged.
    policy_conform: Option<bool>,
    /// The verdict that granted it, or that judges what others made.
    #[schemars(with = "Option<words::VerdictCode>")]
    code: Option<String>,
    #[schemars(with = "Option<words::Clause>")]
    clause: Option<&'static str>,
    /// Why it was asked for.
    reason: Option<String>,
    /// What the provider said when it failed.
    failure_reason: Option<String>,
    /// Why a person must look.
    attention: Option<String>,
    /// When it was decided.
    #[schemars(with = "schema::Time")]
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
