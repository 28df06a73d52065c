//! Subscriptions and charges in a customer's words.

use super::page::Trouble;
use crate::app::Failure;
use crate::app::books::money;
use crate::app::facts::ChargePicture;
use crate::app::receipt::phrases::{self, ToldVerdict};
use crate::i18n::Speech;
use crate::store::rows::{Refund, Subscription};
use avstem_domain::refund_policy::{Decision, Verdict};
use avstem_domain::subscription::SubscriptionStatus;

/// A charge with its verdict, ready to be shown.
#[derive(Debug, Clone)]
pub struct ChargeCard {
    pub told: ToldVerdict,
    /// The day it was paid, where the page knows it.
    pub paid: Option<String>,
    pub refunded: Option<String>,
    /// Its refunds and where each stands, where the page does not list them elsewhere.
    pub refunds: Vec<RefundLine>,
    /// Names the style of the decision: `granted` or `refused`.
    pub style: &'static str,
}

/// A refund, ready to be shown.
#[derive(Debug, Clone)]
pub struct RefundLine {
    pub amount: String,
    pub state: String,
}

impl RefundLine {
    pub fn of(refund: &Refund, t: Speech) -> Result<Self, Trouble> {
        Ok(Self {
            amount: t.money(money(refund.amount, &refund.currency)?),
            state: phrases::refund_state(refund, t)?,
        })
    }
}

impl ChargeCard {
    /// A charge as a preview judges it.
    pub fn of_plan(
        verdict: &Verdict,
        picture: Option<&ChargePicture>,
        t: Speech,
    ) -> Result<Self, Trouble> {
        let refunded = picture
            .map(|charge| money(charge.refunded(), &charge.row.currency))
            .transpose()?;
        Ok(Self {
            told: ToldVerdict::of_plan(verdict, t),
            paid: picture
                .and_then(|charge| charge.paid_at)
                .map(|at| t.day(at)),
            refunded: refunded
                .filter(|amount| amount.is_positive())
                .map(|amount| t.money(amount)),
            refunds: Vec::new(),
            style: style(verdict.decision),
        })
    }

    /// A charge of a stored cancellation, whose verdict says all that is shown.
    pub const fn of_stored(told: ToldVerdict, style: &'static str) -> Self {
        Self {
            told,
            paid: None,
            refunded: None,
            refunds: Vec::new(),
            style,
        }
    }
}

pub const GRANTED: &str = "granted";
pub const REFUSED: &str = "refused";

const fn style(decision: Decision) -> &'static str {
    match decision {
        Decision::Refund(_) | Decision::PartialRefund(_) => GRANTED,
        Decision::Reject => REFUSED,
    }
}

/// What a subscription is called.
pub fn name(row: &Subscription, t: Speech) -> String {
    row.plan
        .clone()
        .filter(|plan| !plan.trim().is_empty())
        .unwrap_or_else(|| t.text("subscription"))
}

/// `249,00 kr per månad`; None where the provider named no price.
pub fn price(row: &Subscription, t: Speech) -> Result<Option<String>, Failure> {
    let (Some(minor), Some(currency)) = (row.price, row.currency.as_deref()) else {
        return Ok(None);
    };
    let price = t.money(money(minor, currency)?);
    let count = row.interval_count.unwrap_or(1);
    let values = [("price", price.as_str())];
    let often = count.to_string();
    let several = [("price", price.as_str()), ("count", often.as_str())];
    Ok(Some(match (row.interval_unit.as_deref(), count) {
        (Some("day"), 1) => t.with("price-every-day", &values),
        (Some("week"), 1) => t.with("price-every-week", &values),
        (Some("month"), 1) => t.with("price-every-month", &values),
        (Some("year"), 1) => t.with("price-every-year", &values),
        (Some("day"), _) => t.with("price-days", &several),
        (Some("week"), _) => t.with("price-weeks", &several),
        (Some("month"), _) => t.with("price-months", &several),
        (Some("year"), _) => t.with("price-years", &several),
        (Some(_) | None, _) => price,
    }))
}

pub fn status(row: &Subscription, t: Speech) -> Result<String, Failure> {
    let status = SubscriptionStatus::parse(&row.status)
        .ok_or_else(|| Failure::Unreadable(format!("subscription status {:?}", row.status)))?;
    Ok(match status {
        SubscriptionStatus::Incomplete => t.text("status-incomplete"),
        SubscriptionStatus::Trialing => t.text("status-trialing"),
        SubscriptionStatus::Active => t.text("status-active"),
        SubscriptionStatus::PastDue => t.text("status-past-due"),
        SubscriptionStatus::Unpaid => t.text("status-unpaid"),
        SubscriptionStatus::Paused => t.text("status-paused"),
        SubscriptionStatus::Canceled => t.text("status-canceled"),
        SubscriptionStatus::Expired => t.text("status-expired"),
    })
}
