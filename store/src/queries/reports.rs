//! Sums for reports. The database adds them up, so that what is read does not grow with the books.

use super::{C, Db};
use crate::rows::{
    Break, BreakEvent, DeferredCharge, MovedSum, Reconciliation, RefundSum, Reported, VerdictSum,
};
use crate::schema::{break_events, breaks, reconciliations};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

diesel::alias!(break_events as newer: Newer);

/// Money at providers, on its way, and in the bank: what each event did to each account on some days.
/// By event, account and currency; a connection's are those of its journals.
pub fn money_moved(c: &mut C, asked: Reported<'_>) -> QueryResult<Vec<MovedSum>> {
    const MOVED: &str = "SELECT j.event, p.account, p.currency, CAST(SUM(p.amount) AS BIGINT) AS amount \
         FROM journals j JOIN postings p ON p.journal_id = j.id \
         WHERE j.booked_on >= $1 AND j.booked_on <= $2 AND ($3 = '' OR j.connection = $3) \
         AND (p.account LIKE 'assets:provider:%' OR p.account LIKE 'assets:payouts_in_transit:%' \
         OR p.account LIKE 'assets:bank:%') \
         GROUP BY j.event, p.account, p.currency";
    let mut rows: Vec<MovedSum> = diesel::sql_query(MOVED)
        .bind::<Text, _>(asked.days.0)
        .bind::<Text, _>(asked.days.1)
        .bind::<Text, _>(asked.connection.unwrap_or_default())
        .load(c)?;
    // Each database has an order of letters of its own.
    rows.sort_by(|a, b| {
        (&a.event, &a.account, &a.currency).cmp(&(&b.event, &b.account, &b.currency))
    });
    Ok(rows)
}

/// The verdict that counts for each charge of each cancellation that was not taken back.
pub fn verdict_sums(c: &mut C, asked: Reported<'_>) -> QueryResult<Vec<VerdictSum>> {
    const SUMS: &str = "SELECT v.decision, v.clause, v.code, v.currency, COUNT(*) AS verdicts, \
         CAST(SUM(v.amount) AS BIGINT) AS charged, \
         CAST(SUM(CASE WHEN x.refund = 'policy' THEN COALESCE(v.refund_amount, 0) ELSE 0 END) AS BIGINT) AS granted, \
         CAST(SUM(CASE WHEN x.refund = 'policy' THEN 0 ELSE COALESCE(v.refund_amount, 0) END) AS BIGINT) AS waived \
         FROM verdicts v JOIN cancellations x ON x.id = v.cancellation_id JOIN charges c ON c.id = v.charge_id \
         WHERE v.decided_at >= $1 AND v.decided_at < $2 AND ($3 = '' OR c.connection = $3) \
         AND x.state <> 'undone' \
         AND NOT EXISTS (SELECT 1 FROM verdicts w WHERE w.cancellation_id = v.cancellation_id \
         AND w.charge_id = v.charge_id AND w.position > v.position) \
         GROUP BY v.decision, v.clause, v.code, v.currency";
    let mut rows: Vec<VerdictSum> = diesel::sql_query(SUMS)
        .bind::<BigInt, _>(asked.instants.0)
        .bind::<BigInt, _>(asked.instants.1)
        .bind::<Text, _>(asked.connection.unwrap_or_default())
        .load(c)?;
    rows.sort_by(|a, b| (&a.clause, &a.code, &a.currency).cmp(&(&b.clause, &b.code, &b.currency)));
    Ok(rows)
}

/// Refunds made on some days, by who made them and how they stand.
pub fn refund_sums(c: &mut C, asked: Reported<'_>) -> QueryResult<Vec<RefundSum>> {
    const SUMS: &str = "SELECT origin, CASE WHEN origin = 'avstem' OR policy_conform IS NULL THEN '' \
         WHEN policy_conform THEN 'yes' ELSE 'no' END AS conform, state, currency, \
         COUNT(*) AS refunds, CAST(SUM(amount) AS BIGINT) AS amount FROM refunds \
         WHERE created_at >= $1 AND created_at < $2 AND ($3 = '' OR connection = $3) \
         GROUP BY 1, 2, 3, 4";
    let mut rows: Vec<RefundSum> = diesel::sql_query(SUMS)
        .bind::<BigInt, _>(asked.instants.0)
        .bind::<BigInt, _>(asked.instants.1)
        .bind::<Text, _>(asked.connection.unwrap_or_default())
        .load(c)?;
    rows.sort_by(|a, b| {
        let key = |row: &RefundSum| {
            [&row.origin, &row.conform, &row.state, &row.currency].map(String::clone)
        };
        key(a).cmp(&key(b))
    });
    Ok(rows)
}

/// Charges whose income was booked as deferred, after an id of ours.
pub fn deferred_charges(
    c: &mut C,
    connection: Option<&str>,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<DeferredCharge>> {
    const PAGE: &str = "SELECT c.id, c.amount, c.currency, c.booked_vat, c.decided, c.lost, c.created_at, \
         i.period_start, i.period_end FROM charges c \
         LEFT JOIN invoices i ON i.connection = c.connection AND i.provider_id = c.invoice \
         WHERE c.id > $1 AND c.booked_as = 'deferred' AND ($2 = '' OR c.connection = $2) \
         ORDER BY c.id LIMIT $3";
    diesel::sql_query(PAGE)
        .bind::<Text, _>(after)
        .bind::<Text, _>(connection.unwrap_or_default())
        .bind::<BigInt, _>(limit)
        .load(c)
}

/// Breaks with the last of their events, after an id: those of money up to a day, in the order of their
/// ids. In one state, or in any; of one connection, or of all.
pub fn breaks_after(
    c: &mut C,
    state: Option<&str>,
    connection: Option<&str>,
    days: (Option<&str>, Option<&str>),
    after: &str,
    limit: i64,
) -> QueryResult<Vec<(Break, BreakEvent)>> {
    let mut query = breaks::table
        .inner_join(break_events::table.on(break_events::break_id.eq(breaks::id)))
        .filter(not(exists(
            newer
                .filter(newer.field(break_events::break_id).eq(breaks::id))
                .filter(newer.field(break_events::seq).gt(break_events::seq)),
        )))
        .filter(breaks::id.gt(after))
        .select((Break::as_select(), BreakEvent::as_select()))
        .into_boxed::<Db>();
    if let Some(state) = state {
        query = query.filter(break_events::state.eq(state));
    }
    if let Some(connection) = connection {
        query = query.filter(breaks::connection.eq(connection));
    }
    if let Some(from) = days.0 {
        query = query.filter(breaks::opened_on.ge(from));
    }
    if let Some(to) = days.1 {
        query = query.filter(breaks::opened_on.le(to));
    }
    query.order(breaks::id).limit(limit).load(c)
}

/// The newest reconciliation that covers a connection (all of them, without one), through a day if one is
/// named.
pub fn reconciliation_covering(
    c: &mut C,
    connection: Option<&str>,
    through: Option<&str>,
) -> QueryResult<Option<Reconciliation>> {
    let mut query = reconciliations::table
        .order(reconciliations::id.desc())
        .select(Reconciliation::as_select())
        .into_boxed::<Db>();
    query = match connection {
        Some(name) => query.filter(
            reconciliations::connection
                .is_null()
                .or(reconciliations::connection.eq(name)),
        ),
        None => query.filter(reconciliations::connection.is_null()),
    };
    if let Some(through) = through {
        query = query.filter(reconciliations::through.eq(through));
    }
    query.first(c).optional()
}
