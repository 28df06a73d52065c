//! Stored deliveries, processed once more. What they caused before is not caused again: effects are
//! unique per provider object.

use super::{App, Failure};

/// Which deliveries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// By our ids or the provider's.
    These(Vec<String>),
    /// The dead letters.
    Failed,
    All,
}

#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    #[error("there is no event {0}; `GET /v1/events` lists them")]
    NotFound(String),
    #[error(
        "the bytes of event {0} are not kept any more (keep_bodies_for): what it did stays, and it cannot be processed again"
    )]
    Forgotten(String),
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<crate::store::StoreError> for ReplayError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Failure(error.into())
    }
}

/// Deliveries put back in the queue in one transaction.
const CHUNK: i64 = 500;

/// Puts deliveries back in the queue and wakes the workers; returns how many there were. Nothing is
/// put back when one of the named does not exist, or its bytes do not; among all, those are left out.
pub fn replay(app: &App, which: &Which) -> Result<usize, ReplayError> {
    let count = match which {
        Which::These(ids) => replay_these(app, ids)?,
        Which::Failed => replay_state(app, Some("failed"))?,
        Which::All => replay_state(app, None)?,
    };
    app.signals.inbox.ring();
    Ok(count)
}

fn replay_these(app: &App, ids: &[String]) -> Result<usize, ReplayError> {
    let now = app.clock.now().as_micros();
    app.store.write(|tx| {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let event = tx.find_event(id)?;
            found.push(event.ok_or_else(|| ReplayError::NotFound(id.clone()))?.id);
        }
        if let Some(id) = tx.events_without_bytes(&found)?.pop() {
            return Err(ReplayError::Forgotten(id));
        }
        Ok(tx.requeue_events(&found, now)?)
    })
}

pub(super) fn replay_state(app: &App, state: Option<&str>) -> Result<usize, Failure> {
    let now = app.clock.now().as_micros();
    let mut after = String::new();
    let mut count = 0;
    loop {
        let (last, requeued) = app.store.write::<_, Failure>(|tx| {
            let mut ids = tx.event_ids(state, &after, CHUNK)?;
            let last = ids.last().cloned();
            let forgotten = tx.events_without_bytes(&ids)?;
            ids.retain(|id| !forgotten.contains(id));
            Ok((last, tx.requeue_events(&ids, now)?))
        })?;
        let Some(last) = last else {
            return Ok(count);
        };
        count += requeued;
        after = last;
    }
}
