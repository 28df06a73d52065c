//! Refunds that come back days after they were paid: what is still owed, who is told, and what makes it
//! good.

use crate::saga::{self, Case, Right};
use crate::story::{
    check_ledger, events_in, events_of, mark, marked, objects, orders, receive_all, storyteller,
};
use crate::world::{World, monthly, settle};
use avstem::app::cancellation::{self, CancellationView};
use avstem::app::request_refund::{self, RequestRefund};
use avstem::store::StoreError;
use avstem::store::rows::Refund;
use avstem_simulator::{RefundFailure, Shape};
use std::collections::{BTreeMap, BTreeSet};

const PATIENCE_MIN: i64 = 10;
const PAYABLE: &str = "liabilities:refunds_payable";
const ENDS: &str = "once more at the provider, which clears this, or pay it out another way";

fn settled(world: &World, case: &Case) -> CancellationView {
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap()
}

/// A completed cancellation whose refund the bank sent back three days later, and the charge.
fn came_back(world: &World) -> (Case, String) {
    let case = Case::ask(world, saga::in_the_second_month(world), Right::LatestCharge);
    settled(world, &case);
    world.deliver();
    case.assert_completed(world, "before it came back");
    let charge = world.latest_charge(&case.subscription);
    world.pass_days(3);
    fail_last_refund(world, &charge);
    (case, charge)
}

fn fail_last_refund(world: &World, charge: &str) {
    let mut provider = world.provider();
    let refund = provider.refunds_of(charge).pop().unwrap().id;
    assert!(provider.fail_refund_for(&refund, RefundFailure::LostOrStolenCard));
    drop(provider);
    world.deliver();
}

/// The newest receipt, in English.
fn letter(view: &CancellationView) -> &str {
    let english = view.receipts.iter().rfind(|receipt| receipt.locale == "en");
    &english.unwrap().body
}

/// The days on which the journals of a kind were booked.
fn booked_on(world: &World, event: &str) -> Vec<String> {
    let all = |tx: &mut avstem::store::ReadTx<'_>| tx.list_journals(None, None, None, None, 1_000);
    let journals = world.app.store.read::<_, StoreError>(all).unwrap();
    let of_kind = journals
        .rows
        .into_iter()
        .filter(|journal| journal.event == event);
    of_kind.map(|journal| journal.booked_on).collect()
}

fn a_refund_that_comes_back_is_booked_when_it_did_and_told_to_everyone(world: &mut World) {
    let (case, charge) = came_back(world);
    let view = settled(world, &case);
    let refund = &view.refunds[0];
    assert_eq!(
        (view.row.state.as_str(), refund.state.as_str()),
        ("attention", "failed")
    );
    assert_eq!(
        refund.failure_reason.as_deref(),
        Some("lost_or_stolen_card")
    );
    let why = format!(
        "it failed on 2026-12-28 (lost_or_stolen_card), and 249.00 SEK is still owed to the customer: refund the charge {ENDS}"
    );
    assert_eq!(refund.attention.as_ref(), Some(&why));
    assert_eq!(
        view.row.trouble,
        Some(format!("refund {}: {why}", refund.id))
    );
    assert_eq!(booked_on(world, "refund_succeeded"), ["2026-12-25"]);
    assert_eq!(booked_on(world, "refund_failed"), ["2026-12-28"]);
    assert_eq!(world.balance(PAYABLE), "-249.00");
    let row = world.app.store.read(|tx| tx.find_charge(&charge)).unwrap();
    assert_eq!(row.unwrap().refunded, 0, "it can be refunded again");

    assert_eq!(view.receipts.len(), 4, "a receipt that says so");
    assert!(
        letter(&view).contains("We still owe you SEK 249.00"),
        "{}",
        letter(&view)
    );
    assert!(!letter(&view).contains("the money has been sent"));
    // Looking again says nothing new.
    world.pass_days(2);
    world.deliver();
    assert_eq!(settled(world, &case).receipts.len(), 4);
    world.check_books();
}

fn a_second_refund_at_the_provider_makes_it_good_and_clears_the_attention(world: &mut World) {
    let (case, charge) = came_back(world);
    settled(world, &case);
    world.pass_days(2);
    world.provider().dashboard_refund(&charge, None).unwrap();
    world.deliver();
    let view = settled(world, &case);
    assert_eq!(view.row.state, "completed");
    assert_eq!(
        (&view.row.trouble, &view.refunds[0].attention),
        (&None, &None)
    );
    assert_eq!(view.refunds[0].decided, 0, "its decision is taken back");
    assert_eq!(booked_on(world, "refund_abandoned"), ["2026-12-30"]);
    assert_eq!(world.balance(PAYABLE), "0.00");
    assert_eq!(view.receipts.len(), 6);
    assert!(
        letter(&view).contains("another refund has taken its place"),
        "{}",
        letter(&view)
    );
    world.check_books();

    // That one comes back too: the first is owed again, once.
    world.pass_days(1);
    fail_last_refund(world, &charge);
    let view = settled(world, &case);
    assert_eq!(view.row.state, "attention");
    assert_eq!(view.refunds[0].decided, 24_900);
    assert_eq!(world.balance(PAYABLE), "-249.00");
    assert_eq!(letter(&view).matches("We still owe you").count(), 1);
    world.check_books();
}

/// What support gave back of it is not owed any more; the rest is.
fn a_smaller_second_refund_leaves_the_rest_owed(world: &mut World) {
    let (case, charge) = came_back(world);
    settled(world, &case);
    let refund = |amount| {
        let refunded = world.provider().dashboard_refund(&charge, Some(amount));
        refunded.unwrap();
        world.deliver();
        settled(world, &case)
    };
    let view = refund(10_000);
    assert_eq!(view.row.state, "attention");
    let why = view.refunds[0].attention.as_deref().unwrap();
    assert!(why.contains("149.00 SEK is still owed"), "{why}");
    assert!(letter(&view).contains("We still owe you SEK 149.00"));
    assert_eq!(world.balance(PAYABLE), "-149.00");
    assert_eq!(
        world.balance("liabilities:vat"),
        "-49.80",
        "of the charge before"
    );
    world.check_books();
    let view = refund(14_900);
    assert_eq!(
        (view.row.state.as_str(), view.row.trouble),
        ("completed", None)
    );
    assert_eq!(world.balance(PAYABLE), "0.00");
    world.check_books();
}

/// Support was faster in the dashboard, so that ours had nothing to give; and that one came back.
fn the_refund_of_others_that_took_the_place_of_ours_is_owed_when_it_fails(world: &mut World) {
    for decided_first in [false, true] {
        let case = Case::ask(world, saga::in_the_second_month(world), Right::LatestCharge);
        if decided_first {
            cancellation::run_due(&world.app).unwrap();
        }
        let charge = world.latest_charge(&case.subscription);
        world.provider().dashboard_refund(&charge, None).unwrap();
        world.deliver();
        let view = settled(world, &case);
        assert_eq!(view.row.state, "completed", "{:?}", view.row);
        world.pass_days(2);
        fail_last_refund(world, &charge);
        let view = settled(world, &case);
        assert_eq!(view.row.state, "attention", "{decided_first}");
        let why = view.row.trouble.unwrap();
        assert!(why.contains("249.00 SEK is still owed"), "{why}");
        assert_eq!(world.balance(PAYABLE), "-249.00");
        world.pass_days(1);
        world.provider().dashboard_refund(&charge, None).unwrap();
        world.deliver();
        let view = settled(world, &case);
        assert_eq!(
            (view.row.state.as_str(), view.row.trouble),
            ("completed", None)
        );
        assert_eq!(world.balance(PAYABLE), "0.00");
        assert_eq!(events_in(world, "failed"), [], "{decided_first}");
        world.check_books();
    }
}

fn refund_row(world: &World, id: &str) -> Refund {
    let found = world.app.store.read(|tx| tx.find_refund(id)).unwrap();
    found.unwrap()
}

/// No cancellation stands behind it: the refund itself says what is to be done.
fn a_refund_asked_for_alone_that_comes_back_is_owed_too(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let charge = world.latest_charge(&subscription);
    let ask = || {
        let command = RequestRefund {
            charge: charge.clone(),
            reason: None,
            request_ref: None,
        };
        request_refund::request(&world.app, command)
    };
    let first = ask().unwrap().id;
    world.work(1).unwrap();
    world.deliver();
    assert_eq!(refund_row(world, &first).state, "succeeded");
    world.pass_days(4);
    fail_last_refund(world, &charge);
    let failed = refund_row(world, &first);
    assert_eq!((failed.state.as_str(), failed.decided), ("failed", 24_900));
    assert!(
        failed
            .attention
            .unwrap()
            .contains("249.00 SEK is still owed")
    );
    assert_eq!(world.balance(PAYABLE), "-249.00");

    // Asked for once more, by the same rules: it takes the first one's place.
    let second = ask().unwrap().id;
    assert_ne!(first, second);
    world.work(1).unwrap();
    world.deliver();
    assert_eq!(refund_row(world, &second).state, "succeeded");
    assert_eq!(refund_row(world, &first).attention, None);
    assert_eq!(world.balance(PAYABLE), "0.00");
    world.check_books();
}

/// Kind, time and sums of the journals about some events' objects.
fn journals_of(world: &World, bodies: &[String]) -> BTreeSet<String> {
    let about: Vec<String> = objects(bodies).into_values().flatten().collect();
    let read = |tx: &mut avstem::store::ReadTx<'_>| {
        let journals = tx.journals_about(&about, None, None, None, 1_000)?;
        let ids: Vec<String> = journals.iter().map(|journal| journal.id.clone()).collect();
        let mut lines = BTreeMap::<String, BTreeSet<String>>::new();
        for posting in tx.postings_of(&ids)? {
            let line = format!("{} {}", posting.account, posting.amount);
            lines.entry(posting.journal_id).or_default().insert(line);
        }
        let told = journals.into_iter().map(|journal| {
            let lines = &lines[&journal.id];
            format!("{} {} {lines:?}", journal.event, journal.occurred_at)
        });
        Ok::<_, StoreError>(told.collect())
    };
    world.app.store.read(read).unwrap()
}

/// Failed before it was made, as it were: the journals are the same, to the second.
fn whatever_the_order_the_journals_are_those_of_what_happened(world: &mut World) {
    let mut provider = storyteller(Shape::Classic);
    let pass = |provider: &mut avstem_simulator::Simulator, seconds: i64| {
        provider.advance_to(provider.now().saturating_add_seconds(seconds));
    };
    let customer = provider.create_customer("canary-pii-9@example.test", "Canary Person", "sv");
    let subscription = provider.subscribe(&customer, &monthly());
    let charge = provider.charges_of(&subscription)[0].id.clone();
    pass(&mut provider, 86_400);
    let first = provider.dashboard_refund(&charge, Some(20_000)).unwrap();
    pass(&mut provider, 4 * 86_400);
    assert!(provider.fail_refund(&first));
    let failed_at = provider.now().as_micros();
    let kinds = [
        "charge.succeeded",
        "invoice.paid",
        "refund.created",
        "refund.failed",
    ];
    let story = events_of(&provider, &kinds);
    let mut first_told = None;
    for (number, order) in orders(story.len()).iter().enumerate() {
        // One by one, and all in one batch.
        for batch in [1, story.len()] {
            let mark = mark(number * 10 + batch);
            let told: Vec<String> = order.iter().map(|at| marked(&story[*at], &mark)).collect();
            for events in told.chunks(batch) {
                receive_all(world, events);
                world.process();
            }
            let journals = journals_of(world, &told);
            let at = format!("refund_failed {failed_at} ");
            assert!(
                journals.iter().any(|told| told.starts_with(&at)),
                "{order:?}"
            );
            // A charge that was booked before its invoice was known has a journal more.
            let refunds: BTreeSet<String> = journals
                .into_iter()
                .filter(|told| told.starts_with("refund_succeeded") || told.starts_with(&at))
                .collect();
            assert_eq!(refunds.len(), 2, "{order:?}");
            assert_eq!(
                *first_told.get_or_insert_with(|| refunds.clone()),
                refunds,
                "{order:?} in batches of {batch}"
            );
        }
    }
    for state in ["received", "parked", "failed"] {
        assert_eq!(events_in(world, state), [], "{state}");
    }
    check_ledger(world);
}

on_both_databases! {
    a_refund_that_comes_back_is_booked_when_it_did_and_told_to_everyone,
    a_second_refund_at_the_provider_makes_it_good_and_clears_the_attention,
    a_smaller_second_refund_leaves_the_rest_owed,
    the_refund_of_others_that_took_the_place_of_ours_is_owed_when_it_fails,
    a_refund_asked_for_alone_that_comes_back_is_owed_too,
    whatever_the_order_the_journals_are_those_of_what_happened,
}
