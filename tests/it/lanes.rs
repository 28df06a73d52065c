//! Deliveries of different customers are booked at the same time on PostgreSQL, those of one customer never.

use crate::plain_rows::event;
use crate::story::{check_ledger, events_of, journal_kinds, signed, storyteller};
use crate::world::{World, monthly};
use avstem::app::{lane, process_events, receive_webhook};
use avstem::store::rows::Event;
use avstem_simulator::Shape;

/// More than one transaction takes.
const MANY: usize = 2_100;

/// Somebody else's lane.
fn another(lane: i64) -> i64 {
    1 + lane % lane::LANES
}

/// As if the provider's objects of one customer referred to those of another: nothing of it may be lost.
fn deliveries_in_a_wrong_lane_are_booked_all_the_same(world: &mut World) {
    let mut provider = storyteller(Shape::Classic);
    let customer = provider.create_customer("canary-pii-3@example.test", "Canary Person", "sv");
    let subscription = provider.subscribe(&customer, &monthly());
    let charge = provider.charges_of(&subscription)[0].id.clone();
    provider.dashboard_refund(&charge, Some(9_900)).unwrap();
    let told = events_of(
        &provider,
        &[
            "customer.subscription.created",
            "charge.succeeded",
            "charge.refunded",
            "refund.created",
        ],
    );
    let stored = |body: &String| {
        let headers = signed(world, body.as_bytes()).headers;
        let body = body.clone().into_bytes();
        let event = receive_webhook::admit(&world.app, "stripe", &headers, body).unwrap();
        Event {
            lane: another(event.lane),
            ..event
        }
    };
    let told_wrongly: Vec<Event> = told.iter().map(stored).collect();
    let own = lane::of("stripe", Some(&customer));
    let lanes = [own, own, own, lane::OF_ALL].map(another);
    assert_eq!(
        told_wrongly
            .iter()
            .map(|event| event.lane)
            .collect::<Vec<_>>(),
        lanes
    );
    world.app.store.append_events(&told_wrongly).unwrap();
    let nothing = |number: usize| Event {
        headers: "{}".to_owned(),
        body: br#"{"id":"evt_1","object":"event","type":"made.up","created":1}"#.to_vec(),
        lane: 5,
        ..event(&format!("{number:05}"))
    };
    let nothing: Vec<Event> = (0..MANY).map(nothing).collect();
    world.app.store.append_events(&nothing).unwrap();

    let done = process_events::drain(&world.app).unwrap();
    assert_eq!(
        (done.failed, done.foreign, done.ignored),
        (0, 0, MANY),
        "{done:?}"
    );
    assert_eq!(
        journal_kinds(world, &told),
        ["charge_succeeded", "refund_decided", "refund_succeeded"]
    );
    check_ledger(world);
}

on_both_databases!(deliveries_in_a_wrong_lane_are_booked_all_the_same);

/// About what PostgreSQL locks, so neither of the two suites.
mod server {
    use super::*;
    use avstem::app::{Failure, books, seal_ledger};
    use avstem::store::{Lanes, Store, StoreError, Turn, WriteTx};
    use avstem_webhooks::{Contents, Observation, providers};
    use std::sync::mpsc::{self, Receiver};
    use std::thread::Scope;
    use std::time::Duration;

    /// Long enough for what would come if nothing kept it.
    const A_WHILE: Duration = Duration::from_millis(300);
    const PATIENCE: Duration = Duration::from_secs(20);

    /// What a transaction of another thread came to: None where the lane was taken.
    fn written<'scope>(
        scope: &'scope Scope<'scope, '_>,
        store: &'scope Store,
        turn: Turn,
    ) -> Receiver<Option<()>> {
        let (says, said) = mpsc::channel();
        scope.spawn(move || {
            let done = store.write_claimed(turn, |_| Ok(Some(())), |_, ()| Ok::<_, StoreError>(()));
            says.send(done.unwrap()).unwrap();
        });
        said
    }

    fn hold(store: &Store, turn: Turn, meanwhile: impl Fn()) {
        let held = store.write_claimed(
            turn,
            |_| Ok(Some(())),
            |tx, ()| {
                assert_eq!(tx.turn(), turn);
                meanwhile();
                Ok::<_, StoreError>(())
            },
        );
        assert_eq!(held.unwrap(), Some(()));
    }

    #[test]
    fn lanes_are_written_side_by_side_and_each_by_one_and_nobody_beside_who_is_alone() {
        let world = World::postgres();
        let store = &world.app.store;
        std::thread::scope(|scope| {
            let (waits, waited) = mpsc::channel();
            hold(store, Turn::Lanes(Lanes::one(1)), || {
                let beside = written(scope, store, Turn::Lanes(Lanes::one(2)));
                assert_eq!(beside.recv_timeout(PATIENCE).unwrap(), Some(()));
                let same = written(scope, store, Turn::Lanes(Lanes::one(1)));
                assert_eq!(same.recv_timeout(PATIENCE).unwrap(), None);
                let alone = written(scope, store, Turn::Alone);
                assert!(alone.recv_timeout(A_WHILE).is_err(), "alone beside a lane");
                waits.send(alone).unwrap();
            });
            let alone = waited.recv().unwrap();
            assert_eq!(alone.recv_timeout(PATIENCE).unwrap(), Some(()));
            hold(store, Turn::Alone, || {
                let beside = written(scope, store, Turn::Lanes(Lanes::one(1)));
                assert!(
                    beside.recv_timeout(A_WHILE).is_err(),
                    "a lane beside who is alone"
                );
                waits.send(beside).unwrap();
            });
            let beside = waited.recv().unwrap();
            assert_eq!(beside.recv_timeout(PATIENCE).unwrap(), Some(()));
        });
    }

    #[test]
    fn journals_are_sealed_beside_who_books_and_not_beside_who_is_alone() {
        let world = World::postgres();
        let store = &world.app.store;
        let (charge, _) = told("A", &["charge.succeeded"]);
        take_in(&world, Turn::Alone, &charge).unwrap();
        let (says, said) = mpsc::channel();
        std::thread::scope(|scope| {
            let seal = || {
                let (world, says) = (&world, says.clone());
                scope.spawn(move || says.send(seal_ledger::seal(&world.app, "one").unwrap()));
            };
            let every_lane = Lanes {
                first: 1,
                last: lane::LANES,
            };
            hold(store, Turn::Lanes(every_lane), || {
                seal();
                assert_eq!(said.recv_timeout(PATIENCE).unwrap(), 1);
            });
            hold(store, Turn::Lanes(Lanes::one(lane::OF_SEALING)), || {
                seal();
                assert_eq!(said.recv_timeout(PATIENCE).unwrap(), 0, "another one seals");
            });
            hold(store, Turn::Alone, || {
                seal();
                assert!(said.recv_timeout(A_WHILE).is_err(), "beside who is alone");
            });
            assert_eq!(said.recv_timeout(PATIENCE).unwrap(), 0);
        });
    }

    #[test]
    fn lanes_side_by_side_are_taken_as_far_as_nobody_is_in_them() {
        let world = World::postgres();
        let store = &world.app.store;
        let lanes = |first, last| Lanes { first, last };
        let entered = |wanted: Lanes| {
            let turn = |tx: &mut WriteTx<'_>| Ok::<_, StoreError>(Some(tx.turn()));
            let entered = store.write_claimed(Turn::Lanes(wanted), turn, |_, turn| Ok(*turn));
            entered.unwrap()
        };
        hold(store, Turn::Lanes(lanes(3, 4)), || {
            for (wanted, free) in [
                (lanes(1, 2), Some(lanes(1, 2))),
                (lanes(2, 5), Some(lanes(2, 2))),
                (lanes(4, 6), Some(lanes(5, 6))),
                (lanes(3, 4), None),
            ] {
                assert_eq!(entered(wanted), free.map(Turn::Lanes), "{wanted:?}");
            }
        });
        assert_eq!(entered(lanes(2, 5)), Some(Turn::Lanes(lanes(2, 5))));
    }

    /// What a new subscriber's events of some types tell, and the subscriber's lane.
    fn told(mark: &str, kinds: &[&str]) -> (Vec<Observation>, i64) {
        let mut provider = storyteller(Shape::Classic);
        let customer = provider.create_customer("canary-pii-3@example.test", "Canary Person", "sv");
        provider.subscribe(&customer, &monthly());
        let stripe = providers::by_name("stripe").unwrap();
        let mut observations = Vec::new();
        let mut lane = lane::OF_ALL;
        for body in events_of(&provider, kinds) {
            let body = crate::story::marked(&body, mark);
            let envelope = stripe.envelope(body.as_bytes());
            if let avstem_webhooks::Envelope::Readable { customer, .. } = envelope {
                lane = lane::of("stripe", customer.as_deref());
            }
            if let Contents::Facts(facts) = stripe.decode(body.as_bytes()).unwrap().contents {
                observations.extend(facts);
            }
        }
        (observations, lane)
    }

    fn take_in(world: &World, turn: Turn, told: &[Observation]) -> Result<Option<()>, Failure> {
        world.app.store.write_claimed(
            turn,
            |_| Ok(Some(())),
            |tx, ()| books::take_in(tx, world.app.keeping(), "stripe", told).map(|_| ()),
        )
    }

    #[test]
    fn a_lane_takes_nothing_in_that_is_another_s() {
        let world = World::postgres();
        let all = [
            "customer.created",
            "customer.subscription.created",
            "invoice.created",
            "charge.succeeded",
        ];
        let (of_customer, lane) = told("A", &all);
        let refused = |told: &[Observation]| {
            matches!(
                take_in(&world, Turn::Lanes(Lanes::one(another(lane))), told),
                Err(Failure::OtherLanes)
            )
        };
        assert!(
            take_in(&world, Turn::Lanes(Lanes::one(lane)), &of_customer)
                .unwrap()
                .is_some()
        );
        assert!(refused(&of_customer));
        // An invoice names nobody; its charge has a customer.
        let (invoice, _) = told("A", &["invoice.paid"]);
        assert!(refused(&invoice));
        assert!(
            take_in(&world, Turn::Lanes(Lanes::one(lane)), &invoice)
                .unwrap()
                .is_some()
        );
        assert!(
            take_in(&world, Turn::Alone, &of_customer)
                .unwrap()
                .is_some()
        );
    }

    #[test]
    fn journals_of_lanes_are_written_one_transaction_after_another() {
        let world = World::postgres();
        let (first, one) = told("A", &["charge.succeeded"]);
        let marks = ["B", "C", "D", "E", "F"].map(|mark| told(mark, &["charge.succeeded"]));
        let (second, other) = marks.into_iter().find(|(_, lane)| *lane != one).unwrap();
        let (says, said) = mpsc::channel();
        std::thread::scope(|scope| {
            let done = world.app.store.write_claimed(
                Turn::Lanes(Lanes::one(one)),
                |_| Ok(Some(())),
                |tx: &mut WriteTx<'_>, ()| {
                    books::take_in(tx, world.app.keeping(), "stripe", &first)?;
                    let (world, second, says) = (&world, &second, says.clone());
                    scope.spawn(move || {
                        take_in(world, Turn::Lanes(Lanes::one(other)), second).unwrap();
                        says.send(()).unwrap();
                    });
                    assert!(
                        said.recv_timeout(A_WHILE).is_err(),
                        "two write journals at once"
                    );
                    Ok::<_, Failure>(())
                },
            );
            assert_eq!(done.unwrap(), Some(()));
            said.recv_timeout(PATIENCE).unwrap();
        });
        let references = world.lines("SELECT reference AS line FROM journals ORDER BY position");
        assert_eq!(references.len(), 2);
        assert!(references[0].starts_with("ch_A"), "{references:?}");
    }
}
