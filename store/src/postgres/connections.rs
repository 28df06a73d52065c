//! Connections to PostgreSQL: how they are made, what they are set to, and whether they are still there.

use super::{C, StoreError, driven, execute};
use diesel::connection::TransactionManager;
use diesel_async::AsyncPgConnection;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// What every connection is set to; a commit that is not on disk is no commit.
/// Nothing asked here runs for so long that to compile it would be worth while. Journals are written with their postings in
/// one statement, whose triggers then see them whole; otherwise each posting would be looked at once more at the commit.
pub const SESSION: &str = "SET synchronous_commit = on; SET lock_timeout = '30s'; SET statement_timeout = '10min'; SET TIME ZONE 'UTC'; SET jit = off; SET avstem.whole_journals = 'on'";
const PLANNED_ANEW: &str = "SET plan_cache_mode = force_custom_plan";
/// A batch of deliveries is some forty statements, and to plan one takes as long as to run it. All of them ask by keys, which
/// is done by indexes whatever is in the tables.
const PLANNED_ONCE: &str = "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_bitmapscan = off; \
     SET enable_hashjoin = off; SET enable_mergejoin = off";
const PLANS_FORGOTTEN: &str = "DISCARD PLANS";
/// Transactions for which plans are kept, at most.
const KEPT_FOR: u32 = 16;

/// How long a connection keeps the plan of a statement that it has prepared.
#[derive(Debug, Clone, Copy)]
pub enum Plans {
    /// Until they are forgotten, see [`Pooled::renew_plans`]. For statements that ask by keys, and for the first rows of an index.
    Kept,
    /// Not at all: a plan that was made when a table was empty reads all of it, and would do so until the server counts the
    /// table, which may be minutes after it has grown.
    Anew,
}

impl Plans {
    const fn setting(self) -> &'static str {
        match self {
            Self::Kept => PLANNED_ONCE,
            Self::Anew => PLANNED_ANEW,
        }
    }
}

/// A server, and how it is talked to.
pub struct Server {
    pub url: String,
    pub tls: tokio_postgres_rustls::MakeRustlsConnect,
}

impl Server {
    pub fn at(url: &str) -> Result<Arc<Self>, StoreError> {
        Ok(Arc::new(Self {
            url: url.to_owned(),
            tls: tls()?,
        }))
    }

    pub fn pool(
        self: &Arc<Self>,
        connections_max: u32,
        wait_max: Duration,
        plans: Plans,
    ) -> Result<Pool, StoreError> {
        let connections = Connections {
            server: Arc::clone(self),
            plans,
        };
        r2d2::Pool::builder()
            .max_size(connections_max)
            .min_idle(Some(0))
            .connection_timeout(wait_max)
            .test_on_check_out(true)
            .build(connections)
            .map_err(unreachable)
    }

    pub fn connect(&self, plans: Plans) -> Result<Pooled, StoreError> {
        let closed = Arc::new(AtomicBool::new(false));
        let at_end = Arc::clone(&closed);
        let connecting = async {
            let (client, connection) = tokio_postgres::connect(&self.url, self.tls.clone())
                .await
                .map_err(unreachable)?;
            tokio::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::warn!(error = %error, "Lost a connection to PostgreSQL");
                }
                at_end.store(true, Ordering::Release);
            });
            AsyncPgConnection::try_from(client)
                .await
                .map_err(unreachable)
        };
        let runtime = driven::runtime().map_err(unreachable)?;
        let connection = runtime.block_on(connecting)?;
        let mut connection = driven::by_its_user(&runtime, connection);
        execute(&mut connection, &format!("{SESSION}; {}", plans.setting()))?;
        Ok(Pooled {
            connection,
            runtime,
            closed,
            begun: 0,
            forgets_at: 1,
        })
    }
}

/// TLS is used when the URL asks for it (`sslmode=require`), with the system's certificates.
fn tls() -> Result<tokio_postgres_rustls::MakeRustlsConnect, StoreError> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(unreachable)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(tokio_postgres_rustls::MakeRustlsConnect::new(config))
}

/// A pool's way to its server.
pub struct Connections {
    server: Arc<Server>,
    plans: Plans,
}

pub type Pool = r2d2::Pool<Connections>;

/// A connection, and whether its socket has closed behind our back.
pub struct Pooled {
    pub connection: C,
    runtime: Arc<tokio::runtime::Runtime>,
    closed: Arc<AtomicBool>,
    /// Transactions so far, and the one before which plans are forgotten.
    begun: u32,
    forgets_at: u32,
}

impl Pooled {
    /// Asked before each transaction of a connection that keeps plans which depend on what is in the tables. While tables are
    /// empty all indexes that begin with the connection are as good as each other to the server, and what it then chooses
    /// reads all of the connection. So plans are made again before the second transaction, the third, the fifth, the ninth,
    /// and each sixteenth from then on.
    ///
    /// # Errors
    /// When the server cannot be asked to forget them.
    pub fn renew_plans(&mut self) -> Result<(), StoreError> {
        if self.begun == self.forgets_at {
            execute(&mut self.connection, PLANS_FORGOTTEN)?;
            let further = self.forgets_at.min(KEPT_FOR);
            self.forgets_at = self.forgets_at.wrapping_add(further);
        }
        self.begun = self.begun.wrapping_add(1);
        Ok(())
    }
}

impl r2d2::ManageConnection for Connections {
    type Connection = Pooled;
    type Error = StoreError;

    fn connect(&self) -> Result<Pooled, StoreError> {
        self.server.connect(self.plans)
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), StoreError> {
        driven::look(&pooled.runtime);
        if self.has_broken(pooled) {
            Err(unreachable("the server closed the connection"))
        } else {
            Ok(())
        }
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        type Manager = <C as diesel::Connection>::TransactionManager;
        pooled.closed.load(Ordering::Acquire)
            || Manager::is_broken_transaction_manager(&mut pooled.connection)
    }
}

/// A connection that is free, within a while.
pub fn taken(pool: &Pool) -> Result<r2d2::PooledConnection<Connections>, StoreError> {
    pool.get().map_err(unreachable)
}

pub fn unreachable(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::Connect(error.into())
}
