//! The only place where an error becomes a response: RFC 9457 problem details.
//!
//! A [`Problem`] is made where the error is met, and written out in [`rendered`], where the request's
//! id is known. Errors of the web framework take the same way, so that no client sees two formats.

mod codes;
mod mapping;

pub use codes::Code;

use super::request_id::RequestId;
use super::schema::{self, words};
use actix_web::body::BoxBody;
use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use avstem_domain::refund_policy::Explanation;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// Something that cannot be answered as asked, told so that its reader can act on it. Boxed, because
/// most calls that may fail do not.
#[derive(Debug)]
pub struct Problem(Box<Told>);

#[derive(Debug)]
struct Told {
    code: Code,
    detail: String,
    rejection: Option<Rejection>,
    /// Seconds, for the `Retry-After` header.
    retry_after: Option<u32>,
    /// Methods, for the `Allow` header.
    allow: Option<String>,
    /// For the log; never shown.
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Why the policy refuses a refund.
#[derive(Debug)]
struct Rejection {
    clause: &'static str,
    explanation: Explanation,
}

/// Why a request is not answered as it was asked (RFC 9457).
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub struct Body<'a> {
    /// `urn:avstem:problem:` and the code.
    #[schemars(with = "schema::Url", example = &"urn:avstem:problem:not_found")]
    r#type: String,
    /// The same words for every problem of this code.
    #[schemars(example = &"Nothing is here")]
    title: &'static str,
    /// The HTTP status.
    #[schemars(range(min = 400, max = 599))]
    status: u16,
    /// What is wrong with this request, and what to do about it.
    detail: &'a str,
    #[schemars(with = "words::ProblemCode")]
    code: &'static str,
    /// The path that was asked for.
    #[schemars(example = &"/v1/events")]
    instance: &'a str,
    /// Names the request in our log.
    request_id: &'a str,
    /// The clause of the policy that refuses a refund; only then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "words::Clause")]
    clause: Option<&'static str>,
    /// Why the policy refuses a refund; only then.
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Texts<'a>>,
}

/// A sentence or two for the customer, in both languages.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Explanation")]
pub struct Texts<'a> {
    sv: &'a str,
    en: &'a str,
}

impl Problem {
    /// `detail` says what is wrong with this request and what to do about it.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Told {
            code,
            detail: detail.into(),
            rejection: None,
            retry_after: None,
            allow: None,
            cause: None,
        }))
    }

    /// Something broke that the client can do nothing about. It learns nothing of it; the log does.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let detail = "Something broke on our side and nothing more is known to you: give the request_id to whoever runs this service.";
        Self::new(Code::InternalError, detail).caused_by(cause)
    }

    pub fn not_found(what: &str, id: &str) -> Self {
        let id: String = id.chars().take(80).collect();
        Self::new(Code::NotFound, format!("There is no {what} {id}."))
    }

    /// A value of a query parameter or of a body's field that cannot be.
    pub fn invalid_parameter(name: &str, why: impl fmt::Display) -> Self {
        Self::new(Code::InvalidParameter, format!("{name}: {why}"))
    }

    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }

    pub fn allow(mut self, methods: String) -> Self {
        self.0.allow = Some(methods);
        self
    }

    fn caused_by(mut self, cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.cause = Some(cause.into());
        self
    }

    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The response as it goes out.
    pub fn response(&self, instance: &str, request_id: &str) -> HttpResponse {
        let body = Body {
            r#type: format!("urn:avstem:problem:{}", self.0.code.as_str()),
            title: self.0.code.title(),
            status: self.0.code.status().as_u16(),
            detail: &self.0.detail,
            code: self.0.code.as_str(),
            instance,
            request_id,
            clause: self.0.rejection.as_ref().map(|r| r.clause),
            explanation: self.0.rejection.as_ref().map(|r| Texts {
                sv: &r.explanation.sv,
                en: &r.explanation.en,
            }),
        };
        let mut response = HttpResponse::build(self.0.code.status());
        response.content_type("application/problem+json");
        if let Some(seconds) = self.0.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds));
        }
        if let Some(methods) = &self.0.allow {
            response.insert_header((header::ALLOW, methods.as_str()));
        }
        if self.0.code.status() == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer realm=\"avstem\"");
            response.insert_header((header::WWW_AUTHENTICATE, scheme));
        }
        match serde_json::to_string(&body) {
            Ok(text) => response.body(text),
            Err(_) => response.finish(),
        }
    }

    fn log(&self) {
        let status = self.0.code.status();
        if let Some(cause) = &self.0.cause {
            tracing::error!(code = self.0.code.as_str(), cause = %Chain(cause.as_ref()), "Could not answer");
        } else if status.is_server_error() {
            tracing::warn!(
                code = self.0.code.as_str(),
                "Turned away: {}",
                self.0.code.title()
            );
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code.as_str())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.code.status()
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        self.response("", "")
    }
}

/// An error with all its sources, in one line.
struct Chain<'a>(&'a (dyn std::error::Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

/// Writes an error response out, ours or the framework's, and logs it once. Others pass untouched.
pub fn rendered(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let Some(error) = response.response().error() else {
        return response;
    };
    let request = response.request();
    let written = match error.as_error::<Problem>() {
        Some(problem) => problem.written(request),
        None => foreign(response.status(), error).written(request),
    };
    response.into_response(written)
}

/// An error of the framework.
fn foreign(status: StatusCode, error: &actix_web::Error) -> Problem {
    match Code::of_status(status) {
        Some(code) => Problem::new(code, code.title()),
        None => Problem::internal(error.to_string()),
    }
}

impl Problem {
    /// The answer to `request`, logged.
    pub fn written(&self, request: &HttpRequest) -> HttpResponse {
        self.log();
        let id = request.extensions().get::<RequestId>().cloned();
        self.response(request.path(), id.as_ref().map_or("", RequestId::as_str))
    }
}
