//! What becomes of refunds between asking and the customer's money.

use avstem_simulator::{RefundFailure, RefundStart, Simulator};
use serde_json::Value;

use crate::world::{DAY, charged, get, kinds_since, pass, post, sum_moved};

/// A refund of all of a charge: simulator, charge, refund.
fn refunding(start: RefundStart) -> (Simulator, String, String) {
    let (mut sim, charge, _) = charged();
    sim.refunds_start(start);
    let refund = sim.dashboard_refund(&charge, None).unwrap();
    (sim, charge, refund)
}

fn shown(sim: &mut Simulator, refund: &str) -> Value {
    get(sim, &format!("/v1/refunds/{refund}"))
}

#[test]
fn a_short_balance_keeps_refunds_waiting_until_it_is_topped_up() {
    let (mut sim, charge, refund) = refunding(RefundStart::InsufficientFunds);
    let waiting = shown(&mut sim, &refund);
    assert_eq!(waiting["status"], "pending");
    assert_eq!(waiting["pending_reason"], "insufficient_funds");
    assert!(waiting["balance_transaction"].is_null());
    assert_eq!((sim.balance_minor(), sum_moved(&sim)), (12_500, 12_500));
    assert_eq!(sim.charge_view(&charge).unwrap().refunded_minor, 12_500);
    pass(&mut sim, 20 * DAY);
    assert_eq!(sim.refunds_of(&charge)[0].status, "pending");
    let before = sim.all_events().len();
    sim.top_up();
    assert_eq!(kinds_since(&sim, before), ["refund.updated"]);
    let done = shown(&mut sim, &refund);
    assert_eq!(done["status"], "succeeded");
    assert!(done["pending_reason"].is_null() && done["balance_transaction"].is_string());
    assert_eq!((sim.balance_minor(), sum_moved(&sim)), (0, 0));
    assert!(!sim.settle_refund(&refund));
}

#[test]
fn after_a_top_up_refunds_succeed_at_once() {
    let (mut sim, charge, _) = charged();
    sim.refunds_start(RefundStart::InsufficientFunds);
    sim.dashboard_refund(&charge, Some(100)).unwrap();
    sim.top_up();
    sim.dashboard_refund(&charge, Some(200)).unwrap();
    let refunds = sim.refunds_of(&charge);
    assert!(refunds.iter().all(|refund| refund.status == "succeeded"));
}

#[test]
fn a_top_up_does_not_hurry_what_waits_for_something_else() {
    let (mut sim, charge, _) = refunding(RefundStart::Processing { after_s: 600 });
    sim.top_up();
    assert_eq!(sim.refunds_of(&charge)[0].status, "pending");
    assert_eq!(
        sim.refunds_of(&charge)[0].pending_reason,
        Some("processing")
    );
}

#[test]
fn a_refund_waits_for_the_charges_own_money() {
    let (mut sim, charge, refund) = refunding(RefundStart::ChargePending { after_s: 3 * DAY });
    assert_eq!(shown(&mut sim, &refund)["pending_reason"], "charge_pending");
    assert_eq!(sim.balance_minor(), 12_500);
    pass(&mut sim, 3 * DAY - 1);
    assert_eq!(sim.refunds_of(&charge)[0].status, "pending");
    pass(&mut sim, 1);
    assert_eq!(sim.refunds_of(&charge)[0].status, "succeeded");
    assert_eq!((sim.balance_minor(), sum_moved(&sim)), (0, 0));
}

#[test]
fn a_refund_may_need_the_customer_first() {
    let (mut sim, charge, refund) = refunding(RefundStart::RequiresAction);
    assert_eq!(shown(&mut sim, &refund)["status"], "requires_action");
    assert!(!sim.settle_refund(&refund));
    assert_eq!(sim.balance_minor(), 12_500);
    assert!(sim.act_on_refund(&refund) && !sim.act_on_refund(&refund));
    assert_eq!(shown(&mut sim, &refund)["pending_reason"], "processing");
    assert_eq!(sim.balance_minor(), 0);
    assert!(sim.settle_refund(&refund));
    assert_eq!(sim.refunds_of(&charge)[0].status, "succeeded");
    assert_eq!((sim.balance_minor(), sum_moved(&sim)), (0, 0));
}

#[test]
fn only_a_refund_that_needs_the_customer_can_be_called_off_by_the_api() {
    let (mut sim, charge, refund) = refunding(RefundStart::RequiresAction);
    let before = sim.all_events().len();
    let cancel = format!("/v1/refunds/{refund}/cancel");
    let (status, body) = post(&mut sim, &cancel, "");
    assert_eq!((status, &body["status"]), (200, &"canceled".into()));
    assert_eq!(
        kinds_since(&sim, before),
        ["refund.updated", "charge.updated"]
    );
    assert_eq!(sim.charge_view(&charge).unwrap().refunded_minor, 0);
    assert_eq!((sim.balance_minor(), sum_moved(&sim)), (12_500, 12_500));
    assert_eq!(post(&mut sim, &cancel, "").0, 400);
    assert_eq!(post(&mut sim, "/v1/refunds/re_none/cancel", "").0, 404);
    let (mut sim, _, refund) = refunding(RefundStart::Processing { after_s: 600 });
    let cancel = format!("/v1/refunds/{refund}/cancel");
    assert_eq!(post(&mut sim, &cancel, "").0, 400);
}

#[test]
fn a_refund_under_way_that_is_taken_back_returns_what_had_left() {
    let (mut sim, charge, refund) = refunding(RefundStart::Processing { after_s: 600 });
    assert_eq!(sim.balance_minor(), 0);
    assert!(sim.cancel_refund(&refund) && !sim.cancel_refund(&refund));
    assert_eq!((sim.balance_minor(), sum_moved(&sim)), (12_500, 12_500));
    pass(&mut sim, 600);
    assert_eq!(sim.refunds_of(&charge)[0].status, "canceled");
    sim.refunds_start(RefundStart::Succeeded);
    let again = sim.dashboard_refund(&charge, None).unwrap();
    assert!(!sim.cancel_refund(&again));
    assert_eq!((sim.balance_minor(), sum_moved(&sim)), (0, 0));
}

#[test]
fn a_failed_refund_says_why_and_what_gave_the_money_back() {
    let reasons = [
        (RefundFailure::LostOrStolenCard, "lost_or_stolen_card"),
        (
            RefundFailure::ExpiredOrCanceledCard,
            "expired_or_canceled_card",
        ),
        (RefundFailure::Declined, "declined"),
        (RefundFailure::InsufficientFunds, "insufficient_funds"),
        (RefundFailure::MerchantRequest, "merchant_request"),
        (RefundFailure::Unknown, "unknown"),
    ];
    for (failure, told) in reasons {
        let (mut sim, charge, refund) = refunding(RefundStart::Succeeded);
        pass(&mut sim, 9 * DAY);
        assert!(sim.fail_refund_for(&refund, failure));
        assert!(!sim.fail_refund_for(&refund, failure));
        let failed = shown(&mut sim, &refund);
        assert_eq!(failed["failure_reason"], told);
        let back = failed["failure_balance_transaction"].as_str().unwrap();
        let back = get(&mut sim, &format!("/v1/balance_transactions/{back}"));
        assert_eq!(back["reporting_category"], "refund_failure");
        assert_eq!(back["amount"], 12_500);
        assert_eq!(sim.refunds_of(&charge)[0].failure_reason, Some(told));
        assert_eq!((sim.balance_minor(), sum_moved(&sim)), (12_500, 12_500));
    }
}
