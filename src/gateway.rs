//! The only HTTP client: sends a request value, reads the reply with bounds, and says what it means.
//!
//! No retries and no redirects happen here: whether something is repeated is decided by whoever keeps
//! the record of what was asked.

use crate::config::Connection;
use avstem_domain::time::Timestamp;
use avstem_webhooks::Provider;
use avstem_webhooks::outbound::{Ask, HttpReply, HttpRequest, Method, Outcome};
use secrecy::{ExposeSecret, SecretString};
use std::io::Read;
use std::time::Duration;

/// From the first byte sent to the last received. Far below the lease of a money operation (see
/// `app::refund_operation`), so that a call is over before anyone else may take it up.
const CALL_MAX: Duration = Duration::from_secs(30);
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// A page of a hundred charges is some 400 KB.
const REPLY_BYTES_MAX: u64 = 8 << 20;

/// Carries requests to a provider.
pub struct Gateway {
    transport: Box<dyn Transport>,
}

/// One exchange with a provider's API. The service's is [`Https`]; the simulation answers by itself.
pub trait Transport: Send + Sync {
    fn exchange(
        &self,
        base: &str,
        key: &SecretString,
        request: &HttpRequest,
    ) -> Result<HttpReply, CallError>;
}

/// No reply came.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Nothing reached the provider: no connection was made.
    #[error("could not connect: {0}")]
    NotSent(String),
    /// The request may have been carried out.
    #[error("no answer: {0}")]
    NoAnswer(String),
}

/// What came of asking.
#[derive(Debug, Clone)]
pub struct Answer {
    pub result: Result<Outcome, CallError>,
    /// The provider's own time of the reply, where it says one.
    pub read_at: Option<Timestamp>,
    pub replay: Replay,
}

/// Whether the provider repeated an answer that it had stored for the idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    Fresh,
    Replayed,
}

impl Gateway {
    /// The real one.
    pub fn https() -> Result<Self, reqwest::Error> {
        Ok(Self::new(Https::new()?))
    }

    pub fn new(transport: impl Transport + 'static) -> Self {
        Self {
            transport: Box::new(transport),
        }
    }

    /// Asks with the request made for `ask`. `Err` when the connection has no key to ask with.
    pub fn ask(
        &self,
        connection: &Connection,
        provider: &dyn Provider,
        ask: &Ask,
    ) -> Result<Answer, NoKey> {
        self.send(connection, provider, ask, &provider.request(ask))
    }

    /// Asks with exactly these bytes, which were stored before.
    pub fn send(
        &self,
        connection: &Connection,
        provider: &dyn Provider,
        ask: &Ask,
        request: &HttpRequest,
    ) -> Result<Answer, NoKey> {
        let key = connection.api_key.as_ref().ok_or(NoKey)?;
        let reply = self.transport.exchange(&connection.api_base, key, request);
        Ok(match reply {
            Err(error) => Answer {
                result: Err(error),
                read_at: None,
                replay: Replay::Fresh,
            },
            Ok(reply) => Answer {
                read_at: date_of(&reply),
                replay: replay_of(&reply),
                result: Ok(provider.read(ask, &reply)),
            },
        })
    }
}

/// The connection has no `api_key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoKey;

fn header<'a>(reply: &'a HttpReply, name: &str) -> Option<&'a str> {
    reply
        .headers
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

fn date_of(reply: &HttpReply) -> Option<Timestamp> {
    Timestamp::parse_http_date(header(reply, "date")?)
}

fn replay_of(reply: &HttpReply) -> Replay {
    match header(reply, "idempotent-replayed") {
        Some("true") => Replay::Replayed,
        Some(_) | None => Replay::Fresh,
    }
}

/// No HTTP client can be made.
pub type ClientError = reqwest::Error;

/// HTTP over TCP, TLS where the address says so.
pub struct Https {
    client: reqwest::blocking::Client,
}

impl Https {
    pub fn new() -> Result<Self, reqwest::Error> {
        let client = builder().build()?;
        Ok(Self { client })
    }

    /// For addresses of this machine, to which no proxy leads, whatever the environment says.
    pub fn without_proxy() -> Result<Self, reqwest::Error> {
        let client = builder().no_proxy().build()?;
        Ok(Self { client })
    }
}

fn builder() -> reqwest::blocking::ClientBuilder {
    // reqwest is built without a default: the one that PostgreSQL's TLS uses serves both.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::blocking::Client::builder()
        .timeout(CALL_MAX)
        .connect_timeout(CONNECT_MAX)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("avstem/", env!("CARGO_PKG_VERSION")))
}

impl Transport for Https {
    fn exchange(
        &self,
        base: &str,
        key: &SecretString,
        request: &HttpRequest,
    ) -> Result<HttpReply, CallError> {
        self.send(base, Some(key), request)
    }
}

impl Https {
    /// The same without a key: the simulated provider's deliveries, the demo's browser, and whoever asks
    /// the service how it is.
    pub fn exchange_openly(
        &self,
        base: &str,
        request: &HttpRequest,
    ) -> Result<HttpReply, CallError> {
        self.send(base, None, request)
    }

    fn send(
        &self,
        base: &str,
        key: Option<&SecretString>,
        request: &HttpRequest,
    ) -> Result<HttpReply, CallError> {
        let url = format!("{base}{}", request.target);
        let method = match request.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut call = self.client.request(method, url);
        if let Some(key) = key {
            call = call.bearer_auth(key.expose_secret());
        }
        for (name, value) in &request.headers {
            call = call.header(name, value);
        }
        let reply = call
            .body(request.body.clone())
            .send()
            .map_err(|error| explain(&error))?;
        let status = reply.status().as_u16();
        let headers = reply
            .headers()
            .iter()
            .filter_map(|(name, value)| {
                Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
            })
            .collect();
        let mut body = Vec::new();
        reply
            .take(REPLY_BYTES_MAX)
            .read_to_end(&mut body)
            .map_err(|error| CallError::NoAnswer(format!("the reply broke off: {error}")))?;
        Ok(HttpReply {
            status,
            headers,
            body,
        })
    }
}

fn explain(error: &reqwest::Error) -> CallError {
    let cause =
        std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    if error.is_connect() || error.is_builder() {
        CallError::NotSent(cause)
    } else {
        CallError::NoAnswer(cause)
    }
}
