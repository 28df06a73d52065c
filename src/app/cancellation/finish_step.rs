//! RefundRequested → Finished, and what may still come after that.

use super::super::{App, Failure, receipt};
use super::plan_step::add_late_verdicts;
use super::refund_step::stop_at_once;
use super::saga::{Next, go_on};
use super::{picture_of, subscription_of, views};
use crate::config::Locale;
use crate::store::WriteTx;
use crate::store::rows::{Cancellation, Receipt, Refund};
use avstem_domain::time::Timestamp;

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
                row.state = if row.attention.is_some() {
                    "attention"
                } else {
                    "completed"
                }
                .to_owned();
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
        let why = refund
            .failure_reason
            .as_deref()
            .unwrap_or("no reason given");
        return Refunds::NeedPerson(format!("refund {} failed: {why}", refund.id));
    }
    if let Some(why) = refunds.iter().find_map(|refund| refund.attention.clone()) {
        return Refunds::NeedPerson(why);
    }
    let settled = |refund: &Refund| matches!(refund.state.as_str(), "succeeded" | "canceled");
    if refunds.iter().all(settled) {
        Refunds::Done
    } else {
        Refunds::UnderWay
    }
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
            if let Refunds::NeedPerson(why) =
                standing(&tx.refunds_of_cancellations(std::slice::from_ref(&row.id))?)
            {
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
