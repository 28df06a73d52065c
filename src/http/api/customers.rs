//! Customers.

use super::{Answer, List, answer_page, objects, rows_for};
use crate::app::customers::{self, Filter};
use crate::http::operation::{CURSOR, LIMIT, Operation, Parameter, Reply, Tag};
use crate::http::params::{Params, path_part};
use crate::http::problem::Problem;
use crate::http::schema;
use crate::http::{State, work};
use actix_web::{HttpRequest, HttpResponse, web};

pub const LIST: Operation = Operation::new(Tag::Customers, "list_customers", "Lists customers")
    .about("Newest first.")
    .query(&[
        Parameter::new::<schema::Words>(
            "email",
            "Only those with this address, exactly as the provider has it.",
            "a@example.test",
        ),
        LIMIT,
        CURSOR,
    ])
    .gives(&[Reply::json::<List<objects::Customer>>(200, "A page.")])
    .example("?email=a@example.test");

pub const GET: Operation = Operation::new(Tag::Customers, "get_customer", "Shows one customer")
    .path(&[Parameter::new::<schema::AnyId>(
        "id",
        "A customer: our id or the provider's.",
        "cus_1",
    )])
    .gives(&[Reply::json::<objects::Customer>(200, "The customer.")]);

pub async fn list(state: web::Data<State>, request: HttpRequest) -> Answer {
    let params = Params::read(&request)?;
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
    Params::read(&request)?;
    let id = path_part(&request, "customer")?;
    let (app, wanted) = (state.app.clone(), id.clone());
    let found = work(move || customers::find(&app, &wanted)).await?;
    let row = found.ok_or_else(|| Problem::not_found("customer", &id))?;
    Ok(HttpResponse::Ok().json(objects::customer(row)))
}
