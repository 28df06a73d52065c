//! How rows are written and looked up in batches on SQLite: by statements of one row, which are prepared once.
//! To read a statement of many rows or values, new each time, takes longer than the rows.

/// Inserts rows, and says how many were new.
macro_rules! insert_rows {
    ($c:expr, $table:ident, $rows:expr $(, $on_conflict:ident)?) => {{
        use crate::store::sqlite::prepared::Prepared;
        struct Name;
        let mut inserted = 0usize;
        for row in $rows {
            let insert = diesel::insert_into($table::table).values(row)$(.$on_conflict())?;
            inserted = inserted.saturating_add(Prepared::<_, Name>::of(insert).execute($c)?);
        }
        QueryResult::Ok(inserted)
    }};
}

/// Inserts rows of which none is there.
macro_rules! add_rows {
    ($c:expr, $row:ty, $table:ident, $rows:expr, [$($column:ident),+ $(,)?]) => {{
        use crate::store::schema::$table;
        insert_rows!($c, $table, $rows).map(|_| ())
    }};
}

/// Inserts rows, or brings those with the same key to these values; columns of the second list stay.
/// diesel would prepare its own statement for this anew each time.
macro_rules! save_rows {
    ($c:expr, $row:ty, $table:ident, $rows:expr,
     [$first:ident $(, $key:ident)*], [$($kept:ident),*], [$set:ident $(, $column:ident)* $(,)?]) => {{
        use crate::store::schema::$table;
        use diesel::query_builder::{AstPass, QueryFragment, QueryId};
        use diesel::sqlite::Sqlite;
        struct Save<'a>(&'a $row);
        impl QueryFragment<Sqlite> for Save<'_> {
            fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
                let row = self.0;
                out.push_sql(concat!(
                    "INSERT INTO ", stringify!($table), " (", stringify!($first)
                    $(, ", ", stringify!($key))* $(, ", ", stringify!($kept))*,
                    ", ", stringify!($set) $(, ", ", stringify!($column))*, ") VALUES ("
                ));
                out.push_bind_param::<diesel::dsl::SqlTypeOf<$table::$first>, _>(&row.$first)?;
                $(
                    out.push_sql(", ");
                    out.push_bind_param::<diesel::dsl::SqlTypeOf<$table::$key>, _>(&row.$key)?;
                )*
                $(
                    out.push_sql(", ");
                    out.push_bind_param::<diesel::dsl::SqlTypeOf<$table::$kept>, _>(&row.$kept)?;
                )*
                out.push_sql(", ");
                out.push_bind_param::<diesel::dsl::SqlTypeOf<$table::$set>, _>(&row.$set)?;
                $(
                    out.push_sql(", ");
                    out.push_bind_param::<diesel::dsl::SqlTypeOf<$table::$column>, _>(&row.$column)?;
                )*
                out.push_sql(concat!(
                    ") ON CONFLICT (", stringify!($first) $(, ", ", stringify!($key))*, ") DO UPDATE SET ",
                    stringify!($set), " = excluded.", stringify!($set)
                    $(, ", ", stringify!($column), " = excluded.", stringify!($column))*
                ));
                Ok(())
            }

            fn is_safe_to_cache_prepared(&self, _: &Sqlite) -> QueryResult<bool> {
                Ok(true)
            }
        }
        impl QueryId for Save<'_> {
            type QueryId = Save<'static>;
            const HAS_STATIC_QUERY_ID: bool = true;
        }
        impl RunQueryDsl<C> for Save<'_> {}
        for row in $rows {
            Save(row).execute($c)?;
        }
        QueryResult::Ok(())
    }};
}

/// A query as it is: there is one writer, and nobody else locks rows.
macro_rules! not_locked {
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

/// A statement as it is: SQLite plans by no size of tables.
macro_rules! planned_anew {
    ($statement:expr) => {
        $statement
    };
}

/// Loads the rows whose column is one of `values`. Where SQLite knows nothing of a table, it may look through all
/// rows of a connection for a list; never for one value.
macro_rules! load_in {
    ($c:expr, $row:ty, $table:ident . $column:ident, $values:expr $(, $filter:expr)* $(,)?) => {{
        use crate::store::schema::$table;
        let wanted: std::collections::BTreeSet<&str> = $values.iter().map(AsRef::as_ref).collect();
        let mut found: Vec<$row> = Vec::new();
        for value in wanted {
            found.extend(
                $table::table
                    .filter($table::$column.eq(value))
                    $(.filter($filter))*
                    .select(<$row>::as_select())
                    .load::<$row>($c)?,
            );
        }
        QueryResult::Ok(found)
    }};
}
