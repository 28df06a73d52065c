//! SQLite: one writer connection, a few readers; every connection is set up and read back.

use super::durability::require_pragma;
use super::migrate::{self, Applied, Pending};
use super::rows::Event;
use super::transactions::{ReadTx, TxError, WriteTx};
use super::{Appended, BulkTx, StoreError, append};
use checkpointer::Checkpointer;
use diesel::connection::{SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

#[macro_use]
mod batches;
mod checkpointer;
mod walk;

#[path = "queries/mod.rs"]
pub(super) mod queries;

/// The connection type the queries are compiled against.
pub type C = SqliteConnection;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const READERS_MAX: u32 = 4;
/// Pages in the log, of 4 KiB, at which a commit also moves those of them that are not moved yet, so that the log can
/// begin anew: 32 MiB.
const WAL_PAGES: u32 = 8_192;

pub(super) struct Sqlite {
    path: String,
    durability: Durability,
    writer: Mutex<SqliteConnection>,
    /// Held by whoever is to have the writer next. Without it, one who writes again and again, such as
    /// processing that works off a backlog, would let nobody else have it.
    turn: Mutex<()>,
    readers: r2d2::Pool<Readers>,
    /// None where nothing has to last.
    checkpointer: Option<Checkpointer>,
}

/// What a commit promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// It is on disk when it returns.
    Full,
    /// Nothing: the file is thrown away with the process.
    None,
}

/// Makes and checks reader connections for the pool.
struct Readers {
    path: String,
    durability: Durability,
}

impl r2d2::ManageConnection for Readers {
    type Connection = SqliteConnection;
    type Error = StoreError;

    fn connect(&self) -> Result<SqliteConnection, StoreError> {
        connect(&self.path, self.durability)
    }

    fn is_valid(&self, _: &mut SqliteConnection) -> Result<(), StoreError> {
        Ok(()) // a connection to a local file does not break by itself
    }

    fn has_broken(&self, connection: &mut SqliteConnection) -> bool {
        is_inside_transaction(connection)
    }
}

/// Whether whoever used the connection before panicked and left a transaction open.
fn is_inside_transaction(connection: &mut SqliteConnection) -> bool {
    <C as diesel::Connection>::TransactionManager::is_broken_transaction_manager(connection)
}

impl Sqlite {
    pub fn open(path: &str, durability: Durability) -> Result<Self, StoreError> {
        if path.is_empty() || path == ":memory:" {
            return Err(StoreError::Unsafe(
                "sqlite:// needs the path of a file: books in memory are gone with the process"
                    .to_owned(),
            ));
        }
        create_private(path)?;
        let writer = Mutex::new(connect_writer(path, durability)?);
        let readers = r2d2::Pool::builder()
            .max_size(READERS_MAX)
            .min_idle(Some(0));
        let readers = match durability {
            Durability::Full => readers,
            // The pool's threads end with it only if they have no connections to watch over.
            Durability::None => readers.max_lifetime(None).idle_timeout(None),
        };
        let readers = readers
            .build(Readers {
                path: path.to_owned(),
                durability,
            })
            .map_err(|e| StoreError::Connect(Box::new(e)))?;
        Ok(Self {
            path: path.to_owned(),
            durability,
            writer,
            turn: Mutex::default(),
            readers,
            checkpointer: match durability {
                Durability::Full => Some(Checkpointer::of(path)),
                Durability::None => None,
            },
        })
    }

    pub fn migrate(&self) -> Result<Applied, StoreError> {
        migrate::apply(&mut *self.writer()?, MIGRATIONS)
    }

    pub fn pending_migrations(&self) -> Result<Pending, StoreError> {
        migrate::pending(&mut *self.writer()?, MIGRATIONS)
    }

    pub fn read<R, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        work(&mut ReadTx::sqlite(&mut *self.reader()?))
    }

    pub fn snapshot<R, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut reader = self.reader()?;
        let outcome = reader.transaction(|c| work(&mut ReadTx::sqlite(c)).map_err(TxError::Work));
        outcome.map_err(TxError::flatten)
    }

    pub fn snapshot_in_bulk<R, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut BulkTx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut reader = self.reader()?;
        let outcome = reader
            .transaction(|c| work(&mut BulkTx::loading(ReadTx::sqlite(c))).map_err(TxError::Work));
        outcome.map_err(TxError::flatten)
    }

    pub fn write<R, E: From<StoreError>>(
        &self,
        mut work: impl FnMut(&mut WriteTx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        let mut writer = self.writer()?;
        let outcome = writer.immediate_transaction(|c| {
            let mut tx = WriteTx::sqlite(c);
            let done = work(&mut tx).map_err(TxError::Work)?;
            tx.require_sound()?;
            Ok(done)
        });
        drop(writer);
        if outcome.is_ok() {
            self.committed();
        }
        outcome.map_err(TxError::flatten)
    }

    pub fn write_claimed<C, R, E: From<StoreError>>(
        &self,
        mut claim: impl FnMut(&mut WriteTx<'_>) -> Result<Option<C>, E>,
        mut work: impl FnMut(&mut WriteTx<'_>, &C) -> Result<R, E>,
    ) -> Result<Option<R>, E> {
        self.write(|tx| {
            let claimed = claim(tx)?;
            claimed.map(|claimed| work(tx, &claimed)).transpose()
        })
    }

    pub fn append_events(&self, events: &[Event]) -> Result<Vec<Appended>, StoreError> {
        let packed = append::pack(events)?;
        let mut writer = self.writer()?;
        let appended = writer.immediate_transaction(|c| append::sqlite(c, &packed, events))?;
        drop(writer);
        self.committed();
        Ok(appended)
    }

    fn committed(&self) {
        if let Some(checkpointer) = &self.checkpointer {
            checkpointer.heed();
        }
    }

    /// A panic inside a transaction leaves it open: a new connection takes over, and closing the old one
    /// rolls back.
    fn writer(&self) -> Result<std::sync::MutexGuard<'_, SqliteConnection>, StoreError> {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if is_inside_transaction(&mut writer) {
            *writer = connect_writer(&self.path, self.durability)?;
        }
        Ok(writer)
    }

    fn reader(&self) -> Result<r2d2::PooledConnection<Readers>, StoreError> {
        self.readers
            .get()
            .map_err(|e| StoreError::Connect(Box::new(e)))
    }
}

/// The books hold personal data: a new file is readable by its owner alone.
fn create_private(path: &str) -> Result<(), StoreError> {
    use std::os::unix::fs::OpenOptionsExt;
    if Path::new(path).exists() {
        return Ok(());
    }
    std::fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(path)
        .map(|_| ())
        .map_err(|e| StoreError::Connect(format!("cannot create {path}: {e}").into()))
}

/// The writer changes pages all over the file, those of indexes most of all: what it keeps in memory, at most
/// 32 MB, it need not read again.
fn connect_writer(path: &str, durability: Durability) -> Result<SqliteConnection, StoreError> {
    let mut c = connect(path, durability)?;
    c.batch_execute("PRAGMA cache_size = -32000")?;
    Ok(c)
}

fn connect(path: &str, durability: Durability) -> Result<SqliteConnection, StoreError> {
    let mut c = SqliteConnection::establish(path).map_err(|e| StoreError::Connect(Box::new(e)))?;
    let (synchronous, as_read_back) = match durability {
        Durability::Full => ("FULL", "2"),
        Durability::None => ("OFF", "0"),
    };
    c.batch_execute(&format!(
        "PRAGMA busy_timeout = 10000;
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = {synchronous};
         PRAGMA foreign_keys = ON;
         PRAGMA cache_size = -4000;
         PRAGMA temp_store = MEMORY;
         PRAGMA wal_autocheckpoint = {WAL_PAGES};"
    ))?;
    require_pragma(&mut c, "journal_mode", "wal")?;
    require_pragma(&mut c, "synchronous", as_read_back)?;
    require_pragma(&mut c, "foreign_keys", "1")?;
    Ok(c)
}
