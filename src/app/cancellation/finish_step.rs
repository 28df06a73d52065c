//! RefundRequested → Finished, and what may still come after that.

use super::super::books::optional_time;
use super::super::{App, Failure, receipt};
use super::plan_step::add_late_verdicts;
use super::refund_step::stop_at_once;
use super::saga::{Next, go_on};
use super::{goes_on, picture_of, subscription_of, views};
use crate::config::Locale;
use crate::store::WriteTx;
use crate::store::rows::{Cancellation, Receipt, Refund, Subscription, Verdict};
use avstem_domain::refund_policy::Code;
use avstem_domain::time::Timestamp;

/// RefundRequested → Finished once every refund has succeeded. Each refund wakes the saga when its
/// state changes.
pub(super) fn await_refunds(app: &App, held: &Cancellation) -> Result<Next, Failure> {
    go_on_or_let_go(app, held, |tx, row, now| {
        let refunds = tx.refunds_of_cancellations(std::slice::from_ref(&row.id))?;
        row.due_at = None;
        row.lease_until = 0;
        match standing(tx, row, &refunds)? {
            Refunds::UnderWay(hint) => {
                row.state = "refunding".to_owned();
                row.trouble = hint;
                Ok(())
            }
            Refunds::NeedPerson(why) => {
                row.state = "attention".to_owned();
                row.trouble = Some(why);
                tell_of_failure(app, tx, row, &refunds, now)
            }
            Refunds::Done => {
                // Due once more: a charge may have come while the refunds were under way.
                row.due_at = Some(now.as_micros());
                row.step = "finished".to_owned();
                row.state = finished_state(row).to_owned();
                tx.save_cancellation(row)?;
                issue_receipt(app, tx, row, now)
            }
        }
    })
}

/// What a cancellation shows once everything was done that can be done by itself.
fn finished_state(row: &Cancellation) -> &'static str {
    if row.trouble.is_some() || row.attention.is_some() {
        "attention"
    } else {
        "completed"
    }
}

enum Refunds {
    /// Nothing failed. Support may be able to help it along: the hint says how.
    UnderWay(Option<String>),
    NeedPerson(String),
    Done,
}

fn standing(tx: &mut WriteTx<'_>, row: &Cancellation, own: &[Refund]) -> Result<Refunds, Failure> {
    let others = failed_of_others(tx, row)?;
    let needs_person = own.iter().chain(&others).find_map(|refund| {
        let why = refund.attention.as_deref()?;
        Some(format!("refund {}: {why}", refund.id))
    });
    if let Some(why) = needs_person {
        return Ok(Refunds::NeedPerson(why));
    }
    // A failed one that nobody is to look at was made good by another refund.
    let settled =
        |refund: &Refund| matches!(refund.state.as_str(), "succeeded" | "canceled" | "failed");
    Ok(if own.iter().all(settled) {
        Refunds::Done
    } else {
        Refunds::UnderWay(own.iter().find_map(hint))
    })
}

/// Refunds that others made of charges that go back, so that there was nothing left for us to do, and
/// that failed.
fn failed_of_others(tx: &mut WriteTx<'_>, row: &Cancellation) -> Result<Vec<Refund>, Failure> {
    if row.refund != "policy" {
        return Ok(Vec::new());
    }
    let verdicts = tx.verdicts_of(std::slice::from_ref(&row.id))?;
    let goes_back = |verdict: &Verdict| {
        verdict.refund_amount.is_some() || verdict.code == Code::AlreadyRefunded.as_str()
    };
    let charges: Vec<String> = verdicts
        .into_iter()
        .filter(goes_back)
        .map(|verdict| verdict.charge_id)
        .collect();
    let mut refunds = tx.refunds_by_charges(&charges)?;
    refunds.retain(|refund| refund.origin == "provider" && refund.state == "failed");
    Ok(refunds)
}

/// What helps a refund that waits at the provider.
fn hint(refund: &Refund) -> Option<String> {
    let why = match refund.pending_reason.as_deref()? {
        "insufficient_funds" => {
            "waits for money: the balance at the provider does not cover it; top it up, and it goes out by itself"
        }
        "requires_action" => {
            "waits for the customer, whom the provider asks by e-mail where to send the money"
        }
        _ => return None,
    };
    Some(format!("refund {} {why}", refund.id))
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
            return look_again(app, tx, row, now);
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

/// A refund that had succeeded may come back, days later, and be made good by another after that; and
/// the stop may be off, or on again.
fn look_again(
    app: &App,
    tx: &mut WriteTx<'_>,
    row: &mut Cancellation,
    now: Timestamp,
) -> Result<(), Failure> {
    let refunds = tx.refunds_of_cancellations(std::slice::from_ref(&row.id))?;
    row.trouble = match standing(tx, row, &refunds)? {
        Refunds::NeedPerson(why) => Some(why),
        Refunds::UnderWay(_) | Refunds::Done => turned_off(app, row, &subscription_of(tx, row)?)?,
    };
    row.state = finished_state(row).to_owned();
    tell_of_failure(app, tx, row, &refunds, now)
}

/// Someone took back at the provider what the customer had asked us for. It stands all the same: what is
/// charged is judged as charged after the request.
fn turned_off(
    app: &App,
    row: &Cancellation,
    subscription: &Subscription,
) -> Result<Option<String>, Failure> {
    let was_set = row.stop_mode.as_deref() == Some("at_period_end") && row.stop_done_at.is_some();
    if !was_set || !goes_on(subscription) {
        return Ok(None);
    }
    let renews = match optional_time(subscription.period_end)? {
        Some(at) => format!("renews on {}", at.date_in(app.config.time_zone)),
        None => "renews".to_owned(),
    };
    Ok(Some(format!(
        "the stop was taken back at the provider: the subscription {renews}, although its cancellation stands. If the customer agreed, take the cancellation back (POST /v1/cancellations/{}/undo); if not, stop the subscription there again, which clears this",
        row.id
    )))
}

/// A receipt that says that a refund failed, or that another has made it good: once for each.
fn tell_of_failure(
    app: &App,
    tx: &mut WriteTx<'_>,
    row: &Cancellation,
    refunds: &[Refund],
    now: Timestamp,
) -> Result<(), Failure> {
    if !refunds.iter().any(|refund| refund.state == "failed") {
        return Ok(());
    }
    let view = views::view_of(tx, row.clone())?;
    let letter = receipt::compose(&view, Locale::Sv, app.config.time_zone)?;
    let last = view
        .receipts
        .iter()
        .rfind(|receipt| receipt.locale == Locale::Sv.as_str());
    if last.is_some_and(|last| last.body == letter.body) {
        return Ok(());
    }
    issue_receipt(app, tx, row, now)
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
pub(super) fn issue_receipt(
    app: &App,
    tx: &mut WriteTx<'_>,
    row: &Cancellation,
    now: Timestamp,
) -> Result<(), Failure> {
    let view = views::view_of(tx, row.clone())?;
    let number = view
        .receipts
        .iter()
        .map(|receipt| receipt.number)
        .max()
        .unwrap_or(0)
        + 1;
    let customer = tx
        .customers_by_ids(std::slice::from_ref(&view.subscription.customer_id))?
        .pop();
    let spoken = customer
        .as_ref()
        .and_then(|c| c.locale.as_deref())
        .and_then(Locale::from_tag);
    let spoken = spoken.unwrap_or(app.config.default_locale);
    let mut receipts = Vec::new();
    for locale in [Locale::Sv, Locale::En] {
        let letter = receipt::compose(&view, locale, app.config.time_zone)?;
        if let Some(address) = customer
            .as_ref()
            .and_then(|c| c.email.as_ref())
            .filter(|_| locale == spoken)
        {
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
