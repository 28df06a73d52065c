//! Answers and errors of the API, before they become bytes.

use avstem_webhooks::outbound::HttpReply;
use serde_json::{Value, json};

use crate::Simulator;
use crate::events::pretty;

/// Whether the idempotency key remembers the answer. Stripe stores nothing when parameters are
/// invalid or the call never began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    UnderKey,
    Never,
}

/// A refusal in Stripe's terms.
#[derive(Debug, Clone)]
pub(crate) struct ApiError {
    pub status: u16,
    pub kind: &'static str,
    pub code: Option<&'static str>,
    pub message: String,
    pub param: Option<String>,
    pub keep: Keep,
}

impl ApiError {
    /// 400 for what the objects' state does not allow.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self {
            status: 400,
            kind: "invalid_request_error",
            code: None,
            message: message.into(),
            param: None,
            keep: Keep::UnderKey,
        }
    }

    /// 400 for a parameter that can not be what it is.
    pub(crate) fn parameter(code: &'static str, name: &str, message: impl Into<String>) -> Self {
        Self {
            code: Some(code),
            param: Some(name.to_owned()),
            keep: Keep::Never,
            ..Self::refused(message)
        }
    }

    /// 404 `resource_missing`.
    pub(crate) fn missing(what: &str, id: &str) -> Self {
        Self {
            status: 404,
            code: Some("resource_missing"),
            param: Some("id".to_owned()),
            ..Self::refused(format!("No such {what}: '{id}'"))
        }
    }

    pub(crate) fn unknown_route(method: &str, path: &str) -> Self {
        Self {
            status: 404,
            keep: Keep::Never,
            ..Self::refused(format!("Unrecognized request URL ({method}: {path})."))
        }
    }

    pub(crate) fn wrong_key() -> Self {
        Self {
            status: 401,
            keep: Keep::Never,
            ..Self::refused("Invalid API Key provided.")
        }
    }

    pub(crate) fn server(status: u16) -> Self {
        Self {
            status,
            kind: "api_error",
            ..Self::refused("Something went wrong on the provider's side.")
        }
    }

    pub(crate) fn rate_limited() -> Self {
        Self {
            status: 429,
            code: Some("rate_limit"),
            keep: Keep::Never,
            ..Self::refused("Request rate limit exceeded.")
        }
    }

    pub(crate) fn lock_conflict() -> Self {
        Self {
            status: 429,
            code: Some("lock_timeout"),
            keep: Keep::Never,
            ..Self::refused("This object cannot be accessed right now because of another request.")
        }
    }

    pub(crate) fn key_in_use(key: &str) -> Self {
        Self {
            status: 409,
            code: Some("idempotency_key_in_use"),
            keep: Keep::Never,
            ..Self::refused(format!(
                "Another request with the idempotency key '{key}' is still in progress."
            ))
        }
    }

    pub(crate) fn key_reused(key: &str) -> Self {
        Self {
            kind: "idempotency_error",
            keep: Keep::Never,
            ..Self::refused(format!(
                "The idempotency key '{key}' was first used with other parameters."
            ))
        }
    }

    pub(crate) fn with_code(self, code: &'static str) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }

    fn body(&self, request_id: &str) -> Value {
        let mut error = json!({
            "message": self.message,
            "request_log_url": format!("https://dashboard.stripe.example/test/logs/{request_id}"),
            "type": self.kind,
        });
        if let Some(error) = error.as_object_mut() {
            if let Some(code) = self.code {
                error.insert("code".to_owned(), code.into());
                let url = format!("https://docs.stripe.example/error-codes/{code}");
                error.insert("doc_url".to_owned(), url.into());
            }
            if let Some(param) = &self.param {
                error.insert("param".to_owned(), param.clone().into());
            }
        }
        json!({ "error": error })
    }
}

impl Simulator {
    pub(crate) fn reply(&self, result: &Result<Value, ApiError>, request_id: &str) -> HttpReply {
        let (status, body) = match result {
            Ok(value) => (200, pretty(value)),
            Err(error) => (error.status, pretty(&error.body(request_id))),
        };
        self.reply_with(status, "application/json", body, request_id)
    }

    /// A reply with the headers every reply has.
    pub(crate) fn reply_with(
        &self,
        status: u16,
        content_type: &str,
        body: Vec<u8>,
        request_id: &str,
    ) -> HttpReply {
        let date = self.now.to_utc().format("%a, %d %b %Y %H:%M:%S GMT");
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        HttpReply {
            status,
            headers: vec![
                header("content-type", content_type),
                header("date", &date.to_string()),
                header("request-id", request_id),
            ],
            body,
        }
    }
}
