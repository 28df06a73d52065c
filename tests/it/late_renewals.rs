//! Renewals that start or are paid while a cancellation is under way, or after it.

use crate::saga::{self, Case, Right, assert_nothing_is_charged_any_more};
use crate::world::{World, settle};
use avstem::app::seams::Seams;
use avstem_domain::cancellation::RefundChoice;
use avstem_simulator::{Action, CallMatch, PaymentBehavior};
use avstem_webhooks::outbound::Method;

const PATIENCE_MIN: i64 = 10;

/// Every call that the saga makes when a refund is due.
const CALLS: [(u32, Method, &str); 9] = [
    (1, Method::Get, "/v1/subscriptions/*"),
    (1, Method::Get, "/v1/invoices"),
    (1, Method::Get, "/v1/charges"),
    (1, Method::Delete, "/v1/subscriptions/*"),
    (2, Method::Get, "/v1/subscriptions/*"),
    (2, Method::Get, "/v1/invoices"),
    (2, Method::Get, "/v1/charges"),
    (1, Method::Post, "/v1/refunds"),
    (2, Method::Post, "/v1/refunds"),
];
/// The calls that a draft renewal adds.
const CALLS_ABOUT_A_DRAFT: [(u32, Method, &str); 5] = [
    (1, Method::Post, "/v1/invoices/*"),
    (1, Method::Post, "/v1/invoices/*/finalize"),
    (1, Method::Post, "/v1/invoices/*/void"),
    (3, Method::Get, "/v1/invoices"),
    (3, Method::Get, "/v1/charges"),
];
const STOP_AT_PERIOD_END: [(u32, Method, &str); 6] = [
    (1, Method::Get, "/v1/subscriptions/*"),
    (1, Method::Get, "/v1/invoices"),
    (1, Method::Get, "/v1/charges"),
    (1, Method::Post, "/v1/subscriptions/*"),
    (2, Method::Get, "/v1/subscriptions/*"),
    (2, Method::Get, "/v1/invoices"),
];
/// After it the saga asks no more: webhooks tell.
const LAST_LOOK: (u32, Method, &str) = (2, Method::Get, "/v1/charges");

#[derive(Debug, Clone, Copy)]
enum Renewal {
    Starts,
    IsPaid,
}

impl Renewal {
    fn of(self, subscription: &str) -> Action {
        let subscription = subscription.to_owned();
        match self {
            Self::Starts => Action::StartRenewal { subscription },
            Self::IsPaid => Action::PayRenewal { subscription },
        }
    }
}

fn with_a_draft(world: &World) -> String {
    let subscription = saga::in_the_second_month(world);
    world.provider().start_renewal(&subscription);
    subscription
}

/// Lets a renewal start, and be paid, right before each call in turn.
fn renewal_before_each(
    world: &World,
    begin: fn(&World) -> String,
    right: Right,
    calls: &[(u32, Method, &str)],
) {
    let mut cases = Vec::new();
    for renewal in [Renewal::Starts, Renewal::IsPaid] {
        for (nth, method, path) in calls {
            let case = Case::ask(world, begin(world), right);
            let call = CallMatch::nth(*nth, *method, path);
            world
                .provider()
                .faults()
                .before(call, renewal.of(&case.subscription));
            settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
            let when = format!("renewal {renewal:?} before call {nth} of {method:?} {path}");
            case.assert_completed(world, &when);
            world.deliver();
            settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
            case.assert_completed(world, &when);
            assert_codes(world, &case, right, &when);
            world.provider().faults().clear();
            cases.push(case);
        }
    }
    assert_nothing_is_charged_any_more(world, &cases);
}

/// What was taken after the request is judged so; the latest charge is the one of the request.
fn assert_codes(world: &World, case: &Case, right: Right, when: &str) {
    let view = world.view(&case.cancellation);
    let latest = match right {
        Right::LatestCharge | Right::HalfOfLatestCharge => "latest_charge",
        Right::Nothing => "outside_window",
    };
    let count = |code: &str| {
        view.verdicts
            .iter()
            .filter(|verdict| verdict.code == code)
            .count()
    };
    assert_eq!(count(latest), 1, "{when}: {:?}", view.verdicts);
    let late = count("charged_after_request");
    let others = count("earlier_period");
    assert_eq!(
        1 + late + others,
        world.charges(&case.subscription).len(),
        "{when}"
    );
    if late > 0 {
        assert_eq!(view.row.stop_mode.as_deref(), Some("immediate"), "{when}");
        let status = world
            .provider()
            .subscription_view(&case.subscription)
            .unwrap()
            .status;
        assert_eq!(status, "canceled", "{when}");
    }
}

fn a_renewal_before_any_call_is_not_kept(world: &mut World) {
    renewal_before_each(
        world,
        saga::in_the_second_month,
        Right::LatestCharge,
        &CALLS,
    );
}

fn a_draft_renewal_paid_before_any_call_is_not_kept(world: &mut World) {
    renewal_before_each(world, with_a_draft, Right::LatestCharge, &CALLS);
    renewal_before_each(
        world,
        with_a_draft,
        Right::LatestCharge,
        &CALLS_ABOUT_A_DRAFT,
    );
}

fn a_renewal_before_any_call_of_a_stop_at_period_end_is_not_kept(world: &mut World) {
    renewal_before_each(
        world,
        saga::outside_the_window,
        Right::Nothing,
        &STOP_AT_PERIOD_END,
    );
}

/// The webhook is all that tells of it.
fn a_renewal_paid_after_completion_goes_back_and_ends_the_subscription(world: &mut World) {
    let case = Case::ask(world, saga::outside_the_window(world), Right::Nothing);
    let view = settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    assert_eq!(view.row.stop_mode.as_deref(), Some("at_period_end"));
    case.assert_completed(world, "before the renewal");
    world.pass_seconds(600);
    let invoice = world.provider().start_renewal(&case.subscription);
    world.provider().pay_renewal(&invoice).unwrap();
    world.deliver();
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    case.assert_completed(world, "after the renewal");
    assert_codes(world, &case, Right::Nothing, "after completion");
    let receipts = world.view(&case.cancellation).receipts;
    assert_eq!(receipts.len(), 4, "a second receipt tells of the refund");
    assert_nothing_is_charged_any_more(world, &[case]);
}

/// A bank debit that was on its way when the customer canceled cannot be voided, and arrives days later.
fn a_debit_under_way_at_the_request_goes_back_when_it_arrives(world: &mut World) {
    let (customer, subscription) = world.subscribe();
    world.pass_days(33);
    let invoice = {
        let mut provider = world.provider();
        provider.set_payment_behavior(&customer, PaymentBehavior::StaysProcessing);
        let invoice = provider.start_renewal(&subscription);
        assert_eq!(provider.pay_renewal(&invoice), None);
        invoice
    };
    world.deliver();
    let cancellation = world.cancel(&subscription);
    let asked_at = world.clock.now().as_micros();
    world.pass_seconds(2);
    let view = settle(&world.app, world, &cancellation, PATIENCE_MIN).unwrap();
    assert_eq!(view.row.state, "completed", "{:?}", view.row);
    let codes: Vec<&str> = view
        .verdicts
        .iter()
        .map(|verdict| verdict.code.as_str())
        .collect();
    assert_eq!(codes, ["not_paid", "latest_charge", "earlier_period"]);
    let stopped_at = view.row.stop_effective_at;
    assert_eq!(stopped_at, Some(asked_at));
    let charges = world.charges(&subscription);

    world.pass_days(2);
    world.provider().pay_renewal(&invoice).unwrap();
    world.deliver();
    let view = settle(&world.app, world, &cancellation, PATIENCE_MIN).unwrap();
    assert_eq!(view.row.state, "completed", "{:?}", view.row);
    let codes: Vec<&str> = view
        .verdicts
        .iter()
        .map(|verdict| verdict.code.as_str())
        .collect();
    assert_eq!(
        codes,
        ["charged_after_request", "latest_charge", "earlier_period"]
    );
    let paid: Vec<usize> = charges
        .iter()
        .map(|charge| world.refunds_paid(charge))
        .collect();
    assert_eq!(paid, [0, 1, 1]);
    assert_eq!(
        view.row.stop_effective_at, stopped_at,
        "it had stopped at the request, and that stands"
    );
    world.deliver();
    world.check_books();
}

fn drafts_and_open_renewals_are_voided(world: &mut World) {
    let (customer, draft) = world.subscribe();
    world.pass_days(33);
    let drafted = world.provider().start_renewal(&draft);
    world.deliver();
    let first = world.cancel(&draft);
    settle(&world.app, world, &first, PATIENCE_MIN).unwrap();
    assert_eq!(world.view(&first).row.state, "completed");
    assert_eq!(world.provider().invoice_status(&drafted), Some("void"));

    let open = {
        let mut provider = world.provider();
        let open = provider.subscribe(&customer, &crate::world::monthly());
        provider.set_payment_behavior(&customer, PaymentBehavior::Fails);
        open
    };
    let opened = world.provider().start_renewal(&open);
    world.provider().pay_renewal(&opened);
    assert_eq!(world.provider().invoice_status(&opened), Some("open"));
    world.deliver();
    let second = world.cancel(&open);
    settle(&world.app, world, &second, PATIENCE_MIN).unwrap();
    assert_eq!(world.view(&second).row.state, "completed");
    assert_eq!(world.provider().invoice_status(&opened), Some("void"));
    world.deliver();
    world.check_books();
}

/// A renewal that starts after the saga's last look at the invoices is paid in an hour, and goes back.
fn a_renewal_after_the_last_look_goes_back_when_it_is_paid(world: &mut World) {
    for renewal in [Renewal::Starts, Renewal::IsPaid] {
        let case = Case::ask(world, saga::outside_the_window(world), Right::Nothing);
        let call = CallMatch::nth(LAST_LOOK.0, LAST_LOOK.1, LAST_LOOK.2);
        world
            .provider()
            .faults()
            .before(call, renewal.of(&case.subscription));
        settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
        world.pass_seconds(7200);
        world.deliver();
        settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
        let when = format!("{renewal:?} after the last look");
        case.assert_completed(world, &when);
        assert_codes(world, &case, Right::Nothing, &when);
        assert_eq!(world.charges(&case.subscription).len(), 2, "{when}");
        assert_nothing_is_charged_any_more(world, &[case]);
    }
}

/// The instruction to stop at period end arrives when the provider has begun the next period already.
fn a_period_that_ends_while_the_stop_is_under_way_is_the_last(world: &mut World) {
    let seams = Seams::scripted(None);
    let counting = world.another_process(seams.clone());
    let first = Case::ask(world, saga::outside_the_window(world), Right::Nothing);
    settle(&counting, world, &first.cancellation, PATIENCE_MIN).unwrap();
    let crossed = seams.crossed();
    let mut calls = (0..crossed.len()).filter(|number| crossed[*number] == "call:before");
    let stop = calls.nth(3).unwrap();

    let (_, subscription) = world.subscribe();
    let end = world
        .provider()
        .subscription_view(&subscription)
        .unwrap()
        .current_period_end;
    let until = end.micros_since(world.clock.now()) / 1_000_000 - 5;
    world.pass_seconds(until);
    let case = Case::ask(world, subscription, Right::Nothing);
    let others = world.clone();
    let slow = world.another_process(Seams::paused(stop, move || others.pass_seconds(10)));
    settle(&slow, world, &case.cancellation, PATIENCE_MIN).unwrap();
    assert!(world.clock.now() > end);
    case.assert_completed(world, "the period ended");
    let row = world.view(&case.cancellation).row;
    assert_eq!(row.stop_mode.as_deref(), Some("at_period_end"));
    assert_eq!(row.stop_effective_at, Some(end.as_micros()));
    let status = world
        .provider()
        .subscription_view(&case.subscription)
        .unwrap()
        .status;
    assert_eq!(status, "canceled", "the next period belongs to nobody");
    assert_nothing_is_charged_any_more(world, &[first, case]);
}

/// The customer wanted to keep the paid period: whether the late charge goes back is for a person.
fn without_a_refund_a_late_renewal_needs_a_person(world: &mut World) {
    for (nth, method, path) in STOP_AT_PERIOD_END {
        let subscription = saga::in_the_second_month(world);
        let mut request = world.request(&subscription);
        request.refund = RefundChoice::None;
        let case = Case::ask_so(world, subscription, Right::Nothing, request);
        let call = CallMatch::nth(nth, method, path);
        world
            .provider()
            .faults()
            .before(call, Renewal::IsPaid.of(&case.subscription));
        let view = settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
        let when = format!("paid before call {nth} of {method:?} {path}");
        assert_eq!(view.row.state, "attention", "{when}: {:?}", view.row);
        let late = world.latest_charge(&case.subscription);
        assert!(view.row.attention.unwrap().contains(&late), "{when}");
        assert_eq!(
            view.row.stop_mode.as_deref(),
            Some("at_period_end"),
            "{when}"
        );
        let judged = view
            .verdicts
            .iter()
            .find(|verdict| verdict.charge_provider_id == late);
        assert_eq!(judged.unwrap().code, "charged_after_request", "{when}");
        assert!(view.refunds.is_empty(), "{when}");
        assert_eq!(case.refunds_made(world), 0, "{when}");
        case.assert_stopped(world, &when);
        world.provider().faults().clear();
    }
    world.deliver();
    world.check_books();
}

on_both_databases! {
    a_renewal_before_any_call_is_not_kept,
    a_draft_renewal_paid_before_any_call_is_not_kept,
    a_renewal_before_any_call_of_a_stop_at_period_end_is_not_kept,
    a_renewal_paid_after_completion_goes_back_and_ends_the_subscription,
    a_debit_under_way_at_the_request_goes_back_when_it_arrives,
    drafts_and_open_renewals_are_voided,
    a_renewal_after_the_last_look_goes_back_when_it_is_paid,
    a_period_that_ends_while_the_stop_is_under_way_is_the_last,
    without_a_refund_a_late_renewal_needs_a_person,
}
