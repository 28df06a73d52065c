//! The inbox.

use super::{Answer, List, answer_stretch, objects, rows_for};
use crate::app::events::{self, Filter};
use crate::app::replay_events::{self, Which};
use crate::http::operation::{CURSOR, LIMIT, Operation, Parameter, Reply, Tag};
use crate::http::params::{Params, path_part};
use crate::http::problem::Problem;
use crate::http::schema::{self, words};
use crate::http::{State, work};
use actix_web::{HttpRequest, HttpResponse, web};

const ID: Parameter = Parameter::new::<schema::AnyId>(
    "id",
    "A delivery: our id, or the provider's of its event.",
    "evt_1SaAaA",
);

pub const LIST: Operation = Operation::new(Tag::Inbox, "list_events", "Lists deliveries")
    .about("Newest first.")
    .query(&[
        Parameter::new::<words::EventState>("state", "Only those in this state.", "failed"),
        Parameter::new::<schema::Words>("connection", "Only those of this connection.", "stripe"),
        Parameter::new::<schema::Words>("type", "Only those of this type.", "charge.succeeded"),
        LIMIT,
        CURSOR,
    ])
    .gives(&[Reply::json::<List<objects::Event>>(200, "A page.")])
    .example("?state=failed&limit=1");

pub const GET: Operation = Operation::new(Tag::Inbox, "get_event", "Shows one delivery")
    .path(&[ID])
    .gives(&[Reply::json::<objects::Event>(200, "The delivery.")]);

pub const REPLAY: Operation = Operation::new(
    Tag::Inbox,
    "replay_event",
    "Puts a delivery back in the queue",
)
.about("It is processed again soon after; effects stay exactly-once.")
.path(&[ID])
.gives(&[Reply::json::<objects::Event>(
    202,
    "The delivery, which waits.",
)]);

pub async fn list(state: web::Data<State>, request: HttpRequest) -> Answer {
    let params = Params::read(&request)?;
    let page = params.page("avevt")?;
    let filter = Filter {
        state: params.one_of::<words::EventState>("state")?,
        connection: params.owned("connection"),
        kind: params.owned("type"),
        before: page.before.clone(),
    };
    let (app, rows) = (state.app.clone(), rows_for(&page));
    let found = work(move || events::list(&app, &filter, rows)).await?;
    answer_stretch(found, &page, |row| &row.id, objects::event)
}

pub async fn get(state: web::Data<State>, request: HttpRequest) -> Answer {
    Params::read(&request)?;
    let id = path_part(&request, "event")?;
    show(&state, id, HttpResponse::Ok()).await
}

/// Puts a delivery back in the queue; it is processed soon after.
pub async fn replay(state: web::Data<State>, request: HttpRequest) -> Answer {
    Params::read(&request)?;
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
