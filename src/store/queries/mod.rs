//! The queries, written once and compiled for each database's connection type `C`.

pub mod access;
pub mod account;
pub mod agreeing;
pub mod answers;
pub mod audit;
pub mod bank_lines;
pub mod billing;
pub mod breaks;
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
pub mod refunds;
pub mod reports;
pub mod statement_files;
pub mod syncing;
pub mod unreported;
pub mod vouchers;

pub(super) use super::C;

/// The database the queries are compiled for.
pub(super) type Db = <C as diesel::Connection>::Backend;

/// Inserts rows, or brings rows with the same key to these values.
macro_rules! upsert {
    ($c:expr, $table:ident, $rows:expr, [$($key:ident),+], [$($column:ident),+ $(,)?]) => {{
        use crate::store::schema::$table;
        for chunk in $rows.chunks($crate::store::rows::CHUNK) {
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
