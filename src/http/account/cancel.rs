//! `/account/subscriptions/{id}/cancel`: first look, then confirm.

use super::charge::{self, ChargeCard};
use super::page::{Answer, Frame, Trouble};
use super::{Desk, Made};
use crate::app::account::{self, Looked};
use crate::app::cancellation::RequestError;
use crate::i18n::Speech;
use actix_web::http::StatusCode;
use askama::Template;
use avstem_domain::cancellation::{RefundChoice, Stop, StopMode, StopStanding};
use avstem_domain::money::Money;
use avstem_domain::refund_policy::Decision;
use serde::Deserialize;

#[derive(Template)]
#[template(path = "account/cancel.html")]
struct CancelPage {
    frame: Frame,
    t: Speech,
    id: String,
    title: String,
    /// Why the page is shown again.
    notice: Option<String>,
    stop: String,
    refunded: Vec<ChargeCard>,
    rejected: Vec<ChargeCard>,
    /// What a person must decide.
    shared: Vec<ChargeCard>,
    choice: Option<Choice>,
    expected_latest_charge: String,
}

/// The labels of the two ways to cancel.
struct Choice {
    refund: String,
    keep: String,
}

#[derive(Deserialize)]
pub struct CancelForm {
    form_token: String,
    /// `policy` or `none`; `policy` when it is left out.
    refund: Option<String>,
    /// Empty when there was none to show.
    expected_latest_charge: Option<String>,
}

pub fn look(desk: &Desk<'_>, id: &str) -> Made {
    let looked = account::subscription(desk.app, desk.visit, id)?.ok_or(Trouble::NotFound)?;
    match &looked.standing {
        Some(standing) => Ok(Answer::to(format!(
            "/account/cancellations/{}",
            standing.id
        ))),
        None => Answer::page(StatusCode::OK, &page(desk, &looked, None)?),
    }
}

pub fn confirm(desk: &Desk<'_>, id: &str, form: CancelForm) -> Made {
    desk.check_form(&form.form_token)?;
    let refund = match form.refund.as_deref() {
        None | Some("policy") => RefundChoice::Policy,
        Some("none") => RefundChoice::None,
        Some(_) => return Err(Trouble::FormUnreadable),
    };
    let expected = form
        .expected_latest_charge
        .filter(|charge| !charge.is_empty());
    match account::cancel(desk.app, desk.visit, id, refund, expected) {
        Ok(cancellation) => Ok(Answer::to(format!(
            "/account/cancellations/{}",
            cancellation.id
        ))),
        Err(RequestError::LatestChargeChanged { .. }) => changed(desk, id),
        Err(RequestError::NotFound) => Err(Trouble::NotFound),
        Err(RequestError::ProviderNotConfigured { connection }) => {
            tracing::warn!(
                connection,
                "A customer could not cancel: {connection} has no api_key"
            );
            Err(Trouble::ProviderNotConfigured)
        }
        Err(RequestError::ProviderUnavailable { why }) => {
            tracing::warn!(
                why,
                "A customer could not cancel: the provider did not answer"
            );
            Err(Trouble::ProviderUnavailable)
        }
        // Nothing is asked for an earlier time here.
        Err(RequestError::RequestedInFuture) => Err(Trouble::Failed),
        Err(RequestError::Failure(failure)) => Err(failure.into()),
    }
}

/// The page again, with what is true now.
fn changed(desk: &Desk<'_>, id: &str) -> Made {
    let looked = account::subscription(desk.app, desk.visit, id)?.ok_or(Trouble::NotFound)?;
    let notice = desk.frame.t.text("cancel-changed");
    Answer::page(StatusCode::CONFLICT, &page(desk, &looked, Some(notice))?)
}

fn page(desk: &Desk<'_>, looked: &Looked, notice: Option<String>) -> Result<CancelPage, Trouble> {
    let t = desk.frame.t;
    let (picture, plan) = (&looked.previewed.picture, &looked.previewed.plan);
    let refunds = plan.refunds();
    let (mut refunded, mut rejected, mut shared) = (Vec::new(), Vec::new(), Vec::new());
    for verdict in &plan.verdicts {
        let charge = picture
            .charges
            .iter()
            .find(|charge| charge.row.id == verdict.charge.to_string());
        let card = ChargeCard::of_plan(verdict, charge, t)?;
        match verdict.decision {
            Decision::Reject => rejected.push(card),
            Decision::Refund(_) | Decision::PartialRefund(_) => {
                let made = refunds.iter().any(|(charge, _)| *charge == verdict.charge);
                if made {
                    refunded.push(card)
                } else {
                    shared.push(card)
                }
            }
        }
    }
    let back = total(refunds.into_iter().map(|(_, amount)| amount), t)?;
    let choice = looked.without_refund.as_ref().map(|kept| Choice {
        refund: t.with("cancel-choice-refund", &[("amount", &back)]),
        keep: t.with(
            "cancel-choice-keep",
            &[("moment", &t.moment(kept.stop.effective_at))],
        ),
    });
    let name = charge::name(&picture.subscription, t);
    Ok(CancelPage {
        frame: desk.frame.clone(),
        t,
        id: picture.subscription.id.clone(),
        title: t.with("cancel-title", &[("plan", &name)]),
        notice,
        stop: stop(plan.stop, t),
        refunded,
        rejected,
        shared,
        choice,
        expected_latest_charge: plan
            .latest_charges
            .first()
            .map(ToString::to_string)
            .unwrap_or_default(),
    })
}

fn stop(stop: Stop, t: Speech) -> String {
    let moment = t.moment(stop.effective_at);
    match (stop.standing, stop.mode) {
        (StopStanding::AlreadyStopped, StopMode::Immediate | StopMode::AtPeriodEnd) => {
            t.with("cancel-stopped", &[("moment", &moment)])
        }
        (StopStanding::ToDo, StopMode::Immediate) => t.text("cancel-stops-now"),
        (StopStanding::ToDo, StopMode::AtPeriodEnd) => {
            t.with("cancel-stops-later", &[("moment", &moment)])
        }
    }
}

/// What goes back in all; amounts of different currencies stand side by side.
fn total(amounts: impl Iterator<Item = Money>, t: Speech) -> Result<String, Trouble> {
    let mut sums: Vec<Money> = Vec::new();
    for amount in amounts {
        match sums
            .iter_mut()
            .find(|sum| sum.currency() == amount.currency())
        {
            Some(sum) => *sum = sum.checked_add(amount).map_err(crate::app::Failure::from)?,
            None => sums.push(amount),
        }
    }
    Ok(sums
        .into_iter()
        .map(|sum| t.money(sum))
        .collect::<Vec<_>>()
        .join(" + "))
}
