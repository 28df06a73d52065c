//! BillingStopped → RefundRequested: what the rules granted becomes money operations.

use super::super::books::{self, Books};
use super::super::facts::{ChargePicture, SubscriptionPicture};
use super::super::provider::{Link, Unread, link};
use super::super::refund_operation::{Grant, operation};
use super::super::{App, Failure};
use super::plan_step::add_late_verdicts;
use super::renewal_invoices::{Neutralised, neutralise, renewals_to_neutralise};
use super::saga::{Next, again_later, go_on, need_person};
use super::{picture_of, read_from_provider, subscription_of};
use crate::store::WriteTx;
use crate::store::rows::{Cancellation, Subscription, Verdict};
use avstem_domain::time::Timestamp;
use avstem_webhooks::Observation;

/// Renewal invoices are neutralised first; then what the provider charged meanwhile is judged; then
/// every refund that was granted becomes a money operation, in the commit that ends the step.
pub(super) fn settle_invoices_and_decide(app: &App, held: &Cancellation) -> Result<Next, Failure> {
    let subscription = app.store.read(|tx| subscription_of(tx, held))?;
    let link = link(app, &subscription.connection)?;
    let observed = match read_from_provider(&link, &subscription)? {
        Ok(observed) => observed,
        Err(unread) => return unread_next(app, held, unread),
    };
    match neutralise(&link, &subscription, &observed)? {
        Neutralised::Nothing => {}
        // What was done is looked at again: a renewal may have been paid while we were at it.
        Neutralised::Some => return go_on(app, held, |_, _, _| Ok(())),
        Neutralised::MovedOn => return look_again(app, held, &link, &subscription, &observed),
        Neutralised::Later { why, retry_after_s } => {
            return again_later(app, held, &why, retry_after_s);
        }
    }
    go_on(app, held, |tx, row, now| {
        books::absorb(tx, app.keeping(), &subscription.connection, &observed)?;
        decide(app, tx, row, now)
    })
}

/// An invoice could not be voided: paid meanwhile, or in payment. Read again, it tells which: what was
/// paid belongs to the facts that are judged; what is in payment is judged when the money comes.
fn look_again(
    app: &App,
    held: &Cancellation,
    link: &Link<'_>,
    subscription: &Subscription,
    before: &[Observation],
) -> Result<Next, Failure> {
    let observed = match read_from_provider(link, subscription)? {
        Ok(observed) => observed,
        Err(unread) => return unread_next(app, held, unread),
    };
    let stands = renewals_to_neutralise(subscription, &observed)
        == renewals_to_neutralise(subscription, before);
    go_on(app, held, |tx, row, now| {
        books::absorb(tx, app.keeping(), &subscription.connection, &observed)?;
        if stands {
            decide(app, tx, row, now)
        } else {
            Ok(())
        }
    })
}

fn unread_next(app: &App, held: &Cancellation, unread: Unread) -> Result<Next, Failure> {
    match unread {
        Unread::Later { why, retry_after_s } => again_later(app, held, &why, retry_after_s),
        Unread::NeedsPerson { why } => need_person(app, held, &why),
        Unread::NotFound => need_person(
            app,
            held,
            "the provider does not know the subscription any more",
        ),
    }
}

/// Judges late charges and turns what was granted into money operations. A late renewal that goes back
/// ends the subscription at once: its period is not paid any more.
fn decide(
    app: &App,
    tx: &mut WriteTx<'_>,
    row: &mut Cancellation,
    now: Timestamp,
) -> Result<(), Failure> {
    let subscription = subscription_of(tx, row)?;
    let picture = picture_of(tx, subscription)?;
    let late = add_late_verdicts(app, tx, row, &picture, now)?;
    let refunds_late = row.refund == "policy" && !late.is_empty();
    if refunds_late && row.stop_mode.as_deref() == Some("at_period_end") {
        stop_at_once(row, now);
        row.step = "planned".to_owned();
        return Ok(());
    }
    if row.refund == "policy" {
        let verdicts = tx.verdicts_of(std::slice::from_ref(&row.id))?;
        grant_all(app, tx, row, &picture, &verdicts)?;
    }
    row.step = "refund_requested".to_owned();
    row.state = "refunding".to_owned();
    row.attempts = 0;
    Ok(())
}

/// A stop at period end becomes one now; one that was immediate stays what it was.
pub(super) fn stop_at_once(row: &mut Cancellation, now: Timestamp) {
    if row.stop_mode.as_deref() != Some("immediate") {
        row.stop_mode = Some("immediate".to_owned());
        row.stop_effective_at = Some(now.as_micros());
        row.stop_done_at = None;
    }
}

fn grant_all(
    app: &App,
    tx: &mut WriteTx<'_>,
    row: &mut Cancellation,
    picture: &SubscriptionPicture,
    verdicts: &[Verdict],
) -> Result<(), Failure> {
    let made = tx.refunds_of_cancellations(std::slice::from_ref(&row.id))?;
    let mut grants = Vec::new();
    for verdict in verdicts {
        let Some(amount) = verdict.refund_amount else {
            continue;
        };
        let Some(charge) = picture
            .charges
            .iter()
            .find(|charge| charge.row.id == verdict.charge_id)
        else {
            continue;
        };
        if made
            .iter()
            .any(|refund| refund.charge_id == verdict.charge_id)
        {
            continue;
        }
        match payable(charge, amount) {
            Payable::Amount(amount) => grants.push(Grant {
                charge: charge.row.clone(),
                amount,
                cancellation: Some(row.id.clone()),
                code: verdict.code.clone(),
                reason: row.reason.clone(),
                request_ref: None,
            }),
            Payable::NothingLeft => {}
            Payable::NeedsPerson(why) => row.attention = Some(why),
        }
    }
    let Some(connection) = grants.first().map(|grant| grant.charge.connection.clone()) else {
        return Ok(());
    };
    let mut books = Books::of_charges(
        tx,
        app.keeping(),
        &connection,
        grants.iter().map(|g| &g.charge),
    )?;
    for grant in grants {
        books.decide_refund(operation(app, &grant)?);
    }
    books.close(tx)?;
    app.signals.refunds.ring();
    Ok(())
}

enum Payable {
    Amount(i64),
    /// Someone refunded it meanwhile: the customer has the money.
    NothingLeft,
    NeedsPerson(String),
}

/// What can be paid of a granted amount, by what the provider says now.
fn payable(charge: &ChargePicture, granted: i64) -> Payable {
    let left = charge.row.amount.saturating_sub(charge.refunded());
    let shared = charge
        .invoice
        .as_ref()
        .is_some_and(|invoice| invoice.subscriptions > 1);
    if shared {
        return Payable::NeedsPerson(format!(
            "the invoice of charge {} bills several subscriptions: split it and refund by hand",
            charge.row.provider_id
        ));
    }
    if charge.row.dispute == "blocks" {
        return Payable::NeedsPerson(format!(
            "charge {} was disputed after the decision: the bank decides now, nothing was refunded",
            charge.row.provider_id
        ));
    }
    if left <= 0 {
        Payable::NothingLeft
    } else {
        Payable::Amount(granted.min(left))
    }
}
