//! Verdicts of a whole plan: which charges are the latest, what is really refunded, who must look.

use super::fixtures::{World, at, id, invoice, month, planned, report, sek};
use super::*;
use crate::refund_policy::Decision;

fn codes(plan: &Plan) -> Vec<(ChargeId, Code)> {
    plan.verdicts.iter().map(|v| (v.charge, v.code)).collect()
}

fn provider(name: &str) -> ProviderChargeId {
    ProviderChargeId::parse(name).unwrap()
}

/// Makes charge 3 the first payment, of 100.00, of an invoice whose rest charge 4 paid.
fn in_two_payments(world: &mut World) {
    world.charge(3).amount = sek(10_000);
    let second = world.add(4, 3);
    second.amount = sek(14_900);
    second.invoice = invoice("in_3");
}

#[test]
fn a_plan_has_one_verdict_for_each_charge_newest_first() {
    let plan = planned(|w| w.facts.charges.reverse());
    let wanted = [
        (id(3), Code::LatestCharge),
        (id(2), Code::EarlierPeriod),
        (id(1), Code::EarlierPeriod),
    ];
    assert_eq!(codes(&plan), wanted);
    assert_eq!(plan.latest_charges, [id(3)]);
    assert_eq!(plan.refunds(), [(id(3), sek(24_900))]);
    assert_eq!(plan.policy_version, "reference-2025-10-02");
    assert_eq!(plan.attention, []);
}

#[test]
fn the_order_in_which_charges_are_given_changes_nothing() {
    let mut world = World::new();
    in_two_payments(&mut world);
    let plan = world.plan();
    world.facts.charges.rotate_left(1);
    assert_eq!(world.plan(), plan);
    world.facts.charges.reverse();
    assert_eq!(world.plan(), plan);
}

#[test]
fn all_payments_of_the_latest_invoice_are_refunded_together() {
    let plan = planned(in_two_payments);
    assert_eq!(plan.latest_charges, [id(4), id(3)]);
    assert_eq!(plan.refunds(), [(id(4), sek(14_900)), (id(3), sek(10_000))]);
}

#[test]
fn parts_of_a_partial_refund_over_several_payments_sum_to_the_share() {
    let plan = planned(|w| {
        in_two_payments(w);
        w.charge(4).delivery = report(7, 2);
    });
    let total: i64 = plan
        .refunds()
        .iter()
        .map(|(_, amount)| amount.minor())
        .sum();
    // 249.00 × 5 / 7 = 177.857…
    assert_eq!(total, 17_786);
    assert!(
        plan.verdicts[..2]
            .iter()
            .all(|v| matches!(v.decision, Decision::PartialRefund(_)))
    );
}

#[test]
fn a_payment_of_the_latest_invoice_made_after_the_request_is_a_late_charge() {
    let plan = planned(|w| {
        in_two_payments(w);
        w.charge(4).paid_at = Some(at("2026-11-10T12:00:01Z"));
    });
    assert_eq!(
        codes(&plan)[..2],
        [
            (id(4), Code::ChargedAfterRequest),
            (id(3), Code::LatestCharge)
        ]
    );
    assert_eq!(plan.latest_charges, [id(3)]);
}

#[test]
fn a_late_renewal_does_not_use_up_the_refund_of_the_latest_charge() {
    let plan = planned(|w| w.ask("2026-10-10T00:00:00Z"));
    assert_eq!(
        codes(&plan)[..2],
        [
            (id(3), Code::ChargedAfterRequest),
            (id(2), Code::LatestCharge)
        ]
    );
    assert_eq!(plan.refunds(), [(id(3), sek(24_900)), (id(2), sek(24_900))]);
}

#[test]
fn a_refunded_or_disputed_latest_charge_is_still_the_latest() {
    let changes: [fn(&mut World); 2] = [
        |w| w.charge(3).refunded = sek(24_900),
        |w| w.charge(3).dispute = DisputeStanding::Blocks,
    ];
    for change in changes {
        let plan = planned(change);
        assert_eq!(plan.latest_charges, [id(3)]);
        assert_eq!(plan.refunds(), []);
    }
}

#[test]
fn of_invoices_whose_periods_end_together_the_one_paid_last_is_the_latest_then_the_greater_id() {
    let by_time = planned(|w| {
        w.add(4, 3);
        w.charge(3).paid_at = Some(at("2026-11-02T00:00:00Z"));
    });
    assert_eq!(by_time.latest_charges, [id(3)]);
    let by_invoice = planned(|w| {
        w.add(4, 3);
    });
    assert_eq!(by_invoice.latest_charges, [id(4)]);
    let without_invoices = planned(|w| {
        w.add(4, 3).invoice = None;
        w.charge(3).invoice = None;
    });
    assert_eq!(without_invoices.latest_charges, [id(4)]);
}

#[test]
fn charges_without_an_invoice_are_not_taken_for_payments_of_one() {
    let plan = planned(|w| {
        w.charge(2).invoice = None;
        w.charge(3).invoice = None;
    });
    assert_eq!(plan.latest_charges, [id(3)]);
}

#[test]
fn a_charge_without_a_period_counts_as_if_it_ended_when_paid() {
    let plan = planned(|w| {
        w.charge(3).period = None;
        w.charge(2).paid_at = Some(at("2026-10-02T00:00:00Z"));
    });
    // Charge 2's period ends on 1 November at 08:00, charge 3 was paid at 09:00.
    assert_eq!(plan.latest_charges, [id(3)]);
    let plan = planned(|w| {
        w.charge(3).period = None;
        w.charge(3).paid_at = Some(at("2026-11-01T07:59:59Z"));
    });
    assert_eq!(plan.latest_charges, [id(2)]);
}

#[test]
fn without_any_recurring_charge_by_the_request_none_is_the_latest() {
    let mut world = World::new();
    assert_eq!(latest_charges(&world.facts, at("2026-09-01T08:59:59Z")), []);
    assert_eq!(
        latest_charges(&world.facts, at("2026-09-01T09:00:00Z")),
        [id(1)]
    );
    for n in 1..=3 {
        world.charge(n).kind = ChargeKind::Other;
    }
    assert_eq!(latest_charges(&world.facts, world.request.judged_at), []);
}

#[test]
fn an_unpaid_charge_is_listed_where_its_period_stands() {
    let plan = planned(|w| {
        w.charge(2).paid_at = None;
        w.charge(2).status = ChargeStatus::Failed;
    });
    let wanted = [
        (id(3), Code::LatestCharge),
        (id(2), Code::NotPaid),
        (id(1), Code::EarlierPeriod),
    ];
    assert_eq!(codes(&plan), wanted);
}

#[test]
fn asking_for_no_refund_shows_the_verdicts_and_refunds_nothing() {
    let plan = planned(|w| w.request.refund = RefundChoice::None);
    assert_eq!(plan.verdicts, planned(|_| {}).verdicts);
    assert_eq!(plan.refunds(), []);
    assert_eq!(plan.attention, []);
}

#[test]
fn a_late_renewal_that_may_not_be_refunded_is_shown_to_a_person() {
    let plan = planned(|w| {
        w.request.refund = RefundChoice::None;
        w.ask("2026-10-31T00:00:00Z");
    });
    let wanted = Attention::ChargedAfterRequestWithoutRefund(provider("ch_3"));
    assert_eq!(
        (plan.attention.clone(), plan.refunds()),
        (vec![wanted], vec![])
    );
}

#[test]
fn a_shared_latest_invoice_needs_a_person_and_moves_no_money_by_itself() {
    let shared = |w: &mut World| w.charge(3).coverage = InvoiceCoverage::SeveralSubscriptions;
    let plan = planned(shared);
    assert_eq!(plan.attention, [Attention::SharedInvoice(provider("ch_3"))]);
    assert_eq!(plan.verdicts[0].decision, Decision::Refund(sek(24_900)));
    assert_eq!(plan.refunds(), []);
    assert_eq!(plan.stop.mode, StopMode::AtPeriodEnd);
}

#[test]
fn a_shared_late_renewal_does_not_hold_up_the_latest_charge() {
    let plan = planned(|w| {
        w.charge(3).coverage = InvoiceCoverage::SeveralSubscriptions;
        w.ask("2026-10-10T00:00:00Z");
    });
    assert_eq!(plan.attention, [Attention::SharedInvoice(provider("ch_3"))]);
    assert_eq!(plan.refunds(), [(id(2), sek(24_900))]);
}

#[test]
fn an_earlier_shared_invoice_needs_nobody() {
    let shared = |w: &mut World| w.charge(2).coverage = InvoiceCoverage::SeveralSubscriptions;
    assert_eq!(planned(shared).attention, []);
}

#[test]
fn amounts_of_two_currencies_in_one_charge_are_an_error() {
    let mut world = World::new();
    let dollars = crate::money::Currency::parse("USD").unwrap();
    world.charge(2).refunded = Money::zero(dollars);
    let planned = plan(&world.facts, world.request, &world.policy, chrono_tz::UTC);
    assert!(matches!(planned, Err(MoneyError::CurrencyMismatch { .. })));
}

#[test]
fn verdicts_carry_the_charge_they_judge() {
    let plan = planned(|_| {});
    let first = &plan.verdicts[0];
    assert_eq!(
        (first.provider_charge.clone(), first.kind),
        (provider("ch_3"), ChargeKind::Renewal)
    );
    assert_eq!((first.amount, first.period), (sek(24_900), Some(month(2))));
}
