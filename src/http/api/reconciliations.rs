//! Reconciliations: made, and looked at.

use super::{Answer, objects};
use crate::app::reconcile::{self, ReconcileRequest};
use crate::http::body::{Fields, body};
use crate::http::operation::{Operation, Parameter, Reply, Tag};
use crate::http::params::{Params, path_part};
use crate::http::problem::Problem;
use crate::http::schema;
use crate::http::{State, auth, work};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::NaiveDate;
use schemars::JsonSchema;

/// What to reconcile. Everything, without a field.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct ReconciliationRequest {
    /// One connection of the settings.
    #[schemars(length(min = 1, max = 2000), example = &"paypal")]
    connection: Option<String>,
    /// The last day that counts; ages count to it. Without it, the last day that the bank's statements tell
    /// of.
    #[schemars(with = "Option<schema::Day>")]
    through: Option<NaiveDate>,
}

body!(ReconciliationRequest {
    connection,
    through
});

pub const POST: Operation = Operation::new(
    Tag::Reconciliation,
    "reconcile",
    "Matches ledger, provider and bank",
)
.about("What is paired is booked, what disagrees becomes a break, and breaks that are over end by themselves.")
.takes::<ReconciliationRequest>("What to reconcile.")
.gives(&[Reply::json::<objects::Reconciliation>(201, "What came of it.")])
.refuses(&[crate::http::problem::Code::NotFound]);

pub const GET: Operation = Operation::new(
    Tag::Reconciliation,
    "get_reconciliation",
    "Shows one reconciliation",
)
.path(&[Parameter::new::<schema::AnyId>(
    "id",
    "A reconciliation's id.",
    "avrec_019ab0c8000070008000000000000001",
)])
.gives(&[Reply::json::<objects::Reconciliation>(
    200,
    "As it was when it was made.",
)]);

pub async fn post(state: web::Data<State>, request: HttpRequest, body: Fields) -> Answer {
    Params::read(&request)?;
    let asked: ReconciliationRequest = body.read()?;
    let command = ReconcileRequest {
        connection: asked.connection,
        through: asked.through,
        by: auth::principal(&request)?.key,
    };
    let app = state.app.clone();
    let made = work(move || reconcile::reconcile(&app, &command, &mut |_| ())).await?;
    Ok(HttpResponse::Created().json(objects::reconciliation(made)?))
}

pub async fn get(state: web::Data<State>, request: HttpRequest) -> Answer {
    Params::read(&request)?;
    let id = path_part(&request, "reconciliation")?;
    let (app, wanted) = (state.app.clone(), id.clone());
    let found = work(move || reconcile::find(&app, &wanted)).await?;
    let view = found.ok_or_else(|| Problem::not_found("reconciliation", &id))?;
    Ok(HttpResponse::Ok().json(objects::reconciliation(view)?))
}
