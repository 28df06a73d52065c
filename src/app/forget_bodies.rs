//! The bytes of deliveries are forgotten when they are older than the settings keep them and nobody needs them
//! any more: the state of every delivery stays, and so does everything that was made of it.
//!
//! Bytes lie in bundles (docs/decisions/0016), and a bundle goes when every delivery in it is done with. One that
//! waits, is parked or failed may still be read, so that its bundle stays, with what else is in it.

use super::{App, Failure};
use avstem_domain::id::EventId;
use avstem_domain::time::Timestamp;
use std::collections::HashSet;

/// Bundles in one transaction.
const BATCH: i64 = 200;
/// Bundles in one round, so that a stop does not wait for long.
const ROUND_MAX: usize = 4_000;
const DAY_S: i64 = 86_400;
/// Deliveries of one bundle came at the same time, but for as long as one waits to be stored.
const TOGETHER_S: i64 = 3_600;

/// One round; returns how many bundles were forgotten.
pub fn run_due(app: &App) -> Result<usize, Failure> {
    let Some(days) = app.config.keep_bodies_days else {
        return Ok(0);
    };
    let kept_since = app
        .clock
        .now()
        .saturating_add_seconds(-i64::from(days) * DAY_S);
    let end = first_id_at(kept_since);
    let mut after = String::new();
    let mut forgotten = 0;
    while forgotten < ROUND_MAX {
        let (last, count) = app.store.write(|tx| {
            let page = tx.bundles_between(&after, &end, BATCH)?;
            let received = kept_since.saturating_add_seconds(TOGETHER_S).as_micros();
            let needed: HashSet<String> = tx.bundles_needed(received)?.into_iter().collect();
            let last = page.last().cloned();
            let done: Vec<String> = page.into_iter().filter(|id| !needed.contains(id)).collect();
            tx.drop_bundles(&done)?;
            Ok::<_, Failure>((last, done.len()))
        })?;
        let Some(last) = last else { break };
        after = last;
        forgotten += count;
    }
    if forgotten > 0 {
        tracing::info!(
            "Forgot {forgotten} bundles of bytes that were received more than {days} days ago"
        );
    }
    Ok(forgotten)
}

/// What ids of deliveries begin with that were received then: ids begin with their time.
fn first_id_at(time: Timestamp) -> String {
    let millis = time.as_micros().max(0) / 1_000;
    format!("{}_{millis:012x}", EventId::PREFIX)
}
