//! What came in.

use super::super::schema::{answers, event_bundles, events};
use diesel::prelude::*;

/// A delivery with its bytes. Times are microseconds since 1970 UTC, here and in every row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub id: String,
    pub connection: String,
    pub dedupe_key: String,
    pub provider_event_id: Option<String>,
    pub kind: Option<String>,
    pub state: String,
    pub attempts: i64,
    pub error: Option<String>,
    pub conflict: Option<String>,
    pub received_at: i64,
    pub processed_at: Option<i64>,
    pub due_at: i64,
    /// The group of customers that it belongs to; 0 where it does not say whose it is: `app/lane.rs`.
    pub lane: i64,
    pub headers: String,
    pub body: Vec<u8>,
}

impl Event {
    /// Whether its bytes are there: a delivery has headers, if nothing else.
    #[must_use]
    pub const fn has_bytes(&self) -> bool {
        !self.headers.is_empty()
    }
}

/// A delivery as far as working on it needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    pub id: String,
    pub connection: String,
    pub state: String,
    pub attempts: i64,
    pub received_at: i64,
    pub due_at: i64,
    /// None where its bytes are not there.
    pub body: Option<Vec<u8>>,
}

impl From<Event> for Due {
    fn from(event: Event) -> Self {
        let has_bytes = event.has_bytes();
        Self {
            id: event.id,
            connection: event.connection,
            state: event.state,
            attempts: event.attempts,
            received_at: event.received_at,
            due_at: event.due_at,
            body: has_bytes.then_some(event.body),
        }
    }
}

/// How a delivery is stored: what becomes of it, and where its bytes lie. They never change and are
/// rarely read, so they are in a bundle with those of the deliveries that came with it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
pub struct EventRow {
    pub id: String,
    pub connection: String,
    pub dedupe_key: String,
    pub provider_event_id: Option<String>,
    pub kind: Option<String>,
    pub state: String,
    pub attempts: i64,
    pub error: Option<String>,
    pub conflict: Option<String>,
    pub received_at: i64,
    pub processed_at: Option<i64>,
    pub due_at: i64,
    /// The bundle's id.
    pub bundle: String,
    /// Where the headers begin in the unpacked bundle; the body follows them.
    pub bytes_at: i64,
    pub headers_bytes: i64,
    pub body_bytes: i64,
    pub lane: i64,
}

/// What is stored of a [`Due`].
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = events)]
pub struct DueRow {
    pub id: String,
    pub connection: String,
    pub state: String,
    pub attempts: i64,
    pub received_at: i64,
    pub due_at: i64,
    pub bundle: String,
    pub bytes_at: i64,
    pub headers_bytes: i64,
    pub body_bytes: i64,
}

/// Headers and bodies of deliveries that were taken in together, one after the other.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = event_bundles, treat_none_as_default_value = false)]
pub struct EventBundle {
    /// That of its first delivery.
    pub id: String,
    /// How `bytes` are packed: see `store/src/bundle.rs`.
    pub packing: String,
    pub unpacked_bytes: i64,
    pub bytes: Vec<u8>,
}

/// A stored delivery without its bytes, for lists.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = events)]
pub struct EventSummary {
    pub id: String,
    pub connection: String,
    pub provider_event_id: Option<String>,
    pub kind: Option<String>,
    pub state: String,
    pub attempts: i64,
    pub error: Option<String>,
    pub conflict: Option<String>,
    pub received_at: i64,
    pub processed_at: Option<i64>,
}

/// What was taken in of a provider's answers, in one transaction.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = answers, treat_none_as_default_value = false)]
pub struct StoredAnswer {
    pub id: String,
    pub connection: String,
    /// Observations, as JSON.
    pub told: String,
    pub absorbed_at: i64,
}
