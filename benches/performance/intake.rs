//! Webhooks over HTTP at 64 connections, answered once they are on disk, beside a bare actix server that
//! verifies and parses and forgets: the same load from the same thread, on the same cores. First as many as
//! each can take; then as many as all can, to see how long an answer takes. Before that each server gets some that are
//! not measured: what a connection to a database does once, for its first delivery, takes longer than hundreds after it.

use crate::appended::{self, Appender};
use crate::cpu::Cpu;
use crate::deliveries::{SECRET, deliveries, today};
use crate::figure;
use crate::load::{self, Load, Served};
use crate::measure::{Table, alternately, each, grouped, now, per_second, settle_disk, share};
use crate::sender::Pace;
use crate::stage::{Database, databases};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use avstem::jobs;
use avstem_simulator::Shape;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fs::File;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

const CONNECTIONS: usize = 64;
/// Some 13,000 different events of classic and newer shape.
const SUBSCRIBERS: usize = 500;
const MONTHS: i64 = 2;
/// Those that come first and are not measured.
const FIRST: usize = 2_000;
/// As many as the service has.
const WORKERS: usize = 2;
/// What every server is offered a second when times are looked at, for this many seconds at most.
const OFFERED: [usize; 2] = [4_000, 10_000];
const OFFERED_FOR_S: usize = 2;

/// How often it is asked whether everything is booked: seldom beside a commit.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// What a server did with all of the events.
struct Round {
    /// From the first byte sent until everything was done.
    took: Duration,
    /// Of each answer, shortest first.
    waited: Vec<Duration>,
    /// Of the processors: the load generator, the server, and the database.
    used: Duration,
}

/// What is sent to a server, in two parts.
struct Loads {
    first: Arc<Load>,
    measured: Arc<Load>,
}

/// How a server is asked.
#[derive(Clone, Copy)]
enum Asked {
    /// As fast as it answers.
    All,
    /// At a rate that each can keep.
    Steadily { per_second: usize },
}

pub fn run() {
    let events = deliveries(Shape::Mixed, SUBSCRIBERS, MONTHS, today());
    let (first, rest) = events.split_at(FIRST);
    let sent = |events| Arc::new(Load::new("/webhooks/stripe", events));
    let load = &Loads {
        first: sent(first),
        measured: sent(rest),
    };
    let count = grouped(u128::try_from(rest.len()).unwrap());
    let all = measured(load, Asked::All, databases_and_booking());
    print(
        &format!("{count} webhooks over HTTP at {CONNECTIONS} connections"),
        &all,
        rest.len(),
    );
    tell_rates(&all, rest.len());
    for per_second in OFFERED {
        let asked = Asked::Steadily { per_second };
        let offered = measured(load, asked, databases_without_booking());
        print(
            &format!(
                "{per_second} webhooks a second, offered to each over {CONNECTIONS} connections"
            ),
            &offered,
            asked.count(load),
        );
        tell_p99(&offered, &per_second.to_string());
    }
    tell_p99(&all, "all");
    tell_disk();
}

/// What one sync takes here, whoever asks for it.
fn tell_disk() {
    for kib in [4, 64] {
        let [middle, p99] = appended::syncs(file_on_disk(), kib * 1024);
        println!(
            "A sync of {kib} KiB at the end of a file: {} ms, p99 {} ms",
            millis(middle),
            millis(p99)
        );
    }
}

fn tell_rates(rounds: &[(Case, Round)], count: usize) {
    let (_, bare) = &rounds[0];
    for (case, round) in rounds {
        let (rate, most) = (per_second(count, round.took), per_second(count, bare.took));
        match case {
            Case::Bare => figure::print("bare", rate, "events/s"),
            Case::Appended => figure::print("bare_appended", rate, "events/s"),
            Case::Of(database, then) => {
                let what = match then {
                    Then::Nothing => "intake",
                    Then::Booked => "booked",
                };
                let name = format!("{}_{what}", database.key());
                figure::print(&name, rate, "events/s");
                figure::print_share(&format!("{name}_of_bare"), rate, most);
            }
        }
    }
}

/// How many times as long as the bare server's, in per cent.
fn tell_p99(rounds: &[(Case, Round)], offered: &str) {
    let p99 = |round: &Round| round.percentile(99).as_nanos();
    let (_, bare) = &rounds[0];
    for (case, round) in rounds {
        let server = match case {
            Case::Appended => "appended",
            Case::Of(database, Then::Nothing) => database.key(),
            Case::Bare | Case::Of(_, Then::Booked) => continue,
        };
        figure::print_share(
            &format!("{server}_intake_p99_{offered}"),
            p99(round),
            p99(bare),
        );
    }
}

/// Which server.
#[derive(Clone, Copy)]
enum Case {
    Bare,
    /// It also appends to a file, and syncs.
    Appended,
    Of(Database, Then),
}

impl Case {
    fn name(self) -> String {
        match self {
            Self::Bare => "bare actix: verified, parsed".to_owned(),
            Self::Appended => "bare actix: and appended to a file, synced".to_owned(),
            Self::Of(database, Then::Nothing) => format!("{}: durable", database.name()),
            Self::Of(database, Then::Booked) => format!("{}: durable, and booked", database.name()),
        }
    }
}

/// What happens to what a server took in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Nothing,
    Booked,
}

fn databases_and_booking() -> Vec<Case> {
    let both = |database| [Then::Nothing, Then::Booked].map(|then| Case::Of(database, then));
    let cases = databases().into_iter().flat_map(both);
    [Case::Bare, Case::Appended]
        .into_iter()
        .chain(cases)
        .collect()
}

fn databases_without_booking() -> Vec<Case> {
    let only = |database| Case::Of(database, Then::Nothing);
    let cases = databases().into_iter().map(only);
    [Case::Bare, Case::Appended]
        .into_iter()
        .chain(cases)
        .collect()
}

fn measured(load: &Loads, asked: Asked, cases: Vec<Case>) -> Vec<(Case, Round)> {
    let works: Vec<Box<dyn Fn() -> Round + '_>> = cases
        .iter()
        .map(|case| -> Box<dyn Fn() -> Round + '_> {
            match *case {
                Case::Bare => Box::new(move || bare(load, asked)),
                Case::Appended => Box::new(move || appended_too(load, asked)),
                Case::Of(database, then) => {
                    let cpu = database.cpu();
                    match then {
                        Then::Nothing => Box::new(move || stored(database, load, asked, &cpu)),
                        Then::Booked => Box::new(move || booked(database, load, asked, &cpu)),
                    }
                }
            }
        })
        .collect();
    let rounds = alternately(&works, |round| match asked {
        Asked::All => round.took,
        // All take the same time.
        Asked::Steadily { .. } => round.percentile(99),
    });
    cases.into_iter().zip(rounds).collect()
}

fn print(title: &str, rounds: &[(Case, Round)], count: usize) {
    let head = [
        "what",
        "events/s",
        "of bare",
        "CPU µs each",
        "p50 ms",
        "p99 ms",
        "p99 to bare's",
    ];
    let mut table = Table::new(title, &head);
    let rate = |round: &Round| per_second(count, round.took);
    let p99 = |round: &Round| round.percentile(99);
    let (_, bare) = &rounds[0];
    for (case, round) in rounds {
        table.row(&[
            &case.name(),
            &grouped(rate(round)),
            &share(rate(round), rate(bare)),
            &(each(count, round.used) / 1_000).to_string(),
            &millis(round.percentile(50)),
            &millis(p99(round)),
            &share(p99(round).as_nanos(), p99(bare).as_nanos()),
        ]);
    }
    table.print();
}

fn millis(time: Duration) -> String {
    format!("{}.{:02}", time.as_millis(), time.as_micros() % 1_000 / 10)
}

impl Round {
    fn percentile(&self, per_cent: usize) -> Duration {
        self.waited[(self.waited.len() - 1) * per_cent / 100]
    }
}

impl Asked {
    /// Asks, waits until `done`, and returns what that took.
    fn ask(self, load: &Loads, served: &Served, cpu: &Cpu, done: impl Fn()) -> Round {
        let at_first = Pace::Steady {
            per_second: OFFERED[0],
            count: load.first.len(),
        };
        load::send(&load.first, served.address, CONNECTIONS, at_first);
        done();
        settle_disk();
        let before = cpu.used();
        let start = now();
        let pace = match self {
            Self::All => Pace::Closed {
                time_max: Duration::MAX,
            },
            Self::Steadily { per_second } => Pace::Steady {
                per_second,
                count: self.count(load),
            },
        };
        let waited = load::send(&load.measured, served.address, CONNECTIONS, pace);
        done();
        let took = start.elapsed();
        let used = cpu.used() - before;
        assert_eq!(waited.len(), self.count(load));
        Round { took, waited, used }
    }

    fn count(self, load: &Loads) -> usize {
        match self {
            Self::All => load.measured.len(),
            Self::Steadily { per_second } => load.measured.len().min(per_second * OFFERED_FOR_S),
        }
    }
}

/// Verifies a delivery as its provider's documentation says, parses it, and forgets it.
pub async fn verified_and_parsed(request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let signature = request.headers().get("stripe-signature").unwrap();
    let (time, v1) = signature.to_str().unwrap().split_once(',').unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(time.strip_prefix("t=").unwrap().as_bytes());
    mac.update(b".");
    mac.update(&body);
    let hex = v1.strip_prefix("v1=").unwrap().as_bytes();
    let sent: Vec<u8> = hex
        .chunks(2)
        .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
        .collect();
    mac.verify_slice(&sent).unwrap();
    let event: serde_json::Value = serde_json::from_slice(&body).unwrap();
    HttpResponse::Ok().json(serde_json::json!({"received": true, "event": event["id"]}))
}

fn bare(load: &Loads, asked: Asked) -> Round {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let served = Served::start(&listener, |listener| {
        let app = || App::new().default_service(web::to(verified_and_parsed));
        HttpServer::new(app)
            .workers(WORKERS)
            .listen(listener)
            .map(HttpServer::run)
    });
    asked.ask(load, &served, &Cpu::own(), || ())
}

fn appended_too(load: &Loads, asked: Asked) -> Round {
    let appender = web::Data::new(Appender::start(file_on_disk()));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let served = Served::start(&listener, |listener| {
        let app = move || {
            let app = App::new().app_data(appender.clone());
            app.default_service(web::to(appended::appended))
        };
        HttpServer::new(app)
            .workers(WORKERS)
            .listen(listener)
            .map(HttpServer::run)
    });
    asked.ask(load, &served, &Cpu::own(), || ())
}

/// A file that has no name, beside the databases.
fn file_on_disk() -> File {
    tempfile::tempfile_in(env!("CARGO_TARGET_TMPDIR")).unwrap()
}

/// Taken in, and worked on later.
fn stored(database: Database, load: &Loads, asked: Asked, cpu: &Cpu) -> Round {
    let (stage, idle) = (
        database.used_stage(today()),
        Database::Sqlite.stage(today()),
    );
    let workers = jobs::start(&idle.app);
    let served = Served::of(&stage, &workers);
    let round = asked.ask(load, &served, cpu, || ());
    drop(served);
    workers.stop();
    assert_eq!(stage.received(), load.first.len() + asked.count(load));
    round
}

/// Taken in and worked on at the same time; over when the last event is booked.
fn booked(database: Database, load: &Loads, asked: Asked, cpu: &Cpu) -> Round {
    let stage = database.used_stage(today());
    let workers = jobs::start(&stage.app);
    let served = Served::of(&stage, &workers);
    let round = asked.ask(load, &served, cpu, || {
        while stage.waits() {
            std::thread::sleep(LOOK_EVERY);
        }
    });
    drop(served);
    workers.stop();
    round
}
