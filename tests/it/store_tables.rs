//! Every table, written and read back through the store's own queries: here the inbox, what providers
//! told and what came of it; in store_schema.rs the ledger and the rest.

use crate::plain_rows::{cancellation, charge, customer, event, refund, subscription};
use crate::world::World;
use avstem::app::Failure;
use avstem::store::rows::*;
use avstem::store::{Appended, ReadTx, WriteTx};

/// Text that a careless conversion would spoil.
pub const TEXT: &str = "åäö 'quoted\" \\ \t\n\r % _ 💳 e\u{301} \u{202e} \u{feff}";
pub const MIN: i64 = i64::MIN;
pub const MAX: i64 = i64::MAX;

pub fn text() -> String {
    TEXT.to_owned()
}

pub fn read<R>(world: &World, work: impl FnOnce(&mut ReadTx<'_>) -> Result<R, Failure>) -> R {
    world.app.store.read(work).unwrap()
}

/// What waits, with all that is stored of it.
pub fn waiting(world: &World) -> Vec<Event> {
    let due = read(world, |tx| Ok(tx.events_waiting(1, None, 9)?));
    let ids: Vec<String> = due.into_iter().map(|event| event.id).collect();
    let mut whole = read(world, |tx| Ok(tx.events_by_ids(&ids)?));
    whole.sort_by_key(|event| ids.iter().position(|id| *id == event.id));
    whole
}

pub fn write<R>(world: &World, work: impl FnMut(&mut WriteTx<'_>) -> Result<R, Failure>) -> R {
    world.app.store.write(work).unwrap()
}

fn deliveries_come_back_byte_for_byte(world: &mut World) {
    let every_byte: Vec<u8> = (0..=255).collect();
    let full = Event {
        provider_event_id: Some(text()),
        kind: Some(text()),
        attempts: MAX,
        error: Some(text()),
        conflict: Some(String::new()),
        received_at: MIN,
        processed_at: Some(MAX),
        due_at: MIN,
        lane: MAX,
        headers: text(),
        body: every_byte,
        ..event("full")
    };
    let events = [full, event("empty")];
    assert_eq!(
        world.app.store.append_events(&events).unwrap(),
        [Appended::New, Appended::New]
    );
    assert_eq!(waiting(world), events);
    let kept = |event: &Event| Appended::Duplicate {
        kept: Box::new(event.clone()),
    };
    let mut again = event("again");
    again.dedupe_key.clone_from(&events[0].dedupe_key);
    again.body = b"another".to_vec();
    assert_eq!(
        world
            .app
            .store
            .append_events(&[again, event("new")])
            .unwrap(),
        [kept(&events[0]), Appended::New]
    );
}

fn customers_and_subscriptions_come_back(world: &mut World) {
    let customers = [
        Customer {
            email: Some(text()),
            name: Some(text()),
            locale: Some(String::new()),
            version: text(),
            ..customer("1")
        },
        customer("2"),
    ];
    let full = Subscription {
        status: text(),
        plan: Some(text()),
        price: Some(MIN),
        currency: Some(text()),
        interval_unit: Some(text()),
        interval_count: Some(MAX),
        period_start: Some(MIN),
        period_end: Some(MAX),
        trial_end: Some(0),
        cancel_at: Some(-1),
        canceled_at: Some(MAX),
        ended_at: Some(MIN),
        created_at: MAX,
        version: text(),
        seen_renewing_at: Some(MAX),
        ..subscription("1", "1")
    };
    let subscriptions = [
        full,
        Subscription {
            renewal: "stops".to_owned(),
            ..subscription("2", "2")
        },
    ];
    let ids = ["1", "2"].map(str::to_owned);
    // Twice: the second time every row is there already and is brought to the same values.
    for _ in 0..2 {
        write(world, |tx| {
            tx.save_customers(&customers)?;
            Ok(tx.save_subscriptions(&subscriptions)?)
        });
        let found = read(world, |tx| Ok(tx.customers_by_ids(&ids)?));
        assert_eq!(sorted(found, |row| &row.id), customers);
        let found = read(world, |tx| Ok(tx.subscriptions_by_ids(&ids)?));
        assert_eq!(sorted(found, |row| &row.id), subscriptions);
    }
}

fn charges_come_back(world: &mut World) {
    let full = Charge {
        customer_id: Some("1".to_owned()),
        payment: Some(text()),
        amount: MAX,
        currency: text(),
        created_at: MAX,
        invoice: Some(text()),
        refunded: MAX,
        booked_as: Some(text()),
        booked_vat: MAX,
        bookings: MAX,
        link_due_at: Some(MAX),
        dispute_hint: text(),
        lost: MAX,
        recognised: MAX,
        earned_through: Some(text()),
        unearned: true,
        ..charge("1")
    };
    let charges = [full, charge("2")];
    let ids = ["1", "2"].map(str::to_owned);
    write(world, |tx| Ok(tx.save_customers(&[customer("1")])?));
    for _ in 0..2 {
        write(world, |tx| Ok(tx.save_charges(&charges)?));
        let found = read(world, |tx| Ok(tx.charges_by_ids(&ids)?));
        assert_eq!(sorted(found, |row| &row.id), charges);
    }
}

fn invoices_and_what_they_bill_come_back(world: &mut World) {
    let invoice = |id: &str, time: Option<i64>, number: i64| Invoice {
        connection: "stripe".to_owned(),
        provider_id: id.to_owned(),
        reason: text(),
        status: String::new(),
        period_start: time,
        period_end: time,
        total: number,
        tax: number,
        currency: text(),
        paid_at: time,
        created_at: number,
        subscriptions: number,
        version: text(),
    };
    let invoices = [invoice("in_1", Some(MIN), MAX), invoice("in_2", None, MIN)];
    let link = |invoice: &str, paid_at| InvoicePayment {
        connection: "stripe".to_owned(),
        payment: text(),
        invoice: invoice.to_owned(),
        paid_at,
    };
    let payments = [link("in_1", Some(MAX)), link("in_2", None)];
    let billed = [InvoiceSubscription {
        connection: "stripe".to_owned(),
        subscription: text(),
        invoice: "in_1".to_owned(),
    }];
    let bills = ["in_1", "in_2"].map(str::to_owned);
    for _ in 0..2 {
        write(world, |tx| {
            tx.save_invoices(&invoices)?;
            tx.add_invoice_payments(&payments)?;
            Ok(tx.add_invoice_subscriptions(&billed)?)
        });
        let found = read(world, |tx| {
            Ok(tx.invoices_by_provider_ids("stripe", &bills)?)
        });
        assert_eq!(sorted(found, |row| &row.provider_id), invoices);
        let found = read(world, |tx| {
            Ok(tx.invoice_payments_by_payments("stripe", &[text()])?)
        });
        assert_eq!(sorted(found, |row| &row.invoice), payments);
        let found = read(world, |tx| {
            Ok(tx.invoice_subscriptions_by_invoices("stripe", &bills)?)
        });
        assert_eq!(found, billed);
    }
}

pub fn sorted<T>(mut rows: Vec<T>, key: impl Fn(&T) -> &String) -> Vec<T> {
    rows.sort_by(|a, b| key(a).cmp(key(b)));
    rows
}

/// What the rows below refer to.
fn with_a_charge(world: &World) {
    write(world, |tx| {
        tx.save_customers(&[customer("1")])?;
        tx.save_subscriptions(&[subscription("1", "1")])?;
        Ok(tx.save_charges(&[charge("1")])?)
    });
}

fn cancellations_and_verdicts_come_back(world: &mut World) {
    with_a_charge(world);
    let full = Cancellation {
        reason: Some(text()),
        stop_mode: Some(text()),
        stop_effective_at: Some(MAX),
        stop_done_at: Some(MIN),
        policy_version: Some(text()),
        attention: Some(text()),
        trouble: Some(String::new()),
        attempts: MAX,
        due_at: Some(MIN),
        lease_until: MAX,
        fence: MAX,
        stop_asked_at: Some(MIN),
        undo_requested_at: Some(MAX),
        undone_at: Some(0),
        version: text(),
        ..cancellation("1", "1")
    };
    let cancellations = [
        full,
        Cancellation {
            state: "undone".to_owned(),
            ..cancellation("2", "1")
        },
    ];
    let verdict = |position: i64, decision: &str, amount: Option<i64>| Verdict {
        cancellation_id: "1".to_owned(),
        position,
        charge_id: "1".to_owned(),
        charge_provider_id: text(),
        kind: text(),
        amount: MAX,
        currency: text(),
        period_start: amount,
        period_end: amount,
        decision: decision.to_owned(),
        refund_amount: amount,
        code: text(),
        clause: text(),
        explanation_sv: text(),
        explanation_en: String::new(),
        decided_at: MIN,
    };
    let verdicts = [
        verdict(MIN, "refund", Some(MAX)),
        verdict(MAX, "reject", None),
    ];
    write(world, |tx| {
        cancellations
            .iter()
            .try_for_each(|row| tx.save_cancellation(row))?;
        Ok(tx.add_verdicts(&verdicts)?)
    });
    let ids = ["1", "2"].map(str::to_owned);
    let found = read(world, |tx| Ok(tx.cancellations_by_ids(&ids)?));
    assert_eq!(sorted(found, |row| &row.id), cancellations);
    assert_eq!(read(world, |tx| Ok(tx.verdicts_of(&ids)?)), verdicts);
}

fn refunds_come_back(world: &mut World) {
    with_a_charge(world);
    let full = Refund {
        provider_id: Some(text()),
        amount: MAX,
        policy_conform: Some(true),
        failure_reason: Some(text()),
        reason: Some(text()),
        cancellation_id: Some("1".to_owned()),
        code: Some(text()),
        request_ref: Some(text()),
        idempotency_key: Some(text()),
        request_target: Some(text()),
        request_body: Some((0..=255).collect()),
        first_sent_at: Some(MIN),
        due_at: Some(MAX),
        attention: Some(text()),
        pending_reason: Some(text()),
        state_since: MAX,
        decided: MAX,
        judged_in: Some(text()),
        judged_by: Some(text()),
        ..refund("1", "1")
    };
    let refunds = [
        full,
        Refund {
            policy_conform: Some(false),
            request_body: Some(Vec::new()),
            ..refund("2", "1")
        },
        refund("3", "1"),
    ];
    let ids = ["1", "2", "3"].map(str::to_owned);
    write(world, |tx| {
        tx.save_cancellation(&cancellation("1", "1"))?;
        Ok(tx.save_refunds(&refunds)?)
    });
    let found = read(world, |tx| Ok(tx.refunds_by_ids(&ids)?));
    assert_eq!(sorted(found, |row| &row.id), refunds);
}

fn receipts_delivery_reports_and_letters_come_back(world: &mut World) {
    with_a_charge(world);
    let receipt = |number: i64, locale: &str| Receipt {
        cancellation_id: "1".to_owned(),
        number,
        locale: locale.to_owned(),
        subject: text(),
        body: String::new(),
        issued_at: MIN,
    };
    let receipts = [receipt(MIN, "en"), receipt(MIN, "sv"), receipt(MAX, "sv")];
    let report = |id: &str, completed: bool, units: i64| Delivery {
        id: id.to_owned(),
        subscription_id: "1".to_owned(),
        charge_id: "1".to_owned(),
        ordered: MAX,
        delivered: units,
        completed,
        reported_by: text(),
        reported_at: MIN,
    };
    let reports = [report("1", true, 0), report("2", false, MAX)];
    let mail = Mail {
        dedupe_key: text(),
        recipient: text(),
        subject: text(),
        body: text(),
        state: "waiting".to_owned(),
        attempts: MIN,
        error: None,
        due_at: Some(MIN),
        created_at: MAX,
    };
    write(world, |tx| {
        tx.save_cancellation(&cancellation("1", "1"))?;
        tx.add_receipts(&receipts)?;
        reports.iter().try_for_each(|row| tx.add_delivery(row))?;
        Ok(tx.post_mail(&mail)?)
    });
    let id = ["1".to_owned()];
    assert_eq!(read(world, |tx| Ok(tx.receipts_of(&id)?)), receipts);
    assert_eq!(
        read(world, |tx| Ok(tx.deliveries_by_charges(&id)?)),
        reports
    );
    assert_eq!(
        read(world, |tx| Ok(tx.mails_due(MIN, 9)?)),
        std::slice::from_ref(&mail)
    );
    let sent = Mail {
        state: "sent".to_owned(),
        attempts: MAX,
        error: Some(text()),
        due_at: Some(MAX),
        ..mail
    };
    write(world, |tx| Ok(tx.save_mail(&sent)?));
    assert_eq!(read(world, |tx| Ok(tx.mails_due(MAX, 9)?)), [sent]);
}

on_both_databases! {
    deliveries_come_back_byte_for_byte,
    customers_and_subscriptions_come_back,
    charges_come_back,
    invoices_and_what_they_bill_come_back,
    cancellations_and_verdicts_come_back,
    refunds_come_back,
    receipts_delivery_reports_and_letters_come_back,
}
