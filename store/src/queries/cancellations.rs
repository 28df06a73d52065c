//! Cancellations, their verdicts and receipts.

use super::{C, Db, upsert};
use crate::rows::{Cancellation, Mail, Receipt, Verdict};
use crate::schema::{cancellations, mails, receipts, verdicts};
use diesel::prelude::*;

pub fn save_cancellation(c: &mut C, row: &Cancellation) -> QueryResult<()> {
    upsert!(
        c,
        cancellations,
        std::slice::from_ref(row),
        [id],
        [
            state,
            step,
            stop_mode,
            stop_effective_at,
            stop_done_at,
            policy_version,
            attention,
            trouble,
            attempts,
            due_at,
            lease_until,
            fence,
            stop_asked_at,
            undo_requested_at,
            undone_at,
            version,
        ]
    )
}

pub fn cancellation_by_id(c: &mut C, id: &str) -> QueryResult<Option<Cancellation>> {
    cancellations::table
        .find(id)
        .select(Cancellation::as_select())
        .first(c)
        .optional()
}

/// The cancellation of ours that stands for a subscription, if there is one.
pub fn standing_cancellation(
    c: &mut C,
    subscription_id: &str,
) -> QueryResult<Option<Cancellation>> {
    cancellations::table
        .filter(cancellations::subscription_id.eq(subscription_id))
        .filter(cancellations::origin.eq("avstem"))
        .filter(cancellations::state.ne("undone"))
        .select(Cancellation::as_select())
        .first(c)
        .optional()
}

pub fn standing_cancellations(
    c: &mut C,
    subscription_ids: &[String],
) -> QueryResult<Vec<Cancellation>> {
    load_in!(
        c,
        Cancellation,
        cancellations.subscription_id,
        subscription_ids,
        cancellations::origin.eq("avstem"),
        cancellations::state.ne("undone")
    )
}

/// All cancellations of some subscriptions, of either origin and in every state.
pub fn cancellations_of_subscriptions(
    c: &mut C,
    subscription_ids: &[String],
) -> QueryResult<Vec<Cancellation>> {
    load_in!(
        c,
        Cancellation,
        cancellations.subscription_id,
        subscription_ids
    )
}

/// Ids of cancellations whose saga may go on now.
pub fn cancellations_due(c: &mut C, now: i64, limit: i64) -> QueryResult<Vec<String>> {
    cancellations::table
        .filter(cancellations::due_at.le(now))
        .filter(cancellations::lease_until.le(now))
        .order(cancellations::due_at)
        .limit(limit)
        .select(cancellations::id)
        .load(c)
}

/// Newest first.
pub fn list_cancellations(
    c: &mut C,
    state: Option<&str>,
    before: Option<&str>,
    limit: i64,
) -> QueryResult<Vec<Cancellation>> {
    let mut query = cancellations::table.into_boxed::<Db>();
    if let Some(state) = state {
        query = query.filter(cancellations::state.eq(state));
    }
    if let Some(before) = before {
        query = query.filter(cancellations::id.lt(before));
    }
    query
        .order(cancellations::id.desc())
        .limit(limit)
        .select(Cancellation::as_select())
        .load(c)
}

pub fn add_verdicts(c: &mut C, rows: &[Verdict]) -> QueryResult<()> {
    for chunk in rows.chunks(crate::rows::CHUNK) {
        diesel::insert_into(verdicts::table)
            .values(chunk)
            .execute(c)?;
    }
    Ok(())
}

/// In the order they were decided: the plan's, then those of late charges.
pub fn verdicts_of(c: &mut C, cancellation_ids: &[String]) -> QueryResult<Vec<Verdict>> {
    let mut found: Vec<Verdict> = load_in!(c, Verdict, verdicts.cancellation_id, cancellation_ids)?;
    found.sort_by(|a, b| (&a.cancellation_id, a.position).cmp(&(&b.cancellation_id, b.position)));
    Ok(found)
}

pub fn add_receipts(c: &mut C, rows: &[Receipt]) -> QueryResult<()> {
    diesel::insert_into(receipts::table)
        .values(rows)
        .execute(c)
        .map(|_| ())
}

/// All issues of some cancellations' receipts, oldest first within each.
pub fn receipts_of(c: &mut C, cancellation_ids: &[String]) -> QueryResult<Vec<Receipt>> {
    let mut found: Vec<Receipt> = load_in!(c, Receipt, receipts.cancellation_id, cancellation_ids)?;
    found.sort_by(|a, b| (a.number, &a.locale).cmp(&(b.number, &b.locale)));
    Ok(found)
}

/// Puts a letter in the post, once for each key.
pub fn post_mail(c: &mut C, mail: &Mail) -> QueryResult<()> {
    diesel::insert_into(mails::table)
        .values(mail)
        .on_conflict_do_nothing()
        .execute(c)
        .map(|_| ())
}

pub fn mails_due(c: &mut C, now: i64, limit: i64) -> QueryResult<Vec<Mail>> {
    mails::table
        .filter(mails::due_at.le(now))
        .order(mails::due_at)
        .limit(limit)
        .select(Mail::as_select())
        .load(c)
}

pub fn save_mail(c: &mut C, mail: &Mail) -> QueryResult<()> {
    upsert!(
        c,
        mails,
        std::slice::from_ref(mail),
        [dedupe_key],
        [state, attempts, error, due_at]
    )
}
