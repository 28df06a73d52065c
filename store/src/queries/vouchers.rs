//! The ledger for accounting programs: by day, by reference, and what of it has left already.

use super::{C, Db};
use crate::rows::{CHUNK, Journal, TranslatedBalance, VoucherBatch};
use crate::schema::{exported_vouchers, journals, translated_balances};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};

/// Journals booked in `from..=to` (text days, inclusive) up to a position, in the order of their days
/// and within a day of writing, after a day and position.
pub fn journals_by_day(
    c: &mut C,
    days: (Option<&str>, Option<&str>),
    last_position: i64,
    after: (&str, i64),
    limit: i64,
) -> QueryResult<Vec<Journal>> {
    // From there on, or from the first day: one condition, so that the index begins at it.
    let (day, position) = days.0.map_or(after, |from| after.max((from, i64::MIN)));
    let mut query = journals::table.into_boxed::<Db>().filter(
        sql::<Bool>("(booked_on, position) > (")
            .bind::<Text, _>(day)
            .sql(", ")
            .bind::<BigInt, _>(position)
            .sql(")"),
    );
    if let Some(to) = days.1 {
        query = query.filter(journals::booked_on.le(to));
    }
    query
        .filter(journals::position.le(last_position))
        .order((journals::booked_on, journals::position))
        .limit(limit)
        .select(Journal::as_select())
        .load(c)
}

/// In the order of writing.
pub fn journals_of_references(
    c: &mut C,
    connection: &str,
    references: &[String],
) -> QueryResult<Vec<Journal>> {
    let mut found: Vec<Journal> = load_in!(
        c,
        Journal,
        journals.reference,
        references,
        journals::connection.eq(connection)
    )?;
    found.sort_by_key(|journal| journal.position);
    Ok(found)
}

/// The journal at a position, if it is there.
pub fn journal_at(c: &mut C, position: i64) -> QueryResult<Option<Journal>> {
    journals::table
        .find(position)
        .select(Journal::as_select())
        .first(c)
        .optional()
}

/// All of them, oldest first.
pub fn voucher_batches(c: &mut C) -> QueryResult<Vec<VoucherBatch>> {
    exported_vouchers::table
        .order(exported_vouchers::batch)
        .select(VoucherBatch::as_select())
        .load(c)
}

/// The number of the newest batch, or 0.
pub fn last_voucher_batch(c: &mut C) -> QueryResult<i64> {
    Ok(exported_vouchers::table
        .select(diesel::dsl::max(exported_vouchers::batch))
        .first::<Option<i64>>(c)?
        .unwrap_or(0))
}

/// Of all batches before one, oldest first.
pub fn translated_balances_before(c: &mut C, batch: i64) -> QueryResult<Vec<TranslatedBalance>> {
    translated_balances::table
        .filter(translated_balances::batch.lt(batch))
        .order((
            translated_balances::batch,
            translated_balances::account,
            translated_balances::currency,
        ))
        .select(TranslatedBalance::as_select())
        .load(c)
}

pub fn add_voucher_batch(
    c: &mut C,
    batch: &VoucherBatch,
    balances: &[TranslatedBalance],
) -> QueryResult<()> {
    diesel::insert_into(exported_vouchers::table)
        .values(batch)
        .execute(c)?;
    for chunk in balances.chunks(CHUNK) {
        diesel::insert_into(translated_balances::table)
            .values(chunk)
            .execute(c)?;
    }
    Ok(())
}
