//! What is not processed follows the deliveries, whoever writes them.

use crate::plain_rows::event;
use crate::store_tables::write;
use crate::world::World;
use avstem::store::rows::Event;

fn it_follows_what_the_service_writes(world: &mut World) {
    let names = ["a", "b", "c", "d", "e", "f"];
    let deliveries = [1, 2, 3, 4, 5, 6].map(|number| Event {
        received_at: number,
        due_at: 10 + number,
        lane: number % 3,
        ..event(names[usize::try_from(number).unwrap() - 1])
    });
    world.app.store.append_events(&deliveries).unwrap();
    world.check_unprocessed();
    assert_eq!(unprocessed(world).len(), 6);
    let ids = names.map(str::to_owned);
    write(world, |tx| {
        tx.finish_events(&ids[..2], "processed", 20)?;
        tx.finish_events(&ids[2..3], "ignored", 20)?;
        tx.set_event_aside("d", "parked", "waits", 30)?;
        tx.set_event_aside("e", "failed", "made up", 20)?;
        Ok(tx.set_event_aside("f", "foreign", "of others", 20)?)
    });
    world.check_unprocessed();
    assert_eq!(
        unprocessed(world),
        ["c ignored", "d parked", "e failed", "f foreign"]
    );
    // A delivery that is here already changes nothing.
    world.app.store.append_events(&deliveries).unwrap();
    write(world, |tx| Ok(tx.wake_parked(25)?));
    world.check_unprocessed();
    write(world, |tx| Ok(tx.requeue_events(&ids, 40)?));
    world.check_unprocessed();
    assert_eq!(unprocessed(world).len(), 6);
    write(world, |tx| Ok(tx.finish_events(&ids, "processed", 50)?));
    assert_eq!(unprocessed(world), [""; 0]);
}

fn it_follows_what_somebody_writes_by_hand(world: &mut World) {
    world
        .app
        .store
        .append_events(&["a", "b", "c"].map(event))
        .unwrap();
    for by_hand in [
        "UPDATE events SET state = 'failed', due_at = 7 WHERE id < 'c'",
        "UPDATE events SET state = 'processed' WHERE id = 'a'",
        "UPDATE events SET state = 'received', lane = 3, received_at = 9",
        "DELETE FROM events WHERE id = 'b'",
        "INSERT INTO events SELECT 'x' || id, connection, 'x', provider_event_id, kind, state, attempts, error, conflict, received_at, \
         processed_at, due_at, bundle, bytes_at, headers_bytes, body_bytes, lane FROM events WHERE id = 'a'",
    ] {
        world.execute(by_hand).unwrap();
        world.check_unprocessed();
    }
    assert_eq!(
        unprocessed(world),
        ["a received", "c received", "xa received"]
    );
}

fn unprocessed(world: &World) -> Vec<String> {
    world.lines("SELECT id || ' ' || state AS line FROM unprocessed_events ORDER BY id")
}

on_both_databases!(
    it_follows_what_the_service_writes,
    it_follows_what_somebody_writes_by_hand,
);
