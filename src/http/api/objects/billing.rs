//! Customers, subscriptions, charges and delivery reports.

use super::{Money, Period, optional_time, time};
use crate::app::books::period;
use crate::app::deliveries::Reported;
use crate::app::facts::ChargePicture;
use crate::app::subscriptions::SubscriptionView;
use crate::http::problem::Problem;
use crate::http::schema::{self, words};
use crate::store::rows;
use avstem_domain::subscription::SubscriptionStatus;
use schemars::JsonSchema;
use serde::Serialize;

/// A customer. One that no event has introduced yet has null for what is not known.
#[derive(Serialize, JsonSchema)]
pub struct Customer {
    #[schemars(with = "schema::CustomerId")]
    id: String,
    #[schemars(example = &"cus_1")]
    provider_id: String,
    /// A connection of the settings.
    #[schemars(example = &"stripe")]
    connection: String,
    #[schemars(example = &"a@example.test")]
    email: Option<String>,
    #[schemars(example = &"Ada")]
    name: Option<String>,
    /// As the provider has it.
    #[schemars(example = &"sv")]
    locale: Option<String>,
    #[schemars(with = "words::CustomerStatus")]
    status: String,
}

pub fn customer(row: rows::Customer) -> Customer {
    Customer {
        id: row.id,
        provider_id: row.provider_id,
        connection: row.connection,
        email: row.email,
        name: row.name,
        locale: row.locale,
        status: row.status,
    }
}

/// An agreement that renews.
#[derive(Serialize, JsonSchema)]
pub struct Subscription {
    #[schemars(with = "schema::SubscriptionId")]
    id: String,
    #[schemars(example = &"sub_1")]
    provider_id: String,
    /// A connection of the settings.
    #[schemars(example = &"stripe")]
    connection: String,
    #[schemars(with = "schema::CustomerId")]
    customer: String,
    #[schemars(example = &"cus_1")]
    customer_provider_id: Option<String>,
    #[schemars(with = "words::SubscriptionStatus", example = &"active")]
    status: String,
    /// What it is called.
    #[schemars(example = &"Monthly")]
    plan: Option<String>,
    /// Of one cycle.
    price: Option<Money>,
    /// The length of a cycle.
    interval: Option<Interval>,
    current_period: Option<Period>,
    /// Whether it stops by itself, at the end of its period or on a day set at the provider.
    cancel_at_period_end: bool,
    #[schemars(with = "Option<schema::Time>", example = None::<String>)]
    canceled_at: Option<String>,
    #[schemars(with = "Option<schema::Time>", example = None::<String>)]
    ended_at: Option<String>,
    /// Null when nothing more will be billed.
    #[schemars(with = "Option<schema::Time>")]
    next_billing_at: Option<String>,
    /// The charge that a cancellation now would judge as the latest.
    #[schemars(with = "Option<schema::ChargeId>")]
    latest_charge: Option<String>,
    #[schemars(example = &"ch_1")]
    latest_charge_provider_id: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Interval {
    #[schemars(with = "words::IntervalUnit", example = &"month")]
    unit: String,
    /// How many of the unit; 1 or more.
    #[schemars(with = "schema::Count")]
    count: i64,
}

pub fn subscription(view: SubscriptionView) -> Result<Subscription, Problem> {
    let row = view.row;
    let price = match (row.price, &row.currency) {
        (Some(minor), Some(currency)) => Some(Money::from_minor(minor, currency)?),
        (Some(_) | None, _) => None,
    };
    let interval = match (row.interval_unit.clone(), row.interval_count) {
        (Some(unit), Some(count)) => Some(Interval { unit, count }),
        (Some(_) | None, _) => None,
    };
    let (latest_charge, latest_charge_provider_id) = match view.latest_charge {
        Some(charge) => (Some(charge.id), Some(charge.provider_id)),
        None => (None, None),
    };
    Ok(Subscription {
        price,
        interval,
        current_period: period(row.period_start, row.period_end)?.map(Period::from),
        cancel_at_period_end: stops(&row),
        canceled_at: optional_time(row.canceled_at)?,
        ended_at: optional_time(row.ended_at)?,
        next_billing_at: optional_time(next_billing_at(&row))?,
        latest_charge,
        latest_charge_provider_id,
        id: row.id,
        provider_id: row.provider_id,
        connection: row.connection,
        customer: row.customer_id,
        customer_provider_id: view.customer_provider_id,
        status: row.status,
        plan: row.plan,
    })
}

/// Whether a subscription that runs will stop by itself.
fn stops(row: &rows::Subscription) -> bool {
    row.renewal == "stops" || row.cancel_at.is_some()
}

/// When the next cycle is billed; None when none will be, or nobody can say.
fn next_billing_at(row: &rows::Subscription) -> Option<i64> {
    let bills = match SubscriptionStatus::parse(&row.status)? {
        SubscriptionStatus::Trialing | SubscriptionStatus::Active | SubscriptionStatus::PastDue => {
            !stops(row)
        }
        SubscriptionStatus::Incomplete
        | SubscriptionStatus::Unpaid
        | SubscriptionStatus::Paused
        | SubscriptionStatus::Canceled
        | SubscriptionStatus::Expired => false,
    };
    row.period_end.filter(|_| bills)
}

/// Money taken, or tried, for a subscription.
#[derive(Serialize, JsonSchema)]
pub struct Charge {
    #[schemars(with = "schema::ChargeId")]
    id: String,
    #[schemars(example = &"ch_1")]
    provider_id: String,
    #[schemars(with = "words::ChargeKind")]
    kind: &'static str,
    amount: Money,
    /// Refunds under way count as done, whoever made them.
    refunded: Money,
    disputed: bool,
    #[schemars(with = "words::ChargeStatus")]
    status: String,
    /// When it was paid.
    #[schemars(with = "Option<schema::Time>")]
    charged_at: Option<String>,
    /// What it paid for.
    period: Option<Period>,
}

pub fn charge(picture: ChargePicture) -> Result<Charge, Problem> {
    let refunded = picture.refunded();
    let row = picture.row;
    Ok(Charge {
        kind: picture.kind.as_str(),
        amount: Money::from_minor(row.amount, &row.currency)?,
        refunded: Money::from_minor(refunded, &row.currency)?,
        disputed: row.dispute != "undisputed",
        charged_at: picture.paid_at.map(|at| at.to_rfc3339()),
        period: picture.period.map(Period::from),
        id: row.id,
        provider_id: row.provider_id,
        status: row.status,
    })
}

/// A report of what was delivered for a charge's period.
#[derive(Serialize, JsonSchema)]
pub struct Delivery {
    #[schemars(with = "schema::DeliveryId")]
    id: String,
    #[schemars(with = "schema::SubscriptionId")]
    subscription: String,
    #[schemars(example = &"sub_1")]
    subscription_provider_id: String,
    #[schemars(with = "schema::ChargeId")]
    charge: String,
    #[schemars(example = &"ch_1")]
    charge_provider_id: String,
    /// Units ordered.
    #[schemars(with = "schema::Count")]
    ordered: i64,
    /// Units delivered.
    #[schemars(with = "schema::Count")]
    delivered: i64,
    /// Whether the delivery is over, whatever the units say.
    completed: bool,
    /// The id of the API key, or `admin_key`.
    #[schemars(example = &"avkey_019ab0c8000070008000000000000001")]
    reported_by: String,
    #[schemars(with = "schema::Time")]
    reported_at: String,
}

pub fn delivery(reported: Reported) -> Result<Delivery, Problem> {
    let row = reported.row;
    Ok(Delivery {
        reported_at: time(row.reported_at)?,
        id: row.id,
        subscription: row.subscription_id,
        subscription_provider_id: reported.subscription_provider_id,
        charge: row.charge_id,
        charge_provider_id: reported.charge_provider_id,
        ordered: row.ordered,
        delivered: row.delivered,
        completed: row.completed,
        reported_by: row.reported_by,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(status: &str, renewal: &str, cancel_at: Option<i64>) -> rows::Subscription {
        rows::Subscription {
            id: "avsub_1".to_owned(),
            connection: "stripe".to_owned(),
            provider_id: "sub_1".to_owned(),
            customer_id: "avcus_1".to_owned(),
            status: status.to_owned(),
            plan: None,
            price: None,
            currency: None,
            interval_unit: None,
            interval_count: None,
            period_start: Some(0),
            period_end: Some(1_000_000),
            trial_end: None,
            renewal: renewal.to_owned(),
            cancel_at,
            canceled_at: None,
            ended_at: None,
            created_at: 0,
            version: String::new(),
            seen_renewing_at: None,
        }
    }

    #[test]
    fn only_what_renews_is_billed_again() {
        for status in ["trialing", "active", "past_due"] {
            assert_eq!(
                next_billing_at(&row(status, "renews", None)),
                Some(1_000_000),
                "{status}"
            );
            assert_eq!(
                next_billing_at(&row(status, "stops", None)),
                None,
                "{status}"
            );
            assert_eq!(
                next_billing_at(&row(status, "renews", Some(5))),
                None,
                "{status}"
            );
        }
        for status in ["incomplete", "unpaid", "paused", "canceled", "expired"] {
            assert_eq!(
                next_billing_at(&row(status, "renews", None)),
                None,
                "{status}"
            );
        }
    }

    #[test]
    fn fields_that_do_not_apply_are_null_and_not_left_out() {
        let view = SubscriptionView {
            row: row("active", "renews", None),
            customer_provider_id: None,
            latest_charge: None,
        };
        let json = serde_json::to_value(subscription(view).unwrap()).unwrap();
        for field in [
            "plan",
            "price",
            "interval",
            "canceled_at",
            "ended_at",
            "latest_charge",
        ] {
            assert_eq!(json.get(field), Some(&serde_json::Value::Null), "{field}");
        }
        assert_eq!(json["current_period"]["end"], "1970-01-01T00:00:01Z");
        assert_eq!(json["next_billing_at"], "1970-01-01T00:00:01Z");
    }
}
