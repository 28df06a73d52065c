//! How much waits, and since when. The statements are in `store/src/gauges.rs`, where tests see them too.

use super::C;
use crate::gauges::{CANCELLATIONS, EVENTS, JOURNALS, MAILS, REFUNDS};
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

fn state_pile(c: &mut C, sql: &str, state: &str, count_max: i64) -> QueryResult<Pile> {
    diesel::sql_query(sql)
        .bind::<Text, _>(state)
        .bind::<BigInt, _>(count_max)
        .get_result::<Row>(c)
        .map(Pile::from)
}

/// Deliveries in a state that is not the end of them; the instant is when the first was received.
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
