//! A new database with the service's tables, into which nothing but SQL writes: beside one that the service has
//! filled.

use crate::stage::{Database, Place, cluster};
use avstem::store::Store;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::cell::RefCell;

impl Database {
    /// A new database, from which the other one is seen as `old`.
    pub fn beside(self, aged: &Aged) -> Fresh {
        match self {
            Self::Sqlite => {
                let path = aged.0.folder().join("fresh.db").display().to_string();
                let store = Store::open(&format!("sqlite://{path}")).unwrap();
                store.migrate().unwrap();
                let mut connection = SqliteConnection::establish(&path).unwrap();
                let old = aged.0.url().trim_start_matches("sqlite://");
                let settings = format!("{AS_OUR_WRITER} ATTACH '{old}' AS old;");
                connection.batch_execute(&settings).unwrap();
                Fresh::Sqlite(RefCell::new(connection))
            }
            Self::Postgres => {
                let fresh = Fresh::Postgres(aged.0.url().to_owned());
                let away = "ALTER SCHEMA public RENAME TO old; CREATE SCHEMA public;".to_owned();
                fresh.run(&[away]);
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

/// A database that nothing uses any more.
pub struct Aged(pub(crate) Place);

/// A new database that nothing but SQL uses.
pub enum Fresh {
    Sqlite(RefCell<SqliteConnection>),
    Postgres(String),
}

#[derive(QueryableByName)]
struct Key {
    #[diesel(sql_type = Text)]
    key: String,
}

/// Statements that are handed to PostgreSQL's own client at a time: a command has not room for more.
const HANDED: usize = 100;

impl Fresh {
    pub fn run(&self, statements: &[String]) {
        match self {
            Self::Sqlite(connection) => {
                for sql in statements {
                    connection.borrow_mut().batch_execute(sql).unwrap();
                }
            }
            Self::Postgres(url) => {
                for some in statements.chunks(HANDED) {
                    cluster::shared().run_sql(url, &some.concat()).unwrap();
                }
            }
        }
    }

    /// What a query gives, of one column with the name `key`.
    pub fn list(&self, sql: &str) -> Vec<String> {
        match self {
            Self::Sqlite(connection) => {
                let query = diesel::sql_query(sql);
                let rows: Vec<Key> = query.load(&mut *connection.borrow_mut()).unwrap();
                rows.into_iter().map(|row| row.key).collect()
            }
            Self::Postgres(url) => {
                let lines = cluster::shared().run_sql(url, sql).unwrap();
                lines.lines().map(str::to_owned).collect()
            }
        }
    }

    pub fn count(&self, table: &str) -> usize {
        let count = self.list(&format!(
            "SELECT CAST(count(*) AS TEXT) AS key FROM {table}"
        ));
        count[0].parse().unwrap()
    }
}
