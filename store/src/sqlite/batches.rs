//! How rows are written and looked up in batches on SQLite: by statements of one row, which are prepared once.
//! To read a statement of many rows or values, new each time, takes longer than the rows.

/// Inserts rows, and says how many were new.
macro_rules! insert_rows {
    ($c:expr, $table:ident, $rows:expr $(, $on_conflict:ident)?) => {{
        let mut inserted = 0usize;
        for row in $rows {
            let insert = diesel::insert_into($table::table).values(row)$(.$on_conflict())?;
            inserted = inserted.saturating_add(prepared!(insert).execute($c)?);
        }
        QueryResult::Ok(inserted)
    }};
}

/// Rows of one statement. SQLite keeps, for each statement that may fail halfway, a copy of every page that it changes;
/// tables with triggers or foreign keys have such statements, and their rows share most pages with those beside them.
pub(crate) const TOGETHER: usize = 16;

/// Runs `$statement` with the rows of each group of [`TOGETHER`], and then with each that is left.
macro_rules! in_groups {
    ($c:expr, $row:ty, $rows:expr, $statement:ident) => {{
        let rows: &[$row] = $rows;
        let (groups, rest) = rows.as_chunks::<{ crate::sqlite::batches::TOGETHER }>();
        for group in groups {
            $statement(group).execute($c)?;
        }
        for row in rest {
            $statement(std::array::from_ref(row)).execute($c)?;
        }
        QueryResult::Ok(())
    }};
}

/// A statement with the name `$statement` that inserts so many rows, and then `$ending`.
macro_rules! statement_of_rows {
    ($statement:ident, $row:ty, $table:ident, [$first:ident $(, $column:ident)*], $ending:expr) => {
        struct $statement<'a, const COUNT: usize>(&'a [$row; COUNT]);
        impl<const COUNT: usize> QueryFragment<Sqlite> for $statement<'_, COUNT> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
                out.push_sql(concat!(
                    "INSERT INTO ", stringify!($table), " (", stringify!($first) $(, ", ", stringify!($column))*, ") VALUES "
                ));
                let mut opening = "(";
                for row in self.0 {
                    out.push_sql(std::mem::replace(&mut opening, ", ("));
                    out.push_bind_param::<diesel::dsl::SqlTypeOf<$table::$first>, _>(&row.$first)?;
                    $(
                        out.push_sql(", ");
                        out.push_bind_param::<diesel::dsl::SqlTypeOf<$table::$column>, _>(&row.$column)?;
                    )*
                    out.push_sql(")");
                }
                out.push_sql($ending);
                Ok(())
            }

            fn is_safe_to_cache_prepared(&self, _: &Sqlite) -> QueryResult<bool> {
                Ok(true)
            }
        }
        impl<const COUNT: usize> QueryId for $statement<'_, COUNT> {
            type QueryId = $statement<'static, COUNT>;
            const HAS_STATIC_QUERY_ID: bool = true;
        }
        impl<const COUNT: usize> RunQueryDsl<C> for $statement<'_, COUNT> {}
    };
}

/// Inserts rows of some tables, of which none is there, one table after the other.
macro_rules! add_together {
    ($c:expr, $($row:ty, $table:ident, $rows:expr, [$($column:ident),+ $(,)?]);+ $(;)?) => {{
        $(add_rows!($c, $row, $table, $rows, [$($column),+])?;)+
        QueryResult::Ok(())
    }};
}

/// Changes rows by a statement whose text is the same whenever this line runs, and says how many.
macro_rules! changed {
    ($c:expr, $statement:expr) => {
        prepared!($statement).execute($c)
    };
}

/// The same, where it is known how many.
macro_rules! change {
    ($c:expr, $statement:expr) => {
        changed!($c, $statement).map(|_| ())
    };
}

/// Changes rows with some ids by a statement whose text is another for each number of them.
macro_rules! change_any {
    ($c:expr, $statement:expr) => {
        $statement.execute($c).map(|_| ())
    };
}

/// A query about rows with some ids as it is: its text is another for each number of them.
macro_rules! of_any_number {
    ($query:expr) => {
        $query
    };
}

/// Inserts groups of rows by statements with an ending.
macro_rules! insert_ending {
    ($c:expr, $row:ty, $table:ident, $rows:expr, [$($column:ident),+], $ending:expr) => {{
        use crate::schema::$table;
        use diesel::query_builder::{AstPass, QueryFragment, QueryId};
        use diesel::sqlite::Sqlite;
        statement_of_rows!(Statement, $row, $table, [$($column),+], $ending);
        in_groups!($c, $row, $rows, Statement)
    }};
}

/// A query as it is: there is one writer, and nobody else locks rows.
macro_rules! not_locked {
    ($query:expr) => {
        $query
    };
}

/// The same.
macro_rules! locked {
    ($query:expr) => {
        $query
    };
}

/// What is seen of rows that nobody else can have taken.
macro_rules! where_nobody_locks {
    ($seen:expr) => {
        $seen
    };
}

/// Between which ids deliveries lie that can be written by one walk.
macro_rules! by_one_walk {
    ($c:expr, $ids:expr) => {
        crate::sqlite::walk::ends($c, $ids)?
    };
}

/// Loads the rows whose column is one of `values`. Where SQLite knows nothing of a table, it may look through all
/// rows of a connection for a list; never for one value. The text of a filter must be the same whatever its values are.
macro_rules! load_in {
    ($c:expr, $row:ty, $table:ident . $column:ident, $values:expr $(, $filter:expr)* $(,)?) => {{
        use crate::schema::$table;
        let mut wanted: Vec<&str> = $values.iter().map(AsRef::as_ref).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let mut found: Vec<$row> = Vec::new();
        for value in wanted {
            let rows = $table::table
                .filter($table::$column.eq(value))
                $(.filter($filter))*
                .select(<$row>::as_select());
            found.extend(prepared!(rows).load::<$row>($c)?);
        }
        QueryResult::Ok(found)
    }};
}
