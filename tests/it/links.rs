//! Which invoice a charge paid, where no event told: the provider is asked.

use crate::plain_rows::{charge, customer, subscription};
use crate::story::receive_all;
use crate::world::{API_KEY, START, WEBHOOK_SECRET, World, at, monthly};
use avstem::app::{Failure, facts, link_charges};
use avstem::store::rows::{Charge, Invoice, InvoicePayment, InvoiceSubscription};
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
            Ok::<_, Failure>(pictures[0].charges.len())
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

/// An invoice of the subscription `sub_1`, paid at 50, and its charge, made at 10.
struct Paid {
    number: &'static str,
    payment: Option<&'static str>,
    status: &'static str,
    /// What paid which invoice, and when.
    links: &'static [(&'static str, &'static str, Option<i64>)],
    /// When the charge was paid, by all of that.
    paid_at: Option<i64>,
}

#[rustfmt::skip]
const PAID: &[Paid] = &[
    Paid { number: "1", payment: Some("pi_1"), status: "succeeded", links: &[("pi_1", "in_1", Some(20))], paid_at: Some(20) },
    // Its payment counts before itself, even when it does not say when.
    Paid { number: "2", payment: Some("pi_2"), status: "succeeded", links: &[("pi_2", "in_2", Some(20)), ("ch_2", "in_2", Some(30))], paid_at: Some(20) },
    Paid { number: "3", payment: Some("pi_3"), status: "succeeded", links: &[("pi_3", "in_3", None), ("ch_3", "in_3", Some(30))], paid_at: Some(50) },
    // A payment of something else does not count.
    Paid { number: "4", payment: Some("pi_4"), status: "succeeded", links: &[("pi_4", "in_1", Some(20)), ("ch_4", "in_4", Some(30))], paid_at: Some(30) },
    Paid { number: "5", payment: Some("pi_5"), status: "succeeded", links: &[("pi_5", "in_1", Some(20))], paid_at: Some(50) },
    Paid { number: "6", payment: None, status: "succeeded", links: &[("ch_6", "in_6", Some(30)), ("ch_1", "in_6", Some(20))], paid_at: Some(30) },
    Paid { number: "7", payment: None, status: "succeeded", links: &[], paid_at: Some(50) },
    Paid { number: "8", payment: Some("pi_8"), status: "failed", links: &[("pi_8", "in_8", Some(20))], paid_at: None },
];

impl Paid {
    fn charge(&self) -> Charge {
        Charge {
            payment: self.payment.map(str::to_owned),
            invoice: Some(format!("in_{}", self.number)),
            status: self.status.to_owned(),
            created_at: 10,
            ..charge(self.number)
        }
    }

    fn links(&self) -> Vec<InvoicePayment> {
        let row = |&(payment, invoice, paid_at): &(&str, &str, Option<i64>)| InvoicePayment {
            connection: "stripe".to_owned(),
            payment: payment.to_owned(),
            invoice: invoice.to_owned(),
            paid_at,
        };
        self.links.iter().map(row).collect()
    }
}

fn invoice(number: &str) -> Invoice {
    Invoice {
        connection: "stripe".to_owned(),
        provider_id: format!("in_{number}"),
        reason: "cycle".to_owned(),
        status: "paid".to_owned(),
        period_start: None,
        period_end: None,
        total: 1,
        tax: 0,
        currency: "SEK".to_owned(),
        paid_at: Some(50),
        created_at: 5,
        subscriptions: 1,
        version: String::new(),
    }
}

fn a_charge_was_paid_when_its_payment_was_or_else_its_invoice(world: &mut World) {
    let rows: Vec<Invoice> = PAID.iter().map(|paid| invoice(paid.number)).collect();
    let billed: Vec<InvoiceSubscription> = rows
        .iter()
        .map(|row| InvoiceSubscription {
            connection: "stripe".to_owned(),
            subscription: "sub_1".to_owned(),
            invoice: row.provider_id.clone(),
        })
        .collect();
    let charges: Vec<Charge> = PAID.iter().map(Paid::charge).collect();
    let links: Vec<InvoicePayment> = PAID.iter().flat_map(Paid::links).collect();
    let pictured = world.app.store.write(|tx| {
        tx.save_customers(&[customer("1")])?;
        tx.save_subscriptions(&[subscription("1", "1")])?;
        tx.save_invoices(&rows)?;
        tx.add_invoice_subscriptions(&billed)?;
        tx.save_charges(&charges)?;
        tx.add_invoice_payments(&links)?;
        facts::pictures(tx, &[subscription("1", "1")])
    });
    let pictured: Vec<_> = pictured.unwrap().remove(0).charges;
    assert_eq!(pictured.len(), PAID.len());
    for paid in PAID {
        let charge = pictured.iter().find(|charge| charge.row.id == paid.number);
        let paid_at = charge.unwrap().paid_at.map(|at| at.as_micros());
        assert_eq!(paid_at, paid.paid_at, "charge {}", paid.number);
    }
}

on_both_databases! {
    a_charge_was_paid_when_its_payment_was_or_else_its_invoice,
    a_charge_that_no_event_linked_is_asked_for,
    a_charge_of_no_invoice_is_asked_for_once,
    a_cancellation_finds_what_no_event_linked,
}
