//! Refunds: asked for without stopping anything, and followed.

use super::{Answer, List, answer_stretch, objects, rows_for};
use crate::app::Failure;
use crate::app::refunds::{self, Filter};
use crate::app::request_refund::{self, RefundError, RequestRefund};
use crate::http::body::{Fields, body};
use crate::http::idempotency::IdempotencyKey;
use crate::http::operation::{CURSOR, FROM, LIMIT, Operation, Parameter, Reply, TO, Tag};
use crate::http::params::{Params, path_part};
use crate::http::problem::{Code, Problem};
use crate::http::schema::{self, words};
use crate::http::{State, auth, work};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use avstem_domain::refund_policy;
use schemars::JsonSchema;

/// Which charge is to be refunded. There is no amount: the rules decide it.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct RefundRequest {
    /// Our id or the provider's.
    #[schemars(length(min = 1, max = 2000), example = &"ch_1")]
    charge: String,
    /// Why, for whoever reads the refund later.
    #[schemars(length(min = 1, max = 2000), example = &"delivered to the wrong address")]
    reason: Option<String>,
}

body!(RefundRequest { charge, reason });

pub const POST: Operation = Operation::new(
    Tag::Refunds,
    "request_refund",
    "Asks for a refund without stopping anything",
)
.about("The rules of a cancellation apply, judged now. When they grant nothing, the problem's code is the verdict's, with its clause and explanation.")
.takes::<RefundRequest>("The charge.")
.gives(&[Reply::json::<objects::Refund>(201, "The refund, decided and under way.")])
.refuses(&[
    Code::NotFound,
    Code::SharedInvoice,
    Code::Rejected(refund_policy::Code::NotPaid),
    Code::Rejected(refund_policy::Code::Disputed),
    Code::Rejected(refund_policy::Code::AlreadyRefunded),
    Code::Rejected(refund_policy::Code::NotRecurring),
    Code::Rejected(refund_policy::Code::EarlierPeriod),
    Code::Rejected(refund_policy::Code::OutsideWindow),
    Code::Rejected(refund_policy::Code::PeriodDelivered),
    Code::ProviderNotConfigured,
    Code::ProviderUnavailable,
]);

pub const LIST: Operation = Operation::new(Tag::Refunds, "list_refunds", "Lists refunds")
    .about("Newest first. `from` and `to` bound the day it was made.")
    .query(&[
        Parameter::new::<words::RefundState>("state", "Only those in this state.", "unknown"),
        Parameter::new::<words::Answer>(
            "policy_conform",
            "Only those that the policy grants, or does not.",
            "false",
        ),
        FROM,
        TO,
        LIMIT,
        CURSOR,
    ])
    .gives(&[Reply::json::<List<objects::Refund>>(200, "A page.")])
    .example("?state=unknown");

pub const GET: Operation = Operation::new(Tag::Refunds, "get_refund", "Shows one refund")
    .path(&[Parameter::new::<schema::AnyId>(
        "id",
        "A refund: our id or the provider's.",
        "re_1",
    )])
    .gives(&[Reply::json::<objects::Refund>(200, "The refund.")]);

pub async fn post(state: web::Data<State>, request: HttpRequest, body: Fields) -> Answer {
    Params::read(&request)?;
    let asked: RefundRequest = body.read()?;
    let command = RequestRefund {
        charge: asked.charge,
        reason: asked.reason,
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
    let params = Params::read(&request)?;
    let page = params.page("avref")?;
    let (from, to) = params.days()?.instants(state.app.config.time_zone);
    let filter = Filter {
        state: params.one_of::<words::RefundState>("state")?,
        from,
        to,
        policy_conform: params
            .one_of::<words::Answer>("policy_conform")?
            .map(|word| word == "true"),
        before: page.before.clone(),
    };
    let (app, rows) = (state.app.clone(), rows_for(&page));
    let found = work(move || refunds::list(&app, &filter, rows)).await?;
    answer_stretch(found, &page, |view| &view.row.id, objects::refund)
}

pub async fn get(state: web::Data<State>, request: HttpRequest) -> Answer {
    Params::read(&request)?;
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
