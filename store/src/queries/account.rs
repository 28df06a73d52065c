//! What a customer's own page shows beyond the lists of `lookup.rs`.

use super::C;
use crate::rows::Cancellation;
use crate::schema::{account_sessions, cancellations, subscriptions};
use diesel::prelude::*;

/// Cancellations of all subscriptions of a customer (our id), in every state and of either origin,
/// newest first.
pub fn cancellations_of_customer(
    c: &mut C,
    customer_id: &str,
    limit: i64,
) -> QueryResult<Vec<Cancellation>> {
    let theirs = subscriptions::table
        .filter(subscriptions::customer_id.eq(customer_id))
        .select(subscriptions::id);
    let query = cancellations::table
        .filter(cancellations::subscription_id.eq_any(theirs))
        .order(cancellations::id.desc())
        .limit(limit)
        .select(Cancellation::as_select());
    query.load(c)
}

/// Forgets sessions that are over: last seen before `seen_before`, or past their end at `now`.
pub fn drop_ended_account_sessions(c: &mut C, seen_before: i64, now: i64) -> QueryResult<usize> {
    let over = account_sessions::last_seen_at
        .le(seen_before)
        .or(account_sessions::expires_at.le(now));
    diesel::delete(account_sessions::table.filter(over)).execute(c)
}
