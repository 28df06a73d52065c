//! Breaks with what became of them, matches, and reconciliations. All of it is only added to.

use super::{C, Db};
use crate::rows::{Break, BreakEvent, CHUNK, Match, Reconciliation};
use crate::schema::{break_events, breaks, matches, reconciliations};
use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

diesel::alias!(break_events as later: Later);

pub fn add_breaks(c: &mut C, rows: &[Break]) -> QueryResult<()> {
    for chunk in rows.chunks(CHUNK) {
        diesel::insert_into(breaks::table)
            .values(chunk)
            .execute(c)?;
    }
    Ok(())
}

pub fn add_break_events(c: &mut C, rows: &[BreakEvent]) -> QueryResult<()> {
    for chunk in rows.chunks(CHUNK) {
        diesel::insert_into(break_events::table)
            .values(chunk)
            .execute(c)?;
    }
    Ok(())
}

/// Breaks with the last of their events.
macro_rules! with_last_event {
    () => {
        breaks::table
            .inner_join(break_events::table.on(break_events::break_id.eq(breaks::id)))
            .filter(not(exists(
                later
                    .filter(later.field(break_events::break_id).eq(breaks::id))
                    .filter(later.field(break_events::seq).gt(break_events::seq)),
            )))
            .select((Break::as_select(), BreakEvent::as_select()))
    };
}

/// Of each subject all there ever were, oldest first.
pub fn breaks_by_subjects(c: &mut C, subjects: &[String]) -> QueryResult<Vec<(Break, BreakEvent)>> {
    let mut found = Vec::new();
    for chunk in subjects.chunks(CHUNK) {
        let rows = with_last_event!()
            .filter(breaks::subject.eq_any(chunk))
            .order(breaks::id);
        found.extend(rows.load::<(Break, BreakEvent)>(c)?);
    }
    Ok(found)
}

pub fn find_break(c: &mut C, id: &str) -> QueryResult<Option<(Break, BreakEvent)>> {
    with_last_event!()
        .filter(breaks::id.eq(id))
        .first(c)
        .optional()
}

/// Newest first.
pub fn list_breaks(
    c: &mut C,
    state: Option<&str>,
    kind: Option<&str>,
    before: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<(Break, BreakEvent)>> {
    let mut query = with_last_event!().into_boxed::<Db>();
    if let Some(state) = state {
        query = query.filter(break_events::state.eq(state));
    }
    if let Some(kind) = kind {
        query = query.filter(breaks::kind.eq(kind));
    }
    if let Some(before) = before {
        query = query.filter(breaks::id.lt(before));
    }
    query.order(breaks::id.desc()).limit(limit).load(c)
}

/// Whether there was ever one of a kind.
pub fn has_breaks(c: &mut C, connection: &str, kind: &str) -> QueryResult<bool> {
    diesel::select(exists(
        breaks::table
            .filter(breaks::kind.eq(kind))
            .filter(breaks::connection.eq(connection)),
    ))
    .get_result(c)
}

/// How many are open, by kind; of one connection, or of all.
pub fn open_breaks(c: &mut C, connection: Option<&str>) -> QueryResult<Vec<(String, i64)>> {
    let mut query = breaks::table
        .inner_join(break_events::table.on(break_events::break_id.eq(breaks::id)))
        .filter(break_events::state.eq("open"))
        .filter(not(exists(
            later
                .filter(later.field(break_events::break_id).eq(breaks::id))
                .filter(later.field(break_events::seq).gt(break_events::seq)),
        )))
        .group_by(breaks::kind)
        .order(breaks::kind)
        .select((breaks::kind, count_star()))
        .into_boxed::<Db>();
    if let Some(connection) = connection {
        query = query.filter(breaks::connection.eq(connection));
    }
    query.load(c)
}

/// Everything that happened to a break, in order.
pub fn events_of_break(c: &mut C, id: &str) -> QueryResult<Vec<BreakEvent>> {
    break_events::table
        .filter(break_events::break_id.eq(id))
        .order(break_events::seq)
        .select(BreakEvent::as_select())
        .load(c)
}

pub fn add_matches(c: &mut C, rows: &[Match]) -> QueryResult<()> {
    for chunk in rows.chunks(CHUNK) {
        diesel::insert_into(matches::table)
            .values(chunk)
            .execute(c)?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct BankTotal {
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = BigInt)]
    total: i64,
    #[diesel(sql_type = BigInt)]
    lines: i64,
}

/// What came to the bank of a connection's payouts up to a day, and in how many lines, by currency.
pub fn bank_totals(
    c: &mut C,
    connection: &str,
    through: &str,
) -> QueryResult<Vec<(String, i64, i64)>> {
    const TOTALS: &str = "SELECT currency, CAST(SUM(amount) AS BIGINT) AS total, \
         COUNT(DISTINCT line_id) AS lines FROM matches \
         WHERE connection = $1 AND side = 'bank' AND day <= $2 GROUP BY currency ORDER BY currency";
    let rows: Vec<BankTotal> = diesel::sql_query(TOTALS)
        .bind::<Text, _>(connection)
        .bind::<Text, _>(through)
        .load(c)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.currency, row.total, row.lines))
        .collect())
}

pub fn add_reconciliation(c: &mut C, row: &Reconciliation) -> QueryResult<()> {
    diesel::insert_into(reconciliations::table)
        .values(row)
        .execute(c)
        .map(drop)
}

pub fn find_reconciliation(c: &mut C, id: &str) -> QueryResult<Option<Reconciliation>> {
    reconciliations::table
        .filter(reconciliations::id.eq(id))
        .select(Reconciliation::as_select())
        .first(c)
        .optional()
}

/// The last one that there was.
pub fn last_reconciliation(c: &mut C) -> QueryResult<Option<Reconciliation>> {
    reconciliations::table
        .order(reconciliations::id.desc())
        .select(Reconciliation::as_select())
        .first(c)
        .optional()
}
