//! Every call that a cancellation, a refund and the janitor make, found by playing them, with everything
//! that a provider may answer to each: never two refunds.

use crate::saga::{
    Case, Right, Subscribers, assert_keys_and_bytes_are_for_life,
    assert_nothing_is_charged_any_more, posts_of,
};
use crate::tally::{Tried, tried};
use crate::world::{World, settle, work};
use avstem::app::refund_operation;
use avstem::app::request_refund::{self, RefundError, RequestRefund};
use avstem_simulator::{CallMatch, Fault, SeenRequest};
use avstem_webhooks::outbound::Method;
use std::collections::BTreeMap;

/// The longest wait that one fault may cause is two minutes; a few more for what follows.
const PATIENCE_MIN: i64 = 10;
const REFUNDS: &str = "/v1/refunds";

type Begin = fn(&World, String) -> Case;

/// Every kind of answer. What a provider may write into `retry-after` is the adapter's business, and how
/// much is read of a huge answer the gateway's.
const FAULTS: [Fault; 18] = [
    Fault::LoseAnswerAfterEffect,
    Fault::LoseBeforeEffect,
    Fault::ServerErrorAfterEffect,
    Fault::ServerErrorBeforeEffect { status: 500 },
    Fault::ServerErrorBeforeEffect { status: 502 },
    Fault::RateLimit {
        retry_after_s: None,
    },
    Fault::RateLimit {
        retry_after_s: Some(30),
    },
    Fault::RateLimit {
        retry_after_s: Some(u64::MAX),
    },
    Fault::LockConflict,
    Fault::KeyInUse,
    Fault::Html,
    Fault::CutBody,
    Fault::WrongKey,
    Fault::AnotherChargesAnswer,
    Fault::Redirect,
    Fault::StoredError,
    Fault::StoredErrorAfterEffect,
    Fault::Huge { bytes: 200 << 20 },
];

/// One call among those of a run: the nth of its method and path, counting from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Call {
    nth: u32,
    method: Method,
    path: String,
}

impl Call {
    fn on(&self) -> CallMatch {
        CallMatch::nth(self.nth, self.method, &self.path)
    }

    /// A list that speaks of other objects cannot be told from a true one, unless it names whose it is.
    fn can_tell(&self, fault: Fault) -> bool {
        let names_nobody = matches!(
            self.path.as_str(),
            "/v1/invoices" | "/v1/charges" | "/v1/invoice_payments"
        );
        !(fault == Fault::AnotherChargesAnswer && names_nobody && self.method == Method::Get)
    }
}

/// Every call with every fault that it can tell from the truth. On PostgreSQL, where each takes some ten
/// times as long, every seventh: all calls and all faults come up.
fn tries<'c>(
    world: &World,
    calls: &'c [Call],
) -> impl Iterator<Item = (&'c Call, Fault)> + use<'c> {
    let apart = if world.is_postgres() { 7 } else { 1 };
    calls
        .iter()
        .flat_map(|call| FAULTS.map(|fault| (call, fault)))
        .filter(|(call, fault)| call.can_tell(*fault))
        .step_by(apart)
}

/// The calls since `from`, in order.
fn calls(world: &World, from: usize) -> Vec<Call> {
    let mut made = BTreeMap::<(String, String), u32>::new();
    let provider = world.provider();
    let call = |request: &SeenRequest| {
        let path = without_ids(&request.target);
        let nth = made
            .entry((format!("{:?}", request.method), path.clone()))
            .or_default();
        *nth += 1;
        Call {
            nth: *nth,
            method: request.method,
            path,
        }
    };
    provider.requests_seen()[from..].iter().map(call).collect()
}

/// `*` in the place of ids, and no query.
fn without_ids(target: &str) -> String {
    let path = target.split('?').next().unwrap();
    let is_id = |segment: &str| {
        ["sub_", "in_", "ch_", "re_", "pi_", "du_"]
            .iter()
            .any(|prefix| segment.starts_with(prefix))
    };
    let segments: Vec<&str> = path
        .split('/')
        .map(|segment| if is_id(segment) { "*" } else { segment })
        .collect();
    segments.join("/")
}

fn seen(world: &World) -> usize {
    world.provider().requests_seen().len()
}

/// Part of the latest charge went back before, an older one was asked about by a bank, and the next
/// month's invoice is a draft.
fn everything(world: &World, subscription: String) -> Case {
    let latest = world.latest_charge(&subscription);
    let older = world.charges(&subscription).remove(0);
    let mut provider = world.provider();
    provider.dashboard_refund(&latest, Some(5_000)).unwrap();
    provider.open_inquiry(&older).unwrap();
    provider.start_renewal(&subscription);
    drop(provider);
    Case::ask(world, subscription, Right::LatestCharge)
}

fn at_period_end(world: &World, subscription: String) -> Case {
    Case::ask(world, subscription, Right::Nothing)
}

/// The period has moved on to one that nobody paid, so the stop names a day.
fn at_the_end_of_the_paid_period(world: &World, subscription: String) -> Case {
    world.provider().start_renewal(&subscription);
    Case::ask(world, subscription, Right::Nothing)
}

/// Each fault once at each call of a cancellation; it is completed all the same, but where the provider
/// gives the same error for ever.
fn each_fault_at_each_call(world: &World, subscribers: &mut Subscribers<'_>, begin: Begin) {
    let case = begin(world, subscribers.next());
    let from = seen(world);
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    let calls = calls(world, from);
    assert!(calls.len() >= 5, "{calls:?}");
    let mut cases = vec![case];
    let mut answers = 0;
    for (call, fault) in tries(world, &calls) {
        let case = begin(world, subscribers.next());
        world.provider().faults().on(call.on(), fault);
        settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
        let when = format!("{fault:?} at {call:?}");
        assert_keys_and_bytes_are_for_life(world, &case, &when);
        answers += 1;
        if fault == Fault::StoredError && call.path == REFUNDS && call.method == Method::Post {
            assert_left_to_a_person(world, &case, &when);
            continue;
        }
        case.assert_completed(world, &when);
        cases.push(case);
    }
    assert_nothing_is_charged_any_more(world, &cases);
    tried(&world.url, Tried::Answers, answers);
}

/// Nobody knows whether it was made, and nobody makes another.
fn assert_left_to_a_person(world: &World, case: &Case, when: &str) {
    let view = world.view(&case.cancellation);
    assert_eq!(view.row.state, "attention", "{when}: {:?}", view.row);
    assert_eq!(view.refunds[0].state, "unknown", "{when}");
    case.assert_stopped(world, when);
}

fn any_answer_to_any_call_of_a_refund_is_survived(world: &mut World) {
    let subscribers = &mut Subscribers::in_the_second_month(world);
    each_fault_at_each_call(world, subscribers, everything);
}

fn any_answer_to_any_call_of_a_stop_at_period_end_is_survived(world: &mut World) {
    let subscribers = &mut Subscribers::outside_the_window(world);
    each_fault_at_each_call(world, subscribers, at_period_end);
    each_fault_at_each_call(world, subscribers, at_the_end_of_the_paid_period);
}

/// A refund alone: refused for now as long as the facts cannot be read, and made once.
fn any_answer_to_any_call_of_a_refund_alone_is_survived(world: &mut World) {
    let subscribers = &mut Subscribers::in_the_second_month(world);
    let from = seen(world);
    refund_alone(world, &subscribers.next());
    let calls = calls(world, from);
    assert!(calls.len() >= 5, "{calls:?}");
    let mut answers = 0;
    for (call, fault) in tries(world, &calls) {
        let subscription = subscribers.next();
        world.provider().faults().on(call.on(), fault);
        let made = refund_alone(world, &subscription);
        let charge = world.latest_charge(&subscription);
        let when = format!("{fault:?} at {call:?}");
        let stored = fault == Fault::StoredError && call.method == Method::Post;
        let paid = usize::from(!stored);
        assert_eq!(world.refunds_paid(&charge), paid, "{when}");
        let keys = posts_of(world, &made)
            .into_iter()
            .map(|r| r.idempotency_key);
        let keys: Vec<Option<String>> = keys.collect();
        assert!(keys.windows(2).all(|two| two[0] == two[1]), "{when}");
        answers += 1;
    }
    world.deliver();
    world.check_books();
    tried(&world.url, Tried::Answers, answers);
}

/// Asks until it is taken, and waits for it. Its id.
fn refund_alone(world: &World, subscription: &str) -> String {
    let command = RequestRefund {
        charge: world.latest_charge(subscription),
        reason: None,
        request_ref: None,
    };
    let made = loop {
        match request_refund::request(&world.app, command.clone()) {
            Ok(refund) => break refund.id,
            Err(RefundError::ProviderUnavailable { .. }) => world.pass_seconds(5),
            Err(error) => panic!("{error:?}"),
        }
    };
    work(&world.app, world, 4).unwrap();
    made
}

/// The refund's answer is lost, and then something goes wrong with each call of those that look for it:
/// it is found and not asked for again, or asked for again with its key where it was never made.
fn any_answer_to_any_call_of_the_janitor_is_survived(world: &mut World) {
    let subscribers = &mut Subscribers::in_the_second_month(world);
    for lost in [Fault::LoseAnswerAfterEffect, Fault::LoseBeforeEffect] {
        let unknown = |subscription: String| {
            let case = Case::ask(world, subscription, Right::LatestCharge);
            avstem::app::cancellation::run_due(&world.app).unwrap();
            let post = CallMatch::next(Method::Post, REFUNDS);
            world.provider().faults().on(post, lost);
            refund_operation::run_due(&world.app).unwrap();
            case
        };
        let case = unknown(subscribers.next());
        let from = seen(world);
        settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
        let calls = calls(world, from);
        let mut cases = vec![case];
        for (call, fault) in tries(world, &calls) {
            let case = unknown(subscribers.next());
            world.provider().faults().on(call.on(), fault);
            settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
            let when = format!("{lost:?}, then {fault:?} at {call:?}");
            assert_keys_and_bytes_are_for_life(world, &case, &when);
            if fault == Fault::StoredError && call.method == Method::Post {
                assert_left_to_a_person(world, &case, &when);
            } else {
                case.assert_completed(world, &when);
                cases.push(case);
            }
        }
        tried(&world.url, Tried::Answers, cases.len() - 1);
        assert_nothing_is_charged_any_more(world, &cases);
    }
}

on_both_databases! {
    any_answer_to_any_call_of_a_refund_is_survived,
    any_answer_to_any_call_of_a_stop_at_period_end_is_survived,
    any_answer_to_any_call_of_a_refund_alone_is_survived,
    any_answer_to_any_call_of_the_janitor_is_survived,
}
