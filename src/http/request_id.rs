//! Every request has an id, which its answer, its problem and its log lines carry; and every answer
//! carries the headers that make browsers careful.

use super::State;
use super::problem::{Problem, rendered};
use crate::app::measure::Answered;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{ConnectionType, Method};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use std::borrow::Cow;
use tracing::Instrument;

/// Names a request in logs and answers. 1 to 64 of `A–Z a–z 0–9 . _ -`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(String);

pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

impl RequestId {
    /// The client's own id, where it is safe to repeat and to log.
    fn accept(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(HEADER)?.to_str().ok()?;
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let fits = (1..=64).contains(&text.len()) && text.bytes().all(safe);
        fits.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The outermost layer: whatever happens inside leaves with an id and safe headers, and is logged once,
/// by the route's template. Paths, query strings and bodies stay out of the log: they can hold tokens
/// and personal data.
pub async fn observe(
    state: web::Data<State>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let id = RequestId::accept(request.headers())
        .unwrap_or_else(|| RequestId(state.app.clock.uuid().as_simple().to_string()));
    let method = request.method().clone();
    let path = request.path().to_owned();
    let is_webhook = super::webhooks::is_at(&path);
    let route = if is_webhook {
        Cow::Borrowed(super::webhooks::PATH)
    } else {
        let pattern = request.match_pattern();
        pattern.map_or(Cow::Borrowed("none"), Cow::Owned)
    };
    let quiet = matches!(&*route, "/healthz" | "/readyz" | "/metrics");
    let span = tracing::info_span!("request", request_id = id.as_str(), %method, route = &*route);
    request.extensions_mut().insert(id.clone());
    async move {
        let begun = state.app.clock.now();
        let mut outcome = match next.call(request).await {
            Ok(response) => Ok(rendered(response.map_into_boxed_body())),
            Err(error) => Err(error),
        };
        let status = match &mut outcome {
            Ok(response) => {
                add_headers(response.headers_mut(), &id);
                if is_webhook && state.crowd.is_crowded() {
                    let head = response.response_mut().head_mut();
                    head.set_connection_type(ConnectionType::Close);
                }
                response.status()
            }
            Err(error) => error.as_response_error().status_code(),
        };
        let micros = state.app.clock.now().micros_since(begun);
        state.app.meters.answered(Answered {
            route: &route,
            method: known(&method),
            status: status.as_str(),
            micros,
        });
        let ms = micros.div_euclid(1_000);
        // There are tens of thousands a second, and more where they are too many: `/metrics` counts them.
        if quiet || (is_webhook && !status.is_client_error()) {
            tracing::debug!(status = status.as_u16(), ms, "Answered");
        } else {
            tracing::info!(status = status.as_u16(), ms, "Answered");
        }
        outcome.map_err(|error| last_resort(&error, &path, &id))
    }
    .instrument(span)
    .await
}

/// The method as a word of ours: a client may send any.
fn known(method: &Method) -> &'static str {
    const METHODS: [(Method, &str); 7] = [
        (Method::GET, "GET"),
        (Method::POST, "POST"),
        (Method::HEAD, "HEAD"),
        (Method::OPTIONS, "OPTIONS"),
        (Method::PUT, "PUT"),
        (Method::PATCH, "PATCH"),
        (Method::DELETE, "DELETE"),
    ];
    let found = METHODS.into_iter().find(|(known, _)| known == method);
    found.map_or("other", |(_, word)| word)
}

/// A layer failed without a response. None of ours does; should the framework, the client gets a
/// problem all the same.
fn last_resort(error: &Error, path: &str, id: &RequestId) -> Error {
    tracing::error!(cause = %error, "A layer failed without a response");
    let mut response = Problem::internal(error.to_string()).response(path, id.as_str());
    add_headers(response.headers_mut(), id);
    InternalError::from_response("no response", response).into()
}

fn add_headers(headers: &mut HeaderMap, id: &RequestId) {
    if let Ok(value) = HeaderValue::from_str(id.as_str()) {
        headers.insert(HEADER, value);
    }
    let fixed = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        // A page or an asset may have said something else on purpose.
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(text: &'static str) -> Option<RequestId> {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_static(text));
        RequestId::accept(&headers)
    }

    #[test]
    fn a_client_s_id_is_kept_only_when_it_is_safe_to_repeat() {
        assert_eq!(accepted("shop-4711.a_b").unwrap().as_str(), "shop-4711.a_b");
        for bad in ["", "a b", "a\"b", "a;b", "{}"] {
            assert!(accepted(bad).is_none(), "{bad:?}");
        }
        let long: &'static str = Box::leak("x".repeat(65).into_boxed_str());
        assert!(accepted(long).is_none());
        assert!(accepted(&long[1..]).is_some());
    }

    #[test]
    fn headers_that_a_page_set_itself_are_kept() {
        let id = accepted("r1").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static("max-age=60"),
        );
        add_headers(&mut headers, &id);
        assert_eq!(headers.get(header::CACHE_CONTROL).unwrap(), "max-age=60");
        assert_eq!(
            headers.get(header::X_CONTENT_TYPE_OPTIONS).unwrap(),
            "nosniff"
        );
        assert_eq!(headers.get(HEADER).unwrap(), "r1");
    }
}
