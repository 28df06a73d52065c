//! What waits in the inbox, and what becomes of it: looked up in `unprocessed_events`, which follows what is written to
//! `events` by itself (docs/decisions/0026).

use super::C;
use super::inbox::with_bytes;
use crate::Lanes;
use crate::rows::{CHUNK, Due, DueRow};
use crate::schema::{events, unprocessed_events as unprocessed};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use std::collections::BTreeSet;

/// The deliveries that the index `events_open` holds. Databases use it only where they are told in the same
/// words that nothing else is looked for.
pub(super) const OPEN: &str = "unprocessed_events.state NOT IN ('processed', 'ignored')";
const WAITING: [&str; 2] = ["received", "parked"];

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
        let due = unprocessed::table
            .filter(diesel::dsl::sql::<Bool>(OPEN))
            .filter(unprocessed::state.eq(state))
            .filter(unprocessed::due_at.le(now))
            .filter(after)
            .order((unprocessed::due_at, unprocessed::id))
            .limit(limit)
            .select(unprocessed::id);
        let due = events::table
            .filter(events::id.eq_any(due))
            .select(DueRow::as_select());
        rows.extend(due.load::<DueRow>(c)?);
    }
    with_bytes(c, first_due(rows, limit))
}

/// Rows of both states that wait, one after the other.
fn first_due(mut rows: Vec<DueRow>, limit: i64) -> Vec<DueRow> {
    rows.sort_by(|one, other| (one.due_at, &one.id).cmp(&(other.due_at, &other.id)));
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    rows
}

/// Takes deliveries that are due and that nobody else has taken, until the transaction ends; those of some lanes, or all. Those that
/// nobody has looked at, only if they became due at `from` or later.
pub fn claim_waiting(
    c: &mut C,
    now: i64,
    from: i64,
    lanes: Option<Lanes>,
    limit: i64,
) -> QueryResult<Vec<Due>> {
    let mut rows: Vec<DueRow> = Vec::new();
    for (state, from) in [("received", from), ("parked", i64::MIN)] {
        let due = unprocessed::table
            .filter(diesel::dsl::sql::<Bool>(OPEN))
            .filter(unprocessed::state.eq(state))
            .filter(unprocessed::due_at.between(from, now))
            .order((unprocessed::due_at, unprocessed::id))
            .limit(limit)
            .select(unprocessed::id);
        rows.extend(match lanes {
            Some(Lanes { first, last }) => {
                let due = not_locked!(due.filter(unprocessed::lane.between(first, last)));
                let due = events::table.filter(events::id.eq_any(due));
                prepared!(due.select(DueRow::as_select())).load(c)?
            }
            None => {
                let due = events::table.filter(events::id.eq_any(not_locked!(due)));
                prepared!(due.select(DueRow::as_select())).load(c)?
            }
        });
    }
    with_bytes(c, first_due(rows, limit))
}

/// Whether more than `count` deliveries became due from one time to another, both inclusive, that nobody has looked at.
pub fn more_wait_than(c: &mut C, now: i64, from: i64, count: i64) -> QueryResult<bool> {
    let next = unprocessed::table
        .filter(diesel::dsl::sql::<Bool>(OPEN))
        .filter(unprocessed::state.eq("received"))
        .filter(unprocessed::due_at.between(from, now))
        .order((unprocessed::due_at, unprocessed::id))
        .offset(count)
        .limit(1)
        .select(unprocessed::id);
    let next: Vec<String> = prepared!(next).load(c)?;
    Ok(!next.is_empty())
}

/// Takes those of `ids` that still wait and that nobody else has taken, until the transaction ends.
pub fn claim_events(c: &mut C, ids: &[String]) -> QueryResult<Vec<String>> {
    // A batch is what waits first, nearly always: one walk along the index instead of a look for each.
    let first: Vec<String> = where_nobody_locks!({
        let first = unprocessed::table
            .filter(diesel::dsl::sql::<Bool>(OPEN))
            .filter(unprocessed::state.eq("received"))
            .order((unprocessed::due_at, unprocessed::id))
            .limit(i64::try_from(ids.len()).unwrap_or(i64::MAX))
            .select(unprocessed::id);
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
        let waits = unprocessed::table
            .filter(unprocessed::id.eq(id))
            .filter(unprocessed::state.eq_any(WAITING))
            .select(unprocessed::id);
        let waits: Option<String> = not_locked!(waits).first(c).optional()?;
        claimed.extend(waits);
    }
    Ok(claimed)
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
    let aside = diesel::update(events::table.filter(events::id.eq(id))).set((
        events::state.eq(state),
        events::error.eq(Some(error)),
        events::attempts.eq(events::attempts + 1),
        events::due_at.eq(due_at),
    ));
    change!(c, aside)
}

/// New charges have come: what waited for one may go on.
pub fn wake_parked(c: &mut C, now: i64) -> QueryResult<()> {
    let parked = unprocessed::table
        .filter(diesel::dsl::sql::<Bool>(OPEN))
        .filter(unprocessed::state.eq("parked"))
        .filter(unprocessed::due_at.gt(now))
        .select(unprocessed::id);
    // One that somebody has taken is being looked at again already, and waits for this writer.
    let parked: Vec<String> = prepared!(not_locked!(parked)).load(c)?;
    for chunk in parked.chunks(CHUNK) {
        let woken = events::table.filter(events::id.eq_any(chunk));
        change_any!(c, diesel::update(woken).set(events::due_at.eq(now)))?;
    }
    Ok(())
}

/// Puts deliveries back in the queue; returns how many there were.
pub fn requeue_events(c: &mut C, ids: &[String], now: i64) -> QueryResult<usize> {
    let mut count = 0;
    for chunk in ids.chunks(CHUNK) {
        // In the order in which those lock who work on them: what waits first, and then the deliveries.
        let waiting = unprocessed::table
            .filter(unprocessed::id.eq_any(chunk))
            .order(unprocessed::id)
            .select(unprocessed::id);
        locked!(waiting).load::<String>(c)?;
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
