//! A cancellation taken back, at whatever step it is: the provider is told that billing goes on.

use super::super::books;
use super::super::provider::{Link, Unread, call_error, refusal_text, uncertainty};
use super::super::{App, Failure};
use super::finish_step::issue_receipt;
use super::plan_step::{Reached, reach};
use super::saga::{Next, again_later, last_start, let_go, need_person};
use super::{goes_on, is_over, provider_subscription, subscription_of};
use crate::store::rows::{Cancellation, Refund, Subscription};
use avstem_webhooks::Observation;
use avstem_webhooks::outbound::{Ask, Outcome, Refusal};

/// Why a cancellation cannot be taken back any more; `None` when it can, as far as is known here. Whether
/// a period has ended is for the provider to say, once it was asked to go on.
pub(super) fn too_late(
    row: &Cancellation,
    subscription: &Subscription,
    refunds: &[Refund],
) -> Option<&'static str> {
    if !refunds.is_empty() {
        Some("money goes or went back because of it")
    } else if row.stop_mode.as_deref() == Some("immediate") {
        Some("it stops at once and not at the end of the period")
    } else if is_over(subscription) {
        Some("the subscription has ended")
    } else {
        None
    }
}

pub(super) fn take_back(app: &App, held: &Cancellation) -> Result<Next, Failure> {
    let (subscription, refunds) = app.store.read(|tx| {
        let subscription = subscription_of(tx, held)?;
        let refunds = tx.refunds_of_cancellations(std::slice::from_ref(&held.id))?;
        Ok::<_, Failure>((subscription, refunds))
    })?;
    if too_late(held, &subscription, &refunds).is_some() {
        return refuse(app, held);
    }
    let link = match reach(app, held, &subscription)? {
        Reached::Link(link) => link,
        Reached::NeedsPerson(next) => return Ok(next),
    };
    // Also where nothing seems to stop it: an instruction of ours may have been carried out without an
    // answer.
    let ask = instruction(&subscription)?;
    let Some(answer) = link.ask_before(&ask, last_start(held)?)? else {
        return Ok(Next::Wait);
    };
    let read_at = answer.read_at.unwrap_or_else(|| app.clock.now());
    let doubt = match answer.result {
        Ok(Outcome::Executed { facts, .. }) => {
            let observed: Vec<Observation> = facts
                .into_iter()
                .map(|fact| link.observe(fact, read_at))
                .collect();
            return undone(app, held, &subscription, &observed);
        }
        Ok(Outcome::Refused(Refusal::RateLimited { retry_after_s })) => {
            let why = "the provider asks us to slow down";
            return again_later(app, held, why, retry_after_s);
        }
        Ok(Outcome::Refused(refusal)) => Doubt::Refused(refusal_text(&refusal)),
        Ok(Outcome::Unknown(why)) => Doubt::Unknown(uncertainty(&why)),
        Err(error) => Doubt::Unknown(call_error(&error)),
    };
    ask_again(app, held, &link, &subscription, &doubt)
}

fn instruction(subscription: &Subscription) -> Result<Ask, Failure> {
    let id = provider_subscription(subscription)?;
    let by_date = subscription.renewal == "renews" && subscription.cancel_at.is_some();
    Ok(if by_date {
        Ask::UnsetCancelAt(id)
    } else {
        Ask::RenewAgain(id)
    })
}

/// Why we do not know that billing goes on.
enum Doubt {
    Refused(String),
    Unknown(String),
}

/// It was not confirmed: the provider's own state of the subscription decides.
fn ask_again(
    app: &App,
    held: &Cancellation,
    link: &Link<'_>,
    subscription: &Subscription,
    doubt: &Doubt,
) -> Result<Next, Failure> {
    let id = provider_subscription(subscription)?;
    let observed = match link.read_all(|_| Ask::FetchSubscription(id.clone()))? {
        Ok(observed) => observed,
        Err(Unread::Later { why, retry_after_s }) => {
            return again_later(app, held, &why, retry_after_s);
        }
        Err(Unread::NeedsPerson { why }) => return need_person(app, held, &why),
        Err(Unread::NotFound) => {
            let why = "the provider does not know the subscription any more";
            return need_person(app, held, why);
        }
    };
    let now = app.store.write(|tx| {
        books::absorb(tx, app.keeping(), &subscription.connection, &observed)?;
        subscription_of(tx, held)
    })?;
    match doubt {
        _ if is_over(&now) => refuse(app, held),
        _ if goes_on(&now) => undone(app, held, subscription, &[]),
        Doubt::Unknown(why) => again_later(app, held, why, None),
        Doubt::Refused(why) => {
            need_person(app, held, &format!("it could not be taken back: {why}"))
        }
    }
}

/// It has taken effect: the wish is dropped, and the saga goes on where it was.
fn refuse(app: &App, held: &Cancellation) -> Result<Next, Failure> {
    tracing::warn!(cancellation.id = %held.id, "It was too late to take cancellation {} back", held.id);
    let next = let_go(app, held, |_, row, now| {
        row.undo_requested_at = None;
        row.trouble = None;
        if row.origin == "provider" {
            row.state = "completed".to_owned();
        }
        row.due_at = Some(now.as_micros());
        Ok(())
    })?;
    app.signals.cancellations.ring();
    Ok(next)
}

fn undone(
    app: &App,
    held: &Cancellation,
    subscription: &Subscription,
    observed: &[Observation],
) -> Result<Next, Failure> {
    tracing::info!(cancellation.id = %held.id, subscription.id = %subscription.id, "Took cancellation {} back", held.id);
    let_go(app, held, |tx, row, now| {
        books::absorb(tx, app.keeping(), &subscription.connection, observed)?;
        let seen = subscription_of(tx, row)?.seen_renewing_at;
        if row.origin == "avstem" {
            // Whatever stopped it until then was ours: what is told of it later is no news.
            row.stop_asked_at = row.stop_asked_at.max(seen);
        }
        row.state = "undone".to_owned();
        row.undone_at = Some(now.as_micros());
        row.attention = None;
        row.trouble = None;
        row.due_at = None;
        if row.origin == "avstem" {
            issue_receipt(app, tx, row, now)?;
        }
        Ok(())
    })
}
