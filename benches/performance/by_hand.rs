//! The generator and the checker for a service that runs somewhere: `send` and then `check`, with the same mix.

use crate::acknowledged;
use crate::arguments::Arguments;
use crate::checker::check;
use crate::deliveries::today;
use crate::generator::Generator;
use crate::lifecycles::{Lifecycles, Mix};
use crate::measure::{grouped, now, per_second};
use crate::sender::Pace;
use avstem_domain::time::Timestamp;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

fn mix(arguments: &Arguments) -> Mix {
    let ordinary = Mix::ORDINARY;
    Mix {
        customers: arguments.number("customers", ordinary.customers),
        months: i64::try_from(arguments.number("months", 2)).unwrap(),
        seed: u64::try_from(arguments.number("seed", 7)).unwrap(),
        refunded: arguments.number("refunded", ordinary.refunded),
        duplicates: arguments.number("duplicates", ordinary.duplicates),
        disorder: arguments.number("disorder", ordinary.disorder),
        forged: arguments.number("bad-signatures", ordinary.forged),
    }
}

/// The lifecycles end on the same day in every run: `--day`, as days since 1970, or today.
fn lifecycles(arguments: &Arguments) -> Lifecycles {
    let today = usize::try_from(today().unix_seconds() / 86_400).unwrap();
    let day = i64::try_from(arguments.number("day", today)).unwrap();
    Lifecycles::new(
        mix(arguments),
        Timestamp::from_unix_seconds(day * 86_400).unwrap(),
    )
}

pub fn send(arguments: &Arguments) {
    let lifecycles = Arc::new(lifecycles(arguments));
    let seconds = arguments.number("seconds", 10);
    let pace = match arguments.number("rate", 0) {
        0 => Pace::Closed {
            time_max: Duration::from_secs(u64::try_from(seconds).unwrap()),
        },
        per_second => Pace::Steady {
            per_second,
            count: per_second * seconds,
        },
    };
    let address = arguments
        .text("address")
        .parse()
        .expect("--address HOST:PORT");
    let mut generator = Generator::new(lifecycles, Path::new(arguments.text("acks")));
    let start = now();
    let tally = generator.send(
        address,
        arguments.number("connections", 64),
        pace,
        |_, _| {},
    );
    let took = start.elapsed();
    generator.close();
    println!(
        "{} sent, {} stored, {} duplicates, {} overloaded, {} uncertain, {} refused; {} stored a second",
        tally.sent(),
        tally.taken,
        tally.duplicates,
        tally.overloaded,
        tally.uncertain,
        tally.refused,
        grouped(per_second(tally.taken, took)),
    );
    println!(
        "p50 {:?}, p99 {:?}",
        tally.percentile(50),
        tally.percentile(99)
    );
}

pub fn check_by_hand(arguments: &Arguments) {
    let log = Path::new(arguments.text("acks"));
    let mut lines = 0;
    acknowledged::read(log, |_, _| lines += 1);
    let checked = check(arguments.text("database"), &lifecycles(arguments), log);
    checked.require();
    println!(
        "{lines} answers, {} events acknowledged, {} stored, {} journals of charges and refunds: nothing is lost, nothing twice",
        checked.acknowledged, checked.stored, checked.booked
    );
}
