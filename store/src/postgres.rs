//! PostgreSQL: blocking diesel over tokio-postgres with rustls, pooled by r2d2. No libpq, no OpenSSL.

use super::durability::{SERVER_SETTINGS, require_on};
use super::migrate::{self, Applied, Pending};
use super::rows::Event;
use super::transactions::{ReadTx, Standing, TxError, WriteTx};
use super::{Appended, BulkTx, StoreError, Turn, append};
use connections::{Plans, Pool, Pooled, Server, taken};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use std::sync::Arc;
use std::time::Duration;

mod connections;
pub(super) mod copier;
mod driven;
pub(super) mod insert;
mod locks;
pub(super) mod look_up;

#[macro_use]
mod batches;
pub(super) mod changed;

// The queries are compiled a second time against this connection type: see docs/decisions/0002.
#[path = "queries/mod.rs"]
#[expect(
    clippy::duplicate_mod,
    reason = "written once, compiled for each database's connection type"
)]
pub(super) mod queries;

/// The connection type the queries are compiled against.
pub type C = driven::Driven;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/postgres");
/// Connections for each kind of use, so that none has to wait for another: for storing deliveries, for booking what was
/// claimed and sealing it, for others who write state (one at a time has the lock, and the others wait for it here), and for reading.
const APPENDERS: u32 = 2;
const CLAIMERS: u32 = 4;
const WRITERS_MAX: u32 = 4;
const READERS_MAX: u32 = 6;
/// How long somebody waits for a connection: a writer as long as for the lock itself.
const WAIT_MAX: Duration = Duration::from_secs(10);
const WRITER_WAIT_MAX: Duration = Duration::from_secs(30);
const RETRIES_MAX: u32 = 5;
/// For what reads the first rows of an index: see [`Postgres::read_first`].
const FIRST_ROWS: &str = "SET LOCAL enable_bitmapscan = off";

pub(super) struct Postgres {
    appenders: Pool,
    claimers: Pool,
    writers: Pool,
    readers: Pool,
    server: Arc<Server>,
}

/// `batch_execute` of the blocking trait: the wrapper has one of the asynchronous trait too.
fn execute(c: &mut C, sql: &str) -> QueryResult<()> {
    SimpleConnection::batch_execute(c, sql)
}

impl Postgres {
    pub fn open(url: &str) -> Result<Self, StoreError> {
        let server = Server::at(url)?;
        // The pool would try for a while and then tell only that it waited: a wrong URL is told at once.
        drop(server.connect(Plans::Anew)?);
        let postgres = Self {
            appenders: server.pool(APPENDERS, WAIT_MAX, Plans::Kept)?,
            claimers: server.pool(CLAIMERS, WRITER_WAIT_MAX, Plans::Kept)?,
            writers: server.pool(WRITERS_MAX, WRITER_WAIT_MAX, Plans::Anew)?,
            readers: server.pool(READERS_MAX, WAIT_MAX, Plans::Anew)?,
            server,
        };
        postgres.require_durability()?;
        Ok(postgres)
    }

    fn require_durability(&self) -> Result<(), StoreError> {
        let settings =
            diesel::sql_query(SERVER_SETTINGS).load(&mut taken(&self.readers)?.connection)?;
        require_on(&settings)
    }

    pub fn migrate(&self) -> Result<Applied, StoreError> {
        let c = &mut taken(&self.writers)?.connection;
        execute(c, locks::MIGRATION)?;
        let applied = migrate::apply(c, MIGRATIONS);
        execute(c, locks::MIGRATION_END)?;
        applied
    }

    pub fn pending_migrations(&self) -> Result<Pending, StoreError> {
        migrate::pending(&mut taken(&self.readers)?.connection, MIGRATIONS)
    }

    pub fn read<R, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        work(&mut ReadTx::postgres(&mut taken(&self.readers)?.connection))
    }

    /// PostgreSQL would rather collect all rows and sort them where it expects few, and it learns only after
    /// a while that there are many. Not so while it may not collect.
    pub fn read_first<R, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut pooled = taken(&self.readers)?;
        let outcome = pooled.connection.transaction(|c| {
            execute(c, FIRST_ROWS)?;
            work(&mut ReadTx::postgres(c)).map_err(TxError::Work)
        });
        outcome.map_err(TxError::flatten)
    }

    pub fn snapshot<R, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.at_one_instant(|c| work(&mut ReadTx::postgres(c)))
    }

    pub fn snapshot_in_bulk<R, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut BulkTx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        self.at_one_instant(|c| {
            let copier = copier::Copier::beside(&self.server, c)?;
            work(&mut BulkTx::copying(ReadTx::postgres(c), copier))
        })
    }

    fn at_one_instant<R, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut C) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut pooled = taken(&self.readers)?;
        let outcome = pooled.connection.transaction(|c| {
            execute(
                c,
                "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
            )?;
            work(c).map_err(TxError::Work)
        });
        outcome.map_err(TxError::flatten)
    }

    pub fn write<R, E: From<StoreError>>(
        &self,
        mut work: impl FnMut(&mut WriteTx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        transact(&mut *taken(&self.writers)?, |c, standing| {
            execute(c, locks::of_writer(Turn::Alone))?;
            part(c, standing, Turn::Alone, &mut work)
        })
    }

    /// `claim` locks rows that nobody has locked and waits for none, so that whoever waits for the writer's lock
    /// with its rows keeps nobody from going on who has that lock. In lanes: None also when others are in all of them.
    pub fn write_claimed<T, R, E: From<StoreError>>(
        &self,
        turn: Turn,
        mut claim: impl FnMut(&mut WriteTx<'_>) -> Result<Option<T>, E>,
        mut work: impl FnMut(&mut WriteTx<'_>, &T) -> Result<R, E>,
    ) -> Result<Option<R>, E> {
        let mut claimer = taken(&self.claimers)?;
        claimer.renew_plans()?;
        transact(&mut claimer, |c, standing| {
            let turn = match turn {
                Turn::Alone => turn,
                Turn::Lanes(wanted) => match locks::enter(c, wanted)? {
                    Some(entered) => Turn::Lanes(entered),
                    None => return Ok(None),
                },
            };
            let Some(claimed) = part(c, standing, turn, &mut claim)? else {
                return Ok(None);
            };
            execute(c, locks::of_writer(turn))?;
            part(c, standing, turn, |tx| work(tx, &claimed)).map(Some)
        })
    }

    pub fn append_events(&self, events: &[Event]) -> Result<Vec<Appended>, StoreError> {
        let packed = append::pack(events)?;
        let c = &mut taken(&self.appenders)?.connection;
        let added = if let [_] = packed.as_slice() {
            // One statement is a transaction by itself.
            append::postgres(c, &packed)?
        } else {
            c.transaction(|c| append::postgres(c, &packed))?
        };
        append::answers(events, &added, |keys| {
            Ok(queries::inbox::events_by_keys(c, keys)?)
        })
    }
}

/// Runs a transaction, again when the server asks for that.
fn transact<R, E: From<StoreError>>(
    pooled: &mut Pooled,
    mut work: impl FnMut(&mut C, &mut Standing) -> Result<R, TxError<E>>,
) -> Result<R, E> {
    let mut attempt = 0;
    loop {
        let mut standing = Standing::Sound;
        let outcome = pooled.connection.transaction(|c| work(c, &mut standing));
        attempt += 1;
        let asked = standing == Standing::RetryAsked
            || matches!(&outcome, Err(TxError::Database(e)) if asks_for_retry(e));
        if outcome.is_ok() || !asked || attempt >= RETRIES_MAX {
            return outcome.map_err(TxError::flatten);
        }
        pause(attempt);
    }
}

/// A part of a transaction, and how it stands afterwards.
fn part<R, E>(
    c: &mut C,
    standing: &mut Standing,
    turn: Turn,
    mut work: impl FnMut(&mut WriteTx<'_>) -> Result<R, E>,
) -> Result<R, TxError<E>> {
    let mut tx = WriteTx::postgres(c, turn);
    let done = work(&mut tx).map_err(TxError::Work);
    *standing = tx.standing();
    let done = done?;
    tx.require_sound()?;
    Ok(done)
}

pub(super) fn asks_for_retry(error: &diesel::result::Error) -> bool {
    use diesel::result::{DatabaseErrorKind, Error};
    // diesel has no kind for a deadlock (40P01); its message is PostgreSQL's own.
    matches!(
        error,
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _)
    ) || matches!(error, Error::DatabaseError(_, info) if info.message().contains("deadlock detected"))
}

/// Waits 10, 20, 40 … ms, and a little more on some threads than on others, so that two that met do not meet again.
fn pause(attempt: u32) {
    let mut byte = [0u8; 1];
    let [byte] = if getrandom::fill(&mut byte).is_ok() {
        byte
    } else {
        [7]
    };
    std::thread::sleep(Duration::from_millis(
        (10u64 << attempt.min(6)) + u64::from(byte % 16),
    ));
}
