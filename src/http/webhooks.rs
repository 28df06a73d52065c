//! `POST /webhooks/{connection}`: takes deliveries in. Parses nothing; answers 200 only once the bytes
//! are durably stored.
//!
//! Refusals in this order: 404 no such connection, 413 too large, 415 encoded, 503 too many at once, 400
//! signature.

use super::body::read_body;
use super::operation::{Operation, Parameter, Reply, Tag};
use super::params::path_part;
use super::problem::{Code, Problem};
use super::schema;
use super::{State, work};
use crate::app::App;
use crate::app::group_commit::Overloaded;
use crate::app::receive_webhook::{Intake, admit, is_kept};
use crate::config::Config;
use crate::store::rows::Event;
use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

pub const PATH: &str = "/webhooks/{connection}";

const BEFORE_NAME: &str = "/webhooks/";

/// The path of each connection: the framework compares one that stands as a whole, where it tries a regular expression on
/// every path for a pattern. A name that a pattern or a URL would write otherwise is left to [`PATH`].
pub fn paths_of(config: &Config) -> impl Iterator<Item = String> {
    let is_plain = |name: &&String| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let names = config.connections.keys().filter(is_plain);
    names.map(|name| format!("{BEFORE_NAME}{name}"))
}

/// The name in a path; empty where nothing can be named so.
fn connection_of(request: &HttpRequest) -> String {
    let path = request.match_info().as_str();
    match path.strip_prefix(BEFORE_NAME) {
        Some(name) if request.match_info().is_empty() => name.to_owned(),
        _ => path_part(request, "connection").unwrap_or_default(),
    }
}

/// Whether a path is one of [`PATH`]. The framework would tell too, by a regular expression, once more for each
/// delivery.
pub fn is_at(path: &str) -> bool {
    let connection = path.strip_prefix(BEFORE_NAME);
    connection.is_some_and(|connection| !connection.is_empty() && !connection.contains('/'))
}

/// The longest delivery, in bytes, inclusive.
pub const DELIVERY_BYTES_MAX: usize = 1024 * 1024;

/// Some 50 µs of work.
const VERIFIED_HERE_BYTES_MAX: usize = 64 * 1024;

/// The bytes are durably stored.
#[derive(Serialize, JsonSchema)]
struct Received {
    /// Always true.
    #[schemars(example = true)]
    received: bool,
    /// The provider's event id; null when the body is unreadable.
    #[schemars(example = &"evt_1SaAaA")]
    event: Option<String>,
    /// Whether it was here already.
    duplicate: bool,
}

pub const RECEIVE: Operation = Operation::new(
    Tag::Webhooks,
    "receive_webhook",
    "Takes a provider's delivery in",
)
.about("What it means is worked out afterwards, normally within a second. A delivery that is here already is answered 200 too. Refusals are checked in this order: 404, 413, 415, 400; nothing is stored then.")
.path(&[Parameter::new::<schema::Words>(
    "connection",
    "The name of a connection in the settings.",
    "stripe",
)])
.headers(&[Parameter::new::<schema::Words>(
    "Stripe-Signature",
    "Stripe's signature of the body. Other providers sign in their own way.",
    "t=1764000000,v1=…",
)])
.takes::<schema::Anything>("The delivery, byte for byte as the provider signed it; at most 1 MiB.")
.gives(&[Reply::json::<Received>(200, "It is durably stored, now or since an earlier delivery.")])
.refuses(&[
    Code::InvalidRequest,
    Code::InvalidSignature,
    Code::UnknownConnection,
    Code::RequestTimeout,
    Code::PayloadTooLarge,
    Code::UnsupportedContentEncoding,
    Code::Overloaded,
    Code::CommitUncertain,
]);

pub async fn receive(
    state: web::Data<State>,
    request: HttpRequest,
    payload: web::Payload,
) -> Result<HttpResponse, Problem> {
    let name = connection_of(&request);
    let meters = &state.app.meters;
    if !state.app.config.connections.contains_key(&name) {
        let problem = Problem::unknown_connection(&name);
        // Without the name: anybody can send any.
        meters.webhook("", problem.code().as_str());
        return Err(problem);
    }
    let received = take_in(&state, &name, &request, payload).await;
    meters.webhook(
        &name,
        match &received {
            Ok(Received { duplicate, .. }) if *duplicate => "duplicate",
            Ok(Received { .. }) => "new",
            Err(problem) => problem.code().as_str(),
        },
    );
    Ok(HttpResponse::Ok().json(received?))
}

async fn take_in(
    state: &web::Data<State>,
    connection: &str,
    request: &HttpRequest,
    payload: web::Payload,
) -> Result<Received, Problem> {
    let headers = request.headers();
    let body = read_body(headers, payload.into_inner(), DELIVERY_BYTES_MAX).await?;
    if headers.contains_key(header::CONTENT_ENCODING) {
        return Err(Problem::new(
            Code::UnsupportedContentEncoding,
            "Content-Encoding: a delivery is signed as it is, and is taken only so.",
        ));
    }
    let place = state.intake.place(body.len()).map_err(|Overloaded| {
        Problem::overloaded("More deliveries wait than can be stored soon: send this one again.")
    })?;
    let event = verified(&state.app, connection, texts(headers), body.into()).await?;
    let name = event.provider_event_id.clone();
    let answer = state.intake.enqueue(place, event);
    let intake = match answer.await {
        Ok(Ok(intake)) => intake,
        Ok(Err(_)) | Err(_) => return Err(Problem::commit_uncertain()),
    };
    Ok(Received {
        received: true,
        event: name,
        duplicate: match intake {
            Intake::New => false,
            Intake::Duplicate => true,
        },
    })
}

/// Verifying an ordinary delivery takes some microseconds, less than handing it to another thread. A long one
/// goes to a thread of its own, so that no other request waits behind it.
async fn verified(
    app: &Arc<App>,
    connection: &str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
) -> Result<Event, Problem> {
    if body.len() <= VERIFIED_HERE_BYTES_MAX {
        return Ok(admit(app, connection, &headers, body)?);
    }
    let (app, connection) = (Arc::clone(app), connection.to_owned());
    work(move || admit(&app, &connection, &headers, body)).await
}

/// Headers to be kept with a delivery, by name in lower case: those that are text. The signature is among them.
fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .filter(|(name, _)| is_kept(name.as_str()))
        .filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::dev::ResourceDef;

    #[test]
    fn a_path_is_a_webhook_s_where_the_router_says_so() {
        let router = ResourceDef::new(PATH);
        for path in [
            "/webhooks/stripe",
            "/webhooks/st%20ripe",
            "/webhooks/",
            "/webhooks",
            "/webhooks/stripe/",
            "/webhooks/stripe/more",
            "/webhooks//",
            "/Webhooks/stripe",
            "/v1/webhooks/stripe",
            "/webhooksstripe",
        ] {
            assert_eq!(is_at(path), router.is_match(path), "{path}");
        }
    }
}
