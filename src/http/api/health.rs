//! For whoever runs the service: is it alive, is it ready.

use super::Answer;
use crate::http::problem::{Code, Problem};
use crate::http::{State, work};
use actix_web::{HttpResponse, web};
use serde::Serialize;

#[derive(Serialize)]
struct Standing {
    status: &'static str,
}

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
