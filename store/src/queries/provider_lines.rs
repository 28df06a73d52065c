//! Lines of providers' reports. Those of a file that is still being taken in do not count.

use super::C;
use crate::rows::{CHUNK, ProviderLine, ProviderTotal};
use crate::schema::{provider_lines, statement_files};
use diesel::dsl::{exists, max, min, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use std::collections::BTreeSet;

/// Lines that are there already are left alone; says how many were new.
pub fn add_provider_lines(c: &mut C, rows: &[ProviderLine]) -> QueryResult<usize> {
    insert_rows!(c, provider_lines, rows, on_conflict_do_nothing)
}

/// Writes what can change of a line: what was empty, and what became of it.
pub fn save_provider_lines(c: &mut C, rows: &[ProviderLine]) -> QueryResult<()> {
    save_rows!(
        c,
        ProviderLine,
        provider_lines,
        rows,
        [connection, id],
        [
            file_id,
            row_number,
            role,
            kind,
            gross,
            fee,
            net,
            currency,
            occurred_at,
            day,
            text
        ],
        [
            facing,
            facing_currency,
            source,
            charge,
            payout,
            trace_id,
            merchant_reference,
            available_on,
            posted,
            suspense,
            standing,
        ]
    )
}

pub fn provider_lines_by_ids(
    c: &mut C,
    connection: &str,
    ids: &[String],
) -> QueryResult<Vec<ProviderLine>> {
    let found: Vec<ProviderLine> = load_in!(
        c,
        ProviderLine,
        provider_lines.id,
        ids,
        provider_lines::connection.eq(connection)
    )?;
    with_standing(c, found)
}

/// Lines by their numbers, in no order.
pub fn lines_by_seqs(c: &mut C, seqs: &[i64]) -> QueryResult<Vec<ProviderLine>> {
    let mut found: Vec<ProviderLine> = Vec::new();
    for chunk in seqs.chunks(CHUNK) {
        let lines = provider_lines::table
            .filter(provider_lines::seq.eq_any(chunk))
            .select(ProviderLine::as_select());
        found.extend(lines.load::<ProviderLine>(c)?);
    }
    with_standing(c, found)
}

/// Says of lines of a run that they are matched.
fn with_standing(c: &mut C, mut lines: Vec<ProviderLine>) -> QueryResult<Vec<ProviderLine>> {
    const IN_A_RUN: &str = "(SELECT first_seq FROM match_runs WHERE match_runs.connection = provider_lines.connection \
         AND last_seq >= provider_lines.seq ORDER BY last_seq LIMIT 1) <= provider_lines.seq";
    let new: Vec<i64> = lines
        .iter()
        .filter(|line| line.standing == "new")
        .map(|line| line.seq)
        .collect();
    let mut matched = BTreeSet::new();
    for chunk in new.chunks(CHUNK) {
        let found = provider_lines::table
            .filter(provider_lines::seq.eq_any(chunk))
            .filter(sql::<Bool>(IN_A_RUN))
            .select(provider_lines::seq);
        matched.extend(found.load::<i64>(c)?);
    }
    for line in &mut lines {
        if matched.contains(&line.seq) {
            "matched".clone_into(&mut line.standing);
        }
    }
    Ok(lines)
}

/// Every movement of some objects.
pub fn lines_by_sources(
    c: &mut C,
    connection: &str,
    sources: &[String],
) -> QueryResult<Vec<ProviderLine>> {
    let found: Vec<ProviderLine> = load_in!(
        c,
        ProviderLine,
        provider_lines.source,
        sources,
        provider_lines::connection.eq(connection),
        provider_lines::role.eq("movement")
    )?;
    that_count(c, found)
}

/// Every movement of some charges, whatever object moved it.
pub fn lines_by_charges(
    c: &mut C,
    connection: &str,
    charges: &[String],
) -> QueryResult<Vec<ProviderLine>> {
    let mut found: Vec<ProviderLine> = load_in!(
        c,
        ProviderLine,
        provider_lines.source,
        charges,
        provider_lines::connection.eq(connection),
        provider_lines::charge.eq(provider_lines::source),
        provider_lines::role.eq("movement")
    )?;
    let by_others: Vec<ProviderLine> = load_in!(
        c,
        ProviderLine,
        provider_lines.charge,
        charges,
        provider_lines::connection.eq(connection),
        sql::<Bool>("charge <> source"),
        provider_lines::role.eq("movement")
    )?;
    found.extend(by_others);
    that_count(c, found)
}

/// Those of files that are stored, with their standing.
fn that_count(c: &mut C, mut lines: Vec<ProviderLine>) -> QueryResult<Vec<ProviderLine>> {
    let unfinished: Vec<String> = unfinished().load(c)?;
    lines.retain(|line| !unfinished.contains(&line.file_id));
    with_standing(c, lines)
}

/// Those of `sources` that some line is about already.
pub fn sources_told(c: &mut C, connection: &str, sources: &[&str]) -> QueryResult<Vec<String>> {
    let (Some(first), Some(last)) = (sources.iter().min(), sources.iter().max()) else {
        return Ok(Vec::new());
    };
    // Ids that providers make go up with time: what is new is mostly behind everything that is known.
    let between = provider_lines::table
        .filter(provider_lines::connection.eq(connection))
        .filter(provider_lines::source.between(first, last));
    if !diesel::select(exists(between)).get_result::<bool>(c)? {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for chunk in sources.chunks(CHUNK) {
        let told = provider_lines::table
            .filter(provider_lines::connection.eq(connection))
            .filter(provider_lines::source.eq_any(chunk))
            .select(provider_lines::source);
        let told = told.load::<Option<String>>(c)?;
        found.extend(told.into_iter().flatten());
    }
    Ok(found)
}

/// Those of `sources` of which some money is in suspense.
pub fn sources_in_suspense(
    c: &mut C,
    connection: &str,
    sources: &[String],
) -> QueryResult<Vec<String>> {
    let mut found = Vec::new();
    for chunk in sources.chunks(CHUNK) {
        let held = provider_lines::table
            .filter(provider_lines::connection.eq(connection))
            .filter(provider_lines::source.eq_any(chunk))
            .filter(sql::<Bool>("suspense <> 0"))
            .select(provider_lines::source);
        let held = of_any_number!(held).load::<Option<String>>(c)?;
        found.extend(held.into_iter().flatten());
    }
    Ok(found)
}

/// The next lines whose journals are not written, in the order in which they came.
pub fn lines_to_post(c: &mut C, connection: &str, limit: i64) -> QueryResult<Vec<ProviderLine>> {
    provider_lines::table
        .filter(provider_lines::connection.eq(connection))
        .filter(not(provider_lines::posted))
        .filter(provider_lines::file_id.ne_all(unfinished()))
        .order(provider_lines::seq)
        .limit(limit)
        .select(ProviderLine::as_select())
        .load(c)
}

/// Lines that are booked, in the order in which they came, after the one of this number.
pub fn lines_posted(
    c: &mut C,
    connection: &str,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<ProviderLine>> {
    provider_lines::table
        .filter(provider_lines::connection.eq(connection))
        .filter(provider_lines::posted)
        .filter(provider_lines::seq.gt(after))
        .order(provider_lines::seq)
        .limit(limit)
        .select(ProviderLine::as_select())
        .load(c)
}

/// The number of the newest line, 0 while there is none.
pub fn last_line_seq(c: &mut C) -> QueryResult<i64> {
    let last: Option<i64> = provider_lines::table
        .select(max(provider_lines::seq))
        .first(c)?;
    Ok(last.unwrap_or(0))
}

/// When the oldest movement happened that any report tells of.
pub fn first_line_at(c: &mut C, connection: &str) -> QueryResult<Option<i64>> {
    statement_files::table
        .filter(statement_files::side.eq("settlement"))
        .filter(statement_files::owner.eq(connection))
        .filter(statement_files::state.eq("stored"))
        .select(min(statement_files::covers_from))
        .first(c)
}

#[derive(QueryableByName)]
struct TotalRow {
    #[diesel(sql_type = Nullable<Text>)]
    payout: Option<String>,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = BigInt)]
    due: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    members: Option<i64>,
}

/// Σ net of all movements that are booked, by the payout that took them along and by currency: of those up to a
/// day, and of those of any day that are not the payout itself. Lines after the number `until` do not count.
pub fn provider_totals(
    c: &mut C,
    connection: &str,
    through: &str,
    until: i64,
) -> QueryResult<Vec<ProviderTotal>> {
    // Numbered as they first appear: SQLite goes by that, PostgreSQL by the numbers.
    const TOTALS: &str = "SELECT payout, currency, \
         CAST(SUM(CASE WHEN day <= $1 THEN net ELSE 0 END) AS BIGINT) AS due, \
         CAST(SUM(CASE WHEN kind <> 'payout' THEN net END) AS BIGINT) AS members \
         FROM provider_lines WHERE connection = $2 AND role = 'movement' AND posted AND seq <= $3 \
         GROUP BY payout, currency ORDER BY payout, currency";
    let rows: Vec<TotalRow> = diesel::sql_query(TOTALS)
        .bind::<Text, _>(through)
        .bind::<Text, _>(connection)
        .bind::<BigInt, _>(until)
        .load(c)?;
    let total = |row: TotalRow| ProviderTotal {
        payout: row.payout,
        currency: row.currency,
        due: row.due,
        members: row.members,
    };
    Ok(rows.into_iter().map(total).collect())
}

#[derive(QueryableByName)]
struct TraceRow {
    #[diesel(sql_type = Text)]
    payout: String,
    #[diesel(sql_type = Text)]
    trace_id: String,
}

/// What the bank shows of payouts that are on their way to it, by what their lines say. A payout has hundreds of
/// lines and they say the same: the next that differs is looked up in the index, and those between are never read.
pub fn payout_traces(c: &mut C, connection: &str) -> QueryResult<Vec<(String, String)>> {
    const TRACES: &str = "WITH RECURSIVE currencies(payout, currency) AS ( \
           SELECT provider_id, (SELECT MIN(line.currency) FROM provider_lines line \
             WHERE line.connection = $1 AND line.payout = provider_id) \
           FROM payout_positions WHERE connection = $1 AND NOT came_back AND amount <> came + resolved \
           UNION ALL \
           SELECT payout, (SELECT MIN(line.currency) FROM provider_lines line \
             WHERE line.connection = $1 AND line.payout = currencies.payout \
             AND line.currency > currencies.currency) \
           FROM currencies WHERE currency IS NOT NULL), \
         traces(payout, currency, trace_id) AS ( \
           SELECT payout, currency, (SELECT MIN(line.trace_id) FROM provider_lines line \
             WHERE line.connection = $1 AND line.payout = currencies.payout \
             AND line.currency = currencies.currency) \
           FROM currencies WHERE currency IS NOT NULL \
           UNION ALL \
           SELECT payout, currency, (SELECT MIN(line.trace_id) FROM provider_lines line \
             WHERE line.connection = $1 AND line.payout = traces.payout \
             AND line.currency = traces.currency AND line.trace_id > traces.trace_id) \
           FROM traces WHERE trace_id IS NOT NULL) \
         SELECT payout, trace_id FROM traces WHERE trace_id IS NOT NULL";
    let rows: Vec<TraceRow> = diesel::sql_query(TRACES)
        .bind::<Text, _>(connection)
        .load(c)?;
    Ok(rows
        .into_iter()
        .map(|row| (row.payout, row.trace_id))
        .collect())
}

/// Files whose lines do not count yet.
#[diesel::dsl::auto_type(no_type_alias)]
fn unfinished() -> _ {
    statement_files::table
        .filter(statement_files::state.eq("received"))
        .select(statement_files::id)
}
