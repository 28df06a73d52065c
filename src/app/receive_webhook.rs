//! A webhook, taken in: verified, and stored durably. What it means is found out later.

use super::{App, lane};
use crate::config::Connection;
use crate::store::Appended;
use crate::store::rows::Event;
use avstem_domain::id::EventId;
use avstem_webhooks::signature::SignatureError;
use avstem_webhooks::{Envelope, Provider, RawWebhook, SameEvent, providers};
use sha2::{Digest, Sha256};

/// Why a delivery is not taken in. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error(
        "there is no connection {0:?}; webhooks go to /webhooks/ and the name of a connection in the settings"
    )]
    UnknownConnection(String),
    #[error(transparent)]
    InvalidSignature(SignatureError),
}

/// Headers that are worth keeping. Credentials never are.
const HEADERS_KEPT: [&str; 5] = [
    "content-type",
    "date",
    "stripe-signature",
    "user-agent",
    "x-request-id",
];

/// What stands in the place of headers where there was no delivery. No sender's headers can look like it:
/// only those above are kept.
const FETCHED: &str = r#"[["avstem-source","events list"]]"#;

/// Verifies a delivery and makes the row to store. Names of headers are in lower case.
pub fn admit(
    app: &App,
    connection: &str,
    headers: &[(String, String)],
    body: Vec<u8>,
) -> Result<Event, Refused> {
    let unknown = || Refused::UnknownConnection(connection.to_owned());
    let settings = app.config.connections.get(connection).ok_or_else(unknown)?;
    let provider = providers::by_name(settings.provider).ok_or_else(unknown)?;
    let now = app.clock.now();
    let raw = RawWebhook {
        headers,
        body: &body,
    };
    let verified = provider
        .verify(raw, &settings.webhook_secrets, now)
        .map_err(Refused::InvalidSignature)?;
    let kept: Vec<&(String, String)> = headers.iter().filter(|(name, _)| is_kept(name)).collect();
    let kept = serde_json::to_string(&kept).unwrap_or_default();
    Ok(row(app, settings, provider, verified.into_body(), kept))
}

/// The row of an event that the provider's API gave us: as if its webhook had come late.
pub fn fetched(
    app: &App,
    connection: &Connection,
    provider: &dyn Provider,
    document: Vec<u8>,
) -> Event {
    row(app, connection, provider, document, FETCHED.to_owned())
}

fn row(
    app: &App,
    connection: &Connection,
    provider: &dyn Provider,
    body: Vec<u8>,
    headers: String,
) -> Event {
    let (dedupe_key, event, kind, customer) = match provider.envelope(&body) {
        Envelope::Readable {
            event,
            kind,
            customer,
        } => (
            event.to_string(),
            Some(event.to_string()),
            Some(kind),
            customer,
        ),
        Envelope::Unreadable => (format!("sha256:{}", sha256(&body)), None, None, None),
    };
    let now = app.clock.now().as_micros();
    Event {
        id: EventId::from_uuid(app.clock.uuid()).to_string(),
        connection: connection.name.clone(),
        dedupe_key,
        provider_event_id: event,
        kind,
        state: "received".to_owned(),
        attempts: 0,
        error: None,
        conflict: None,
        received_at: now,
        processed_at: None,
        due_at: now,
        lane: lane::of(&connection.name, customer.as_deref()),
        headers,
        body,
    }
}

/// Whether a header, its name in lower case, is kept with a delivery.
#[must_use]
pub fn is_kept(name: &str) -> bool {
    HEADERS_KEPT.contains(&name)
}

fn sha256(body: &[u8]) -> String {
    hex(&Sha256::digest(body))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)])
        .collect()
}

/// What the inbox made of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    New,
    Duplicate,
}

/// Stores deliveries in one commit. The service's intake does this in batches.
pub fn store(app: &App, events: &[Event]) -> Result<Vec<Intake>, crate::store::StoreError> {
    let appended = app.store.append_events(events)?;
    let mut outcomes = Vec::with_capacity(events.len());
    for (event, appended) in events.iter().zip(appended) {
        outcomes.push(match appended {
            Appended::New => Intake::New,
            Appended::Duplicate { kept } => {
                note_conflict(app, &kept, event)?;
                Intake::Duplicate
            }
        });
    }
    Ok(outcomes)
}

/// The first body is kept. One that says something else is noted on it, for a person to see.
fn note_conflict(app: &App, kept: &Event, again: &Event) -> Result<(), crate::store::StoreError> {
    if kept.body == again.body || kept.conflict.is_some() || !kept.has_bytes() {
        return Ok(());
    }
    // The API writes an event in the account's version, and a webhook in its endpoint's.
    if kept.headers == FETCHED || again.headers == FETCHED {
        return Ok(());
    }
    let provider = app
        .config
        .connections
        .get(&kept.connection)
        .and_then(|c| providers::by_name(c.provider));
    let same = provider.map(|provider| provider.same_event(&kept.body, &again.body));
    match same {
        Some(SameEvent::Same) => Ok(()),
        Some(SameEvent::Conflict) | None => {
            let conflict = format!(
                "another body came under this event id (sha256 {}); the first is kept",
                sha256(&again.body)
            );
            tracing::warn!(event.id = %kept.id, "Another body came for event {}", kept.id);
            app.store.write(|tx| tx.note_conflict(&kept.id, &conflict))
        }
    }
}
