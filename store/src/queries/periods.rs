//! Months of the books: how they stand, what a closing looks at, and what it leaves behind.

use super::C;
use crate::rows::{CHUNK, Charge, ClosingStatement, ClosingTotal, PeriodEvent, RecognisedRevenue};
use crate::schema::{
    charges, closing_statements, closing_totals, journals, period_events, recognised_revenue,
};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// The newest event: how the months stand.
pub fn last_period_event(c: &mut C) -> QueryResult<Option<PeriodEvent>> {
    period_events::table
        .order(period_events::number.desc())
        .select(PeriodEvent::as_select())
        .first(c)
        .optional()
}

/// All of them, oldest first: some in a month.
pub fn period_events(c: &mut C) -> QueryResult<Vec<PeriodEvent>> {
    period_events::table
        .order(period_events::number)
        .select(PeriodEvent::as_select())
        .load(c)
}

/// The first day after `after` that something is booked on.
pub fn first_day_booked_after(c: &mut C, after: &str) -> QueryResult<Option<String>> {
    journals::table
        .filter(journals::booked_on.gt(after))
        .order(journals::booked_on)
        .select(journals::booked_on)
        .first(c)
        .optional()
}

/// Charges with revenue to earn that no closing of `month` or later has looked at, after an id of ours.
pub fn charges_to_earn(
    c: &mut C,
    month: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<Charge>> {
    charges::table
        .filter(charges::unearned)
        .filter(charges::id.gt(after))
        .filter(
            charges::earned_through
                .is_null()
                .or(charges::earned_through.lt(month)),
        )
        .order(charges::id)
        .limit(limit)
        .select(Charge::as_select())
        .load(c)
}

/// Charges that some closing has looked at, after an id of ours.
pub fn charges_earned_after(c: &mut C, after: &str, limit: i64) -> QueryResult<Vec<Charge>> {
    charges::table
        .filter(charges::id.gt(after))
        .filter(charges::earned_through.is_not_null())
        .order(charges::id)
        .limit(limit)
        .select(Charge::as_select())
        .load(c)
}

/// Of how many charges a closing recognised revenue.
pub fn charges_recognised(c: &mut C, number: i64) -> QueryResult<i64> {
    recognised_revenue::table
        .filter(recognised_revenue::number.eq(number))
        .count()
        .get_result(c)
}

pub fn recognised_of_charges(
    c: &mut C,
    charge_ids: &[String],
) -> QueryResult<Vec<RecognisedRevenue>> {
    load_in!(
        c,
        RecognisedRevenue,
        recognised_revenue.charge_id,
        charge_ids
    )
}

#[derive(QueryableByName)]
struct SumRow {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

/// What a month end's journal comes to by its charges.
pub fn recognised_in_journal(c: &mut C, journal_id: &str) -> QueryResult<i64> {
    const SUM: &str = "SELECT journal_id AS name, CAST(SUM(amount) AS BIGINT) AS total FROM recognised_revenue \
         WHERE journal_id = $1 GROUP BY journal_id";
    let rows: Vec<SumRow> = diesel::sql_query(SUM).bind::<Text, _>(journal_id).load(c)?;
    Ok(rows
        .into_iter()
        .filter(|row| row.name == journal_id)
        .map(|row| row.total)
        .sum())
}

pub fn closing_statement(c: &mut C, number: i64) -> QueryResult<Option<ClosingStatement>> {
    closing_statements::table
        .find(number)
        .select(ClosingStatement::as_select())
        .first(c)
        .optional()
}

/// All of them, oldest first.
pub fn closing_statements(c: &mut C) -> QueryResult<Vec<ClosingStatement>> {
    closing_statements::table
        .order(closing_statements::number)
        .select(ClosingStatement::as_select())
        .load(c)
}

/// By currency and account.
pub fn closing_totals(c: &mut C, number: i64) -> QueryResult<Vec<ClosingTotal>> {
    closing_totals::table
        .filter(closing_totals::number.eq(number))
        .order((closing_totals::currency, closing_totals::account))
        .select(ClosingTotal::as_select())
        .load(c)
}

pub fn add_period_event(c: &mut C, event: &PeriodEvent) -> QueryResult<()> {
    diesel::insert_into(period_events::table)
        .values(event)
        .execute(c)
        .map(|_| ())
}

pub fn add_closing_statement(
    c: &mut C,
    statement: &ClosingStatement,
    totals: &[ClosingTotal],
) -> QueryResult<()> {
    diesel::insert_into(closing_statements::table)
        .values(statement)
        .execute(c)?;
    for chunk in totals.chunks(CHUNK) {
        diesel::insert_into(closing_totals::table)
            .values(chunk)
            .execute(c)?;
    }
    Ok(())
}

pub fn add_recognised_revenue(c: &mut C, rows: &[RecognisedRevenue]) -> QueryResult<()> {
    for chunk in rows.chunks(CHUNK) {
        diesel::insert_into(recognised_revenue::table)
            .values(chunk)
            .execute(c)?;
    }
    Ok(())
}
