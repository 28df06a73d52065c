//! The inbox.

use super::{Answer, answer_page, objects, rows_for};
use crate::app::events::{self, Filter};
use crate::app::replay_events::{self, Which};
use crate::http::params::{PAGE, Params, path_part};
use crate::http::problem::Problem;
use crate::http::{State, work};
use actix_web::{HttpRequest, HttpResponse, web};

const STATES: [&str; 6] = [
    "received",
    "processed",
    "ignored",
    "parked",
    "failed",
    "foreign",
];

pub async fn list(state: web::Data<State>, request: HttpRequest) -> Answer {
    let [limit, cursor] = PAGE;
    let params = Params::read(&request, &["state", "connection", "type", limit, cursor])?;
    let page = params.page("avevt")?;
    let filter = Filter {
        state: params.one_of("state", &STATES)?,
        connection: params.owned("connection"),
        kind: params.owned("type"),
        before: page.before.clone(),
    };
    let (app, rows) = (state.app.clone(), rows_for(&page));
    let found = work(move || events::list(&app, &filter, rows)).await?;
    answer_page(found, &page, |row| &row.id, objects::event)
}

pub async fn get(state: web::Data<State>, request: HttpRequest) -> Answer {
    Params::read(&request, &[])?;
    let id = path_part(&request, "event")?;
    show(&state, id, HttpResponse::Ok()).await
}

/// Puts a delivery back in the queue; it is processed soon after.
pub async fn replay(state: web::Data<State>, request: HttpRequest) -> Answer {
    Params::read(&request, &[])?;
    let id = path_part(&request, "event")?;
    let (app, which) = (state.app.clone(), Which::These(vec![id.clone()]));
    work(move || replay_events::replay(&app, &which)).await?;
    show(&state, id, HttpResponse::Accepted()).await
}

async fn show(
    state: &web::Data<State>,
    id: String,
    mut response: actix_web::HttpResponseBuilder,
) -> Answer {
    let (app, wanted) = (state.app.clone(), id.clone());
    let found = work(move || events::find(&app, &wanted)).await?;
    let row = found.ok_or_else(|| Problem::not_found("event", &id))?;
    Ok(response.json(objects::event(row)?))
}
