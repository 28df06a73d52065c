//! Two processes that work on one backlog at once: each delivery is done once, and the books are those that one
//! process makes.

use crate::world::World;
use avstem::app::seams::Seams;
use avstem::app::{App, process_events};
use std::sync::{Arc, Barrier};

/// With a year of each there are more deliveries than two transactions take.
const SUBSCRIPTIONS: usize = 36;
const BATCH: usize = 2_048;

/// Stores some subscribers' year, of which every third has money back; nobody has looked at it. How many
/// deliveries it is.
fn fill(world: &World) -> usize {
    // One charge is known, and has money back all year: whoever works on any of it changes the same row.
    let hot = world.subscribe().1;
    world.deliver();
    let known = world.lines("SELECT id AS line FROM events").len();
    let hot = world.latest_charge(&hot);
    let give_back = || {
        for _ in 0..10 {
            let refund = world.provider().dashboard_refund(&hot, Some(100));
            assert!(refund.is_some());
        }
    };
    give_back();
    let subscriptions: Vec<String> = (0..SUBSCRIPTIONS).map(|_| world.subscribe().1).collect();
    world.pass_days(300);
    give_back();
    world.pass_days(65);
    for subscription in subscriptions.iter().step_by(3) {
        let charge = world.latest_charge(subscription);
        let refund = world.provider().dashboard_refund(&charge, Some(5_000));
        assert!(refund.is_some());
    }
    world.take_in();
    world.lines("SELECT id AS line FROM events").len() - known
}

/// Works until nothing waits; how many deliveries it was that did it.
fn work(world: &World, app: &App) -> usize {
    let mut done = 0;
    loop {
        let round = process_events::process_due(app).unwrap();
        done += round.processed + round.ignored;
        assert_eq!((round.failed, round.foreign), (0, 0));
        let waiting =
            "SELECT id AS line FROM events WHERE state NOT IN ('processed', 'ignored') LIMIT 1";
        if world.lines(waiting).is_empty() {
            return done;
        }
    }
}

/// What everything came to. By which journals depends on the order in which facts came, and that on who was first.
fn outcome(world: &World) -> Vec<String> {
    let of = [
        "SELECT account || ' ' || SUM(amount) AS line FROM postings GROUP BY account HAVING SUM(amount) <> 0 ORDER BY 1",
        "SELECT provider_id || ' ' || status || ' ' || refunded || ' ' || decided || ' ' || booked_as || ' ' || booked_vat \
         AS line FROM charges ORDER BY 1",
        "SELECT provider_id || ' ' || state || ' ' || amount || ' ' || policy_conform AS line FROM refunds ORDER BY 1",
        "SELECT provider_id || ' ' || status || ' ' || version AS line FROM subscriptions ORDER BY 1",
        "SELECT object || ' ' || effect AS line FROM effects WHERE effect IN ('charge_succeeded', 'refund_succeeded') \
         ORDER BY 1",
    ];
    of.iter().flat_map(|sql| world.lines(sql)).collect()
}

fn two_processes_share_a_backlog(world: &mut World) {
    let stored = fill(world);
    assert!(
        stored > 2 * BATCH,
        "{stored}: more than two transactions take"
    );
    let alone = if world.is_postgres() {
        World::postgres()
    } else {
        World::sqlite()
    };
    assert_eq!(fill(&alone), stored);
    assert_eq!(work(&alone, &alone.app), stored);

    let processes = [
        Arc::clone(&world.app),
        world.another_process(Seams::default()),
    ];
    let start = Barrier::new(processes.len());
    let (world, start) = (&*world, &start);
    let done: Vec<usize> = std::thread::scope(|scope| {
        let works = processes.iter().map(|app| {
            scope.spawn(move || {
                start.wait();
                work(world, app)
            })
        });
        let works: Vec<_> = works.collect();
        works.into_iter().map(|work| work.join().unwrap()).collect()
    });

    assert_eq!(done.iter().sum::<usize>(), stored, "{done:?}: each once");
    let (shared, own) = (outcome(world), outcome(&alone));
    let differs = shared.iter().zip(&own).find(|(shared, own)| shared != own);
    assert_eq!(differs, None);
    assert_eq!(shared.len(), own.len());
    world.check_ledger();
}

on_both_databases!(two_processes_share_a_backlog);

/// About what PostgreSQL locks, so neither of the two suites.
mod server {
    use crate::plain_rows::event;
    use crate::world::World;
    use avstem::store::rows::Event;
    use avstem::store::{Store, StoreError, Turn, WriteTx};
    use std::sync::mpsc;
    use std::time::Duration;

    fn claim(tx: &mut WriteTx<'_>) -> Result<Option<Vec<String>>, StoreError> {
        let claimed = tx.claim_waiting(9, i64::MIN, None, 2)?;
        Ok(Some(claimed.into_iter().map(|event| event.id).collect()))
    }

    fn claimed(store: &Store) -> Vec<String> {
        let kept = |_: &mut WriteTx<'_>, ids: &Vec<String>| Ok::<_, StoreError>(ids.clone());
        store
            .write_claimed(Turn::Alone, claim, kept)
            .unwrap()
            .unwrap_or_default()
    }

    #[test]
    fn what_one_has_claimed_another_leaves_alone_and_waits_for_nobody() {
        let world = World::postgres();
        let store = &world.app.store;
        let deliveries = ["a", "b", "c", "d", "e", "f"].map(|id| Event {
            due_at: 1,
            ..event(id)
        });
        store.append_events(&deliveries).unwrap();
        let parked = |tx: &mut WriteTx<'_>| tx.set_event_aside("a", "parked", "waits", 1);
        store.write::<_, StoreError>(parked).unwrap();
        let (mut first, mut second, mut of_these) = (Vec::new(), Vec::new(), Vec::new());
        let failed = store.write_claimed(
            Turn::Alone,
            |tx| {
                first = claim(tx)?.unwrap_or_default();
                second = claimed(store);
                let ids = ["a", "f"].map(str::to_owned);
                let claimed = store.write_claimed(
                    Turn::Alone,
                    |tx| tx.claim_events(&ids).map(Some),
                    |_, ids| Ok::<_, StoreError>(ids.clone()),
                )?;
                of_these = claimed.unwrap_or_default();
                // Who books a charge meanwhile does not wait for what is claimed either, parked as it is.
                store.write::<_, StoreError>(|tx| tx.wake_parked(0))?;
                // Nor who is given one of them once more.
                store.write::<_, StoreError>(|tx| tx.note_conflict("b", "another body"))?;
                Ok(Some(()))
            },
            |_, ()| Err::<(), _>(StoreError::Unsafe("made up".to_owned())),
        );
        assert!(failed.is_err());
        // One more of those that were not parked was looked at and is kept too.
        assert_eq!((first, second), (ids(["a", "b"]), ids(["d", "e"])));
        assert_eq!(of_these, ["f"]);
        assert_eq!(
            claimed(store),
            ["a", "b"],
            "a claim ends with its transaction"
        );
    }

    /// Long enough for what would come if nothing kept it.
    const A_WHILE: Duration = Duration::from_millis(300);
    const PATIENCE: Duration = Duration::from_secs(20);

    #[test]
    fn one_claims_while_another_writes_and_writes_when_that_is_done() {
        let world = World::postgres();
        let store = &world.app.store;
        let deliveries = ["a", "b", "c", "d"].map(|id| Event {
            due_at: 1,
            ..event(id)
        });
        store.append_events(&deliveries).unwrap();
        let (claims, claimed) = mpsc::channel();
        let (writes, written) = mpsc::channel();
        std::thread::scope(|scope| {
            let first = store.write_claimed(Turn::Alone, claim, |_, taken| {
                let (claims, writes) = (claims.clone(), writes.clone());
                scope.spawn(move || {
                    let second = store.write_claimed(
                        Turn::Alone,
                        |tx| {
                            let ids = claim(tx)?;
                            claims.send(ids.clone()).unwrap();
                            Ok::<_, StoreError>(ids)
                        },
                        |_, _| {
                            writes.send(()).unwrap();
                            Ok(())
                        },
                    );
                    second.unwrap();
                });
                let others = claimed.recv_timeout(PATIENCE).unwrap();
                assert_eq!(others, Some(ids(["c", "d"])));
                assert!(written.recv_timeout(A_WHILE).is_err(), "two write at once");
                Ok::<_, StoreError>(taken.clone())
            });
            assert_eq!(first.unwrap(), Some(ids(["a", "b"])));
            written.recv_timeout(PATIENCE).unwrap();
        });
    }

    fn ids(ids: [&str; 2]) -> Vec<String> {
        ids.map(str::to_owned).to_vec()
    }
}
