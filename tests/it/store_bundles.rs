//! Where the bytes of deliveries lie: packed together, and back byte for byte.

use crate::plain_rows::event;
use crate::store_tables::{read, text, waiting, write};
use crate::world::World;
use avstem::store::Appended;
use avstem::store::rows::Event;

/// With every byte there is, and headers of more bytes than characters.
fn delivery(id: &str, body: &[u8]) -> Event {
    Event {
        headers: text(),
        body: body.to_vec(),
        ..event(id)
    }
}

fn bundles(world: &World) -> Vec<String> {
    world.lines("SELECT id || ' ' || packing AS line FROM event_bundles ORDER BY id")
}

fn deliveries_of_one_commit_share_a_bundle_and_long_ones_do_not(world: &mut World) {
    let every_byte: Vec<u8> = (0..=255).collect();
    let long = [every_byte.as_slice(); 1024].concat();
    let deliveries = [
        delivery("1", &every_byte),
        delivery("2", b""),
        delivery("3", &long),
        delivery("4", &[long.as_slice(); 4].concat()),
        delivery("5", b"{}"),
    ];
    let appended = world.app.store.append_events(&deliveries).unwrap();
    assert!(appended.iter().all(|one| *one == Appended::New));
    assert_eq!(bundles(world), ["1 zstd", "3 zstd", "4 zstd", "5 zstd"]);
    assert!(waiting(world) == deliveries, "every byte comes back");
}

fn a_delivery_that_is_here_already_brings_no_bundle(world: &mut World) {
    let append = |deliveries: &[Event]| world.app.store.append_events(deliveries).unwrap();
    let again = |id: &str| Event {
        dedupe_key: event("1").dedupe_key,
        ..delivery(id, b"another")
    };
    append(&[delivery("1", b"first")]);
    let kept = Appended::Duplicate {
        kept: Box::new(delivery("1", b"first")),
    };
    assert_eq!(
        append(&[again("2"), again("3")]),
        [kept.clone(), kept.clone()]
    );
    assert_eq!(bundles(world), ["1 zstd"]);
    // Beside a new one: only that one is of the bundle.
    assert_eq!(
        append(&[again("4"), delivery("5", b"new"), again("6")]),
        [kept.clone(), Appended::New, kept]
    );
    assert_eq!(bundles(world), ["1 zstd", "4 zstd"]);
    let bodies = waiting(world).into_iter().map(|event| event.body);
    let bodies: Vec<Vec<u8>> = bodies.collect();
    assert_eq!(bodies, [b"first".to_vec(), b"new".to_vec()]);
}

fn damaged_bytes_keep_no_other_delivery_from_being_read(world: &mut World) {
    for id in ["1", "2", "3", "4"] {
        let appended = world.app.store.append_events(&[delivery(id, b"body")]);
        assert_eq!(appended.unwrap(), [Appended::New]);
    }
    let (flipped, short) = if world.is_postgres() {
        ("overlay(bytes PLACING '\\xff' FROM 12)", "''")
    } else {
        (
            "CAST(substr(bytes, 1, 11) || x'ff' || substr(bytes, 13) AS BLOB)",
            "x''",
        )
    };
    for sql in [
        format!("UPDATE event_bundles SET bytes = {flipped} WHERE id = '1'"),
        format!("UPDATE event_bundles SET bytes = {short}, packing = 'plain' WHERE id = '2'"),
        "UPDATE events SET bytes_at = -1 WHERE id = '3'".to_owned(),
        "UPDATE event_bundles SET unpacked_bytes = -1 WHERE id = '4'".to_owned(),
    ] {
        world.execute(&sql).unwrap();
    }
    let found = waiting(world);
    let bodies: Vec<&[u8]> = found.iter().map(|event| event.body.as_slice()).collect();
    assert_eq!(bodies, [b"".as_slice(), b"", b"", b"body"]);
    let due = read(world, |tx| Ok(tx.events_waiting(1, None, 9)?));
    let bodies: Vec<Option<&[u8]>> = due.iter().map(|event| event.body.as_deref()).collect();
    assert_eq!(bodies, [None, None, None, Some(b"body".as_slice())]);
}

fn what_is_done_is_no_longer_in_the_index_of_what_is_open(world: &mut World) {
    let deliveries = ["1", "2", "3"].map(|id| delivery(id, b"body"));
    world.app.store.append_events(&deliveries).unwrap();
    let ids = ["1", "2", "3"].map(str::to_owned);
    write(world, |tx| {
        Ok(tx.finish_events(&ids[..1], "processed", 5)?)
    });
    write(world, |tx| {
        Ok(tx.set_event_aside("2", "parked", "waits", 7)?)
    });
    let waiting = |now: i64| -> Vec<String> {
        let found = read(world, |tx| Ok(tx.events_waiting(now, None, 9)?));
        found.into_iter().map(|event| event.id).collect()
    };
    assert_eq!(waiting(6), ["3"]);
    assert_eq!(waiting(7), ["3", "2"]);
    let count = |state: &str| read(world, |tx| Ok(tx.count_events(state)?));
    assert_eq!(
        ["received", "parked", "processed", "failed"].map(count),
        [1, 1, 1, 0]
    );
}

/// What takes away that `unprocessed_events` follows the deliveries (migration 28).
fn without_what_follows(world: &World) -> &'static str {
    if world.is_postgres() {
        "DROP TABLE unprocessed_events; DROP FUNCTION added_events_are_unprocessed CASCADE; \
         DROP FUNCTION changed_events_are_processed_or_not CASCADE; DROP FUNCTION removed_events_are_nowhere CASCADE"
    } else {
        "DROP VIEW unprocessed_events"
    }
}

/// As a database of before the bundles had it.
fn deliveries_stored_before_there_were_bundles_are_moved_byte_for_byte(world: &mut World) {
    let inbox = if world.is_postgres() {
        include_str!("../../migrations/postgres/2026-11-22-000001_inbox/up.sql")
    } else {
        include_str!("../../migrations/sqlite/2026-11-22-000001_inbox/up.sql")
    };
    let every_byte: Vec<u8> = (0..=255).collect();
    let old = [
        delivery("1", &every_byte),
        Event {
            provider_event_id: Some(text()),
            kind: Some(text()),
            attempts: 7,
            error: Some(text()),
            conflict: Some(text()),
            processed_at: Some(4),
            ..delivery("2", b"")
        },
    ];
    world
        .execute(&format!(
            "{}; DROP TABLE events; DROP TABLE event_bundles; {inbox}",
            without_what_follows(world)
        ))
        .unwrap();
    for event in &old {
        world.execute(&old_row(world, event)).unwrap();
    }
    let forget = "DELETE FROM __diesel_schema_migrations WHERE version IN ('20261126000017', '20261126000025', '20261128000028')";
    world.execute(forget).unwrap();
    let applied = world.app.store.migrate().unwrap();
    assert_eq!(
        applied.0,
        ["20261126000017", "20261126000025", "20261128000028"]
    );
    assert_eq!(bundles(world), ["1 plain", "2 plain"]);
    assert_eq!(waiting(world), old);
    // And they are still told from others.
    let again = world.app.store.append_events(&[delivery("1", b"again")]);
    let kept = Box::new(old[0].clone());
    assert_eq!(again.unwrap(), [Appended::Duplicate { kept }]);
}

/// Migrations 26 and 28, with deliveries in every state there is.
fn deliveries_are_the_same_once_their_table_was_written_anew(world: &mut World) {
    let numbered = |number: i64| Event {
        provider_event_id: Some(format!("of the provider {number}")),
        kind: Some(format!("kind {number}")),
        received_at: 100 + number,
        due_at: 200 + number,
        lane: number,
        ..delivery(&number.to_string(), b"body")
    };
    let deliveries: Vec<Event> = (1..=6).map(numbered).collect();
    world.app.store.append_events(&deliveries).unwrap();
    let ids: Vec<String> = deliveries.iter().map(|event| event.id.clone()).collect();
    write(world, |tx| {
        tx.finish_events(&ids[1..2], "processed", 300)?;
        tx.finish_events(&ids[2..3], "ignored", 301)?;
        tx.note_conflict("3", "another body")?;
        tx.set_event_aside("4", "parked", "waits", 400)?;
        tx.set_event_aside("5", "failed", "made up", 401)?;
        Ok(tx.set_event_aside("6", "foreign", "of others", 402)?)
    });
    let stored = || {
        let mut stored = read(world, |tx| Ok(tx.events_by_ids(&ids)?));
        stored.sort_by(|one, other| one.id.cmp(&other.id));
        stored
    };
    let before = stored();
    world.execute(without_what_follows(world)).unwrap();
    if world.is_postgres() {
        let indexes = "CREATE INDEX events_open ON events (state); CREATE INDEX events_set_aside ON events (state)";
        world.execute(indexes).unwrap();
    }
    let forget = "DELETE FROM __diesel_schema_migrations WHERE version IN ('20261127000026', '20261128000028')";
    world.execute(forget).unwrap();
    let applied = world.app.store.migrate().unwrap();
    assert_eq!(applied.0, ["20261127000026", "20261128000028"]);
    assert_eq!(stored(), before);
    world.check_unprocessed();
    let made_up = world.execute("UPDATE events SET state = 'made up' WHERE id = '1'");
    assert!(made_up.is_err(), "a state that there is not");
}

fn old_row(world: &World, event: &Event) -> String {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let or_null = |text: &Option<String>| text.as_deref().map_or("NULL".to_owned(), quoted);
    let hex: String = event
        .body
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let body = if world.is_postgres() {
        format!("'\\x{hex}'")
    } else {
        format!("x'{hex}'")
    };
    let processed_at = event
        .processed_at
        .map_or("NULL".to_owned(), |at| at.to_string());
    let values = [
        quoted(&event.id),
        quoted(&event.connection),
        quoted(&event.dedupe_key),
        or_null(&event.provider_event_id),
        or_null(&event.kind),
        quoted(&event.state),
        event.attempts.to_string(),
        or_null(&event.error),
        or_null(&event.conflict),
        event.received_at.to_string(),
        processed_at,
        event.due_at.to_string(),
        quoted(&event.headers),
        body,
        "'00'".to_owned(),
    ];
    format!("INSERT INTO events VALUES ({})", values.join(", "))
}

on_both_databases!(
    deliveries_of_one_commit_share_a_bundle_and_long_ones_do_not,
    a_delivery_that_is_here_already_brings_no_bundle,
    damaged_bytes_keep_no_other_delivery_from_being_read,
    what_is_done_is_no_longer_in_the_index_of_what_is_open,
    deliveries_stored_before_there_were_bundles_are_moved_byte_for_byte,
    deliveries_are_the_same_once_their_table_was_written_anew,
);
