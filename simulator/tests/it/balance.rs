//! Whatever happens, the provider's own balance transactions say the same as the list of money that
//! moved, and nobody gets more than was taken.

use avstem_simulator::{ChargeFee, RefundStart, Shape, Simulator};

use crate::world::{DAY, get, pass, seeded, sum_moved};

/// Numbers that only look random: a multiplicative generator with Knuth's constants.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        let (factor, term) = (6_364_136_223_846_793_005, 1_442_695_040_888_963_407);
        self.0 = self.0.wrapping_mul(factor).wrapping_add(term);
        (self.0 >> 33) % sides
    }

    fn pick(&mut self, from: &[String]) -> String {
        let sides = u64::try_from(from.len()).unwrap();
        from[usize::try_from(self.throw(sides)).unwrap()].clone()
    }
}

/// One thing that can happen to the account's money.
fn happen(sim: &mut Simulator, customer: &str, dice: &mut Dice) {
    let charges = charge_ids(sim);
    let charge = dice.pick(&charges);
    let part = i64::try_from(dice.throw(3_000)).unwrap();
    let disputes = sim.disputes_of(&charge);
    let dispute = disputes.last().map(|found| found.id.clone());
    let dispute = dispute.unwrap_or_default();
    let refund = sim.refunds_of(&charge).last().map(|found| found.id.clone());
    let refund = refund.unwrap_or_default();
    let payouts = sim.payouts();
    let payout = payouts.last().map(|found| found.id.clone());
    let payout = payout.unwrap_or_default();
    match dice.throw(19) {
        0 | 1 => drop(sim.one_off_charge(customer, 1_000 + part)),
        2 | 3 => drop(sim.dashboard_refund(&charge, Some(part))),
        4 => drop(sim.open_dispute(&charge)),
        5 => drop(sim.open_inquiry(&charge)),
        6 => assert!(!sim.escalate_inquiry(&dispute) || !sim.escalate_inquiry(&dispute)),
        7 => assert!(!sim.win_dispute(&dispute) || !sim.win_dispute(&dispute)),
        8 => assert!(!sim.win_dispute_and_fee(&dispute) || !sim.win_dispute(&dispute)),
        9 => assert!(!sim.lose_dispute(&dispute) || !sim.lose_dispute(&dispute)),
        10 => assert!(!sim.appeal_dispute(&dispute) || !sim.appeal_dispute(&dispute)),
        11 => drop(sim.prevent_dispute(&charge)),
        12 => assert!(!sim.fail_refund(&refund) || !sim.fail_refund(&refund)),
        13 => assert!(!sim.cancel_refund(&refund) || !sim.cancel_refund(&refund)),
        14 => drop(sim.pay_out()),
        15 => assert!(!sim.fail_payout(&payout) || !sim.fail_payout(&payout)),
        16 => assert!(!sim.cancel_payout(&payout) || !sim.cancel_payout(&payout)),
        17 => drop(sim.return_payout(&payout)),
        _ => sim.top_up(),
    }
    match dice.throw(5) {
        0 => sim.refunds_start(RefundStart::Processing { after_s: DAY }),
        1 => sim.refunds_start(RefundStart::InsufficientFunds),
        2 => sim.refunds_start(RefundStart::RequiresAction),
        _ => sim.refunds_start(RefundStart::Succeeded),
    }
    pass(sim, i64::try_from(dice.throw(40_000)).unwrap());
}

fn charge_ids(sim: &mut Simulator) -> Vec<String> {
    let page = get(sim, "/v1/charges?limit=20");
    let data = page["data"].as_array().unwrap().iter();
    data.map(|found| found["id"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_balance_is_the_sum_of_all_that_moved_whatever_happens() {
    let mut movements = 0;
    for seed in 1..=60 {
        let mut sim = seeded(Shape::Mixed, seed);
        sim.set_charge_fee(ChargeFee {
            basis_points: 150,
            fixed_minor: 180,
        });
        let customer = sim.create_customer("canary-pii-1@example.test", "Kim", "sv");
        sim.one_off_charge(&customer, 5_000);
        let mut dice = Dice(seed);
        for step in 0..80 {
            happen(&mut sim, &customer, &mut dice);
            assert_eq!(
                sim.balance_minor(),
                sum_moved(&sim),
                "seed {seed}, step {step}"
            );
        }
        for charge in charge_ids(&mut sim) {
            let view = sim.charge_view(&charge).unwrap();
            let disputes = sim.disputes_of(&charge);
            let taken: i64 = disputes
                .iter()
                .filter(|dispute| !dispute.is_charge_refundable)
                .map(|dispute| dispute.amount_minor)
                .sum();
            assert!(
                view.refunded_minor >= 0 && view.refunded_minor + taken <= view.amount_minor,
                "seed {seed}: {view:?} {disputes:?}"
            );
        }
        movements += sim.money_moved().len();
    }
    assert!(movements > 2_000, "{movements}");
}
