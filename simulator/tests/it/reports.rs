use avstem_simulator::{ChargeFee, Shape, Simulator, activity_csv, payouts_csv};

use crate::world::{DAY, monthly, pass, simulator};

/// A charge with a fee paid out, its refund that failed, and a payout that failed.
fn eventful() -> Simulator {
    let mut sim = simulator(Shape::Newer);
    sim.set_charge_fee(ChargeFee {
        basis_points: 150,
        fixed_minor: 180,
    });
    let customer = sim.create_customer("canary-pii-2@example.test", "Lo Canary", "sv");
    let subscription = sim.subscribe(&customer, &monthly());
    let charge = sim.charges_of(&subscription)[0].id.clone();
    let refund = sim.dashboard_refund(&charge, None).unwrap();
    sim.fail_refund(&refund);
    sim.pay_out().unwrap();
    pass(&mut sim, 3 * DAY);
    sim.open_dispute(&charge).unwrap();
    let payout = sim.pay_out().unwrap();
    sim.fail_payout(&payout);
    sim
}

#[test]
fn every_change_of_the_balance_is_in_one_report_and_they_come_to_it() {
    let sim = eventful();
    let activity = sim.activity();
    let payouts = sim.payout_activity();
    let categories: Vec<&str> = activity.iter().map(|row| row.category).collect();
    assert_eq!(
        categories,
        ["charge", "refund", "refund_failure", "dispute"]
    );
    let categories: Vec<&str> = payouts.iter().map(|row| row.category).collect();
    assert_eq!(categories, ["payout", "payout", "payout_reversal"]);
    let net: i64 = activity
        .iter()
        .map(|row| row.amount_minor - row.fee_minor)
        .chain(payouts.iter().map(|row| row.amount_minor))
        .sum();
    assert_eq!(net, sim.balance_minor());
    // What went into the first payout is the payout.
    let members = activity
        .iter()
        .filter(|row| row.payout.as_ref() == Some(&payouts[0].payout));
    let members: i64 = members.map(|row| row.amount_minor - row.fee_minor).sum();
    assert_eq!(members, -payouts[0].amount_minor);
    assert!(payouts[0].trace.is_some());
}

#[test]
fn files_have_a_row_for_each_in_major_units() {
    let sim = eventful();
    let file = activity_csv(&sim.activity());
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines.len(), 5);
    let row = &sim.activity()[0];
    assert_eq!(
        lines[1],
        format!(
            "{},2026-10-31 09:00:00,2026-10-31 09:00:00,sek,125.00,3.67,121.33,charge,{},125.00,sek,{}",
            row.transaction,
            row.source,
            row.payout.as_deref().unwrap()
        )
    );
    let file = payouts_csv(&sim.payout_activity());
    let lines: Vec<&str> = file.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[1].contains(",sek,"), "{}", lines[1]);
    assert!(
        lines[1].contains(",-121.33,0.00,-121.33,payout,2026-11-02,paid,"),
        "{}",
        lines[1]
    );
}
