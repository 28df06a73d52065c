//! Refunds: money operations and what others made.

use super::{C, Db, LOOKED_AT_MAX, NOT_BY_THIS, find_either, upsert};
use crate::rows::{Refund, Stretch};
use crate::schema::refunds;
use diesel::prelude::*;

pub fn save_refunds(c: &mut C, rows: &[Refund]) -> QueryResult<()> {
    upsert!(
        c,
        refunds,
        rows,
        [id],
        [
            provider_id,
            state,
            policy_conform,
            code,
            failure_reason,
            first_sent_at,
            attempts,
            due_at,
            lease_until,
            fence,
            attention,
            version,
            pending_reason,
            state_since,
            decided,
            judged_in,
            judged_by,
        ]
    )
}

/// Ids of refunds that want attention now, longest waiting first.
pub fn refunds_due(c: &mut C, now: i64, limit: i64) -> QueryResult<Vec<String>> {
    refunds::table
        .filter(refunds::due_at.le(now))
        .filter(refunds::lease_until.le(now))
        .order(refunds::due_at)
        .limit(limit)
        .select(refunds::id)
        .load(c)
}

/// Oldest first within each cancellation.
pub fn refunds_of_cancellations(
    c: &mut C,
    cancellation_ids: &[String],
) -> QueryResult<Vec<Refund>> {
    let mut found: Vec<Refund> = load_in!(c, Refund, refunds.cancellation_id, cancellation_ids)?;
    found.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(found)
}

/// Refunds that others made, judged in some subscriptions (the provider's ids).
pub fn refunds_of_others(
    c: &mut C,
    connection: &str,
    subscriptions: &[String],
) -> QueryResult<Vec<Refund>> {
    let mut found: Vec<Refund> = load_in!(c, Refund, refunds.judged_in, subscriptions)?;
    // Not asked of the database: an index that begins with the connection would do for it as well as the one by this column.
    found.retain(|refund| refund.connection == connection);
    Ok(found)
}

pub fn refund_by_request(c: &mut C, request_ref: &str) -> QueryResult<Option<Refund>> {
    refunds::table
        .filter(refunds::request_ref.eq(request_ref))
        .select(Refund::as_select())
        .first(c)
        .optional()
}

pub fn find_refund(c: &mut C, id: &str) -> QueryResult<Option<Refund>> {
    find_either!(c, Refund, refunds.provider_id, id, max_by)
}

/// Newest first; `from` (inclusive) and `to` (exclusive) bound when they were made. By their state, or else
/// by the policy's verdict, an index has them in this order.
pub fn list_refunds(
    c: &mut C,
    state: Option<&str>,
    from: Option<i64>,
    to: Option<i64>,
    conform: Option<bool>,
    before: Option<&str>,
    limit: i64,
) -> QueryResult<Stretch<Refund, String>> {
    let indexed = || {
        let mut query = refunds::table.into_boxed::<Db>();
        if let Some(state) = state {
            query = query.filter(refunds::state.eq(state));
        } else if let Some(conform) = conform {
            query = query.filter(refunds::policy_conform.eq(conform));
        }
        if let Some(before) = before {
            query = query.filter(refunds::id.lt(before));
        }
        query.order(refunds::id.desc())
    };
    let by_others = from.is_some() || to.is_some() || state.is_some() && conform.is_some();
    let looked_to: Option<String> = if by_others {
        let last = indexed().select(refunds::id).offset(LOOKED_AT_MAX).limit(1);
        last.first(c).optional()?
    } else {
        None
    };
    let last = looked_to.as_deref().unwrap_or_default();
    let mut query = indexed().filter(refunds::id.ge(last));
    if let Some(conform) = conform {
        query = query.filter(refunds::policy_conform.eq(conform));
    }
    if let Some(from) = from {
        query = query.filter((refunds::created_at + NOT_BY_THIS).ge(from));
    }
    if let Some(to) = to {
        query = query.filter((refunds::created_at + NOT_BY_THIS).lt(to));
    }
    let rows = query.limit(limit).select(Refund::as_select()).load(c)?;
    Ok(Stretch { rows, looked_to })
}
