//! What came in.

use super::super::schema::{answers, events};
use diesel::prelude::*;

/// A stored delivery. Times are microseconds since 1970 UTC, here and in every row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
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
    pub headers: String,
    pub body: Vec<u8>,
    pub body_sha256: String,
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
