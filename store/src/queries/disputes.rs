//! Disputes with what they moved, and payouts.

use super::{C, Db, NOT_BY_THIS, find_either, upsert};
use crate::rows::{CHUNK, Dispute, DisputeMovement, Payout};
use crate::schema::{dispute_movements, disputes};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

pub fn save_disputes(c: &mut C, rows: &[Dispute]) -> QueryResult<()> {
    upsert!(
        c,
        disputes,
        rows,
        [id],
        [
            amount,
            currency,
            status,
            reason,
            refundable,
            evidence_due_at,
            lost,
            told_at,
            version,
        ]
    )
}

/// Lines that are there already are left alone.
pub fn add_dispute_movements(c: &mut C, rows: &[DisputeMovement]) -> QueryResult<()> {
    for chunk in rows.chunks(CHUNK) {
        diesel::insert_into(dispute_movements::table)
            .values(chunk)
            .on_conflict_do_nothing()
            .execute(c)?;
    }
    Ok(())
}

pub fn save_payouts(c: &mut C, rows: &[Payout]) -> QueryResult<()> {
    upsert!(
        c,
        payouts,
        rows,
        [connection, provider_id],
        [
            amount,
            currency,
            status,
            arrival_date,
            automatic,
            reconciliation,
            trace_id,
            statement_descriptor,
            failure_code,
            original,
            reversed_by,
            created_at,
            told_at,
            version,
            members_due_at,
        ]
    )
}

/// Automatic payouts of which it is to be asked now what they are made of, longest waiting first.
pub fn payouts_to_itemise(c: &mut C, now: i64, limit: i64) -> QueryResult<Vec<Payout>> {
    use crate::schema::payouts;
    payouts::table
        .filter(payouts::members_due_at.le(now))
        .order(payouts::members_due_at)
        .limit(limit)
        .select(Payout::as_select())
        .load(c)
}

pub fn set_members_due(
    c: &mut C,
    connection: &str,
    payout: &str,
    due_at: Option<i64>,
) -> QueryResult<()> {
    use crate::schema::payouts;
    diesel::update(payouts::table.find((connection, payout)))
        .set(payouts::members_due_at.eq(due_at))
        .execute(c)
        .map(drop)
}

pub fn disputes_by_charges(c: &mut C, charge_ids: &[String]) -> QueryResult<Vec<Dispute>> {
    load_in!(c, Dispute, disputes.charge_id, charge_ids)
}

pub fn disputes_by_provider_ids(
    c: &mut C,
    connection: &str,
    ids: &[String],
) -> QueryResult<Vec<Dispute>> {
    load_in!(
        c,
        Dispute,
        disputes.provider_id,
        ids,
        disputes::connection.eq(connection)
    )
}

/// In the order they moved, within each dispute.
pub fn movements_of_disputes(
    c: &mut C,
    dispute_ids: &[String],
) -> QueryResult<Vec<DisputeMovement>> {
    let mut found: Vec<DisputeMovement> = load_in!(
        c,
        DisputeMovement,
        dispute_movements.dispute_id,
        dispute_ids
    )?;
    found.sort_by(|a, b| (a.moved_at, &a.provider_id).cmp(&(b.moved_at, &b.provider_id)));
    Ok(found)
}

pub fn payouts_by_provider_ids(
    c: &mut C,
    connection: &str,
    ids: &[String],
) -> QueryResult<Vec<Payout>> {
    load_in!(
        c,
        Payout,
        payouts.provider_id,
        ids,
        payouts::connection.eq(connection)
    )
}

/// For exports: in the order of connection and provider's id, after a key; made at `from` (inclusive) to
/// `to` (exclusive).
pub fn payouts_after(
    c: &mut C,
    from: Option<i64>,
    to: Option<i64>,
    after: (&str, &str),
    limit: i64,
) -> QueryResult<Vec<Payout>> {
    use crate::schema::payouts;
    let (connection, provider_id) = after;
    let mut query = payouts::table.into_boxed::<Db>().filter(
        sql::<Bool>("(connection, provider_id) > (")
            .bind::<Text, _>(connection)
            .sql(", ")
            .bind::<Text, _>(provider_id)
            .sql(")"),
    );
    if let Some(from) = from {
        query = query.filter((payouts::created_at + NOT_BY_THIS).ge(from));
    }
    if let Some(to) = to {
        query = query.filter((payouts::created_at + NOT_BY_THIS).lt(to));
    }
    query
        .order((payouts::connection, payouts::provider_id))
        .limit(limit)
        .select(Payout::as_select())
        .load(c)
}

pub fn find_dispute(c: &mut C, id: &str) -> QueryResult<Option<Dispute>> {
    find_either!(c, Dispute, disputes.provider_id, id, max_by)
}

/// Newest first; `charge_id` is ours.
pub fn list_disputes(
    c: &mut C,
    status: Option<&str>,
    charge_id: Option<&str>,
    before: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<Dispute>> {
    let mut query = disputes::table.into_boxed::<Db>();
    if let Some(status) = status {
        query = query.filter(disputes::status.eq(status));
    }
    if let Some(charge_id) = charge_id {
        query = query.filter(disputes::charge_id.eq(charge_id));
    }
    if let Some(before) = before {
        query = query.filter(disputes::id.lt(before));
    }
    query
        .order(disputes::id.desc())
        .limit(limit)
        .select(Dispute::as_select())
        .load(c)
}
