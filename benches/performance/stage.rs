//! The service over each database, as durable as in production.

// The tests' own server, which is gone when the process is.
#[expect(
    dead_code,
    unused_imports,
    reason = "the benches need less of it than the tests"
)]
#[path = "../../tests/it/cluster.rs"]
mod cluster;

use crate::cpu::Cpu;
use crate::deliveries::SECRET;
use avstem::app::App;
use avstem::app::measure::Meters;
use avstem::app::receive_webhook;
use avstem::app::seams::Seams;
use avstem::app::signals::Signals;
use avstem::clock::Clock;
use avstem::config::Config;
use avstem::gateway::Gateway;
use avstem::store::{ReadTx, Store, StoreError};
use avstem_domain::refund_policy::Policy;
use avstem_domain::time::Timestamp;
use avstem_simulator::WebhookDelivery;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use std::cell::RefCell;
use std::sync::Arc;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// Those that can be measured here. Says so of one that cannot.
#[expect(
    clippy::disallowed_methods,
    reason = "where the machine keeps PostgreSQL is no setting of the service"
)]
pub fn databases() -> Vec<Database> {
    if std::env::var_os("AVSTEM_TEST_POSTGRES_BIN").is_some() {
        return vec![Database::Sqlite, Database::Postgres];
    }
    println!(
        "PostgreSQL: NOT MEASURED; set AVSTEM_TEST_POSTGRES_BIN to the folder of initdb and postgres"
    );
    vec![Database::Sqlite]
}

impl Database {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// What it costs to use it.
    pub fn cpu(self) -> Cpu {
        match self {
            Self::Sqlite => Cpu::own(),
            Self::Postgres => {
                let server = cluster::shared();
                let checkpointer =
                    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'";
                let pid = server.run_sql(&server.database(), checkpointer).unwrap();
                Cpu::with_server(pid.parse().unwrap())
            }
        }
    }

    /// The service over a new database, its clock standing at `now`.
    pub fn stage(self, now: Timestamp) -> Stage {
        // Beside what is built: a temporary folder may be in memory, where nothing is durable.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let url = match self {
            Self::Sqlite => format!("sqlite://{}", folder.path().join("avstem.db").display()),
            Self::Postgres => cluster::shared().database(),
        };
        let settings = format!("[connections.stripe]\nwebhook_secrets = [\"{SECRET}\"]\n");
        let config = Config::from_parts(&settings, &[]).unwrap();
        let app = App {
            store: Store::open(&url).unwrap(),
            meters: Meters::new(&config, now).unwrap(),
            clock: Clock::manual(now),
            gateway: Gateway::https().unwrap(),
            config,
            policy: Policy::reference().unwrap(),
            signals: Signals::default(),
            seams: Seams::default(),
        };
        app.store.migrate().unwrap();
        Stage {
            app: Arc::new(app),
            url,
            folder,
        }
    }

    /// A new database, from which the other one is seen as `old`.
    pub fn beside(self, aged: &Aged) -> Fresh {
        match self {
            Self::Sqlite => {
                let path = aged.folder.path().join("fresh.db").display().to_string();
                let store = Store::open(&format!("sqlite://{path}")).unwrap();
                store.migrate().unwrap();
                let mut connection = SqliteConnection::establish(&path).unwrap();
                let old = aged.url.trim_start_matches("sqlite://");
                let settings = format!("{AS_OUR_WRITER} ATTACH '{old}' AS old;");
                connection.batch_execute(&settings).unwrap();
                Fresh::Sqlite(RefCell::new(connection))
            }
            Self::Postgres => {
                let fresh = Fresh::Postgres(aged.url.clone());
                let away = "ALTER SCHEMA public RENAME TO old; CREATE SCHEMA public;".to_owned();
                fresh.run(&[away]);
                Store::open(&aged.url).unwrap().migrate().unwrap();
                fresh.run(&["ANALYZE;".to_owned()]);
                fresh
            }
        }
    }
}

/// What the service sets on its own connection.
const AS_OUR_WRITER: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
     PRAGMA temp_store = MEMORY; PRAGMA wal_autocheckpoint = 4096; PRAGMA cache_size = -32000;";

/// A database that nothing uses any more.
pub struct Aged {
    url: String,
    folder: tempfile::TempDir,
}

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

/// Dropped last, the folder takes the database with it.
pub struct Stage {
    pub app: Arc<App>,
    url: String,
    folder: tempfile::TempDir,
}

/// Deliveries in one commit, as many as the service's intake takes at most.
const BATCH: usize = 256;

impl Stage {
    /// Verifies and stores deliveries as fast as one thread can.
    pub fn store(&self, deliveries: &[WebhookDelivery]) {
        for batch in deliveries.chunks(BATCH) {
            let admitted = batch.iter().map(|delivery| {
                let body = delivery.body.clone();
                receive_webhook::admit(&self.app, "stripe", &delivery.headers, body).unwrap()
            });
            receive_webhook::store(&self.app, &admitted.collect::<Vec<_>>()).unwrap();
        }
    }

    /// Closes the service.
    pub fn closed(self) -> Aged {
        drop(self.app);
        Aged {
            url: self.url,
            folder: self.folder,
        }
    }

    /// Whether anything is to be worked on now.
    pub fn waits(&self) -> bool {
        let now = self.app.clock.now().as_micros();
        let waiting = |tx: &mut ReadTx<'_>| tx.events_waiting(now, 1);
        let waiting = self.app.store.read::<_, StoreError>(waiting);
        !waiting.unwrap().is_empty()
    }

    /// How many deliveries are stored and not worked on.
    pub fn received(&self) -> usize {
        let count = |tx: &mut ReadTx<'_>| tx.count_events("received");
        let count = self.app.store.read::<_, StoreError>(count);
        usize::try_from(count.unwrap()).unwrap()
    }
}
