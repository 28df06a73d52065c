//! The demo's hands: they reach the service only through its HTTP API.

use super::DemoError;
use crate::gateway::{ClientError, Https, Transport};
use avstem_webhooks::outbound::{HttpReply, HttpRequest, Method};
use secrecy::SecretString;
use serde_json::Value;
use std::time::Duration;

/// How long the service may take for something that happens in the background.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);

const JSON: &str = "application/json";

pub struct Client {
    https: Https,
    base: String,
    key: SecretString,
}

impl Client {
    pub fn new(base: String, key: String) -> Result<Self, ClientError> {
        Ok(Self {
            https: Https::new()?,
            base,
            key: SecretString::from(key),
        })
    }

    pub fn base(&self) -> &str {
        &self.base
    }

    pub fn get(&self, target: &str) -> Result<Value, DemoError> {
        self.json(Method::Get, target, None)
    }

    pub fn post(&self, target: &str, body: &Value) -> Result<Value, DemoError> {
        self.json(Method::Post, target, Some(body))
    }

    /// Hands a file in.
    pub fn upload(&self, target: &str, file: String) -> Result<Value, DemoError> {
        let reply = self.send(
            Method::Post,
            target,
            "application/octet-stream",
            file.into_bytes(),
        )?;
        understood(target, &reply)
    }

    /// The body as text, for exports.
    pub fn text(&self, target: &str) -> Result<String, DemoError> {
        let reply = self.send(Method::Get, target, JSON, Vec::new())?;
        String::from_utf8(reply.body)
            .map_err(|error| DemoError::Api(format!("GET {target}: {error}")))
    }

    fn json(&self, method: Method, target: &str, body: Option<&Value>) -> Result<Value, DemoError> {
        let body = body.map(|body| body.to_string().into_bytes());
        let reply = self.send(method, target, JSON, body.unwrap_or_default())?;
        understood(target, &reply)
    }

    fn send(
        &self,
        method: Method,
        target: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<HttpReply, DemoError> {
        let request = HttpRequest {
            method,
            target: target.to_owned(),
            headers: vec![("content-type".to_owned(), content_type.to_owned())],
            body,
        };
        let reply = self
            .https
            .exchange(&self.base, &self.key, &request)
            .map_err(|error| DemoError::Api(format!("{target}: {error}")))?;
        if (200..300).contains(&reply.status) {
            Ok(reply)
        } else {
            let said = String::from_utf8_lossy(&reply.body).into_owned();
            Err(DemoError::Api(format!(
                "{target} answered {}: {said}",
                reply.status
            )))
        }
    }

    /// Asks again until `done` or patience runs out; the last answer either way.
    pub fn wait_for(
        &self,
        target: &str,
        done: impl Fn(&Value) -> bool,
    ) -> Result<Value, DemoError> {
        let mut waited = Duration::ZERO;
        loop {
            let answer = self.get(target);
            let finished = answer.as_ref().is_ok_and(&done);
            if finished || waited >= PATIENCE {
                return answer;
            }
            std::thread::sleep(LOOK_EVERY);
            waited += LOOK_EVERY;
        }
    }

    pub fn wait_until_ready(&self) -> Result<(), DemoError> {
        self.wait_for("/readyz", |_| true).map(|_| ())
    }
}

fn understood(target: &str, reply: &HttpReply) -> Result<Value, DemoError> {
    serde_json::from_slice(&reply.body)
        .map_err(|error| DemoError::Api(format!("{target}: {error}")))
}
