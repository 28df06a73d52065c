//! A statement whose text never changes, found again by its name. diesel finds most by their type, once it has gone
//! through all of one to see that nothing makes its text another; of those with `ON CONFLICT` it writes the text anew
//! each time, only to look it up, and those that update, or have SQL of ours in them, are prepared anew each time, which is one
//! more journey to a server.

use diesel::backend::Backend;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use std::marker::PhantomData;

/// `Name` is a type of this statement's own.
pub struct Prepared<Q, Name> {
    statement: Q,
    name: PhantomData<Name>,
}

impl<Q, Name> Prepared<Q, Name> {
    pub const fn of(statement: Q) -> Self {
        Self {
            statement,
            name: PhantomData,
        }
    }
}

impl<Q: QueryFragment<DB>, Name, DB: Backend> QueryFragment<DB> for Prepared<Q, Name> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.statement.walk_ast(out)
    }

    /// Its text never changes. diesel would go through all values of each row to see that.
    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q, Name: 'static> QueryId for Prepared<Q, Name> {
    type QueryId = Prepared<(), Name>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<Q: Query, Name> Query for Prepared<Q, Name> {
    type SqlType = Q::SqlType;
}

impl<Q, Name, C> RunQueryDsl<C> for Prepared<Q, Name> {}

/// A statement whose text is the same whenever this line runs.
macro_rules! prepared {
    ($statement:expr) => {{
        struct Name;
        $crate::prepared::Prepared::<_, Name>::of($statement)
    }};
}
