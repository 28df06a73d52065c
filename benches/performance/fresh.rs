//! A new database with the service's tables, into which nothing but SQL writes: beside one that the service has
//! filled.

use crate::stage::{Database, Place, cluster};
use avstem::store::Store;
use rusqlite::Connection;

impl Database {
    /// A new database, from which the other one is seen as `old`; on PostgreSQL it takes the place of one before it.
    pub fn beside(self, aged: &Aged, name: &str) -> Fresh {
        match self {
            Self::Sqlite => {
                let path = aged.0.folder().join(format!("{name}.db"));
                let path = path.display().to_string();
                let store = Store::open(&format!("sqlite://{path}")).unwrap();
                store.migrate().unwrap();
                let connection = Connection::open(&path).unwrap();
                let old = aged.0.url().trim_start_matches("sqlite://");
                let settings = format!("{AS_OUR_WRITER} ATTACH '{old}' AS old;");
                connection.execute_batch(&settings).unwrap();
                connection.set_prepared_statement_cache_capacity(STATEMENTS);
                Fresh::Sqlite(connection)
            }
            Self::Postgres => {
                let fresh = Fresh::Postgres(aged.0.url().to_owned());
                fresh.run(&[AWAY.to_owned()]);
                Store::open(aged.0.url()).unwrap().migrate().unwrap();
                fresh.run(&["ANALYZE;".to_owned()]);
                fresh
            }
        }
    }
}

/// What the service sets on its own connection.
const AS_OUR_WRITER: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
     PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 8192; PRAGMA cache_size = -32000;";
/// Kept prepared: more than there are tables, with two statements for each.
const STATEMENTS: usize = 64;
/// The first database becomes `old`; later ones make room.
const AWAY: &str = "DO $$ BEGIN IF to_regnamespace('old') IS NULL THEN ALTER SCHEMA public RENAME TO old; \
     ELSE DROP SCHEMA public CASCADE; END IF; CREATE SCHEMA public; END $$;";

impl Place {
    /// As a database is whose rows have been there for a while: they are in its files, and on PostgreSQL what is vacuumed
    /// and counted from time to time has been. Else that goes on beside what is measured, hardly in small books and for
    /// minutes in large ones.
    pub fn settle(&self) {
        match self.url().strip_prefix("sqlite://") {
            Some(path) => {
                let connection = Connection::open(path).unwrap();
                connection
                    .execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")
                    .unwrap();
            }
            None => {
                for sql in ["VACUUM (ANALYZE)", "CHECKPOINT"] {
                    cluster::shared().run_sql(self.url(), sql).unwrap();
                }
            }
        }
    }
}

/// A database that nothing uses any more.
pub struct Aged(pub(crate) Place);

/// A new database that nothing but SQL uses.
pub enum Fresh {
    Sqlite(Connection),
    /// Its address.
    Postgres(String),
}

/// Statements that are handed to PostgreSQL at a time, and share a transaction.
const HANDED: usize = 100;

impl Fresh {
    pub fn run(&self, statements: &[String]) {
        match self {
            Self::Sqlite(connection) => {
                for sql in statements {
                    connection.execute_batch(sql).unwrap();
                }
            }
            Self::Postgres(url) => {
                for some in statements.chunks(HANDED) {
                    cluster::shared().run_sql(url, &some.concat()).unwrap();
                }
            }
        }
    }

    /// What a query gives, of its first column.
    pub fn list(&self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(connection) => {
                let mut query = connection.prepare(sql).unwrap();
                let rows = query.query_map((), |row| row.get(0)).unwrap();
                rows.map(Result::unwrap).collect()
            }
            Self::Postgres(url) => {
                let lines = cluster::shared().run_sql(url, sql).unwrap();
                lines.lines().map(str::to_owned).collect()
            }
        }
    }

    pub fn count(&self, table: &str) -> usize {
        let count = self.list(&format!("SELECT CAST(count(*) AS TEXT) FROM {table}"));
        count[0].parse().unwrap()
    }
}
