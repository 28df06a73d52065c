//! What people, banks and processes do.

use super::run::Run;
use super::weather::{self, Class};
use crate::world::{World, monthly};
use avstem::app::cancellation::{self, RequestCancellation, RequestError, UndoError};
use avstem::app::request_refund::{self, RefundError, RequestRefund};
use avstem_domain::cancellation::RefundChoice;
use avstem_simulator::{
    DisputeTerms, Interval, MovementKind, PaymentBehavior, Plan, RefundFailure, Simulator,
};

pub struct Deed {
    pub of: Class,
    /// How likely, among all that are possible.
    pub weight: usize,
    pub name: &'static str,
    pub done: fn(&mut Run),
}

#[rustfmt::skip]
pub const ALL: &[Deed] = &[
    deed(Class::Daily, 10, "someone subscribes", subscribe),
    deed(Class::Daily, 12, "a cancellation is asked for", cancel),
    deed(Class::Daily, 6, "a refund is asked for", ask_for_a_refund),
    deed(Class::Daily, 3, "a cancellation is taken back", take_back),
    deed(Class::Daily, 3, "a payment method changes", pay_otherwise),
    deed(Class::Daily, 3, "a plan changes", change_the_plan),
    deed(Class::Daily, 6, "a renewal comes early", renew_early),
    deed(Class::Daily, 14, "webhooks come", webhooks_come),
    deed(Class::Daily, 20, "a process works", Run::work),
    deed(Class::Daily, 10, "seconds pass", seconds_pass),
    deed(Class::Daily, 6, "hours pass", hours_pass),
    deed(Class::Daily, 5, "days pass", days_pass),
    deed(Class::Dashboard, 4, "the dashboard refunds", dashboard_refunds),
    deed(Class::Dashboard, 2, "the dashboard ends a subscription", |run| on_one(run, |p, id| p.dashboard_cancel(id))),
    deed(Class::Dashboard, 2, "the dashboard lets one end with its period", |run| on_one(run, |p, id| { p.dashboard_cancel_at_period_end(id); })),
    deed(Class::Dashboard, 2, "the dashboard takes an end back", |run| on_one(run, |p, id| { p.dashboard_uncancel(id); })),
    deed(Class::Banks, 6, "a bank disputes", dispute),
    deed(Class::Banks, 6, "a bank decides", decide_a_dispute),
    deed(Class::Payouts, 3, "the provider pays out", |run| drop(run.world.provider().pay_out())),
    deed(Class::Payouts, 2, "a payout fails or is returned", payout_comes_back),
    deed(Class::Refunds, 4, "refunds begin otherwise", weather::refunds_begin_otherwise),
    deed(Class::Refunds, 5, "a refund moves on", refund_moves_on),
    deed(Class::Answers, 12, "an answer will go wrong", weather::an_answer_goes_wrong),
    deed(Class::Outages, 3, "the provider goes away", weather::the_provider_goes_away),
    deed(Class::Outages, 5, "the provider is back", weather::the_provider_comes_back),
    deed(Class::Lag, 4, "lists lag", weather::lists_lag),
    deed(Class::Deaths, 18, "a process works and dies", Run::work_and_die),
    deed(Class::Pauses, 18, "a process works and stands still", Run::work_slowly),
];

const fn deed(of: Class, weight: usize, name: &'static str, done: fn(&mut Run)) -> Deed {
    Deed {
        of,
        weight,
        name,
        done,
    }
}

fn plans() -> [Plan; 4] {
    let of = |name: &str, amount_minor, tax_minor, interval, trial_days| Plan {
        name: name.to_owned(),
        amount_minor,
        tax_minor,
        interval,
        count: 1,
        trial_days,
    };
    [
        monthly(),
        of("Liten", 9_901, 1_981, Interval::Week, 0),
        of("Stor", 249_000, 49_800, Interval::Year, 0),
        of("Prova", 14_900, 843, Interval::Month, 14),
    ]
}

const PAYMENTS: [PaymentBehavior; 6] = [
    PaymentBehavior::Succeeds,
    PaymentBehavior::Succeeds,
    PaymentBehavior::Succeeds,
    PaymentBehavior::SplitsInTwo,
    PaymentBehavior::StaysProcessing,
    PaymentBehavior::Fails,
];

fn subscribe(run: &mut Run) {
    let plan = run.dice.one_of(&plans());
    let behavior = run.dice.one_of(&PAYMENTS);
    let again = run.dice.happens(20);
    let known = run.dice.any_of(&run.customers).filter(|_| again);
    let mut provider = run.world.provider();
    let customer = known.unwrap_or_else(|| {
        provider.create_customer("canary-pii-8@example.test", "Canary Person", "sv")
    });
    provider.set_payment_behavior(&customer, behavior);
    run.subscriptions.push(provider.subscribe(&customer, &plan));
    drop(provider);
    run.note(&format!("… to {}, {behavior:?}", plan.name));
    run.customers.push(customer);
}

fn pay_otherwise(run: &mut Run) {
    let behavior = run.dice.one_of(&PAYMENTS);
    if let Some(customer) = run.dice.any_of(&run.customers) {
        let mut provider = run.world.provider();
        provider.set_payment_behavior(&customer, behavior);
    }
}

fn cancel(run: &mut Run) {
    let Some(subscription) = run.dice.any_of(&run.subscriptions) else {
        return;
    };
    let keeps = run.dice.happens(20);
    let command = RequestCancellation {
        refund: if keeps {
            RefundChoice::None
        } else {
            RefundChoice::Policy
        },
        ..run.world.request(&subscription)
    };
    match cancellation::request(&run.world.app, command) {
        Ok(requested) => run.note(&format!("… of {subscription}: {:?}", requested.standing)),
        Err(RequestError::NotFound) => run.note("… not known yet"),
        Err(error) => panic!("{error:?}"),
    }
}

/// With a key of the caller's, or without one.
fn ask_for_a_refund(run: &mut Run) {
    let Some(charge) = any_charge(run) else {
        return;
    };
    let named = run.dice.happens(50);
    let command = RequestRefund {
        request_ref: named.then(|| format!("key/{charge}")),
        charge,
        reason: None,
    };
    let outcome = match request_refund::request(&run.world.app, command) {
        Ok(refund) => refund.state,
        Err(RefundError::Rejected(verdict)) => verdict.code.as_str().to_owned(),
        Err(RefundError::Failure(failure)) => panic!("{failure:?}"),
        Err(error) => error.to_string(),
    };
    run.note(&format!("… {outcome}"));
}

fn take_back(run: &mut Run) {
    let all = cancellation::list(&run.world.app, None, None, 100).unwrap();
    let mut ids: Vec<String> = all.into_iter().map(|view| view.row.id).collect();
    ids.sort();
    let Some(id) = run.dice.any_of(&ids) else {
        return;
    };
    match cancellation::undo(&run.world.app, &id) {
        Ok(undoing) => run.note(&format!("… {undoing:?}")),
        Err(UndoError::Failure(failure)) => panic!("{failure:?}"),
        Err(error) => run.note(&format!("… {error}")),
    }
}

fn change_the_plan(run: &mut Run) {
    let plan = run.dice.one_of(&plans()[..3]);
    on_one(run, |provider, id| drop(provider.upgrade(id, &plan)));
}

fn renew_early(run: &mut Run) {
    let paid = run.dice.below(4);
    on_one(run, |provider, id| {
        let invoice = provider.start_renewal(id);
        match paid {
            0 => {}
            1 => {
                provider.open_renewal(&invoice);
            }
            2 => {
                provider.begin_paying_renewal(&invoice);
            }
            _ => {
                provider.pay_renewal(&invoice);
            }
        }
    });
}

/// Some are turned away, and come again.
fn webhooks_come(run: &mut Run) {
    let due = run.world.provider().deliveries_due();
    for delivery in &due {
        if run.dice.happens(20) {
            run.world.provider().delivered(delivery.id, 503);
        } else {
            run.mailroom.acknowledge(delivery);
        }
    }
}

fn seconds_pass(run: &mut Run) {
    let seconds = run.dice.one_of(&[1, 1, 2, 5, 30, 61, 130]);
    run.world.pass_seconds(seconds);
}

fn hours_pass(run: &mut Run) {
    let seconds = run.dice.between(1, 26) * 3_600;
    run.world.pass_seconds(seconds);
}

/// What was turned away must come before the provider gives up, after three days.
fn days_pass(run: &mut Run) {
    run.world
        .provider()
        .faults()
        .outage(avstem_simulator::Outage::Up);
    deliver_all(run);
    let days = run.dice.between(1, 20);
    run.world.pass_days(days);
    run.mailroom.take_in();
}

/// Also what was turned away.
pub fn deliver_all(run: &mut Run) {
    loop {
        run.mailroom.take_in();
        let Some(next) = run.world.provider().next_delivery_at() else {
            return;
        };
        let seconds = next.unix_seconds() - run.world.clock.now().unix_seconds();
        run.world.pass_seconds(seconds.max(0) + 1);
    }
}

fn on_one(run: &mut Run, change: impl FnOnce(&mut Simulator, &str)) {
    if let Some(id) = run.dice.any_of(&run.subscriptions) {
        run.note(&format!("… {id}"));
        change(&mut run.world.provider(), &id);
    }
}

/// The provider's ids of what moved.
fn moved(world: &World, kind: MovementKind) -> Vec<String> {
    let provider = world.provider();
    let of_kind = provider.money_moved().iter().filter(|m| m.kind == kind);
    of_kind.map(|movement| movement.id.clone()).collect()
}

/// The newer ones are the more likely.
fn any_charge(run: &mut Run) -> Option<String> {
    let charges = moved(&run.world, MovementKind::Charge);
    let newest = charges.len().saturating_sub(4);
    let recent = run.dice.happens(60);
    run.dice.any_of(&charges[if recent { newest } else { 0 }..])
}

fn dashboard_refunds(run: &mut Run) {
    let percent = run.dice.one_of(&[10, 50, 100]);
    if let Some(charge) = any_charge(run) {
        let mut provider = run.world.provider();
        let amount = provider.charge_view(&charge).unwrap().amount_minor * percent / 100;
        provider.dashboard_refund(&charge, (percent < 100).then_some(amount.max(1)));
    }
}

fn dispute(run: &mut Run) {
    let kind = run.dice.below(4);
    let Some(charge) = any_charge(run) else {
        return;
    };
    let mut provider = run.world.provider();
    let part = provider.charge_view(&charge).unwrap().amount_minor / 3;
    let terms = DisputeTerms {
        amount_minor: Some(part.max(1)),
        ..DisputeTerms::default()
    };
    let made = match kind {
        0 => provider.open_dispute(&charge),
        1 => provider.open_dispute_of(&charge, terms),
        2 => provider.open_inquiry(&charge),
        _ => provider.prevent_dispute(&charge),
    };
    drop(provider);
    run.note(&format!("… {kind}: {made:?} of {charge}"));
}

fn decide_a_dispute(run: &mut Run) {
    let what = run.dice.below(7);
    let charges = moved(&run.world, MovementKind::Charge);
    let disputes: Vec<String> = charges
        .iter()
        .flat_map(|charge| run.world.provider().disputes_of(charge))
        .map(|dispute| dispute.id)
        .collect();
    let Some(id) = run.dice.any_of(&disputes) else {
        return;
    };
    let mut provider = run.world.provider();
    let done = match what {
        0 => provider.submit_evidence(&id),
        1 => provider.win_dispute(&id),
        2 => provider.win_dispute_and_fee(&id),
        3 => provider.lose_dispute(&id),
        4 => provider.appeal_dispute(&id),
        5 => provider.escalate_inquiry(&id),
        _ => provider.close_inquiry(&id),
    };
    drop(provider);
    run.note(&format!("… {what} of {id}: {done}"));
}

fn payout_comes_back(run: &mut Run) {
    let what = run.dice.below(3);
    let payouts: Vec<String> = run
        .world
        .provider()
        .payouts()
        .into_iter()
        .map(|p| p.id)
        .collect();
    if let Some(id) = run.dice.any_of(&payouts) {
        let mut provider = run.world.provider();
        match what {
            0 => drop(provider.fail_payout(&id)),
            1 => drop(provider.cancel_payout(&id)),
            _ => drop(provider.return_payout(&id)),
        }
    }
}

fn refund_moves_on(run: &mut Run) {
    let what = run.dice.below(6);
    let charges = moved(&run.world, MovementKind::Charge);
    let refunds: Vec<String> = charges
        .iter()
        .flat_map(|charge| run.world.provider().refunds_of(charge))
        .map(|refund| refund.id)
        .collect();
    let Some(id) = run.dice.any_of(&refunds) else {
        return;
    };
    let mut provider = run.world.provider();
    match what {
        0 => provider.top_up(),
        1 | 2 => drop(provider.settle_refund(&id)),
        3 => drop(provider.act_on_refund(&id)),
        4 => drop(provider.cancel_refund(&id)),
        _ => drop(provider.fail_refund_for(&id, RefundFailure::LostOrStolenCard)),
    }
    drop(provider);
    run.note(&format!("… {what} of {id}"));
}
