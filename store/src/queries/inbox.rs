//! The inbox: deliveries in, and what became of them. Storing them is each database's own (`append`).

use super::queue::OPEN;
use super::{C, LOOKED_AT_MAX, find_either};
use crate::bundle::{self, Bundled, Bytes};
use crate::rows::{Event, EventBundle, EventRow, EventSummary, Stretch};
use crate::schema::{events, unprocessed_events as unprocessed};
use diesel::prelude::*;
use diesel::sql_types::Bool;
use std::collections::BTreeMap;

/// The deliveries that the index `events_set_aside` holds, in the order of their ids.
const SET_ASIDE: &str = "unprocessed_events.state NOT IN ('received', 'processed')";
/// Bundles in memory at a time.
const BUNDLES: usize = 32;

fn is_set_aside(state: &str) -> bool {
    matches!(state, "parked" | "failed" | "ignored" | "foreign")
}

/// Deliveries that are here already under one of these keys, with their bytes, of every connection.
pub fn events_by_keys(c: &mut C, keys: &[&str]) -> QueryResult<Vec<Event>> {
    let rows = load_in!(c, EventRow, events.dedupe_key, keys)?;
    with_bytes(c, rows)
}

/// Adds their bytes to deliveries, in the order of the rows. One whose bundle is gone or damaged comes
/// without: that it cannot be read is then its own failure, and keeps no other from being processed.
pub(super) fn with_bytes<Row: Bundled>(c: &mut C, rows: Vec<Row>) -> QueryResult<Vec<Row::Whole>> {
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

pub fn note_conflict(c: &mut C, id: &str, conflict: &str) -> QueryResult<()> {
    diesel::update(events::table.find(id))
        .set(events::conflict.eq(Some(conflict)))
        .execute(c)
        .map(|_| ())
}

/// Ids after `after` of deliveries in a state (any state when none is given), oldest first.
pub fn event_ids(
    c: &mut C,
    state: Option<&str>,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<String>> {
    if let Some(state) = state.filter(|state| is_set_aside(state)) {
        return unprocessed::table
            .filter(diesel::dsl::sql::<Bool>(SET_ASIDE))
            .filter(unprocessed::state.eq(state))
            .filter(unprocessed::id.gt(after))
            .order(unprocessed::id)
            .limit(limit)
            .select(unprocessed::id)
            .load(c);
    }
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
    find_either!(c, EventSummary, events.dedupe_key, id, max_by)
}

/// What a page of a list is narrowed by that has no index: at most so many are looked at.
#[derive(Clone, Copy)]
struct Narrowed<'a> {
    state: Option<&'a str>,
    connection: Option<&'a str>,
    kind: Option<&'a str>,
}

/// A page of `$listed`, deliveries whose ids are in the order of an index on `$of`.
macro_rules! page {
    ($c:expr, $listed:expr, $of:ident, $narrowed:expr, $before:expr, $limit:expr) => {{
        let indexed = || {
            let query = $listed.into_boxed::<super::Db>().order($of::id.desc());
            match $before {
                Some(before) => query.filter($of::id.lt(before)),
                None => query,
            }
        };
        let Narrowed {
            state,
            connection,
            kind,
        } = $narrowed;
        let looked_to: Option<String> = if state.is_some() || connection.is_some() || kind.is_some()
        {
            let last = indexed().select($of::id).offset(LOOKED_AT_MAX).limit(1);
            last.first($c).optional()?
        } else {
            None
        };
        let last = looked_to.as_deref().unwrap_or_default();
        let mut query = indexed().filter($of::id.ge(last));
        if let Some(state) = state {
            query = query.filter(events::state.eq(state));
        }
        if let Some(connection) = connection {
            query = query.filter(events::connection.eq(connection));
        }
        if let Some(kind) = kind {
            query = query.filter(events::kind.eq(kind));
        }
        let page = query.limit($limit).select(EventSummary::as_select());
        let rows = page.load($c)?;
        Ok(Stretch { rows, looked_to })
    }};
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
    let narrowed = |state| Narrowed {
        state,
        connection,
        kind,
    };
    if let Some(state) = state.filter(|state| is_set_aside(state)) {
        let set_aside = || {
            unprocessed::table
                .inner_join(events::table.on(events::id.eq(unprocessed::id)))
                .filter(unprocessed::state.eq(state))
                .filter(diesel::dsl::sql::<Bool>(SET_ASIDE))
        };
        page!(c, set_aside(), unprocessed, narrowed(None), before, limit)
    } else {
        page!(c, events::table, events, narrowed(state), before, limit)
    }
}

pub fn count_events(c: &mut C, state: &str) -> QueryResult<i64> {
    if state == "processed" {
        let processed = events::table.filter(events::state.eq(state));
        return processed.count().get_result(c);
    }
    let index = if state == "ignored" { SET_ASIDE } else { OPEN };
    unprocessed::table
        .filter(diesel::dsl::sql::<Bool>(index))
        .filter(unprocessed::state.eq(state))
        .count()
        .get_result(c)
}
