//! One step of a comparison: a page of one list.

use super::super::backoff::wait_s;
use super::super::provider::{Link, Page, Unread, link};
use super::super::{App, Failure};
use super::{KINDS, Kind, Lease, charged, events, lease, objects, others};
use crate::store::WriteTx;
use crate::store::rows::{SyncCursor, SyncRun};
use avstem_domain::time::Timestamp;
use avstem_webhooks::outbound::Ask;
use std::time::Duration;

/// Before each call: far below what a provider allows, so that cancellations never meet its limit.
const PAUSE: Duration = Duration::from_millis(100);

/// What a step came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// A page is dealt with; so many objects were on it.
    Went(i64),
    /// The provider gave no answer, or asked us to slow down; `attempts` times in a row by now.
    Wait {
        until: Timestamp,
        attempts: i64,
        why: String,
    },
    NeedsPerson {
        why: String,
    },
    /// Another process compares this connection.
    Busy,
    Done,
}

/// A page that is about to be dealt with.
pub(super) struct At<'a> {
    pub(super) app: &'a App,
    pub(super) link: &'a Link<'a>,
    pub(super) run: SyncRun,
    pub(super) cursor: SyncCursor,
}

/// What there was on a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Went {
    pub(super) seen: usize,
    pub(super) repaired: usize,
    /// The last object, where there are more.
    pub(super) next: Option<String>,
    /// When the last object was made.
    pub(super) made_until: Option<i64>,
}

/// Deals with the next page of a connection's comparison.
pub(super) fn step(app: &App, connection: &str, holder: &str) -> Result<Step, Failure> {
    let now = app.clock.now();
    let taken = app.store.write(|tx| {
        if lease(tx, connection, holder, now)? == Lease::Anothers {
            return Ok::<_, Failure>(None);
        }
        Ok(Some((
            tx.sync_run(connection)?,
            tx.sync_cursors(connection)?,
        )))
    })?;
    let Some((run, cursors)) = taken else {
        return Ok(Step::Busy);
    };
    let Some(run) = run.filter(|run| run.finished_at.is_none()) else {
        return Ok(Step::Done);
    };
    if now.as_micros() < run.due_at {
        return Ok(Step::Wait {
            until: super::super::books::time(run.due_at)?,
            attempts: run.attempts,
            why: run.trouble.unwrap_or_default(),
        });
    }
    let open = |name: &str| {
        let of = |cursor: &&SyncCursor| cursor.kind == name && !cursor.done;
        cursors.iter().find(of).cloned()
    };
    let next = KINDS
        .iter()
        .find_map(|(name, kind)| Some((*kind, open(name)?)));
    let Some((kind, cursor)) = next else {
        return finish(app, run);
    };
    let link = link(app, connection)?;
    let at = At {
        app,
        link: &link,
        run,
        cursor,
    };
    match page(&at, kind)? {
        Ok(seen) => Ok(Step::Went(seen)),
        Err(unread) => at.not_read(unread),
    }
}

/// Reads a page and deals with it; how many objects there were.
fn page(at: &At<'_>, kind: Kind) -> Result<Result<i64, Unread>, Failure> {
    let went = match kind {
        Kind::Events => events::page(at)?,
        Kind::Objects(listed) => objects::page(at, listed)?,
        Kind::OthersRefunds => others::page(at).map(Ok)?,
        Kind::Stops => charged::page(at).map(Ok)?,
    };
    Ok(went.map(|went| i64::try_from(went.seen).unwrap_or(i64::MAX)))
}

fn finish(app: &App, run: SyncRun) -> Result<Step, Failure> {
    let now = app.clock.now().as_micros();
    let connection = run.connection.clone();
    app.store.write(|tx| {
        Ok::<_, Failure>(tx.save_sync_run(&SyncRun {
            finished_at: Some(now),
            attempts: 0,
            trouble: None,
            ..run.clone()
        })?)
    })?;
    tracing::info!(%connection, "Compared connection {connection} with its provider");
    Ok(Step::Done)
}

impl At<'_> {
    pub(super) fn name(&self) -> &str {
        &self.run.connection
    }

    /// One call, in its turn.
    pub(super) fn call(&self, ask: &Ask) -> Result<Result<Page, Unread>, Failure> {
        self.app.clock.pause(PAUSE);
        self.link.read_page(ask)
    }

    /// Does `work` with a page and moves the cursor, in one transaction, unless somebody else moved it since.
    pub(super) fn deal(
        &self,
        work: impl Fn(&mut WriteTx<'_>) -> Result<Went, Failure>,
    ) -> Result<Went, Failure> {
        self.app.seams.cross("tx:sync:before")?;
        let went = self.app.store.write(|tx| {
            let cursors = tx.sync_cursors(self.name())?;
            let run = tx.sync_run(self.name())?;
            let same_run = run.is_some_and(|run| run.begun_at == self.run.begun_at);
            if !same_run || !cursors.contains(&self.cursor) {
                return Ok(Went::default());
            }
            let went = work(tx)?;
            let more = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
            tx.save_sync_cursors(&[SyncCursor {
                done: went.next.is_none(),
                after: went.next.clone(),
                made_until: went.made_until.unwrap_or(self.cursor.made_until),
                seen: self.cursor.seen.saturating_add(more(went.seen)),
                repaired: self.cursor.repaired.saturating_add(more(went.repaired)),
                ..self.cursor.clone()
            }])?;
            if self.run.attempts > 0 {
                tx.save_sync_run(&SyncRun {
                    attempts: 0,
                    trouble: None,
                    ..self.run.clone()
                })?;
            }
            Ok::<_, Failure>(went)
        })?;
        self.app.seams.cross("tx:sync:after")?;
        Ok(went)
    }

    /// No page: it is asked for again later, from where we are.
    fn not_read(&self, unread: Unread) -> Result<Step, Failure> {
        match unread {
            Unread::NotFound => self.cursor_is_gone(),
            Unread::NeedsPerson { why } => Ok(Step::NeedsPerson { why }),
            Unread::Later { why, retry_after_s } => {
                let wait = wait_s(self.run.attempts, retry_after_s);
                let until = self.app.clock.now().saturating_add_seconds(wait);
                let attempts = self.run.attempts.saturating_add(1);
                self.app.store.write(|tx| {
                    Ok::<_, Failure>(tx.save_sync_run(&SyncRun {
                        due_at: until.as_micros(),
                        attempts,
                        trouble: Some(why.clone()),
                        ..self.run.clone()
                    })?)
                })?;
                tracing::warn!(connection = %self.name(), "Could not read a page of {}: {why}", self.cursor.kind);
                Ok(Step::Wait {
                    until,
                    attempts,
                    why,
                })
            }
        }
    }

    /// The object that the page should follow is not there any more, such as an event after 30 days: the list
    /// is read from its beginning. A list that is not there at all is a stand-in's that has no such objects.
    fn cursor_is_gone(&self) -> Result<Step, Failure> {
        let from_start = SyncCursor {
            done: self.cursor.after.is_none(),
            after: None,
            made_until: self.run.begun_at,
            ..self.cursor.clone()
        };
        self.app.store.write(|tx| {
            Ok::<_, Failure>(tx.save_sync_cursors(std::slice::from_ref(&from_start))?)
        })?;
        Ok(Step::Went(0))
    }
}
