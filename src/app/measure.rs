//! What is counted and timed while the service works, and the page that Prometheus reads.
//!
//! Recording is an atomic addition behind a shared lock: nothing is allocated for a label set that was
//! seen before. Labels are words of this code, names from the settings and templates of routes; never
//! anything a caller or a provider sent, and never an id.

use super::App;
use super::backlog::{AT_REST_MAX, Backlog, Pile, WAITING_MAX};
use super::process_events::Processed;
use crate::config::Config;
use crate::gateway::{Answer, CallError};
use avstem_domain::time::Timestamp;
use avstem_webhooks::outbound::{Outcome, Refusal};
use prometheus::core::Collector;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TextEncoder,
};
use std::time::Duration;

/// The media type of [`page`]: the text format that every scraper reads.
pub const MEDIA_TYPE: &str = prometheus::TEXT_FORMAT;

/// A meter cannot be made or written. Names are fixed, so that a test finds this and nobody meets it.
#[derive(Debug, thiserror::Error)]
#[error("the metrics cannot be kept")]
pub struct MeterError(#[from] prometheus::Error);

/// Every meter of one process. A clone counts on the same.
#[derive(Clone)]
pub struct Meters {
    registry: Registry,
    webhooks: IntCounterVec,
    intake_batch: Histogram,
    intake_commit: Histogram,
    processed: IntCounterVec,
    processing_batch: Histogram,
    processing_lag: Histogram,
    provider_calls: HistogramVec,
    requests: IntCounterVec,
    request_times: HistogramVec,
    rounds: IntCounterVec,
}

/// What a round of a job came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    Done,
    Failed,
    Panicked,
}

impl Round {
    const ALL: [Self; 3] = [Self::Done, Self::Failed, Self::Panicked];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Panicked => "panicked",
        }
    }
}

/// One answer to an HTTP request.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    /// The route's template.
    pub route: &'a str,
    /// One of the methods there are; anything else is `other`.
    pub method: &'static str,
    pub status: &'a str,
    pub micros: i64,
}

/// When a job last came round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heartbeat {
    pub job: &'static str,
    pub age_s: i64,
}

impl Meters {
    /// Meters that stand at zero. What is counted for each connection begins there too, so that the
    /// first bad signature is a change that an alert can see.
    #[rustfmt::skip]
    pub fn new(config: &Config, started: Timestamp) -> Result<Self, MeterError> {
        let registry = Registry::new();
        let meters = Self {
            webhooks: counters(&registry, "webhooks_total", "Deliveries by what became of them: new, duplicate, or the code of the refusal. A connection that is not in the settings has an empty name.", &["connection", "outcome"])?,
            intake_batch: histogram(&registry, "intake_batch_events", "Deliveries stored in one commit.", in_events)?,
            intake_commit: histogram(&registry, "intake_commit_seconds", "Time that the commit of a batch of deliveries took.", in_seconds)?,
            processed: counters(&registry, "events_processed_total", "Deliveries by the state that processing brought them to.", &["state"])?,
            processing_batch: histogram(&registry, "processing_batch_events", "Deliveries processed in one round.", in_events)?,
            processing_lag: histogram(&registry, "processing_lag_seconds", "Time from the receipt of a delivery until it was processed, without replays.", in_seconds)?,
            provider_calls: histograms(&registry, "provider_call_seconds", "Calls to a provider's API by what came of them.", &["connection", "outcome"])?,
            requests: counters(&registry, "http_requests_total", "Answers by route, method and status.", &["route", "method", "status"])?,
            request_times: histograms(&registry, "http_request_seconds", "Time to an answer, by route and method.", &["route", "method"])?,
            rounds: counters(&registry, "job_rounds_total", "Rounds of the background jobs by how they ended.", &["job", "outcome"])?,
            registry,
        };
        meters.state_the_constants(started)?;
        for connection in config.connections.keys() {
            for outcome in ["new", "duplicate", "invalid_signature"] {
                meters.webhooks.get_metric_with_label_values(&[connection.as_str(), outcome])?;
            }
        }
        for (state, _) in states(Processed::default()) {
            meters.processed.get_metric_with_label_values(&[state])?;
        }
        Ok(meters)
    }

    fn state_the_constants(&self, started: Timestamp) -> Result<(), MeterError> {
        let about = Opts::new("avstem_build_info", "The version that runs; always 1.")
            .const_label("version", env!("CARGO_PKG_VERSION"));
        let build = IntGauge::with_opts(about)?;
        build.set(1);
        let about = Opts::new(
            "process_start_time_seconds",
            "When the process started, in seconds since 1970.",
        );
        let start = IntGauge::with_opts(about)?;
        start.set(started.unix_seconds());
        self.registry.register(Box::new(build))?;
        self.registry.register(Box::new(start))?;
        Ok(())
    }

    /// A delivery was answered: `new`, `duplicate`, or the code of a refusal. `connection` is one of
    /// the settings', or empty.
    pub fn webhook(&self, connection: &str, outcome: &'static str) {
        count(&self.webhooks, &[connection, outcome], 1);
    }

    /// A batch of deliveries was committed.
    pub fn stored(&self, events: usize, micros: i64) {
        observe_size(&self.intake_batch, events);
        observe(&self.intake_commit, micros);
    }

    /// A round of processing came to this.
    pub fn processed(&self, done: Processed) {
        observe_size(&self.processing_batch, done.total());
        for (state, events) in states(done) {
            count(&self.processed, &[state], events);
        }
    }

    /// A delivery was processed this long after its receipt.
    pub fn lag(&self, micros: i64) {
        observe(&self.processing_lag, micros);
    }

    /// A provider was asked.
    pub fn provider_call(&self, connection: &str, answer: &Answer, micros: i64) {
        let labels = [connection, outcome_of(answer)];
        if let Ok(histogram) = self.provider_calls.get_metric_with_label_values(&labels) {
            observe(&histogram, micros);
        }
    }

    pub fn answered(&self, answered: Answered<'_>) {
        let Answered {
            route,
            method,
            status,
            micros,
        } = answered;
        count(&self.requests, &[route, method, status], 1);
        if let Ok(histogram) = self
            .request_times
            .get_metric_with_label_values(&[route, method])
        {
            observe(&histogram, micros);
        }
    }

    /// A job came round. Before its first round, [`Self::expect_rounds`].
    pub fn round(&self, job: &'static str, round: Round) {
        count(&self.rounds, &[job, round.as_str()], 1);
    }

    /// Lets a job's counters begin at zero.
    pub fn expect_rounds(&self, job: &'static str) {
        for round in Round::ALL {
            count(&self.rounds, &[job, round.as_str()], 0);
        }
    }
}

/// What Prometheus reads: what was counted, what waits (nothing when the database cannot be read), and
/// how long ago each job came round.
pub fn page(
    app: &App,
    backlog: Option<&Backlog>,
    heartbeats: &[Heartbeat],
) -> Result<String, MeterError> {
    let now = Registry::new();
    let up = gauge(&now, "database_up", "Whether the database answered.")?;
    up.set(backlog.map_or(0, |_| 1));
    let job = gauges(
        &now,
        "job_age_seconds",
        "Time since a background job last came round.",
        "job",
    )?;
    for heartbeat in heartbeats {
        set(&job, heartbeat.job, heartbeat.age_s)?;
    }
    if let Some(backlog) = backlog {
        write_backlog(&now, backlog)?;
    }
    let mut families = app.meters.registry.gather();
    families.extend(now.gather());
    Ok(TextEncoder::new().encode_to_string(&families)?)
}

fn write_backlog(now: &Registry, backlog: &Backlog) -> Result<(), MeterError> {
    for (name, what, piles) in [
        ("events", "Deliveries that wait or failed", &backlog.events),
        ("refunds", "Refunds", &backlog.refunds),
        ("cancellations", "Cancellations", &backlog.cancellations),
    ] {
        let about = format!(
            "{what}, by state; counted to {WAITING_MAX}, and to {AT_REST_MAX} where they rest."
        );
        let counts = gauges(now, name, &about, "state")?;
        let about = format!("{what}: age of the oldest in a state that is to be left.");
        let ages = gauges(now, &format!("{name}_oldest_seconds"), &about, "state")?;
        for pile in piles {
            set(&counts, pile.state, pile.count)?;
            if let Some(age) = pile.oldest_s {
                set(&ages, pile.state, age)?;
            }
        }
    }
    let single =
        |name: &str, about: &str, value: i64| gauge(now, name, about).map(|gauge| gauge.set(value));
    let Pile {
        count, oldest_s, ..
    } = backlog.mails;
    single("mails_waiting", "Letters that are not sent yet.", count)?;
    single(
        "mails_overdue_seconds",
        "How long the letter that is due first has been due.",
        oldest_s.unwrap_or(0),
    )?;
    let Pile {
        count, oldest_s, ..
    } = backlog.unsealed;
    single(
        "ledger_unsealed_journals",
        "Journals that are not in the chain yet.",
        count,
    )?;
    single(
        "ledger_unsealed_oldest_seconds",
        "Age of the oldest journal that is not in the chain yet.",
        oldest_s.unwrap_or(0),
    )?;
    single(
        "ledger_sealed_journals",
        "Journals in the chain.",
        backlog.sealed,
    )
}

fn states(done: Processed) -> [(&'static str, usize); 5] {
    [
        ("processed", done.processed),
        ("ignored", done.ignored),
        ("parked", done.parked),
        ("failed", done.failed),
        ("foreign", done.foreign),
    ]
}

const fn outcome_of(answer: &Answer) -> &'static str {
    match &answer.result {
        Ok(Outcome::Executed { .. }) => "executed",
        Ok(Outcome::Refused(refusal)) => match refusal {
            Refusal::RateLimited { .. } => "rate_limited",
            Refusal::WrongKey { .. } => "wrong_key",
            Refusal::NotFound
            | Refusal::AlreadyRefunded
            | Refusal::Disputed
            | Refusal::AmountTooLarge
            | Refusal::NotRefundable { .. }
            | Refusal::InsufficientBalance
            | Refusal::AlreadyCanceled
            | Refusal::InvoiceMovedOn { .. }
            | Refusal::KeyReused
            | Refusal::Invalid { .. } => "refused",
        },
        Ok(Outcome::Unknown(_)) => "unknown",
        Err(CallError::NotSent(_)) => "not_sent",
        Err(CallError::NoAnswer(_)) => "no_answer",
    }
}

fn in_events(about: HistogramOpts) -> HistogramOpts {
    about.buckets(vec![
        1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0,
    ])
}

/// From a commit on a fast disk to a delivery that waited for a database.
fn in_seconds(about: HistogramOpts) -> HistogramOpts {
    about.buckets(vec![
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0,
        300.0,
    ])
}

fn add<C: Collector + Clone + 'static>(registry: &Registry, meter: C) -> Result<C, MeterError> {
    registry.register(Box::new(meter.clone()))?;
    Ok(meter)
}

fn counters(
    registry: &Registry,
    name: &str,
    about: &str,
    labels: &[&str],
) -> Result<IntCounterVec, MeterError> {
    let about = Opts::new(format!("avstem_{name}"), about);
    add(registry, IntCounterVec::new(about, labels)?)
}

fn histogram(
    registry: &Registry,
    name: &str,
    about: &str,
    bounded: fn(HistogramOpts) -> HistogramOpts,
) -> Result<Histogram, MeterError> {
    let about = HistogramOpts::new(format!("avstem_{name}"), about);
    add(registry, Histogram::with_opts(bounded(about))?)
}

fn histograms(
    registry: &Registry,
    name: &str,
    about: &str,
    labels: &[&str],
) -> Result<HistogramVec, MeterError> {
    let about = in_seconds(HistogramOpts::new(format!("avstem_{name}"), about));
    add(registry, HistogramVec::new(about, labels)?)
}

fn gauge(registry: &Registry, name: &str, about: &str) -> Result<IntGauge, MeterError> {
    add(registry, IntGauge::new(format!("avstem_{name}"), about)?)
}

fn gauges(
    registry: &Registry,
    name: &str,
    about: &str,
    label: &str,
) -> Result<IntGaugeVec, MeterError> {
    let about = Opts::new(format!("avstem_{name}"), about);
    add(registry, IntGaugeVec::new(about, &[label])?)
}

fn set(gauges: &IntGaugeVec, label: &str, value: i64) -> Result<(), MeterError> {
    gauges.get_metric_with_label_values(&[label])?.set(value);
    Ok(())
}

/// Counting never fails for whoever is at work: a meter that is not there counts nothing.
fn count(counters: &IntCounterVec, labels: &[&str], by: usize) {
    if let Ok(counter) = counters.get_metric_with_label_values(labels) {
        counter.inc_by(u64::try_from(by).unwrap_or(u64::MAX));
    }
}

fn observe(histogram: &Histogram, micros: i64) {
    let micros = u64::try_from(micros).unwrap_or(0);
    histogram.observe(Duration::from_micros(micros).as_secs_f64());
}

fn observe_size(histogram: &Histogram, size: usize) {
    histogram.observe(u32::try_from(size).unwrap_or(u32::MAX).into());
}
