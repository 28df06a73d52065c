//! Webhooks over HTTP at 64 connections, answered once they are on disk, beside a bare actix server that
//! verifies and parses and forgets: the same load from the same thread, on the same cores. First as many as
//! each can take; then as many as all can, to see how long an answer takes.

use crate::cpu::Cpu;
use crate::deliveries::{SECRET, deliveries, today};
use crate::load::{Load, Served};
use crate::measure::{Table, alternately, each, grouped, now, per_second, share};
use crate::stage::{Database, Stage, databases};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use avstem::app::receive_webhook::GroupCommit;
use avstem::{http, jobs};
use avstem_simulator::Shape;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

const CONNECTIONS: usize = 64;
/// Some 13,000 different events of classic and newer shape.
const SUBSCRIBERS: usize = 500;
const MONTHS: i64 = 2;
/// As many as the service has.
const WORKERS: usize = 2;
/// What every server is offered a second, and how many in all, when times are looked at.
const OFFERED: usize = 4_000;
const OFFERED_IN_ALL: usize = 8_000;

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

/// How a server is asked.
#[derive(Clone, Copy)]
enum Asked {
    /// As fast as it answers.
    All,
    /// At a rate that each can keep.
    Steadily,
}

pub fn run() {
    let events = deliveries(Shape::Mixed, SUBSCRIBERS, MONTHS, today());
    let load = Load::new("/webhooks/stripe", &events);
    let count = grouped(u128::try_from(events.len()).unwrap());
    print(
        &format!("{count} webhooks over HTTP at {CONNECTIONS} connections"),
        &measured(&load, Asked::All, databases_and_booking()),
        events.len(),
    );
    print(
        &format!(
            "{OFFERED} webhooks a second, {OFFERED_IN_ALL} in all, offered to each over {CONNECTIONS} connections"
        ),
        &measured(&load, Asked::Steadily, databases_without_booking()),
        OFFERED_IN_ALL,
    );
}

/// What happens to what a server took in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Then {
    Nothing,
    Booked,
}

fn databases_and_booking() -> Vec<(Database, Then)> {
    let both = |database| [(database, Then::Nothing), (database, Then::Booked)];
    databases().into_iter().flat_map(both).collect()
}

fn databases_without_booking() -> Vec<(Database, Then)> {
    let only = |database| (database, Then::Nothing);
    databases().into_iter().map(only).collect()
}

/// The bare server's round first.
fn measured(load: &Load, asked: Asked, cases: Vec<(Database, Then)>) -> Vec<(String, Round)> {
    let mut names = vec!["bare actix: verified, parsed".to_owned()];
    let mut works: Vec<Box<dyn Fn() -> Round + '_>> = vec![Box::new(move || bare(load, asked))];
    for (database, then) in cases {
        let cpu = database.cpu();
        names.push(match then {
            Then::Nothing => format!("{}: durable", database.name()),
            Then::Booked => format!("{}: durable, and booked", database.name()),
        });
        works.push(match then {
            Then::Nothing => Box::new(move || stored(database, load, asked, &cpu)),
            Then::Booked => Box::new(move || booked(database, load, asked, &cpu)),
        });
    }
    let rounds = alternately(&works, |round| round.took);
    names.into_iter().zip(rounds).collect()
}

fn print(title: &str, rounds: &[(String, Round)], count: usize) {
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
    for (name, round) in rounds {
        table.row(&[
            name,
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
    fn ask(self, load: &Load, served: &Served, cpu: &Cpu, done: impl FnOnce()) -> Round {
        let before = cpu.used();
        let start = now();
        let waited = match self {
            Self::All => load.send(served.address, CONNECTIONS),
            Self::Steadily => load.offer(served.address, CONNECTIONS, OFFERED, OFFERED_IN_ALL),
        };
        done();
        let took = start.elapsed();
        let used = cpu.used() - before;
        assert_eq!(waited.len(), self.count(load));
        Round { took, waited, used }
    }

    fn count(self, load: &Load) -> usize {
        match self {
            Self::All => load.len(),
            Self::Steadily => OFFERED_IN_ALL,
        }
    }
}

/// Verifies a delivery as its provider's documentation says, parses it, and forgets it.
async fn verified_and_parsed(request: HttpRequest, body: web::Bytes) -> HttpResponse {
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

fn bare(load: &Load, asked: Asked) -> Round {
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

/// The service's server over a stage, with the workers of another stage, which has nothing to do.
fn serve(stage: &Stage, workers: &jobs::Jobs) -> Served {
    let intake = GroupCommit::start(Arc::clone(&stage.app));
    let state = http::State::new(Arc::clone(&stage.app), intake, workers.health());
    let state = web::Data::new(state);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    Served::start(&listener, move |listener| http::server(state, listener))
}

/// Taken in, and worked on later.
fn stored(database: Database, load: &Load, asked: Asked, cpu: &Cpu) -> Round {
    let (stage, idle) = (database.stage(today()), Database::Sqlite.stage(today()));
    let workers = jobs::start(&idle.app);
    let served = serve(&stage, &workers);
    let round = asked.ask(load, &served, cpu, || ());
    drop(served);
    workers.stop();
    assert_eq!(stage.received(), asked.count(load));
    round
}

/// Taken in and worked on at the same time; over when the last event is booked.
fn booked(database: Database, load: &Load, asked: Asked, cpu: &Cpu) -> Round {
    let stage = database.stage(today());
    let workers = jobs::start(&stage.app);
    let served = serve(&stage, &workers);
    let round = asked.ask(load, &served, cpu, || {
        while stage.waits() {
            std::thread::sleep(LOOK_EVERY);
        }
    });
    drop(served);
    workers.stop();
    round
}
