use avstem_simulator::{DisputeTerms, MovementKind, RefundStart, Shape, Simulator};
use avstem_webhooks::outbound::Method;
use serde_json::{Value, json};

use crate::world::{DAY, call, charged, get, kinds_since, last, pass, refund_request, request};
use crate::world::{subscribed, sum_moved};

fn shown(sim: &mut Simulator, dispute: &str) -> Value {
    get(sim, &format!("/v1/disputes/{dispute}"))
}

/// What the provider answers to a refund of one krona of the charge: `succeeded` or an error's code.
fn refusal(sim: &mut Simulator, charge: &str) -> String {
    let key = format!("k{}", sim.requests_seen().len());
    let (_, body) = call(sim, &refund_request(charge, 100, &key));
    let code = body["error"]["code"].as_str().or(body["status"].as_str());
    code.unwrap().to_owned()
}

fn part(amount_minor: i64) -> DisputeTerms {
    DisputeTerms {
        amount_minor: Some(amount_minor),
        ..DisputeTerms::default()
    }
}

#[test]
fn a_dispute_takes_the_money_and_a_fee_and_says_so() {
    let (mut sim, charge, _) = charged();
    let before = sim.all_events().len();
    let dispute = sim.open_dispute(&charge).unwrap();
    assert_eq!(
        kinds_since(&sim, before),
        [
            "charge.dispute.created",
            "charge.dispute.funds_withdrawn",
            "charge.updated"
        ]
    );
    let told = last(&sim, "charge.dispute.funds_withdrawn");
    assert_eq!(told, shown(&mut sim, &dispute));
    assert_eq!(told["status"], "needs_response");
    assert_eq!(told["amount"], 12_500);
    assert_eq!(told["is_charge_refundable"], false);
    let card = &told["payment_method_details"]["card"];
    assert_eq!(card["case_type"], "chargeback");
    let taken = &told["balance_transactions"][0];
    assert_eq!(
        (&taken["amount"], &taken["fee"], &taken["net"]),
        (&json!(-12_500), &json!(15_000), &json!(-27_500))
    );
    assert_eq!(
        (&taken["type"], &taken["reporting_category"]),
        (&json!("adjustment"), &json!("dispute"))
    );
    assert_eq!(taken["source"], dispute.as_str());
    assert_eq!(taken["fee_details"][0]["amount"], 15_000);
    assert_eq!(last(&sim, "charge.updated")["disputed"], true);
    assert_eq!(sum_moved(&sim), 12_500 - 27_500);
    assert_eq!(sim.balance_minor(), 12_500 - 27_500);
}

#[test]
fn evidence_is_counted_and_due_within_a_week() {
    let (mut sim, charge, _) = charged();
    let dispute = sim.open_dispute(&charge).unwrap();
    let due_by = sim.now().unix_seconds() + 7 * DAY;
    let details = |sim: &mut Simulator| shown(sim, &dispute)["evidence_details"].clone();
    let fresh = json!({
        "due_by": due_by, "has_evidence": false, "past_due": false, "submission_count": 0,
    });
    assert_eq!(details(&mut sim), fresh);
    let before = sim.all_events().len();
    assert!(sim.submit_evidence(&dispute));
    assert!(!sim.submit_evidence(&dispute));
    assert_eq!(kinds_since(&sim, before), ["charge.dispute.updated"]);
    pass(&mut sim, 7 * DAY);
    let answered = json!({
        "due_by": due_by, "has_evidence": true, "past_due": false, "submission_count": 1,
    });
    assert_eq!(details(&mut sim), answered);
    pass(&mut sim, 1);
    assert_eq!(details(&mut sim)["past_due"], true);
    assert_eq!(shown(&mut sim, &dispute)["status"], "under_review");
}

#[test]
fn a_won_dispute_gives_the_money_back_with_or_without_the_fee() {
    for (gives_fee, balance) in [(false, -2_500), (true, 12_500)] {
        let (mut sim, charge, _) = charged();
        let dispute = sim.open_dispute(&charge).unwrap();
        sim.submit_evidence(&dispute);
        let before = sim.all_events().len();
        let won = if gives_fee {
            sim.win_dispute_and_fee(&dispute)
        } else {
            sim.win_dispute(&dispute)
        };
        assert!(won && !sim.win_dispute(&dispute) && !sim.lose_dispute(&dispute));
        assert_eq!(
            kinds_since(&sim, before),
            [
                "charge.dispute.funds_reinstated",
                "charge.dispute.closed",
                "charge.updated"
            ]
        );
        let closed = last(&sim, "charge.dispute.closed");
        assert_eq!(closed["status"], "won");
        let back = &closed["balance_transactions"][1];
        assert_eq!(back["amount"], 12_500);
        assert_eq!(back["fee"], if gives_fee { -15_000 } else { 0 });
        assert_eq!(back["reporting_category"], "dispute_reversal");
        assert_eq!(sim.balance_minor(), balance);
        assert_eq!(sum_moved(&sim), balance);
        assert_eq!(refusal(&mut sim, &charge), "succeeded");
    }
}

#[test]
fn a_lost_dispute_moves_no_more_money_and_can_be_appealed() {
    let (mut sim, charge, _) = charged();
    let dispute = sim.open_dispute(&charge).unwrap();
    let moved = sim.money_moved().len();
    let before = sim.all_events().len();
    assert!(!sim.appeal_dispute(&dispute));
    assert!(sim.lose_dispute(&dispute));
    assert_eq!(kinds_since(&sim, before), ["charge.dispute.closed"]);
    assert_eq!(shown(&mut sim, &dispute)["status"], "lost");
    assert!(sim.appeal_dispute(&dispute) && !sim.appeal_dispute(&dispute));
    assert_eq!(shown(&mut sim, &dispute)["status"], "appeal_needs_response");
    assert!(sim.submit_evidence(&dispute));
    assert_eq!(shown(&mut sim, &dispute)["status"], "appeal_under_review");
    assert_eq!(refusal(&mut sim, &charge), "charge_disputed");
    assert_eq!(sim.money_moved().len(), moved);
    assert!(sim.win_dispute(&dispute));
    assert_eq!(sim.balance_minor(), 12_500 - 15_000);
}

#[test]
fn an_inquiry_moves_no_money_and_lets_refunds_pass() {
    let (mut sim, charge, _) = charged();
    let before = sim.all_events().len();
    let inquiry = sim.open_inquiry(&charge).unwrap();
    assert_eq!(
        kinds_since(&sim, before),
        ["charge.dispute.created", "charge.updated"]
    );
    let told = last(&sim, "charge.dispute.created");
    assert_eq!(told["status"], "warning_needs_response");
    assert_eq!(told["is_charge_refundable"], true);
    assert_eq!(told["balance_transactions"], json!([]));
    let card = &told["payment_method_details"]["card"];
    assert_eq!(card["case_type"], "inquiry");
    assert_eq!(sim.money_moved().len(), 1);
    assert!(sim.submit_evidence(&inquiry));
    assert_eq!(shown(&mut sim, &inquiry)["status"], "warning_under_review");
    assert_eq!(refusal(&mut sim, &charge), "succeeded");
    assert!(!sim.win_dispute(&inquiry) && !sim.lose_dispute(&inquiry));
    assert!(sim.close_inquiry(&inquiry) && !sim.close_inquiry(&inquiry));
    assert_eq!(shown(&mut sim, &inquiry)["status"], "warning_closed");
    assert!(!sim.escalate_inquiry(&inquiry));
    assert_eq!(refusal(&mut sim, &charge), "succeeded");
}

#[test]
fn a_full_refund_answers_an_inquiry() {
    let (mut sim, charge, _) = charged();
    let inquiry = sim.open_inquiry(&charge).unwrap();
    sim.dashboard_refund(&charge, Some(5_000)).unwrap();
    assert_eq!(
        shown(&mut sim, &inquiry)["status"],
        "warning_needs_response"
    );
    let before = sim.all_events().len();
    sim.dashboard_refund(&charge, None).unwrap();
    assert_eq!(
        kinds_since(&sim, before),
        ["refund.created", "charge.refunded", "charge.dispute.closed"]
    );
    assert_eq!(shown(&mut sim, &inquiry)["status"], "warning_closed");
    assert_eq!(sim.open_dispute(&charge), None);
    assert_eq!(sim.open_inquiry(&charge), None);
    assert_eq!(sim.balance_minor(), 0);
}

#[test]
fn an_inquiry_becomes_a_chargeback_of_what_was_not_refunded_meanwhile() {
    let (mut sim, charge, _) = charged();
    let inquiry = sim.open_inquiry(&charge).unwrap();
    sim.dashboard_refund(&charge, Some(2_500)).unwrap();
    let before = sim.all_events().len();
    assert!(sim.escalate_inquiry(&inquiry) && !sim.escalate_inquiry(&inquiry));
    assert_eq!(
        kinds_since(&sim, before),
        [
            "charge.dispute.updated",
            "charge.dispute.funds_withdrawn",
            "charge.updated"
        ]
    );
    let now = shown(&mut sim, &inquiry);
    assert_eq!(
        (&now["status"], &now["amount"]),
        (&json!("needs_response"), &json!(10_000))
    );
    let card = &now["payment_method_details"]["card"];
    assert_eq!(card["case_type"], "chargeback");
    assert_eq!(refusal(&mut sim, &charge), "charge_disputed");
    assert_eq!(sim.balance_minor(), -15_000);
}

#[test]
fn a_prevented_dispute_is_paid_back_already_and_costs_no_fee() {
    let (mut sim, charge, _) = charged();
    let before = sim.all_events().len();
    let dispute = sim.prevent_dispute(&charge).unwrap();
    assert_eq!(
        kinds_since(&sim, before),
        [
            "charge.dispute.created",
            "charge.dispute.funds_withdrawn",
            "charge.dispute.closed",
            "charge.updated"
        ]
    );
    let told = shown(&mut sim, &dispute);
    assert_eq!(told["status"], "prevented");
    assert_eq!(told["is_charge_refundable"], false);
    assert!(told["evidence_details"]["due_by"].is_null());
    assert_eq!(refusal(&mut sim, &charge), "charge_disputed");
    assert!(!sim.submit_evidence(&dispute) && !sim.win_dispute(&dispute));
    assert_eq!(sim.balance_minor(), 0);
}

#[test]
fn a_charge_is_refundable_only_when_all_of_its_disputes_allow_it() {
    let (mut sim, charge, _) = charged();
    let first = sim.open_dispute_of(&charge, part(4_000)).unwrap();
    let second = sim.open_dispute_of(&charge, part(3_000)).unwrap();
    let third = sim.open_dispute(&charge).unwrap();
    assert_eq!(sim.open_dispute(&charge), None, "nothing is left");
    assert_eq!(sim.dispute_view(&third).unwrap().amount_minor, 5_500);
    for dispute in [&first, &second] {
        assert!(sim.win_dispute(dispute));
        assert_eq!(refusal(&mut sim, &charge), "charge_disputed");
    }
    assert!(sim.win_dispute(&third));
    assert_eq!(refusal(&mut sim, &charge), "succeeded");
    let disputes = sim.disputes_of(&charge);
    assert!(disputes.iter().all(|dispute| dispute.status == "won"));
    assert_eq!(sim.balance_minor(), 12_500 - 3 * 15_000 - 100);
}

#[test]
fn a_refund_under_way_fails_when_the_bank_is_faster() {
    for (start, left) in [
        (RefundStart::Processing { after_s: 600 }, true),
        (RefundStart::InsufficientFunds, false),
        (RefundStart::RequiresAction, false),
    ] {
        let (mut sim, charge, _) = charged();
        sim.refunds_start(start);
        let refund = sim.dashboard_refund(&charge, None).unwrap();
        let before = sim.all_events().len();
        let dispute = sim.open_dispute(&charge).unwrap();
        let kinds = kinds_since(&sim, before);
        assert_eq!(kinds[..2], ["refund.failed", "charge.updated"], "{start:?}");
        let failed = get(&mut sim, &format!("/v1/refunds/{refund}"));
        assert_eq!(
            failed["failure_reason"],
            "charge_for_pending_refund_disputed"
        );
        assert_eq!(failed["failure_balance_transaction"].is_string(), left);
        assert_eq!(sim.dispute_view(&dispute).unwrap().amount_minor, 12_500);
        pass(&mut sim, DAY);
        assert_eq!(sim.refunds_of(&charge)[0].status, "failed");
        assert_eq!(sim.balance_minor(), -15_000, "{start:?}");
        assert_eq!(sum_moved(&sim), -15_000, "{start:?}");
    }
}

#[test]
fn a_refund_that_has_succeeded_is_not_disputed_again() {
    let (mut sim, charge, _) = charged();
    sim.dashboard_refund(&charge, Some(2_500)).unwrap();
    let dispute = sim.open_dispute(&charge).unwrap();
    assert_eq!(sim.dispute_view(&dispute).unwrap().amount_minor, 10_000);
    assert_eq!(sim.refunds_of(&charge)[0].status, "succeeded");
}

#[test]
fn disputes_are_listed_by_charge_payment_and_time_in_pages() {
    let (mut sim, charge, _) = charged();
    let (_, other, _) = subscribed(Shape::Newer);
    let mut made: Vec<String> = Vec::new();
    for amount in [100, 200, 300] {
        made.insert(0, sim.open_dispute_of(&charge, part(amount)).unwrap());
        pass(&mut sim, 60);
    }
    let intent = sim.charge_view(&charge).unwrap().payment_intent;
    let first = sim.now().unix_seconds() - 180;
    let ids = |sim: &mut Simulator, query: &str| -> Vec<String> {
        let page = get(sim, &format!("/v1/disputes?{query}"));
        let data = page["data"].as_array().unwrap().clone();
        let ids = data.iter().map(|found| found["id"].as_str().unwrap());
        ids.map(str::to_owned).collect()
    };
    assert_eq!(ids(&mut sim, &format!("charge={charge}")), made);
    assert_eq!(ids(&mut sim, &format!("payment_intent={intent}")), made);
    assert!(ids(&mut sim, &format!("charge={other}")).is_empty());
    assert_eq!(
        ids(&mut sim, &format!("created[gt]={first}")),
        made[..2],
        "newer than the first"
    );
    let page = get(&mut sim, "/v1/disputes?limit=2");
    assert_eq!(page["has_more"], true);
    let after = format!("limit=2&starting_after={}", made[1]);
    assert_eq!(ids(&mut sim, &after), made[2..]);
    let unknown = request(Method::Get, "/v1/disputes/du_none");
    assert_eq!(call(&mut sim, &unknown).0, 404);
}

#[test]
fn a_dispute_of_a_whole_charge_ends_the_subscription_where_the_account_is_set_so() {
    let (mut sim, charge, subscription) = charged();
    sim.open_dispute(&charge);
    let status = |sim: &Simulator| sim.subscription_view(&subscription).unwrap().status;
    assert_eq!(status(&sim), "active");
    let (mut sim, charge, subscription) = charged();
    let status = |sim: &Simulator| sim.subscription_view(&subscription).unwrap().status;
    sim.cancel_disputed_subscriptions();
    sim.open_dispute_of(&charge, part(12_499));
    sim.open_inquiry_of(&charge, part(12_500));
    assert_eq!(status(&sim), "active");
    sim.open_dispute_of(&charge, part(12_500));
    assert_eq!(status(&sim), "canceled");
    let ended = last(&sim, "customer.subscription.deleted");
    assert_eq!(ended["cancellation_details"]["reason"], "payment_disputed");
}

#[test]
fn charges_that_took_no_money_are_not_disputed() {
    let (mut sim, customer, _) = subscribed(Shape::Newer);
    sim.set_payment_behavior(&customer, avstem_simulator::PaymentBehavior::Fails);
    let failed = sim.one_off_charge(&customer, 500);
    assert_eq!(sim.open_dispute(&failed), None);
    assert_eq!(sim.open_dispute("ch_none"), None);
    assert_eq!(sim.open_dispute_of(&failed, part(100)), None);
    assert!(!sim.win_dispute("du_none"));
    let kinds = sim.money_moved().iter().map(|moved| moved.kind);
    assert_eq!(kinds.collect::<Vec<_>>(), [MovementKind::Charge]);
}
