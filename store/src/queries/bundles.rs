//! What is kept of deliveries' bytes, and what may be dropped of them.

use super::C;
use super::queue::OPEN;
use crate::rows::CHUNK;
use crate::schema::{event_bundles, events, unprocessed_events as unprocessed};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::Bool;

/// Bundles that have bytes of deliveries received before an instant with which nobody is done.
pub fn bundles_needed(c: &mut C, before: i64) -> QueryResult<Vec<String>> {
    let mut needed: Vec<String> = Vec::new();
    for state in ["received", "parked", "failed"] {
        let open = unprocessed::table
            .filter(diesel::dsl::sql::<Bool>(OPEN))
            .filter(unprocessed::state.eq(state))
            .filter(unprocessed::received_at.lt(before))
            .select(unprocessed::id);
        let bundles = events::table.filter(events::id.eq_any(open));
        needed.extend(bundles.select(events::bundle).load::<String>(c)?);
    }
    Ok(needed)
}

/// Ids of bundles between two ids, both exclusive, oldest first.
pub fn bundles_between(
    c: &mut C,
    after: &str,
    before: &str,
    limit: i64,
) -> QueryResult<Vec<String>> {
    event_bundles::table
        .filter(event_bundles::id.gt(after))
        .filter(event_bundles::id.lt(before))
        .order(event_bundles::id)
        .limit(limit)
        .select(event_bundles::id)
        .load(c)
}

pub fn drop_bundles(c: &mut C, ids: &[String]) -> QueryResult<()> {
    for chunk in ids.chunks(CHUNK) {
        let bundles = event_bundles::table.filter(event_bundles::id.eq_any(chunk));
        diesel::delete(bundles).execute(c)?;
    }
    Ok(())
}

/// Those of `ids` whose bytes are not kept any more.
pub fn events_without_bytes(c: &mut C, ids: &[String]) -> QueryResult<Vec<String>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let without = events::table
            .filter(events::id.eq_any(chunk))
            .filter(not(exists(
                event_bundles::table.filter(event_bundles::id.eq(events::bundle)),
            )))
            .select(events::id);
        found.extend(without.load::<String>(c)?);
    }
    Ok(found)
}

/// The id of the first delivery whose facts were applied and whose bytes are not kept any more.
pub fn first_applied_without_bytes(c: &mut C) -> QueryResult<Option<String>> {
    events::table
        .filter(events::processed_at.is_not_null())
        .filter(not(exists(
            event_bundles::table.filter(event_bundles::id.eq(events::bundle)),
        )))
        .order(events::id)
        .select(events::id)
        .first(c)
        .optional()
}
