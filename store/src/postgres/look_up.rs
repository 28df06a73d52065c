//! Rows by a list of values of one column, each looked up in an index by itself.
//!
//! Asked for any of a list, a server that has no figures of a table yet, or old ones, would rather read all rows
//! of the connection, for it takes them to be few. So the statement leaves it no choice but to look up one value
//! after the other, whether its plan is kept or made anew (`connections.rs`).

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, Text};

pub struct LookUp<'a, V, S, F> {
    pub table: &'static str,
    pub column: &'static str,
    pub values: &'a [V],
    /// The columns of a row.
    pub select: S,
    /// What else must hold of it.
    pub filter: F,
}

/// Of what is looked up nothing else must hold.
pub struct All;

pub struct And<F>(pub F);

impl QueryFragment<Pg> for All {
    fn walk_ast<'b>(&'b self, _: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        Ok(())
    }
}

impl<F: QueryFragment<Pg>> QueryFragment<Pg> for And<F> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(" AND ");
        self.0.walk_ast(out)
    }
}

impl<V, S, F> QueryFragment<Pg> for LookUp<'_, V, S, F>
where
    [V]: ToSql<Array<Text>, Pg>,
    S: QueryFragment<Pg>,
    F: QueryFragment<Pg>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT found.* FROM (SELECT DISTINCT unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.values)?;
        out.push_sql(")) AS wanted (value) CROSS JOIN LATERAL (SELECT ");
        self.select.walk_ast(out.reborrow())?;
        out.push_sql(" FROM ");
        out.push_identifier(self.table)?;
        out.push_sql(" WHERE ");
        out.push_identifier(self.table)?;
        out.push_sql(".");
        out.push_identifier(self.column)?;
        out.push_sql(" = wanted.value");
        self.filter.walk_ast(out.reborrow())?;
        // Without this the planner would take the two apart again.
        out.push_sql(" OFFSET 0) AS found");
        Ok(())
    }
}

impl<V, S, F> QueryId for LookUp<'_, V, S, F> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<V, S: Expression, F> Query for LookUp<'_, V, S, F> {
    type SqlType = S::SqlType;
}

impl<V, S, F> RunQueryDsl<super::C> for LookUp<'_, V, S, F> {}
