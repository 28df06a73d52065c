//! Subscriptions and their charges.

use super::{Answer, List, answer_page, objects, rows_for};
use crate::app::subscriptions::{self, Filter};
use crate::http::operation::{CURSOR, LIMIT, Operation, Parameter, Reply, Tag};
use crate::http::params::{Params, path_part};
use crate::http::problem::Problem;
use crate::http::schema::{self, words};
use crate::http::{State, work};
use actix_web::{HttpRequest, HttpResponse, web};

/// A subscription in a path.
pub const ID: Parameter =
    Parameter::new::<schema::AnyId>("id", "A subscription: our id or the provider's.", "sub_1");

pub const LIST: Operation = Operation::new(
    Tag::Subscriptions,
    "list_subscriptions",
    "Lists subscriptions",
)
.about("Newest first.")
.query(&[
    Parameter::new::<schema::AnyId>(
        "customer",
        "Only those of this customer: our id or the provider's.",
        "cus_1",
    ),
    Parameter::new::<words::SubscriptionStatus>(
        "status",
        "Only those that stand so at the provider.",
        "active",
    ),
    LIMIT,
    CURSOR,
])
.gives(&[Reply::json::<List<objects::Subscription>>(200, "A page.")])
.example("?customer=cus_1");

pub const GET: Operation = Operation::new(
    Tag::Subscriptions,
    "get_subscription",
    "Shows one subscription",
)
.path(&[ID])
.gives(&[Reply::json::<objects::Subscription>(
    200,
    "The subscription.",
)]);

pub const CHARGES: Operation = Operation::new(
    Tag::Subscriptions,
    "list_charges",
    "Lists a subscription's charges",
)
.about("Newest first.")
.path(&[ID])
.query(&[LIMIT, CURSOR])
.gives(&[Reply::json::<List<objects::Charge>>(200, "A page.")]);

pub async fn list(state: web::Data<State>, request: HttpRequest) -> Answer {
    let params = Params::read(&request)?;
    let page = params.page("avsub")?;
    let filter = Filter {
        customer: params.owned("customer"),
        status: params.one_of::<words::SubscriptionStatus>("status")?,
        before: page.before.clone(),
    };
    let (app, rows) = (state.app.clone(), rows_for(&page));
    let found = work(move || subscriptions::list(&app, &filter, rows)).await?;
    answer_page(found, &page, |view| &view.row.id, objects::subscription)
}

pub async fn get(state: web::Data<State>, request: HttpRequest) -> Answer {
    Params::read(&request)?;
    let id = path_part(&request, "subscription")?;
    let (app, wanted) = (state.app.clone(), id.clone());
    let found = work(move || subscriptions::find(&app, &wanted)).await?;
    let view = found.ok_or_else(|| Problem::not_found("subscription", &id))?;
    Ok(HttpResponse::Ok().json(objects::subscription(view)?))
}

pub async fn charges(state: web::Data<State>, request: HttpRequest) -> Answer {
    let params = Params::read(&request)?;
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
