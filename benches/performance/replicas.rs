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
use crate::quota::Quota;
use crate::scene::waiting;
use crate::stage::{Database, Place, databases, store};
use std::time::Duration;

/// Some 70,000 events.
const MIX: Mix = Mix {
    customers: 2_500,
    ..Mix::ORDINARY
};
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Of a core, for each process: two of them and what the server does for them then leave some of two cores, so that
/// the database is not the limit. As much as each wants is measured as well.
const SHARE_PERCENT: u64 = 30;

/// How many processes work, and with how much of the processor.
#[derive(Clone, Copy)]
struct Crew {
    processes: usize,
    is_limited: bool,
}

pub fn run() {
    if !databases().contains(&Database::Postgres) {
        return;
    }
    let lifecycles = Lifecycles::new(MIX, today());
    let can_limit = Quota::of_a_core("probe", SHARE_PERCENT).is_some();
    if !can_limit {
        println!("No control group can be made here, so processes were not limited.");
    }
    let mut table = Table::new(
        "A backlog on one PostgreSQL",
        &[
            "processes",
            "of a core each",
            "events",
            "events/s",
            "of one",
        ],
    );
    for is_limited in [true, false] {
        if is_limited && !can_limit {
            continue;
        }
        let crew = |processes| Crew {
            processes,
            is_limited,
        };
        let one = || worked_off(&lifecycles, crew(1));
        let two = || worked_off(&lifecycles, crew(2));
        let works: [&dyn Fn() -> (Duration, usize); 2] = [&one, &two];
        let rounds = alternately(&works, |(took, _)| *took);
        let rate = |(took, events): (Duration, usize)| per_second(events, took);
        let of_a_core = if is_limited {
            format!("{SHARE_PERCENT} %")
        } else {
            "all it wants".to_owned()
        };
        for (processes, round) in (1..).zip(&rounds) {
            table.row(&[
                &processes.to_string(),
                &of_a_core,
                &grouped(u128::try_from(round.1).unwrap()),
                &grouped(rate(*round)),
                &share(rate(*round), rate(rounds[0])),
            ]);
        }
        let figure = if is_limited {
            "replicas"
        } else {
            "replicas_unlimited"
        };
        figure::print_share(figure, rate(rounds[1]), rate(rounds[0]));
    }
    table.print();
}

/// From the start of the processes. How long it took, and how many events there were.
fn worked_off(lifecycles: &Lifecycles, crew: Crew) -> (Duration, usize) {
    let place = Database::Postgres.place();
    program::run(&place, &["migrate"]);
    let events = fill(&place, lifecycles);
    let mut database = Outside::open(place.url());
    let before = waiting(&mut database);
    let start = now();
    let work = |number: usize| {
        let program = Program::start(&place);
        let quota = crew.is_limited.then(|| {
            let quota = Quota::of_a_core(&number.to_string(), SHARE_PERCENT).unwrap();
            quota.hold(program.id());
            quota
        });
        (program, quota)
    };
    let programs: Vec<(Program, Option<Quota>)> = (0..crew.processes).map(work).collect();
    while waiting(&mut database) > 0 {
        std::thread::sleep(LOOK_EVERY);
    }
    let took = start.elapsed();
    assert_eq!(usize::try_from(before).unwrap(), events);
    for (program, quota) in programs {
        program.stop();
        drop(quota);
    }
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
