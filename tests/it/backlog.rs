//! A backlog of more than one transaction takes: read and decoded ahead of what is written, and each delivery
//! processed once.

use crate::plain_rows::event;
use crate::story::{check_ledger, events_of, journal_kinds, receive_all, storyteller};
use crate::world::{World, monthly};
use avstem::app::process_events;
use avstem::app::seams::Seams;
use avstem::store::rows::Event;
use avstem::store::{StoreError, WriteTx};
use avstem_simulator::Shape;

/// More than two transactions take together.
const MANY: usize = 4_200;

/// Deliveries of which nothing is read, due from now on.
fn unknown(world: &World) -> Vec<Event> {
    let now = world.clock.now();
    let delivery = |number: usize| {
        let id = format!("{number:05}");
        let body = format!(
            r#"{{"id":"evt_{id}","object":"event","type":"made.up","created":{}}}"#,
            now.unix_seconds()
        );
        Event {
            due_at: now.as_micros(),
            headers: "{}".to_owned(),
            body: body.into_bytes(),
            ..event(&id)
        }
    };
    (0..MANY).map(delivery).collect()
}

/// A refund comes first of all, and its charge last.
fn a_backlog_of_several_transactions_is_processed_once(world: &mut World) {
    let mut provider = storyteller(Shape::Classic);
    let customer = provider.create_customer("canary-pii-3@example.test", "Canary Person", "sv");
    let subscription = provider.subscribe(&customer, &monthly());
    let charge = provider.charges_of(&subscription)[0].id.clone();
    provider.dashboard_refund(&charge, Some(9_900)).unwrap();
    let refund = events_of(&provider, &["refund.created"]);
    let others = events_of(
        &provider,
        &["customer.subscription.created", "charge.succeeded"],
    );
    receive_all(world, &refund);
    world.pass_seconds(1);
    world.app.store.append_events(&unknown(world)).unwrap();
    world.pass_seconds(1);
    receive_all(world, &others);

    let mut processed = process_events::process_due(&world.app).unwrap().processed;
    assert!(processed >= 2, "the charge is reached in the first round");
    // Where two threads take batches, the other one may have met the refund again by then.
    let rest = process_events::drain(&world.app).unwrap();
    processed += rest.processed;
    assert_eq!(processed, 3, "the refund has its charge: {rest:?}");
    let about = [refund, others].concat();
    assert_eq!(
        journal_kinds(world, &about),
        ["charge_succeeded", "refund_decided", "refund_succeeded"]
    );
    check_ledger(world);
    let times = "SELECT state || ' ' || attempts || ' ' || count(*) AS line FROM events GROUP BY state, attempts ORDER BY 1";
    let times = world.lines(times);
    // Where lanes go on beside each other, the charge may have been there first.
    let once = world.is_postgres() && times == ["ignored 1 4200", "processed 1 3"];
    let parked = times == ["ignored 1 4200", "processed 1 2", "processed 2 1"];
    assert!(once || parked, "{times:?}");
}

/// Where one transaction took all that waited nobody looks whether more does, until one takes as much as it may.
fn a_backlog_is_seen_when_it_comes_again(world: &mut World) {
    let processed = |deliveries: &[Event]| {
        world.app.store.append_events(deliveries).unwrap();
        process_events::process_due(&world.app).unwrap().total()
    };
    assert_eq!(processed(&[event("alone")]), 1);
    let expected = || world.app.signals.backlog.may_be();
    assert_eq!(expected(), !world.is_postgres(), "SQLite never asks");
    let done = processed(&unknown(world));
    assert!(expected());
    assert_eq!(done < MANY, world.is_postgres(), "one transaction: {done}");
    assert_eq!(
        done + process_events::drain(&world.app).unwrap().total(),
        MANY
    );
    assert_eq!(expected(), !world.is_postgres());
}

/// On PostgreSQL nobody looks for each batch at what is done with already, and what became due long before others that were done
/// with lies there.
fn what_comes_late_is_processed_all_the_same(world: &mut World) {
    let [first, late, fresh, later, freshest]: [Event; 5] = unknown(world)
        .into_iter()
        .take(5)
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    let due = |delivery: Event, seconds: i64| Event {
        due_at: world.clock.now().as_micros() + seconds * 1_000_000,
        ..delivery
    };
    let processed = |deliveries: &[Event]| {
        world.app.store.append_events(deliveries).unwrap();
        process_events::process_due(&world.app).unwrap().total()
    };
    assert_eq!(processed(&[due(first, 0)]), 1);
    let both = processed(&[due(late, -100), due(fresh, 0)]);
    assert_eq!(
        both == 1,
        world.is_postgres(),
        "the late one is not looked for: {both}"
    );
    assert_eq!(
        both + processed(&[]),
        2,
        "it is, where nothing else is found"
    );
    world.pass_seconds(10);
    let both = [due(later, -100), due(freshest, 0)];
    assert_eq!(processed(&both), 2, "and now and then");
}

/// It stops before its second transaction, when the third is read ahead already.
fn what_a_process_that_stops_has_read_ahead_is_done_by_another(world: &mut World) {
    let mut deliveries = unknown(world);
    deliveries.extend(deliveries.clone().into_iter().map(|delivery| Event {
        id: format!("1{}", delivery.id),
        dedupe_key: format!("1{}", delivery.id),
        ..delivery
    }));
    world.app.store.append_events(&deliveries).unwrap();
    let stopping = world.another_process(Seams::scripted(Some(2)));
    process_events::process_due(&stopping).expect_err("it stops");
    drop(stopping);
    let done = process_events::drain(&world.app).unwrap();
    assert!(
        done.ignored < 2 * MANY,
        "one transaction was written: {done:?}"
    );
    // On PostgreSQL the other threads of the process that stops may have done all of it.
    assert!(world.is_postgres() || done.ignored > MANY, "{done:?}");
    let times = "SELECT state || ' ' || attempts || ' ' || count(*) AS line FROM events GROUP BY state, attempts";
    assert_eq!(world.lines(times), ["ignored 1 8400"]);
}

fn what_waits_is_read_on_from_where_it_was_left(world: &mut World) {
    let deliveries = [("a", 1), ("c", 1), ("b", 2), ("d", 2), ("e", 3)].map(|(id, due_at)| Event {
        due_at,
        ..event(id)
    });
    world.app.store.append_events(&deliveries).unwrap();
    let after = |after: Option<(i64, &str)>, limit: i64| -> Vec<String> {
        let found = world
            .app
            .store
            .read_first::<_, StoreError>(|tx| tx.events_waiting(2, after, limit));
        found.unwrap().into_iter().map(|event| event.id).collect()
    };
    assert_eq!(after(None, 9), ["a", "c", "b", "d"]);
    assert_eq!(after(Some((1, "a")), 2), ["c", "b"]);
    assert_eq!(after(Some((2, "b")), 9), ["d"]);
    assert_eq!(after(Some((2, "d")), 9), [""; 0]);
    let aside = world
        .app
        .store
        .write::<_, StoreError>(|tx| tx.set_event_aside("c", "parked", "waits", 2));
    aside.unwrap();
    assert_eq!(
        after(Some((1, "a")), 9),
        ["b", "c", "d"],
        "parked ones among them"
    );
}

fn what_is_claimed_waits_still(world: &mut World) {
    let deliveries = [("a", 1), ("b", 1), ("c", 2), ("d", 2), ("e", 3), ("f", 3)];
    let deliveries = deliveries.map(|(id, due_at)| Event {
        due_at,
        ..event(id)
    });
    let store = &world.app.store;
    store.append_events(&deliveries).unwrap();
    let others = |tx: &mut WriteTx<'_>| {
        tx.finish_events(&["b".to_owned()], "processed", 5)?;
        tx.set_event_aside("c", "failed", "made up", 2)?;
        tx.set_event_aside("d", "parked", "waits", 9)
    };
    store.write::<_, StoreError>(others).unwrap();
    let claimed = |ids: &[&str]| {
        let ids: Vec<String> = ids.iter().map(|&id| id.to_owned()).collect();
        let claim = |tx: &mut WriteTx<'_>| tx.claim_events(&ids);
        store.write::<_, StoreError>(claim).unwrap()
    };
    assert_eq!(claimed(&["f", "a", "b", "c", "d", "x"]), ["f", "a", "d"]);
    assert_eq!(claimed(&["f"]), ["f"], "behind others that wait");
    assert_eq!(claimed(&["b"]), [""; 0]);
}

/// One walk marks what lies side by side, where nothing else waits between; a list marks the rest.
fn only_what_is_named_is_done_with(world: &mut World) {
    let names: Vec<String> = (10..40).map(|number| format!("e{number}")).collect();
    let deliveries: Vec<Event> = names.iter().map(|name| event(name)).collect();
    let store = &world.app.store;
    store.append_events(&deliveries).unwrap();
    let states = |state: &str| {
        let ids = store.read::<_, StoreError>(|tx| tx.event_ids(Some(state), "", 99));
        ids.unwrap()
    };
    let finish = |ids: &[String]| {
        let finish = |tx: &mut WriteTx<'_>| tx.finish_events(ids, "processed", 5);
        store.write::<_, StoreError>(finish).unwrap();
    };
    let aside = |id: &str, state: &str| {
        let aside = |tx: &mut WriteTx<'_>| tx.set_event_aside(id, state, "made up", 2);
        store.write::<_, StoreError>(aside).unwrap();
    };
    // Between the first and the last as many wait as are named, but others: one parked is named, one received is not.
    aside("e11", "parked");
    let named = names[..10].iter().filter(|name| *name != "e12");
    finish(&named.cloned().collect::<Vec<_>>());
    let mut waiting = vec!["e12".to_owned()];
    waiting.extend_from_slice(&names[10..]);
    assert_eq!(states("received"), waiting);
    // What failed lies between those that are done with, and stays.
    aside("e25", "failed");
    let named = names[10..].iter().filter(|name| *name != "e25");
    finish(&named.cloned().collect::<Vec<_>>());
    assert_eq!(states("received"), ["e12"]);
    assert_eq!(states("failed"), ["e25"]);
    assert_eq!(states("processed").len(), 28);
}

on_both_databases!(
    a_backlog_is_seen_when_it_comes_again,
    only_what_is_named_is_done_with,
    a_backlog_of_several_transactions_is_processed_once,
    what_a_process_that_stops_has_read_ahead_is_done_by_another,
    what_comes_late_is_processed_all_the_same,
    what_waits_is_read_on_from_where_it_was_left,
    what_is_claimed_waits_still,
);
