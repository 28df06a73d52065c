//! What a transaction promises: all or nothing, one writer at a time, a still picture for readers; and
//! what opening a database refuses.

use crate::plain_rows::{cancellation, charge, customer, event, refund, subscription};
use crate::store_tables::{read, write};
use crate::world::World;
use avstem::app::Failure;
use avstem::app::seams::Seams;
use avstem::store::rows::{Customer, Event, NewJournal, Posting};
use avstem::store::{Appended, ReadTx, Store, StoreError};
use std::sync::Barrier;
use std::thread;

fn customers(world: &World) -> usize {
    read(world, |tx| Ok(tx.list_customers(None, None, 1_000)?)).len()
}

fn an_error_leaves_nothing_behind(world: &mut World) {
    let failed: Result<(), Failure> = world.app.store.write(|tx| {
        tx.save_customers(&[customer("1")])?;
        Err(Failure::Unreadable("something later".to_owned()))
    });
    assert!(matches!(failed, Err(Failure::Unreadable(_))));
    assert_eq!(customers(world), 0);
    write(world, |tx| Ok(tx.save_customers(&[customer("1")])?));
    assert_eq!(customers(world), 1, "the store goes on");
}

fn a_duplicate_is_an_error_about_data_and_undoes_its_transaction(world: &mut World) {
    write(world, |tx| Ok(tx.save_customers(&[customer("1")])?));
    let same = Customer {
        id: "2".to_owned(),
        ..customer("1")
    };
    let failed: Result<(), StoreError> = world.app.store.write(|tx| {
        tx.save_customers(&[customer("3")])?;
        tx.save_customers(std::slice::from_ref(&same))
    });
    assert!(failed.unwrap_err().is_about_data());
    assert_eq!(customers(world), 1);
}

/// A commit must not be reported that did not happen, nor half of what was asked for be committed.
fn a_transaction_with_a_failed_statement_never_commits(world: &mut World) {
    write(world, |tx| Ok(tx.save_customers(&[customer("1")])?));
    let same = Customer {
        id: "2".to_owned(),
        ..customer("1")
    };
    let ended: Result<(), StoreError> = world.app.store.write(|tx| {
        tx.save_customers(&[customer("3")])?;
        tx.save_customers(std::slice::from_ref(&same)).unwrap_err();
        Ok(())
    });
    ended.expect_err("the second statement failed");
    assert_eq!(customers(world), 1);
    write(world, |tx| Ok(tx.save_customers(&[customer("4")])?));
    assert_eq!(customers(world), 2, "the store goes on");
}

/// The deferred foreign key speaks up at the commit, after every statement went well.
fn a_refused_commit_is_an_error_about_data_and_the_store_goes_on(world: &mut World) {
    let posting = |line, amount| Posting {
        journal_id: "avjrn_none".to_owned(),
        line,
        account: "assets:suspense".to_owned(),
        amount,
        currency: "SEK".to_owned(),
    };
    for _ in 0..3 {
        let refused: Result<(), StoreError> = world.app.store.write(|tx| {
            tx.save_customers(&[customer("1")])?;
            tx.add_journals(&[], &[posting(1, 5), posting(2, -5)], &[])
        });
        let error = refused.unwrap_err();
        assert!(error.is_about_data(), "{error:?}");
        assert_eq!(customers(world), 0);
    }
    write(world, |tx| Ok(tx.save_customers(&[customer("1")])?));
    assert_eq!(customers(world), 1);
}

fn a_panic_leaves_nothing_behind(world: &mut World) {
    let panicked = thread::scope(|scope| {
        let doomed = || {
            write::<()>(world, |tx| {
                tx.save_customers(&[customer("1")])?;
                panic!("in the middle");
            })
        };
        scope.spawn(doomed).join()
    });
    assert!(panicked.is_err());
    assert_eq!(customers(world), 0);
    write(world, |tx| Ok(tx.save_customers(&[customer("2")])?));
    assert_eq!(customers(world), 1, "the store goes on");

    let doomed = || -> Result<(), Failure> {
        world.app.store.snapshot(|tx| {
            tx.list_customers(None, None, 9)?;
            panic!("in the middle of a snapshot");
        })
    };
    assert!(thread::scope(|scope| scope.spawn(doomed).join()).is_err());
    write(world, |tx| Ok(tx.save_customers(&[customer("3")])?));
    for _ in 0..3 {
        assert_eq!(customers(world), 2, "the snapshot is not left standing");
    }
}

fn readers_go_on_beside_a_writer_and_see_what_was_committed(world: &mut World) {
    write(world, |tx| {
        tx.save_customers(&[customer("1")])?;
        assert_eq!(customers(world), 0, "not before the commit");
        Ok(())
    });
    assert_eq!(customers(world), 1);
}

fn a_snapshot_stands_still_while_others_write(world: &mut World) {
    write(world, |tx| Ok(tx.save_customers(&[customer("1")])?));
    let count = |tx: &mut ReadTx<'_>| Ok::<_, Failure>(tx.list_customers(None, None, 9)?.len());
    let seen: Result<(usize, usize), Failure> = world.app.store.snapshot(|tx| {
        let before = count(tx)?;
        write(world, |tx| Ok(tx.save_customers(&[customer("2")])?));
        Ok((before, count(tx)?))
    });
    assert_eq!(seen.unwrap(), (1, 1));
    assert_eq!(customers(world), 2);
}

/// What a writer reads stays true until it commits, so that counting up loses nothing.
fn there_is_one_writer_at_a_time_over_all_processes(world: &mut World) {
    const EACH: usize = 15;
    write(world, |tx| {
        Ok(tx.save_customers(&[Customer {
            name: Some("0".to_owned()),
            ..customer("1")
        }])?)
    });
    let processes = [
        world.another_process(Seams::default()),
        world.another_process(Seams::default()),
    ];
    thread::scope(|scope| {
        for process in processes.iter().chain(&processes) {
            scope.spawn(move || {
                for _ in 0..EACH {
                    let counted: Result<(), Failure> = process.store.write(|tx| {
                        let mut row = tx.find_customer("1")?.unwrap();
                        let count: usize = row.name.unwrap().parse().unwrap();
                        thread::yield_now();
                        row.name = Some((count + 1).to_string());
                        Ok(tx.save_customers(&[row])?)
                    });
                    counted.unwrap();
                }
            });
        }
    });
    let row = read(world, |tx| Ok(tx.find_customer("1")?)).unwrap();
    assert_eq!(row.name.as_deref(), Some((4 * EACH).to_string().as_str()));
}

/// A provider that got no answer sends the same deliveries again, to another replica, in its own order.
fn replicas_that_get_the_same_deliveries_at_once_keep_each_once(world: &mut World) {
    const ROUNDS: usize = 10;
    let processes = [
        world.another_process(Seams::default()),
        world.another_process(Seams::default()),
    ];
    let together = Barrier::new(processes.len());
    let outcomes: Vec<Result<Vec<Appended>, StoreError>> = thread::scope(|scope| {
        let started: Vec<_> = processes
            .iter()
            .enumerate()
            .map(|(number, process)| {
                let together = &together;
                scope.spawn(move || {
                    let mut outcomes = Vec::new();
                    for round in 0..ROUNDS {
                        let delivery = |i: usize| Event {
                            id: format!("{number} {round} {i}"),
                            dedupe_key: format!("evt {round} {i}"),
                            ..event("")
                        };
                        let mut deliveries: Vec<Event> = (0..300).map(delivery).collect();
                        if number == 1 {
                            deliveries.reverse();
                        }
                        together.wait();
                        // An error must not keep the other one waiting for the next round.
                        outcomes.push(process.store.append_events(&deliveries));
                    }
                    outcomes
                })
            })
            .collect();
        started
            .into_iter()
            .flat_map(|one| one.join().unwrap())
            .collect()
    });
    let appended = outcomes.into_iter().flat_map(Result::unwrap);
    let new = appended.filter(|one| *one == Appended::New).count();
    assert_eq!(new, ROUNDS * 300);
    assert_eq!(
        read(world, |tx| Ok(tx.count_events("received")?)),
        i64::try_from(new).unwrap()
    );
}

/// Reads a list in pages of two, from the newest to the end.
fn pages(mut page: impl FnMut(Option<&str>) -> Vec<String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    loop {
        let found = page(all.last().map(String::as_str));
        assert!(found.len() <= 2);
        if found.is_empty() {
            return all;
        }
        all.extend(found);
    }
}

/// Five of each, with ids in order.
fn with_five_of_each(world: &World) {
    let mut events = IDS.map(event);
    events[2].kind = Some("another".to_owned());
    world.app.store.append_events(&events).unwrap();
    write(world, |tx| {
        for id in IDS {
            let posting = |line, amount| Posting {
                journal_id: id.into(),
                line,
                account: "assets:suspense".into(),
                amount,
                currency: "SEK".into(),
            };
            let journal = NewJournal {
                id: id.into(),
                connection: "stripe".into(),
                event: "e".into(),
                reference: "r".into(),
                description: "d".into(),
                booked_on: format!("2026-11-0{id}"),
                occurred_at: 1,
                recorded_at: 1,
            };
            tx.save_customers(&[customer(id)])?;
            tx.save_subscriptions(&[subscription(id, "1")])?;
            tx.save_charges(&[charge(id)])?;
            tx.save_refunds(&[refund(id, "1")])?;
            tx.save_cancellation(&cancellation(id, id))?;
            tx.add_journals(&[journal], &[posting(1, 1), posting(2, -1)], &[])?;
        }
        Ok(())
    });
}

const IDS: [&str; 5] = ["1", "2", "3", "4", "5"];
const NEWEST_FIRST: [&str; 5] = ["5", "4", "3", "2", "1"];

/// Reads a list to its end: `$list` is a query over `$tx` for the page before `$before`.
macro_rules! all_pages {
    ($world:expr, |$tx:ident, $before:ident| $list:expr) => {
        pages(|$before| {
            let rows = read($world, |$tx| Ok($list?));
            rows.into_iter().map(|row| row.id).collect()
        })
    };
}

fn lists_are_read_in_pages_that_neither_repeat_nor_leave_out(world: &mut World) {
    with_five_of_each(world);
    let found = all_pages!(world, |tx, before| tx.list_customers(None, before, 2));
    assert_eq!(found, NEWEST_FIRST);
    let found = all_pages!(world, |tx, before| tx.list_subscriptions(
        Some("1"),
        None,
        before,
        2
    ));
    assert_eq!(found, NEWEST_FIRST);
    let found = all_pages!(world, |tx, before| tx.list_subscriptions(
        Some("2"),
        None,
        before,
        2
    ));
    assert_eq!(found, [""; 0]);
    let found = all_pages!(world, |tx, before| tx
        .list_refunds(Some("pending"), None, None, None, before, 2)
        .map(|page| page.rows));
    assert_eq!(found, NEWEST_FIRST);
    let found = all_pages!(world, |tx, before| tx.list_cancellations(
        Some("requested"),
        before,
        2
    ));
    assert_eq!(found, NEWEST_FIRST);
    let found = all_pages!(world, |tx, before| tx
        .list_events(None, Some("stripe"), None, before, 2)
        .map(|page| page.rows));
    assert_eq!(found, NEWEST_FIRST);
    let found = all_pages!(world, |tx, before| tx
        .list_events(None, None, Some("another"), before, 2)
        .map(|page| page.rows));
    assert_eq!(found, ["3"]);
}

fn journals_are_read_in_pages_of_chosen_days(world: &mut World) {
    with_five_of_each(world);
    let journals = |from: Option<&str>, to: Option<&str>| {
        let (mut all, mut before) = (Vec::new(), None);
        loop {
            let page = read(world, |tx| {
                Ok(tx.list_journals(Some("r"), from, to, before, 2)?.rows)
            });
            let Some(last) = page.last() else { return all };
            before = Some(last.position);
            all.extend(page.iter().map(|row| row.id.clone()));
        }
    };
    assert_eq!(journals(None, None), NEWEST_FIRST);
    let days = journals(Some("2026-11-02"), Some("2026-11-04"));
    assert_eq!(days, ["4", "3", "2"], "both days included");
}

fn migrations_are_applied_once(world: &mut World) {
    assert_eq!(world.app.store.migrate().unwrap().0, [""; 0]);
    assert_eq!(world.app.store.pending_migrations().unwrap().0, [""; 0]);
    let applied =
        world.lines("SELECT version AS line FROM __diesel_schema_migrations ORDER BY version");
    let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite"));
    assert_eq!(applied.len(), folders.unwrap().count(), "{applied:?}");
}

fn a_database_that_cannot_be_opened_says_what_to_do(world: &mut World) {
    let error = |url: &str| Store::open(url).err().expect(url);
    let unknown = error("mysql://avstem:CANARY@localhost/avstem");
    assert!(matches!(unknown, StoreError::UnknownUrl(_)));
    assert!(unknown.to_string().contains("sqlite://PATH"), "{unknown}");
    assert!(!unknown.to_string().contains("CANARY"), "{unknown}");
    assert!(matches!(error(""), StoreError::UnknownUrl(_)));
    for nowhere in ["sqlite://", "sqlite://:memory:"] {
        assert!(error(nowhere).to_string().contains("path of a file"));
    }
    assert!(matches!(
        error("sqlite:///no/such/folder/avstem.db"),
        StoreError::Connect(_)
    ));
    let kind = if world.is_postgres() {
        "postgres"
    } else {
        "sqlite"
    };
    assert_eq!(world.app.store.kind(), kind);
}

on_both_databases! {
    an_error_leaves_nothing_behind,
    a_duplicate_is_an_error_about_data_and_undoes_its_transaction,
    a_transaction_with_a_failed_statement_never_commits,
    a_refused_commit_is_an_error_about_data_and_the_store_goes_on,
    a_panic_leaves_nothing_behind,
    readers_go_on_beside_a_writer_and_see_what_was_committed,
    a_snapshot_stands_still_while_others_write,
    there_is_one_writer_at_a_time_over_all_processes,
    replicas_that_get_the_same_deliveries_at_once_keep_each_once,
    lists_are_read_in_pages_that_neither_repeat_nor_leave_out,
    journals_are_read_in_pages_of_chosen_days,
    migrations_are_applied_once,
    a_database_that_cannot_be_opened_says_what_to_do,
}
