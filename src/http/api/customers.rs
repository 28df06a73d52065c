//! Customers.

use super::{Answer, answer_page, objects, rows_for};
use crate::app::customers::{self, Filter};
use crate::http::params::{PAGE, Params, path_part};
use crate::http::problem::Problem;
use crate::http::{State, work};
use actix_web::{HttpRequest, HttpResponse, web};

pub async fn list(state: web::Data<State>, request: HttpRequest) -> Answer {
    let [limit, cursor] = PAGE;
    let params = Params::read(&request, &["email", limit, cursor])?;
    let page = params.page("avcus")?;
    let filter = Filter {
        email: params.owned("email"),
        before: page.before.clone(),
    };
    let (app, rows) = (state.app.clone(), rows_for(&page));
    let found = work(move || customers::list(&app, &filter, rows)).await?;
    answer_page(
        found,
        &page,
        |row| &row.id,
        |row| Ok(objects::customer(row)),
    )
}

pub async fn get(state: web::Data<State>, request: HttpRequest) -> Answer {
    Params::read(&request, &[])?;
    let id = path_part(&request, "customer")?;
    let (app, wanted) = (state.app.clone(), id.clone());
    let found = work(move || customers::find(&app, &wanted)).await?;
    let row = found.ok_or_else(|| Problem::not_found("customer", &id))?;
    Ok(HttpResponse::Ok().json(objects::customer(row)))
}
