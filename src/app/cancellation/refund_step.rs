//! BillingStopped → RefundRequested → Finished, and what may still come after that.

use super::super::books::{self, Books};
use super::super::facts::{ChargePicture, SubscriptionPicture};
use super::super::provider::{Link, Unread, call_error, link, uncertainty};
use super::super::refund_operation::{Grant, operation};
use super::super::{App, Failure, receipt};
use super::plan_step::add_late_verdicts;
use super::saga::{Next, again_later, go_on, need_person};
use super::{picture_of, read_from_provider, subscription_of, views};
use crate::config::Locale;
use crate::store::WriteTx;
use crate::store::rows::{Cancellation, Receipt, Refund, Subscription, Verdict};
use avstem_domain::event::{BillingReason, Fact, InvoiceStatus};
use avstem_domain::id::ProviderInvoiceId;
use avstem_domain::time::Timestamp;
use avstem_webhooks::Observation;
use avstem_webhooks::outbound::{Ask, Outcome, Refusal};

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
        Neutralised::Later { why, retry_after_s } => return again_later(app, held, &why, retry_after_s),
    }
    go_on(app, held, |tx, row, now| {
        books::absorb(tx, &app.clock, app.config.time_zone, &subscription.connection, &observed)?;
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
    let stands = renewals_to_neutralise(subscription, &observed) == renewals_to_neutralise(subscription, before);
    go_on(app, held, |tx, row, now| {
        books::absorb(tx, &app.clock, app.config.time_zone, &subscription.connection, &observed)?;
        if stands { decide(app, tx, row, now) } else { Ok(()) }
    })
}

fn unread_next(app: &App, held: &Cancellation, unread: Unread) -> Result<Next, Failure> {
    match unread {
        Unread::Later { why, retry_after_s } => again_later(app, held, &why, retry_after_s),
        Unread::NeedsPerson { why } => need_person(app, held, &why),
        Unread::NotFound => need_person(app, held, "the provider does not know the subscription any more"),
    }
}

enum Neutralised {
    Nothing,
    Some,
    /// The provider refused: an invoice is not any more what it was when it was read.
    MovedOn,
    Later { why: String, retry_after_s: Option<u64> },
}

/// Draft renewals are held, finalised without collection and voided; open ones voided.
fn neutralise(
    link: &Link<'_>,
    subscription: &Subscription,
    observed: &[Observation],
) -> Result<Neutralised, Failure> {
    let mut outcome = Neutralised::Nothing;
    for (invoice, status) in renewals_to_neutralise(subscription, observed) {
        let steps = match status {
            InvoiceStatus::Draft => vec![
                Ask::HoldDraft(invoice.clone()),
                Ask::FinalizeWithoutCollection(invoice.clone()),
                Ask::VoidInvoice(invoice),
            ],
            InvoiceStatus::Open => vec![Ask::VoidInvoice(invoice)],
            InvoiceStatus::Paid | InvoiceStatus::Uncollectible | InvoiceStatus::Void => continue,
        };
        for step in steps {
            match link.ask(&step)?.result {
                Ok(Outcome::Executed { .. }) => outcome = Neutralised::Some,
                Ok(Outcome::Refused(Refusal::InvoiceMovedOn { .. } | Refusal::NotFound)) => {
                    outcome = Neutralised::MovedOn;
                    break;
                }
                Ok(Outcome::Refused(Refusal::RateLimited { retry_after_s })) => {
                    let why = "the provider asks us to slow down".to_owned();
                    return Ok(Neutralised::Later { why, retry_after_s });
                }
                Ok(Outcome::Refused(refusal)) => {
                    let why = super::super::provider::refusal_text(&refusal);
                    return Ok(Neutralised::Later { why, retry_after_s: Some(60) });
                }
                Ok(Outcome::Unknown(why)) => {
                    return Ok(Neutralised::Later { why: uncertainty(&why), retry_after_s: None });
                }
                Err(error) => return Ok(Neutralised::Later { why: call_error(&error), retry_after_s: None }),
            }
        }
    }
    Ok(outcome)
}

fn renewals_to_neutralise(
    subscription: &Subscription,
    observed: &[Observation],
) -> Vec<(ProviderInvoiceId, InvoiceStatus)> {
    let renewal = |observation: &Observation| match &observation.fact {
        Fact::Invoice(invoice) => {
            let ours = invoice.subscriptions.iter().any(|id| id.as_str() == subscription.provider_id);
            let alone = invoice.subscriptions.len() == 1;
            let recurring = matches!(invoice.reason, BillingReason::Cycle | BillingReason::Unstated);
            let unpaid = matches!(invoice.status, InvoiceStatus::Draft | InvoiceStatus::Open);
            (ours && alone && recurring && unpaid).then(|| (invoice.id.clone(), invoice.status))
        }
        Fact::Customer(_) | Fact::Subscription(_) | Fact::InvoicePayment(_) | Fact::Charge(_) | Fact::Refund(_) => None,
    };
    observed.iter().filter_map(renewal).collect()
}

/// Judges late charges and turns what was granted into money operations. A late renewal that goes back
/// ends the subscription at once: its period is not paid any more.
fn decide(app: &App, tx: &mut WriteTx<'_>, row: &mut Cancellation, now: Timestamp) -> Result<(), Failure> {
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
fn stop_at_once(row: &mut Cancellation, now: Timestamp) {
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
        let Some(amount) = verdict.refund_amount else { continue };
        let Some(charge) = picture.charges.iter().find(|charge| charge.row.id == verdict.charge_id) else { continue };
        if made.iter().any(|refund| refund.charge_id == verdict.charge_id) {
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
    let Some(connection) = grants.first().map(|grant| grant.charge.connection.clone()) else { return Ok(()) };
    let mut books = Books::of_charges(tx, &app.clock, app.config.time_zone, &connection, grants.iter().map(|g| &g.charge))?;
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
    let shared = charge.invoice.as_ref().is_some_and(|invoice| invoice.subscriptions > 1);
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
    if left <= 0 { Payable::NothingLeft } else { Payable::Amount(granted.min(left)) }
}

/// RefundRequested → Finished once every refund has succeeded. Each refund wakes the saga when its
/// state changes.
pub(super) fn await_refunds(app: &App, held: &Cancellation) -> Result<Next, Failure> {
    go_on_or_let_go(app, held, |tx, row, now| {
        let refunds = tx.refunds_of_cancellations(std::slice::from_ref(&row.id))?;
        row.due_at = None;
        row.lease_until = 0;
        match standing(&refunds) {
            Refunds::UnderWay => Ok(()),
            Refunds::NeedPerson(why) => {
                row.state = "attention".to_owned();
                row.trouble = Some(why);
                Ok(())
            }
            Refunds::Done => {
                // Due once more: a charge may have come while the refunds were under way.
                row.due_at = Some(now.as_micros());
                row.step = "finished".to_owned();
                row.state = if row.attention.is_some() { "attention" } else { "completed" }.to_owned();
                tx.save_cancellation(row)?;
                issue_receipt(app, tx, row, now)
            }
        }
    })
}

enum Refunds {
    UnderWay,
    NeedPerson(String),
    Done,
}

fn standing(refunds: &[Refund]) -> Refunds {
    let failed = refunds.iter().find(|refund| refund.state == "failed");
    if let Some(refund) = failed {
        let why = refund.failure_reason.as_deref().unwrap_or("no reason given");
        return Refunds::NeedPerson(format!("refund {} failed: {why}", refund.id));
    }
    if let Some(why) = refunds.iter().find_map(|refund| refund.attention.clone()) {
        return Refunds::NeedPerson(why);
    }
    let settled = |refund: &Refund| matches!(refund.state.as_str(), "succeeded" | "canceled");
    if refunds.iter().all(settled) { Refunds::Done } else { Refunds::UnderWay }
}

/// Finished, and woken: a charge has come that the plan did not know.
pub(super) fn look_for_late_charges(app: &App, held: &Cancellation) -> Result<Next, Failure> {
    go_on_or_let_go(app, held, |tx, row, now| {
        let subscription = subscription_of(tx, row)?;
        let picture = picture_of(tx, subscription)?;
        let late = add_late_verdicts(app, tx, row, &picture, now)?;
        if late.is_empty() {
            row.due_at = None;
            row.lease_until = 0;
            // A refund that had succeeded may come back, days later.
            if let Refunds::NeedPerson(why) = standing(&tx.refunds_of_cancellations(std::slice::from_ref(&row.id))?) {
                row.state = "attention".to_owned();
                row.trouble = Some(why);
            }
            return Ok(());
        }
        tracing::warn!(cancellation.id = %row.id, "Charged after cancellation {} was asked for", row.id);
        row.step = "billing_stopped".to_owned();
        row.state = "canceling".to_owned();
        // Billing went on although it was to stop: the stop is done again, at once.
        if row.refund == "policy" {
            stop_at_once(row, now);
            row.step = "planned".to_owned();
        }
        Ok(())
    })
}

fn go_on_or_let_go(
    app: &App,
    held: &Cancellation,
    change: impl FnMut(&mut WriteTx<'_>, &mut Cancellation, Timestamp) -> Result<(), Failure>,
) -> Result<Next, Failure> {
    Ok(match go_on(app, held, change)? {
        Next::Step(row) if row.due_at.is_some() => Next::Step(row),
        Next::Step(_) | Next::Wait => Next::Wait,
    })
}

/// The receipt in both languages, stored, and on its way to the customer where an address is known.
fn issue_receipt(
    app: &App,
    tx: &mut WriteTx<'_>,
    row: &Cancellation,
    now: Timestamp,
) -> Result<(), Failure> {
    let view = views::view_of(tx, row.clone())?;
    let number = view.receipts.iter().map(|receipt| receipt.number).max().unwrap_or(0) + 1;
    let customer = tx.customers_by_ids(std::slice::from_ref(&view.subscription.customer_id))?.pop();
    let spoken = customer.as_ref().and_then(|c| c.locale.as_deref()).and_then(Locale::from_tag);
    let spoken = spoken.unwrap_or(app.config.default_locale);
    let mut receipts = Vec::new();
    for locale in [Locale::Sv, Locale::En] {
        let letter = receipt::compose(&view, locale, app.config.time_zone)?;
        if let Some(address) = customer.as_ref().and_then(|c| c.email.as_ref()).filter(|_| locale == spoken) {
            let key = format!("receipt/{}/{number}", row.id);
            super::super::post_mail::enqueue(tx, address, &letter, &key, now)?;
        }
        receipts.push(Receipt {
            cancellation_id: row.id.clone(),
            number,
            locale: locale.as_str().to_owned(),
            subject: letter.subject,
            body: letter.body,
            issued_at: now.as_micros(),
        });
    }
    tx.add_receipts(&receipts)?;
    app.signals.mail.ring();
    Ok(())
}
