//! Disputes, looked at.

use super::{Answer, List, answer_page, objects, rows_for};
use crate::app::disputes::{self, Filter};
use crate::http::operation::{CURSOR, LIMIT, Operation, Parameter, Reply, Tag};
use crate::http::params::{Params, path_part};
use crate::http::problem::Problem;
use crate::http::schema::{self, words};
use crate::http::{State, work};
use actix_web::{HttpRequest, HttpResponse, web};

pub const LIST: Operation = Operation::new(Tag::Disputes, "list_disputes", "Lists disputes")
    .about("Newest first.")
    .query(&[
        Parameter::new::<words::DisputeStatus>(
            "status",
            "Only those that stand so.",
            "needs_response",
        ),
        Parameter::new::<schema::AnyId>(
            "charge",
            "Only those of this charge: our id or the provider's.",
            "ch_1",
        ),
        LIMIT,
        CURSOR,
    ])
    .gives(&[Reply::json::<List<objects::Dispute>>(200, "A page.")])
    .example("?status=needs_response");

pub const GET: Operation = Operation::new(Tag::Disputes, "get_dispute", "Shows one dispute")
    .path(&[Parameter::new::<schema::AnyId>(
        "id",
        "A dispute: our id or the provider's.",
        "du_1",
    )])
    .gives(&[Reply::json::<objects::Dispute>(200, "The dispute.")]);

pub async fn list(state: web::Data<State>, request: HttpRequest) -> Answer {
    let params = Params::read(&request)?;
    let page = params.page("avdp")?;
    let filter = Filter {
        status: params.one_of::<words::DisputeStatus>("status")?,
        charge: params.owned("charge"),
        before: page.before.clone(),
    };
    let (app, rows) = (state.app.clone(), rows_for(&page));
    let found = work(move || disputes::list(&app, &filter, rows)).await?;
    answer_page(found, &page, |view| &view.row.id, objects::dispute)
}

pub async fn get(state: web::Data<State>, request: HttpRequest) -> Answer {
    Params::read(&request)?;
    let id = path_part(&request, "dispute")?;
    let (app, wanted) = (state.app.clone(), id.clone());
    let found = work(move || disputes::find(&app, &wanted)).await?;
    let view = found.ok_or_else(|| Problem::not_found("dispute", &id))?;
    Ok(HttpResponse::Ok().json(objects::dispute(view)?))
}
