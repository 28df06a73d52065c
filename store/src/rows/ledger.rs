//! The ledger and its chain.

use super::super::schema::{chain_head, daily_balances, effects, journals, postings, seals};
use diesel::prelude::*;

/// `position` is the order of writing.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = journals, treat_none_as_default_value = false)]
pub struct Journal {
    pub position: i64,
    pub id: String,
    pub connection: String,
    pub event: String,
    pub reference: String,
    pub description: String,
    pub booked_on: String,
    pub occurred_at: i64,
    pub recorded_at: i64,
}

/// A journal to be written; the database gives its position.
#[derive(Debug, Clone, PartialEq, Eq, Insertable)]
#[diesel(table_name = journals)]
pub struct NewJournal {
    pub id: String,
    pub connection: String,
    pub event: String,
    pub reference: String,
    pub description: String,
    pub booked_on: String,
    pub occurred_at: i64,
    pub recorded_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = postings, treat_none_as_default_value = false)]
pub struct Posting {
    pub journal_id: String,
    pub line: i64,
    pub account: String,
    pub amount: i64,
    pub currency: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = effects, treat_none_as_default_value = false)]
pub struct Effect {
    pub connection: String,
    pub object: String,
    pub effect: String,
    pub journal_id: String,
    pub recorded_at: i64,
}

/// Which effect a journal is: all that the index over journals has of it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = effects)]
pub struct EffectOf {
    pub journal_id: String,
    pub connection: String,
    pub object: String,
    pub effect: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = seals, treat_none_as_default_value = false)]
pub struct Seal {
    pub seq: i64,
    pub position: i64,
    pub journal_id: String,
    pub hash: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = chain_head, treat_none_as_default_value = false)]
pub struct ChainHead {
    pub id: i64,
    pub count: i64,
    pub position: i64,
    pub hash: String,
    pub sealed_at: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = daily_balances, treat_none_as_default_value = false)]
pub struct DailyBalance {
    pub booked_on: String,
    pub account: String,
    pub currency: String,
    pub amount: i64,
}
