//! Lines of providers' reports. Those of a file that is still being taken in do not count.

use super::{C, upsert};
use crate::store::rows::{CHUNK, ProviderLine};
use crate::store::schema::{provider_lines, statement_files};
use diesel::dsl::{count_star, min, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

/// Lines that are there already are left alone; says how many were new.
pub fn add_provider_lines(c: &mut C, rows: &[ProviderLine]) -> QueryResult<usize> {
    insert_rows!(c, provider_lines, rows, on_conflict_do_nothing)
}

/// Writes what can change of a line: what was empty, and what became of it.
pub fn save_provider_lines(c: &mut C, rows: &[ProviderLine]) -> QueryResult<()> {
    upsert!(
        c,
        provider_lines,
        rows,
        [connection, id],
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
    load_in!(
        c,
        ProviderLine,
        provider_lines.id,
        ids,
        provider_lines::connection.eq(connection)
    )
}

/// Every movement of some objects.
pub fn lines_by_sources(
    c: &mut C,
    connection: &str,
    sources: &[String],
) -> QueryResult<Vec<ProviderLine>> {
    load_in!(
        c,
        ProviderLine,
        provider_lines.source,
        sources,
        provider_lines::connection.eq(connection),
        provider_lines::role.eq("movement"),
        provider_lines::file_id.ne_all(unfinished())
    )
}

/// Every movement of some charges, whatever object moved it.
pub fn lines_by_charges(
    c: &mut C,
    connection: &str,
    charges: &[String],
) -> QueryResult<Vec<ProviderLine>> {
    load_in!(
        c,
        ProviderLine,
        provider_lines.charge,
        charges,
        provider_lines::connection.eq(connection),
        provider_lines::role.eq("movement"),
        provider_lines::file_id.ne_all(unfinished())
    )
}

/// Those of `sources` of which some money is in suspense.
pub fn sources_in_suspense(
    c: &mut C,
    connection: &str,
    sources: &[String],
) -> QueryResult<Vec<String>> {
    let mut found = Vec::new();
    for chunk in sources.chunks(CHUNK) {
        let held: Vec<Option<String>> = provider_lines::table
            .filter(provider_lines::connection.eq(connection))
            .filter(provider_lines::source.eq_any(chunk))
            .filter(sql::<Bool>("suspense <> 0"))
            .select(provider_lines::source)
            .load(c)?;
        found.extend(held.into_iter().flatten());
    }
    Ok(found)
}

/// The next lines whose journals are not written, in the order of their ids.
pub fn lines_to_post(c: &mut C, connection: &str, limit: i64) -> QueryResult<Vec<ProviderLine>> {
    provider_lines::table
        .filter(provider_lines::connection.eq(connection))
        .filter(not(provider_lines::posted))
        .filter(provider_lines::file_id.ne_all(unfinished()))
        .order(provider_lines::id)
        .limit(limit)
        .select(ProviderLine::as_select())
        .load(c)
}

/// Lines that are booked, in the order of their ids.
pub fn lines_posted(
    c: &mut C,
    connection: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<ProviderLine>> {
    provider_lines::table
        .filter(provider_lines::connection.eq(connection))
        .filter(provider_lines::posted)
        .filter(provider_lines::id.gt(after))
        .order(provider_lines::id)
        .limit(limit)
        .select(ProviderLine::as_select())
        .load(c)
}

/// Lines without a counterpart up to a day, in the order of their ids.
pub fn lines_to_judge(
    c: &mut C,
    connection: &str,
    through: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<ProviderLine>> {
    provider_lines::table
        .filter(provider_lines::connection.eq(connection))
        .filter(sql::<Bool>("standing IN ('new', 'open')"))
        .filter(provider_lines::day.le(through))
        .filter(provider_lines::id.gt(after))
        .filter(provider_lines::file_id.ne_all(unfinished()))
        .order(provider_lines::id)
        .limit(limit)
        .select(ProviderLine::as_select())
        .load(c)
}

pub fn lines_matched(c: &mut C, connection: &str, through: &str) -> QueryResult<i64> {
    provider_lines::table
        .filter(provider_lines::connection.eq(connection))
        .filter(provider_lines::standing.eq("matched"))
        .filter(provider_lines::day.le(through))
        .select(count_star())
        .first(c)
}

/// When the oldest movement happened that any report tells of.
pub fn first_line_at(c: &mut C, connection: &str) -> QueryResult<Option<i64>> {
    provider_lines::table
        .filter(provider_lines::connection.eq(connection))
        .filter(provider_lines::role.eq("movement"))
        .select(min(provider_lines::occurred_at))
        .first(c)
}

#[derive(QueryableByName)]
struct SumRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// Σ net of all movements up to a day, by currency.
pub fn provider_totals(
    c: &mut C,
    connection: &str,
    through: &str,
) -> QueryResult<Vec<(String, i64)>> {
    const TOTALS: &str = "SELECT currency AS name, CAST(SUM(net) AS BIGINT) AS total FROM provider_lines \
         WHERE connection = $1 AND role = 'movement' AND day <= $2 AND posted \
         GROUP BY currency ORDER BY currency";
    let rows: Vec<SumRow> = diesel::sql_query(TOTALS)
        .bind::<Text, _>(connection)
        .bind::<Text, _>(through)
        .load(c)?;
    Ok(rows.into_iter().map(|row| (row.name, row.total)).collect())
}

/// Σ net of the lines that each payout took along, by payout.
pub fn payout_members(c: &mut C, connection: &str) -> QueryResult<Vec<(String, i64)>> {
    const MEMBERS: &str = "SELECT payout AS name, CAST(SUM(net) AS BIGINT) AS total FROM provider_lines \
         WHERE connection = $1 AND payout IS NOT NULL AND kind <> 'payout' AND role = 'movement' \
         AND posted GROUP BY payout ORDER BY payout";
    let rows: Vec<SumRow> = diesel::sql_query(MEMBERS)
        .bind::<Text, _>(connection)
        .load(c)?;
    Ok(rows.into_iter().map(|row| (row.name, row.total)).collect())
}

/// What the bank shows of payouts, by every line that says it.
pub fn payout_traces(
    c: &mut C,
    connection: &str,
    payouts: &[String],
) -> QueryResult<Vec<(String, String)>> {
    let mut found = Vec::new();
    for chunk in payouts.chunks(CHUNK) {
        let rows: Vec<(Option<String>, Option<String>)> = provider_lines::table
            .filter(provider_lines::connection.eq(connection))
            .filter(provider_lines::payout.eq_any(chunk))
            .filter(provider_lines::trace_id.is_not_null())
            .select((provider_lines::payout, provider_lines::trace_id))
            .distinct()
            .load(c)?;
        found.extend(
            rows.into_iter()
                .filter_map(|(payout, trace)| payout.zip(trace)),
        );
    }
    Ok(found)
}

/// Files whose lines do not count yet.
#[diesel::dsl::auto_type(no_type_alias)]
fn unfinished() -> _ {
    statement_files::table
        .filter(statement_files::state.eq("received"))
        .select(statement_files::id)
}
