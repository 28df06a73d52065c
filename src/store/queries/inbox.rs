//! The inbox: deliveries in, and what became of them.

use super::C;
use crate::store::Appended;
use crate::store::rows::{CHUNK, Event, EventSummary};
use crate::store::schema::events;
use diesel::prelude::*;
use std::collections::HashMap;
use std::collections::HashSet;

/// Inserts what is new; says for each delivery, in order, whether it was.
///
/// Two replicas may be given the same deliveries in different orders. Both insert in the order of the
/// keys, so that neither waits for the other while the other waits for it.
pub fn append(c: &mut C, deliveries: &[Event]) -> QueryResult<Vec<Appended>> {
    let mut in_order: Vec<&Event> = deliveries.iter().collect();
    in_order.sort_by_key(|delivery| (&delivery.connection, &delivery.dedupe_key));
    let mut added = HashSet::new();
    for chunk in in_order.chunks(CHUNK) {
        let ids: Vec<String> = diesel::insert_into(events::table)
            .values(chunk.to_vec())
            .on_conflict((events::connection, events::dedupe_key))
            .do_nothing()
            .returning(events::id)
            .get_results(c)?;
        added.extend(ids);
    }
    let keys: Vec<&String> = deliveries
        .iter()
        .filter(|d| !added.contains(&d.id))
        .map(|d| &d.dedupe_key)
        .collect();
    let mut kept = HashMap::new();
    for chunk in keys.chunks(CHUNK) {
        let rows = events::table
            .filter(events::dedupe_key.eq_any(chunk))
            .select(Event::as_select())
            .load::<Event>(c)?;
        kept.extend(
            rows.into_iter()
                .map(|row| ((row.connection.clone(), row.dedupe_key.clone()), row)),
        );
    }
    let answer = |delivery: &Event| {
        if added.contains(&delivery.id) {
            return Ok(Appended::New);
        }
        kept.get(&(delivery.connection.clone(), delivery.dedupe_key.clone()))
            .map(|row| Appended::Duplicate {
                kept: Box::new(row.clone()),
            })
            .ok_or(diesel::result::Error::NotFound)
    };
    deliveries.iter().map(answer).collect()
}

/// Deliveries that are due for processing, in the order they became due.
pub fn events_waiting(c: &mut C, now: i64, limit: i64) -> QueryResult<Vec<Event>> {
    events::table
        .filter(events::state.eq_any(["received", "parked"]))
        .filter(events::due_at.le(now))
        .order((events::due_at, events::id))
        .limit(limit)
        .select(Event::as_select())
        .load(c)
}

/// Deliveries with their bytes, in no order.
pub fn events_by_ids(c: &mut C, ids: &[String]) -> QueryResult<Vec<Event>> {
    super::load_in!(c, Event, events.id, ids)
}

/// Those of `ids` that still wait.
pub fn events_still_waiting(c: &mut C, ids: &[String]) -> QueryResult<Vec<String>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let waiting = events::table
            .filter(events::id.eq_any(chunk))
            .filter(events::state.eq_any(["received", "parked"]))
            .select(events::id)
            .load::<String>(c)?;
        found.extend(waiting);
    }
    Ok(found)
}

pub fn finish_events(c: &mut C, ids: &[String], state: &str, now: i64) -> QueryResult<()> {
    for chunk in ids.chunks(CHUNK) {
        diesel::update(events::table.filter(events::id.eq_any(chunk)))
            .set((
                events::state.eq(state),
                events::error.eq(None::<String>),
                events::attempts.eq(events::attempts + 1),
                events::processed_at.eq(Some(now)),
            ))
            .execute(c)?;
    }
    Ok(())
}

/// Parks or fails one delivery; `due_at` is when a parked one is tried again.
pub fn set_event_aside(
    c: &mut C,
    id: &str,
    state: &str,
    error: &str,
    due_at: i64,
) -> QueryResult<()> {
    diesel::update(events::table.find(id))
        .set((
            events::state.eq(state),
            events::error.eq(Some(error)),
            events::attempts.eq(events::attempts + 1),
            events::due_at.eq(due_at),
        ))
        .execute(c)
        .map(|_| ())
}

/// New charges have come: what waited for one may go on.
pub fn wake_parked(c: &mut C, now: i64) -> QueryResult<()> {
    diesel::update(
        events::table
            .filter(events::state.eq("parked"))
            .filter(events::due_at.gt(now)),
    )
    .set(events::due_at.eq(now))
    .execute(c)
    .map(|_| ())
}

pub fn note_conflict(c: &mut C, id: &str, conflict: &str) -> QueryResult<()> {
    diesel::update(events::table.find(id))
        .set(events::conflict.eq(Some(conflict)))
        .execute(c)
        .map(|_| ())
}

/// Puts deliveries back in the queue; returns how many there were.
pub fn requeue_events(c: &mut C, ids: &[String], now: i64) -> QueryResult<usize> {
    let mut count = 0;
    for chunk in ids.chunks(CHUNK) {
        count += diesel::update(events::table.filter(events::id.eq_any(chunk)))
            .set((
                events::state.eq("received"),
                events::due_at.eq(now),
                events::error.eq(None::<String>),
            ))
            .execute(c)?;
    }
    Ok(count)
}

/// Ids after `after` of deliveries in a state (any state when none is given), oldest first.
pub fn event_ids(
    c: &mut C,
    state: Option<&str>,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<String>> {
    let mut query = events::table
        .into_boxed::<super::Db>()
        .filter(events::id.gt(after));
    if let Some(state) = state {
        query = query.filter(events::state.eq(state));
    }
    query
        .order(events::id)
        .limit(limit)
        .select(events::id)
        .load(c)
}

/// By our id or the provider's; the newest where several connections share one.
pub fn find_event(c: &mut C, id: &str) -> QueryResult<Option<EventSummary>> {
    events::table
        .filter(events::id.eq(id).or(events::provider_event_id.eq(id)))
        .order(events::id.desc())
        .select(EventSummary::as_select())
        .first(c)
        .optional()
}

/// Newest first, before the id `before`.
pub fn list_events(
    c: &mut C,
    state: Option<&str>,
    connection: Option<&str>,
    kind: Option<&str>,
    before: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<EventSummary>> {
    let mut query = events::table.into_boxed::<super::Db>();
    if let Some(state) = state {
        query = query.filter(events::state.eq(state));
    }
    if let Some(connection) = connection {
        query = query.filter(events::connection.eq(connection));
    }
    if let Some(kind) = kind {
        query = query.filter(events::kind.eq(kind));
    }
    if let Some(before) = before {
        query = query.filter(events::id.lt(before));
    }
    query
        .order(events::id.desc())
        .limit(limit)
        .select(EventSummary::as_select())
        .load(c)
}

pub fn count_events(c: &mut C, state: &str) -> QueryResult<i64> {
    events::table
        .filter(events::state.eq(state))
        .count()
        .get_result(c)
}
