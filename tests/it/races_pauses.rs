//! Two processes at one cancellation: one stands still at any step for longer than its lease, and goes on
//! when another has done the rest; or two of them stand still, and go on in either order.

use crate::races_driver::{PATIENCE_MIN, pace};
use crate::saga::{Case, Right, Subscribers, assert_nothing_is_charged_any_more};
use crate::sweep_driver::LEASE_OVER_S;
use crate::tally::{Tried, tried};
use crate::world::{World, settle};
use avstem::app::App;
use avstem::app::seams::Seams;
use avstem_simulator::{Action, CallMatch, Fault};
use avstem_webhooks::outbound::Method;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

/// Asks for a cancellation of a subscription.
type Begin = fn(&World, String) -> Case;

/// Which cancellation the processes are at.
type Whose = Arc<Mutex<String>>;

fn plain_refund(world: &World, subscription: String) -> Case {
    Case::ask(world, subscription, Right::LatestCharge)
}

fn at_period_end(world: &World, subscription: String) -> Case {
    Case::ask(world, subscription, Right::Nothing)
}

fn draft_renewal(world: &World, subscription: String) -> Case {
    world.provider().start_renewal(&subscription);
    plain_refund(world, subscription)
}

/// The next month is paid right before billing stops, and the answer to the first refund is lost.
fn late_renewal_and_a_lost_answer(world: &World, subscription: String) -> Case {
    let case = plain_refund(world, subscription);
    let renewal = Action::PayRenewal {
        subscription: case.subscription.clone(),
    };
    let stop = CallMatch::next(Method::Delete, "/v1/subscriptions/*");
    let refund = CallMatch::next(Method::Post, "/v1/refunds");
    let mut provider = world.provider();
    provider.faults().before(stop, renewal);
    provider.faults().on(refund, Fault::LoseAnswerAfterEffect);
    drop(provider);
    case
}

/// The steps of a cancellation that nothing disturbs.
fn steps(world: &World, case: &Case) -> Vec<&'static str> {
    let seams = Seams::scripted(None);
    let app = world.another_process(seams.clone());
    settle(&app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    seams.crossed()
}

/// Waits until the lease of whoever stands still is over, and then carries the cancellation to its end.
fn take_over(app: &App, world: &World, whose: &Whose) {
    world.pass_seconds(LEASE_OVER_S);
    let cancellation = whose.lock().unwrap().clone();
    settle(app, world, &cancellation, PATIENCE_MIN).unwrap();
}

/// A process stands still at each step in turn; meanwhile its lease ends and another process takes the
/// cancellation to its end. Then the first goes on with the step that it was at.
fn every_step_twice(world: &World, subscribers: &mut Subscribers<'_>, begin: Begin) {
    let first = begin(world, subscribers.next());
    let steps = steps(world, &first);
    let whose = Whose::default();
    let (others, at) = (world.clone(), Arc::clone(&whose));
    let seams = Seams::paused(usize::MAX, move || take_over(&others.app, &others, &at));
    let slow = world.another_process(seams.clone());
    let mut cases = vec![first];
    for (number, step) in steps.iter().enumerate().step_by(pace(world)) {
        let case = begin(world, subscribers.next());
        whose.lock().unwrap().clone_from(&case.cancellation);
        seams.count_again(Some(number));
        settle(&slow, world, &case.cancellation, PATIENCE_MIN).unwrap();
        assert!(seams.crossed().len() > number, "step {number} comes again");
        seams.count_again(None);
        assert_done(world, &case, &format!("twice from {number} {step}"));
        cases.push(case);
    }
    assert_nothing_is_charged_any_more(world, &cases);
    tried(&world.url, Tried::Races, cases.len() - 1);
}

/// Completed, with one receipt in each language.
fn assert_done(world: &World, case: &Case, when: &str) {
    world.deliver();
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    case.assert_completed(world, when);
    let receipts = world.view(&case.cancellation).receipts;
    assert_eq!(receipts.len(), 2, "{when}");
}

/// Two processes stand still, each at a step of its own, the second once the first's lease is over; a
/// third does the rest. Then the second goes on, and after it the first.
fn the_second_goes_on_first(world: &World, subscribers: &mut Subscribers<'_>, begin: Begin) {
    let first = begin(world, subscribers.next());
    let steps = steps(world, &first);
    let whose = Whose::default();
    let (others, at) = (world.clone(), Arc::clone(&whose));
    let later = Seams::paused(usize::MAX, move || take_over(&others.app, &others, &at));
    let second = world.another_process(later.clone());
    let (others, at) = (world.clone(), Arc::clone(&whose));
    let earlier = Seams::paused(usize::MAX, move || take_over(&second, &others, &at));
    let slow = world.another_process(earlier.clone());
    let mut cases = vec![first];
    for (one, two) in pairs(steps.len()).step_by(pace(world)) {
        let case = begin(world, subscribers.next());
        whose.lock().unwrap().clone_from(&case.cancellation);
        later.count_again(Some(two));
        earlier.count_again(Some(one));
        settle(&slow, world, &case.cancellation, PATIENCE_MIN).unwrap();
        earlier.count_again(None);
        later.count_again(None);
        assert_done(world, &case, &format!("at {one}, then at {two}"));
        cases.push(case);
    }
    assert_nothing_is_charged_any_more(world, &cases);
    tried(&world.url, Tried::Races, cases.len() - 1);
}

/// Where a process stands still until it is told to go on.
#[derive(Default)]
struct Gate {
    state: Mutex<GateState>,
    changed: Condvar,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum GateState {
    /// Nobody has come.
    #[default]
    Shut,
    /// Somebody stands there, or will not come any more.
    Reached,
    Open,
}

impl Gate {
    fn set(&self, state: GateState) {
        *self.state.lock().unwrap() = state;
        self.changed.notify_all();
    }

    fn wait_for(&self, state: GateState) {
        let guard = self.state.lock().unwrap();
        drop(self.changed.wait_while(guard, |now| *now != state).unwrap());
    }

    fn stand_still(&self) {
        self.set(GateState::Reached);
        self.wait_for(GateState::Open);
    }
}

/// The same, but the first goes on while the second still stands, and does the rest when it may.
fn the_first_goes_on_first(world: &World, subscribers: &mut Subscribers<'_>, begin: Begin) {
    let first = begin(world, subscribers.next());
    let steps = steps(world, &first);
    let (whose, gate) = (Whose::default(), Arc::new(Gate::default()));
    let at = Arc::clone(&gate);
    let later = Seams::paused(usize::MAX, move || at.stand_still());
    let second = world.another_process(later.clone());
    let thread: Arc<Mutex<Option<JoinHandle<()>>>> = Arc::default();
    let (others, at, gate_of_second) = (world.clone(), Arc::clone(&whose), Arc::clone(&gate));
    let running = Arc::clone(&thread);
    let earlier = Seams::paused(usize::MAX, move || {
        let (app, world, whose) = (Arc::clone(&second), others.clone(), Arc::clone(&at));
        let gate = Arc::clone(&gate_of_second);
        let ends = Arc::clone(&gate);
        *running.lock().unwrap() = Some(std::thread::spawn(move || {
            take_over(&app, &world, &whose);
            ends.set(GateState::Reached);
        }));
        gate.wait_for(GateState::Reached);
    });
    let slow = world.another_process(earlier.clone());
    let mut cases = vec![first];
    for (one, two) in pairs(steps.len()).step_by(pace(world)) {
        let case = begin(world, subscribers.next());
        whose.lock().unwrap().clone_from(&case.cancellation);
        gate.set(GateState::Shut);
        later.count_again(Some(two));
        earlier.count_again(Some(one));
        settle(&slow, world, &case.cancellation, PATIENCE_MIN).unwrap();
        earlier.count_again(None);
        gate.set(GateState::Open);
        let ended = thread.lock().unwrap().take().unwrap();
        ended.join().unwrap();
        later.count_again(None);
        assert_done(world, &case, &format!("at {one}, then at {two}, in turn"));
        cases.push(case);
    }
    assert_nothing_is_charged_any_more(world, &cases);
    tried(&world.url, Tried::Races, cases.len() - 1);
}

/// Every step with some of the others, all of which come up.
fn pairs(steps: usize) -> impl Iterator<Item = (usize, usize)> {
    const APART: usize = 41;
    (0..steps).flat_map(move |one| {
        (one % APART..steps)
            .step_by(APART)
            .map(move |two| (one, two))
    })
}

fn every_step_of_a_plain_refund_may_run_twice(world: &mut World) {
    every_step_twice(
        world,
        &mut Subscribers::in_the_second_month(world),
        plain_refund,
    );
}

fn every_step_of_a_stop_at_period_end_may_run_twice(world: &mut World) {
    every_step_twice(
        world,
        &mut Subscribers::outside_the_window(world),
        at_period_end,
    );
}

fn every_step_with_a_draft_renewal_may_run_twice(world: &mut World) {
    every_step_twice(
        world,
        &mut Subscribers::in_the_second_month(world),
        draft_renewal,
    );
}

fn every_step_with_a_late_renewal_and_a_lost_answer_may_run_twice(world: &mut World) {
    let subscribers = &mut Subscribers::in_the_second_month(world);
    every_step_twice(world, subscribers, late_renewal_and_a_lost_answer);
}

fn two_that_stood_still_do_nothing_twice_when_the_second_goes_on_first(world: &mut World) {
    let subscribers = &mut Subscribers::in_the_second_month(world);
    the_second_goes_on_first(world, subscribers, late_renewal_and_a_lost_answer);
}

fn two_that_stood_still_do_nothing_twice_when_the_first_goes_on_first(world: &mut World) {
    let subscribers = &mut Subscribers::in_the_second_month(world);
    the_first_goes_on_first(world, subscribers, late_renewal_and_a_lost_answer);
}

on_both_databases! {
    every_step_of_a_plain_refund_may_run_twice,
    every_step_of_a_stop_at_period_end_may_run_twice,
    every_step_with_a_draft_renewal_may_run_twice,
    every_step_with_a_late_renewal_and_a_lost_answer_may_run_twice,
    two_that_stood_still_do_nothing_twice_when_the_second_goes_on_first,
    two_that_stood_still_do_nothing_twice_when_the_first_goes_on_first,
}
