//! The revenue schedule.

use super::days;
use crate::app::Failure;
use crate::http::schema;
use crate::reports::revenue::{Revenue, Schedule};
use avstem_domain::money;
use avstem_domain::revenue::Month;
use schemars::JsonSchema;
use serde::Serialize;

/// The months in which everything that was ever deferred is earned.
#[derive(Serialize, JsonSchema)]
pub struct RevenueReport {
    /// Null when it is of all connections.
    #[schemars(example = &"stripe")]
    connection: Option<String>,
    #[schemars(with = "Option<schema::Day>")]
    from: Option<String>,
    #[schemars(with = "Option<schema::Day>")]
    to: Option<String>,
    currencies: Vec<RevenueSchedule>,
}

/// In one currency: `before`, the months and `after` sum to `scheduled`.
#[derive(Serialize, JsonSchema)]
struct RevenueSchedule {
    #[schemars(with = "schema::Currency")]
    currency: String,
    /// Earned before the month of `from`.
    #[schemars(with = "schema::Decimal")]
    before: String,
    months: Vec<EarnedInMonth>,
    /// Earned after the month of `to`.
    #[schemars(with = "schema::Decimal")]
    after: String,
    #[schemars(with = "schema::Decimal")]
    scheduled: String,
    /// What of it closed months have made income; null in a report of one connection.
    #[schemars(with = "Option<schema::Decimal>")]
    recognised: Option<String>,
    /// What of it stands in deferred revenue; null in a report of one connection.
    #[schemars(with = "Option<schema::Decimal>")]
    deferred: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct EarnedInMonth {
    #[schemars(example = &"2026-10")]
    month: String,
    #[schemars(with = "schema::Decimal")]
    amount: String,
}

pub fn revenue_report(revenue: &Revenue) -> Result<RevenueReport, Failure> {
    let currencies = revenue.currencies.iter().map(schedule_of);
    let [from, to] = days(revenue.span);
    Ok(RevenueReport {
        connection: revenue.connection.clone(),
        from,
        to,
        currencies: currencies.collect::<Result<_, _>>()?,
    })
}

fn schedule_of(
    (currency, schedule): (&money::Currency, &Schedule),
) -> Result<RevenueSchedule, Failure> {
    let text = |amount: money::Money| amount.to_decimal_string();
    let earned = |(month, amount): (&Month, &money::Money)| EarnedInMonth {
        month: month.to_string(),
        amount: text(*amount),
    };
    Ok(RevenueSchedule {
        currency: currency.code().to_owned(),
        before: text(schedule.before),
        months: schedule.months.iter().map(earned).collect(),
        after: text(schedule.after),
        scheduled: text(schedule.scheduled),
        recognised: schedule.recognised()?.map(text),
        deferred: schedule.standing.map(text),
    })
}
