//! At half of what the service can take, for as long as is asked: how long it takes from the 200 until the
//! journal is there for others to see, and whether memory grows.

use crate::arguments::Arguments;
use crate::figure;
use crate::footprint::Footprint;
use crate::lifecycles::{Event, Mix, Money, in_world};
use crate::measure::{Table, grouped, now};
use crate::outside::Outside;
use crate::scene::Scene;
use crate::sender::Pace;
use crate::stage::{Database, databases};
use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const SECONDS: usize = 60;
const CONNECTIONS: usize = 64;
/// How long the most that it can take is measured.
const MOST_FOR: Duration = Duration::from_secs(5);
/// How often the books are looked at; no time is known more exactly.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// What is later than this is told by the second.
const LATE: Duration = Duration::from_millis(250);

/// Journals that are asked for at a time.
const SEEN_MAX: usize = 500;

pub fn run(arguments: &Arguments) {
    let seconds = arguments.number("seconds", SECONDS);
    let title = format!("At half of the most it takes, for {seconds} s");
    let head = [
        "what",
        "events/s",
        "p50 ms",
        "p99 ms",
        "longest ms",
        "KiB early",
        "KiB at the end",
    ];
    let mut table = Table::new(&title, &head);
    for database in databases() {
        one(&mut table, database, seconds);
    }
    table.print();
}

fn one(table: &mut Table, database: Database, seconds: usize) {
    let mut scene = Scene::open(database, Mix::ORDINARY);
    let per_second = scene.most_a_second(MOST_FOR) / 2;
    scene.drain();
    let (told, heard) = channel();
    let watch = watch(scene.place.url(), heard);
    let memory = Footprint::watch(&scene.program);
    let see = move |event: &Event, world| {
        if let Money::Charged { charge, .. } = &event.money {
            told.send((in_world(charge, world), now())).unwrap();
        }
    };
    let pace = Pace::Steady {
        per_second,
        count: per_second * seconds,
    };
    let tally = scene
        .generator
        .send(scene.program.address, CONNECTIONS, pace, see);
    assert_eq!(tally.overloaded + tally.uncertain, 0);
    let told = watch.join().unwrap();
    let (early, late) = memory.end();
    let mut posted: Vec<Duration> = told.iter().map(|(_, took)| *took).collect();
    posted.sort();
    let at = |per_cent: usize| posted[(posted.len() - 1) * per_cent / 100].as_millis();
    table.row(&[
        database.name(),
        &grouped(u128::try_from(per_second).unwrap()),
        &at(50).to_string(),
        &at(99).to_string(),
        &at(100).to_string(),
        &grouped(early.into()),
        &grouped(late.into()),
    ]);
    let key = database.key();
    figure::print(
        &format!("{key}_together_rate"),
        u128::try_from(per_second).unwrap(),
        "events/s",
    );
    figure::print(&format!("{key}_together_p99"), at(99), "ms");
    figure::print_share(&format!("{key}_together_memory"), late.into(), early.into());
    late_seconds(database, &told).print();
    scene.close();
}

/// In which seconds journals were late: what else the database did then, its log tells.
fn late_seconds(database: Database, told: &[(Instant, Duration)]) -> Table {
    let first = told.iter().map(|(since, _)| *since).min();
    let mut seconds: BTreeMap<u64, (u128, Duration)> = BTreeMap::new();
    for (since, took) in told.iter().filter(|(_, took)| *took > LATE) {
        let second = first.map_or(0, |first| since.duration_since(first).as_secs());
        let (count, longest) = seconds.entry(second).or_default();
        *count += 1;
        *longest = (*longest).max(*took);
    }
    let title = format!(
        "{}: later than {} ms, by the second of the 200",
        database.name(),
        LATE.as_millis()
    );
    let mut table = Table::new(&title, &["second", "late", "longest ms"]);
    for (second, (count, longest)) in seconds {
        table.row(&[
            &second.to_string(),
            &grouped(count),
            &longest.as_millis().to_string(),
        ]);
    }
    table
}

/// Looks for the journals of charges that were acknowledged, and says when that was and how long each took.
fn watch(url: &str, heard: Receiver<(String, Instant)>) -> JoinHandle<Vec<(Instant, Duration)>> {
    let mut journals = Journals {
        database: Outside::beside(url),
        seen: 0,
    };
    std::thread::spawn(move || {
        // Charges by when they were first acknowledged, and by when their journals were seen.
        let (mut told, mut posted) = (BTreeMap::new(), BTreeMap::new());
        let mut more = true;
        while more || told.keys().any(|charge| !posted.contains_key(charge)) {
            std::thread::sleep(LOOK_EVERY);
            more = loop {
                match heard.try_recv() {
                    Ok((charge, since)) => drop(told.entry(charge).or_insert(since)),
                    Err(error) => break error == TryRecvError::Empty,
                }
            };
            journals.of_charges(|charge| {
                posted.insert(charge.to_owned(), now());
            });
        }
        let took = |(charge, since): (&String, &Instant)| {
            let seen: &Instant = &posted[charge];
            (*since, seen.saturating_duration_since(*since))
        };
        told.iter().map(took).collect()
    })
}

/// The journals of a ledger, each once, as they come.
struct Journals {
    database: Outside,
    /// From the first on: an event that is told again may be of a charge that was posted long before.
    seen: i64,
}

impl Journals {
    /// Calls `see` with the charge of each journal of a charge that came since this was asked last. They come in
    /// the order of their positions: one writer at a time books.
    fn of_charges(&mut self, mut see: impl FnMut(&str)) {
        let mut more = true;
        while more {
            let sql = format!(
                "SELECT position || ' ' || reference AS line FROM journals
                 WHERE position > $1 AND event = 'charge_succeeded' ORDER BY position LIMIT {SEEN_MAX}"
            );
            let (from, seen, mut count) = (self.seen, &mut self.seen, 0);
            self.database.each_after(&sql, from, |line| {
                let (position, charge) = line.split_once(' ').unwrap();
                *seen = position.parse().unwrap();
                count += 1;
                see(charge);
            });
            more = count == SEEN_MAX;
        }
    }
}
