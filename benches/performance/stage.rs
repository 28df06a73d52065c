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
}

/// Dropped last, the folder takes the database with it.
pub struct Stage {
    pub app: Arc<App>,
    /// Of its database.
    pub url: String,
    /// Where the database and what is made of it lie.
    pub folder: tempfile::TempDir,
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
