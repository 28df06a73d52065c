//! What Prometheus reads.

use super::Answer;
use crate::app::backlog::{self, Backlog};
use crate::app::measure::{self, MEDIA_TYPE};
use crate::http::operation::{Operation, Reply, Tag};
use crate::http::problem::Problem;
use crate::http::{State, work};
use crate::jobs::Causes;
use actix_web::{HttpResponse, web};
use avstem_domain::time::Timestamp;

pub const GET: Operation = Operation::new(Tag::Operating, "metrics", "Shows counters and gauges")
    .about("In Prometheus' text format. What is read from the database is at most a second old.")
    .gives(&[Reply::text(MEDIA_TYPE, "The metrics.")]);

/// How long what the database said is told again. The route is open: without this, whoever reaches it
/// could keep the database busy.
const FRESH_MICROS: i64 = 1_000_000;

/// What the database said, and when.
pub struct Reading {
    at: Timestamp,
    /// None when it could not be read.
    backlog: Option<Backlog>,
}

pub async fn get(state: web::Data<State>) -> Answer {
    // One reader at a time; the others wait for what it brings.
    let mut last = state.backlog.lock().await;
    let now = state.app.clock.now();
    // A clock that was set back makes what was read before old, not fresh for long.
    let is_fresh = |reading: &Reading| (0..FRESH_MICROS).contains(&now.micros_since(reading.at));
    if !last.as_ref().is_some_and(is_fresh) {
        let app = state.app.clone();
        let backlog = work(move || Ok::<_, Problem>(read(&app))).await?;
        *last = Some(Reading { at: now, backlog });
    }
    let backlog = last.as_ref().and_then(|reading| reading.backlog.as_ref());
    let heartbeats = state.health.heartbeats();
    let page = measure::page(&state.app, backlog, &heartbeats).map_err(Problem::internal)?;
    Ok(HttpResponse::Ok().content_type(MEDIA_TYPE).body(page))
}

/// A database that is away is something to see in the metrics, and no reason to show none.
fn read(app: &crate::app::App) -> Option<Backlog> {
    backlog::read(app)
        .inspect_err(|error| tracing::warn!(error = %Causes(error), "Could not read the backlog"))
        .ok()
}
