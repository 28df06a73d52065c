//! Comparing connections with their providers' APIs.

use super::super::schema::{sync_cursors, syncs};
use diesel::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = syncs, treat_none_as_default_value = false)]
pub struct SyncRun {
    pub connection: String,
    /// `None`: everything there is.
    pub made_from: Option<i64>,
    pub events_from: i64,
    pub begun_at: i64,
    pub finished_at: Option<i64>,
    pub due_at: i64,
    pub attempts: i64,
    pub trouble: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sync_cursors, treat_none_as_default_value = false)]
pub struct SyncCursor {
    pub connection: String,
    pub kind: String,
    pub after: Option<String>,
    pub made_until: i64,
    pub done: bool,
    pub seen: i64,
    pub repaired: i64,
}

/// Objects of a connection that were made from `from` to `to`, both inclusive, in microseconds.
#[derive(Debug, Clone, Copy)]
pub struct Made<'a> {
    pub connection: &'a str,
    pub from: i64,
    pub to: i64,
    pub limit: i64,
}
