//! Delivery reports.

use super::subscriptions::ID;
use super::{Answer, objects};
use crate::app::deliveries::{self, Completed, ReportDelivery};
use crate::http::body::{Fields, body};
use crate::http::operation::{Operation, Reply, Tag};
use crate::http::params::{Params, path_part};
use crate::http::problem::Code;
use crate::http::{State, auth, work};
use actix_web::{HttpRequest, HttpResponse, web};
use schemars::JsonSchema;

/// What was delivered for the period of a charge. A new report is a new row; the last one counts.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct DeliveryReport {
    /// The charge that paid for it: our id or the provider's.
    #[schemars(length(min = 1, max = 2000), example = &"ch_1")]
    charge: String,
    /// Units ordered.
    #[schemars(range(min = 1), example = 30)]
    ordered: i64,
    /// Units delivered; no more than were ordered.
    #[schemars(range(min = 0), example = 10)]
    delivered: i64,
    /// Whether the delivery is over, whatever the units say; false when it is left out.
    completed: Option<bool>,
}

body!(DeliveryReport {
    charge,
    ordered,
    delivered,
    completed
});

pub const POST: Operation = Operation::new(
    Tag::Subscriptions,
    "report_delivery",
    "Reports what was delivered for a charge's period",
)
.about("The policy gives back less of a period that was partly delivered, and nothing of one that was delivered whole.")
.path(&[ID])
.takes::<DeliveryReport>("What was delivered.")
.gives(&[Reply::json::<objects::Delivery>(201, "The report as it is stored.")])
.refuses(&[Code::ChargeOfAnotherSubscription]);

pub async fn post(state: web::Data<State>, request: HttpRequest, body: Fields) -> Answer {
    Params::read(&request)?;
    let report: DeliveryReport = body.read()?;
    let command = ReportDelivery {
        subscription: path_part(&request, "subscription")?,
        charge: report.charge,
        ordered: report.ordered,
        delivered: report.delivered,
        completed: match report.completed {
            Some(true) => Completed::Yes,
            Some(false) | None => Completed::No,
        },
        reported_by: auth::principal(&request)?.key,
    };
    let app = state.app.clone();
    let reported = work(move || deliveries::report(&app, &command)).await?;
    Ok(HttpResponse::Created().json(objects::delivery(reported)?))
}
