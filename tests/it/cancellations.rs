//! The main job: a cancellation from the click to the refund.

use crate::world::World;

fn a_cancellation_refunds_only_the_latest_charge(world: &mut World) {
    let (_, subscription) = world.subscribe();
    world.pass_days(65);
    world.deliver();
    let charges: Vec<String> =
        world.provider().charges_of(&subscription).iter().map(|charge| charge.id.clone()).collect();
    assert_eq!(charges.len(), 3);
    world.check_books();

    let cancellation = world.cancel(&subscription);
    world.work(2).unwrap();
    world.deliver();

    let view = world.view(&cancellation);
    assert_eq!(view.row.state, "completed", "{:?}", view.row);
    assert_eq!(view.row.stop_mode.as_deref(), Some("immediate"));
    let codes: Vec<&str> = view.verdicts.iter().map(|verdict| verdict.code.as_str()).collect();
    assert_eq!(codes, ["latest_charge", "earlier_period", "earlier_period"]);
    let paid: Vec<usize> = charges.iter().map(|charge| world.refunds_paid(charge)).collect();
    assert_eq!(paid, [0, 0, 1]);
    assert_eq!(world.provider().subscription_view(&subscription).unwrap().status, "canceled");
    assert_eq!(world.balance("liabilities:refunds_payable"), "0.00");
    world.check_books();
}

on_both_databases! {
    a_cancellation_refunds_only_the_latest_charge,
}
