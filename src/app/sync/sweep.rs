//! The daily comparison of each connection that can be asked, a page at a time.

use super::super::books::time;
use super::super::{App, Failure};
use super::start;
use super::step::{Step, step};
use crate::store::rows::SyncRun;
use avstem_domain::time::Timestamp;

/// From one comparison to the next.
const EVERY_S: i64 = 86_400;
/// A connection that was never compared is left alone at first: its webhooks may only just have been set up.
const FIRST_AFTER_S: i64 = 3_600;
/// How far back a daily comparison looks at objects. What changes later than that is told by events: a refund
/// can come back for some thirty days.
const LOOKS_BACK_S: i64 = 35 * 86_400;
/// After something that a person must mend.
const MENDED_AFTER_S: i64 = 3_600;

/// A page of each connection whose comparison is due or under way; how many there were. `holder` names this
/// process.
pub fn run_due(app: &App, holder: &str) -> Result<usize, Failure> {
    let mut pages = 0usize;
    for (name, connection) in &app.config.connections {
        if connection.api_key.is_none() || super::link(app, name).is_err() {
            continue;
        }
        if begin_when_due(app, name)? == Due::Now {
            pages = pages.saturating_add(usize::from(went(app, name, holder)?));
        }
    }
    Ok(pages)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    Now,
    Later,
}

fn begin_when_due(app: &App, name: &str) -> Result<Due, Failure> {
    let now = app.clock.now();
    let known = app
        .store
        .read(|tx| tx.sync_run(name).map_err(Failure::from))?;
    match known {
        None => {
            first_later(app, name, now)?;
            Ok(Due::Later)
        }
        Some(run) if now.as_micros() < run.due_at => Ok(Due::Later),
        Some(run) if run.finished_at.is_none() => Ok(Due::Now),
        Some(run) => {
            let again = time(run.begun_at)?.saturating_add_seconds(EVERY_S);
            if now < again {
                return Ok(Due::Later);
            }
            let from = now.saturating_add_seconds(-LOOKS_BACK_S).as_micros();
            app.store.write(|tx| start(tx, name, Some(from), now))?;
            Ok(Due::Now)
        }
    }
}

/// As if it had been compared so long ago that the next one is due in a while.
fn first_later(app: &App, name: &str, now: Timestamp) -> Result<(), Failure> {
    let begun_at = now.saturating_add_seconds(FIRST_AFTER_S.saturating_sub(EVERY_S));
    let first = SyncRun {
        connection: name.to_owned(),
        made_from: None,
        events_from: begun_at.as_micros(),
        begun_at: begun_at.as_micros(),
        finished_at: Some(begun_at.as_micros()),
        due_at: begun_at.as_micros(),
        attempts: 0,
        trouble: None,
    };
    app.store.write(|tx| Ok(tx.save_sync_run(&first)?))
}

/// Whether a page was dealt with, so that the next one may follow at once.
fn went(app: &App, name: &str, holder: &str) -> Result<bool, Failure> {
    match step(app, name, holder)? {
        Step::Went(_) => Ok(true),
        Step::Wait { .. } | Step::Busy | Step::Done => Ok(false),
        Step::NeedsPerson { why } => {
            tracing::error!(connection = %name, "Connection {name} cannot be compared with its provider: {why}");
            let due = app.clock.now().saturating_add_seconds(MENDED_AFTER_S);
            app.store.write(|tx| {
                if let Some(run) = tx.sync_run(name)? {
                    tx.save_sync_run(&SyncRun {
                        due_at: due.as_micros(),
                        attempts: 0,
                        trouble: Some(why.clone()),
                        ..run
                    })?;
                }
                Ok::<_, Failure>(false)
            })
        }
    }
}
