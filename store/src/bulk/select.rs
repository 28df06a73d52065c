//! What is asked of PostgreSQL in bulk: what `queries/ledger.rs` asks by the same names, with the values written out,
//! because a statement that copies takes none. Planned anew each time.

use super::views::Viewed;
use crate::rows::{EffectOf, Journal, Posting, Seal};
use postgres_protocol::escape::escape_literal;

#[must_use]
pub fn journals_after(position: i64, limit: i64) -> String {
    let from = from::<Journal>();
    format!("{from} WHERE position > {position} ORDER BY position LIMIT {limit}")
}

#[must_use]
pub fn postings_between(first: &str, last: &str, limit: i64) -> String {
    let (from, between) = (from::<Posting>(), between(first, last));
    format!("{from} WHERE journal_id {between} ORDER BY journal_id, line LIMIT {limit}")
}

#[must_use]
pub fn effects_between(first: &str, last: &str, limit: i64) -> String {
    let (from, between) = (from::<EffectOf>(), between(first, last));
    format!("{from} WHERE journal_id {between} ORDER BY journal_id LIMIT {limit}")
}

#[must_use]
pub fn seals_after(seq: i64, limit: i64) -> String {
    let from = from::<Seal>();
    format!("{from} WHERE seq > {seq} ORDER BY seq LIMIT {limit}")
}

fn from<R: Viewed>() -> String {
    format!("SELECT {} FROM {}", R::COLUMNS.join(", "), R::TABLE)
}

fn between(first: &str, last: &str) -> String {
    let (first, last) = (escape_literal(first), escape_literal(last));
    format!("BETWEEN {first} AND {last}")
}
