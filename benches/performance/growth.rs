//! What one operation costs in small books and in large ones: it is to be the same.

use crate::arguments::Arguments;
use crate::deliveries::{deliveries, today};
use crate::figure;
use crate::load::Served;
use crate::measure::{Table, each, grouped, now, share, timed};
use crate::program::ADMIN_KEY;
use crate::stage::{Database, Stage, databases};
use crate::subscribers::{self, Size, customer_id, subscription_id};
use crate::wire::Line;
use avstem::app::portal::{self, OpenPortal};
use avstem::app::{account, cancellation, process_events};
use avstem::jobs;
use avstem_domain::cancellation::RefundChoice;
use avstem_domain::time::Timestamp;
use avstem_simulator::{Shape, WebhookDelivery};
use secrecy::ExposeSecret;
use std::hint::black_box;
use std::time::Duration;

const SMALL: Size = Size {
    events: 10_000,
    subscriptions: 1_000,
};
/// Unless the arguments `--events` and `--subscriptions` say otherwise.
const LARGE: Size = Size {
    events: 1_000_000,
    subscriptions: 100_000,
};
/// Whose deliveries are stored and processed, some 13,000 of them.
const SUBSCRIBERS: usize = 500;
const MONTHS: i64 = 2;
/// Subscriptions and customers that are looked at, from everywhere in the tables.
const LOOKED_AT: usize = 2_000;

/// What an operation cost, one by one.
struct Cost {
    name: &'static str,
    /// Processor time of all processes, and how many operations it was for.
    cpu: Duration,
    count: usize,
    times: Vec<Duration>,
}

impl Cost {
    /// `work` says how many operations each of its calls was.
    fn of(name: &'static str, database: Database, mut work: impl FnMut() -> Option<usize>) -> Self {
        let mut cost = Self {
            name,
            cpu: Duration::ZERO,
            count: 0,
            times: Vec::new(),
        };
        let cpu = database.cpu();
        let before = cpu.used();
        loop {
            let begun = now();
            let Some(count) = work() else { break };
            cost.count += count;
            cost.times
                .push(begun.elapsed() / u32::try_from(count).unwrap());
        }
        cost.cpu = cpu.used() - before;
        cost
    }

    fn middle(&self) -> Duration {
        let mut times = self.times.clone();
        times.sort_unstable();
        times[times.len() / 2]
    }
}

pub fn run(arguments: &Arguments) {
    let large = Size {
        events: arguments.number("events", LARGE.events),
        subscriptions: arguments.number("subscriptions", LARGE.subscriptions),
    };
    let now = today();
    let deliveries = deliveries(Shape::Mixed, SUBSCRIBERS, MONTHS, now);
    let count = |number: usize| grouped(u128::try_from(number).unwrap());
    let title = format!(
        "One operation, with {} stored events and with {}, of {} and {} subscriptions",
        count(SMALL.events),
        count(large.events),
        count(SMALL.subscriptions),
        count(large.subscriptions)
    );
    let head = [
        "what",
        "CPU µs, small",
        "CPU µs, large",
        "of it",
        "p50 µs, small",
        "p50 µs, large",
        "of it",
    ];
    let mut table = Table::new(&title, &head);
    for database in databases() {
        let [small, large] = [SMALL, large].map(|size| costs(database, size, &deliveries, now));
        for (small, large) in small.iter().zip(&large) {
            add(&mut table, database, small, large);
        }
    }
    table.print();
}

fn costs(
    database: Database,
    size: Size,
    deliveries: &[WebhookDelivery],
    now: Timestamp,
) -> Vec<Cost> {
    let stage = database.stage(now);
    let (made, ()) = timed(|| subscribers::fill(&stage, size, now));
    println!("{}: {size:?} made in {} s", database.name(), made.as_secs());
    // What others stored before is on disk, and no statistics are missing.
    let mut batches = deliveries.chunks(256);
    let intake = Cost::of("intake", database, || {
        let batch = batches.next()?;
        stage.store(batch);
        Some(batch.len())
    });
    let processing = Cost::of("processing", database, || {
        let done = process_events::process_due(&stage.app).unwrap().total();
        (done > 0).then_some(done)
    });
    assert_eq!(processing.count, deliveries.len());
    [intake, processing]
        .into_iter()
        .chain(reads(&stage, database, size))
        .collect()
}

/// What is read for a preview and for a customer's pages, and then both as they are asked for, over HTTP.
fn reads(stage: &Stage, database: Database, size: Size) -> [Cost; 4] {
    let step = (size.subscriptions / LOOKED_AT).max(1);
    let numbers = || (0..size.subscriptions).step_by(step).take(LOOKED_AT);
    let mut looked_at = numbers();
    let preview_read = Cost::of("what a preview reads", database, || {
        let subscription = subscription_id(looked_at.next()?);
        let choice = RefundChoice::Policy;
        let previewed = cancellation::preview(&stage.app, &subscription, choice).unwrap();
        assert_eq!(black_box(previewed).plan.verdicts.len(), 1);
        Some(1)
    });
    let visitors = numbers().map(|number| (enter(stage, number), subscription_id(number)));
    let visitors: Vec<_> = visitors.take(LOOKED_AT / 2).collect();
    let (first, second) = visitors.split_at(LOOKED_AT / 4);
    let mut visits = first.iter();
    let page_read = Cost::of("what account pages read", database, || {
        let (token, subscription) = visits.next()?;
        let visit = account::visit(&stage.app, token).unwrap().unwrap();
        let overview = account::overview(&stage.app, &visit).unwrap();
        assert_eq!(overview.subscriptions.len(), 1);
        let looked = account::subscription(&stage.app, &visit, subscription);
        assert!(black_box(looked).unwrap().is_some());
        Some(1)
    });
    let idle = Database::Sqlite.stage(today());
    let workers = jobs::start(&idle.app);
    let served = Served::of(stage, &workers);
    let mut line = Line::to(served.address);
    let bearer = format!("Bearer {ADMIN_KEY}");
    // Others than were read before.
    let mut looked_at = numbers().map(|number| number + step / 2);
    let preview = Cost::of("cancellation preview", database, || {
        let subscription = subscription_id(looked_at.next()?);
        let target = format!("/v1/subscriptions/{subscription}/cancellation/preview");
        assert_eq!(line.get(&target, ("authorization", &bearer)), 200);
        Some(1)
    });
    let mut visits = second.iter();
    let page = Cost::of("account page", database, || {
        let (token, subscription) = visits.next()?;
        let cookie = format!("avstem_account={token}");
        for target in [
            "/account",
            &format!("/account/subscriptions/{subscription}"),
        ] {
            assert_eq!(line.get(target, ("cookie", &cookie)), 200, "{target}");
        }
        Some(1)
    });
    drop(line);
    drop(served);
    workers.stop();
    [preview_read, page_read, preview, page]
}

/// Signs a customer in.
fn enter(stage: &Stage, number: usize) -> String {
    let command = OpenPortal {
        customer: customer_id(number),
        return_url: None,
        locale: None,
    };
    let link = portal::open(&stage.app, &command).unwrap();
    let url = link.url.expose_secret();
    let token = url.rsplit(['/', '=']).next().unwrap();
    let session = account::enter(&stage.app, token, None).unwrap().unwrap();
    session.expose_secret().to_owned()
}

fn add(table: &mut Table, database: Database, small: &Cost, large: &Cost) {
    let cpu = [small, large].map(|cost| each(cost.count, cost.cpu));
    let middle = [small, large].map(|cost| cost.middle().as_nanos());
    let micros = |nanos: u128| format!("{}.{}", grouped(nanos / 1_000), nanos % 1_000 / 100);
    table.row(&[
        &format!("{}: {}", database.name(), small.name),
        &micros(cpu[0]),
        &micros(cpu[1]),
        &share(cpu[1], cpu[0]),
        &micros(middle[0]),
        &micros(middle[1]),
        &share(middle[1], middle[0]),
    ]);
    let name = format!(
        "{}_growth_{}",
        database.name().to_lowercase(),
        small.name.replace(' ', "_")
    );
    figure::print(&format!("{name}_cpu"), cpu[1] * 100 / cpu[0].max(1), "%");
    figure::print(
        &format!("{name}_p50"),
        middle[1] * 100 / middle[0].max(1),
        "%",
    );
}
