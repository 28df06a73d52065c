//! Moves the log to the file while others write on. Whoever commits would have to do it otherwise, with everybody
//! who waits for the writer: thousands of pages and two syncs at a time.
//!
//! The log is begun anew only when all of it is moved and nobody writes just then. What is left then is moved by the
//! commit that finds the log long (`WAL_PAGES`), and is little.

use super::{C, Durability, connect};
use crate::StoreError;
use diesel::prelude::*;
use diesel::sql_types::Integer;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Pages in the log that are worth to be moved: one that changes often is moved once for all of them. Not many more: a
/// commit that meets the sync of thousands takes milliseconds, where it takes a fraction of one otherwise.
const PAGES: i32 = 512;
/// How often it is looked how many there are, while there are commits.
const EVERY: Duration = Duration::from_millis(10);

pub struct Checkpointer {
    path: String,
    shared: Arc<Shared>,
    /// From the first commit on.
    thread: OnceLock<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    is_written: bool,
    is_over: bool,
}

/// What `PRAGMA wal_checkpoint` tells, in pages: how long the log is, and how much of it is moved.
#[derive(QueryableByName)]
struct Moved {
    #[diesel(sql_type = Integer)]
    log: i32,
    #[diesel(sql_type = Integer)]
    checkpointed: i32,
}

impl Checkpointer {
    pub fn of(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            shared: Arc::default(),
            thread: OnceLock::new(),
        }
    }

    /// Something was committed.
    pub fn heed(&self) {
        self.thread.get_or_init(|| {
            let (path, shared) = (self.path.clone(), Arc::clone(&self.shared));
            std::thread::spawn(move || shared.work(&path))
        });
        let mut state = self.shared.state();
        if !state.is_written {
            state.is_written = true;
            self.shared.changed.notify_one();
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.shared.state().is_over = true;
        self.shared.changed.notify_one();
        if let Some(thread) = self.thread.take() {
            // It has nothing to give back, and what it did not move is moved with the last connection.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, path: &str) {
        let mut connection = match connect(path, Durability::Full) {
            Ok(connection) => connection,
            // Commits move it themselves then.
            Err(error) => {
                return tracing::warn!(error = ?error, "The log is moved by commits alone");
            }
        };
        while self.waits_for_commits() {
            if let Err(error) = move_if_long(&mut connection) {
                tracing::warn!(error = ?error, "The log was not moved, and will be later");
            }
        }
    }

    /// Waits until something is committed, and a little; `false`: it is over.
    fn waits_for_commits(&self) -> bool {
        let wait = |state: MutexGuard<'_, State>| {
            self.changed
                .wait_while(state, |state| !state.is_written && !state.is_over)
                .unwrap_or_else(PoisonError::into_inner)
                .is_over
        };
        if wait(self.state()) {
            return false;
        }
        let (mut state, _) = self
            .changed
            .wait_timeout_while(self.state(), EVERY, |state| !state.is_over)
            .unwrap_or_else(PoisonError::into_inner);
        state.is_written = false;
        !state.is_over
    }
}

fn move_if_long(c: &mut C) -> Result<(), StoreError> {
    let now: Moved = diesel::sql_query("PRAGMA wal_checkpoint(NOOP)").get_result(c)?;
    if now.log.saturating_sub(now.checkpointed) >= PAGES {
        diesel::sql_query("PRAGMA wal_checkpoint(PASSIVE)").execute(c)?;
    }
    Ok(())
}
