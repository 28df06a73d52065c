//! Which invoice a charge paid, where no event told: the provider is asked.

use crate::story::receive_all;
use crate::world::{API_KEY, START, WEBHOOK_SECRET, World, at, monthly};
use avstem::app::{facts, link_charges};
use avstem_simulator::{Settings, Shape, Simulator};

/// The world's own provider told in the newer shape, without the events that link a charge to its
/// invoice: what an endpoint of the first such API version sends. Returns the subscription.
fn a_month_without_links(world: &World) -> String {
    let (_, subscription) = world.subscribe();
    let settings = Settings {
        seed: 7,
        webhook_secret: WEBHOOK_SECRET.to_owned(),
        api_key: API_KEY.to_owned(),
        shape: Shape::Newer,
        currency: "sek",
    };
    let mut twin = Simulator::new(settings, at(START));
    let customer = twin.create_customer("canary-pii-1@example.test", "Canary Person", "sv");
    let told = twin.subscribe(&customer, &monthly());
    assert_eq!(told, subscription, "the twin lives the same life");
    let events = twin.all_events();
    let bodies: Vec<Vec<u8>> = events
        .into_iter()
        .filter(|event| event.kind != "invoice_payment.paid")
        .map(|event| event.body)
        .collect();
    receive_all(world, &bodies);
    world.process();
    subscription
}

fn charges_of(world: &World, subscription: &str) -> usize {
    world
        .app
        .store
        .read(|tx| {
            let row = tx.find_subscription(subscription)?.expect("it is known");
            let pictures = facts::pictures(tx, &[row])?;
            Ok::<_, avstem::app::Failure>(pictures[0].charges.len())
        })
        .unwrap()
}

fn a_charge_that_no_event_linked_is_asked_for(world: &mut World) {
    let subscription = a_month_without_links(world);
    assert_eq!(charges_of(world, &subscription), 0);
    assert_eq!(world.balance("income:orders"), "-249.00");
    assert_eq!(
        link_charges::run_due(&world.app).unwrap(),
        0,
        "the event may still come"
    );

    world.pass_seconds(link_charges::ASK_AFTER_S + 1);
    assert_eq!(link_charges::run_due(&world.app).unwrap(), 1);
    assert_eq!(charges_of(world, &subscription), 1);
    assert_eq!(world.balance("income:orders"), "0.00");
    assert_eq!(world.balance("liabilities:deferred_revenue"), "-199.20");
    assert_eq!(
        link_charges::run_due(&world.app).unwrap(),
        0,
        "it is asked once"
    );
    world.check_books();
}

fn a_charge_of_no_invoice_is_asked_for_once(world: &mut World) {
    let customer = {
        let mut provider = world.provider();
        let customer = provider.create_customer("canary-pii-2@example.test", "Canary", "en");
        provider.one_off_charge(&customer, 9_900);
        provider.one_off_charge(&customer, 8_800);
        customer
    };
    assert!(customer.starts_with("cus_"));
    world.deliver();
    world.pass_seconds(link_charges::ASK_AFTER_S + 1);
    let asked = link_charges::run_due(&world.app).unwrap();
    assert!(asked >= 1, "one of the two was told in the newer shape");
    assert_eq!(link_charges::run_due(&world.app).unwrap(), 0);
    assert_eq!(world.balance("income:orders"), "-187.00");
    world.check_books();
}

fn a_cancellation_finds_what_no_event_linked(world: &mut World) {
    let subscription = a_month_without_links(world);
    let cancellation = world.cancel(&subscription);
    world.work(2).unwrap();
    let view = world.view(&cancellation);
    assert_eq!(view.verdicts.len(), 1);
    assert_eq!(view.verdicts[0].code, "latest_charge");
    assert_eq!(world.refunds_paid(&world.latest_charge(&subscription)), 1);
}

on_both_databases! {
    a_charge_that_no_event_linked_is_asked_for,
    a_charge_of_no_invoice_is_asked_for_once,
    a_cancellation_finds_what_no_event_linked,
}
