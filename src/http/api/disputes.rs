//! Disputes, looked at.

use super::{Answer, answer_page, objects, rows_for};
use crate::app::disputes::{self, Filter};
use crate::http::params::{PAGE, Params, path_part};
use crate::http::problem::Problem;
use crate::http::{State, work};
use actix_web::{HttpRequest, HttpResponse, web};
use avstem_domain::dispute::DisputeStatus;

pub async fn list(state: web::Data<State>, request: HttpRequest) -> Answer {
    let [limit, cursor] = PAGE;
    let params = Params::read(&request, &["status", "charge", limit, cursor])?;
    let page = params.page("avdp")?;
    let filter = Filter {
        status: params.one_of("status", &DisputeStatus::ALL.map(DisputeStatus::as_str))?,
        charge: params.owned("charge"),
        before: page.before.clone(),
    };
    let (app, rows) = (state.app.clone(), rows_for(&page));
    let found = work(move || disputes::list(&app, &filter, rows)).await?;
    answer_page(found, &page, |view| &view.row.id, objects::dispute)
}

pub async fn get(state: web::Data<State>, request: HttpRequest) -> Answer {
    Params::read(&request, &[])?;
    let id = path_part(&request, "dispute")?;
    let (app, wanted) = (state.app.clone(), id.clone());
    let found = work(move || disputes::find(&app, &wanted)).await?;
    let view = found.ok_or_else(|| Problem::not_found("dispute", &id))?;
    Ok(HttpResponse::Ok().json(objects::dispute(view)?))
}
