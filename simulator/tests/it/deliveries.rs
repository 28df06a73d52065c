use avstem_simulator::{Outage, Shape, Simulator, WebhookDelivery};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::world::{DAY, SECRET, pass, subscribed};

fn answer_all(sim: &mut Simulator, due: &[WebhookDelivery], status: u16) {
    for delivery in due {
        sim.delivered(delivery.id, status);
    }
}

#[test]
fn deliveries_are_signed_with_the_whole_secret_at_the_time_they_are_sent() {
    let (mut sim, _, _) = subscribed(Shape::Newer);
    pass(&mut sim, 120);
    let due = sim.deliveries_due();
    let headers = &due[0].headers;
    let (_, signature) = headers
        .iter()
        .find(|(name, _)| name == "stripe-signature")
        .unwrap();
    let time = sim.now().unix_seconds();
    let hex = signature.strip_prefix(&format!("t={time},v1=")).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{time}.").as_bytes());
    mac.update(&due[0].body);
    let expected = mac.finalize().into_bytes();
    let expected: String = expected.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, expected);
}

#[test]
fn every_event_is_due_once_in_the_order_it_was_made() {
    let (mut sim, _, _) = subscribed(Shape::Newer);
    let due = sim.deliveries_due();
    let events: Vec<String> = sim
        .all_events()
        .into_iter()
        .map(|event| event.event)
        .collect();
    let delivered: Vec<String> = due.iter().map(|delivery| delivery.event.clone()).collect();
    assert_eq!(delivered, events);
    assert!(sim.deliveries_due().is_empty());
    answer_all(&mut sim, &due, 204);
    assert_eq!(sim.pending_deliveries(), 0);
    pass(&mut sim, DAY);
    assert!(sim.deliveries_due().is_empty());
}

#[test]
fn what_is_not_acknowledged_comes_again_ever_more_slowly_for_three_days() {
    let (mut sim, _, _) = subscribed(Shape::Newer);
    let first = sim.deliveries_due();
    answer_all(&mut sim, &first, 500);
    pass(&mut sim, 59);
    assert!(sim.deliveries_due().is_empty());
    pass(&mut sim, 1);
    let again = sim.deliveries_due();
    assert_eq!(again.len(), first.len());
    assert_eq!((again[0].id, &again[0].body), (first[0].id, &first[0].body));
    assert_ne!(again[0].headers, first[0].headers);
    pass(&mut sim, 60);
    assert!(sim.deliveries_due().is_empty());
    let mut attempts = 2;
    for _ in 0..200 {
        pass(&mut sim, 3_600);
        attempts += usize::from(!sim.deliveries_due().is_empty());
    }
    assert!((8..=14).contains(&attempts), "{attempts}");
    assert_eq!(sim.pending_deliveries(), 0);
}

#[test]
fn duplicates_have_their_own_delivery_and_the_same_event() {
    let (mut sim, customer, _) = subscribed(Shape::Newer);
    let due = sim.deliveries_due();
    answer_all(&mut sim, &due, 200);
    sim.faults().duplicate_deliveries(2);
    sim.one_off_charge(&customer, 100);
    let due = sim.deliveries_due();
    assert_eq!(due.len(), 9);
    let mut ids: Vec<u64> = due.iter().map(|delivery| delivery.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 9);
    let mut events: Vec<String> = due.into_iter().map(|delivery| delivery.event).collect();
    events.dedup();
    assert_eq!(events.len(), 3);
}

#[test]
fn shuffled_deliveries_are_the_same_ones_in_another_order() {
    let order = |window: usize| {
        let (mut sim, _, _) = subscribed(Shape::Newer);
        pass(&mut sim, 90 * DAY);
        sim.faults().shuffle_deliveries_within(window);
        let due = sim.deliveries_due();
        due.into_iter()
            .map(|delivery| delivery.id)
            .collect::<Vec<_>>()
    };
    let plain = order(1);
    let shuffled = order(usize::MAX);
    assert_ne!(plain, shuffled);
    assert_eq!(shuffled, order(usize::MAX));
    let near = order(4);
    for (part, original) in near.chunks(4).zip(plain.chunks(4)) {
        let mut part = part.to_vec();
        part.sort_unstable();
        assert_eq!(part, original);
    }
    let mut sorted = shuffled;
    sorted.sort_unstable();
    assert_eq!(sorted, plain);
}

#[test]
fn dropped_deliveries_are_events_all_the_same() {
    let (mut sim, customer, _) = subscribed(Shape::Newer);
    let due = sim.deliveries_due();
    answer_all(&mut sim, &due, 200);
    let before = sim.all_events().len();
    sim.faults().drop_deliveries(100);
    sim.one_off_charge(&customer, 100);
    assert_eq!(sim.all_events().len(), before + 3);
    assert_eq!(sim.pending_deliveries(), 0);
}

#[test]
fn nothing_is_delivered_during_an_outage_and_everything_after_it() {
    let (mut sim, _, _) = subscribed(Shape::Newer);
    sim.faults().outage(Outage::Down);
    assert!(sim.deliveries_due().is_empty());
    sim.faults().outage(Outage::Up);
    assert_eq!(sim.deliveries_due().len(), sim.all_events().len());
}
