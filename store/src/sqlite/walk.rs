//! Deliveries that lie side by side are marked by one walk through them. A list of ids is first made a table of its own
//! and then looked up one by one.

use super::C;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

/// Of fewer a list is as fast.
const FEW: usize = 8;

const BETWEEN: &str = "SELECT count(*) AS deliveries, count(*) FILTER (WHERE state IN ('received', 'parked')) AS waiting \
     FROM (SELECT state FROM events WHERE id BETWEEN ? AND ? LIMIT ?)";

#[derive(QueryableByName)]
struct Between {
    #[diesel(sql_type = BigInt)]
    deliveries: i64,
    #[diesel(sql_type = BigInt)]
    waiting: i64,
}

/// The first and the last of some deliveries that wait (both inclusive), if no other that waits lies between them, and little of anything:
/// what waits from the one to the other is these.
pub fn ends<'a>(c: &mut C, ids: &'a [String]) -> QueryResult<Option<(&'a str, &'a str)>> {
    let (Some(first), Some(last)) = (ids.iter().min(), ids.iter().max()) else {
        return Ok(None);
    };
    if ids.len() < FEW {
        return Ok(None);
    }
    let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
    let looked_at = count.saturating_mul(2);
    let between: Between = diesel::sql_query(BETWEEN)
        .bind::<Text, _>(first)
        .bind::<Text, _>(last)
        .bind::<BigInt, _>(looked_at)
        .get_result(c)?;
    let only_these = between.waiting == count && between.deliveries < looked_at;
    Ok(only_these.then_some((first.as_str(), last.as_str())))
}
