//! `POST /webhooks/{connection}`: takes deliveries in. Parses nothing; answers 200 only once the bytes
//! are durably stored.
//!
//! Refusals in this order: 404 no such connection, 413 too large, 415 encoded, 400 signature.

use super::body::read_body;
use super::params::path_part;
use super::problem::{Code, Problem};
use super::{State, work};
use crate::app::receive_webhook::{Intake, Overloaded, admit};
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

/// The longest delivery, in bytes, inclusive.
pub const DELIVERY_BYTES_MAX: usize = 1024 * 1024;

#[derive(Serialize)]
struct Received {
    received: bool,
    /// The provider's event id; null when the body is unreadable.
    event: Option<String>,
    duplicate: bool,
}

pub async fn receive(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let connection =
        path_part(&request, "connection").map_err(|_| Problem::unknown_connection(""))?;
    if !state.app.config.connections.contains_key(&connection) {
        return Err(Problem::unknown_connection(&connection));
    }
    let headers = request.headers();
    let body = read_body(headers, payload.into_inner(), DELIVERY_BYTES_MAX).await?;
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Problem::new(
            Code::UnsupportedContentEncoding,
            "Content-Encoding: a delivery is signed as it is, and is taken only so.",
        ));
    }
    let headers = texts(headers);
    let app = state.app.clone();
    let event = work(move || admit(&app, &connection, &headers, body.to_vec())).await?;
    let name = event.provider_event_id.clone();
    let answer = state.intake.enqueue(event).map_err(|Overloaded| {
        Problem::overloaded("More deliveries wait than can be stored soon: send this one again.")
    })?;
    let intake = match answer.await {
        Ok(Ok(intake)) => intake,
        Ok(Err(_)) | Err(_) => return Err(Problem::commit_uncertain()),
    };
    Ok(HttpResponse::Ok().json(Received {
        received: true,
        event: name,
        duplicate: match intake {
            Intake::New => false,
            Intake::Duplicate => true,
        },
    }))
}

/// Headers that are text, by name in lower case, credentials left out.
fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let secret = [
        header::AUTHORIZATION,
        header::COOKIE,
        header::PROXY_AUTHORIZATION,
    ];
    headers
        .iter()
        .filter(|(name, _)| !secret.contains(name))
        .filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        })
        .collect()
}
