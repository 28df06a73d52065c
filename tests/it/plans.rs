//! Every statement of the service is answered from an index of its shape, however large the books are.
//!
//! Each query of the store is asked once on a small database, the database is asked how it would answer
//! it, and what would read all of a table that grows, read past rows that nobody asked for, or sort them,
//! is a complaint. What must read everything, because it checks or exports everything, is named here with
//! its reason.

mod allowed;
mod explain;
mod filled;
mod heard;
mod reads;
mod rules;
mod writes;

use crate::plain_rows::event;
use crate::world::World;
use allowed::ALLOWED;
use avstem::app::facts;
use avstem::store::{StoreError, Turn, WriteTx};
use rules::Fault;
use std::collections::BTreeSet;

/// A query of the store and arguments for it.
pub struct Call {
    pub name: &'static str,
    pub text: &'static str,
    pub ask: fn(&mut WriteTx<'_>) -> Result<(), StoreError>,
}

/// `name(arguments);` for each call.
macro_rules! calls {
    ($($name:ident($($argument:expr),*);)*) => {
        &[$($crate::plans::Call {
            name: stringify!($name),
            text: stringify!($name($($argument),*)),
            ask: |tx| tx.$name($($argument),*).map(drop),
        }),*]
    };
}
use calls;

fn every_call() -> impl Iterator<Item = &'static Call> {
    [
        reads::INBOX,
        reads::BILLING,
        reads::DECISIONS,
        reads::LEDGER,
        reads::ACCESS,
        reads::WHOLE,
        reads::RECONCILIATION,
        writes::WRITES,
    ]
    .into_iter()
    .flatten()
}

fn every_statement_has_an_index_of_its_shape(world: &mut World) {
    let store = heard::store(&world.url);
    // One that is here already: then it is also looked for, and its bytes are read.
    let deliveries = [event("1")];
    let mut asked: Vec<(&Call, String)> = Vec::new();
    let storing = &Call {
        name: "append_events",
        text: "append_events",
        ask: |_| Ok(()),
    };
    for _ in 0..2 {
        let said = heard::statements(|| drop(store.append_events(&deliveries).unwrap()));
        asked.extend(said.into_iter().map(|sql| (storing, sql)));
    }
    for call in every_call() {
        let said = heard::of_query(&store, call.ask);
        assert!(!said.is_empty(), "{} says nothing", call.text);
        asked.extend(said.into_iter().map(|sql| (call, sql)));
    }
    if world.is_postgres() {
        let copying = &Call {
            name: "page",
            text: "page",
            ask: |_| Ok(()),
        };
        // What is copied is said by another connection, which nobody can listen to.
        asked.extend(reads::copied().map(|sql| (copying, sql)));
    }
    let statements: Vec<&str> = asked.iter().map(|(_, sql)| sql.as_str()).collect();
    let plans = explain::plans(world, &statements);
    let database = rules::Database::of(world);
    let mut needed = BTreeSet::new();
    let mut complaints = Vec::new();
    for ((call, sql), plans) in asked.iter().zip(plans) {
        for (fault, steps) in database.faults(sql, &plans) {
            let allowed =
                |(name, what, _): &&(&str, Fault, &str)| *name == call.name && *what == fault;
            if let Some(allowed) = ALLOWED.iter().find(allowed) {
                needed.insert((allowed.0, allowed.1));
            } else {
                complaints.push(format!("{} {fault:?}\n    {steps}\n    {sql}", call.text));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    // PostgreSQL says more of what it does not need.
    for (name, fault, reason) in ALLOWED {
        let needless = !world.is_postgres() && !needed.contains(&(*name, *fault));
        assert!(!needless, "{name} needs no permission any more: {reason}");
    }
}

/// Of those that are dispatched to the databases, none is left out above.
#[test]
fn every_query_of_the_store_is_asked() {
    let dispatched = include_str!("../../store/src/transactions.rs");
    let named = |line: &'static str| {
        let (_, name) = line
            .strip_prefix("    ")?
            .split_once('(')?
            .0
            .split_once("::")?;
        line.ends_with(';').then_some(name)
    };
    let tables = dispatched.split("\nqueries! {").skip(1);
    let names: BTreeSet<&str> = tables.flat_map(str::lines).filter_map(named).collect();
    assert!(names.len() > 150, "{} queries were found", names.len());
    let asked: BTreeSet<&str> = every_call().map(|call| call.name).collect();
    let by_key = |name: &&&str| writes::BY_KEY.iter().any(|prefix| name.starts_with(prefix));
    let left_out: Vec<_> = names
        .difference(&asked)
        .filter(|name| !by_key(name))
        .collect();
    assert!(
        left_out.is_empty(),
        "not in plans/reads.rs or plans/writes.rs: {left_out:?}"
    );
}

/// PostgreSQL counts what is in a table minutes after it came. Until then it takes each value to be shared by many rows.
#[test]
fn a_customer_is_found_by_either_id_before_the_table_is_counted() {
    let world = World::postgres();
    let server = crate::cluster::shared();
    let many = "INSERT INTO customers (id, connection, provider_id, status, version) \
         SELECT 'avcus_' || n, 'stripe', 'cus_' || n, 'active', '0' FROM generate_series(100001, 120000) AS n";
    server.run_sql(&world.url, many).unwrap();
    let store = heard::store(&world.url);
    let known = heard::of_query(&store, |tx| tx.find_customer("cus_119999").map(drop));
    assert_eq!(known.len(), 1, "by the id that it looks like: {known:?}");
    let unknown = heard::of_query(&store, |tx| tx.find_customer("cus_120001").map(drop));
    assert_eq!(unknown.len(), 2, "by either id: {unknown:?}");
    for sql in unknown {
        let asked = sql
            .replace("$1", "'cus_119999'")
            .replace("$2", "1")
            .replace('\n', " ");
        let explain = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {asked}");
        let plan = server.run_sql(&world.url, &explain).unwrap();
        assert!(!plan.contains("Removed by Filter"), "{plan}");
        assert!(plan.contains("Index Cond"), "{plan}");
    }
}

/// PostgreSQL keeps the plan of a statement that is kept prepared, if it is let. One that was made when a table was empty
/// reads all of the table, however large it becomes.
#[test]
fn what_was_planned_when_a_table_was_empty_is_planned_anew() {
    const OFTEN: i64 = 20;
    let world = World::postgres();
    let look_often = || {
        for _ in 0..OFTEN {
            let wanted = ["cus_7".to_owned()];
            let look = |tx: &mut WriteTx<'_>| tx.customers_by_provider_ids("stripe", &wanted);
            world.app.store.write(look).unwrap();
        }
    };
    let looked_up = || statistic(&world, "customers", "idx_scan");
    // Only a table that was counted is known to be empty.
    world.execute("ANALYZE customers").unwrap();
    look_often();
    let many = "INSERT INTO customers SELECT 'c' || n, 'stripe', 'cus_' || n, NULL, NULL, NULL, 'active', '' \
                FROM generate_series(1, 20000) AS n";
    world.execute(many).unwrap();
    let before = looked_up();
    look_often();
    let mut looks = 0;
    while looked_up() < before + OFTEN {
        looks += 1;
        assert!(looks < 300, "{} of {OFTEN}", looked_up() - before);
        std::thread::sleep(std::time::Duration::from_millis(20));
        // A connection tells what it did once a second, if it does anything.
        look_often();
    }
}

/// What the server says that it did with a table, once its connections have told it.
fn statistic(world: &World, table: &str, name: &str) -> i64 {
    let sql = format!(
        "SELECT CAST({name} AS TEXT) AS line FROM pg_stat_user_tables WHERE relname = '{table}'"
    );
    world.lines(&sql)[0].parse().unwrap()
}

/// Whoever books keeps plans for some transactions. One that was made when there was next to nothing goes through all charges of a
/// connection for each payment.
#[test]
fn what_was_planned_once_is_planned_again_as_its_table_grows() {
    let world = World::postgres();
    let wanted = ["pi_7".to_owned()];
    let book = || {
        let look = |tx: &mut WriteTx<'_>, (): &()| tx.charges_by_payments("stripe", &wanted);
        let found =
            world
                .app
                .store
                .write_claimed(Turn::Alone, |_| Ok::<_, StoreError>(Some(())), look);
        found.unwrap().map_or(0, |found| found.len())
    };
    assert_eq!(book(), 0);
    let many = "INSERT INTO charges (id, connection, provider_id, payment, amount, currency, status, dispute, created_at, version, \
             refunded, refunded_hint, decided, booked_vat, bookings, dispute_hint, lost, recognised, unearned) \
         SELECT 'avch_' || n, 'stripe', 'ch_' || n, 'pi_' || n, 1, 'SEK', 'succeeded', 'undisputed', 0, '', \
             0, 0, 0, 0, 0, 'undisputed', 0, 0, false FROM generate_series(1, 20000) AS n";
    world.execute(many).unwrap();
    let mut booked = 0;
    while statistic(&world, "charges", "idx_scan") < 20 {
        assert_eq!(book(), 1);
        booked += 1;
        assert!(booked < 300, "nothing is told of them");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let read = statistic(&world, "charges", "idx_tup_fetch");
    assert!(read <= booked, "{read} charges were read for {booked}");
}

/// Previews and account pages are made from it.
fn a_picture_of_a_subscription_asks_for_each_thing_once(world: &mut World) {
    let (_, subscription) = world.subscribe();
    world.deliver();
    world.process();
    let store = heard::store(&world.url);
    let look = || {
        let found = store.read(|tx| {
            let row = tx.find_subscription(&subscription)?.expect("it is known");
            facts::pictures(tx, &[row])
        });
        assert_eq!(found.unwrap()[0].charges.len(), 1);
    };
    drop(heard::kept());
    let asked = heard::statements(look);
    let of = |sql: &String, table: &str| {
        sql.contains(&format!("FROM \"{table}\"")) || sql.contains(&format!("FROM `{table}`"))
    };
    let tables = [
        "subscriptions",
        "invoice_subscriptions",
        "invoices",
        "charges",
        "invoice_payments",
        "deliveries",
    ];
    assert_eq!(asked.len(), tables.len(), "{asked:#?}");
    for (sql, table) in asked.iter().zip(tables) {
        assert!(of(sql, table), "{table}: {sql}");
    }
    // SQLite reads and plans none of them again.
    let kept = heard::kept().len();
    assert!(
        world.is_postgres() || kept == tables.len(),
        "{kept} are kept"
    );
}

on_both_databases! {
    a_picture_of_a_subscription_asks_for_each_thing_once,
    every_statement_has_an_index_of_its_shape,
}
