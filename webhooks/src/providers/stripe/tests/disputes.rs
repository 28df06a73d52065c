//! Disputes and payouts, field by field.

use super::*;
use avstem_domain::dispute::{
    Direction, DisputeFact, DisputeMovement, DisputeStatus, Refundability,
};
use avstem_domain::payout::{PayoutFact, PayoutStatus};

fn dispute_of(changes: &[(&str, &str)]) -> DisputeFact {
    let kind = "charge.dispute.created";
    let fact = facts(kind, &object(kind, changes)).remove(0);
    fact.as_dispute().unwrap().clone()
}

fn payout_of(changes: &[(&str, &str)]) -> PayoutFact {
    let kind = "payout.created";
    let fact = facts(kind, &object(kind, changes)).remove(0);
    fact.as_payout().unwrap().clone()
}

fn problem(kind: &str, changes: &[(&str, &str)]) -> String {
    decode(kind, &object(kind, changes))
        .unwrap_err()
        .to_string()
}

#[test]
fn every_status_of_a_dispute_is_read_and_another_is_a_problem_with_its_place() {
    for status in DisputeStatus::ALL {
        let text = format!("\"{status}\"");
        assert_eq!(dispute_of(&[("status", &text)]).status, status);
    }
    let old = dispute_of(&[("status", "\"charge_refunded\"")]);
    assert_eq!(old.status, DisputeStatus::Prevented);
    assert_eq!(
        problem("charge.dispute.created", &[("status", "\"escalated\"")]),
        "data.object.status: is a dispute status we do not know"
    );
}

#[test]
fn a_charge_is_refundable_only_on_the_provider_s_word() {
    let word = |value| dispute_of(&[("is_charge_refundable", value)]).refundability;
    assert_eq!(word("true"), Refundability::Refundable);
    assert_eq!(word("false"), Refundability::NotRefundable);
    assert_eq!(word("null"), Refundability::NotRefundable);
    assert_eq!(word(""), Refundability::NotRefundable);
}

#[test]
fn an_inquiry_has_moved_nothing() {
    let inquiry = dispute_of(&[
        ("status", "\"warning_needs_response\""),
        ("balance_transactions", "[]"),
    ]);
    assert_eq!(inquiry.movements, []);
}

/// The bank took part of a charge in crowns from an account that settles in euros.
#[test]
fn a_movement_in_another_currency_is_of_the_dispute_s_own_amount_and_keeps_its_fee() {
    let line = r#"[{"id":"txn_1","object":"balance_transaction","amount":-930,"created":1793491200,"currency":"eur","fee":1500,"net":-2430}]"#;
    let dispute = dispute_of(&[("amount", "10000"), ("balance_transactions", line)]);
    assert_eq!(
        dispute.movements,
        [DisputeMovement {
            id: avstem_domain::id::ProviderMovementId::parse("txn_1").unwrap(),
            direction: Direction::Withdrawn,
            amount: money(10_000, "SEK"),
            fee: money(1_500, "EUR"),
            at: at(START),
        }]
    );
}

#[test]
fn movements_that_cannot_be_are_problems_with_their_place() {
    let line = |amount: i64, fee: i64| {
        format!(
            r#"[{{"id":"txn_1","amount":{amount},"created":1793491200,"currency":"sek","fee":{fee}}}]"#
        )
    };
    let of = |amount, fee| {
        problem(
            "charge.dispute.created",
            &[("balance_transactions", &line(amount, fee))],
        )
    };
    assert_eq!(
        of(0, 5),
        "data.object.balance_transactions[0].amount: is zero, with a fee"
    );
    assert_eq!(
        of(-5, -5),
        "data.object.balance_transactions[0].fee: is negative on a withdrawal"
    );
    assert_eq!(
        dispute_of(&[("balance_transactions", &line(0, 0))]).movements,
        []
    );
}

#[test]
fn a_payout_may_take_money_from_the_bank_and_its_day_is_the_provider_s() {
    let payout = payout_of(&[("amount", "-5000")]);
    assert_eq!(payout.amount, money(-5_000, "SEK"));
    assert_eq!(payout.arrival_date.to_string(), "2026-11-10");
    for status in PayoutStatus::ALL {
        let text = format!("\"{status}\"");
        assert_eq!(payout_of(&[("status", &text)]).status, status);
    }
    assert_eq!(
        problem("payout.created", &[("status", "\"lost\"")]),
        "data.object.status: is a payout status we do not know"
    );
}

/// Older versions know neither field.
#[test]
fn a_payout_without_trace_and_itemisation_is_read() {
    let payout = payout_of(&[("trace_id", ""), ("reconciliation_status", "")]);
    assert_eq!(payout.trace_id, None);
}

#[test]
fn a_later_state_of_the_same_second_is_newer() {
    let version = |status: &str| {
        let object = object("charge.dispute.created", &[("status", status)]);
        first("charge.dispute.updated", &object).version
    };
    assert!(version("\"under_review\"") > version("\"needs_response\""));
    assert!(version("\"won\"") > version("\"lost\""));
    assert!(!version("\"lost\"").terminal, "it can be appealed");
    let payout = |status: &str| {
        let object = object("payout.created", &[("status", status)]);
        first("payout.updated", &object).version
    };
    assert!(payout("\"failed\"") > payout("\"paid\""));
    assert!(payout("\"failed\"").terminal);
}
