//! Comparing connections with their providers' APIs: how far that has come, and what it looks for here.

use super::{C, upsert};
use crate::rows::{Cancellation, Made, Refund, Subscription, SyncCursor, SyncRun};
use crate::schema::{
    cancellations, charges, disputes, payouts, refunds, subscriptions, sync_cursors, syncs,
};
use diesel::prelude::*;

pub fn sync_run(c: &mut C, connection: &str) -> QueryResult<Option<SyncRun>> {
    syncs::table
        .find(connection)
        .select(SyncRun::as_select())
        .first(c)
        .optional()
}

pub fn save_sync_run(c: &mut C, row: &SyncRun) -> QueryResult<()> {
    upsert!(
        c,
        syncs,
        std::slice::from_ref(row),
        [connection],
        [
            made_from,
            events_from,
            begun_at,
            finished_at,
            due_at,
            attempts,
            trouble,
        ]
    )
}

pub fn sync_cursors(c: &mut C, connection: &str) -> QueryResult<Vec<SyncCursor>> {
    sync_cursors::table
        .filter(sync_cursors::connection.eq(connection))
        .select(SyncCursor::as_select())
        .load(c)
}

pub fn save_sync_cursors(c: &mut C, rows: &[SyncCursor]) -> QueryResult<()> {
    upsert!(
        c,
        sync_cursors,
        rows,
        [connection, kind],
        [after, made_until, done, seen, repaired]
    )
}

/// The provider's ids of what is known here of one kind, and was made in a time.
macro_rules! made {
    ($c:expr, $table:ident, $made:expr $(, $filter:expr)*) => {
        $table::table
            .filter($table::connection.eq($made.connection))
            .filter($table::created_at.between($made.from, $made.to))
            $(.filter($filter))*
            .order($table::created_at)
            .limit($made.limit)
            .select($table::provider_id)
            .load($c)
    };
}

/// Those that are not over.
pub fn subscriptions_made(c: &mut C, made: Made<'_>) -> QueryResult<Vec<String>> {
    made!(
        c,
        subscriptions,
        made,
        subscriptions::status.ne_all(["canceled", "expired"])
    )
}

/// Those that took money.
pub fn charges_made(c: &mut C, made: Made<'_>) -> QueryResult<Vec<String>> {
    made!(c, charges, made, charges::status.eq("succeeded"))
}

/// Those that the provider has by our records, and whose money went or is on its way.
pub fn refunds_made(c: &mut C, made: Made<'_>) -> QueryResult<Vec<String>> {
    let ids: Vec<Option<String>> = made!(
        c,
        refunds,
        made,
        refunds::provider_id.is_not_null(),
        refunds::state.eq_any(["submitted", "succeeded"])
    )?;
    Ok(ids.into_iter().flatten().collect())
}

pub fn disputes_made(c: &mut C, made: Made<'_>) -> QueryResult<Vec<String>> {
    made!(c, disputes, made)
}

/// Those that did not come back.
pub fn payouts_made(c: &mut C, made: Made<'_>) -> QueryResult<Vec<String>> {
    made!(
        c,
        payouts,
        made,
        payouts::status.ne_all(["failed", "canceled"])
    )
}

/// Refunds that others made, with their judgement, in the order of our ids.
pub fn others_refunds_after(
    c: &mut C,
    connection: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<Refund>> {
    refunds::table
        .filter(refunds::connection.eq(connection))
        .filter(refunds::origin.eq("provider"))
        .filter(refunds::policy_conform.is_not_null())
        .filter(refunds::id.gt(after))
        .order(refunds::id)
        .limit(limit)
        .select(Refund::as_select())
        .load(c)
}

/// Our cancellations that stopped billing, with what they stopped, in the order of their ids.
pub fn stops_after(
    c: &mut C,
    connection: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<(Cancellation, Subscription)>> {
    cancellations::table
        .inner_join(subscriptions::table.on(subscriptions::id.eq(cancellations::subscription_id)))
        .filter(subscriptions::connection.eq(connection))
        .filter(cancellations::origin.eq("avstem"))
        .filter(cancellations::stop_done_at.is_not_null())
        .filter(cancellations::id.gt(after))
        .order(cancellations::id)
        .limit(limit)
        .select((Cancellation::as_select(), Subscription::as_select()))
        .load(c)
}
