//! Events that a test chooses, changes, signs and hands over as it wants, and what became of them.

use crate::world::{START, WEBHOOK_SECRET, World, at};
use avstem::app::receive_webhook::{self, Intake, Refused};
use avstem::store::StoreError;
use avstem::store::rows::{Event, EventSummary};
use avstem_simulator::{Settings, Shape, Simulator, WebhookDelivery};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// A provider that stands beside the world's own: its events come only by the test's hand.
pub fn storyteller(shape: Shape) -> Simulator {
    let settings = Settings {
        seed: 11,
        webhook_secret: WEBHOOK_SECRET.to_owned(),
        api_key: String::new(),
        shape,
        currency: "sek",
    };
    Simulator::new(settings, at(START))
}

/// The bodies of events of these types; a type named twice gives its first and its second event.
pub fn events_of(provider: &Simulator, kinds: &[&str]) -> Vec<String> {
    let all = provider.all_events();
    let mut taken = BTreeMap::<&str, usize>::new();
    let mut bodies = Vec::new();
    for kind in kinds {
        let number = taken.entry(kind).or_default();
        let found = all.iter().filter(|event| event.kind == *kind).nth(*number);
        let found = found.unwrap_or_else(|| panic!("there is no event {number} of type {kind}"));
        *number += 1;
        bodies.push(String::from_utf8(found.body.clone()).unwrap());
    }
    bodies
}

/// The same event about other objects: every id gets `mark` behind its prefix.
pub fn marked(body: &str, mark: &str) -> String {
    let prefixes = [
        "evt", "cus", "sub", "si", "in", "il", "inpay", "pi", "ch", "re", "du", "txn", "po",
    ];
    let mark_after =
        |text: String, prefix| text.replace(&format!("\"{prefix}_"), &format!("\"{prefix}_{mark}"));
    let marked = prefixes.iter().fold(body.to_owned(), mark_after);
    // Two words that look like an invoice's id.
    ["in_transit", "in_progress"]
        .iter()
        .fold(marked, |text, word| {
            text.replace(&word.replacen("in_", &format!("in_{mark}"), 1), word)
        })
}

/// HMAC-SHA256 in lower-case hex (RFC 2104): the tests' own, so that nothing checks itself.
pub fn hmac_hex(secret: &str, message: &[u8]) -> String {
    let mut key = [0u8; 64];
    key[..secret.len()].copy_from_slice(secret.as_bytes());
    let inner: Vec<u8> = key
        .iter()
        .map(|b| b ^ 0x36)
        .chain(message.iter().copied())
        .collect();
    let outer: Vec<u8> = key
        .iter()
        .map(|b| b ^ 0x5c)
        .chain(Sha256::digest(inner))
        .collect();
    Sha256::digest(outer)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// `t` and `v1` over a body, signed `age_s` seconds ago.
pub fn signature(world: &World, secret: &str, age_s: i64, body: &[u8]) -> (i64, String) {
    let time = world.clock.now().unix_seconds() - age_s;
    (
        time,
        hmac_hex(secret, &[format!("{time}.").as_bytes(), body].concat()),
    )
}

pub fn signed(world: &World, body: &[u8]) -> WebhookDelivery {
    let (time, v1) = signature(world, WEBHOOK_SECRET, 0, body);
    WebhookDelivery {
        id: 0,
        headers: vec![("stripe-signature".to_owned(), format!("t={time},v1={v1}"))],
        body: body.to_vec(),
        event: String::new(),
        kind: String::new(),
    }
}

/// Stores deliveries in one commit, as the intake does under load.
pub fn receive_all(world: &World, bodies: &[impl AsRef<[u8]>]) -> Vec<Intake> {
    let admit = |body: &[u8]| {
        let headers = signed(world, body).headers;
        receive_webhook::admit(&world.app, "stripe", &headers, body.to_vec())
    };
    let events: Result<Vec<Event>, Refused> = bodies.iter().map(|b| admit(b.as_ref())).collect();
    receive_webhook::store(&world.app, &events.unwrap()).unwrap()
}

/// The stored row of a delivery, body included: a second delivery is answered with the first.
pub fn stored(world: &World, body: &[u8]) -> Event {
    use avstem::store::Appended;
    let headers = signed(world, body).headers;
    let again = receive_webhook::admit(&world.app, "stripe", &headers, body.to_vec()).unwrap();
    match world.app.store.append_events(&[again]).unwrap().remove(0) {
        Appended::Duplicate { kept } => *kept,
        Appended::New => panic!("it was not stored before"),
    }
}

/// The events of a state, oldest first.
pub fn events_in(world: &World, state: &str) -> Vec<EventSummary> {
    let list =
        |tx: &mut avstem::store::ReadTx<'_>| tx.list_events(Some(state), None, None, None, 10_000);
    let mut found = world.app.store.read::<_, StoreError>(list).unwrap().rows;
    found.reverse();
    found
}

/// The provider's ids of the objects that events are about, by type.
pub fn objects(bodies: &[String]) -> BTreeMap<String, BTreeSet<String>> {
    let mut objects = BTreeMap::<String, BTreeSet<String>>::new();
    for body in bodies {
        let event: Value = serde_json::from_str(body).unwrap();
        let object = &event["data"]["object"];
        let id = object["id"].as_str().unwrap().to_owned();
        objects
            .entry(object["object"].as_str().unwrap().to_owned())
            .or_default()
            .insert(id);
    }
    objects
}

/// All that is known of the objects of a story, and what they did to each account, as text. What may
/// differ between two orders of arrival is left out: our own random ids and the count of
/// reclassifications. `mark` is taken out, so that two tellings of one story compare equal.
pub fn outcome(world: &World, bodies: &[String], mark: &str) -> String {
    let objects = objects(bodies);
    let ids =
        |kind: &str| -> Vec<String> { objects.get(kind).into_iter().flatten().cloned().collect() };
    let mut told = Vec::new();
    let read = |tx: &mut avstem::store::ReadTx<'_>| {
        for mut row in tx.subscriptions_by_provider_ids("stripe", &ids("subscription"))? {
            (row.id, row.customer_id) = Default::default();
            told.push(format!("{row:?}"));
        }
        for row in tx.invoices_by_provider_ids("stripe", &ids("invoice"))? {
            told.push(format!("{row:?}"));
        }
        for row in tx.invoice_payments_by_invoices("stripe", &ids("invoice"))? {
            told.push(format!("{row:?}"));
        }
        for mut row in tx.charges_by_provider_ids("stripe", &ids("charge"))? {
            (row.id, row.customer_id, row.bookings) = Default::default();
            told.push(format!("{row:?}"));
        }
        for mut row in tx.refunds_by_provider_ids("stripe", &ids("refund"))? {
            (row.id, row.charge_id) = Default::default();
            told.push(format!("{row:?}"));
        }
        for mut row in tx.disputes_by_provider_ids("stripe", &ids("dispute"))? {
            for mut line in tx.movements_of_disputes(std::slice::from_ref(&row.id))? {
                line.dispute_id = String::new();
                told.push(format!("{line:?}"));
            }
            (row.id, row.charge_id) = Default::default();
            told.push(format!("{row:?}"));
        }
        for row in tx.payouts_by_provider_ids("stripe", &ids("payout"))? {
            told.push(format!("{row:?}"));
        }
        told.sort();
        let references: Vec<String> = objects.values().flatten().cloned().collect();
        told.push(format!("{:?}", balances(tx, &references)?));
        Ok::<_, StoreError>(())
    };
    world.app.store.read(read).unwrap();
    told.join("\n").replace(mark, "")
}

/// What the journals about some objects sum to, in minor units by account; zeros are left out.
pub fn balances(
    tx: &mut avstem::store::ReadTx<'_>,
    references: &[String],
) -> Result<BTreeMap<String, i64>, StoreError> {
    let journals = tx.journals_about(references, None, None, None, 100)?;
    let ids: Vec<String> = journals.into_iter().map(|journal| journal.id).collect();
    let mut sums = BTreeMap::new();
    for posting in tx.postings_of(&ids)? {
        *sums.entry(posting.account).or_default() += posting.amount;
    }
    sums.retain(|_, sum| *sum != 0);
    Ok(sums)
}

/// The balances of everything the events are about.
pub fn balances_of(world: &World, bodies: &[String]) -> BTreeMap<String, i64> {
    let references: Vec<String> = objects(bodies).into_values().flatten().collect();
    world
        .app
        .store
        .read(|tx| balances(tx, &references))
        .unwrap()
}

/// The kinds of the journals about some events' objects, oldest first.
pub fn journal_kinds(world: &World, bodies: &[String]) -> Vec<String> {
    let references: Vec<String> = objects(bodies).into_values().flatten().collect();
    let read = |tx: &mut avstem::store::ReadTx<'_>| {
        tx.journals_about(&references, None, None, None, 1_000)
    };
    let mut journals = world.app.store.read::<_, StoreError>(read).unwrap();
    journals.reverse();
    journals.into_iter().map(|journal| journal.event).collect()
}

/// The ledger verifies, whatever the world's own provider says.
pub fn check_ledger(world: &World) {
    use avstem::app::{seal_ledger, verify_ledger};
    seal_ledger::seal(&world.app, "test").unwrap();
    let verification = verify_ledger::verify(&world.app, &mut |_| {}).unwrap();
    assert!(
        verification.findings.is_empty(),
        "{:?}",
        verification.findings
    );
    crate::rebuild::assert_rebuilt(world);
}

/// Every order of `0..n`.
pub fn orders(n: usize) -> Vec<Vec<usize>> {
    if n == 0 {
        return vec![Vec::new()];
    }
    let smaller = orders(n - 1);
    let insert = |order: &Vec<usize>, place: usize| {
        let mut longer = order.clone();
        longer.insert(place, n - 1);
        longer
    };
    smaller
        .iter()
        .flat_map(|order| (0..n).map(move |place| insert(order, place)))
        .collect()
}

/// What tells one telling of a story from the others.
pub fn mark(number: usize) -> String {
    format!("zz{number:03}zz")
}

/// The customer that an event is about, if it is known.
pub fn find_customer(world: &World, event: &str) -> Option<avstem::store::rows::Customer> {
    let event: serde_json::Value = serde_json::from_str(event).unwrap();
    let id = event["data"]["object"]["id"].as_str().unwrap().to_owned();
    world
        .app
        .store
        .read::<_, StoreError>(|tx| tx.find_customer(&id))
        .unwrap()
}
