//! One backlog for one process, and the same for two, on one PostgreSQL: how much sooner it is worked off, and
//! whether everything was done once.

use crate::acknowledged::{Log, Outcome};
use crate::checker::check;
use crate::deliveries::today;
use crate::figure;
use crate::lifecycles::{Lifecycles, Mix, Signed, in_world, signature};
use crate::measure::{Table, alternately, grouped, now, per_second, share};
use crate::outside::Outside;
use crate::program::{self, Program};
use crate::scene::waiting;
use crate::stage::{Database, Place, databases, store};
use std::time::Duration;

/// Some 40,000 events.
const MIX: Mix = Mix {
    customers: 1_500,
    ..Mix::ORDINARY
};
const LOOK_EVERY: Duration = Duration::from_millis(10);

pub fn run() {
    if !databases().contains(&Database::Postgres) {
        return;
    }
    let lifecycles = Lifecycles::new(MIX, today());
    let one = || worked_off(&lifecycles, 1);
    let two = || worked_off(&lifecycles, 2);
    let works: [&dyn Fn() -> (Duration, usize); 2] = [&one, &two];
    let rounds = alternately(&works, |(took, _)| *took);
    let mut table = Table::new(
        "A backlog on one PostgreSQL",
        &["processes", "events", "events/s", "of one"],
    );
    let rate = |(took, events): (Duration, usize)| per_second(events, took);
    for (processes, round) in (1..).zip(&rounds) {
        table.row(&[
            &processes.to_string(),
            &grouped(u128::try_from(round.1).unwrap()),
            &grouped(rate(*round)),
            &share(rate(*round), rate(rounds[0])),
        ]);
    }
    table.print();
    figure::print_share("replicas", rate(rounds[1]), rate(rounds[0]));
}

/// From the start of the processes. How long it took, and how many events there were.
fn worked_off(lifecycles: &Lifecycles, processes: usize) -> (Duration, usize) {
    let place = Database::Postgres.place();
    program::run(&place, &["migrate"]);
    let events = fill(&place, lifecycles);
    let mut database = Outside::open(place.url());
    let before = waiting(&mut database);
    let start = now();
    let programs: Vec<Program> = (0..processes).map(|_| Program::start(&place)).collect();
    while waiting(&mut database) > 0 {
        std::thread::sleep(LOOK_EVERY);
    }
    let took = start.elapsed();
    assert_eq!(usize::try_from(before).unwrap(), events);
    programs.into_iter().for_each(Program::stop);
    check(place.url(), lifecycles, &place.folder().join("acks")).require();
    program::run(&place, &["verify"]);
    (took, events)
}

/// Stores all that happens in one world, and logs it as acknowledged. How many different events there are.
fn fill(place: &Place, lifecycles: &Lifecycles) -> usize {
    let mut log = Log::create(&place.folder().join("acks"));
    let (now, mut deliveries) = (today(), Vec::new());
    for number in 0..lifecycles.requests() {
        let mut body = Vec::new();
        if lifecycles.body(number, &mut body) == Signed::Well {
            let (event, world, _) = lifecycles.event(number);
            log.add(&in_world(&event.id, world), Outcome::Taken);
            let signature = signature(Signed::Well, now, &body);
            deliveries.push(([("stripe-signature".to_owned(), signature)], body));
        }
    }
    log.close();
    let deliveries = deliveries.iter();
    store(
        &place.app(now),
        deliveries.map(|(headers, body)| (headers.as_slice(), body.as_slice())),
    );
    lifecycles.events.len()
}
