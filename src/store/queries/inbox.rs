//! The inbox: deliveries in, and what became of them. Storing them is each database's own (`append`).

use super::{C, LOOKED_AT_MAX, find_either};
use crate::store::Lanes;
use crate::store::bundle::{self, Bundled, Bytes};
use crate::store::rows::{CHUNK, Due, DueRow, Event, EventBundle, EventRow, EventSummary, Stretch};
use crate::store::schema::events;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use std::collections::{BTreeMap, BTreeSet};

/// The deliveries that the index `events_open` holds. Databases use it only where they are told in the same
/// words that nothing else is looked for.
pub(super) const OPEN: &str = "state NOT IN ('processed', 'ignored')";
/// The same of `events_set_aside`, in the order of their ids.
const SET_ASIDE: &str = "state NOT IN ('received', 'processed')";
const WAITING: [&str; 2] = ["received", "parked"];
/// Bundles in memory at a time.
const BUNDLES: usize = 32;

fn is_open(state: &str) -> bool {
    matches!(state, "received" | "parked" | "failed" | "foreign")
}

fn is_set_aside(state: &str) -> bool {
    matches!(state, "parked" | "failed" | "ignored" | "foreign")
}

/// Deliveries that are here already under one of these keys, with their bytes, of every connection.
pub fn events_by_keys(c: &mut C, keys: &[&str]) -> QueryResult<Vec<Event>> {
    let rows = load_in!(c, EventRow, events.dedupe_key, keys)?;
    with_bytes(c, rows)
}

/// Deliveries that are due for processing, in the order they became due: those after one, or from the first. Where it
/// is in that order says when it became due, and its id.
pub fn events_waiting(
    c: &mut C,
    now: i64,
    after: Option<(i64, &str)>,
    limit: i64,
) -> QueryResult<Vec<Due>> {
    let (due_at, id) = after.unwrap_or((i64::MIN, ""));
    let mut rows: Vec<DueRow> = Vec::new();
    for state in WAITING {
        let after = diesel::dsl::sql::<Bool>("(due_at, id) > (")
            .bind::<BigInt, _>(due_at)
            .sql(", ")
            .bind::<Text, _>(id)
            .sql(")");
        rows.extend(
            events::table
                .filter(diesel::dsl::sql::<Bool>(OPEN))
                .filter(events::state.eq(state))
                .filter(events::due_at.le(now))
                .filter(after)
                .order((events::due_at, events::id))
                .limit(limit)
                .select(DueRow::as_select())
                .load::<DueRow>(c)?,
        );
    }
    with_bytes(c, first_due(rows, limit))
}

/// Rows of both states that wait, one after the other.
fn first_due(mut rows: Vec<DueRow>, limit: i64) -> Vec<DueRow> {
    rows.sort_by(|one, other| (one.due_at, &one.id).cmp(&(other.due_at, &other.id)));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    rows
}

/// Takes deliveries that are due and that nobody else has taken, until the transaction ends; those of some lanes, or all.
pub fn claim_waiting(
    c: &mut C,
    now: i64,
    lanes: Option<Lanes>,
    limit: i64,
) -> QueryResult<Vec<Due>> {
    let mut rows: Vec<DueRow> = Vec::new();
    for state in WAITING {
        let due = events::table
            .filter(diesel::dsl::sql::<Bool>(OPEN))
            .filter(events::state.eq(state))
            .filter(events::due_at.le(now))
            .order((events::due_at, events::id))
            .limit(limit)
            .select(DueRow::as_select());
        rows.extend(match lanes {
            Some(Lanes { first, last }) => {
                let due = due.filter(events::lane.between(first, last));
                prepared!(not_locked!(due)).load(c)?
            }
            None => prepared!(not_locked!(due)).load(c)?,
        });
    }
    with_bytes(c, first_due(rows, limit))
}

/// Whether more than `count` deliveries are due that nobody has looked at.
pub fn more_wait_than(c: &mut C, now: i64, count: i64) -> QueryResult<bool> {
    let next: Option<String> = events::table
        .filter(diesel::dsl::sql::<Bool>(OPEN))
        .filter(events::state.eq("received"))
        .filter(events::due_at.le(now))
        .order((events::due_at, events::id))
        .offset(count)
        .limit(1)
        .select(events::id)
        .first(c)
        .optional()?;
    Ok(next.is_some())
}

/// Takes those of `ids` that still wait and that nobody else has taken, until the transaction ends.
pub fn claim_events(c: &mut C, ids: &[String]) -> QueryResult<Vec<String>> {
    // A batch is what waits first, nearly always: one walk along the index instead of a look for each.
    let first: Vec<String> = where_nobody_locks!({
        let first = events::table
            .filter(diesel::dsl::sql::<Bool>(OPEN))
            .filter(events::state.eq("received"))
            .order((events::due_at, events::id))
            .limit(i64::try_from(ids.len()).unwrap_or(i64::MAX))
            .select(events::id);
        prepared!(first).load(c)?
    });
    if first == ids {
        return Ok(first);
    }
    let first: BTreeSet<String> = first.into_iter().collect();
    let mut claimed = Vec::new();
    for id in ids {
        if first.contains(id) {
            claimed.push(id.clone());
            continue;
        }
        let known = events::table
            .filter(events::id.eq(id))
            .select((events::id, events::state));
        let known: Option<(String, String)> = not_locked!(known).first(c).optional()?;
        let waits = known.filter(|(_, state)| WAITING.contains(&state.as_str()));
        claimed.extend(waits.map(|(id, _)| id));
    }
    Ok(claimed)
}

/// Adds their bytes to deliveries, in the order of the rows. One whose bundle is gone or damaged comes
/// without: that it cannot be read is then its own failure, and keeps no other from being processed.
fn with_bytes<Row: Bundled>(c: &mut C, rows: Vec<Row>) -> QueryResult<Vec<Row::Whole>> {
    let mut members: BTreeMap<String, Vec<(usize, Row)>> = BTreeMap::new();
    let mut whole: Vec<Option<Row::Whole>> = Vec::with_capacity(rows.len());
    for (place, row) in rows.into_iter().enumerate() {
        whole.push(None);
        match members.get_mut(row.bytes().bundle) {
            Some(members) => members.push((place, row)),
            None => {
                members.insert(row.bytes().bundle.to_owned(), vec![(place, row)]);
            }
        }
    }
    let ids: Vec<String> = members.keys().cloned().collect();
    for chunk in ids.chunks(BUNDLES) {
        let bundles = load_in!(c, EventBundle, event_bundles.id, chunk)?;
        for bundle in &bundles {
            let unpacked = bundle::open(bundle);
            for (place, row) in members.remove(&bundle.id).into_iter().flatten() {
                let bytes = unpacked.as_deref();
                let bytes = bytes.and_then(|unpacked| row.bytes().within(unpacked));
                put(&mut whole, place, row, bytes);
            }
        }
    }
    for (place, row) in members.into_values().flatten() {
        put(&mut whole, place, row, None);
    }
    Ok(whole.into_iter().flatten().collect())
}

fn put<Row: Bundled>(
    whole: &mut [Option<Row::Whole>],
    place: usize,
    row: Row,
    bytes: Option<(&[u8], &[u8])>,
) {
    if bytes.is_none() {
        let Bytes { of: id, bundle, .. } = row.bytes();
        tracing::warn!(event.id = %id, bundle.id = %bundle, "The bytes of event {id} are not there");
    }
    if let Some(free) = whole.get_mut(place) {
        *free = Some(row.whole(bytes));
    }
}

/// Deliveries with their bytes, in no order.
pub fn events_by_ids(c: &mut C, ids: &[String]) -> QueryResult<Vec<Event>> {
    let rows = load_in!(c, EventRow, events.id, ids)?;
    with_bytes(c, rows)
}

/// Marks deliveries as done with that are claimed, and so still wait.
pub fn finish_events(c: &mut C, ids: &[String], state: &str, now: i64) -> QueryResult<()> {
    let done = || {
        (
            events::state.eq(state),
            events::error.eq(None::<String>),
            events::attempts.eq(events::attempts + 1),
            events::processed_at.eq(Some(now)),
        )
    };
    if let Some((first, last)) = by_one_walk!(c, ids) {
        let between = events::table
            .filter(events::id.between(first, last))
            .filter(events::state.eq_any(WAITING));
        return change!(c, diesel::update(between).set(done()));
    }
    for chunk in ids.chunks(CHUNK) {
        let claimed = events::table.filter(events::id.eq_any(chunk));
        change_any!(c, diesel::update(claimed).set(done()))?;
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
    let parked = events::table
        .filter(diesel::dsl::sql::<Bool>(OPEN))
        .filter(events::state.eq("parked"))
        .filter(events::due_at.gt(now))
        .select(events::id);
    // One that somebody has taken is being looked at again already, and waits for this writer.
    let parked: Vec<String> = prepared!(not_locked!(parked)).load(c)?;
    for chunk in parked.chunks(CHUNK) {
        let woken = events::table.filter(events::id.eq_any(chunk));
        change_any!(c, diesel::update(woken).set(events::due_at.eq(now)))?;
    }
    Ok(())
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
        if is_set_aside(state) {
            query = query.filter(diesel::dsl::sql::<Bool>(SET_ASIDE));
        }
    }
    query
        .order(events::id)
        .limit(limit)
        .select(events::id)
        .load(c)
}

/// By our id or the provider's; the newest where several connections share one.
pub fn find_event(c: &mut C, id: &str) -> QueryResult<Option<EventSummary>> {
    find_either!(c, EventSummary, events.dedupe_key, id, max_by)
}

/// Newest first, before the id `before`. Only what is set aside has an index by its state.
pub fn list_events(
    c: &mut C,
    state: Option<&str>,
    connection: Option<&str>,
    kind: Option<&str>,
    before: Option<&str>,
    limit: i64,
) -> QueryResult<Stretch<EventSummary, String>> {
    let set_aside = state.filter(|state| is_set_aside(state));
    let indexed = || {
        let mut query = events::table.into_boxed::<super::Db>();
        if let Some(state) = set_aside {
            query = query
                .filter(events::state.eq(state))
                .filter(diesel::dsl::sql::<Bool>(SET_ASIDE));
        }
        if let Some(before) = before {
            query = query.filter(events::id.lt(before));
        }
        query.order(events::id.desc())
    };
    let by_others =
        set_aside.is_none() && state.is_some() || connection.is_some() || kind.is_some();
    let looked_to: Option<String> = if by_others {
        let last = indexed().select(events::id).offset(LOOKED_AT_MAX).limit(1);
        last.first(c).optional()?
    } else {
        None
    };
    let last = looked_to.as_deref().unwrap_or_default();
    let mut query = indexed().filter(events::id.ge(last));
    if let Some(state) = state {
        query = query.filter(events::state.eq(state));
    }
    if let Some(connection) = connection {
        query = query.filter(events::connection.eq(connection));
    }
    if let Some(kind) = kind {
        query = query.filter(events::kind.eq(kind));
    }
    let rows = query
        .limit(limit)
        .select(EventSummary::as_select())
        .load(c)?;
    Ok(Stretch { rows, looked_to })
}

pub fn count_events(c: &mut C, state: &str) -> QueryResult<i64> {
    let mut query = events::table
        .into_boxed::<super::Db>()
        .filter(events::state.eq(state));
    if is_open(state) {
        query = query.filter(diesel::dsl::sql::<Bool>(OPEN));
    }
    query.count().get_result(c)
}
