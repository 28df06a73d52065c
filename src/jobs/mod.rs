//! The background work: one thread a kind, woken by its bell, and looking by itself now and then.

use crate::app::measure::{Heartbeat, Round};
use crate::app::signals::Bell;
use crate::app::{
    App, Failure, cancellation, forget_bodies, itemise_payouts, link_charges, post_mail,
    process_events, refund_operation, seal_ledger, sync,
};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// A kind of background work.
struct Job {
    name: &'static str,
    bell: fn(&App) -> &Bell,
    /// Looks this often even when nobody rings: time passes for retries, and other replicas ring nobody.
    every: Duration,
    /// After a round in which there was something to do, lets more come, see [`Job::pause_after`]: a transaction of many
    /// costs little more than one of a few.
    gather: Duration,
    /// One round; returns how much there was.
    round: fn(&App, &str) -> Result<usize, Failure>,
}

impl Job {
    /// How long more may come after a round that took so many microseconds. What came meanwhile has gathered already; but on
    /// SQLite it is the inbox that waited for it, and has its turn now.
    fn pause_after(&self, app: &App, took: i64) -> Duration {
        if app.store.has_server() {
            let took = Duration::from_micros(u64::try_from(took).unwrap_or_default());
            self.gather.saturating_sub(took)
        } else {
            self.gather
        }
    }
}

const JOBS: &[Job] = &[
    Job {
        name: "inbox",
        bell: |app| &app.signals.inbox,
        every: Duration::from_millis(500),
        gather: Duration::from_millis(20),
        round: |app, _| process_events::process_due(app).map(|done| done.total()),
    },
    Job {
        name: "cancellations",
        bell: |app| &app.signals.cancellations,
        every: Duration::from_millis(500),
        gather: Duration::ZERO,
        round: |app, _| cancellation::run_due(app),
    },
    Job {
        name: "refunds",
        bell: |app| &app.signals.refunds,
        every: Duration::from_millis(500),
        gather: Duration::ZERO,
        round: |app, _| refund_operation::run_due(app),
    },
    Job {
        name: "links",
        bell: |app| &app.signals.links,
        every: Duration::from_secs(5),
        gather: Duration::ZERO,
        round: |app, _| link_charges::run_due(app),
    },
    Job {
        name: "sealer",
        bell: |app| &app.signals.sealer,
        every: Duration::from_secs(1),
        gather: Duration::from_millis(100),
        round: seal_ledger::seal,
    },
    Job {
        name: "mail",
        bell: |app| &app.signals.mail,
        every: Duration::from_secs(5),
        gather: Duration::ZERO,
        round: |app, _| post_mail::deliver_due(app),
    },
    Job {
        name: "payouts",
        bell: |app| &app.signals.payouts,
        every: Duration::from_secs(30),
        gather: Duration::ZERO,
        round: |app, _| itemise_payouts::run_due(app),
    },
    Job {
        name: "bodies",
        bell: |app| &app.signals.bodies,
        every: Duration::from_secs(300),
        gather: Duration::ZERO,
        round: |app, _| forget_bodies::run_due(app),
    },
    Job {
        name: "sync",
        bell: |app| &app.signals.sync,
        every: Duration::from_secs(30),
        gather: Duration::ZERO,
        round: sync::run_due,
    },
];

/// A round that takes longer than this means that the job is stuck: the longest call to a provider is
/// half a minute, and a round makes several.
const STUCK_AFTER_S: i64 = 600;
/// After an error: not at once, so that a database that is away is not hammered.
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);

/// When each job last came round; for `/readyz` and `/metrics`.
#[derive(Clone)]
pub struct Health {
    app: Arc<App>,
    seen: Arc<Mutex<BTreeMap<&'static str, i64>>>,
}

impl Health {
    fn beat(&self, job: &'static str) {
        let now = self.app.clock.now().as_micros();
        self.seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(job, now);
    }

    /// Of every job that was started.
    #[must_use]
    pub fn heartbeats(&self) -> Vec<Heartbeat> {
        let now = self.app.clock.now().as_micros();
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter()
            .map(|(job, at)| Heartbeat {
                job,
                age_s: now.saturating_sub(*at).max(0) / 1_000_000,
            })
            .collect()
    }

    /// Whether the database answers and every job comes round. The error says what does not.
    pub fn ready(&self) -> Result<(), String> {
        self.app
            .store
            .read(|tx| tx.chain_head().map(|_| ()))
            .map_err(|error| format!("the database does not answer: {error}"))?;
        let now = self.app.clock.now().as_micros();
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        for job in JOBS {
            let age = seen.get(job.name).map(|at| now.saturating_sub(*at));
            match age {
                None => return Err(format!("the {} job has not started", job.name)),
                Some(age) if age > STUCK_AFTER_S * 1_000_000 => {
                    return Err(format!(
                        "the {} job has not come round for {} s",
                        job.name,
                        age / 1_000_000
                    ));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

/// The running jobs. Dropping it lets them run on; [`Jobs::stop`] ends them.
pub struct Jobs {
    app: Arc<App>,
    stopping: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    health: Health,
    /// Names this process where one of several may do something.
    holder: String,
}

/// Starts every job.
#[must_use]
pub fn start(app: &Arc<App>) -> Jobs {
    let stopping = Arc::new(AtomicBool::new(false));
    let health = Health {
        app: Arc::clone(app),
        seen: Arc::default(),
    };
    let holder = app.clock.uuid().to_string();
    let threads = JOBS
        .iter()
        .map(|job| {
            health.beat(job.name);
            app.meters.expect_rounds(job.name);
            let (app, stopping, health, holder) = (
                Arc::clone(app),
                Arc::clone(&stopping),
                health.clone(),
                holder.clone(),
            );
            std::thread::spawn(move || run(job, &app, &stopping, &health, &holder))
        })
        .collect();
    Jobs {
        app: Arc::clone(app),
        stopping,
        threads,
        health,
        holder,
    }
}

impl Jobs {
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.clone()
    }

    /// Ends every job after the round it is in, and seals what was booked since the last.
    pub fn stop(self) {
        self.stopping.store(true, Ordering::SeqCst);
        for job in JOBS {
            (job.bell)(&self.app).ring();
        }
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("A job panicked while it was stopped");
            }
        }
        if let Err(error) = seal_ledger::seal(&self.app, &self.holder) {
            tracing::warn!(error = %Causes(&error), "Could not seal the last journals; the next start does it");
        }
    }
}

fn run(job: &Job, app: &App, stopping: &AtomicBool, health: &Health, holder: &str) {
    while !stopping.load(Ordering::SeqCst) {
        // As a request has its id, so has a round: everything it logs can be found together.
        let span =
            tracing::info_span!("job", name = job.name, request_id = %app.clock.uuid().simple());
        let begun = app.clock.now();
        let round = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            span.in_scope(|| (job.round)(app, holder))
        }));
        let took = app.clock.now().micros_since(begun);
        health.beat(job.name);
        app.meters.round(job.name, outcome(&round));
        match round {
            Ok(Ok(0)) => (job.bell)(app).wait(job.every),
            Ok(Ok(_)) => std::thread::sleep(job.pause_after(app, took)),
            Ok(Err(error)) => {
                tracing::error!(error = %Causes(&error), "The {} job failed and will try again", job.name);
                std::thread::sleep(PAUSE_AFTER_ERROR);
            }
            Err(_) => {
                tracing::error!("The {} job panicked and will try again", job.name);
                std::thread::sleep(PAUSE_AFTER_ERROR);
            }
        }
    }
}

const fn outcome<R, E, P>(round: &Result<Result<R, E>, P>) -> Round {
    match round {
        Ok(Ok(_)) => Round::Done,
        Ok(Err(_)) => Round::Failed,
        Err(_) => Round::Panicked,
    }
}

/// An error with all its causes on one line.
pub struct Causes<'a>(pub &'a (dyn std::error::Error + 'static));

impl std::fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
