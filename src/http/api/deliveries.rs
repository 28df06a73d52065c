//! Delivery reports.

use super::{Answer, objects};
use crate::app::deliveries::{self, Completed, ReportDelivery};
use crate::http::body::Fields;
use crate::http::params::{Params, path_part};
use crate::http::{State, auth, work};
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn post(state: web::Data<State>, request: HttpRequest, body: Fields) -> Answer {
    Params::read(&request, &[])?;
    let mut body = body.only(&["charge", "ordered", "delivered", "completed"])?;
    let command = ReportDelivery {
        subscription: path_part(&request, "subscription")?,
        charge: body.required_text("charge")?,
        ordered: body.required_integer("ordered")?,
        delivered: body.required_integer("delivered")?,
        completed: match body.flag("completed")? {
            Some(true) => Completed::Yes,
            Some(false) | None => Completed::No,
        },
        reported_by: auth::principal(&request)?.key,
    };
    let app = state.app.clone();
    let reported = work(move || deliveries::report(&app, &command)).await?;
    Ok(HttpResponse::Created().json(objects::delivery(reported)?))
}
