//! Cancellations: looked at before, asked for, followed.

use super::objects::{self, Preview};
use super::{Answer, answer_page, rows_for};
use crate::app::cancellation::{
    self, CancellationView, RequestCancellation, RequestedBy, Standing, UndoError, Undoing,
};
use crate::app::refunds::{self, RefundView};
use crate::app::{App, Failure};
use crate::http::body::Fields;
use crate::http::params::{PAGE, Params, not_one_of, path_part};
use crate::http::problem::Problem;
use crate::http::{State, work};
use actix_web::{HttpRequest, HttpResponse, web};
use avstem_domain::cancellation::RefundChoice;

const STATES: [&str; 6] = [
    "requested",
    "canceling",
    "refunding",
    "completed",
    "undone",
    "attention",
];
const REQUESTED_BY: [&str; 3] = ["customer", "support", "shop"];
const REFUND: [&str; 2] = ["policy", "none"];

pub async fn preview(state: web::Data<State>, request: HttpRequest) -> Answer {
    let params = Params::read(&request, &["refund"])?;
    let refund = refund_choice(params.get("refund"))?;
    let subscription = path_part(&request, "subscription")?;
    let app = state.app.clone();
    let previewed = work(move || cancellation::preview(&app, &subscription, refund)).await?;
    Ok(HttpResponse::Ok().json(Preview::of(&previewed.plan)))
}

pub async fn post(state: web::Data<State>, request: HttpRequest, body: Fields) -> Answer {
    Params::read(&request, &[])?;
    let mut body = body.only(&[
        "requested_by",
        "refund",
        "reason",
        "requested_at",
        "expected_latest_charge",
    ])?;
    let requested_by = body.required_text("requested_by")?;
    let command = RequestCancellation {
        subscription: path_part(&request, "subscription")?,
        requested_by: RequestedBy::parse(&requested_by)
            .ok_or_else(|| not_one_of("requested_by", &REQUESTED_BY))?,
        refund: refund_choice(body.text("refund")?.as_deref())?,
        reason: body.text("reason")?,
        requested_at: body.time("requested_at")?,
        expected_latest_charge: body.text("expected_latest_charge")?,
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
    Params::read(&request, &[])?;
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
    let [limit, cursor] = PAGE;
    let params = Params::read(&request, &["state", limit, cursor])?;
    let page = params.page("avcan")?;
    let wanted = params.one_of("state", &STATES)?;
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
    Params::read(&request, &[])?;
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

fn refund_choice(word: Option<&str>) -> Result<RefundChoice, Problem> {
    match word {
        None | Some("policy") => Ok(RefundChoice::Policy),
        Some("none") => Ok(RefundChoice::None),
        Some(_) => Err(not_one_of("refund", &REFUND)),
    }
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
