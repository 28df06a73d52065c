//! For whoever runs the service: is it alive, is it ready.

use super::Answer;
use crate::http::operation::{Operation, Reply, Tag};
use crate::http::problem::{Code, Problem};
use crate::http::{State, work};
use actix_web::{HttpResponse, web};
use schemars::JsonSchema;
use serde::Serialize;

/// One word for a probe.
#[derive(Serialize, JsonSchema)]
struct Standing {
    /// `ok` or `ready`.
    #[schemars(example = &"ok")]
    status: &'static str,
}

pub const LIVE: Operation =
    Operation::new(Tag::Operating, "healthz", "Says that the process answers")
        .about("Says nothing of the database, so that an outage there restarts nothing here.")
        .gives(&[Reply::json::<Standing>(200, "It does.")]);

pub const READY: Operation = Operation::new(
    Tag::Operating,
    "readyz",
    "Says whether the database and the workers answer too",
)
.gives(&[Reply::json::<Standing>(200, "They do.")])
.refuses(&[Code::NotReady]);

/// The process answers. Says nothing of the database, so that an outage there restarts nothing here.
pub async fn live() -> HttpResponse {
    HttpResponse::Ok().json(Standing { status: "ok" })
}

/// The database can be reached and the workers work.
pub async fn ready(state: web::Data<State>) -> Answer {
    let not_ready = |why: String| Problem::new(Code::NotReady, why).retry_after(1);
    let shared = state.clone();
    work(move || shared.health.ready().map_err(not_ready)).await?;
    Ok(HttpResponse::Ok().json(Standing { status: "ready" }))
}
