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
/// Charges that are looked for at a time.
const LOOKED_FOR_MAX: usize = 200;

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
    let watch = watch(scene.place.url().to_owned(), heard);
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
    let mut posted = watch.join().unwrap();
    let (early, late) = memory.end();
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
    scene.close();
}

/// Looks for the journals of charges that were acknowledged, and says how long each took.
fn watch(url: String, heard: Receiver<(String, Instant)>) -> JoinHandle<Vec<Duration>> {
    std::thread::spawn(move || {
        let mut database = Outside::open(&url);
        let (mut open, mut posted) = (BTreeMap::new(), Vec::new());
        let mut more = true;
        while more || !open.is_empty() {
            std::thread::sleep(LOOK_EVERY);
            open.extend(heard.try_iter());
            more = !matches!(
                heard.try_recv().map(|told| open.extend([told])),
                Err(TryRecvError::Disconnected)
            );
            let mut oldest: Vec<(&String, &Instant)> = open.iter().collect();
            oldest.sort_by_key(|(_, since)| **since);
            let charges: Vec<String> = oldest
                .into_iter()
                .take(LOOKED_FOR_MAX)
                .map(|(charge, _)| format!("'{charge}'"))
                .collect();
            if charges.is_empty() {
                continue;
            }
            let sql = format!(
                "SELECT object AS line FROM effects WHERE connection = 'stripe'
                 AND effect = 'charge_succeeded' AND object IN ({})",
                charges.join(", ")
            );
            database.each(&sql, |charge| {
                posted.push(open.remove(charge).unwrap().elapsed());
            });
        }
        posted
    })
}
