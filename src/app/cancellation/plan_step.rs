//! Requested → Planned: the facts are read again from the provider, and the plan is stored whole.

use super::super::facts::SubscriptionPicture;
use super::super::provider::{Link, Unread, link};
use super::super::{App, Failure, books};
use super::saga::{Next, again_later, go_on, need_person};
use super::{is_over, picture_of, read_from_provider, request_of, subscription_of};
use crate::store::WriteTx;
use crate::store::rows::{Cancellation, Subscription, Verdict};
use avstem_domain::cancellation::{Attention, Plan, StopMode, StopStanding, plan};
use avstem_domain::refund_policy;
use avstem_domain::time::Timestamp;

pub(super) fn plan_it(app: &App, held: &Cancellation) -> Result<Next, Failure> {
    let subscription = app.store.read(|tx| subscription_of(tx, held))?;
    let link = match reach(app, held, &subscription)? {
        Reached::Link(link) => link,
        Reached::NeedsPerson(next) => return Ok(next),
    };
    let observations = match read_from_provider(&link, &subscription)? {
        Ok(observations) => observations,
        Err(Unread::Later { why, retry_after_s }) => {
            return again_later(app, held, &why, retry_after_s);
        }
        Err(Unread::NeedsPerson { why }) => return need_person(app, held, &why),
        Err(Unread::NotFound) => {
            return need_person(
                app,
                held,
                "the provider does not know the subscription; is the api_key of the right account?",
            );
        }
    };
    go_on(app, held, |tx, row, now| {
        books::absorb(tx, app.keeping(), &subscription.connection, &observations)?;
        let subscription = subscription_of(tx, row)?;
        row.stop_asked_at = subscription.canceled_at.filter(|_| is_over(&subscription));
        let picture = picture_of(tx, subscription)?;
        let plan = plan(
            &picture.facts()?,
            request_of(row)?,
            &app.policy,
            app.config.time_zone,
        )?;
        store_plan(tx, row, &plan, now)
    })
}

/// The provider's connection, or what comes of its absence.
pub(super) enum Reached<'a> {
    Link(Link<'a>),
    NeedsPerson(Next),
}

pub(super) fn reach<'a>(
    app: &'a App,
    held: &Cancellation,
    subscription: &Subscription,
) -> Result<Reached<'a>, Failure> {
    let why = match link(app, &subscription.connection) {
        Ok(link) if link.connection.api_key.is_some() => return Ok(Reached::Link(link)),
        Ok(_) => "the connection has no api_key any more; put one in the settings".to_owned(),
        Err(error @ Failure::UnknownConnection(_)) => error.to_string(),
        Err(error) => return Err(error),
    };
    Ok(Reached::NeedsPerson(need_person(app, held, &why)?))
}

fn store_plan(
    tx: &mut WriteTx<'_>,
    row: &mut Cancellation,
    plan: &Plan,
    now: Timestamp,
) -> Result<(), Failure> {
    let verdicts: Vec<Verdict> = (0..)
        .zip(&plan.verdicts)
        .map(|(position, verdict)| verdict_row(&row.id, position, verdict, now))
        .collect();
    tx.add_verdicts(&verdicts)?;
    row.stop_mode = Some(mode_text(plan.stop.mode).to_owned());
    row.stop_effective_at = Some(plan.stop.effective_at.as_micros());
    row.policy_version = Some(plan.policy_version.clone());
    row.attention = attention_text(&plan.attention);
    row.state = "canceling".to_owned();
    row.attempts = 0;
    match plan.stop.standing {
        StopStanding::ToDo => row.step = "planned".to_owned(),
        StopStanding::AlreadyStopped => {
            row.step = "billing_stopped".to_owned();
            row.stop_done_at = Some(now.as_micros());
        }
    }
    Ok(())
}

/// Verdicts of charges that came after the plan, appended to it; the newest first among themselves.
/// Returns them.
pub(super) fn add_late_verdicts(
    app: &App,
    tx: &mut WriteTx<'_>,
    row: &mut Cancellation,
    picture: &SubscriptionPicture,
    now: Timestamp,
) -> Result<Vec<Verdict>, Failure> {
    let known = tx.verdicts_of(std::slice::from_ref(&row.id))?;
    let request = request_of(row)?;
    let mut facts = picture.facts()?;
    for charge in &mut facts.charges {
        if !known
            .iter()
            .any(|verdict| verdict.charge_id == charge.charge.to_string())
        {
            charge.paid_at = charge
                .paid_at
                .map(|paid_at| after_if_same_second(paid_at, request.judged_at));
        }
    }
    let plan = plan(&facts, request, &app.policy, app.config.time_zone)?;
    let verdicts = late_verdicts(row, &known, &plan, now);
    tx.add_verdicts(&verdicts)?;
    if let Some(why) = attention_text(&plan.attention) {
        row.attention = Some(why);
    }
    Ok(verdicts)
}

/// Providers tell times in whole seconds. A charge of the request's own second that was not there when
/// the facts were read, which was after the request, was paid after it.
fn after_if_same_second(paid_at: Timestamp, judged_at: Timestamp) -> Timestamp {
    if paid_at.unix_seconds() == judged_at.unix_seconds() {
        paid_at.max(judged_at.saturating_add_micros(1))
    } else {
        paid_at
    }
}

/// Verdicts of charges taken after the request that have none yet. One that was in payment when the plan
/// was made has one already (`not_paid`): the new one follows it.
fn late_verdicts(
    row: &Cancellation,
    known: &[Verdict],
    plan: &Plan,
    now: Timestamp,
) -> Vec<Verdict> {
    let code = refund_policy::Code::ChargedAfterRequest;
    let is_judged = |charge: &str| {
        known
            .iter()
            .any(|v| v.charge_id == charge && v.code == code.as_str())
    };
    let late = plan
        .verdicts
        .iter()
        .filter(|verdict| verdict.code == code && !is_judged(&verdict.charge.to_string()));
    let next = i64::try_from(known.len()).unwrap_or(i64::MAX);
    (next..)
        .zip(late)
        .map(|(position, verdict)| verdict_row(&row.id, position, verdict, now))
        .collect()
}

fn verdict_row(
    cancellation: &str,
    position: i64,
    verdict: &refund_policy::Verdict,
    now: Timestamp,
) -> Verdict {
    Verdict {
        cancellation_id: cancellation.to_owned(),
        position,
        charge_id: verdict.charge.to_string(),
        charge_provider_id: verdict.provider_charge.to_string(),
        kind: verdict.kind.as_str().to_owned(),
        amount: verdict.amount.minor(),
        currency: verdict.amount.currency().code().to_owned(),
        period_start: verdict.period.map(|period| period.start().as_micros()),
        period_end: verdict.period.map(|period| period.end().as_micros()),
        decision: verdict.decision.as_str().to_owned(),
        refund_amount: verdict
            .decision
            .refund_amount()
            .map(|amount| amount.minor()),
        code: verdict.code.as_str().to_owned(),
        clause: verdict.clause.as_str().to_owned(),
        explanation_sv: verdict.explanation.sv.clone(),
        explanation_en: verdict.explanation.en.clone(),
        decided_at: now.as_micros(),
    }
}

pub(super) const fn mode_text(mode: StopMode) -> &'static str {
    match mode {
        StopMode::Immediate => "immediate",
        StopMode::AtPeriodEnd => "at_period_end",
    }
}

fn attention_text(attention: &[Attention]) -> Option<String> {
    let texts: Vec<String> = attention
        .iter()
        .map(|why| match why {
            Attention::SharedInvoice(charge) => {
                format!("the invoice of charge {charge} bills several subscriptions: split it and refund by hand")
            }
            Attention::ChargedAfterRequestWithoutRefund(charge) => format!(
                "charge {charge} was taken after the request, which asked for no refund: decide whether it goes back"
            ),
        })
        .collect();
    (!texts.is_empty()).then(|| texts.join("; "))
}
