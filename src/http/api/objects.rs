//! What things look like in JSON. A field that does not apply is null, never left out.

mod billing;
mod books;
mod cancellation;
mod dispute;
mod reconciliation;
mod reports;

pub use billing::{Charge, Customer, Delivery, Subscription};
pub use billing::{charge, customer, delivery, subscription};
pub use books::{Account, Journal, TrialBalance, account, journal, trial_balance};
pub use cancellation::{Cancellation, Preview, Refund, cancellation, refund};
pub use dispute::{Dispute, dispute};
pub use reconciliation::{Break, BreakWithHistory, File, Reconciliation};
pub use reconciliation::{break_with_history, file, open_break, reconciliation};
pub use reports::{
    AgingReport, ReconciliationReport, RefundsReport, RevenueReport, WaterfallReport,
};
pub use reports::{
    aging_report, reconciliation_report, refunds_report, revenue_report, waterfall_report,
};

use crate::app::Failure;
use crate::app::books::{money as read_money, time as read_time};
use crate::app::portal::Link;
use crate::http::problem::Problem;
use crate::http::schema::{self, words};
use crate::store::rows::EventSummary;
use avstem_domain::money;
use avstem_domain::time::{BillingPeriod, Timestamp};
use schemars::JsonSchema;
use secrecy::ExposeSecret;
use serde::Serialize;

/// A decimal string with exactly the digits that ISO 4217 gives the currency.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Money {
    #[schemars(with = "schema::Decimal")]
    amount: String,
    #[schemars(with = "schema::Currency")]
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
#[derive(Debug, Serialize, JsonSchema)]
pub struct Period {
    #[schemars(with = "schema::Time")]
    start: String,
    #[schemars(with = "schema::Time")]
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
#[derive(Serialize, JsonSchema)]
pub struct Event {
    #[schemars(with = "schema::EventId")]
    id: String,
    /// Null when the body cannot be read.
    #[schemars(example = &"evt_1SaAaA")]
    provider_event_id: Option<String>,
    /// A connection of the settings.
    #[schemars(example = &"stripe")]
    connection: String,
    /// The provider's word for it; null when the body cannot be read.
    #[schemars(example = &"charge.succeeded")]
    r#type: Option<String>,
    #[schemars(with = "words::EventState")]
    state: String,
    /// How often it was worked on.
    #[schemars(with = "schema::Count")]
    attempts: i64,
    /// Why it is parked, failed or foreign.
    #[schemars(example = &"data.object.amount: missing")]
    error: Option<String>,
    /// Not null when another body came under the same event id; the first is kept.
    conflict: Option<String>,
    #[schemars(with = "schema::Time")]
    received_at: String,
    #[schemars(with = "Option<schema::Time>")]
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

/// A link that signs a customer in, once.
#[derive(Serialize, JsonSchema)]
pub struct PortalSession {
    #[schemars(with = "schema::Url", example = &"http://127.0.0.1:8080/account/enter/…")]
    url: String,
    #[schemars(with = "schema::Time")]
    expires_at: String,
}

/// The only place where the link's secret leaves us.
pub fn portal_session(link: &Link) -> PortalSession {
    PortalSession {
        url: link.url.expose_secret().to_owned(),
        expires_at: link.expires_at.to_rfc3339(),
    }
}
