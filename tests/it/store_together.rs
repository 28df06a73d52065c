//! Two that SQLite's one writer commits together: it waits for the disk once, and each is told what became of its own.

use crate::plain_rows::customer;
use crate::store_tables::read;
use crate::world::World;
use avstem::app::Failure;
use avstem::store::rows::Posting;
use avstem::store::{Store, StoreError, Turn};
use std::thread;

/// What became of two of whom the second waits while the first works.
struct Became<R> {
    first: Result<(), Failure>,
    /// How often it was made to work.
    first_worked: usize,
    second: thread::Result<R>,
    commits: usize,
}

/// The first writes a customer `1` and ends as is said.
fn together<R: Send>(
    world: &World,
    first_ends: fn() -> Result<(), Failure>,
    second: impl FnOnce(&Store) -> R + Send,
) -> Became<R> {
    let (store, before) = (&world.app.store, commits(world));
    let mut first_worked = 0;
    let (first, second) = thread::scope(|scope| {
        let mut starts = Some(second);
        let mut started = None;
        let first = store.write_claimed(
            Turn::Alone,
            |_| Ok(Some(())),
            |tx, ()| {
                first_worked += 1;
                tx.save_customers(&[customer("1")])?;
                if let Some(second) = starts.take() {
                    started = Some(scope.spawn(move || second(store)));
                    while store.writers_waiting() == 0 {
                        thread::yield_now();
                    }
                }
                first_ends()
            },
        );
        (first.map(drop), started.unwrap().join())
    });
    Became {
        first,
        first_worked,
        second,
        commits: commits(world) - before,
    }
}

/// Commits in SQLite's log, which a test as short as these never begins anew.
/// Source: <https://www.sqlite.org/fileformat2.html#walformat>, read 2026-11-28.
fn commits(world: &World) -> usize {
    const HEADER: usize = 32;
    const FRAME_HEADER: usize = 24;
    const PAGE: usize = 4_096;
    let path = world.url.strip_prefix("sqlite://").unwrap();
    let log = std::fs::read(format!("{path}-wal")).unwrap();
    let frames = log[HEADER..].chunks_exact(FRAME_HEADER + PAGE);
    // How many pages the database has after a commit; nothing in other frames.
    frames.filter(|frame| frame[4..8] != [0; 4]).count()
}

fn customers(world: &World) -> Vec<String> {
    let rows = read(world, |tx| Ok(tx.list_customers(None, None, 9)?));
    let mut ids: Vec<String> = rows.into_iter().map(|row| row.id).collect();
    ids.sort();
    ids
}

fn save(store: &Store, id: &str) -> Result<(), StoreError> {
    store.write(|tx| tx.save_customers(&[customer(id)]))
}

#[test]
fn who_waits_is_committed_with_who_worked() {
    let world = World::sqlite();
    let became = together(&world, || Ok(()), |store| save(store, "2"));
    became.first.unwrap();
    became.second.unwrap().unwrap();
    assert_eq!((became.first_worked, became.commits), (1, 1));
    assert_eq!(customers(&world), ["1", "2"]);
}

#[test]
fn what_the_second_does_wrong_is_undone_alone() {
    let world = World::sqlite();
    let second = |store: &Store| {
        store.write(|tx| {
            tx.save_customers(&[customer("2")])?;
            Err::<(), _>(Failure::Unreadable("something later".to_owned()))
        })
    };
    let became = together(&world, || Ok(()), second);
    became.first.unwrap();
    let second = became.second.unwrap();
    assert!(matches!(second, Err(Failure::Unreadable(_))), "{second:?}");
    assert_eq!((became.first_worked, became.commits), (1, 1));
    assert_eq!(customers(&world), ["1"]);
}

#[test]
fn what_the_first_does_wrong_is_undone_before_the_second_begins() {
    let world = World::sqlite();
    let fails = || Err(Failure::Unreadable("something later".to_owned()));
    let became = together(&world, fails, |store| save(store, "2"));
    assert!(matches!(became.first, Err(Failure::Unreadable(_))));
    became.second.unwrap().unwrap();
    assert_eq!((became.first_worked, became.commits), (1, 1));
    assert_eq!(customers(&world), ["2"]);
}

/// The deferred foreign key speaks up at the commit, which is of both.
#[test]
fn a_commit_that_is_refused_is_tried_for_each_alone() {
    let world = World::sqlite();
    let posting = |line, amount| Posting {
        journal_id: "avjrn_none".to_owned(),
        line,
        account: "assets:suspense".to_owned(),
        amount,
        currency: "SEK".to_owned(),
    };
    let second = |store: &Store| {
        store.write(|tx| {
            tx.save_customers(&[customer("2")])?;
            tx.add_journals(&[], &[posting(1, 5), posting(2, -5)], &[])
        })
    };
    let became = together(&world, || Ok(()), second);
    became.first.unwrap();
    let error: StoreError = became.second.unwrap().unwrap_err();
    assert!(error.is_about_data(), "{error:?}");
    assert_eq!((became.first_worked, became.commits), (2, 1));
    assert_eq!(customers(&world), ["1"]);
    save(&world.app.store, "3").unwrap();
    assert_eq!(customers(&world), ["1", "3"], "the store goes on");
}

#[test]
fn who_panics_takes_nobody_along() {
    let world = World::sqlite();
    let second = |store: &Store| {
        let ended: Result<(), StoreError> = store.write(|tx| {
            tx.save_customers(&[customer("2")])?;
            panic!("in the middle");
        });
        ended
    };
    let became = together(&world, || Ok(()), second);
    became.first.unwrap();
    assert!(became.second.is_err());
    assert_eq!((became.first_worked, became.commits), (2, 1));
    assert_eq!(customers(&world), ["1"]);
}
