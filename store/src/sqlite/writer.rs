//! The one connection that writes, and commits that two share.
//!
//! A commit waits for the disk, and meanwhile nobody else writes. Who has worked for long and then finds somebody waiting
//! who will not leaves the transaction open to them: what both have written is committed, and waited for, once. Neither
//! is told that anything is stored before that. What the second does wrong is undone to where it began; where they
//! cannot be committed together, each begins again and is alone.

use super::super::transactions::TxError;
use super::{C, Durability, StoreError, connect, is_inside_transaction};
use diesel::Connection;
use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// What somebody who writes does for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Courtesy {
    /// Commits as soon as it has written. Somebody waits for it, and it is soon done.
    Brief,
    /// Lets one who is brief commit together with it.
    Shares,
}

pub struct Writer {
    path: String,
    durability: Durability,
    /// Held by whoever is to write next. Without it, one who writes again and again, such as
    /// processing that works off a backlog, would let nobody else write.
    door: Mutex<()>,
    desk: Mutex<Desk>,
    /// Those who are brief and wait.
    waiting: AtomicUsize,
}

/// What only one can have at a time.
struct Desk {
    connection: C,
    /// Set while a transaction is left open, for whoever comes next to commit it.
    left_open: Option<Arc<Fate>>,
}

/// What became of a transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Committed,
    NotCommitted,
}

impl End {
    /// What somebody has done in the transaction, if it was committed.
    fn of<R>(self, done: R) -> Option<R> {
        (self == Self::Committed).then_some(done)
    }
}

/// What becomes of a transaction that was left open, once it is known.
#[derive(Default)]
struct Fate {
    end: Mutex<Option<End>>,
    told: Condvar,
}

impl Fate {
    /// The first to tell is believed.
    fn tell(&self, end: End) {
        let mut told = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        told.get_or_insert(end);
        self.told.notify_one();
    }

    fn wait(&self) -> End {
        let mut told = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(end) = *told {
                return end;
            }
            let waited = self.told.wait(told);
            told = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The duty to tell. Whoever panics with it has committed nothing.
struct Duty(Arc<Fate>);

impl Duty {
    fn commit(self, connection: &mut C) -> End {
        let end = match commit(connection) {
            Ok(()) => End::Committed,
            Err(_) => End::NotCommitted,
        };
        self.0.tell(end);
        end
    }
}

impl Drop for Duty {
    fn drop(&mut self) {
        self.0.tell(End::NotCommitted);
    }
}

impl Writer {
    pub fn open(path: &str, durability: Durability) -> Result<Self, StoreError> {
        Ok(Self {
            path: path.to_owned(),
            durability,
            door: Mutex::default(),
            desk: Mutex::new(Desk {
                connection: connect_writer(path, durability)?,
                left_open: None,
            }),
            waiting: AtomicUsize::new(0),
        })
    }

    /// How many wait who are brief.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    /// Runs a transaction. `work` may run again.
    pub fn transact<R, E: From<StoreError>>(
        &self,
        courtesy: Courtesy,
        mut work: impl FnMut(&mut C) -> Result<R, TxError<E>>,
    ) -> Result<R, TxError<E>> {
        let mut desk = self.desk(courtesy).map_err(of_store)?;
        let done = match desk.left_open.take() {
            Some(other) => finish_together(desk, Duty(other), &mut work)?,
            None => self.begin(desk, courtesy, &mut work)?,
        };
        match done {
            Some(done) => Ok(done),
            None => self.transact_alone(&mut work),
        }
    }

    /// Works in a transaction of its own. None where that was left open and is not committed.
    fn begin<R, E: From<StoreError>>(
        &self,
        mut desk: MutexGuard<'_, Desk>,
        courtesy: Courtesy,
        work: &mut impl FnMut(&mut C) -> Result<R, TxError<E>>,
    ) -> Result<Option<R>, TxError<E>> {
        AnsiTransactionManager::begin_transaction_sql(&mut desk.connection, "BEGIN IMMEDIATE")?;
        let done = match work(&mut desk.connection) {
            Ok(done) => done,
            Err(error) => {
                AnsiTransactionManager::rollback_transaction(&mut desk.connection)?;
                return Err(error);
            }
        };
        if courtesy == Courtesy::Brief || self.waiting() == 0 {
            commit(&mut desk.connection)?;
            return Ok(Some(done));
        }
        let fate = Arc::<Fate>::default();
        desk.left_open = Some(Arc::clone(&fate));
        drop(desk);
        Ok(fate.wait().of(done))
    }

    fn transact_alone<R, E: From<StoreError>>(
        &self,
        work: &mut impl FnMut(&mut C) -> Result<R, TxError<E>>,
    ) -> Result<R, TxError<E>> {
        self.alone(|connection| connection.immediate_transaction(work))
            .map_err(of_store)?
    }

    /// With the connection, and no transaction open.
    pub fn alone<R>(&self, work: impl FnOnce(&mut C) -> R) -> Result<R, StoreError> {
        let mut desk = self.desk(Courtesy::Brief)?;
        if let Some(fate) = desk.left_open.take() {
            // Whoever left it open hears how it ended.
            let _end = Duty(fate).commit(&mut desk.connection);
            self.renew(&mut desk)?;
        }
        Ok(work(&mut desk.connection))
    }

    fn desk(&self, courtesy: Courtesy) -> Result<MutexGuard<'_, Desk>, StoreError> {
        let brief = usize::from(courtesy == Courtesy::Brief);
        self.waiting.fetch_add(brief, Ordering::SeqCst);
        let door = self.door.lock().unwrap_or_else(PoisonError::into_inner);
        let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        drop(door);
        self.waiting.fetch_sub(brief, Ordering::SeqCst);
        if desk.left_open.is_none() {
            self.renew(&mut desk)?;
        }
        Ok(desk)
    }

    /// A panic inside a transaction leaves it open: a new connection takes over, and closing the old one
    /// rolls back.
    fn renew(&self, desk: &mut Desk) -> Result<(), StoreError> {
        if is_inside_transaction(&mut desk.connection) {
            desk.connection = connect_writer(&self.path, self.durability)?;
        }
        Ok(())
    }
}

/// Works in a transaction that another left open, and commits both. None where they are not committed.
fn finish_together<R, E: From<StoreError>>(
    mut desk: MutexGuard<'_, Desk>,
    other: Duty,
    work: &mut impl FnMut(&mut C) -> Result<R, TxError<E>>,
) -> Result<Option<R>, TxError<E>> {
    let done = desk.connection.transaction(work);
    let end = other.commit(&mut desk.connection);
    done.map(|done| end.of(done))
}

fn commit(connection: &mut C) -> diesel::QueryResult<()> {
    AnsiTransactionManager::commit_transaction(connection)
}

fn of_store<E: From<StoreError>>(error: StoreError) -> TxError<E> {
    TxError::Work(error.into())
}

/// The writer changes pages all over the file, those of indexes most of all: what it keeps in memory, at most
/// 32 MB, it need not read again.
fn connect_writer(path: &str, durability: Durability) -> Result<C, StoreError> {
    let mut c = connect(path, durability)?;
    c.batch_execute("PRAGMA cache_size = -32000")?;
    Ok(c)
}
