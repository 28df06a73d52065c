//! The ledger: written once, read in pages, sealed in batches.

use super::{C, Db, LOOKED_AT_MAX, NOT_BY_THIS};
use crate::rows::{
    ChainHead, DailyBalance, Effect, EffectOf, Journal, NewJournal, Posting, Seal, Stretch,
};
use crate::schema::{chain_head, daily_balances, effects, journals, postings, seals};
use diesel::dsl::{max, min, sql};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

/// Writes journals with their postings and effects. Plain inserts: a duplicate is an error and rolls
/// the transaction back, because callers ask [`effects_of`] first.
pub fn add_journals(
    c: &mut C,
    new_journals: &[NewJournal],
    lines: &[Posting],
    done: &[Effect],
) -> QueryResult<()> {
    add_together!(
        c,
        Posting, postings, lines, [journal_id, line, account, amount, currency];
        NewJournal, journals, new_journals, [
            id, connection, event, reference, description, booked_on, occurred_at, recorded_at
        ];
        Effect, effects, done, [connection, object, effect, journal_id, recorded_at];
    )
}

/// What has been booked of some objects.
pub fn effects_of(c: &mut C, connection: &str, objects: &[String]) -> QueryResult<Vec<Effect>> {
    load_in!(
        c,
        Effect,
        effects.object,
        objects,
        effects::connection.eq(connection)
    )
}

pub fn effects_after(c: &mut C, after: (&str, &str, &str), limit: i64) -> QueryResult<Vec<Effect>> {
    let (connection, object, effect) = after;
    effects::table
        .filter(
            sql::<Bool>("(connection, object, effect) > (")
                .bind::<Text, _>(connection)
                .sql(", ")
                .bind::<Text, _>(object)
                .sql(", ")
                .bind::<Text, _>(effect)
                .sql(")"),
        )
        .order((effects::connection, effects::object, effects::effect))
        .limit(limit)
        .select(Effect::as_select())
        .load(c)
}

pub fn effects_by_journals(c: &mut C, ids: &[String]) -> QueryResult<Vec<EffectOf>> {
    load_in!(c, EffectOf, effects.journal_id, ids)
}

pub fn journals_by_ids(c: &mut C, ids: &[String]) -> QueryResult<Vec<Journal>> {
    load_in!(c, Journal, journals.id, ids)
}

/// Journals after a position, in the order of writing.
pub fn journals_after(c: &mut C, position: i64, limit: i64) -> QueryResult<Vec<Journal>> {
    journals::table
        .filter(journals::position.gt(position))
        .order(journals::position)
        .limit(limit)
        .select(Journal::as_select())
        .load(c)
}

/// Between which positions all journals lie that were booked in `from..=to` (text days, inclusive), read from
/// the index by day alone; `None`: there are none.
pub fn positions_between(
    c: &mut C,
    from: Option<&str>,
    to: Option<&str>,
) -> QueryResult<Option<(i64, i64)>> {
    let mut query = journals::table.into_boxed::<Db>();
    if let Some(from) = from {
        query = query.filter(journals::booked_on.ge(from));
    }
    if let Some(to) = to {
        query = query.filter(journals::booked_on.le(to));
    }
    let (first, last): (Option<i64>, Option<i64>) = query
        .select((
            min(journals::position + NOT_BY_THIS),
            max(journals::position + NOT_BY_THIS),
        ))
        .first(c)?;
    Ok(first.zip(last))
}

/// Newest first. By what they are about an index has them in this order.
pub fn list_journals(
    c: &mut C,
    reference: Option<&str>,
    from: Option<&str>,
    to: Option<&str>,
    before: Option<i64>,
    limit: i64,
) -> QueryResult<Stretch<Journal, i64>> {
    let indexed = || {
        let mut query = journals::table.into_boxed::<Db>();
        if let Some(reference) = reference {
            query = query.filter(journals::reference.eq(reference));
        }
        if let Some(before) = before {
            query = query.filter(journals::position.lt(before));
        }
        query.order(journals::position.desc())
    };
    let looked_to: Option<i64> = if from.is_some() || to.is_some() {
        let last = indexed()
            .select(journals::position)
            .offset(LOOKED_AT_MAX)
            .limit(1);
        last.first(c).optional()?
    } else {
        None
    };
    let last = looked_to.unwrap_or(i64::MIN);
    let mut query = indexed().filter(journals::position.ge(last));
    // With nothing behind it, so that it is not looked for by day and then sorted.
    let day = || journals::booked_on.concat("");
    if let Some(from) = from {
        query = query.filter(day().ge(from));
    }
    if let Some(to) = to {
        query = query.filter(day().le(to));
    }
    let rows = query.limit(limit).select(Journal::as_select()).load(c)?;
    Ok(Stretch { rows, looked_to })
}

/// The postings of some journals, by journal and line.
pub fn postings_of(c: &mut C, journal_ids: &[String]) -> QueryResult<Vec<Posting>> {
    let mut found: Vec<Posting> = load_in!(c, Posting, postings.journal_id, journal_ids)?;
    found.sort_by(|a, b| (&a.journal_id, a.line).cmp(&(&b.journal_id, b.line)));
    Ok(found)
}

/// The postings of journals with ids from `first` to `last`, both inclusive, by journal and line.
pub fn postings_between(
    c: &mut C,
    first: &str,
    last: &str,
    limit: i64,
) -> QueryResult<Vec<Posting>> {
    postings::table
        .filter(postings::journal_id.between(first, last))
        .order((postings::journal_id, postings::line))
        .limit(limit)
        .select(Posting::as_select())
        .load(c)
}

/// Which effects journals are, with ids from `first` to `last`, both inclusive, by journal.
pub fn effects_between(
    c: &mut C,
    first: &str,
    last: &str,
    limit: i64,
) -> QueryResult<Vec<EffectOf>> {
    effects::table
        .filter(effects::journal_id.between(first, last))
        .order(effects::journal_id)
        .limit(limit)
        .select(EffectOf::as_select())
        .load(c)
}

pub fn chain_head(c: &mut C) -> QueryResult<ChainHead> {
    chain_head::table
        .find(1)
        .select(ChainHead::as_select())
        .first(c)
}

pub fn seals_after(c: &mut C, seq: i64, limit: i64) -> QueryResult<Vec<Seal>> {
    seals::table
        .filter(seals::seq.gt(seq))
        .order(seals::seq)
        .limit(limit)
        .select(Seal::as_select())
        .load(c)
}

pub fn last_position(c: &mut C) -> QueryResult<i64> {
    Ok(journals::table
        .select(max(journals::position))
        .first::<Option<i64>>(c)?
        .unwrap_or(0))
}

/// Adds links to the chain, moves its head, and adds their postings to the cached balances.
pub fn add_seals(
    c: &mut C,
    links: &[Seal],
    head: &ChainHead,
    balances: &[DailyBalance],
) -> QueryResult<()> {
    add_rows!(c, Seal, seals, links, [seq, position, journal_id, hash])?;
    add_amounts!(
        c,
        DailyBalance,
        daily_balances,
        balances,
        [booked_on, account, currency],
        amount
    )?;
    let moved = diesel::update(chain_head::table.find(1)).set((
        chain_head::count.eq(head.count),
        chain_head::position.eq(head.position),
        chain_head::hash.eq(&head.hash),
        chain_head::sealed_at.eq(head.sealed_at),
    ));
    change!(c, moved)
}

/// Cached sums of the sealed postings, by day, account and currency.
pub fn daily_balances(c: &mut C) -> QueryResult<Vec<DailyBalance>> {
    daily_balances::table
        .order((
            daily_balances::booked_on,
            daily_balances::account,
            daily_balances::currency,
        ))
        .select(DailyBalance::as_select())
        .load(c)
}
