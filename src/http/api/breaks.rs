//! Breaks: listed, resolved, opened again, given to somebody.

use super::{Answer, List, answer_page, objects, rows_for};
use crate::app::breaks::{self, Filter, Handled, Resolve};
use crate::http::body::{Fields, body};
use crate::http::operation::{CURSOR, LIMIT, Operation, Parameter, Reply, Tag};
use crate::http::params::{Params, path_part};
use crate::http::problem::{Code, Problem};
use crate::http::schema::{self, words};
use crate::http::{State, auth, work};
use actix_web::{HttpRequest, HttpResponse, web};
use avstem_domain::breaks::Resolution;
use schemars::JsonSchema;

const ID: Parameter = Parameter::new::<schema::AnyId>(
    "id",
    "A break's id.",
    "avbrk_019ab0c8000070008000000000000001",
);

/// What is decided about a break.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct BreakResolutionRequest {
    #[schemars(with = "words::Resolution")]
    resolution: Resolution,
    /// Why, for whoever asks later.
    #[schemars(length(min = 1, max = 2000), example = &"The bank's fee for payments from abroad")]
    note: String,
}

body!(BreakResolutionRequest { resolution, note });

/// Why a break is open again.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct BreakReopeningRequest {
    #[schemars(length(min = 1, max = 2000), example = &"The bank has paid it back")]
    note: String,
}

body!(BreakReopeningRequest { note });

/// Who looks after a break.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct BreakAssignmentRequest {
    /// A name; left out, nobody does.
    #[schemars(length(min = 1, max = 2000), example = &"Kim")]
    owner: Option<String>,
    #[schemars(length(min = 1, max = 2000), example = &"Has written to the bank")]
    note: Option<String>,
}

body!(BreakAssignmentRequest { owner, note });

pub const LIST: Operation = Operation::new(Tag::Reconciliation, "list_breaks", "Lists breaks")
    .about("Newest first.")
    .query(&[
        Parameter::new::<words::BreakState>("state", "Only those that stand so.", "open"),
        Parameter::new::<words::BreakKind>(
            "kind",
            "Only those of this kind.",
            "payout_amount_mismatch",
        ),
        LIMIT,
        CURSOR,
    ])
    .gives(&[Reply::json::<List<objects::Break>>(200, "A page.")])
    .example("?state=open");

pub const GET: Operation = Operation::new(Tag::Reconciliation, "get_break", "Shows one break")
    .path(&[ID])
    .gives(&[Reply::json::<objects::BreakWithHistory>(
        200,
        "The break, and everything that happened to it.",
    )]);

pub const RESOLVE: Operation = Operation::new(
    Tag::Reconciliation,
    "resolve_break",
    "Resolves a break",
)
.about("`bank_fee` and `write_off` book the difference. Over the limit of the settings a second person must resolve it in the same way: until then it stays open.")
.path(&[ID])
.takes::<BreakResolutionRequest>("The resolution.")
.gives(&[
    Reply::json::<objects::Break>(200, "It is resolved."),
    Reply::json::<objects::Break>(202, "It is proposed, and waits for a second person."),
])
.refuses(&[
    Code::BreakResolved,
    Code::SecondPersonNeeded,
    Code::ResolutionDoesNotFit,
]);

pub const REOPEN: Operation = Operation::new(
    Tag::Reconciliation,
    "reopen_break",
    "Opens a resolved break again",
)
.about("What its resolution booked is taken back.")
.path(&[ID])
.takes::<BreakReopeningRequest>("Why.")
.gives(&[Reply::json::<objects::Break>(200, "It is open.")])
.refuses(&[Code::BreakOpen]);

pub const ASSIGN: Operation = Operation::new(
    Tag::Reconciliation,
    "assign_break",
    "Says who looks after an open break",
)
.path(&[ID])
.takes::<BreakAssignmentRequest>("Who, and what is known so far.")
.gives(&[Reply::json::<objects::Break>(200, "The break.")])
.refuses(&[Code::BreakResolved]);

pub async fn list(state: web::Data<State>, request: HttpRequest) -> Answer {
    let params = Params::read(&request)?;
    let page = params.page("avbrk")?;
    let filter = Filter {
        state: params.one_of::<words::BreakState>("state")?,
        kind: params.one_of::<words::BreakKind>("kind")?,
        before: page.before.clone(),
    };
    let (app, rows) = (state.app.clone(), rows_for(&page));
    let found = work(move || breaks::list(&app, &filter, rows)).await?;
    answer_page(found, &page, |view| &view.row.id, objects::open_break)
}

pub async fn get(state: web::Data<State>, request: HttpRequest) -> Answer {
    Params::read(&request)?;
    let id = path_part(&request, "break")?;
    let (app, wanted) = (state.app.clone(), id.clone());
    let found = work(move || {
        let view = breaks::find(&app, &wanted)?;
        let history = breaks::history(&app, &wanted)?;
        Ok::<_, crate::app::Failure>(view.map(|view| (view, history)))
    })
    .await?;
    let (view, history) = found.ok_or_else(|| Problem::not_found("break", &id))?;
    Ok(HttpResponse::Ok().json(objects::break_with_history(view, history)?))
}

pub async fn resolve(state: web::Data<State>, request: HttpRequest, body: Fields) -> Answer {
    Params::read(&request)?;
    let decided: BreakResolutionRequest = body.read()?;
    let id = path_part(&request, "break")?;
    let decision = Resolve {
        resolution: decided.resolution,
        note: decided.note,
    };
    let by = auth::principal(&request)?;
    let app = state.app.clone();
    match work(move || breaks::resolve(&app, &id, &decision, &by)).await? {
        Handled::Done(view) => Ok(HttpResponse::Ok().json(objects::open_break(*view)?)),
        Handled::NeedsSecondPerson(view) => {
            Ok(HttpResponse::Accepted().json(objects::open_break(*view)?))
        }
    }
}

pub async fn reopen(state: web::Data<State>, request: HttpRequest, body: Fields) -> Answer {
    Params::read(&request)?;
    let why: BreakReopeningRequest = body.read()?;
    let id = path_part(&request, "break")?;
    let by = auth::principal(&request)?;
    let app = state.app.clone();
    let view = work(move || breaks::reopen(&app, &id, &why.note, &by)).await?;
    Ok(HttpResponse::Ok().json(objects::open_break(view)?))
}

pub async fn assign(state: web::Data<State>, request: HttpRequest, body: Fields) -> Answer {
    Params::read(&request)?;
    let given: BreakAssignmentRequest = body.read()?;
    let id = path_part(&request, "break")?;
    let by = auth::principal(&request)?;
    let app = state.app.clone();
    let view = work(move || breaks::assign(&app, &id, given.owner, given.note, &by)).await?;
    Ok(HttpResponse::Ok().json(objects::open_break(view)?))
}
