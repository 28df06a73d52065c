//! A statement that changes rows, asked as a query for how many there were. diesel-async takes what is executed by reference,
//! and a reference does not pass on that its statement may be kept prepared; what is queried it takes as it is.

use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment};
use diesel::sql_types::BigInt;

pub struct Changed<Q>(pub Q);

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Changed<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH changed AS (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(" RETURNING 1) SELECT count(*) FROM changed");
        Ok(())
    }
}

impl<Q> Query for Changed<Q> {
    type SqlType = BigInt;
}
