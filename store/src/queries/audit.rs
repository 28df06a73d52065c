//! What only the ledger's audit and the exports ask.

use super::C;
use crate::rows::{Cancellation, ChainHead, Effect};
use crate::schema::{chain_head, effects, journals, postings};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

/// The head of the chain, or `None` when its row is gone (only tampering removes it).
pub fn chain_head_if_any(c: &mut C) -> QueryResult<Option<ChainHead>> {
    chain_head::table
        .find(1)
        .select(ChainHead::as_select())
        .first(c)
        .optional()
}

/// How many postings and effects there are, of journals or of none.
pub fn rows_booked(c: &mut C) -> QueryResult<(i64, i64)> {
    Ok((
        postings::table.count().get_result(c)?,
        effects::table.count().get_result(c)?,
    ))
}

/// Ids after `after` of journals that have postings and do not exist, each once, in their order.
pub fn orphan_postings(c: &mut C, after: &str, limit: i64) -> QueryResult<Vec<String>> {
    postings::table
        .filter(postings::journal_id.gt(after))
        .filter(not(exists(
            journals::table.filter(journals::id.eq(postings::journal_id)),
        )))
        .select(postings::journal_id)
        .distinct()
        .order(postings::journal_id)
        .limit(limit)
        .load(c)
}

/// Effects of journals that do not exist, after a journal's id, in the order of those ids.
pub fn orphan_effects(c: &mut C, after: &str, limit: i64) -> QueryResult<Vec<Effect>> {
    effects::table
        .filter(effects::journal_id.gt(after))
        .filter(not(exists(
            journals::table.filter(journals::id.eq(effects::journal_id)),
        )))
        .order(effects::journal_id)
        .limit(limit)
        .select(Effect::as_select())
        .load(c)
}

pub fn cancellations_by_ids(c: &mut C, ids: &[String]) -> QueryResult<Vec<Cancellation>> {
    load_in!(c, Cancellation, cancellations.id, ids)
}
