//! The ledger.

use super::{Answer, List, answer_stretch, objects, rows_for};
use crate::app::ledger_views::{self, Filter};
use crate::app::trial_balance;
use crate::http::operation::{CURSOR, FROM, LIMIT, Operation, Parameter, Reply, TO, Tag};
use crate::http::params::Params;
use crate::http::schema;
use crate::http::{State, work};
use actix_web::{HttpRequest, HttpResponse, web};

pub const ACCOUNTS: Operation = Operation::new(
    Tag::Ledger,
    "list_accounts",
    "Lists the accounts with their balances",
)
.about("Every account that was posted to, with its balance in each currency, on one page.")
.gives(&[Reply::json::<List<objects::Account>>(200, "All of them.")]);

pub const JOURNALS: Operation = Operation::new(Tag::Ledger, "list_journals", "Lists journals")
    .about("Newest first. `from` and `to` bound the day booked.")
    .query(&[
        Parameter::new::<schema::AnyId>(
            "reference",
            "Only those about this charge or refund: our id or the provider's.",
            "ch_1",
        ),
        FROM,
        TO,
        LIMIT,
        CURSOR,
    ])
    .gives(&[Reply::json::<List<objects::Journal>>(200, "A page.")])
    .example("?reference=ch_1");

pub const TRIAL_BALANCE: Operation = Operation::new(
    Tag::Ledger,
    "get_trial_balance",
    "Shows what every account stands at",
)
.query(&[Parameter::new::<schema::Day>(
    "as_of",
    "At the end of this day; now when it is left out.",
    "2026-11-30",
)])
.gives(&[Reply::json::<objects::TrialBalance>(
    200,
    "The balances, by currency.",
)])
.example("?as_of=2026-11-30");

/// Every account. There are few, so that there is one page.
pub async fn accounts(state: web::Data<State>, request: HttpRequest) -> Answer {
    Params::read(&request)?;
    let app = state.app.clone();
    let found = work(move || ledger_views::accounts(&app)).await?;
    Ok(HttpResponse::Ok().json(List {
        data: found.into_iter().map(objects::account).collect(),
        next_cursor: None,
    }))
}

pub async fn journals(state: web::Data<State>, request: HttpRequest) -> Answer {
    let params = Params::read(&request)?;
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
    answer_stretch(found, &page, |view| &view.row.id, objects::journal)
}

pub async fn trial_balance(state: web::Data<State>, request: HttpRequest) -> Answer {
    let params = Params::read(&request)?;
    let as_of = params.day("as_of")?;
    let app = state.app.clone();
    let found = work(move || trial_balance::trial_balance(&app, as_of)).await?;
    Ok(HttpResponse::Ok().json(objects::trial_balance(found)))
}
