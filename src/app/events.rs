//! The inbox, looked at.

use super::{App, Failure};
use crate::store::rows::{EventSummary, Stretch};

/// What a list is narrowed to. `before` is an id of ours: only older ones follow.
#[derive(Debug, Default)]
pub struct Filter {
    pub state: Option<String>,
    pub connection: Option<String>,
    pub kind: Option<String>,
    pub before: Option<String>,
}

/// Newest first.
pub fn list(
    app: &App,
    filter: &Filter,
    limit: i64,
) -> Result<Stretch<EventSummary, String>, Failure> {
    let Filter {
        state,
        connection,
        kind,
        before,
    } = filter;
    app.store.read(|tx| {
        Ok(tx.list_events(
            state.as_deref(),
            connection.as_deref(),
            kind.as_deref(),
            before.as_deref(),
            limit,
        )?)
    })
}

/// By our id or the provider's.
pub fn find(app: &App, id: &str) -> Result<Option<EventSummary>, Failure> {
    app.store.read(|tx| Ok(tx.find_event(id)?))
}
