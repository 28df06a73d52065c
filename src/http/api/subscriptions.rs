//! Subscriptions and their charges.

use super::{Answer, answer_page, objects, rows_for};
use crate::app::subscriptions::{self, Filter};
use crate::http::params::{PAGE, Params, path_part};
use crate::http::problem::Problem;
use crate::http::{State, work};
use actix_web::{HttpRequest, HttpResponse, web};
use avstem_domain::subscription::SubscriptionStatus;

pub async fn list(state: web::Data<State>, request: HttpRequest) -> Answer {
    let [limit, cursor] = PAGE;
    let params = Params::read(&request, &["customer", "status", limit, cursor])?;
    let page = params.page("avsub")?;
    let filter = Filter {
        customer: params.owned("customer"),
        status: params.one_of(
            "status",
            &SubscriptionStatus::ALL.map(SubscriptionStatus::as_str),
        )?,
        before: page.before.clone(),
    };
    let (app, rows) = (state.app.clone(), rows_for(&page));
    let found = work(move || subscriptions::list(&app, &filter, rows)).await?;
    answer_page(found, &page, |view| &view.row.id, objects::subscription)
}

pub async fn get(state: web::Data<State>, request: HttpRequest) -> Answer {
    Params::read(&request, &[])?;
    let id = path_part(&request, "subscription")?;
    let (app, wanted) = (state.app.clone(), id.clone());
    let found = work(move || subscriptions::find(&app, &wanted)).await?;
    let view = found.ok_or_else(|| Problem::not_found("subscription", &id))?;
    Ok(HttpResponse::Ok().json(objects::subscription(view)?))
}

pub async fn charges(state: web::Data<State>, request: HttpRequest) -> Answer {
    let params = Params::read(&request, &PAGE)?;
    let page = params.page("avch")?;
    let id = path_part(&request, "subscription")?;
    let (app, wanted) = (state.app.clone(), id.clone());
    let found = work(move || subscriptions::charges(&app, &wanted)).await?;
    let mut charges = found.ok_or_else(|| Problem::not_found("subscription", &id))?;
    if let Some(before) = &page.before {
        let last = charges.iter().position(|charge| &charge.row.id == before);
        let last = last.ok_or_else(Problem::invalid_cursor)?;
        charges.drain(..=last);
    }
    answer_page(charges, &page, |charge| &charge.row.id, objects::charge)
}
