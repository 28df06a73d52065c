//! Planned → BillingStopped: future billing ends at the provider before any money moves.

use super::super::books::{self, time};
use super::super::provider::{Link, Unread, call_error, link, refusal_text, uncertainty};
use super::super::{App, Failure};
use super::saga::{Next, again_later, go_on, last_start, need_person};
use super::{is_over, provider_subscription, subscription_of};
use crate::store::rows::{Cancellation, Subscription};
use avstem_domain::time::Timestamp;
use avstem_webhooks::Observation;
use avstem_webhooks::outbound::{Ask, Outcome, Refusal};

pub(super) fn stop_billing(app: &App, held: &Cancellation) -> Result<Next, Failure> {
    let subscription = app.store.read(|tx| subscription_of(tx, held))?;
    let link = link(app, &subscription.connection)?;
    // Also where it seems to stop already: of a stop and its undoing within one second the stop is believed, whichever
    // came last, and the provider may go on.
    if is_over(&subscription) {
        return done(app, held, &subscription, &[]);
    }
    let ask = instruction(held, &subscription, app.clock.now())?;
    let Some(answer) = link.ask_before(&ask, last_start(held)?)? else {
        return Ok(Next::Wait);
    };
    let read_at = answer.read_at.unwrap_or_else(|| app.clock.now());
    match answer.result {
        Ok(Outcome::Executed { facts, .. }) => {
            let observed: Vec<Observation> = facts
                .into_iter()
                .map(|fact| link.observe(fact, read_at))
                .collect();
            done(app, held, &subscription, &observed)
        }
        Ok(Outcome::Refused(Refusal::RateLimited { retry_after_s })) => again_later(
            app,
            held,
            "the provider asks us to slow down",
            retry_after_s,
        ),
        Ok(Outcome::Refused(Refusal::WrongKey { message })) => {
            let why = format!(
                "the provider refuses our api_key ({message}); put a valid one in the settings"
            );
            need_person(app, held, &why)
        }
        Ok(Outcome::Refused(refusal)) => ask_again(
            app,
            held,
            &link,
            &subscription,
            &Doubt::Refused(refusal_text(&refusal)),
        ),
        Ok(Outcome::Unknown(why)) => ask_again(
            app,
            held,
            &link,
            &subscription,
            &Doubt::Unknown(uncertainty(&why)),
        ),
        Err(error) => ask_again(
            app,
            held,
            &link,
            &subscription,
            &Doubt::Unknown(call_error(&error)),
        ),
    }
}

fn instruction(
    held: &Cancellation,
    subscription: &Subscription,
    now: Timestamp,
) -> Result<Ask, Failure> {
    let id = provider_subscription(subscription)?;
    let end = held.stop_effective_at;
    Ok(match (held.stop_mode.as_deref(), end) {
        // The paid period is over: what the provider calls the current one is nobody's.
        (Some("at_period_end"), Some(end)) if end <= now.as_micros() => Ask::CancelNow(id),
        (Some("at_period_end"), Some(end)) if subscription.period_end == Some(end) => {
            Ask::CancelAtPeriodEnd(id)
        }
        (Some("at_period_end"), Some(end)) => Ask::CancelAt(id, time(end)?),
        (Some("immediate"), _) => Ask::CancelNow(id),
        (mode, _) => {
            return Err(Failure::Unreadable(format!(
                "cancellation {} stops {mode:?}",
                held.id
            )));
        }
    })
}

/// Whether the subscription, as known here, already stops the way the plan wants.
fn stops_as_planned(held: &Cancellation, subscription: &Subscription) -> bool {
    let at_period_end = held.stop_mode.as_deref() == Some("at_period_end");
    let scheduled = subscription.renewal == "stops"
        && subscription.period_end == held.stop_effective_at
        || subscription.cancel_at.is_some() && subscription.cancel_at == held.stop_effective_at;
    is_over(subscription) || at_period_end && scheduled
}

/// Whether the period ended while the instruction to stop at its end was under way: the provider has
/// then begun another, and stops only after that.
fn period_ended_meanwhile(row: &Cancellation, subscription: &Subscription, now: Timestamp) -> bool {
    let at_period_end = row.stop_mode.as_deref() == Some("at_period_end");
    let ended = row
        .stop_effective_at
        .is_some_and(|end| end <= now.as_micros());
    at_period_end && ended && !is_over(subscription)
}

/// Why we do not know that billing stopped.
enum Doubt {
    Refused(String),
    Unknown(String),
}

/// The instruction was not confirmed: the provider's own state of the subscription decides.
fn ask_again(
    app: &App,
    held: &Cancellation,
    link: &Link<'_>,
    subscription: &Subscription,
    doubt: &Doubt,
) -> Result<Next, Failure> {
    let id = provider_subscription(subscription)?;
    match link.read_all(|_| Ask::FetchSubscription(id.clone()))? {
        Ok(observed) => {
            let stopped = app.store.write(|tx| {
                books::absorb(tx, app.keeping(), &subscription.connection, &observed)?;
                let now = subscription_of(tx, held)?;
                Ok::<_, Failure>(stops_as_planned(held, &now))
            })?;
            match (stopped, doubt) {
                (true, _) => done(app, held, subscription, &[]),
                (false, Doubt::Unknown(why)) => again_later(app, held, why, None),
                (false, Doubt::Refused(why)) => {
                    need_person(app, held, &format!("billing could not be stopped: {why}"))
                }
            }
        }
        Err(Unread::Later { why, retry_after_s }) => again_later(app, held, &why, retry_after_s),
        Err(Unread::NeedsPerson { why }) => need_person(app, held, &why),
        Err(Unread::NotFound) => need_person(
            app,
            held,
            "the provider does not know the subscription any more",
        ),
    }
}

fn done(
    app: &App,
    held: &Cancellation,
    subscription: &Subscription,
    observed: &[Observation],
) -> Result<Next, Failure> {
    tracing::info!(cancellation.id = %held.id, subscription.id = %subscription.id, "Stopped billing for {}", subscription.id);
    go_on(app, held, |tx, row, now| {
        books::absorb(tx, app.keeping(), &subscription.connection, observed)?;
        if !observed.is_empty() && period_ended_meanwhile(row, &subscription_of(tx, row)?, now) {
            return Ok(());
        }
        row.stop_done_at.get_or_insert(now.as_micros());
        row.stop_asked_at = row.stop_asked_at.max(subscription_of(tx, row)?.canceled_at);
        row.step = "billing_stopped".to_owned();
        row.state = "canceling".to_owned();
        row.attempts = 0;
        Ok(())
    })
}
