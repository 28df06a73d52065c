//! Details of single objects, each a change to a sample.

use super::invoices::payments;
use super::*;
use avstem_domain::charge::ChargeStatus;
use avstem_domain::event::{ChargeFact, InvoiceOfCharge, Presence, SubscriptionFact};
use avstem_domain::subscription::SubscriptionStatus;

fn subscription(of: &str, changes: &[(&str, &str)]) -> SubscriptionFact {
    {
        let Fact::Subscription(fact) =
            first("customer.subscription.updated", &object(of, changes)).fact
        else {
            panic!("another fact")
        };
        fact
    }
}

fn charge(of: &str, changes: &[(&str, &str)]) -> ChargeFact {
    {
        let Fact::Charge(fact) = first("charge.updated", &object(of, changes)).fact else {
            panic!("another fact")
        };
        fact
    }
}

const NEWER: &str = "customer.subscription.created";
const CLASSIC: &str = "customer.subscription.created.classic";

fn item(
    amount: &str,
    currency: &str,
    quantity: &str,
    start: i64,
    end: i64,
    interval: &str,
) -> String {
    format!(
        r#"{{"price":{{"id":"price_{amount}","unit_amount":{amount},"currency":"{currency}","nickname":null,"product":{{"id":"prod_1","name":"Extra"}},"recurring":{{"interval":"{interval}","interval_count":1}}}},"quantity":{quantity},"current_period_start":{start},"current_period_end":{end}}}"#
    )
}

#[test]
fn the_price_is_the_sum_over_the_items_when_they_have_one_cycle_and_one_currency() {
    let price = |items: &[String]| {
        subscription(NEWER, &[("items/data", &format!("[{}]", items.join(",")))]).price
    };
    let (s, e) = (START, START + 100);
    assert_eq!(
        price(&[
            item("500", "sek", "3", s, e, "month"),
            item("250", "sek", "null", s, e, "month")
        ]),
        Some(money(1_750, "SEK"))
    );
    assert_eq!(
        price(&[
            item("500", "sek", "1", s, e, "month"),
            item("250", "eur", "1", s, e, "month")
        ]),
        None
    );
    assert_eq!(
        price(&[
            item("500", "sek", "1", s, e, "month"),
            item("250", "sek", "1", s, e, "year")
        ]),
        None
    );
    assert_eq!(
        price(&[
            item("500", "sek", "1", s, e, "month"),
            item("null", "sek", "1", s, e, "month")
        ]),
        None
    );
    assert_eq!(
        price(&[item("50000", "isk", "2", s, e, "month")]),
        Some(money(1_000, "ISK"))
    );
    assert_eq!(
        subscription(NEWER, &[("items/has_more", "true")]).price,
        None
    );
    let huge = object(
        NEWER,
        &[(
            "items/data",
            &format!(
                "[{}]",
                item("1000000000000000", "sek", "10000", s, e, "month")
            ),
        )],
    );
    assert!(
        decode(NEWER, &huge)
            .unwrap_err()
            .to_string()
            .contains("items.data[0].quantity: makes the price exceed")
    );
}

#[test]
fn the_period_spans_the_items_and_the_plan_names_them() {
    let items = [
        item("1", "sek", "1", START + 50, START + 400, "month"),
        item("2", "sek", "1", START, START + 100, "month"),
    ];
    let fact = subscription(NEWER, &[("items/data", &format!("[{}]", items.join(",")))]);
    let period = fact.current_period.unwrap();
    assert_eq!((period.start(), period.end()), (at(START), at(START + 400)));
    assert_eq!(fact.plan.as_deref(), Some("Extra + Extra"));
    let unnamed = subscription(NEWER, &[("items/data/0/price/nickname", "null")]);
    assert_eq!(
        unnamed.plan.as_deref(),
        Some("price_1SaAaA0000000000000000A1")
    );
    let empty = format!("{START}");
    assert_eq!(
        subscription(NEWER, &[("items/data/0/current_period_end", &empty)]).current_period,
        None
    );
    let before = object(NEWER, &[("items/data/0/current_period_end", "1")]);
    assert!(
        decode(NEWER, &before)
            .unwrap_err()
            .to_string()
            .contains("lies before")
    );
}

#[test]
fn an_item_with_only_a_plan_is_read_like_one_with_a_price() {
    let old = subscription(CLASSIC, &[("items/data/0/price", "")]);
    assert_eq!(old, subscription(CLASSIC, &[]));
    assert_eq!(old.price, Some(money(24_900, "SEK")));
}

#[test]
fn statuses_are_kept_as_stripe_means_them() {
    let expired = subscription(NEWER, &[("status", "\"incomplete_expired\"")]);
    assert_eq!(expired.status, SubscriptionStatus::Expired);
    let paused = subscription(NEWER, &[("pause_collection", r#"{"behavior":"void"}"#)]);
    assert_eq!(paused.status, SubscriptionStatus::Active);
    let status_of_deleted = |status: &str| {
        let object = object(NEWER, &[("status", &format!("\"{status}\""))]);
        {
            let Fact::Subscription(fact) = first("customer.subscription.deleted", &object).fact
            else {
                panic!("another fact")
            };
            fact.status
        }
    };
    assert_eq!(status_of_deleted("active"), SubscriptionStatus::Canceled);
    assert_eq!(
        status_of_deleted("incomplete_expired"),
        SubscriptionStatus::Expired
    );
    let unknown = decode(
        "customer.subscription.updated",
        &object(NEWER, &[("status", "\"resting\"")]),
    )
    .unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "data.object.status: is a subscription status we do not know"
    );
}

#[test]
fn expandable_fields_may_be_ids_or_objects() {
    let expanded = [(
        "customer",
        r#"{"id":"cus_TestA0000000001","object":"customer"}"#,
    )];
    assert_eq!(subscription(NEWER, &expanded), subscription(NEWER, &[]));
    let expanded = [
        ("payment_intent", r#"{"id":"pi_3SaAaA0000000000000000A1"}"#),
        ("invoice", r#"{"id":"in_1SaAaA0000000000000000B2"}"#),
    ];
    let of = |changes: &[(&str, &str)]| {
        facts(
            "charge.updated",
            &object("charge.succeeded.classic", changes),
        )
    };
    assert_eq!(of(&expanded), of(&[]));
}

#[test]
fn a_charge_tells_of_its_invoice_what_its_shape_lets_it() {
    let of = |name: &str, changes: &[(&str, &str)]| charge(name, changes).invoice;
    assert_eq!(of("charge.succeeded", &[]), InvoiceOfCharge::Unstated);
    assert_eq!(
        of("charge.succeeded.classic", &[("invoice", "null")]),
        InvoiceOfCharge::None
    );
    assert!(matches!(
        of("charge.succeeded.classic", &[]),
        InvoiceOfCharge::Paid(_)
    ));
    assert_eq!(
        payments("charge.succeeded", &object("charge.succeeded.classic", &[])),
        ["ch_3SaAaA0000000000000000A1"]
    );
    assert!(payments("charge.succeeded", &object("charge.succeeded", &[])).is_empty());
}

#[test]
fn a_charge_took_money_only_when_paid_and_captured() {
    let of = |changes: &[(&str, &str)]| {
        (
            charge("charge.succeeded", changes).status,
            charge("charge.succeeded", changes).amount.minor(),
        )
    };
    assert_eq!(of(&[]), (ChargeStatus::Succeeded, 24_900));
    assert_eq!(
        of(&[("amount_captured", "9900")]),
        (ChargeStatus::Succeeded, 9_900)
    );
    assert_eq!(
        of(&[("captured", "false"), ("amount_captured", "0")]),
        (ChargeStatus::Pending, 24_900)
    );
    assert_eq!(
        of(&[("captured", "false"), ("amount_refunded", "24900")]),
        (ChargeStatus::Failed, 24_900)
    );
    assert_eq!(of(&[("paid", "false")]), (ChargeStatus::Pending, 24_900));
    assert_eq!(
        of(&[("status", "\"failed\""), ("paid", "false")]),
        (ChargeStatus::Failed, 24_900)
    );
    assert_eq!(
        of(&[("status", "\"pending\"")]),
        (ChargeStatus::Pending, 24_900)
    );
}

#[test]
fn an_intent_passes_on_a_charge_that_came_with_it() {
    let with_charge = object(
        "payment_intent.succeeded",
        &[("latest_charge", &object("charge.succeeded", &[]))],
    );
    assert_eq!(
        facts("payment_intent.succeeded", &with_charge),
        facts("charge.succeeded", &object("charge.succeeded", &[]))
    );
    assert!(
        facts(
            "payment_intent.succeeded",
            &object("payment_intent.succeeded", &[])
        )
        .is_empty()
    );
}

#[test]
fn metadata_that_is_not_an_id_of_ours_makes_a_refund_someone_else_s() {
    let foreign = [
        "null",
        "{}",
        r#"{"avstem_refund":""}"#,
        r#"{"avstem_refund":"avch_019aa0000000700080000000000000a1"}"#,
    ];
    for metadata in foreign {
        let refund = object("refund.created", &[("metadata", metadata)]);
        let Fact::Refund(fact) = first("refund.created", &refund).fact else {
            panic!("another fact");
        };
        assert_eq!(fact.ours, None, "{metadata}");
    }
}

#[test]
fn a_refund_says_why_it_waits_only_while_it_does() {
    let waits_for = |status: &str, reason: &str| {
        let changes = [("status", status), ("pending_reason", reason)];
        let refund = object("refund.created", &changes);
        let Fact::Refund(fact) = first("refund.created", &refund).fact else {
            panic!("another fact");
        };
        fact.pending_reason
    };
    for word in ["processing", "insufficient_funds", "charge_pending", "new"] {
        let quoted = format!("\"{word}\"");
        assert_eq!(waits_for("\"pending\"", &quoted).as_deref(), Some(word));
        assert_eq!(waits_for("\"succeeded\"", &quoted), None, "{word}");
        assert_eq!(waits_for("\"failed\"", &quoted), None, "{word}");
    }
    assert_eq!(waits_for("\"pending\"", "null"), None);
    assert_eq!(
        waits_for("\"requires_action\"", "null").as_deref(),
        Some("requires_action")
    );
}

#[test]
fn a_subscription_says_why_it_stopped_and_keeps_the_customer_s_words_to_itself() {
    let reason = |details: &str| {
        let changes = [("cancellation_details", details)];
        subscription("customer.subscription.deleted", &changes).stop_reason
    };
    let details =
        r#"{"comment":"too dear","feedback":"too_expensive","reason":"payment_disputed"}"#;
    assert_eq!(reason(details).as_deref(), Some("payment_disputed"));
    assert_eq!(reason(r#"{"reason":"new"}"#).as_deref(), Some("new"));
    for none in ["null", r#"{"reason":null}"#, "{}"] {
        assert_eq!(reason(none), None, "{none}");
    }
}

#[test]
fn a_customer_s_language_is_taken_when_it_can_be_one() {
    let locale = |given: &str| {
        let customer = object("customer.updated", &[("preferred_locales", given)]);
        let Fact::Customer(fact) = first("customer.updated", &customer).fact else {
            panic!("another fact");
        };
        assert_eq!(fact.deleted, Presence::Exists);
        fact.locale
    };
    assert_eq!(locale(r#"["en-GB","sv"]"#), Some("en-GB".to_owned()));
    for none in ["[]", "null", "", "[7]", "\"sv\"", r#"["<b>"]"#] {
        assert_eq!(locale(none), None, "{none}");
    }
}
