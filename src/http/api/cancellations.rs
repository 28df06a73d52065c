//! Cancellations: looked at before, asked for, followed.

use super::objects::{self, Preview};
use super::subscriptions::ID as SUBSCRIPTION;
use super::{Answer, List, answer_page, rows_for};
use crate::app::cancellation::{
    self, CancellationView, RequestCancellation, RequestedBy, Standing, UndoError, Undoing,
};
use crate::app::refunds::{self, RefundView};
use crate::app::{App, Failure};
use crate::http::body::{Fields, body, refund_choice};
use crate::http::operation::{CURSOR, LIMIT, Operation, Parameter, Reply, Tag};
use crate::http::params::{Params, path_part};
use crate::http::problem::{Code, Problem};
use crate::http::schema::{self, words};
use crate::http::{State, work};
use actix_web::{HttpRequest, HttpResponse, web};
use avstem_domain::cancellation::RefundChoice;
use avstem_domain::time::Timestamp;
use schemars::JsonSchema;

/// How a subscription is to be canceled.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct CancellationRequest {
    #[schemars(with = "words::RequestedBy")]
    requested_by: RequestedBy,
    /// `policy` when it is left out.
    #[schemars(with = "Option<words::RefundChoice>")]
    refund: Option<RefundChoice>,
    /// What the customer said.
    #[schemars(length(min = 1, max = 2000), example = &"moving abroad")]
    reason: Option<String>,
    /// When the customer really asked, if that was earlier: it decides the rules. Not in the future.
    #[schemars(with = "Option<schema::Time>")]
    requested_at: Option<Timestamp>,
    /// The charge that the asker saw as the latest: our id or the provider's. When it is another by
    /// now, nothing is done.
    #[schemars(length(min = 1, max = 2000), example = &"ch_1")]
    expected_latest_charge: Option<String>,
}

body!(CancellationRequest {
    requested_by,
    refund,
    reason,
    requested_at,
    expected_latest_charge,
});

pub const PREVIEW: Operation = Operation::new(
    Tag::Cancellations,
    "preview_cancellation",
    "Shows what a cancellation now would do",
)
.about("From what is known here. The cancellation itself reads the facts again from the provider.")
.path(&[SUBSCRIPTION])
.query(&[Parameter::new::<words::RefundChoice>(
    "refund",
    "As in the request; `policy` when it is left out.",
    "policy",
)])
.gives(&[Reply::json::<objects::Preview>(
    200,
    "The stop, and one verdict for each charge.",
)]);

pub const POST: Operation = Operation::new(
    Tag::Cancellations,
    "cancel_subscription",
    "Cancels a subscription",
)
.about("What is asked for is stored and carried out in the background: read the cancellation again to follow it.")
.path(&[SUBSCRIPTION])
.takes::<CancellationRequest>("Who asks, and for what.")
.gives(&[
    Reply::json::<objects::Cancellation>(202, "The new cancellation."),
    Reply::json::<objects::Cancellation>(
        200,
        "The one that stands already, whatever the body says; nothing new is done.",
    ),
])
.refuses(&[
    Code::LatestChargeChanged,
    Code::ProviderNotConfigured,
    Code::ProviderUnavailable,
]);

pub const LIST: Operation = Operation::new(
    Tag::Cancellations,
    "list_cancellations",
    "Lists cancellations",
)
.about("Newest first.")
.query(&[
    Parameter::new::<words::CancellationState>("state", "Only those in this state.", "attention"),
    LIMIT,
    CURSOR,
])
.gives(&[Reply::json::<List<objects::Cancellation>>(200, "A page.")])
.example("?state=attention");

pub const GET: Operation = Operation::new(
    Tag::Cancellations,
    "get_cancellation",
    "Shows one cancellation",
)
.path(&[Parameter::new::<schema::AnyId>(
    "id",
    "A cancellation: our id, for the provider has none.",
    "avcan_019ab0c8000070008000000000000001",
)])
.gives(&[Reply::json::<objects::Cancellation>(
    200,
    "The cancellation.",
)]);

pub const UNDO: Operation = Operation::new(
    Tag::Cancellations,
    "undo_cancellation",
    "Takes a cancellation back",
)
.about("Possible while it stops at the end of the period and that has not come; billing then goes on. Asked again, it answers the same.")
.path(&[Parameter::new::<schema::AnyId>(
    "id",
    "A cancellation: our id, for the provider has none.",
    "avcan_019ab0c8000070008000000000000001",
)])
.gives(&[
    Reply::json::<objects::Cancellation>(200, "Billing goes on."),
    Reply::json::<objects::Cancellation>(202, "Asked for; the provider has not confirmed it."),
])
.refuses(&[Code::NotFound, Code::TooLate, Code::ProviderNotConfigured]);

pub async fn preview(state: web::Data<State>, request: HttpRequest) -> Answer {
    let params = Params::read(&request)?;
    let refund = match params.get("refund") {
        None => RefundChoice::Policy,
        Some(word) => refund_choice("refund", word)?,
    };
    let subscription = path_part(&request, "subscription")?;
    let app = state.app.clone();
    let previewed = work(move || cancellation::preview(&app, &subscription, refund)).await?;
    Ok(HttpResponse::Ok().json(Preview::of(&previewed.plan)))
}

pub async fn post(state: web::Data<State>, request: HttpRequest, body: Fields) -> Answer {
    Params::read(&request)?;
    let asked: CancellationRequest = body.read()?;
    let command = RequestCancellation {
        subscription: path_part(&request, "subscription")?,
        requested_by: asked.requested_by,
        refund: asked.refund.unwrap_or(RefundChoice::Policy),
        reason: asked.reason,
        requested_at: asked.requested_at,
        expected_latest_charge: asked.expected_latest_charge,
    };
    let app = state.app.clone();
    let (standing, view, refunds) = work(move || {
        let requested = cancellation::request(&app, command)?;
        let id = requested.cancellation.id;
        let found = find(&app, &id).map_err(cancellation::RequestError::Failure)?;
        let (view, refunds) = found.ok_or_else(|| {
            let gone = Failure::Unreadable(format!("cancellation {id}: it was there a moment ago"));
            cancellation::RequestError::Failure(gone)
        })?;
        Ok::<_, cancellation::RequestError>((requested.standing, view, refunds))
    })
    .await?;
    let mut response = match standing {
        Standing::New => HttpResponse::Accepted(),
        Standing::Existing => HttpResponse::Ok(),
    };
    Ok(response.json(objects::cancellation(
        view,
        refunds,
        &state.app.config.public_url,
    )?))
}

/// Takes one back: 200 once billing goes on, 202 while the provider has not confirmed it.
pub async fn undo(state: web::Data<State>, request: HttpRequest) -> Answer {
    Params::read(&request)?;
    let id = path_part(&request, "cancellation")?;
    let app = state.app.clone();
    let (undoing, view, refunds) = work(move || {
        let undoing = cancellation::undo(&app, &id)?;
        let (view, refunds) = find(&app, &id)
            .map_err(UndoError::Failure)?
            .ok_or(UndoError::NotFound)?;
        Ok::<_, UndoError>((undoing, view, refunds))
    })
    .await?;
    let mut response = match undoing {
        Undoing::Done => HttpResponse::Ok(),
        Undoing::UnderWay => HttpResponse::Accepted(),
    };
    Ok(response.json(objects::cancellation(
        view,
        refunds,
        &state.app.config.public_url,
    )?))
}

pub async fn list(state: web::Data<State>, request: HttpRequest) -> Answer {
    let params = Params::read(&request)?;
    let page = params.page("avcan")?;
    let wanted = params.one_of::<words::CancellationState>("state")?;
    let (app, rows, before) = (state.app.clone(), rows_for(&page), page.before.clone());
    let found = work(move || {
        let views = cancellation::list(&app, wanted.as_deref(), before.as_deref(), rows)?;
        with_refunds(&app, views)
    })
    .await?;
    let url = &state.app.config.public_url;
    answer_page(
        found,
        &page,
        |(view, _)| &view.row.id,
        |(view, refunds)| objects::cancellation(view, refunds, url),
    )
}

pub async fn get(state: web::Data<State>, request: HttpRequest) -> Answer {
    Params::read(&request)?;
    let id = path_part(&request, "cancellation")?;
    let (app, wanted) = (state.app.clone(), id.clone());
    let found = work(move || find(&app, &wanted)).await?;
    let (view, refunds) = found.ok_or_else(|| Problem::not_found("cancellation", &id))?;
    Ok(HttpResponse::Ok().json(objects::cancellation(
        view,
        refunds,
        &state.app.config.public_url,
    )?))
}

type WithRefunds = (CancellationView, Vec<RefundView>);

fn find(app: &App, id: &str) -> Result<Option<WithRefunds>, Failure> {
    let views: Vec<CancellationView> = cancellation::view(app, id)?.into_iter().collect();
    Ok(with_refunds(app, views)?.pop())
}

/// Adds to every cancellation its refunds as the API shows them, in one query for all.
fn with_refunds(app: &App, mut views: Vec<CancellationView>) -> Result<Vec<WithRefunds>, Failure> {
    let counts: Vec<usize> = views.iter().map(|view| view.refunds.len()).collect();
    let rows = views
        .iter_mut()
        .flat_map(|view| std::mem::take(&mut view.refunds))
        .collect();
    let mut all = refunds::with_charges(app, rows)?.into_iter();
    let with = |(view, count): (CancellationView, usize)| {
        let own: Vec<RefundView> = all.by_ref().take(count).collect();
        (view, own)
    };
    Ok(views.into_iter().zip(counts).map(with).collect())
}
