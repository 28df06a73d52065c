//! Subscriptions. Classic: the period on the subscription, `plan` on the items of very old versions.
//! Newer: the period on each item.

use super::fields::{Object, Page, Rest, span};
use crate::Unreadable;
use avstem_domain::event::{Interval, IntervalUnit, Renewal, SubscriptionFact};
use avstem_domain::id::{ProviderCustomerId, ProviderSubscriptionId};
use avstem_domain::money::Money;
use avstem_domain::subscription::SubscriptionStatus;
use avstem_domain::time::BillingPeriod;

pub(super) fn fact(subscription: &Object<'_>) -> Result<SubscriptionFact, Unreadable> {
    let items = subscription.opt_page("items")?;
    let terms = Terms::of(items.as_ref())?;
    let renewal = match subscription.opt_bool("cancel_at_period_end")? {
        Some(true) => Renewal::StopsAtPeriodEnd,
        Some(false) | None => Renewal::Renews,
    };
    Ok(SubscriptionFact {
        id: subscription.id("id", ProviderSubscriptionId::parse)?,
        customer: subscription.id("customer", ProviderCustomerId::parse)?,
        status: status(subscription)?,
        plan: terms.plan,
        price: terms.price,
        interval: terms.interval,
        current_period: current_period(subscription, items.as_ref())?,
        trial_end: subscription.opt_time("trial_end")?,
        renewal,
        cancel_at: subscription.opt_time("cancel_at")?,
        canceled_at: subscription.opt_time("canceled_at")?,
        ended_at: subscription.opt_time("ended_at")?,
        stop_reason: stop_reason(subscription)?,
        created: subscription.time("created")?,
    })
}

/// A subscription that Stripe says is over. Its snapshot normally says `canceled`; one that was never
/// paid stays expired.
pub(super) fn ended(subscription: &Object<'_>) -> Result<SubscriptionFact, Unreadable> {
    let fact = fact(subscription)?;
    let status = match fact.status {
        SubscriptionStatus::Expired => SubscriptionStatus::Expired,
        SubscriptionStatus::Incomplete
        | SubscriptionStatus::Trialing
        | SubscriptionStatus::Active
        | SubscriptionStatus::PastDue
        | SubscriptionStatus::Unpaid
        | SubscriptionStatus::Paused
        | SubscriptionStatus::Canceled => SubscriptionStatus::Canceled,
    };
    Ok(SubscriptionFact { status, ..fact })
}

/// Comment and feedback stay with the provider: they are the customer's own words.
fn stop_reason(subscription: &Object<'_>) -> Result<Option<String>, Unreadable> {
    let Some(details) = subscription.opt_object("cancellation_details")? else {
        return Ok(None);
    };
    Ok(details.opt_text("reason")?.map(str::to_owned))
}

/// `pause_collection` does not change the status: Stripe goes on making invoices.
fn status(subscription: &Object<'_>) -> Result<SubscriptionStatus, Unreadable> {
    match subscription.text("status")? {
        "incomplete" => Ok(SubscriptionStatus::Incomplete),
        "incomplete_expired" => Ok(SubscriptionStatus::Expired),
        "trialing" => Ok(SubscriptionStatus::Trialing),
        "active" => Ok(SubscriptionStatus::Active),
        "past_due" => Ok(SubscriptionStatus::PastDue),
        "unpaid" => Ok(SubscriptionStatus::Unpaid),
        "paused" => Ok(SubscriptionStatus::Paused),
        "canceled" => Ok(SubscriptionStatus::Canceled),
        _ => Err(subscription.wrong("status", "is a subscription status we do not know")),
    }
}

fn current_period(
    subscription: &Object<'_>,
    items: Option<&Page<'_>>,
) -> Result<Option<BillingPeriod>, Unreadable> {
    let mut periods = Vec::new();
    for item in items.into_iter().flat_map(|page| &page.items) {
        periods.extend(item.opt_period("current_period_start", "current_period_end")?);
    }
    match span(periods) {
        Some(period) => Ok(Some(period)),
        None => subscription.opt_period("current_period_start", "current_period_end"),
    }
}

/// What the items say, one by one or together; `None` for what has no single value (tiers).
struct Terms {
    plan: Option<String>,
    price: Option<Money>,
    interval: Option<Interval>,
}

impl Terms {
    const UNKNOWN: Self = Self {
        plan: None,
        price: None,
        interval: None,
    };

    /// Items billed at different intervals have no common cycle, and items that were not all sent have
    /// no known sum.
    fn of(items: Option<&Page<'_>>) -> Result<Self, Unreadable> {
        let Some(page) = items else {
            return Ok(Self::UNKNOWN);
        };
        let terms = page
            .items
            .iter()
            .map(Self::of_item)
            .collect::<Result<Vec<_>, _>>()?;
        let names: Vec<_> = terms.iter().filter_map(|term| term.plan.clone()).collect();
        let first = terms.first().and_then(|term| term.interval);
        let interval = first.filter(|_| terms.iter().all(|term| term.interval == first));
        let price = match page.rest {
            Rest::Nothing if interval.is_some() => sum(&terms),
            Rest::Nothing | Rest::More => None,
        };
        Ok(Self {
            plan: Some(names.join(" + ")).filter(|plan| !plan.is_empty()),
            price,
            interval,
        })
    }
}

fn sum(terms: &[Terms]) -> Option<Money> {
    let mut prices = terms.iter().map(|term| term.price);
    let first = prices.next()??;
    prices.try_fold(first, |total, price| total.checked_add(price?).ok())
}

impl Terms {
    fn of_item(item: &Object<'_>) -> Result<Self, Unreadable> {
        let quantity = item.opt_int("quantity")?.unwrap_or(1);
        if let Some(price) = item.expanded("price")? {
            let each = price.opt_amount("unit_amount", price.currency()?)?;
            let interval = price
                .opt_object("recurring")?
                .as_ref()
                .map_or(Ok(None), interval)?;
            return Ok(Self {
                plan: name(&price)?,
                price: times(item, each, quantity)?,
                interval,
            });
        }
        let Some(plan) = item.expanded("plan")? else {
            return Ok(Self::UNKNOWN);
        };
        let each = plan.opt_amount("amount", plan.currency()?)?;
        Ok(Self {
            plan: name(&plan)?,
            price: times(item, each, quantity)?,
            interval: interval(&plan)?,
        })
    }
}

fn times(
    item: &Object<'_>,
    each: Option<Money>,
    quantity: i64,
) -> Result<Option<Money>, Unreadable> {
    let Some(money) = each else {
        return Ok(None);
    };
    let minor = money.minor().checked_mul(quantity);
    let minor = minor.ok_or_else(|| item.wrong("quantity", "makes the price exceed 64 bits"))?;
    Ok(Some(Money::from_minor(minor, money.currency())))
}

/// The nickname, else the product's name if it was sent along, else the price's id.
fn name(price: &Object<'_>) -> Result<Option<String>, Unreadable> {
    let product = match price.expanded("product")? {
        Some(product) => product.opt_text("name")?,
        None => None,
    };
    let name = price
        .opt_text("nickname")?
        .or(product)
        .or(price.opt_text("id")?);
    Ok(name.map(str::to_owned))
}

fn interval(recurring: &Object<'_>) -> Result<Option<Interval>, Unreadable> {
    let unit = match recurring.opt_text("interval")? {
        None => return Ok(None),
        Some("day") => IntervalUnit::Day,
        Some("week") => IntervalUnit::Week,
        Some("month") => IntervalUnit::Month,
        Some("year") => IntervalUnit::Year,
        Some(_) => return Err(recurring.wrong("interval", "is an interval we do not know")),
    };
    let count = recurring.opt_int("interval_count")?.unwrap_or(1);
    let count = u32::try_from(count).ok().filter(|count| *count > 0);
    let count = count.ok_or_else(|| recurring.wrong("interval_count", "is not a count from 1"))?;
    Ok(Some(Interval { unit, count }))
}
