//! One backlog for one process, and the same for two, on one PostgreSQL: how much sooner it is worked off, and
//! whether everything was done once.

use crate::acknowledged::{Log, Outcome};
use crate::checker::check;
use crate::cpu::Cpu;
use crate::deliveries::today;
use crate::figure;
use crate::lifecycles::{Lifecycles, Mix, Signed, in_world, signature};
use crate::measure::{Table, alternately, grouped, now, per_second, share};
use crate::outside::Outside;
use crate::program::{self, Program};
use crate::quota::Quota;
use crate::scene::anything_waits;
use crate::stage::{Database, Place, databases, store};
use std::time::Duration;

/// Some 70,000 events.
const MIX: Mix = Mix {
    customers: 2_500,
    ..Mix::ORDINARY
};
/// Seldom: each look passes over what was done with and is not cleared away yet.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Of a core, in per cent, for each process; `None` is as much as each wants. With the first, two of them and what the server does for
/// them leave most of a core, so that the database is not the limit; with the others it is one, and they are told beside it.
const SHARES: [(Option<u64>, &str); 3] = [
    (Some(20), "replicas"),
    (Some(30), "replicas_more"),
    (None, "replicas_unlimited"),
];

/// How many processes work, and with how much of the processor.
#[derive(Clone, Copy)]
struct Crew {
    processes: usize,
    /// Of a core, in per cent, for each.
    share: Option<u64>,
}

pub fn run() {
    if !databases().contains(&Database::Postgres) {
        return;
    }
    let lifecycles = Lifecycles::new(MIX, today());
    let can_limit = Quota::of_a_core("probe", 100).is_some();
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
            "cores used by them",
            "by the server",
        ],
    );
    for (share_of_each, figure) in SHARES {
        if share_of_each.is_some() && !can_limit {
            continue;
        }
        let crew = |processes| Crew {
            processes,
            share: share_of_each,
        };
        let one = || worked_off(&lifecycles, crew(1));
        let two = || worked_off(&lifecycles, crew(2));
        let works: [&dyn Fn() -> Worked; 2] = [&one, &two];
        let rounds = alternately(&works, |worked| worked.took);
        let rate = |worked: &Worked| per_second(worked.events, worked.took);
        let of_a_core = share_of_each.map_or_else(
            || "all it wants".to_owned(),
            |per_cent| format!("{per_cent} %"),
        );
        for (processes, round) in (1..).zip(&rounds) {
            table.row(&[
                &processes.to_string(),
                &of_a_core,
                &grouped(u128::try_from(round.events).unwrap()),
                &grouped(rate(round)),
                &share(rate(round), rate(&rounds[0])),
                &cores(round.by_processes, round.took),
                &cores(round.by_others, round.took),
            ]);
        }
        figure::print_share(figure, rate(&rounds[1]), rate(&rounds[0]));
    }
    table.print();
}

/// A backlog that was worked off.
struct Worked {
    /// From the start of the processes.
    took: Duration,
    events: usize,
    /// What they used of the processors.
    by_processes: Duration,
    /// What the server and this program used meanwhile.
    by_others: Duration,
}

/// Such as `0.60`: of the cores, on the average.
fn cores(used: Duration, took: Duration) -> String {
    let hundredths = used.as_nanos() * 100 / took.as_nanos().max(1);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn worked_off(lifecycles: &Lifecycles, crew: Crew) -> Worked {
    let place = Database::Postgres.place();
    program::run(&place, &["migrate"]);
    let events = fill(&place, lifecycles);
    let mut database = Outside::beside(place.url());
    let waiting = "SELECT CAST(COUNT(*) AS TEXT) AS line FROM events WHERE state = 'received'";
    let before = database.number(waiting);
    let cpu = Database::Postgres.cpu();
    let used_before = cpu.used();
    let start = now();
    let work = |number: usize| {
        let program = Program::start(&place);
        let quota = crew.share.map(|per_cent| {
            let quota = Quota::of_a_core(&number.to_string(), per_cent).unwrap();
            quota.hold(program.id());
            quota
        });
        (program, quota)
    };
    let programs: Vec<(Program, Option<Quota>)> = (0..crew.processes).map(work).collect();
    while anything_waits(&mut database) {
        std::thread::sleep(LOOK_EVERY);
    }
    let took = start.elapsed();
    let by_others = cpu.used().saturating_sub(used_before);
    let by_processes = programs
        .iter()
        .map(|(program, _)| Cpu::of_process(program.id()))
        .sum();
    assert_eq!(usize::try_from(before).unwrap(), events);
    for (program, quota) in programs {
        program.stop();
        drop(quota);
    }
    check(place.url(), lifecycles, &place.folder().join("acks")).require();
    program::run(&place, &["verify"]);
    Worked {
        took,
        events,
        by_processes,
        by_others,
    }
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
