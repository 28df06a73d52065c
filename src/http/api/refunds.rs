//! Refunds: asked for without stopping anything, and followed.

use super::{Answer, answer_page, objects, rows_for};
use crate::app::Failure;
use crate::app::refunds::{self, Filter};
use crate::app::request_refund::{self, RefundError, RequestRefund};
use crate::http::body::Fields;
use crate::http::idempotency::IdempotencyKey;
use crate::http::params::{PAGE, Params, path_part};
use crate::http::problem::Problem;
use crate::http::{State, auth, work};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};

const STATES: [&str; 6] = [
    "pending",
    "submitted",
    "succeeded",
    "failed",
    "canceled",
    "unknown",
];

const CONFORM: [&str; 2] = ["true", "false"];

pub async fn post(state: web::Data<State>, request: HttpRequest, body: Fields) -> Answer {
    Params::read(&request, &[])?;
    let mut body = body.only(&["charge", "reason"])?;
    let command = RequestRefund {
        charge: body.required_text("charge")?,
        reason: body.text("reason")?,
        request_ref: request_ref(&request)?,
    };
    let app = state.app.clone();
    let view = work(move || {
        let row = request_refund::request(&app, command)?;
        let id = row.id.clone();
        let view = refunds::with_charges(&app, vec![row])?.pop();
        view.ok_or_else(|| Failure::Unreadable(format!("refund {id}: it was there a moment ago")))
            .map_err(RefundError::Failure)
    })
    .await?;
    Ok(HttpResponse::Created().json(objects::refund(view)?))
}

pub async fn list(state: web::Data<State>, request: HttpRequest) -> Answer {
    let [limit, cursor] = PAGE;
    let known = ["state", "from", "to", "policy_conform", limit, cursor];
    let params = Params::read(&request, &known)?;
    let page = params.page("avref")?;
    let (from, to) = params.days()?.instants(state.app.config.time_zone);
    let filter = Filter {
        state: params.one_of("state", &STATES)?,
        from,
        to,
        policy_conform: params
            .one_of("policy_conform", &CONFORM)?
            .map(|word| word == "true"),
        before: page.before.clone(),
    };
    let (app, rows) = (state.app.clone(), rows_for(&page));
    let found = work(move || refunds::list(&app, &filter, rows)).await?;
    answer_page(found, &page, |view| &view.row.id, objects::refund)
}

pub async fn get(state: web::Data<State>, request: HttpRequest) -> Answer {
    Params::read(&request, &[])?;
    let id = path_part(&request, "refund")?;
    let (app, wanted) = (state.app.clone(), id.clone());
    let found = work(move || refunds::find(&app, &wanted)).await?;
    let view = found.ok_or_else(|| Problem::not_found("refund", &id))?;
    Ok(HttpResponse::Ok().json(objects::refund(view)?))
}

/// Ties the refund to the request that asked for it, so that the same request finds it again even when
/// its answer was lost.
fn request_ref(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let caller = auth::principal(request)?.key;
    let extensions = request.extensions();
    let key = extensions.get::<IdempotencyKey>();
    Ok(key.map(|key| format!("{caller}/{}", key.as_str())))
}
