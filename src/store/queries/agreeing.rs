//! Lines of reports about charges that our records have, both in one row, and of both only what comparing them
//! takes: most of what a provider reports agrees, and is compared a page at a time without more.
//!
//! Only lines that are alone are here: no other movement is about the same charge.

use super::C;
use crate::store::rows::{CHUNK, ChargeLine};
use crate::store::schema::{charges, matches, provider_lines, statement_files};
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

diesel::alias!(provider_lines as others: Others);

/// Every line that is alone, with its charge.
macro_rules! charge_lines {
    ($connection:expr, $after:expr) => {{
        let connection = $connection;
        let about_the_same = others
            .filter(others.field(provider_lines::connection).eq(connection))
            .filter(
                others
                    .field(provider_lines::source)
                    .eq(provider_lines::source),
            )
            .filter(others.field(provider_lines::role).eq("movement"))
            .filter(others.field(provider_lines::id).ne(provider_lines::id));
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
            .filter(provider_lines::id.gt($after))
            .filter(provider_lines::kind.eq("charge"))
            .filter(provider_lines::role.eq("movement"))
            .filter(provider_lines::suspense.eq(0))
            .filter(charges::booked_as.is_not_null())
            .filter(provider_lines::file_id.ne_all(unfinished))
            .filter(not(exists(about_the_same)))
            .order(provider_lines::id)
            .select((
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
    }};
}

/// Lines that are not booked, of charges that were never missed at the provider, in the order of their ids.
pub fn charge_lines_to_post(
    c: &mut C,
    connection: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<ChargeLine>> {
    const NOTHING_TAKEN_BACK: &str = "NOT EXISTS (SELECT 1 FROM effects \
         WHERE effects.connection = provider_lines.connection AND effects.object = provider_lines.source \
         AND (effects.effect LIKE 'missing_at_provider%' \
              OR effects.effect = 'provider_fee/' || provider_lines.id))";
    charge_lines!(connection, after)
        .filter(not(provider_lines::posted))
        .filter(sql::<Bool>(NOTHING_TAKEN_BACK))
        .limit(limit)
        .load(c)
}

/// Lines up to a day that no run has looked at, in the order of their ids.
pub fn charge_lines_to_judge(
    c: &mut C,
    connection: &str,
    through: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<ChargeLine>> {
    charge_lines!(connection, after)
        .filter(sql::<Bool>("standing IN ('new', 'open')"))
        .filter(provider_lines::standing.eq("new"))
        .filter(provider_lines::day.le(through))
        .limit(limit)
        .load(c)
}

/// Nothing of these lines is in suspense, and their journals are written.
pub fn mark_posted(c: &mut C, connection: &str, ids: &[&str]) -> QueryResult<()> {
    for chunk in ids.chunks(CHUNK) {
        let lines = provider_lines::table
            .filter(provider_lines::connection.eq(connection))
            .filter(provider_lines::id.eq_any(chunk));
        diesel::update(lines)
            .set(provider_lines::posted.eq(true))
            .execute(c)?;
    }
    Ok(())
}

/// Pairs lines each with the charge that it is about.
pub fn match_with_charges(
    c: &mut C,
    connection: &str,
    ids: &[&str],
    (pass, reconciliation): (&str, &str),
) -> QueryResult<()> {
    for chunk in ids.chunks(CHUNK) {
        provider_lines::table
            .filter(provider_lines::connection.eq(connection))
            .filter(provider_lines::id.eq_any(chunk))
            .select((
                "settlement".into_sql::<Text>(),
                provider_lines::connection,
                provider_lines::id,
                provider_lines::source.assume_not_null(),
                "record".into_sql::<Text>(),
                provider_lines::connection,
                provider_lines::net,
                0i64.into_sql::<BigInt>(),
                provider_lines::currency,
                provider_lines::day,
                pass.into_sql::<Text>(),
                reconciliation.into_sql::<Text>(),
            ))
            .insert_into(matches::table)
            .into_columns((
                matches::side,
                matches::owner,
                matches::line_id,
                matches::counterpart,
                matches::counterpart_kind,
                matches::connection,
                matches::amount,
                matches::bank_fee,
                matches::currency,
                matches::day,
                matches::pass,
                matches::reconciliation_id,
            ))
            .execute(c)?;
        let lines = provider_lines::table
            .filter(provider_lines::connection.eq(connection))
            .filter(provider_lines::id.eq_any(chunk));
        diesel::update(lines)
            .set(provider_lines::standing.eq("matched"))
            .execute(c)?;
    }
    Ok(())
}
