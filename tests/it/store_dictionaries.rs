//! Deliveries are packed with what they have in common (docs/decisions/0028), which is not kept with them.

use crate::plain_rows::event;
use crate::store_tables::waiting;
use crate::world::World;
use avstem::store::rows::Event;

const HEADERS: &str = r#"[["user-agent","Stripe/1.0 (+https://stripe.com/docs/webhooks)"]]"#;
const BODY: &str = "{}";
/// Both, as zstd's own program packs them: by themselves, as versions did that knew of no dictionary, and with the first
/// one. What was packed with it has to come back from every version that comes.
const PACKED: &str = "28b52ffd24431902005b5b22757365722d6167656e74222c225374726970652f312e3020282b68747470733a\
                      2f2f7374726970652e636f6d2f646f63732f776562686f6f6b7329225d5d7b7d\
                      c90591b5";
const PACKED_WITH_THE_FIRST: &str = "28b52ffd271f990e12435d0000185d7b7d01002d99520502c90591b5";

fn delivery(id: &str, body: &[u8]) -> Event {
    Event {
        headers: HEADERS.to_owned(),
        body: body.to_vec(),
        ..event(id)
    }
}

/// Stores deliveries, each with a bundle of its own.
fn append_each(world: &World, deliveries: &[Event]) {
    for delivery in deliveries {
        let store = &world.app.store;
        store.append_events(std::slice::from_ref(delivery)).unwrap();
    }
}

fn set_bytes(world: &World, bundle: &str, hex: &str) {
    let bytes = if world.is_postgres() {
        format!("'\\x{hex}'")
    } else {
        format!("x'{hex}'")
    };
    let sql = format!("UPDATE event_bundles SET bytes = {bytes} WHERE id = '{bundle}'");
    world.execute(&sql).unwrap();
}

fn a_delivery_that_comes_alone_does_not_keep_what_all_have(world: &mut World) {
    let body = include_bytes!("../../webhooks/fixtures/stripe/charge.succeeded.http");
    append_each(world, &[delivery("1", body)]);
    let stored = world.lines("SELECT CAST(length(bytes) AS TEXT) AS line FROM event_bundles");
    let stored: usize = stored[0].parse().unwrap();
    assert!(stored * 3 < body.len(), "{stored} of {} bytes", body.len());
    assert_eq!(waiting(world)[0].body, body);
}

fn what_earlier_versions_packed_comes_back(world: &mut World) {
    let deliveries = ["1", "2"].map(|id| delivery(id, BODY.as_bytes()));
    append_each(world, &deliveries);
    set_bytes(world, "1", PACKED);
    set_bytes(world, "2", PACKED_WITH_THE_FIRST);
    assert_eq!(waiting(world), deliveries);
}

fn what_a_later_version_packed_keeps_nothing_else_from_being_read(world: &mut World) {
    append_each(world, &["1", "2"].map(|id| delivery(id, BODY.as_bytes())));
    let another = PACKED_WITH_THE_FIRST.replacen("1f990e12", "20990e12", 1);
    set_bytes(world, "1", &another);
    let found = waiting(world);
    let bodies: Vec<&[u8]> = found.iter().map(|event| event.body.as_slice()).collect();
    assert_eq!(bodies, [b"".as_slice(), BODY.as_bytes()]);
}

on_both_databases!(
    a_delivery_that_comes_alone_does_not_keep_what_all_have,
    what_earlier_versions_packed_comes_back,
    what_a_later_version_packed_keeps_nothing_else_from_being_read,
);
