//! `/account`: everything the customer has.

use super::charge;
use super::page::{Answer, Frame, Trouble};
use super::{Desk, Made};
use crate::app::Failure;
use crate::app::account;
use crate::app::books::{optional_time, time};
use crate::i18n::Speech;
use crate::store::rows::{Cancellation, Subscription};
use actix_web::http::StatusCode;
use askama::Template;

#[derive(Template)]
#[template(path = "account/overview.html")]
struct OverviewPage {
    frame: Frame,
    t: Speech,
    subscriptions: Vec<SubscriptionCard>,
    cancellations: Vec<CancellationLine>,
}

/// A subscription, ready to be shown.
pub struct SubscriptionCard {
    pub id: String,
    pub name: String,
    /// What is known of it, each with its label.
    pub lines: Vec<(String, String)>,
}

struct CancellationLine {
    id: String,
    title: String,
    state: String,
}

pub fn page(desk: &Desk<'_>) -> Made {
    let t = desk.frame.t;
    let overview = account::overview(desk.app, desk.visit)?;
    let line = |row: &Cancellation| {
        let subscription = overview
            .subscriptions
            .iter()
            .find(|known| known.id == row.subscription_id);
        let plan = subscription.map_or_else(|| t.text("subscription"), |row| charge::name(row, t));
        let day = t.day(time(row.received_at)?);
        Ok(CancellationLine {
            id: row.id.clone(),
            title: t.with("cancellation-line", &[("plan", &plan), ("day", &day)]),
            state: state(row, t)?,
        })
    };
    let page = OverviewPage {
        frame: desk.frame.clone(),
        t,
        subscriptions: overview
            .subscriptions
            .iter()
            .map(|row| card(row, t))
            .collect::<Result<_, _>>()?,
        cancellations: overview
            .cancellations
            .iter()
            .map(line)
            .collect::<Result<_, Trouble>>()?,
    };
    Answer::page(StatusCode::OK, &page)
}

pub fn card(row: &Subscription, t: Speech) -> Result<SubscriptionCard, Failure> {
    let mut lines = vec![(t.text("label-status"), charge::status(row, t)?)];
    if let Some(price) = charge::price(row, t)? {
        lines.push((t.text("label-price"), price));
    }
    if row.status == "trialing"
        && let Some(at) = optional_time(row.trial_end)?
    {
        lines.push((t.text("label-trial-until"), t.day(at)));
    }
    if let Some(at) = account::next_billing(row)? {
        lines.push((t.text("label-next-billing"), t.day(at)));
    }
    if let Some(at) = account::end(row)? {
        let over = matches!(row.status.as_str(), "canceled" | "expired");
        let label = if over {
            t.text("label-ended")
        } else {
            t.text("label-ends")
        };
        lines.push((label, t.day(at)));
    }
    Ok(SubscriptionCard {
        id: row.id.clone(),
        name: charge::name(row, t),
        lines,
    })
}

/// Where a cancellation stands. What a person looks at is no more than that to the customer.
pub fn state(row: &Cancellation, t: Speech) -> Result<String, Failure> {
    Ok(match row.state.as_str() {
        "requested" => t.text("state-requested"),
        "canceling" => t.text("state-canceling"),
        "refunding" => t.text("state-refunding"),
        "completed" => t.text("state-completed"),
        "undone" => t.text("state-undone"),
        "attention" => t.text("state-attention"),
        other => return Err(Failure::Unreadable(format!("cancellation state {other:?}"))),
    })
}
