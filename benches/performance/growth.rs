//! What one operation costs in small books and in large ones: it is to be the same.

use crate::arguments::Arguments;
use crate::cpu::Cpu;
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
use std::net::SocketAddr;
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
/// Of batches, of 256 deliveries.
const BATCHES_IN_TURN: usize = 5;

/// Calls of an operation on small books, and then on large ones, and so on: what else the machine does meets both.
const IN_TURN: usize = 50;

/// Does something once, or a batch of it, and says to how many things; None when there is nothing left to do.
type Work<'a> = Box<dyn FnMut() -> Option<usize> + 'a>;

/// What an operation cost, one by one.
#[derive(Default)]
struct Cost {
    /// Processor time of all processes, and how many operations it was for.
    cpu: Duration,
    count: usize,
    times: Vec<Duration>,
}

impl Cost {
    /// Works for a turn. False when nothing is left to do.
    fn add(&mut self, cpu: &Cpu, in_turn: usize, work: &mut Work<'_>) -> bool {
        let before = cpu.used();
        let mut is_left = true;
        for _ in 0..in_turn {
            let begun = now();
            let Some(count) = work() else {
                is_left = false;
                break;
            };
            self.count += count;
            self.times
                .push(begun.elapsed() / u32::try_from(count).unwrap());
        }
        self.cpu += cpu.used() - before;
        is_left
    }

    fn middle(&self) -> Duration {
        let mut times = self.times.clone();
        times.sort_unstable();
        times[times.len() / 2]
    }
}

/// An operation, in small books and in large ones.
struct Compared {
    name: &'static str,
    small: Cost,
    large: Cost,
}

impl Compared {
    /// Both by turns, of so many calls each.
    fn of(
        name: &'static str,
        database: Database,
        in_turn: usize,
        [mut small, mut large]: [Work<'_>; 2],
    ) -> Self {
        let cpu = database.cpu();
        let mut compared = Self {
            name,
            small: Cost::default(),
            large: Cost::default(),
        };
        let mut is_left = true;
        while is_left {
            let in_small = compared.small.add(&cpu, in_turn, &mut small);
            let in_large = compared.large.add(&cpu, in_turn, &mut large);
            is_left = in_small || in_large;
        }
        compared
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
        let books = [SMALL, large].map(|size| Books::made(database, size, now));
        for compared in writes(database, &books, &deliveries) {
            add(&mut table, database, &compared);
        }
        for compared in reads(database, &books) {
            add(&mut table, database, &compared);
        }
    }
    table.print();
}

/// The service over a database with so much in it.
struct Books {
    stage: Stage,
    size: Size,
}

impl Books {
    fn made(database: Database, size: Size, now: Timestamp) -> Self {
        let stage = database.stage(now);
        let (made, ()) = timed(|| {
            subscribers::fill(&stage, size, now);
            stage.place.settle();
        });
        println!("{}: {size:?} made in {} s", database.name(), made.as_secs());
        Self { stage, size }
    }

    /// Of some subscriptions, from everywhere in the tables.
    fn numbers(&self) -> impl Iterator<Item = usize> + use<> {
        let step = self.step();
        (0..self.size.subscriptions).step_by(step).take(LOOKED_AT)
    }

    fn step(&self) -> usize {
        (self.size.subscriptions / LOOKED_AT).max(1)
    }
}

fn writes(database: Database, books: &[Books; 2], deliveries: &[WebhookDelivery]) -> [Compared; 2] {
    let intake = books.each_ref().map(|books| -> Work<'_> {
        let mut batches = deliveries.chunks(256);
        Box::new(move || {
            let batch = batches.next()?;
            books.stage.store(batch);
            Some(batch.len())
        })
    });
    let processing = books.each_ref().map(|books| -> Work<'_> {
        Box::new(|| {
            let done = process_events::process_due(&books.stage.app).unwrap();
            (done.total() > 0).then_some(done.total())
        })
    });
    let all = [
        Compared::of("intake", database, BATCHES_IN_TURN, intake),
        Compared::of("processing", database, BATCHES_IN_TURN, processing),
    ];
    assert_eq!(all[1].small.count, deliveries.len());
    assert_eq!(all[1].large.count, deliveries.len());
    all
}

/// What is read for a preview and for a customer's pages, and then both as they are asked for, over HTTP.
fn reads(database: Database, books: &[Books; 2]) -> Vec<Compared> {
    let of = |name, works| Compared::of(name, database, IN_TURN, works);
    let visitors = books.each_ref().map(|books| {
        let numbers = books.numbers().take(LOOKED_AT / 2);
        let visitor = |number| (enter(&books.stage, number), subscription_id(number));
        numbers.map(visitor).collect::<Vec<_>>()
    });
    let visitors = visitors.each_ref().map(|all| all.split_at(all.len() / 2));
    let mut all = vec![
        of("what a preview reads", books.each_ref().map(previewing)),
        of(
            "what account pages read",
            [
                visiting(&books[0], visitors[0].0),
                visiting(&books[1], visitors[1].0),
            ],
        ),
    ];
    let idle = Database::Sqlite.stage(today());
    let workers = jobs::start(&idle.app);
    let served = books
        .each_ref()
        .map(|books| Served::of(&books.stage, &workers));
    let [small, large] = served.each_ref().map(|served| served.address);
    all.push(of(
        "cancellation preview",
        [
            asking_for_previews(&books[0], small),
            asking_for_previews(&books[1], large),
        ],
    ));
    all.push(of(
        "account page",
        [
            asking_for_pages(small, visitors[0].1),
            asking_for_pages(large, visitors[1].1),
        ],
    ));
    drop(served);
    workers.stop();
    all
}

/// One preview a call.
fn previewing(books: &Books) -> Work<'_> {
    let mut numbers = books.numbers();
    Box::new(move || {
        let subscription = subscription_id(numbers.next()?);
        let choice = RefundChoice::Policy;
        let previewed = cancellation::preview(&books.stage.app, &subscription, choice).unwrap();
        assert_eq!(black_box(previewed).plan.verdicts.len(), 1);
        Some(1)
    })
}

/// A customer's session, and the provider's id of a subscription.
type Visitor = (String, String);

/// Both pages of one customer a call.
fn visiting<'a>(books: &'a Books, visitors: &'a [Visitor]) -> Work<'a> {
    let mut visits = visitors.iter();
    Box::new(move || {
        let (token, subscription) = visits.next()?;
        let app = &books.stage.app;
        let visit = account::visit(app, token).unwrap().unwrap();
        let overview = account::overview(app, &visit).unwrap();
        assert_eq!(overview.subscriptions.len(), 1);
        let looked = account::subscription(app, &visit, subscription);
        assert!(black_box(looked).unwrap().is_some());
        Some(1)
    })
}

/// The same over HTTP, of others than were read before.
fn asking_for_previews(books: &Books, address: SocketAddr) -> Work<'_> {
    let mut line = Line::to(address);
    let bearer = format!("Bearer {ADMIN_KEY}");
    let step = books.step();
    let mut numbers = books.numbers();
    Box::new(move || {
        let subscription = subscription_id(numbers.next()? + step / 2);
        let target = format!("/v1/subscriptions/{subscription}/cancellation/preview");
        assert_eq!(line.get(&target, ("authorization", &bearer)), 200);
        Some(1)
    })
}

fn asking_for_pages(address: SocketAddr, visitors: &[Visitor]) -> Work<'_> {
    let mut line = Line::to(address);
    let mut visits = visitors.iter();
    Box::new(move || {
        let (token, subscription) = visits.next()?;
        let cookie = format!("avstem_account={token}");
        for target in [
            "/account",
            &format!("/account/subscriptions/{subscription}"),
        ] {
            assert_eq!(line.get(target, ("cookie", &cookie)), 200, "{target}");
        }
        Some(1)
    })
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

fn add(table: &mut Table, database: Database, Compared { name, small, large }: &Compared) {
    let cpu = [small, large].map(|cost| each(cost.count, cost.cpu));
    let middle = [small, large].map(|cost| cost.middle().as_nanos());
    let micros = |nanos: u128| format!("{}.{}", grouped(nanos / 1_000), nanos % 1_000 / 100);
    table.row(&[
        &format!("{}: {}", database.name(), name),
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
        name.replace(' ', "_")
    );
    figure::print(&format!("{name}_cpu"), cpu[1] * 100 / cpu[0].max(1), "%");
    figure::print(
        &format!("{name}_p50"),
        middle[1] * 100 / middle[0].max(1),
        "%",
    );
}
