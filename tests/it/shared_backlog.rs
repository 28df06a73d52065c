//! Two processes that work on one backlog at once: each delivery is done once, and the books are those that one
//! process makes.

use crate::world::World;
use avstem::app::seams::Seams;
use avstem::app::{App, process_events};
use std::sync::{Arc, Barrier};

/// With a year of each there are more deliveries than one transaction takes.
const SUBSCRIPTIONS: usize = 24;
const DAYS: i64 = 365;

/// Some subscribers' year, of which every third has money back, stored and not looked at. How many deliveries.
fn fill(world: &World) -> usize {
    let mut subscriptions = Vec::new();
    for _ in 0..SUBSCRIPTIONS {
        subscriptions.push(world.subscribe().1);
    }
    // One is much busier than all others.
    let hot = world.subscribe().1;
    world.pass_days(DAYS);
    for subscription in subscriptions.iter().step_by(3) {
        let charge = world.latest_charge(subscription);
        let refund = world.provider().dashboard_refund(&charge, Some(5_000));
        assert!(refund.is_some());
    }
    for charge in world.charges(&hot) {
        for _ in 0..10 {
            world.provider().dashboard_refund(&charge, Some(100));
        }
    }
    world.take_in();
    world.lines("SELECT id AS line FROM events").len()
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
    assert!(stored > 2_048, "{stored}: more than one transaction takes");
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
    use avstem::store::{Store, StoreError, WriteTx};

    fn claim(tx: &mut WriteTx<'_>) -> Result<Option<Vec<String>>, StoreError> {
        let claimed = tx.claim_waiting(9, 2)?;
        Ok(Some(claimed.into_iter().map(|event| event.id).collect()))
    }

    fn claimed(store: &Store) -> Vec<String> {
        let kept = |_: &mut WriteTx<'_>, ids: &Vec<String>| Ok::<_, StoreError>(ids.clone());
        store
            .write_claimed(claim, kept)
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
            |tx| {
                first = claim(tx)?.unwrap_or_default();
                second = claimed(store);
                let ids = ["a", "f"].map(str::to_owned);
                let claimed = store.write_claimed(
                    |tx| tx.claim_events(&ids).map(Some),
                    |_, ids| Ok::<_, StoreError>(ids.clone()),
                )?;
                of_these = claimed.unwrap_or_default();
                // Who books a charge meanwhile does not wait for what is claimed either, parked as it is.
                store.write::<_, StoreError>(|tx| tx.wake_parked(0))?;
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

    fn ids(ids: [&str; 2]) -> Vec<String> {
        ids.map(str::to_owned).to_vec()
    }
}
