//! The ledger.

use super::{Answer, List, answer_page, objects, rows_for};
use crate::app::ledger_views::{self, Filter};
use crate::app::trial_balance;
use crate::http::params::{PAGE, Params};
use crate::http::{State, work};
use actix_web::{HttpRequest, HttpResponse, web};

/// Every account. There are few, so that there is one page.
pub async fn accounts(state: web::Data<State>, request: HttpRequest) -> Answer {
    Params::read(&request, &[])?;
    let app = state.app.clone();
    let found = work(move || ledger_views::accounts(&app)).await?;
    Ok(HttpResponse::Ok().json(List {
        data: found.into_iter().map(objects::account).collect(),
        next_cursor: None,
    }))
}

pub async fn journals(state: web::Data<State>, request: HttpRequest) -> Answer {
    let [limit, cursor] = PAGE;
    let params = Params::read(&request, &["reference", "from", "to", limit, cursor])?;
    let page = params.page("avjrn")?;
    let days = params.days()?;
    let filter = Filter {
        reference: params.owned("reference"),
        from: days.from,
        to: days.to,
        before: page.before.clone(),
    };
    let (app, rows) = (state.app.clone(), rows_for(&page));
    let found = work(move || ledger_views::journals(&app, &filter, rows)).await?;
    answer_page(found, &page, |view| &view.row.id, objects::journal)
}

pub async fn trial_balance(state: web::Data<State>, request: HttpRequest) -> Answer {
    let params = Params::read(&request, &["as_of"])?;
    let as_of = params.day("as_of")?;
    let app = state.app.clone();
    let found = work(move || trial_balance::trial_balance(&app, as_of)).await?;
    Ok(HttpResponse::Ok().json(objects::trial_balance(found)))
}
