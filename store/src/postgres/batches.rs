//! How rows are written and looked up in batches on PostgreSQL: by statements of all rows, for each is a journey to
//! the server. What is written is bound as a list for each column, so that the statement is the same for any number
//! of rows, and read and planned once.

/// Inserts rows, and says how many were new. Of rows that may be there already, or are few: read anew each time.
macro_rules! insert_rows {
    ($c:expr, $table:ident, $rows:expr $(, $on_conflict:ident)?) => {{
        let mut inserted = 0usize;
        for chunk in $rows.chunks($crate::rows::CHUNK) {
            let insert = diesel::insert_into($table::table).values(chunk);
            inserted = inserted.saturating_add(insert$(.$on_conflict())?.execute($c)?);
        }
        QueryResult::Ok(inserted)
    }};
}

/// Inserts rows of three tables, of which none is there, all in one statement; none of it when there are none.
macro_rules! add_together {
    ($c:expr, $($row:ty, $table:ident, $rows:expr, [$($column:ident),+ $(,)?]);+ $(;)?) => {{
        if $($rows.is_empty())&&+ {
            QueryResult::Ok(())
        } else {
            let together = ($(lists!($row, $table, $rows, [$($column),+], "")),+);
            $crate::postgres::insert::Together::of(together).execute($c).map(|_| ())
        }
    }};
}

/// Changes rows by a statement whose text is the same whenever this line runs, and says how many.
macro_rules! changed {
    ($c:expr, $statement:expr) => {
        prepared!($crate::postgres::changed::Changed($statement)).get_result::<i64>($c)
    };
}

/// The same, where it is known how many.
macro_rules! change {
    ($c:expr, $statement:expr) => {
        changed!($c, $statement).map(|_| ())
    };
}

/// Changes rows with some ids, which are bound as one list, so that the text is the same for any number of them.
macro_rules! change_any {
    ($c:expr, $statement:expr) => {
        change!($c, $statement)
    };
}

/// A query about rows with some ids, which are bound as one list, so that its text is the same for any number of them.
macro_rules! of_any_number {
    ($query:expr) => {
        prepared!($query)
    };
}

/// Inserts rows from a list for each column, and then `$ending`.
macro_rules! insert_ending {
    ($c:expr, $row:ty, $table:ident, $rows:expr, [$($column:ident),+], $ending:expr) => {{
        let rows: &[$row] = $rows;
        if rows.is_empty() {
            QueryResult::Ok(())
        } else {
            lists!($row, $table, rows, [$($column),+], $ending).execute($c).map(|_| ())
        }
    }};
}

/// `INSERT INTO … SELECT` from a list for each column, and then `$ending`.
macro_rules! lists {
    ($row:ty, $table:ident, $rows:expr, [$first:ident $(, $column:ident)*], $ending:expr) => {{
        use crate::postgres::insert::Stored;
        use crate::schema::$table;
        use diesel::dsl::SqlTypeOf;
        use diesel::pg::Pg;
        use diesel::query_builder::{AstPass, QueryFragment, QueryId};
        use diesel::sql_types::Array;
        struct Lists<'a> {
            $first: Vec<&'a <SqlTypeOf<$table::$first> as Stored>::Value>,
            $($column: Vec<&'a <SqlTypeOf<$table::$column> as Stored>::Value>,)*
        }
        impl QueryFragment<Pg> for Lists<'_> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                out.push_sql(concat!(
                    "INSERT INTO ", stringify!($table), " (", stringify!($first)
                    $(, ", ", stringify!($column))*, ") SELECT * FROM unnest("
                ));
                out.push_bind_param::<Array<SqlTypeOf<$table::$first>>, _>(&self.$first)?;
                $(
                    out.push_sql(", ");
                    out.push_bind_param::<Array<SqlTypeOf<$table::$column>>, _>(&self.$column)?;
                )*
                out.push_sql(concat!(") AS added", $ending));
                Ok(())
            }
        }
        impl QueryId for Lists<'_> {
            type QueryId = Lists<'static>;
            const HAS_STATIC_QUERY_ID: bool = true;
        }
        impl RunQueryDsl<C> for Lists<'_> {}
        let rows: &[$row] = $rows;
        Lists {
            $first: rows.iter().map(|row| &row.$first).collect(),
            $($column: rows.iter().map(|row| &row.$column).collect(),)*
        }
    }};
}

/// A query, of the rows that nobody else has locked; they are ours until the transaction ends. Others may go on
/// reading them, and find them when they ask whether a delivery is here already.
macro_rules! not_locked {
    ($query:expr) => {
        $query.for_no_key_update().skip_locked()
    };
}

/// A query, of rows that are ours until the transaction ends, once whoever has them lets go of them.
macro_rules! locked {
    ($query:expr) => {
        $query.for_no_key_update()
    };
}

/// Nothing: whoever only looks does not know whether another has taken what is seen.
macro_rules! where_nobody_locks {
    ($seen:expr) => {
        Default::default()
    };
}

/// None: those of a batch are of some lanes, and those of others lie between them.
macro_rules! by_one_walk {
    ($c:expr, $ids:expr) => {
        None::<(&str, &str)>
    };
}

/// Loads the rows whose column is one of `values`.
macro_rules! load_in {
    ($c:expr, $row:ty, $table:ident . $column:ident, $values:expr $(, $filter:expr)* $(,)?) => {{
        use crate::postgres::look_up::LookUp;
        if $values.is_empty() {
            QueryResult::Ok(Vec::<$row>::new())
        } else {
            let look_up = LookUp {
                table: stringify!($table),
                column: stringify!($column),
                values: &$values[..],
                select: <$row>::as_select(),
                filter: load_in!(@ $table $(, $filter)*),
            };
            look_up.load::<$row>($c)
        }
    }};
    (@ $table:ident) => { $crate::postgres::look_up::All };
    (@ $table:ident, $first:expr $(, $filter:expr)*) => {{
        use crate::schema::$table;
        $crate::postgres::look_up::And($first$(.and($filter))*)
    }};
}
