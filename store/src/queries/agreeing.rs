//! Lines of reports and charges of our records, and of both only what comparing them takes: most of what a
//! provider reports agrees, and is compared by the thousand without more.

use super::C;
use crate::rows::{
    CHUNK, ChargeLine, ComparedCharge, ComparedLine, LineFlags, MatchRun, ToCompare,
};
use crate::schema::{charges, match_runs, provider_lines, statement_files};
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

diesel::alias!(provider_lines as others: Others);

/// Lines that are not booked and are alone, of charges that were never missed at the provider, in the order in which
/// they came.
pub fn charge_lines_to_post(
    c: &mut C,
    connection: &str,
    after: i64,
    limit: i64,
) -> QueryResult<Vec<ChargeLine>> {
    const NOTHING_TAKEN_BACK: &str = "NOT EXISTS (SELECT 1 FROM effects \
         WHERE effects.connection = provider_lines.connection AND effects.object = provider_lines.source \
         AND (effects.effect LIKE 'missing_at_provider%' \
              OR effects.effect = 'provider_fee/' || provider_lines.id))";
    let about_the_same = others
        .filter(others.field(provider_lines::connection).eq(connection))
        .filter(
            others
                .field(provider_lines::source)
                .eq(provider_lines::source),
        )
        .filter(others.field(provider_lines::role).eq("movement"))
        .filter(others.field(provider_lines::seq).ne(provider_lines::seq));
    let unfinished = statement_files::table
        .filter(statement_files::state.eq("received"))
        .select(statement_files::id);
    provider_lines::table
        .inner_join(
            charges::table.on(charges::connection
                .eq(connection)
                .and(charges::provider_id.nullable().eq(provider_lines::source))),
        )
        .filter(provider_lines::connection.eq(connection))
        .filter(provider_lines::seq.gt(after))
        .filter(not(provider_lines::posted))
        .filter(provider_lines::kind.eq("charge"))
        .filter(provider_lines::role.eq("movement"))
        .filter(provider_lines::suspense.eq(0))
        .filter(charges::booked_as.is_not_null())
        .filter(provider_lines::file_id.ne_all(unfinished))
        .filter(not(exists(about_the_same)))
        .filter(sql::<Bool>(NOTHING_TAKEN_BACK))
        .order(provider_lines::seq)
        .limit(limit)
        .select((
            provider_lines::seq,
            provider_lines::id,
            charges::provider_id,
            provider_lines::occurred_at,
            provider_lines::gross,
            provider_lines::fee,
            provider_lines::currency,
            provider_lines::facing,
            provider_lines::facing_currency,
            charges::amount,
            charges::currency,
        ))
        .load(c)
}

/// What each of some charges took, in which currency, for those that are booked.
pub fn booked_charges(
    c: &mut C,
    connection: &str,
    ids: &[&str],
) -> QueryResult<Vec<(String, i64, String)>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let booked = charges::table
            .filter(charges::connection.eq(connection))
            .filter(charges::provider_id.eq_any(chunk))
            .filter(charges::booked_as.is_not_null())
            .select((charges::provider_id, charges::amount, charges::currency));
        found.extend(booked.load::<(String, i64, String)>(c)?);
    }
    Ok(found)
}

/// The column of a line's [`LineFlags`].
macro_rules! flags {
    ($through:expr) => {{
        let (before, after) = LineFlags::sql();
        sql::<BigInt>(&before).bind::<Text, _>($through).sql(&after)
    }};
}

/// Lines in the order of the ids of what they are about, byte by byte, and then in that in which they came.
pub fn lines_to_compare(c: &mut C, asked: ToCompare<'_>) -> QueryResult<Vec<ComparedLine>> {
    let (source, seq) = asked.after;
    let is_after = sql::<Bool>("(source, seq) > (")
        .bind::<Text, _>(source)
        .sql(", ")
        .bind::<BigInt, _>(seq)
        .sql(")");
    provider_lines::table
        .filter(provider_lines::connection.eq(asked.connection))
        .filter(is_after)
        .filter(provider_lines::seq.le(asked.until))
        .order((provider_lines::source, provider_lines::seq))
        .limit(asked.limit)
        .select((
            provider_lines::seq,
            provider_lines::source.assume_not_null(),
            flags!(asked.through),
            provider_lines::gross,
            provider_lines::currency,
            provider_lines::facing,
            provider_lines::facing_currency,
        ))
        .load(c)
}

/// What some lines are about, by their numbers, in no order; numbers that no line of the connection has are left out.
pub fn sources_by_seqs(c: &mut C, connection: &str, seqs: &[i64]) -> QueryResult<Vec<String>> {
    let sources = provider_lines::table
        .filter(provider_lines::seq.eq_any(seqs))
        .filter(provider_lines::connection.eq(connection))
        .filter(provider_lines::source.is_not_null())
        .select(provider_lines::source.assume_not_null());
    sources.load(c)
}

/// Lines that are about no object, in the order in which they came, by their numbers.
pub fn lines_about_nothing(c: &mut C, asked: ToCompare<'_>) -> QueryResult<Vec<(i64, LineFlags)>> {
    provider_lines::table
        .filter(provider_lines::connection.eq(asked.connection))
        .filter(provider_lines::source.is_null())
        .filter(provider_lines::seq.gt(asked.after.1))
        .filter(provider_lines::seq.le(asked.until))
        .order((provider_lines::source, provider_lines::seq))
        .limit(asked.limit)
        .select((provider_lines::seq, flags!(asked.through)))
        .load(c)
}

/// Charges that are booked, in the order of their ids, byte by byte.
pub fn charges_to_compare(
    c: &mut C,
    connection: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<ComparedCharge>> {
    charges::table
        .filter(charges::connection.eq(connection))
        .filter(charges::provider_id.gt(after))
        .filter(charges::booked_as.is_not_null())
        .order(charges::provider_id)
        .limit(limit)
        .select((
            charges::provider_id,
            charges::amount,
            charges::currency,
            charges::created_at,
        ))
        .load(c)
}

/// In the order of their numbers.
pub fn match_runs(c: &mut C, connection: &str) -> QueryResult<Vec<MatchRun>> {
    match_runs::table
        .filter(match_runs::connection.eq(connection))
        .order(match_runs::last_seq)
        .select(MatchRun::as_select())
        .load(c)
}

pub fn add_match_runs(c: &mut C, runs: &[MatchRun]) -> QueryResult<()> {
    for chunk in runs.chunks(CHUNK) {
        diesel::insert_into(match_runs::table)
            .values(chunk)
            .execute(c)?;
    }
    Ok(())
}

/// Nothing of these lines is in suspense, and their journals are written.
pub fn mark_posted(c: &mut C, seqs: &[i64]) -> QueryResult<()> {
    for chunk in seqs.chunks(CHUNK) {
        let lines = provider_lines::table.filter(provider_lines::seq.eq_any(chunk));
        diesel::update(lines)
            .set(provider_lines::posted.eq(true))
            .execute(c)?;
    }
    Ok(())
}
