//! The service over each database, as durable as in production.

// The tests' own server, which is gone when the process is.
#[expect(
    dead_code,
    unused_imports,
    reason = "the benches need less of it than the tests"
)]
#[path = "../../tests/it/cluster.rs"]
pub mod cluster;

use crate::arguments::Arguments;
use crate::cpu::Cpu;
use crate::deliveries::SECRET;
use crate::fresh::Aged;
use crate::program::ADMIN_KEY;
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
use diesel::{Connection, SqliteConnection};
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// What docs/operating.md tells whoever runs PostgreSQL on two cores to set, as docker-compose.yml does.
pub const SERVER_SETTINGS: &[(&str, &str)] = &[
    ("shared_buffers", "1GB"),
    ("effective_cache_size", "3GB"),
    ("min_wal_size", "4GB"),
    ("max_wal_size", "4GB"),
    ("checkpoint_timeout", "15min"),
    ("checkpoint_completion_target", "0.9"),
    ("wal_compression", "lz4"),
    ("default_toast_compression", "lz4"),
];

/// The server as it is once it has run for a while: it has files of its log to use again, as many as it may. A new one
/// makes each 16 MiB of them by writing zeroes to the disk while everybody waits, once a second under load.
fn server() -> &'static cluster::Cluster {
    const FILES_TO_USE_AGAIN: &str = "SELECT count(pg_switch_wal()) FROM (SELECT pg_logical_emit_message(false, '', '') \
         FROM generate_series(1, 256) OFFSET 0) AS written";
    static RAN: OnceLock<()> = OnceLock::new();
    let server = cluster::shared();
    RAN.get_or_init(|| {
        let database = server.database();
        server.run_sql(&database, FILES_TO_USE_AGAIN).unwrap();
        server.run_sql(&database, "CHECKPOINT").unwrap();
    });
    server
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Database {
    Sqlite,
    Postgres,
}

/// Those that can be measured here, or of them the one that `--database` names. Says so of one that cannot.
#[expect(
    clippy::disallowed_methods,
    reason = "where the machine keeps PostgreSQL is no setting of the service"
)]
pub fn databases() -> Vec<Database> {
    let mut all = vec![Database::Sqlite, Database::Postgres];
    let arguments = Arguments::read();
    if let Some(only) = arguments.given("database") {
        all.retain(|database| database.key() == only);
        assert!(!all.is_empty(), "--database {only}: sqlite or postgresql");
    }
    if std::env::var_os("AVSTEM_TEST_POSTGRES_BIN").is_none() && all.contains(&Database::Postgres) {
        println!(
            "PostgreSQL: NOT MEASURED; set AVSTEM_TEST_POSTGRES_BIN to the folder of initdb and postgres"
        );
        all.retain(|database| *database == Database::Sqlite);
    }
    all
}

/// PostgreSQL's own client.
#[expect(
    clippy::disallowed_methods,
    reason = "where the machine keeps PostgreSQL is no setting of the service"
)]
pub fn psql() -> std::path::PathBuf {
    std::path::Path::new(&std::env::var_os("AVSTEM_TEST_POSTGRES_BIN").unwrap()).join("psql")
}

impl Database {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// As in the names of figures.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgresql",
        }
    }

    /// What it costs to use it.
    pub fn cpu(self) -> Cpu {
        match self {
            Self::Sqlite => Cpu::own(),
            Self::Postgres => {
                let server = server();
                let checkpointer =
                    "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'";
                let pid = server.run_sql(&server.database(), checkpointer).unwrap();
                Cpu::with_server(pid.parse().unwrap())
            }
        }
    }

    /// A new database, without tables.
    pub fn place(self) -> Place {
        // Beside what is built: a temporary folder may be in memory, where nothing is durable.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let url = match self {
            Self::Sqlite => format!("sqlite://{}", folder.path().join("avstem.db").display()),
            Self::Postgres => server().database(),
        };
        Place { url, folder }
    }

    /// The service over a new database, its clock standing at `now`.
    pub fn stage(self, now: Timestamp) -> Stage {
        let place = self.place();
        let app = place.app(now);
        app.store.migrate().unwrap();
        Stage { app, place }
    }

    /// As it is once it has run for a while, as [`server`] is.
    pub fn used_stage(self, now: Timestamp) -> Stage {
        let stage = self.stage(now);
        match self {
            Self::Sqlite => lengthen_log(&stage.place.folder().join("avstem.db")),
            Self::Postgres => {}
        }
        stage
    }
}

/// Gives SQLite's log the length that it gets. A commit that makes its file longer waits for the disk once more, for the
/// file's length, which no commit does after the first 32 MiB.
fn lengthen_log(database: &Path) {
    let mut connection = SqliteConnection::establish(database.to_str().unwrap()).unwrap();
    // What does not fit in memory goes to the log before there is a commit, and taking it back makes no file shorter.
    let filling = "PRAGMA cache_size = 16; BEGIN; CREATE TABLE filling (bytes BLOB); \
                   INSERT INTO filling VALUES (zeroblob(33554432)); ROLLBACK";
    connection.batch_execute(filling).unwrap();
    let log = std::fs::File::open(database.with_extension("db-wal")).unwrap();
    log.sync_all().unwrap();
}

/// A database of its own, and a folder, which takes an SQLite database with it when it is dropped.
pub struct Place {
    url: String,
    folder: tempfile::TempDir,
}

impl Place {
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The service over this database, its clock standing at `now`.
    pub fn app(&self, now: Timestamp) -> Arc<App> {
        let settings = format!(
            "admin_key = \"{ADMIN_KEY}\"\n[connections.stripe]\nwebhook_secrets = [\"{SECRET}\"]\n"
        );
        let config = Config::from_parts(&settings, &[]).unwrap();
        Arc::new(App {
            store: Store::open(&self.url).unwrap(),
            meters: Meters::new(&config, now).unwrap(),
            clock: Clock::manual(now),
            gateway: Gateway::https().unwrap(),
            config,
            policy: Policy::reference().unwrap(),
            signals: Signals::default(),
            seams: Seams::default(),
        })
    }
}

/// Dropped last, the place takes the database with it.
pub struct Stage {
    pub app: Arc<App>,
    pub place: Place,
}

/// Deliveries in one commit, as many as the service's intake takes at most.
const BATCH: usize = 256;

/// Verifies and stores deliveries as fast as one thread can.
pub fn store<'a>(app: &App, deliveries: impl Iterator<Item = (&'a [(String, String)], &'a [u8])>) {
    let mut admitted = deliveries
        .map(|(headers, body)| {
            receive_webhook::admit(app, "stripe", headers, body.to_vec()).unwrap()
        })
        .peekable();
    while admitted.peek().is_some() {
        let batch: Vec<_> = admitted.by_ref().take(BATCH).collect();
        receive_webhook::store(app, &batch).unwrap();
    }
}

impl Stage {
    pub fn store(&self, deliveries: &[WebhookDelivery]) {
        let deliveries = deliveries.iter();
        store(
            &self.app,
            deliveries.map(|delivery| (delivery.headers.as_slice(), delivery.body.as_slice())),
        );
    }

    /// Closes the service.
    pub fn closed(self) -> Aged {
        drop(self.app);
        Aged(self.place)
    }

    /// Whether anything is to be worked on now.
    pub fn waits(&self) -> bool {
        let now = self.app.clock.now().as_micros();
        let waiting = |tx: &mut ReadTx<'_>| tx.events_waiting(now, None, 1);
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
