//! Compares what is known of a connection with what its provider says, and heals what webhooks missed.
//!
//! Events that never came go into the inbox, as if they had come late. Then every object is listed. What
//! differs from our records is taken in as an answer; what still differs afterwards is a break, and so is
//! what the facts by then say of refunds and charges that should not have been made.
//!
//! Everything is done in steps of one page, each of which ends with its cursor in the database. Whoever
//! finds a comparison under way goes on with it, and a step that is done twice changes nothing.

mod charged;
mod events;
mod lost;
mod objects;
mod others;
mod step;
mod sweep;

pub use sweep::run_due;

use super::progress::Progress;
use super::provider::link;
use super::{App, Failure};
use crate::store::rows::{SyncCursor, SyncRun};
use crate::store::{StoreError, WriteTx};
use avstem_domain::time::Timestamp;
use avstem_webhooks::outbound::Listed;
use std::collections::BTreeMap;
use std::time::Duration;
use step::{Step, step};

/// Providers keep events this long; what happened before shows in the objects.
const EVENTS_KEPT_S: i64 = 30 * 86_400;
/// How long a process that died keeps others from going on. Whoever loses the lease to another, in a step of
/// many calls or while it waits, does its page for nothing.
const LEASE_S: i64 = 60;
/// Calls in a row without an answer before whoever waits for the comparison is told so. The waits between
/// them come to three minutes.
const ATTEMPTS_MAX: i64 = 8;

/// What is compared, in this order: money finds its charge, and what is judged in the end is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Events,
    Objects(Listed),
    /// Refunds that others made, and their judgement.
    OthersRefunds,
    /// Charges after our cancellations.
    Stops,
}

const KINDS: [(&str, Kind); 8] = [
    ("events", Kind::Events),
    ("subscriptions", Kind::Objects(Listed::Subscriptions)),
    ("charges", Kind::Objects(Listed::Charges)),
    ("refunds", Kind::Objects(Listed::Refunds)),
    ("disputes", Kind::Objects(Listed::Disputes)),
    ("payouts", Kind::Objects(Listed::Payouts)),
    ("refunds by others", Kind::OthersRefunds),
    ("cancellations", Kind::Stops),
];

/// What is asked for.
#[derive(Debug, Clone)]
pub struct SyncRequest {
    pub connection: String,
    /// Only what was made then or later; without it, everything.
    pub made_from: Option<Timestamp>,
    /// Names this process where one of several may do something.
    pub holder: String,
}

/// A comparison that is through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncReport {
    pub kinds: Vec<KindReport>,
    /// Open breaks of the connection, by kind: those that a comparison raises.
    pub breaks: BTreeMap<String, i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindReport {
    pub kind: &'static str,
    pub seen: i64,
    pub repaired: i64,
}

#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    #[error("there is no connection {name:?} in the settings{}", did_you_mean(.nearest))]
    UnknownConnection { name: String, nearest: String },
    #[error(
        "connection {0:?} has no api_key, without which its provider cannot be asked; put one in the settings"
    )]
    NoKey(String),
    #[error(
        "connection {connection:?} is at {provider}, whose API cannot be asked yet; import its reports instead"
    )]
    NotAsked {
        connection: String,
        provider: &'static str,
    },
    #[error("connection {0:?} is being compared by another process; run it again in a minute")]
    Busy(String),
    #[error(
        "the provider of connection {connection:?} gives no answer: {why}; run it again later, it goes on from where it was"
    )]
    NoAnswer { connection: String, why: String },
    #[error("connection {connection:?} cannot be compared: {why}")]
    NeedsPerson { connection: String, why: String },
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<StoreError> for SyncError {
    fn from(error: StoreError) -> Self {
        Self::Failure(error.into())
    }
}

fn did_you_mean(nearest: &str) -> String {
    if nearest.is_empty() {
        String::new()
    } else {
        format!("; did you mean {nearest:?}?")
    }
}

/// Compares all of a connection. One that was interrupted goes on from its last page, when it covers what is
/// asked for.
pub fn sync(
    app: &App,
    request: &SyncRequest,
    progress: &mut dyn FnMut(Progress),
) -> Result<SyncReport, SyncError> {
    let name = &request.connection;
    check(app, name)?;
    if begin(app, request)? == Lease::Anothers {
        return Err(SyncError::Busy(name.clone()));
    }
    let ended = go_through(app, request, progress);
    let now = app.clock.now();
    // Whoever comes next need not wait until it runs out.
    app.store.write(|tx| {
        Ok::<_, Failure>(tx.take_lease(
            &lease_name(name),
            &request.holder,
            now.as_micros(),
            now.as_micros(),
        )?)
    })?;
    ended?;
    Ok(report(app, name)?)
}

fn go_through(
    app: &App,
    request: &SyncRequest,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), SyncError> {
    let name = &request.connection;
    let mut went = 0u64;
    loop {
        match step(app, name, &request.holder)? {
            Step::Went(seen) => {
                went = went.saturating_add(u64::try_from(seen).unwrap_or(0));
                progress(Progress {
                    done: went,
                    total: None,
                });
            }
            Step::Wait { attempts, why, .. } if attempts >= ATTEMPTS_MAX => {
                return Err(SyncError::NoAnswer {
                    connection: name.clone(),
                    why,
                });
            }
            Step::Wait { until, .. } => {
                let wait = until.micros_since(app.clock.now()).max(0);
                app.clock
                    .pause(Duration::from_micros(u64::try_from(wait).unwrap_or(0)));
            }
            Step::Busy => return Err(SyncError::Busy(name.clone())),
            Step::NeedsPerson { why } => {
                return Err(SyncError::NeedsPerson {
                    connection: name.clone(),
                    why,
                });
            }
            Step::Done => return Ok(()),
        }
    }
}

/// Whether the connection can be compared at all.
fn check(app: &App, name: &str) -> Result<(), SyncError> {
    let connections = &app.config.connections;
    let Some(connection) = connections.get(name) else {
        return Err(SyncError::UnknownConnection {
            name: name.chars().take(64).collect(),
            nearest: app.config.nearest_connection(name),
        });
    };
    if link(app, name).is_err() {
        return Err(SyncError::NotAsked {
            connection: name.to_owned(),
            provider: connection.provider,
        });
    }
    match connection.api_key {
        Some(_) => Ok(()),
        None => Err(SyncError::NoKey(name.to_owned())),
    }
}

/// Who compares a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lease {
    Ours,
    Anothers,
}

/// Begins a comparison, unless one is under way that covers what is asked for. Another process's is left alone.
fn begin(app: &App, request: &SyncRequest) -> Result<Lease, Failure> {
    let name = &request.connection;
    let now = app.clock.now();
    let made_from = request.made_from.map(Timestamp::as_micros);
    app.store.write(|tx| {
        if lease(tx, name, &request.holder, now)? == Lease::Anothers {
            return Ok(Lease::Anothers);
        }
        if let Some(run) = tx.sync_run(name)?
            && run.finished_at.is_none()
            && run.made_from.is_none_or(|from| Some(from) <= made_from)
        {
            // What the provider asked for is heeded; what a person had to mend may be mended by now.
            let due_at = if run.attempts == 0 {
                now.as_micros()
            } else {
                run.due_at
            };
            tx.save_sync_run(&SyncRun {
                attempts: 0,
                due_at,
                ..run
            })?;
            return Ok(Lease::Ours);
        }
        start(tx, name, made_from, now)?;
        Ok(Lease::Ours)
    })
}

fn lease_name(connection: &str) -> String {
    format!("sync/{connection}")
}

/// Takes the lease of a connection, or keeps it.
fn lease(tx: &mut WriteTx<'_>, name: &str, holder: &str, now: Timestamp) -> Result<Lease, Failure> {
    let until = now.saturating_add_seconds(LEASE_S).as_micros();
    let taken = tx.take_lease(&lease_name(name), holder, now.as_micros(), until)?;
    Ok(if taken { Lease::Ours } else { Lease::Anothers })
}

fn start(
    tx: &mut WriteTx<'_>,
    name: &str,
    made_from: Option<i64>,
    now: Timestamp,
) -> Result<(), Failure> {
    let kept_from = now.saturating_add_seconds(-EVENTS_KEPT_S).as_micros();
    tx.save_sync_run(&SyncRun {
        connection: name.to_owned(),
        made_from,
        events_from: made_from.unwrap_or(kept_from).max(kept_from),
        begun_at: now.as_micros(),
        finished_at: None,
        due_at: now.as_micros(),
        attempts: 0,
        trouble: None,
    })?;
    let cursors: Vec<SyncCursor> = KINDS
        .iter()
        .map(|(kind, _)| SyncCursor {
            connection: name.to_owned(),
            kind: (*kind).to_owned(),
            after: None,
            made_until: now.as_micros(),
            done: false,
            seen: 0,
            repaired: 0,
        })
        .collect();
    Ok(tx.save_sync_cursors(&cursors)?)
}

fn report(app: &App, name: &str) -> Result<SyncReport, Failure> {
    let (cursors, breaks) = app.store.read(|tx| {
        let breaks = tx.open_breaks(Some(name))?;
        Ok::<_, Failure>((tx.sync_cursors(name)?, breaks))
    })?;
    let of = |kind: &'static str| {
        let cursor = cursors.iter().find(|cursor| cursor.kind == kind);
        KindReport {
            kind,
            seen: cursor.map_or(0, |cursor| cursor.seen),
            repaired: cursor.map_or(0, |cursor| cursor.repaired),
        }
    };
    Ok(SyncReport {
        kinds: KINDS.iter().map(|(kind, _)| of(kind)).collect(),
        breaks: breaks
            .into_iter()
            .filter(|(kind, _)| RAISED.iter().any(|raised| raised.as_str() == kind))
            .collect(),
    })
}

/// The kinds of breaks that a comparison raises.
pub const RAISED: [avstem_domain::breaks::BreakKind; 3] = [
    avstem_domain::breaks::BreakKind::StatusMismatch,
    avstem_domain::breaks::BreakKind::RefundOutsidePolicy,
    avstem_domain::breaks::BreakKind::ChargedAfterCancellation,
];

/// The key that a list of ours goes on after, while its pages are full.
fn next_of<R>(rows: &[R], page: i64, key: impl Fn(&R) -> &String) -> Option<String> {
    let full = i64::try_from(rows.len()).is_ok_and(|count| count >= page);
    rows.last().filter(|_| full).map(|row| key(row).clone())
}
