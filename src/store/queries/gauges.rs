//! How much waits, and since when: asked each time the metrics are read.
//!
//! Every question is answered from an index and reads at most `count_max` rows or entries, however
//! large its table has grown. (Where nearly all rows are in a state, PostgreSQL may read the table
//! itself, and stops there too.)

use super::C;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

/// How many there are, counted to a limit, and the instant of the first.
pub type Pile = (i64, Option<i64>);

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    first: Option<i64>,
}

impl From<Row> for Pile {
    fn from(row: Row) -> Self {
        (row.count, row.first)
    }
}

/// Rows of `$table` in a state, and the instant `$at` of the one with the smallest id, which is the
/// oldest: ids grow with time. Both are read from the table's index over `(state, id)`.
macro_rules! in_state {
    ($table:literal, $at:literal) => {
        concat!(
            "SELECT (SELECT count(*) FROM (SELECT 1 FROM ",
            $table,
            " WHERE state = $1 LIMIT $2) AS counted) AS count, (SELECT ",
            $at,
            " FROM ",
            $table,
            " WHERE state = $1 ORDER BY id LIMIT 1) AS first"
        )
    };
}

pub const EVENTS: &str = in_state!("events", "received_at");
pub const REFUNDS: &str = in_state!("refunds", "created_at");
pub const CANCELLATIONS: &str = in_state!("cancellations", "received_at");
/// Only letters that wait are due at all; the index holds no others.
pub const MAILS: &str = "SELECT (SELECT count(*) FROM (SELECT 1 FROM mails WHERE due_at IS NOT NULL LIMIT $1) AS counted) AS count, (SELECT due_at FROM mails WHERE due_at IS NOT NULL ORDER BY due_at LIMIT 1) AS first";
pub const JOURNALS: &str = "SELECT (SELECT count(*) FROM (SELECT 1 FROM journals WHERE position > $1 LIMIT $2) AS counted) AS count, (SELECT recorded_at FROM journals WHERE position > $1 ORDER BY position LIMIT 1) AS first";

fn state_pile(c: &mut C, sql: &str, state: &str, count_max: i64) -> QueryResult<Pile> {
    diesel::sql_query(sql)
        .bind::<Text, _>(state)
        .bind::<BigInt, _>(count_max)
        .get_result::<Row>(c)
        .map(Pile::from)
}

/// Deliveries in a state; the instant is when the first was received.
pub fn events_in_state(c: &mut C, state: &str, count_max: i64) -> QueryResult<Pile> {
    state_pile(c, EVENTS, state, count_max)
}

/// Refunds in a state; the instant is when the first was decided.
pub fn refunds_in_state(c: &mut C, state: &str, count_max: i64) -> QueryResult<Pile> {
    state_pile(c, REFUNDS, state, count_max)
}

/// Cancellations in a state; the instant is when the first was asked for.
pub fn cancellations_in_state(c: &mut C, state: &str, count_max: i64) -> QueryResult<Pile> {
    state_pile(c, CANCELLATIONS, state, count_max)
}

/// Letters that are not sent yet; the instant is when the next attempt is due.
pub fn mails_waiting(c: &mut C, count_max: i64) -> QueryResult<Pile> {
    diesel::sql_query(MAILS)
        .bind::<BigInt, _>(count_max)
        .get_result::<Row>(c)
        .map(Pile::from)
}

/// Journals after a position; the instant is when the first was recorded.
pub fn journals_behind(c: &mut C, position: i64, count_max: i64) -> QueryResult<Pile> {
    diesel::sql_query(JOURNALS)
        .bind::<BigInt, _>(position)
        .bind::<BigInt, _>(count_max)
        .get_result::<Row>(c)
        .map(Pile::from)
}
