//! Rows of several tables in one statement: a bundle and its deliveries in one round trip and one commit, prepared once for
//! any number of deliveries; and what belongs together in the ledger.

use super::super::bundle::Packed;
use super::super::rows::{EventBundle, EventRow};
use super::C;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Binary, Bool, Nullable, SqlType, Text, is_nullable};

/// What a row's field of a column of this type is.
pub trait Stored {
    type Value;
}

impl Stored for Text {
    type Value = String;
}

impl Stored for BigInt {
    type Value = i64;
}

impl Stored for Bool {
    type Value = bool;
}

impl<T: Stored + SqlType<IsNull = is_nullable::NotNull>> Stored for Nullable<T> {
    type Value = Option<T::Value>;
}

/// Stores what is new of a bundle, and returns the ids of that. Deliveries whose key is taken are left out,
/// and the bundle too when all are.
pub struct Insert<'a> {
    bundle: &'a EventBundle,
    id: Vec<&'a str>,
    connection: Vec<&'a str>,
    dedupe_key: Vec<&'a str>,
    provider_event_id: Vec<Option<&'a str>>,
    kind: Vec<Option<&'a str>>,
    state: Vec<&'a str>,
    attempts: Vec<i64>,
    error: Vec<Option<&'a str>>,
    conflict: Vec<Option<&'a str>>,
    received_at: Vec<i64>,
    processed_at: Vec<Option<i64>>,
    due_at: Vec<i64>,
    bytes_at: Vec<i64>,
    headers_bytes: Vec<i64>,
    body_bytes: Vec<i64>,
    lane: Vec<i64>,
}

impl<'a> Insert<'a> {
    pub fn of(Packed { bundle, rows }: &'a Packed) -> Self {
        Self {
            bundle,
            id: list(rows, |row| row.id.as_str()),
            connection: list(rows, |row| row.connection.as_str()),
            dedupe_key: list(rows, |row| row.dedupe_key.as_str()),
            provider_event_id: list(rows, |row| row.provider_event_id.as_deref()),
            kind: list(rows, |row| row.kind.as_deref()),
            state: list(rows, |row| row.state.as_str()),
            attempts: list(rows, |row| row.attempts),
            error: list(rows, |row| row.error.as_deref()),
            conflict: list(rows, |row| row.conflict.as_deref()),
            received_at: list(rows, |row| row.received_at),
            processed_at: list(rows, |row| row.processed_at),
            due_at: list(rows, |row| row.due_at),
            bytes_at: list(rows, |row| row.bytes_at),
            headers_bytes: list(rows, |row| row.headers_bytes),
            body_bytes: list(rows, |row| row.body_bytes),
            lane: list(rows, |row| row.lane),
        }
    }
}

fn list<'a, T>(rows: &'a [EventRow], column: impl Fn(&'a EventRow) -> T) -> Vec<T> {
    rows.iter().map(column).collect()
}

/// `INSERT INTO events …` from lists, one for each column, each bound as an array.
macro_rules! from_lists {
    ($out:ident, $insert:ident: $first:ident $first_type:ty, $($column:ident $type:ty),*) => {
        $out.push_sql(concat!("INSERT INTO events (", stringify!($first), $(", ", stringify!($column),)* ", bundle) SELECT delivery.*, "));
        $out.push_bind_param::<Text, _>(&$insert.bundle.id)?;
        $out.push_sql(" FROM unnest(");
        $out.push_bind_param::<Array<$first_type>, _>(&$insert.$first)?;
        $(
            $out.push_sql(", ");
            $out.push_bind_param::<Array<$type>, _>(&$insert.$column)?;
        )*
        $out.push_sql(") AS delivery");
    };
}

impl QueryFragment<Pg> for Insert<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH added AS (");
        from_lists!(out, self: id Text, connection Text, dedupe_key Text, provider_event_id Nullable<Text>,
            kind Nullable<Text>, state Text, attempts BigInt, error Nullable<Text>, conflict Nullable<Text>,
            received_at BigInt, processed_at Nullable<BigInt>, due_at BigInt, bytes_at BigInt,
            headers_bytes BigInt, body_bytes BigInt, lane BigInt);
        out.push_sql(
            " ON CONFLICT (dedupe_key, connection) DO NOTHING RETURNING id), bundle AS (\
             INSERT INTO event_bundles (id, packing, unpacked_bytes, bytes) SELECT ",
        );
        out.push_bind_param::<Text, _>(&self.bundle.id)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(&self.bundle.packing)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&self.bundle.unpacked_bytes)?;
        out.push_sql(", ");
        out.push_bind_param::<Binary, _>(&self.bundle.bytes)?;
        out.push_sql(" WHERE EXISTS (SELECT 1 FROM added)) SELECT id FROM added");
        Ok(())
    }
}

impl QueryId for Insert<'_> {
    type QueryId = Insert<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for Insert<'_> {
    type SqlType = Text;
}

impl RunQueryDsl<C> for Insert<'_> {}

/// Three inserts as one statement: one round trip, and each sees what the others bring once all are done.
#[derive(QueryId)]
pub struct Together<A, B, D>(A, B, D);

impl<A, B, D> Together<A, B, D> {
    pub fn of((first, second, last): (A, B, D)) -> Self {
        Self(first, second, last)
    }
}

impl<A: QueryFragment<Pg>, B: QueryFragment<Pg>, D: QueryFragment<Pg>> QueryFragment<Pg>
    for Together<A, B, D>
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH first AS (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql("), second AS (");
        self.1.walk_ast(out.reborrow())?;
        out.push_sql(") ");
        self.2.walk_ast(out.reborrow())
    }
}

impl<A, B, D> RunQueryDsl<C> for Together<A, B, D> {}
