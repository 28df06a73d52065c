//! What things look like in JSON. A field that does not apply is null, never left out.

mod billing;
mod books;
mod cancellation;
mod dispute;

pub use billing::{charge, customer, delivery, subscription};
pub use books::{account, journal, trial_balance};
pub use cancellation::{Preview, cancellation, refund};
pub use dispute::dispute;

use crate::app::Failure;
use crate::app::books::{money as read_money, time as read_time};
use crate::app::portal::Link;
use crate::http::problem::Problem;
use crate::store::rows::EventSummary;
use avstem_domain::money;
use avstem_domain::time::{BillingPeriod, Timestamp};
use secrecy::ExposeSecret;
use serde::Serialize;

/// `{"amount":"249.00","currency":"SEK"}`
#[derive(Debug, Serialize)]
pub struct Money {
    amount: String,
    currency: String,
}

impl From<money::Money> for Money {
    fn from(money: money::Money) -> Self {
        Self {
            amount: money.to_decimal_string(),
            currency: money.currency().code().to_owned(),
        }
    }
}

impl Money {
    fn from_minor(minor: i64, currency: &str) -> Result<Self, Failure> {
        read_money(minor, currency).map(Self::from)
    }
}

/// From `start`, included, to `end`, excluded.
#[derive(Debug, Serialize)]
pub struct Period {
    start: String,
    end: String,
}

impl From<BillingPeriod> for Period {
    fn from(period: BillingPeriod) -> Self {
        Self {
            start: period.start().to_rfc3339(),
            end: period.end().to_rfc3339(),
        }
    }
}

/// RFC 3339, from microseconds.
fn time(micros: i64) -> Result<String, Failure> {
    read_time(micros).map(Timestamp::to_rfc3339)
}

fn optional_time(micros: Option<i64>) -> Result<Option<String>, Failure> {
    micros.map(time).transpose()
}

/// A delivery in the inbox.
#[derive(Serialize)]
pub struct Event {
    id: String,
    provider_event_id: Option<String>,
    connection: String,
    r#type: Option<String>,
    state: String,
    attempts: i64,
    error: Option<String>,
    conflict: Option<String>,
    received_at: String,
    processed_at: Option<String>,
}

pub fn event(row: EventSummary) -> Result<Event, Problem> {
    Ok(Event {
        received_at: time(row.received_at)?,
        processed_at: optional_time(row.processed_at)?,
        id: row.id,
        provider_event_id: row.provider_event_id,
        connection: row.connection,
        r#type: row.kind,
        state: row.state,
        attempts: row.attempts,
        error: row.error,
        conflict: row.conflict,
    })
}

#[derive(Serialize)]
pub struct PortalSession {
    url: String,
    expires_at: String,
}

/// The only place where the link's secret leaves us.
pub fn portal_session(link: &Link) -> PortalSession {
    PortalSession {
        url: link.url.expose_secret().to_owned(),
        expires_at: link.expires_at.to_rfc3339(),
    }
}
