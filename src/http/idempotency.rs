//! `Idempotency-Key`: a POST that is sent twice is done once, and answered twice with the same bytes.

use super::auth::refuse;
use super::body::{BODY_BYTES_MAX, read_body};
use super::problem::{Code, Problem, rendered};
use super::upload::Upload;
use super::{State, work};
use crate::app::api_keys::Principal;
use crate::app::idempotent_requests::{self, Attempt, Begun, Claim};
use actix_web::body::{BoxBody, MessageBody, to_bytes};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use sha2::{Digest, Sha256};
use tracing::Instrument;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The key that a request carries. Handlers find it in the request's extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// 1 to 255 visible ASCII characters; None when there is no such header.
    fn read(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let bad = || {
            Problem::new(
                Code::InvalidIdempotencyKey,
                "Idempotency-Key: send one key of 1 to 255 visible ASCII characters, such as a UUID.",
            )
        };
        let mut values = headers.get_all(KEY);
        let Some(value) = values.next() else {
            return Ok(None);
        };
        let text = value.to_str().map_err(|_| bad())?;
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if values.next().is_some() || !(1..=255).contains(&text.len()) || !visible {
            return Err(bad());
        }
        Ok(Some(Self(text.to_owned())))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Passes a POST on; with a key, at most once at a time, and not at all when it was answered before.
pub async fn once(
    state: web::Data<State>,
    principal: Principal,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let key = match IdempotencyKey::read(request.headers()) {
        Err(problem) => return Ok(refuse(request, &problem)),
        Ok(None) => return Ok(next.call(request).await?.map_into_boxed_body()),
        Ok(Some(key)) => key,
    };
    let payload = request.take_payload();
    let body = match read_body(request.headers(), payload, BODY_BYTES_MAX).await {
        Err(problem) => return Ok(refuse(request, &problem)),
        Ok(body) => body,
    };
    let attempt = Attempt {
        api_key: principal.key,
        key: key.as_str().to_owned(),
        fingerprint: fingerprint(&request, &body),
    };
    let app = state.app.clone();
    let claim = match work(move || idempotent_requests::begin(&app, &attempt)).await {
        Err(problem) => return Ok(refuse(request, &problem)),
        Ok(Begun::Yours(claim)) => claim,
        Ok(Begun::Answered { status, body }) => {
            let response = replay(status, body);
            return Ok(request.into_response(response));
        }
        Ok(Begun::Reused) => return Ok(refuse(request, &reused())),
        Ok(Begun::InUse) => return Ok(refuse(request, &in_use())),
    };
    request.set_payload(Payload::from(body));
    request.extensions_mut().insert(key);
    // In a task of its own: a client that hangs up must not leave the work without its answer kept.
    let answer = async move {
        let response = next.call(request).await?.map_into_boxed_body();
        Ok::<_, Error>(keep(&state, claim, rendered(response)).await)
    };
    actix_web::rt::spawn(answer.in_current_span())
        .await
        .map_err(|error| Error::from(Problem::internal(error)))?
}

fn reused() -> Problem {
    Problem::new(
        Code::IdempotencyKeyReused,
        "Idempotency-Key: this key was sent before with another path, query or body. Use a new key for a new request.",
    )
}

fn in_use() -> Problem {
    let detail = "Idempotency-Key: the first request with this key is not answered yet. Ask again in a moment.";
    Problem::new(Code::IdempotencyKeyInUse, detail).retry_after(1)
}

/// What makes two requests the same.
fn fingerprint(request: &ServiceRequest, body: &[u8]) -> String {
    let mut hash = Sha256::new();
    // A file is told by its own hash; nothing of it is left in the body.
    let file = request
        .extensions()
        .get::<Upload>()
        .map(|upload| upload.sha256.clone());
    let parts = [
        request.method().as_str().as_bytes(),
        request.path().as_bytes(),
        request.query_string().as_bytes(),
        file.as_ref().map_or(body, |sha256| sha256.as_bytes()),
    ];
    for part in parts {
        // Lengths keep the parts apart: "a" + "bc" is not "ab" + "c".
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        hash.update(length.to_be_bytes());
        hash.update(part);
    }
    crate::app::receive_webhook::hex(&hash.finalize())
}

/// Stores an answer before it goes out. One of 5xx is not stored: nothing was decided, and the same
/// request may come again.
async fn keep(
    state: &web::Data<State>,
    claim: Claim,
    response: ServiceResponse<BoxBody>,
) -> ServiceResponse<BoxBody> {
    let (request, response) = response.into_parts();
    let (head, body) = response.into_parts();
    let status = head.status();
    let app = state.app.clone();
    let Ok(bytes) = to_bytes(body).await else {
        // Answers of POST routes are complete in memory; reading them back cannot break.
        let response = Problem::internal("an answer broke off").written(&request);
        return ServiceResponse::new(request, response);
    };
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let kept = work(move || match status.is_server_error() {
        true => idempotent_requests::abandon(&app, &claim),
        false => idempotent_requests::finish(&app, &claim, status.as_u16(), &text),
    });
    if let Err(problem) = kept.await {
        // The work is done: the client gets its answer, and a repeat does the work again once the
        // claim lapses, which every route stands.
        tracing::error!(code = problem.code().as_str(), "Could not keep an answer");
    }
    ServiceResponse::new(request, head.set_body(BoxBody::new(bytes)))
}

fn replay(status: u16, body: String) -> HttpResponse {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let kind = match status.is_client_error() {
        true => "application/problem+json",
        false => "application/json",
    };
    HttpResponse::build(status)
        .content_type(kind)
        .insert_header((REPLAYED, HeaderValue::from_static("true")))
        .body(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn read(values: &[&'static str]) -> Result<Option<IdempotencyKey>, Code> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(KEY, HeaderValue::from_static(value));
        }
        IdempotencyKey::read(&headers).map_err(|problem| problem.code())
    }

    #[test]
    fn a_key_is_one_header_of_visible_characters() {
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&["a-1"]), Ok(Some(IdempotencyKey("a-1".to_owned()))));
        let long: &'static str = Box::leak("x".repeat(256).into_boxed_str());
        assert!(read(&[&long[1..]]).is_ok());
        for bad in [&[""][..], &["a b"], &["a", "a"], &[long]] {
            assert_eq!(read(bad), Err(Code::InvalidIdempotencyKey), "{bad:?}");
        }
    }

    #[test]
    fn requests_that_differ_anywhere_have_other_fingerprints() {
        let of = |uri: &str, body: &str| {
            let request = TestRequest::post().uri(uri).to_srv_request();
            fingerprint(&request, body.as_bytes())
        };
        let all = [
            of("/a", ""),
            of("/a", "b"),
            of("/ab", ""),
            of("/a?b", ""),
            of("/a?", "b"),
        ];
        assert_eq!(all[0], of("/a", ""));
        let mut others = all.to_vec();
        others.sort();
        others.dedup();
        // An empty query and none are one.
        assert_eq!(others.len(), 4);
    }
}
