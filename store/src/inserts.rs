//! Inserts of many rows, the same on both databases but for how the rows reach it: `insert_ending!`, in each one's `batches.rs`.

/// Inserts rows of which none is there.
macro_rules! add_rows {
    ($c:expr, $row:ty, $table:ident, $rows:expr, [$($column:ident),+ $(,)?]) => {
        insert_ending!($c, $row, $table, $rows, [$($column),+], "")
    };
}

/// Inserts rows, and leaves those that are there already as they are.
macro_rules! add_new_rows {
    ($c:expr, $row:ty, $table:ident, $rows:expr, [$($column:ident),+ $(,)?]) => {
        insert_ending!($c, $row, $table, $rows, [$($column),+], " ON CONFLICT DO NOTHING")
    };
}

/// Inserts rows, or brings those with the same key to these values; columns of the second list stay.
/// diesel would prepare its own statement for this anew each time.
macro_rules! save_rows {
    ($c:expr, $row:ty, $table:ident, $rows:expr,
     [$first:ident $(, $key:ident)*], [$($kept:ident),*], [$set:ident $(, $column:ident)* $(,)?]) => {
        insert_ending!(
            $c, $row, $table, $rows, [$first $(, $key)* $(, $kept)*, $set $(, $column)*],
            concat!(
                " ON CONFLICT (", stringify!($first) $(, ", ", stringify!($key))*, ") DO UPDATE SET ",
                stringify!($set), " = excluded.", stringify!($set)
                $(, ", ", stringify!($column), " = excluded.", stringify!($column))*
            )
        )
    };
}

/// Inserts rows, or adds their amount to that of the row with the same key.
macro_rules! add_amounts {
    ($c:expr, $row:ty, $table:ident, $rows:expr, [$first:ident $(, $key:ident)*], $amount:ident) => {
        insert_ending!(
            $c, $row, $table, $rows, [$first $(, $key)*, $amount],
            concat!(
                " ON CONFLICT (", stringify!($first) $(, ", ", stringify!($key))*, ") DO UPDATE SET ",
                stringify!($amount), " = ", stringify!($table), ".", stringify!($amount), " + excluded.", stringify!($amount)
            )
        )
    };
}
