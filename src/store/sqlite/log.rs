//! SQLite's log, for which nobody waits who holds the writer: it is brought to the disk, and moved to the file,
//! while the next transaction is being written.

use super::{C, Durability, StoreError, Writers, connect};
use diesel::prelude::*;
use std::fs::File;
use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Pages in the log, of 4 KiB, at which it is to begin anew. A page that changes with every batch, such as one of
/// an index, is moved once for all of them: seldom is cheap, and 16 MiB are soon moved.
const PAGES: i64 = 4_096;
/// Commits after which it is worth looking how long the log is.
const COMMITS: usize = 8;
/// And how often it is looked at most. Under full load some megabytes gather meanwhile.
const PAUSE: Duration = Duration::from_millis(100);

/// Brings commits to the disk.
pub(super) struct Synced(Mutex<Syncing>);

struct Syncing {
    file: File,
    /// A sync failed. What it was to bring to the disk may be missing there for good, for the system tells of
    /// that once and forgets it: what is written behind it would be lost with it.
    is_lost: bool,
}

impl Synced {
    /// The log of the database at `path`, which is open.
    pub fn of(path: &str) -> Result<Self, StoreError> {
        let file = File::open(format!("{path}-wal"));
        Ok(Self::new(
            file.map_err(|e| StoreError::Connect(Box::new(e)))?,
        ))
    }

    const fn new(file: File) -> Self {
        let is_lost = false;
        Self(Mutex::new(Syncing { file, is_lost }))
    }

    /// Returns when everything that was committed before is on disk.
    pub fn sync(&self) -> Result<(), StoreError> {
        let mut syncing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        syncing.check()?;
        syncing.file.sync_data().map_err(|error| {
            syncing.is_lost = true;
            lost(&error)
        })
    }

    /// Whether what is written now can come to the disk.
    pub fn check(&self) -> Result<(), StoreError> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .check()
    }
}

impl Syncing {
    fn check(&self) -> Result<(), StoreError> {
        if self.is_lost {
            Err(lost(&"an earlier sync failed"))
        } else {
            Ok(())
        }
    }
}

fn lost(why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Unsafe(format!(
        "SQLite's log could not be brought to the disk ({why}); nothing is written any more: \
         check the disk, then start again"
    ))
}

/// Moves the log to the file, on a thread of its own until it is dropped.
pub(super) struct Mover {
    commits: Arc<Commits>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Commits {
    count: Mutex<Count>,
    changed: Condvar,
}

#[derive(Default)]
struct Count {
    commits: usize,
    is_over: bool,
}

impl Mover {
    pub fn start(path: &str, writers: &Arc<Writers>) -> io::Result<Self> {
        let commits = Arc::<Commits>::default();
        let (counted, writers, path) = (Arc::clone(&commits), Arc::clone(writers), path.to_owned());
        let thread = std::thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || {
                let mut connection = None;
                while counted.wait() {
                    if let Err(error) = shorten(&mut connection, &path, &writers) {
                        tracing::warn!(error = %error, "Could not move SQLite's log to its file; a commit will");
                    }
                }
            })?;
        Ok(Self {
            commits,
            thread: Some(thread),
        })
    }

    /// Something was committed.
    pub fn committed(&self) {
        let mut count = self.commits.lock();
        count.commits = count.commits.saturating_add(1);
        if count.commits == COMMITS {
            self.commits.changed.notify_all();
        }
    }
}

impl Drop for Mover {
    fn drop(&mut self) {
        self.commits.lock().is_over = true;
        self.commits.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // One that panicked has said so.
            let _ = thread.join();
        }
    }
}

impl Commits {
    fn lock(&self) -> std::sync::MutexGuard<'_, Count> {
        self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is something to do, a while after the last time. False: it is over.
    fn wait(&self) -> bool {
        let goes_on = |count: &mut Count| !count.is_over;
        let paused = self
            .changed
            .wait_timeout_while(self.lock(), PAUSE, goes_on)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
        let mut count = self
            .changed
            .wait_while(paused, |count| !count.is_over && count.commits < COMMITS)
            .unwrap_or_else(PoisonError::into_inner);
        count.commits = 0;
        !count.is_over
    }
}

/// Moves what is there while others go on writing, and once the log is long, also the last few pages with the door
/// closed: only when all of it is in the file does SQLite write from its beginning again.
fn shorten(connection: &mut Option<C>, path: &str, writers: &Writers) -> Result<(), StoreError> {
    let c = match connection {
        Some(c) => c,
        None => connection.insert(connect(path, Durability::Full)?),
    };
    if move_pages(c)? < PAGES {
        return Ok(());
    }
    move_pages(c)?;
    let _nobody_writes = writers.writer()?;
    move_pages(c)?;
    Ok(())
}

#[derive(QueryableByName)]
struct Moved {
    /// Pages in the log.
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    log: i64,
}

/// Moves what no reader still needs in the log, and returns how long that is.
fn move_pages(c: &mut C) -> QueryResult<i64> {
    let moved = diesel::sql_query("PRAGMA wal_checkpoint(PASSIVE)").get_result::<Moved>(c)?;
    Ok(moved.log)
}

#[cfg(test)]
mod tests {
    use super::super::{Sqlite, Writer};
    use super::*;
    use crate::store::rows::Event;
    use diesel::connection::SimpleConnection;

    fn delivery(id: &str) -> Event {
        Event {
            id: id.to_owned(),
            connection: "stripe".to_owned(),
            dedupe_key: id.to_owned(),
            provider_event_id: None,
            kind: None,
            state: "received".to_owned(),
            attempts: 0,
            error: None,
            conflict: None,
            received_at: 0,
            processed_at: None,
            due_at: 0,
            headers: "[]".to_owned(),
            body: Vec::new(),
        }
    }

    fn opened(folder: &tempfile::TempDir) -> (Sqlite, String) {
        let path = folder.path().join("avstem.db");
        let path = path.to_str().unwrap().to_owned();
        let sqlite = Sqlite::open(&path, Durability::Full).unwrap();
        sqlite.migrate().unwrap();
        (sqlite, path)
    }

    /// Waits for nothing: what cannot be synced is no file.
    fn broken() -> File {
        File::open("/dev/null").unwrap()
    }

    #[test]
    fn what_was_not_synced_is_not_stored_and_nothing_is_written_behind_it() {
        let folder = tempfile::tempdir().unwrap();
        let (mut sqlite, _) = opened(&folder);
        assert!(sqlite.append_events(&[delivery("1")]).is_ok());
        sqlite.synced = Some(Synced::new(broken()));
        let error = sqlite.append_events(&[delivery("2")]).unwrap_err();
        assert!(error.to_string().contains("check the disk"), "{error}");
        // The disk seems to be well again.
        let file = tempfile::tempfile().unwrap();
        sqlite.synced.as_ref().unwrap().0.lock().unwrap().file = file;
        assert!(sqlite.append_events(&[delivery("3")]).is_err());
        let written = sqlite.write(|_| Ok::<(), StoreError>(()));
        assert!(matches!(written, Err(StoreError::Unsafe(_))));
    }

    #[test]
    fn who_meets_a_delivery_that_is_here_waits_for_the_disk_too() {
        let folder = tempfile::tempdir().unwrap();
        let (mut sqlite, _) = opened(&folder);
        assert!(sqlite.append_events(&[delivery("1")]).is_ok());
        sqlite.synced = Some(Synced::new(broken()));
        assert!(sqlite.append_events(&[delivery("1")]).is_err());
    }

    #[test]
    fn only_deliveries_are_committed_before_they_are_synced() {
        let folder = tempfile::tempdir().unwrap();
        let (sqlite, _) = opened(&folder);
        let synchronous = |writer: &mut Writer, wanted: &str| {
            super::super::require(writer.as_mut(), "synchronous", wanted).unwrap();
        };
        assert!(sqlite.append_events(&[delivery("1")]).is_ok());
        synchronous(&mut sqlite.writers.writer().unwrap(), "1");
        assert!(sqlite.write(|_| Ok::<(), StoreError>(())).is_ok());
        synchronous(&mut sqlite.writers.writer().unwrap(), "2");
    }

    /// Fills some 1,200 pages of the log.
    fn fill(sqlite: &Sqlite) {
        let mut writer = sqlite.writers.writer().unwrap();
        let rows = "CREATE TABLE IF NOT EXISTS filled (bytes BLOB);
            INSERT INTO filled
            WITH RECURSIVE rows (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM rows WHERE n < 1000)
            SELECT zeroblob(4500) FROM rows";
        writer.as_mut().batch_execute(rows).unwrap();
    }

    #[test]
    fn a_long_log_is_moved_whole_and_begins_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (sqlite, path) = opened(&folder);
        let length = || std::fs::metadata(format!("{path}-wal")).unwrap().len();
        let mut long = 0;
        while long <= 4_096 * 4_096 {
            fill(&sqlite);
            assert!(length() > long, "it only grows");
            long = length();
        }
        shorten(&mut None, &path, &sqlite.writers).unwrap();
        fill(&sqlite);
        assert_eq!(length(), long);
    }

    #[test]
    fn a_reader_keeps_what_it_reads_in_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let (sqlite, path) = opened(&folder);
        fill(&sqlite);
        let mut reader = connect(&path, Durability::Full).unwrap();
        let count = |c: &mut C| {
            let sql = "SELECT COUNT(*) AS log FROM filled";
            diesel::sql_query(sql).get_result::<Moved>(c).unwrap().log
        };
        reader.batch_execute("BEGIN").unwrap();
        assert_eq!(count(&mut reader), 1_000);
        for _ in 0..4 {
            fill(&sqlite);
            shorten(&mut None, &path, &sqlite.writers).unwrap();
        }
        assert_eq!(count(&mut reader), 1_000);
        reader.batch_execute("COMMIT").unwrap();
        assert_eq!(count(&mut reader), 5_000);
    }
}
