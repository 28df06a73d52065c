//! The queries, written once and compiled for each database's connection type `C`.

pub mod access;
pub mod account;
pub mod agreeing;
pub mod answers;
pub mod audit;
pub mod bank_lines;
pub mod billing;
pub mod breaks;
pub mod bundles;
pub mod cancellations;
pub mod disputes;
pub mod gauges;
pub mod inbox;
pub mod journals;
pub mod ledger;
pub mod lookup;
pub mod periods;
pub mod projections;
pub mod provider_lines;
pub mod queue;
pub mod refunds;
pub mod reports;
pub mod statement_files;
pub mod syncing;
pub mod unreported;
pub mod vouchers;

pub(super) use super::C;

/// The database the queries are compiled for.
pub(super) type Db = <C as diesel::Connection>::Backend;

/// Rows that a list looks at for one page, where it is narrowed by something that has no index of its own: some
/// ten milliseconds, however many rows there are and however few are asked for.
pub(super) const LOOKED_AT_MAX: i64 = 20_000;

/// Added to a column for which an index must not be taken: what is read in the order of another goes on from page
/// to page where it stopped, and would otherwise be found anew, and sorted, for each.
pub(super) const NOT_BY_THIS: i64 = 0;

/// Inserts rows, or brings rows with the same key to these values.
macro_rules! upsert {
    ($c:expr, $table:ident, $rows:expr, [$($key:ident),+], [$($column:ident),+ $(,)?]) => {{
        use crate::schema::$table;
        for chunk in $rows.chunks($crate::rows::CHUNK) {
            diesel::insert_into($table::table)
                .values(chunk)
                .on_conflict(($($table::$key),+))
                .do_update()
                .set(($($table::$column.eq(diesel::upsert::excluded($table::$column))),+))
                .execute($c)?;
        }
        QueryResult::Ok(())
    }};
}

pub(super) use upsert;

/// Whether an id looks like one of ours: they all begin with `av`.
pub(super) fn looks_like_ours(id: &str) -> bool {
    id.starts_with("av")
}

/// The row with our id, or else, of those with another's id, the first or the last (`min_by`, `max_by`) by ours. Each is
/// asked for by itself, and in no order: PostgreSQL, asked for the first of both at once, goes through the table in the order
/// of our ids until it meets one, as long as it has not counted how many share a provider's id. The one that it looks
/// like is asked for first, and mostly that is all.
macro_rules! find_either {
    ($c:expr, $row:ty, $table:ident . $other:ident, $id:expr, $which:ident) => {{
        let by_ours = |c: &mut C| -> QueryResult<Option<$row>> {
            $table::table
                .filter($table::id.eq($id))
                .select(<$row>::as_select())
                .first(c)
                .optional()
        };
        let by_others = |c: &mut C| -> QueryResult<Option<$row>> {
            let others: Vec<$row> = $table::table
                .filter($table::$other.eq($id))
                .select(<$row>::as_select())
                .load(c)?;
            Ok(others
                .into_iter()
                .$which(|one, other| one.id.cmp(&other.id)))
        };
        if super::looks_like_ours($id) {
            by_ours($c)?.map_or_else(|| by_others($c), |row| Ok(Some(row)))
        } else {
            by_others($c)?.map_or_else(|| by_ours($c), |row| Ok(Some(row)))
        }
    }};
}

pub(super) use find_either;
