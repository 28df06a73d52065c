//! Lines of bank statements, and the payouts that they could be.

use super::{C, upsert};
use crate::rows::{BankLine, Payout, PayoutPosition};
use crate::schema::{bank_lines, payout_positions, payouts, statement_files};
use diesel::dsl::{max, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

/// Inserts lines, or writes what can change of them: what files say more of them, and what became of them.
pub fn save_bank_lines(c: &mut C, rows: &[BankLine]) -> QueryResult<()> {
    upsert!(
        c,
        bank_lines,
        rows,
        [account, id],
        [
            value_date,
            bank_reference,
            charges,
            counterparty,
            text,
            words,
            standing,
        ]
    )
}

pub fn bank_lines_by_ids(c: &mut C, account: &str, ids: &[String]) -> QueryResult<Vec<BankLine>> {
    load_in!(
        c,
        BankLine,
        bank_lines.id,
        ids,
        bank_lines::account.eq(account)
    )
}

/// Lines without a counterpart up to a day, of files that were taken in whole. Those that were found to be
/// none of a provider's only from a day on: nothing that comes now could be about older ones.
pub fn bank_lines_to_judge(c: &mut C, from: &str, through: &str) -> QueryResult<Vec<BankLine>> {
    let unfinished = statement_files::table
        .filter(statement_files::state.eq("received"))
        .select(statement_files::id);
    bank_lines::table
        .filter(sql::<Bool>("standing <> 'matched'"))
        .filter(
            bank_lines::booked_on
                .ge(from)
                .or(bank_lines::standing.ne("unrelated")),
        )
        .filter(bank_lines::booked_on.le(through))
        .filter(bank_lines::file_id.ne_all(unfinished))
        .order((bank_lines::booked_on, bank_lines::account, bank_lines::id))
        .select(BankLine::as_select())
        .load(c)
}

/// The day of the newest line of any account.
pub fn last_bank_day(c: &mut C) -> QueryResult<Option<String>> {
    bank_lines::table
        .select(max(bank_lines::booked_on))
        .first(c)
}

pub fn bank_lines_standing(c: &mut C, standing: &str, through: &str) -> QueryResult<i64> {
    bank_lines::table
        .filter(bank_lines::standing.eq(standing))
        .filter(bank_lines::booked_on.le(through))
        .count()
        .get_result(c)
}

pub fn save_payout_positions(c: &mut C, rows: &[PayoutPosition]) -> QueryResult<()> {
    upsert!(
        c,
        payout_positions,
        rows,
        [connection, provider_id],
        [
            amount, currency, sent_on, arrival_on, traces, came_back, came, resolved
        ]
    )
}

pub fn payout_positions_by_ids(
    c: &mut C,
    connection: &str,
    ids: &[String],
) -> QueryResult<Vec<PayoutPosition>> {
    load_in!(
        c,
        PayoutPosition,
        payout_positions.provider_id,
        ids,
        payout_positions::connection.eq(connection)
    )
}

/// By the day of their arrival.
pub fn payout_positions_of(c: &mut C, connection: &str) -> QueryResult<Vec<PayoutPosition>> {
    payout_positions::table
        .filter(payout_positions::connection.eq(connection))
        .order((payout_positions::arrival_on, payout_positions::provider_id))
        .select(PayoutPosition::as_select())
        .load(c)
}

/// What events told of.
pub fn payouts_of(c: &mut C, connection: &str) -> QueryResult<Vec<Payout>> {
    payouts::table
        .filter(payouts::connection.eq(connection))
        .order((payouts::created_at, payouts::provider_id))
        .select(Payout::as_select())
        .load(c)
}
