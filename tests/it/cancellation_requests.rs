//! Asking for a cancellation or a refund: what counts, what is refused, and what asking twice does.

use crate::saga::{self, Case, Right};
use crate::world::{World, monthly, settle};
use avstem::app::App;
use avstem::app::cancellation::{self, RequestError, RequestedBy, Standing};
use avstem::app::request_refund::{self, RefundError, RequestRefund};
use avstem::app::seams::Seams;
use avstem::store::rows::Refund;
use avstem_domain::cancellation::RefundChoice;
use avstem_simulator::Outage;
use avstem_webhooks::outbound::Method;
use std::sync::Arc;

const PATIENCE_MIN: i64 = 10;

fn codes_of(world: &World, cancellation: &str) -> Vec<String> {
    world
        .view(cancellation)
        .verdicts
        .into_iter()
        .map(|verdict| verdict.code)
        .collect()
}

/// Nothing but reading was asked of the provider.
fn assert_nothing_was_done(world: &World) {
    let provider = world.provider();
    let changed = provider
        .requests_seen()
        .iter()
        .find(|request| request.method != Method::Get);
    assert_eq!(changed, None);
    drop(provider);
    assert!(
        cancellation::list(&world.app, None, None, 10)
            .unwrap()
            .is_empty()
    );
}

/// The mail of day ten is handled on day 33: the first charge was the latest then, and in the window.
fn a_request_of_an_earlier_day_is_judged_as_of_that_day(world: &mut World) {
    let started = world.clock.now();
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let mut request = world.request(&subscription);
    request.requested_at = Some(started.saturating_add_seconds(10 * 86_400));
    let id = cancellation::request(&world.app, request.clone())
        .unwrap()
        .cancellation
        .id;
    let view = settle(&world.app, world, &id, PATIENCE_MIN).unwrap();
    assert_eq!(view.row.state, "completed");
    assert_eq!(
        codes_of(world, &id),
        ["charged_after_request", "latest_charge"]
    );
    assert_eq!(
        view.row.judged_at,
        request.requested_at.unwrap().as_micros()
    );
    assert_eq!(
        view.row.received_at,
        started.saturating_add_seconds(33 * 86_400).as_micros()
    );
    let charges = world.charges(&subscription);
    let paid: Vec<usize> = charges
        .iter()
        .map(|charge| world.refunds_paid(charge))
        .collect();
    assert_eq!(paid, [1, 1]);
    world.deliver();
    world.check_books();
}

fn a_request_of_an_earlier_day_outside_the_window_gives_back_what_came_later(world: &mut World) {
    let started = world.clock.now();
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let mut request = world.request(&subscription);
    request.requested_at = Some(started.saturating_add_seconds(20 * 86_400));
    let id = cancellation::request(&world.app, request)
        .unwrap()
        .cancellation
        .id;
    let view = settle(&world.app, world, &id, PATIENCE_MIN).unwrap();
    assert_eq!(
        codes_of(world, &id),
        ["charged_after_request", "outside_window"]
    );
    assert_eq!(view.row.stop_mode.as_deref(), Some("immediate"));
    let charges = world.charges(&subscription);
    let paid: Vec<usize> = charges
        .iter()
        .map(|charge| world.refunds_paid(charge))
        .collect();
    assert_eq!(paid, [0, 1]);
}

fn a_request_in_the_future_is_refused(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let mut request = world.request(&subscription);
    request.requested_at = Some(world.clock.now().saturating_add_seconds(1));
    let refused = cancellation::request(&world.app, request.clone());
    assert!(
        matches!(refused, Err(RequestError::RequestedInFuture)),
        "{refused:?}"
    );
    assert_nothing_was_done(world);
    request.requested_at = Some(world.clock.now());
    cancellation::request(&world.app, request).unwrap();
}

fn an_unknown_subscription_is_not_found(world: &mut World) {
    let refused = cancellation::request(&world.app, world.request("sub_nobody"));
    assert!(
        matches!(refused, Err(RequestError::NotFound)),
        "{refused:?}"
    );
}

fn another_latest_charge_than_expected_does_nothing(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let charges = world.charges(&subscription);
    // A renewal that nobody has told us of: the provider is asked.
    world.pass_days(30);
    let renewed = world.latest_charge(&subscription);
    assert!(!charges.contains(&renewed));
    for seen in charges {
        let mut request = world.request(&subscription);
        request.expected_latest_charge = Some(seen);
        let refused = cancellation::request(&world.app, request);
        let Err(RequestError::LatestChargeChanged {
            latest: Some(latest),
        }) = refused
        else {
            panic!("{refused:?}")
        };
        let found = world
            .app
            .store
            .read(|tx| tx.find_charge(&latest))
            .unwrap()
            .unwrap();
        assert_eq!(found.provider_id, renewed);
        assert_nothing_was_done(world);
    }
}

/// By the provider's id or ours.
fn the_expected_latest_charge_lets_the_request_pass(world: &mut World) {
    for ours in [false, true] {
        let subscription = saga::in_the_second_month(world);
        world.deliver();
        let latest = world.latest_charge(&subscription);
        let row = world
            .app
            .store
            .read(|tx| tx.find_charge(&latest))
            .unwrap()
            .unwrap();
        let mut request = world.request(&subscription);
        request.expected_latest_charge = Some(if ours { row.id } else { latest });
        let requested = cancellation::request(&world.app, request).unwrap();
        assert_eq!(requested.standing, Standing::New);
    }
}

fn an_expectation_that_cannot_be_checked_does_nothing(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let mut request = world.request(&subscription);
    request.expected_latest_charge = Some(world.latest_charge(&subscription));
    world.provider().faults().outage(Outage::Down);
    let refused = cancellation::request(&world.app, request.clone());
    assert!(
        matches!(refused, Err(RequestError::ProviderUnavailable { .. })),
        "{refused:?}"
    );
    assert_nothing_was_done(world);
    world.provider().faults().outage(Outage::Up);
    cancellation::request(&world.app, request).unwrap();
}

/// Whatever the second request says, before, while and after the first is carried out.
fn a_second_request_returns_the_first(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    let case = Case::ask(world, subscription.clone(), Right::LatestCharge);
    let mut other = world.request(&subscription);
    other.requested_by = RequestedBy::Customer;
    other.refund = RefundChoice::None;
    other.reason = Some("another".to_owned());
    other.requested_at = Some(world.clock.now().saturating_add_seconds(86_400));
    other.expected_latest_charge = Some("ch_another".to_owned());
    for _ in 0..3 {
        let again = cancellation::request(&world.app, other.clone()).unwrap();
        assert_eq!(again.standing, Standing::Existing);
        assert_eq!(again.cancellation.id, case.cancellation);
        assert_eq!(again.cancellation.refund, "policy");
        cancellation::run_due(&world.app).unwrap();
        world.work(1).unwrap();
    }
    case.assert_completed(world, "asked again and again");
}

fn another_subscription_of_the_customer_is_left_alone(world: &mut World) {
    let (customer, canceled) = world.subscribe();
    let beside = world.provider().subscribe(&customer, &monthly());
    world.pass_days(33);
    let case = Case::ask(world, canceled, Right::LatestCharge);
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    case.assert_completed(world, "one of two");
    let again = world.provider().subscribe(&customer, &monthly());
    world.deliver();
    world.work(1).unwrap();
    world.pass_days(31);
    world.deliver();
    world.work(1).unwrap();
    case.assert_completed(world, "after the customer came back");
    assert_eq!(world.view(&case.cancellation).verdicts.len(), 2);
    for other in [beside, again] {
        assert_eq!(
            world.provider().subscription_view(&other).unwrap().status,
            "active"
        );
        assert!(
            world
                .charges(&other)
                .iter()
                .all(|charge| world.refunds_paid(charge) == 0)
        );
    }
    world.check_books();
}

/// The same world, without a key for the provider.
fn without_a_key(world: &World) -> App {
    let mut app = Arc::into_inner(world.another_process(Seams::default())).unwrap();
    app.config.connections.get_mut("stripe").unwrap().api_key = None;
    app
}

fn without_an_api_key_nothing_is_promised(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let charge = world.latest_charge(&subscription);
    let app = without_a_key(world);
    let refused = cancellation::request(&app, world.request(&subscription));
    let Err(RequestError::ProviderNotConfigured { connection }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(connection, "stripe");
    let refused = request_refund::request(&app, refund_of(&charge, None));
    assert!(
        matches!(refused, Err(RefundError::ProviderNotConfigured { .. })),
        "{refused:?}"
    );
    assert_nothing_was_done(world);
}

/// The key is taken out of the settings while a saga is under way, and put back.
fn a_saga_without_its_key_waits_for_a_person(world: &mut World) {
    let case = Case::ask(world, saga::in_the_second_month(world), Right::LatestCharge);
    let app = without_a_key(world);
    cancellation::run_due(&app).unwrap();
    let row = world.view(&case.cancellation).row;
    assert_eq!(row.state, "attention");
    assert!(row.trouble.unwrap().contains("api_key"));
    world.work(2).unwrap();
    case.assert_completed(world, "with its key again");
}

fn refund_of(charge: &str, request_ref: Option<&str>) -> RequestRefund {
    RequestRefund {
        charge: charge.to_owned(),
        reason: None,
        request_ref: request_ref.map(str::to_owned),
    }
}

fn refund_row(world: &World, id: &str) -> Refund {
    world
        .app
        .store
        .read(|tx| tx.find_refund(id))
        .unwrap()
        .unwrap()
}

fn a_refund_alone_stops_nothing(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let charge = world.latest_charge(&subscription);
    let refund = request_refund::request(&world.app, refund_of(&charge, None)).unwrap();
    assert_eq!((refund.state.as_str(), refund.amount), ("pending", 24_900));
    assert_eq!(refund.code.as_deref(), Some("latest_charge"));
    world.work(1).unwrap();
    world.deliver();
    let refund = refund_row(world, &refund.id);
    assert_eq!(
        (refund.state.as_str(), refund.policy_conform),
        ("succeeded", Some(true))
    );
    assert_eq!(world.refunds_paid(&charge), 1);
    let found = world.provider().subscription_view(&subscription).unwrap();
    assert_eq!(
        (found.status, found.cancel_at_period_end),
        ("active", false)
    );
    assert!(
        cancellation::list(&world.app, None, None, 10)
            .unwrap()
            .is_empty()
    );
    world.check_books();
}

fn a_refund_that_the_rules_refuse_is_refused_with_their_code(world: &mut World) {
    let (customer, subscription) = world.subscribe();
    world.pass_days(33);
    let other = world.provider().one_off_charge(&customer, 5_000);
    world.deliver();
    let charges = world.charges(&subscription);
    let refusal = |charge: &str| match request_refund::request(&world.app, refund_of(charge, None))
    {
        Err(RefundError::Rejected(verdict)) => (verdict.code.as_str(), verdict.clause.as_str()),
        other => panic!("{other:?}"),
    };
    assert_eq!(refusal(&charges[0]), ("earlier_period", "R3"));
    assert_eq!(refusal(&other), ("not_recurring", "R2"));
    let nobody = request_refund::request(&world.app, refund_of("ch_nobody", None));
    assert!(
        matches!(nobody, Err(RefundError::ChargeNotFound)),
        "{nobody:?}"
    );
    // Refunded in the dashboard a moment ago: the provider is asked.
    world
        .provider()
        .dashboard_refund(&charges[1], None)
        .unwrap();
    assert_eq!(refusal(&charges[1]), ("already_refunded", "R2"));
    world.work(1).unwrap();
    let provider = world.provider();
    assert!(
        provider
            .requests_seen()
            .iter()
            .all(|request| request.method == Method::Get)
    );
}

fn the_same_request_for_a_refund_finds_the_refund_it_made(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let charge = world.latest_charge(&subscription);
    let ask = || {
        request_refund::request(&world.app, refund_of(&charge, Some("key/one")))
            .unwrap()
            .id
    };
    let first = ask();
    assert_eq!(ask(), first);
    world.work(1).unwrap();
    assert_eq!(ask(), first, "also when it is done");
    let other = request_refund::request(&world.app, refund_of(&charge, Some("key/two")));
    assert!(matches!(other, Err(RefundError::Rejected(_))), "{other:?}");
    assert_eq!(world.refunds_paid(&charge), 1);
}

on_both_databases! {
    a_request_of_an_earlier_day_is_judged_as_of_that_day,
    a_request_of_an_earlier_day_outside_the_window_gives_back_what_came_later,
    a_request_in_the_future_is_refused,
    an_unknown_subscription_is_not_found,
    another_latest_charge_than_expected_does_nothing,
    the_expected_latest_charge_lets_the_request_pass,
    an_expectation_that_cannot_be_checked_does_nothing,
    a_second_request_returns_the_first,
    another_subscription_of_the_customer_is_left_alone,
    without_an_api_key_nothing_is_promised,
    a_saga_without_its_key_waits_for_a_person,
    a_refund_alone_stops_nothing,
    a_refund_that_the_rules_refuse_is_refused_with_their_code,
    the_same_request_for_a_refund_finds_the_refund_it_made,
}
