//! The only place with SQL. Two databases behind one interface.
//!
//! Queries are written once in `queries/` and compiled twice, against each database's own connection
//! type (see docs/decisions/0002-two-databases.md). [`Store::write`] runs one writer at a time, on both
//! databases: what it reads stays true until it commits. On PostgreSQL [`Store::write_claimed`] begins before it is
//! the writer, and in a lane it is one of several ([`Turn`]). The inbox has its own door,
//! [`Store::append_events`], which waits for no writer.

#[macro_use]
mod inserts;
#[macro_use]
mod prepared;
mod append;
pub mod bulk;
mod bundle;
pub mod durability;
pub mod gauges;
mod migrate;
mod packing;
mod pages;
mod postgres;
pub mod rows;
mod schema;
mod sqlite;
mod transactions;
mod turn;

pub use migrate::{Applied, Pending};
pub use transactions::{ReadTx, WriteTx};
pub use turn::{Lanes, Turn};

use bulk::BulkTx;
use rows::Event;
use sqlite::Durability;
use std::sync::Arc;

/// Which database a URL means, opened.
#[derive(Clone)]
pub struct Store {
    database: Arc<Database>,
}

enum Database {
    Sqlite(sqlite::Sqlite),
    Postgres(postgres::Postgres),
}

/// Something went wrong between us and the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database could not be reached; check database_url and that the server runs")]
    Connect(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the database refused a statement")]
    Statement(#[source] diesel::result::Error),
    #[error("the database did not send a copy of what was asked for")]
    Copy(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("deliveries could not be packed")]
    Packing(#[source] std::io::Error),
    #[error("{0}")]
    Unsafe(String),
    #[error(
        "the database has {0} migrations to apply; run `avstem migrate`, or start without --no-migrate"
    )]
    MigrationsPending(usize),
    #[error("a migration failed; nothing of it was applied")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("database_url {0:?} is neither sqlite://PATH nor postgres://…")]
    UnknownUrl(String),
}

impl StoreError {
    /// Whether the database objected to what was written (a constraint, a trigger), rather than being
    /// unable to write.
    #[must_use]
    pub fn is_about_data(&self) -> bool {
        use diesel::result::{DatabaseErrorKind as Kind, Error};
        match self {
            Self::Statement(Error::DatabaseError(kind, info)) => match kind {
                Kind::SerializationFailure
                | Kind::ReadOnlyTransaction
                | Kind::UnableToSendCommand
                | Kind::ClosedConnection => false,
                Kind::UniqueViolation
                | Kind::ForeignKeyViolation
                | Kind::RestrictViolation
                | Kind::NotNullViolation
                | Kind::CheckViolation
                | Kind::ExclusionViolation => true,
                // Triggers and values out of range come as these, and so does much that will pass.
                Kind::Unknown | _ => !WILL_PASS.iter().any(|words| info.message().contains(words)),
            },
            Self::Statement(_)
            | Self::Connect(_)
            | Self::Copy(_)
            | Self::Packing(_)
            | Self::Unsafe(_)
            | Self::MigrationsPending(_)
            | Self::Migration(_)
            | Self::UnknownUrl(_) => false,
        }
    }
}

/// What databases say, in words only, when they cannot write now: SQLite's first, then PostgreSQL's.
const WILL_PASS: &[&str] = &[
    "locked",
    "disk is full",
    "disk I/O",
    "readonly",
    "interrupted",
    "out of memory",
    "timeout",
    "deadlock",
    "No space left",
    "could not ",
    "terminating connection",
    "shutting down",
    "starting up",
    "recovery mode",
    "too many",
    "connection closed",
    "communicating with the server",
];

impl From<diesel::result::Error> for StoreError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Statement(error)
    }
}

/// How a delivery met the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Appended {
    New,
    /// The same event is there already; the row that was kept.
    Duplicate {
        kept: Box<Event>,
    },
}

impl Store {
    /// Opens the database that `url` names. Does not migrate.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        let database = if let Some(path) = url.strip_prefix("sqlite://") {
            Database::Sqlite(sqlite::Sqlite::open(path, Durability::Full)?)
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Database::Postgres(postgres::Postgres::open(url)?)
        } else {
            return Err(StoreError::UnknownUrl(
                url.split("://").next().unwrap_or_default().to_owned(),
            ));
        };
        Ok(Self {
            database: Arc::new(database),
        })
    }

    /// An SQLite file to be thrown away: a commit is not on disk when it returns.
    pub fn scratch(path: &str) -> Result<Self, StoreError> {
        let sqlite = sqlite::Sqlite::open(path, Durability::None)?;
        Ok(Self {
            database: Arc::new(Database::Sqlite(sqlite)),
        })
    }

    /// `sqlite` or `postgres`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &*self.database {
            Database::Sqlite(_) => "sqlite",
            Database::Postgres(_) => "postgres",
        }
    }

    pub fn migrate(&self) -> Result<Applied, StoreError> {
        match &*self.database {
            Database::Sqlite(db) => db.migrate(),
            Database::Postgres(db) => db.migrate(),
        }
    }

    pub fn pending_migrations(&self) -> Result<Pending, StoreError> {
        match &*self.database {
            Database::Sqlite(db) => db.pending_migrations(),
            Database::Postgres(db) => db.pending_migrations(),
        }
    }

    /// Runs short reads. Each statement sees what was committed before it.
    pub fn read<R, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        match &*self.database {
            Database::Sqlite(db) => db.read(work),
            Database::Postgres(db) => db.read(work),
        }
    }

    /// Runs several short reads, of one instant where that costs less than to begin anew for each: on SQLite, where
    /// each would take and give back its locks. On PostgreSQL each sees what was committed before it.
    pub fn read_together<R, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        match &*self.database {
            Database::Sqlite(db) => db.snapshot(work),
            Database::Postgres(db) => db.read(work),
        }
    }

    /// Runs short reads of the first rows of an index, however many more it holds.
    pub fn read_first<R, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        match &*self.database {
            Database::Sqlite(db) => db.read(work),
            Database::Postgres(db) => db.read_first(work),
        }
    }

    /// Runs reads that must all see the same instant, however long they take.
    pub fn snapshot<R, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut ReadTx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        match &*self.database {
            Database::Sqlite(db) => db.snapshot(work),
            Database::Postgres(db) => db.snapshot(work),
        }
    }

    /// Runs reads as [`Self::snapshot`] does, for work that reads all of the ledger.
    pub fn snapshot_in_bulk<R, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&mut BulkTx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        match &*self.database {
            Database::Sqlite(db) => db.snapshot_in_bulk(work),
            Database::Postgres(db) => db.snapshot_in_bulk(work),
        }
    }

    /// Runs one transaction as the only writer. An error rolls everything back. `work` may run again
    /// when the database asks for a retry (serialization failure, deadlock), so it must not do
    /// anything outside the transaction.
    pub fn write<R, E: From<StoreError>>(
        &self,
        work: impl FnMut(&mut WriteTx<'_>) -> Result<R, E>,
    ) -> Result<R, E> {
        match &*self.database {
            Database::Sqlite(db) => db.write(work),
            Database::Postgres(db) => db.write(work),
        }
    }

    /// Runs one transaction like [`Self::write`], of which `claim` runs before it is the only writer where the
    /// database can say which rows others are working on: meanwhile these write theirs. What `claim` found
    /// is then `work`'s; where it found nothing, nobody waits. Both may run again. In lanes `work` may run
    /// while others run in other lanes; whoever finds all of them taken gets None at once, and of some those that are free
    /// ([`WriteTx::turn`] says which). Where the database has one writer
    /// in any case, everyone is alone.
    pub fn write_claimed<C, R, E: From<StoreError>>(
        &self,
        turn: Turn,
        claim: impl FnMut(&mut WriteTx<'_>) -> Result<Option<C>, E>,
        work: impl FnMut(&mut WriteTx<'_>, &C) -> Result<R, E>,
    ) -> Result<Option<R>, E> {
        match &*self.database {
            Database::Sqlite(db) => db.write_claimed(claim, work),
            Database::Postgres(db) => db.write_claimed(turn, claim, work),
        }
    }

    /// Whether what is claimed is kept from others from then on, and not only once this is the only writer.
    #[must_use]
    pub fn claims_early(&self) -> bool {
        match &*self.database {
            Database::Sqlite(_) => false,
            Database::Postgres(_) => true,
        }
    }

    /// Whether the database works in processes of its own while a thread waits for it.
    #[must_use]
    pub fn has_server(&self) -> bool {
        match &*self.database {
            Database::Sqlite(_) => false,
            Database::Postgres(_) => true,
        }
    }

    /// How many threads may store deliveries at a time and be faster than one, where there is enough for each.
    #[must_use]
    pub fn appenders(&self) -> usize {
        match &*self.database {
            Database::Sqlite(_) => 1,
            Database::Postgres(_) => 2,
        }
    }

    /// Stores deliveries in one commit and says for each, in order, whether it was new. Waits for no
    /// other writer on PostgreSQL.
    pub fn append_events(&self, events: &[Event]) -> Result<Vec<Appended>, StoreError> {
        match &*self.database {
            Database::Sqlite(db) => db.append_events(events),
            Database::Postgres(db) => db.append_events(events),
        }
    }
}
