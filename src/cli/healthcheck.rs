//! `avstem healthcheck`: for containers, which have no other program to ask with.

use super::error::CliError;
use super::{Ended, Global, open};
use crate::config::reachable_at;
use crate::gateway::Https;
use avstem_webhooks::outbound::{HttpReply, HttpRequest, Method};

pub fn run(global: &Global) -> Result<Ended, CliError> {
    let base = reachable_at(open::settings(global)?.bind);
    let client = Https::without_proxy().map_err(|error| CliError::Https(Box::new(error)))?;
    let request = HttpRequest {
        method: Method::Get,
        target: "/readyz".to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let why = match client.exchange_openly(&base, &request) {
        Ok(HttpReply { status: 200, .. }) => return Ok(Ended::Done),
        Ok(reply) => detail(&reply),
        Err(error) => error.to_string(),
    };
    Err(CliError::NotReady { base, why })
}

/// What the service itself says.
fn detail(reply: &HttpReply) -> String {
    let problem = serde_json::from_slice::<serde_json::Value>(&reply.body).unwrap_or_default();
    match problem.get("detail").and_then(serde_json::Value::as_str) {
        Some(detail) => detail.to_owned(),
        None => format!("it answers with status {}", reply.status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_that_is_not_ready_says_why_itself() {
        let reply = |body: &str| HttpReply {
            status: 503,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        };
        assert_eq!(detail(&reply(r#"{"detail":"No worker."}"#)), "No worker.");
        for body in ["", "<html>", r#"{"detail":1}"#] {
            assert_eq!(detail(&reply(body)), "it answers with status 503");
        }
    }
}
