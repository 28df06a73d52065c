//! Refunds that the provider has and has not paid: why they wait, and that nobody calls them failed.

use crate::saga::{self, Case, Right, assert_keys_and_bytes_are_for_life, posts_of};
use crate::story::{events_of, receive_all, storyteller};
use crate::world::{API_KEY, World, monthly, settle, work};
use avstem::app::App;
use avstem::app::cancellation::CancellationView;
use avstem::app::seams::Seams;
use avstem::gateway::{CallError, Gateway, Transport};
use avstem::store::StoreError;
use avstem_simulator::{CallMatch, Exchange, Fault, RefundStart, Shape};
use avstem_webhooks::outbound::{HttpReply, HttpRequest, Method};
use secrecy::SecretString;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const PATIENCE_MIN: i64 = 10;
const PAYABLE: &str = "liabilities:refunds_payable";
const DAY_S: i64 = 86_400;

fn settled(world: &World, case: &Case) -> CancellationView {
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap()
}

/// A cancellation whose refund begins so, and the provider's id of the refund.
fn refunding(world: &World, start: RefundStart) -> (Case, String) {
    let case = Case::ask(world, saga::in_the_second_month(world), Right::LatestCharge);
    world.provider().refunds_start(start);
    settled(world, &case);
    world.deliver();
    let charge = world.latest_charge(&case.subscription);
    let refund = world.provider().refunds_of(&charge).remove(0).id;
    (case, refund)
}

/// Under way with a reason, whatever that is; what support may do about it.
fn assert_waits(world: &World, case: &Case, reason: &str) -> Option<String> {
    let view = settled(world, case);
    let refund = &view.refunds[0];
    assert_eq!(
        (view.row.state.as_str(), refund.state.as_str()),
        ("refunding", "submitted"),
        "{reason}"
    );
    assert_eq!(refund.pending_reason.as_deref(), Some(reason));
    assert_eq!((&refund.failure_reason, &refund.attention), (&None, &None));
    assert_eq!(view.row.attention, None);
    assert_eq!(world.balance(PAYABLE), "-249.00", "{reason}");
    view.row.trouble
}

fn assert_paid(world: &World, case: &Case) {
    world.deliver();
    let view = settled(world, case);
    assert_eq!(view.refunds[0].pending_reason, None);
    assert_eq!(view.row.trouble, None);
    case.assert_completed(world, "paid in the end");
    assert_eq!(world.balance(PAYABLE), "0.00");
    world.check_books();
}

/// When the books say that the newest refund's money left.
fn paid_at(world: &World, refund: &str) -> i64 {
    let about =
        |tx: &mut avstem::store::ReadTx<'_>| tx.list_journals(Some(refund), None, None, None, 10);
    let journals = world.app.store.read::<_, StoreError>(about).unwrap();
    let paid = journals
        .rows
        .iter()
        .find(|journal| journal.event == "refund_succeeded");
    paid.unwrap().occurred_at
}

fn a_refund_that_waits_for_the_balance_is_pending_with_a_hint(world: &mut World) {
    let (case, refund) = refunding(world, RefundStart::InsufficientFunds);
    for _ in 0..3 {
        let hint = assert_waits(world, &case, "insufficient_funds").unwrap();
        assert!(
            hint.contains("top it up") && hint.contains("avref_"),
            "{hint}"
        );
        world.pass_days(4);
        world.deliver();
    }
    assert_eq!(world.view(&case.cancellation).receipts, []);
    let topped_up = world.clock.now().as_micros();
    world.provider().top_up();
    assert_paid(world, &case);
    // Only now has the money left.
    assert_eq!(paid_at(world, &refund) / 1_000_000, topped_up / 1_000_000);
}

fn a_refund_that_is_worked_on_needs_nobody(world: &mut World) {
    let made_at = RefundStart::Processing { after_s: 3 * DAY_S };
    let (case, refund) = refunding(world, made_at);
    assert_eq!(assert_waits(world, &case, "processing"), None);
    let charge = world.latest_charge(&case.subscription);
    let created = world.provider().refunds_of(&charge)[0].created;
    world.pass_seconds(3 * DAY_S);
    assert_paid(world, &case);
    // The money had left at once.
    assert_eq!(paid_at(world, &refund), created.as_micros());
}

fn a_refund_that_waits_for_the_charges_own_money_needs_nobody(world: &mut World) {
    let (case, _) = refunding(world, RefundStart::ChargePending { after_s: 2 * DAY_S });
    assert_eq!(assert_waits(world, &case, "charge_pending"), None);
    world.pass_seconds(2 * DAY_S);
    assert_paid(world, &case);
}

fn a_refund_that_waits_for_the_customer_says_so(world: &mut World) {
    let (case, refund) = refunding(world, RefundStart::RequiresAction);
    let hint = assert_waits(world, &case, "requires_action").unwrap();
    assert!(hint.contains("the customer"), "{hint}");
    assert!(world.provider().act_on_refund(&refund));
    world.deliver();
    assert_eq!(assert_waits(world, &case, "processing"), None);
    assert!(world.provider().settle_refund(&refund));
    assert_paid(world, &case);
}

/// It never got that far: someone took it back at the provider, and the right stays.
fn a_refund_canceled_at_the_provider_needs_a_person_until_another_is_made(world: &mut World) {
    let (case, refund) = refunding(world, RefundStart::RequiresAction);
    assert!(world.provider().cancel_refund(&refund));
    world.deliver();
    let view = settled(world, &case);
    assert_eq!(
        (view.refunds[0].state.as_str(), view.row.state.as_str()),
        ("canceled", "attention")
    );
    assert_eq!(view.refunds[0].pending_reason, None);
    let why = view.row.trouble.unwrap();
    assert!(
        why.contains("canceled at the provider, and 249.00 SEK"),
        "{why}"
    );
    assert_eq!(world.balance(PAYABLE), "0.00", "the decision is taken back");
    world.provider().refunds_start(RefundStart::Succeeded);
    let charge = world.latest_charge(&case.subscription);
    world.provider().dashboard_refund(&charge, None).unwrap();
    world.deliver();
    let view = settled(world, &case);
    assert_eq!(
        (view.row.state.as_str(), view.row.trouble),
        ("completed", None)
    );
    world.check_books();
}

/// The list of reasons grows at the provider before it does here.
fn a_reason_that_nobody_knows_yet_is_kept_as_it_is(world: &mut World) {
    let mut provider = storyteller(Shape::Classic);
    let customer = provider.create_customer("canary-pii-8@example.test", "Canary Person", "sv");
    let subscription = provider.subscribe(&customer, &monthly());
    let charge = provider.charges_of(&subscription)[0].id.clone();
    provider.refunds_start_pending(600);
    let refund = provider.dashboard_refund(&charge, None).unwrap();
    let mut story = events_of(&provider, &["charge.succeeded", "refund.created"]);
    story[1] = story[1].replace("\"processing\"", "\"waits_for_the_moon\"");
    receive_all(world, &story);
    assert_eq!(world.process().processed, 2);
    let row = world.app.store.read(|tx| tx.find_refund(&refund)).unwrap();
    let row = row.unwrap();
    assert_eq!(
        (row.state.as_str(), row.pending_reason.as_deref()),
        ("submitted", Some("waits_for_the_moon"))
    );
}

/// The simulator behind a provider that refuses refunds while its balance is short.
struct ShortOfMoney {
    world: World,
    short: Arc<AtomicBool>,
}

impl Transport for ShortOfMoney {
    fn exchange(
        &self,
        _: &str,
        _: &SecretString,
        request: &HttpRequest,
    ) -> Result<HttpReply, CallError> {
        let is_refund = request.method == Method::Post && request.target == "/v1/refunds";
        if is_refund && self.short.load(Ordering::SeqCst) {
            let body = r#"{"error":{"type":"invalid_request_error","code":"balance_insufficient","message":"No."}}"#;
            return Ok(HttpReply {
                status: 400,
                headers: Vec::new(),
                body: body.as_bytes().to_vec(),
            });
        }
        let key = format!("Bearer {API_KEY}");
        match self.world.provider().handle(request, Some(&key)) {
            Exchange::Reply(reply) => Ok(reply),
            Exchange::Lost | Exchange::Huge { .. } => Err(CallError::NoAnswer("lost".to_owned())),
        }
    }
}

fn short_of_money(world: &World, short: &Arc<AtomicBool>) -> App {
    let mut app = Arc::into_inner(world.another_process(Seams::default())).unwrap();
    app.gateway = Gateway::new(ShortOfMoney {
        world: world.clone(),
        short: Arc::clone(short),
    });
    app
}

/// Other payment methods are refused instead of made to wait. It is tried again until the balance is
/// topped up, even days later, with the one key.
fn a_refund_refused_for_the_balance_is_pending_until_it_is_topped_up(world: &mut World) {
    let case = Case::ask(world, saga::in_the_second_month(world), Right::LatestCharge);
    let short = Arc::new(AtomicBool::new(true));
    let app = short_of_money(world, &short);
    for _ in 0..3 {
        work(&app, world, 5).unwrap();
        let view = world.view(&case.cancellation);
        let refund = &view.refunds[0];
        assert_eq!(
            (view.row.state.as_str(), refund.state.as_str()),
            ("refunding", "pending")
        );
        assert_eq!(refund.pending_reason.as_deref(), Some("insufficient_funds"));
        assert!(view.row.trouble.unwrap().contains("top it up"));
        assert_eq!(world.balance(PAYABLE), "-249.00");
        world.pass_seconds(15 * 3600);
    }
    // Sent days after the first time, it is lost on its way: the key is as young as that.
    short.store(false, Ordering::SeqCst);
    let sent = CallMatch::next(Method::Post, "/v1/refunds");
    world.provider().faults().on(sent, Fault::LoseBeforeEffect);
    work(&app, world, 63).unwrap();
    case.assert_completed(world, "topped up");
    let refund = world.view(&case.cancellation).refunds.remove(0);
    assert_eq!(refund.pending_reason, None);
    assert_eq!(posts_of(world, &refund.id).len(), 2);
    assert_keys_and_bytes_are_for_life(world, &case, "topped up");
    world.deliver();
    world.check_books();
}

on_both_databases! {
    a_refund_that_waits_for_the_balance_is_pending_with_a_hint,
    a_refund_that_is_worked_on_needs_nobody,
    a_refund_that_waits_for_the_charges_own_money_needs_nobody,
    a_refund_that_waits_for_the_customer_says_so,
    a_refund_canceled_at_the_provider_needs_a_person_until_another_is_made,
    a_reason_that_nobody_knows_yet_is_kept_as_it_is,
    a_refund_refused_for_the_balance_is_pending_until_it_is_topped_up,
}
