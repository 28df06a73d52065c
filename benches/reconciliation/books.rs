//! The books of the world: every charge that events told of, booked and sealed, as the service leaves them.

use super::row::{Standing, amount, at, charge, major, standing};
use avstem::app::App;
use avstem::app::books::{EffectKey, JournalRows};
use avstem::app::measure::Meters;
use avstem::app::seal_ledger;
use avstem::app::seams::Seams;
use avstem::app::signals::Signals;
use avstem::clock::Clock;
use avstem::config::Config;
use avstem::gateway::Gateway;
use avstem::store::Store;
use avstem::store::rows::Charge;
use avstem_domain::id::{ChargeId, JournalId};
use avstem_domain::ledger::account::Connection;
use avstem_domain::ledger::posting::{Classification, Income, Occasion, charge_succeeded};
use avstem_domain::money::{Currency, Money};
use avstem_domain::refund_policy::Policy;
use avstem_domain::time::Timestamp;
use std::io::{self, Write};

const CONNECTION: &str = "stripe";
/// Charges in one transaction.
const BATCH: u64 = 5_000;

/// Makes the database at `url`, with a charge for every row but those that no event told of.
pub fn make(url: &str, rows: u64) {
    let app = app(url);
    app.store.migrate().unwrap();
    let mut first = 0;
    while first < rows {
        let last = rows.min(first + BATCH);
        let known: Vec<u64> = (first..last).filter(|row| is_in_books(*row)).collect();
        add(&app, &known, rows);
        first = last;
    }
    seal_ledger::seal(&app, "bench").unwrap();
}

/// What another program is given of the same books.
pub fn write(mut to: impl Write, rows: u64) -> io::Result<()> {
    writeln!(to, "charge,amount,currency,booked_at")?;
    for row in (0..rows).filter(|row| is_in_books(*row)) {
        let amount = major(amount(row));
        writeln!(to, "{},{amount},sek,{}", charge(row), at(row, rows))?;
    }
    to.flush()
}

fn is_in_books(row: u64) -> bool {
    standing(row) != Standing::NotInBooks
}

fn app(url: &str) -> App {
    let settings = "[connections.stripe]\nwebhook_secrets = [\"whsec_of_the_benches\"]\n";
    let config = Config::from_parts(settings, &[]).unwrap();
    let now = Timestamp::from_unix_seconds(at(1, 1)).unwrap();
    App {
        store: Store::open(url).unwrap(),
        meters: Meters::new(&config, now).unwrap(),
        clock: Clock::manual(now),
        gateway: Gateway::https().unwrap(),
        config,
        policy: Policy::reference().unwrap(),
        signals: Signals::default(),
        seams: Seams::default(),
    }
}

fn add(app: &App, numbers: &[u64], rows: u64) {
    let connection = Connection::parse(CONNECTION).unwrap();
    let sek = Currency::parse("SEK").unwrap();
    let classification = Classification {
        vat: Money::zero(sek),
        income: Income::Orders,
    };
    let mut charges = Vec::new();
    let mut journals = JournalRows::default();
    for number in numbers {
        let provider_id = charge(*number);
        let gross = Money::from_minor(amount(*number).cast_signed(), sek);
        let occurred_at = Timestamp::from_unix_seconds(at(*number, rows)).unwrap();
        let occasion = Occasion {
            connection: &connection,
            reference: &provider_id,
            occurred_at,
        };
        let journal = charge_succeeded(occasion, gross, &classification).unwrap();
        let key = EffectKey {
            connection: CONNECTION,
            object: &provider_id,
            effect: "charge_succeeded",
        };
        let id = JournalId::from_uuid(app.clock.uuid());
        journals.add(id, &journal, &key, occurred_at, app.config.time_zone);
        charges.push(row(app, provider_id, gross, occurred_at));
    }
    app.store
        .write::<_, avstem::app::Failure>(|tx| {
            tx.save_charges(&charges)?;
            journals.write(tx)
        })
        .unwrap();
}

fn row(app: &App, provider_id: String, gross: Money, created_at: Timestamp) -> Charge {
    Charge {
        id: ChargeId::from_uuid(app.clock.uuid()).to_string(),
        connection: CONNECTION.to_owned(),
        provider_id,
        customer_id: None,
        payment: None,
        amount: gross.minor(),
        currency: gross.currency().code().to_owned(),
        status: "succeeded".to_owned(),
        dispute: "undisputed".to_owned(),
        created_at: created_at.as_micros(),
        version: "0".to_owned(),
        invoice: None,
        refunded: 0,
        refunded_hint: 0,
        decided: 0,
        booked_as: Some("orders".to_owned()),
        booked_vat: 0,
        bookings: 1,
        link_due_at: None,
        dispute_hint: "undisputed".to_owned(),
        lost: 0,
        recognised: 0,
        earned_through: None,
        unearned: false,
    }
}
