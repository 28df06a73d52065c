use avstem_simulator::{ChargeFee, MovementKind, Simulator};
use avstem_webhooks::outbound::Method;
use serde_json::{Value, json};

use crate::world::{DAY, at, call, charged, get, kinds_since, last, pass, request, sum_moved};

/// The balance transactions of a payout, oldest first.
fn members(sim: &mut Simulator, payout: &str) -> Vec<Value> {
    let target = format!("/v1/balance_transactions?payout={payout}&limit=100");
    let page = get(sim, &target);
    assert_eq!(page["has_more"], false);
    let mut members = page["data"].as_array().unwrap().clone();
    members.reverse();
    members
}

fn types(transactions: &[Value]) -> Vec<&str> {
    let types = transactions.iter().map(|found| found["type"].as_str());
    types.map(Option::unwrap).collect()
}

fn nets(transactions: &[Value]) -> Vec<i64> {
    let nets = transactions.iter().map(|found| found["net"].as_i64());
    nets.map(Option::unwrap).collect()
}

/// The payout's money arrives and its balance transactions can be listed.
fn settle(sim: &mut Simulator) {
    pass(sim, 3 * DAY);
}

#[test]
fn a_payout_takes_everything_and_says_where_it_is() {
    let (mut sim, charge, _) = charged();
    sim.dashboard_refund(&charge, Some(2_500)).unwrap();
    let before = sim.all_events().len();
    let payout = sim.pay_out().unwrap();
    assert_eq!(sim.pay_out(), None);
    assert_eq!((sim.balance_minor(), sum_moved(&sim)), (0, 0));
    let told = last(&sim, "payout.created");
    assert_eq!(told, get(&mut sim, &format!("/v1/payouts/{payout}")));
    let arrives = at("2026-11-02T00:00:00Z").unix_seconds();
    for (field, value) in [
        ("amount", json!(10_000)),
        ("arrival_date", json!(arrives)),
        ("automatic", json!(true)),
        ("status", json!("pending")),
        ("reconciliation_status", json!("in_progress")),
        ("trace_id", json!({ "status": "pending", "value": null })),
        ("original_payout", Value::Null),
        ("reversed_by", Value::Null),
        ("failure_code", Value::Null),
    ] {
        assert_eq!(told[field], value, "{field}");
    }
    pass(&mut sim, 6 * 3_600);
    assert_eq!(last(&sim, "payout.updated")["status"], "in_transit");
    sim.advance_to(at("2026-11-02T00:00:00Z"));
    let paid = last(&sim, "payout.paid");
    assert_eq!(paid["trace_id"]["status"], "supported");
    assert!(paid["trace_id"]["value"].is_string());
    settle(&mut sim);
    assert_eq!(
        kinds_since(&sim, before),
        [
            "payout.created",
            "payout.updated",
            "payout.paid",
            "payout.reconciliation_completed"
        ]
    );
    let itemised = last(&sim, "payout.reconciliation_completed");
    assert_eq!(itemised["reconciliation_status"], "completed");
}

#[test]
fn the_members_of_a_payout_add_up_to_it_and_are_listed_only_when_they_can_be() {
    let (mut sim, charge, _) = charged();
    sim.set_charge_fee(ChargeFee {
        basis_points: 150,
        fixed_minor: 180,
    });
    pass(&mut sim, 32 * DAY);
    sim.dashboard_refund(&charge, Some(500)).unwrap();
    let dispute = sim.open_dispute(&charge).unwrap();
    sim.win_dispute_and_fee(&dispute);
    let payout = sim.pay_out().unwrap();
    assert_eq!(types(&members(&mut sim, &payout)), ["payout"]);
    settle(&mut sim);
    let members = members(&mut sim, &payout);
    assert_eq!(
        types(&members),
        [
            "charge",
            "charge",
            "refund",
            "adjustment",
            "adjustment",
            "payout"
        ]
    );
    let fee = 12_500 * 150 / 10_000 + 180;
    assert_eq!(
        nets(&members),
        [12_500, 12_500 - fee, -500, -27_000, 27_000, -(24_500 - fee)]
    );
    assert_eq!(members[1]["fee"], fee);
    assert_eq!(members[1]["fee_details"][0]["amount"], fee);
    assert_eq!(sim.payout_view(&payout).unwrap().amount_minor, 24_500 - fee);
    let fees = sim.money_moved().iter();
    let mut fees = fees.filter(|moved| moved.kind == MovementKind::ChargeFee);
    assert_eq!(fees.next().unwrap().amount_minor, fee);
    assert_eq!((sim.balance_minor(), sum_moved(&sim)), (0, 0));
}

#[test]
fn a_failed_payout_comes_back_and_is_part_of_the_next() {
    for days in [0, 1, 3] {
        let (mut sim, _, _) = charged();
        let payout = sim.pay_out().unwrap();
        pass(&mut sim, days * DAY);
        assert!(sim.fail_payout(&payout) && !sim.fail_payout(&payout));
        let told = last(&sim, "payout.failed");
        assert_eq!(
            (&told["status"], &told["failure_code"]),
            (&json!("failed"), &json!("account_closed")),
            "after {days} days"
        );
        let back = told["failure_balance_transaction"].as_str().unwrap();
        let back = get(&mut sim, &format!("/v1/balance_transactions/{back}"));
        assert_eq!(
            (&back["type"], &back["amount"], &back["source"]),
            (&json!("payout_failure"), &json!(12_500), &told["id"])
        );
        assert_eq!((sim.balance_minor(), sum_moved(&sim)), (12_500, 12_500));
        let next = sim.pay_out().unwrap();
        settle(&mut sim);
        assert_eq!(
            types(&members(&mut sim, &next)),
            ["payout_failure", "payout"]
        );
        assert_eq!(sim.payout_view(&payout).unwrap().status, "failed");
        assert_eq!(sim.payout_view(&next).unwrap().status, "paid");
    }
}

#[test]
fn only_what_has_not_left_can_be_cancelled() {
    let (mut sim, _, _) = charged();
    let payout = sim.pay_out().unwrap();
    assert!(sim.cancel_payout(&payout) && !sim.cancel_payout(&payout));
    let told = last(&sim, "payout.canceled");
    assert_eq!(told["status"], "canceled");
    let back = told["failure_balance_transaction"].as_str().unwrap();
    let back = get(&mut sim, &format!("/v1/balance_transactions/{back}"));
    assert_eq!(
        (&back["type"], &back["reporting_category"]),
        (&json!("payout_cancel"), &json!("payout_reversal"))
    );
    assert_eq!((sim.balance_minor(), sum_moved(&sim)), (12_500, 12_500));
    let next = sim.pay_out().unwrap();
    pass(&mut sim, 6 * 3_600);
    assert!(!sim.cancel_payout(&next));
    assert!(!sim.fail_payout(&payout));
}

#[test]
fn a_paid_payout_is_taken_back_by_another() {
    let (mut sim, _, _) = charged();
    let payout = sim.pay_out().unwrap();
    assert_eq!(sim.return_payout(&payout), None, "it is not paid yet");
    settle(&mut sim);
    let before = sim.all_events().len();
    let back = sim.return_payout(&payout).unwrap();
    assert_eq!(sim.return_payout(&payout), None);
    assert_eq!(
        kinds_since(&sim, before),
        ["payout.created", "payout.updated"]
    );
    assert_eq!(last(&sim, "payout.updated")["reversed_by"], back.as_str());
    let told = last(&sim, "payout.created");
    assert_eq!(told["original_payout"], payout.as_str());
    assert_eq!(told["amount"], -12_500);
    assert_eq!(told["automatic"], false);
    assert_eq!(told["reconciliation_status"], "not_applicable");
    assert_eq!((sim.balance_minor(), sum_moved(&sim)), (12_500, 12_500));
    assert!(!sim.fail_payout(&payout));
    settle(&mut sim);
    assert_eq!(sim.payout_view(&back).unwrap().status, "paid");
    assert_eq!(sim.return_payout(&back), None);
    let by_hand = format!("/v1/balance_transactions?payout={back}");
    assert_eq!(call(&mut sim, &request(Method::Get, &by_hand)).0, 400);
}

#[test]
fn a_negative_balance_is_collected_from_the_bank() {
    let (mut sim, charge, _) = charged();
    sim.pay_out().unwrap();
    sim.open_dispute(&charge).unwrap();
    assert_eq!(sim.balance_minor(), -27_500);
    let payout = sim.pay_out().unwrap();
    assert_eq!(sim.payout_view(&payout).unwrap().amount_minor, -27_500);
    assert_eq!((sim.balance_minor(), sum_moved(&sim)), (0, 0));
    settle(&mut sim);
    assert_eq!(nets(&members(&mut sim, &payout)), [-27_500, 27_500]);
    assert!(sim.fail_payout(&payout));
    assert_eq!((sim.balance_minor(), sum_moved(&sim)), (-27_500, -27_500));
    let last = sim.money_moved().last().unwrap();
    assert_eq!(
        (last.kind, last.amount_minor, last.charge.as_str()),
        (MovementKind::Payout, 27_500, "")
    );
}

#[test]
fn nothing_is_paid_out_when_nothing_is_owed() {
    let (mut sim, charge, _) = charged();
    sim.dashboard_refund(&charge, None).unwrap();
    assert_eq!(sim.pay_out(), None);
    assert!(sim.payouts().is_empty());
}

#[test]
fn payouts_and_balance_transactions_are_listed_by_what_they_are() {
    let (mut sim, charge, subscription) = charged();
    let first = sim.pay_out().unwrap();
    pass(&mut sim, 32 * DAY);
    let refund = sim.dashboard_refund(&charge, Some(700)).unwrap();
    let second = sim.pay_out().unwrap();
    let ids = |sim: &mut Simulator, target: &str| -> Vec<String> {
        let page = get(sim, target);
        let data = page["data"].as_array().unwrap().clone();
        let ids = data.iter().map(|found| found["id"].as_str().unwrap());
        ids.map(str::to_owned).collect()
    };
    assert_eq!(
        ids(&mut sim, "/v1/payouts"),
        [second.clone(), first.clone()]
    );
    assert_eq!(ids(&mut sim, "/v1/payouts?status=paid"), [first.as_str()]);
    let later = sim.now().unix_seconds();
    let target = format!("/v1/payouts?arrival_date[gt]={later}");
    assert_eq!(ids(&mut sim, &target), [second]);
    let shown = get(&mut sim, &format!("/v1/refunds/{refund}"));
    let transaction = shown["balance_transaction"].as_str().unwrap();
    let target = format!("/v1/balance_transactions?source={refund}");
    assert_eq!(ids(&mut sim, &target), [transaction]);
    let charges = ids(&mut sim, "/v1/balance_transactions?type=charge");
    assert_eq!(charges.len(), sim.charges_of(&subscription).len());
    let target = "/v1/balance_transactions?currency=eur";
    assert!(ids(&mut sim, target).is_empty());
    let target = format!("/v1/balance_transactions?created[gte]={later}");
    assert_eq!(ids(&mut sim, &target).len(), 2);
    let target = format!("/v1/charges/{charge}?expand[]=balance_transaction");
    let expanded = get(&mut sim, &target);
    assert_eq!(expanded["balance_transaction"]["source"], charge.as_str());
    for missing in [
        "/v1/payouts/po_none",
        "/v1/balance_transactions/txn_none",
        "/v1/balance_transactions?payout=po_none",
    ] {
        assert_eq!(call(&mut sim, &request(Method::Get, missing)).0, 404);
    }
}
