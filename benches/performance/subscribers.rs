//! Subscribers and deliveries in bulk, for databases as large as wanted.

use crate::large::{BATCH, Booked, careless, charge_id, made_at, uuid, write};
use crate::stage::Stage;
use avstem::app::seal_ledger;
use avstem::store::rows::{
    Charge, Customer, Event, Invoice, InvoicePayment, InvoiceSubscription, Subscription,
};
use avstem_domain::time::Timestamp;

const MONTH_US: i64 = 30 * 86_400 * 1_000_000;

/// How large a database is.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub events: usize,
    pub subscriptions: usize,
}

/// The provider's id of a subscription.
pub fn subscription_id(number: usize) -> String {
    format!("sub_{number:024}")
}

pub fn customer_id(number: usize) -> String {
    format!("cus_{number:014}")
}

/// Subscriptions that were charged for the month that `now` is in, and deliveries that were processed.
pub fn fill(stage: &Stage, size: Size, now: Timestamp) {
    let store = careless(stage);
    for first in (0..size.subscriptions).step_by(BATCH) {
        let last = size.subscriptions.min(first + BATCH);
        let rows = Rows::of(first..last, now);
        write(&store, |tx| {
            tx.save_customers(&rows.customers)?;
            tx.save_subscriptions(&rows.subscriptions)?;
            tx.save_invoices(&rows.invoices)?;
            tx.add_invoice_subscriptions(&rows.lines)?;
            tx.save_charges(&rows.charges)?;
            tx.add_invoice_payments(&rows.payments)?;
            rows.booked.add(tx)
        });
    }
    for first in (0..size.events).step_by(BATCH) {
        let last = size.events.min(first + BATCH);
        let events: Vec<Event> = (first..last).map(event).collect();
        store.append_events(&events).unwrap();
    }
    drop(store);
    seal_ledger::seal_now(&stage.app).unwrap();
}

#[derive(Default)]
struct Rows {
    customers: Vec<Customer>,
    subscriptions: Vec<Subscription>,
    invoices: Vec<Invoice>,
    lines: Vec<InvoiceSubscription>,
    charges: Vec<Charge>,
    payments: Vec<InvoicePayment>,
    booked: Booked,
}

impl Rows {
    fn of(numbers: std::ops::Range<usize>, now: Timestamp) -> Self {
        let mut rows = Self::default();
        for number in numbers {
            rows.add(number, now.as_micros());
        }
        rows
    }

    fn add(&mut self, number: usize, now: i64) {
        let stripe = || "stripe".to_owned();
        let (paid_at, until) = (now - MONTH_US / 3, now + MONTH_US * 2 / 3);
        let (customer, subscription) = (customer_id(number), subscription_id(number));
        let (invoice, payment) = (format!("in_{number:024}"), format!("pi_{number:024}"));
        let charge = charge_id(number);
        let own_id =
            |prefix: &str| format!("{prefix}_{}", uuid(number, made_at(number)).as_simple());
        self.customers.push(Customer {
            id: own_id("avcus"),
            connection: stripe(),
            provider_id: customer,
            email: Some(format!("subscriber-{number}@example.test")),
            name: Some("Kim Lindqvist".to_owned()),
            locale: Some("sv".to_owned()),
            status: "active".to_owned(),
            version: version(paid_at),
        });
        self.subscriptions.push(Subscription {
            id: own_id("avsub"),
            connection: stripe(),
            provider_id: subscription.clone(),
            customer_id: own_id("avcus"),
            status: "active".to_owned(),
            plan: Some("Bas".to_owned()),
            price: Some(24_900),
            currency: Some("SEK".to_owned()),
            interval_unit: Some("month".to_owned()),
            interval_count: Some(1),
            period_start: Some(paid_at),
            period_end: Some(until),
            trial_end: None,
            renewal: "renews".to_owned(),
            cancel_at: None,
            canceled_at: None,
            ended_at: None,
            created_at: paid_at,
            version: version(paid_at),
            seen_renewing_at: None,
        });
        self.invoices.push(invoice_of(&invoice, paid_at, until));
        self.lines.push(InvoiceSubscription {
            connection: stripe(),
            subscription,
            invoice: invoice.clone(),
        });
        self.payments.push(InvoicePayment {
            connection: stripe(),
            payment: payment.clone(),
            invoice: invoice.clone(),
            paid_at: Some(paid_at),
        });
        self.charges.push(charge_of(
            [own_id("avch"), own_id("avcus")],
            (&charge, payment, invoice),
            paid_at,
        ));
        self.booked.charge(number, &charge);
    }
}

fn invoice_of(provider_id: &str, paid_at: i64, until: i64) -> Invoice {
    Invoice {
        connection: "stripe".to_owned(),
        provider_id: provider_id.to_owned(),
        reason: "first_invoice".to_owned(),
        status: "paid".to_owned(),
        period_start: Some(paid_at),
        period_end: Some(until),
        total: 24_900,
        tax: 4_980,
        currency: "SEK".to_owned(),
        paid_at: Some(paid_at),
        created_at: paid_at,
        subscriptions: 1,
        version: version(paid_at),
    }
}

/// Ours of the charge and its customer; the provider's of the charge, its payment and its invoice.
fn charge_of(
    [id, customer]: [String; 2],
    (provider_id, payment, invoice): (&str, String, String),
    paid_at: i64,
) -> Charge {
    Charge {
        id,
        connection: "stripe".to_owned(),
        provider_id: provider_id.to_owned(),
        customer_id: Some(customer),
        payment: Some(payment),
        amount: 24_900,
        currency: "SEK".to_owned(),
        status: "succeeded".to_owned(),
        dispute: "undisputed".to_owned(),
        created_at: paid_at,
        version: version(paid_at),
        invoice: Some(invoice),
        refunded: 0,
        refunded_hint: 0,
        decided: 0,
        booked_as: Some("deferred".to_owned()),
        booked_vat: 4_980,
        bookings: 1,
        link_due_at: None,
        dispute_hint: "undisputed".to_owned(),
        lost: 0,
        recognised: 0,
        earned_through: None,
        unearned: true,
    }
}

/// As the books write it.
fn version(observed_at: i64) -> String {
    format!("0-{observed_at:016}-{:020}-", 1u64 << 63)
}

/// A delivery that was processed; its bytes are few, for nothing looks for them.
fn event(number: usize) -> Event {
    const KINDS: [&str; 5] = [
        "charge.succeeded",
        "invoice.paid",
        "customer.subscription.updated",
        "payment_intent.succeeded",
        "invoice.finalized",
    ];
    let at = made_at(number);
    let id = uuid(number, at);
    let provider_id = format!(
        "evt_1{:023x}",
        id.as_u128().wrapping_mul(0x2545_F491_4F6C_DD1D) >> 36
    );
    Event {
        id: format!("avevt_{}", id.as_simple()),
        connection: "stripe".to_owned(),
        dedupe_key: provider_id.clone(),
        provider_event_id: Some(provider_id),
        kind: KINDS
            .get(number % KINDS.len())
            .map(|kind| (*kind).to_owned()),
        state: "processed".to_owned(),
        attempts: 1,
        error: None,
        conflict: None,
        received_at: at,
        processed_at: Some(at),
        due_at: at,
        lane: 0,
        headers: "{}".to_owned(),
        body: format!("{{\"number\":{number}}}").into_bytes(),
    }
}
