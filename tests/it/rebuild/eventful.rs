//! A shop to which everything has happened that is told of by anyone.

use crate::world::{World, monthly};
use avstem::app::cancellation::{self, RequestCancellation};
use avstem_domain::cancellation::RefundChoice;
use avstem_simulator::{Interval, PaymentBehavior, Plan, RefundFailure};

/// What a test plants differences in; the provider's ids.
pub struct Eventful {
    /// Canceled, and its refund came back days later.
    pub canceled: String,
    pub canceled_charge: String,
    /// Paid in two parts, one of which was refunded in the dashboard.
    pub split: String,
    pub split_charge: String,
    /// Never refunded, never disputed.
    pub plain_charge: String,
    pub customer: String,
    pub payout: String,
}

pub fn eventful(world: &World) -> Eventful {
    let (customer, canceled) = world.subscribe();
    let (_, split) = world.subscribe_to(&monthly(), PaymentBehavior::SplitsInTwo);
    let (_, left) = world.subscribe();
    let (_, taken_back) = world.subscribe_to(&weekly(), PaymentBehavior::Succeeds);
    world.pass_days(35);
    world.deliver();
    world.provider().one_off_charge(&customer, 12_300);
    let split_charge = refund_part(world, &split);
    dispute(world, &left);
    let payout = pay_out(world);
    world.deliver();
    world.cancel(&canceled);
    world.work(2).unwrap();
    world.deliver();
    take_back(world, &taken_back);
    leave(world, &left);
    world.pass_days(3);
    let canceled_charge = world.latest_charge(&canceled);
    let refund = world.provider().refunds_of(&canceled_charge)[0].id.clone();
    let failure = RefundFailure::LostOrStolenCard;
    assert!(world.provider().fail_refund_for(&refund, failure));
    world.deliver();
    world.work(2).unwrap();
    let plain_charge = world.charges(&taken_back)[0].clone();
    Eventful {
        canceled,
        canceled_charge,
        split,
        split_charge,
        plain_charge,
        customer,
        payout,
    }
}

fn weekly() -> Plan {
    Plan {
        name: "Vecka".to_owned(),
        amount_minor: 9_900,
        tax_minor: 1_980,
        interval: Interval::Week,
        count: 1,
        trial_days: 0,
    }
}

fn refund_part(world: &World, subscription: &str) -> String {
    let charge = world.latest_charge(subscription);
    world.pass_seconds(60);
    assert!(
        world
            .provider()
            .dashboard_refund(&charge, Some(1_000))
            .is_some()
    );
    charge
}

/// One charge is lost to its bank, another is won back.
fn dispute(world: &World, subscription: &str) {
    let charges = world.charges(subscription);
    for (number, charge) in charges.iter().take(2).enumerate() {
        world.pass_seconds(60);
        let dispute = world.provider().open_dispute(charge).unwrap();
        world.deliver();
        world.pass_days(1);
        let mut provider = world.provider();
        assert!(if number == 0 {
            provider.lose_dispute(&dispute)
        } else {
            provider.win_dispute(&dispute)
        });
    }
}

/// One payout arrives, another comes back.
fn pay_out(world: &World) -> String {
    let arrives = world.provider().pay_out().unwrap();
    world.pass_days(4);
    let returns = world.provider().pay_out();
    world.pass_days(2);
    if let Some(returns) = returns {
        world.provider().fail_payout(&returns);
    }
    arrives
}

fn take_back(world: &World, subscription: &str) {
    world.pass_days(4);
    world.deliver();
    let request = RequestCancellation {
        refund: RefundChoice::None,
        ..world.request(subscription)
    };
    let id = cancellation::request(&world.app, request)
        .unwrap()
        .cancellation
        .id;
    world.work(1).unwrap();
    world.deliver();
    world.pass_seconds(3_600);
    cancellation::undo(&world.app, &id).unwrap();
    world.work(1).unwrap();
    world.deliver();
    assert_eq!(world.view(&id).row.state, "undone");
}

/// Stopped in the dashboard, taken back there, and stopped again.
fn leave(world: &World, subscription: &str) {
    for stops in [true, false, true] {
        world.pass_seconds(600);
        let mut provider = world.provider();
        assert!(if stops {
            provider.dashboard_cancel_at_period_end(subscription)
        } else {
            provider.dashboard_uncancel(subscription)
        });
        drop(provider);
        world.deliver();
    }
}
