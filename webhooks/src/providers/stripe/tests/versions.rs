//! Which of two snapshots wins.

use super::*;
use avstem_domain::event::Version;

fn version(kind: &str, of: &str, changes: &[(&str, &str)]) -> Version {
    first(kind, &object(of, changes)).version
}

fn assert_ascending(versions: &[Version]) {
    for pair in versions.windows(2) {
        assert!(pair[0] < pair[1], "{pair:?}");
    }
}

#[test]
fn within_one_second_the_object_further_along_its_life_wins() {
    let subscription = |changes: &[(&str, &str)]| {
        version(
            "customer.subscription.updated",
            "customer.subscription.created",
            changes,
        )
    };
    let statuses = [
        "incomplete",
        "trialing",
        "paused",
        "active",
        "past_due",
        "unpaid",
        "incomplete_expired",
        "canceled",
    ];
    let statuses = statuses.map(|s| subscription(&[("status", &format!("\"{s}\""))]));
    assert_ascending(&statuses);
    let later = format!("{}", START + 90 * 86_400);
    assert_ascending(&[
        subscription(&[]),
        subscription(&[("cancel_at_period_end", "true")]),
        subscription(&[("items/data/0/current_period_end", &later)]),
    ]);
    assert_ascending(&[
        subscription(&[]),
        subscription(&[("cancel_at", "1796083200")]),
    ]);
    let invoice = |status: &str| {
        version(
            "invoice.updated",
            "invoice.created",
            &[("status", &format!("\"{status}\""))],
        )
    };
    assert_ascending(&["draft", "open", "uncollectible", "paid", "void"].map(invoice));
    let refund = |status: &str| {
        version(
            "refund.updated",
            "refund.created",
            &[("status", &format!("\"{status}\""))],
        )
    };
    assert_ascending(
        &[
            "pending",
            "requires_action",
            "succeeded",
            "failed",
            "canceled",
        ]
        .map(refund),
    );
}

#[test]
fn within_one_second_the_charge_with_more_refunded_wins_and_a_disputed_one_over_it() {
    let charge = |changes: &[(&str, &str)]| version("charge.updated", "charge.succeeded", changes);
    assert_ascending(&[
        charge(&[("captured", "false")]),
        charge(&[("status", "\"failed\""), ("amount_refunded", "24900")]),
        charge(&[]),
        charge(&[("amount_refunded", "1")]),
        charge(&[("amount_refunded", "24900")]),
        charge(&[("disputed", "true")]),
        charge(&[
            ("disputed", "true"),
            ("amount_refunded", "1000000000000000"),
        ]),
    ]);
}

#[test]
fn a_state_that_is_never_left_beats_later_snapshots_of_states_that_are() {
    let terminal = |kind: &str, of: &str, status: &str| {
        version(kind, of, &[("status", &format!("\"{status}\""))]).terminal
    };
    for (status, over) in [
        ("active", false),
        ("unpaid", false),
        ("paused", false),
        ("canceled", true),
        ("incomplete_expired", true),
    ] {
        assert_eq!(
            terminal(
                "customer.subscription.updated",
                "customer.subscription.created",
                status
            ),
            over,
            "{status}"
        );
    }
    for (status, over) in [
        ("draft", false),
        ("open", false),
        ("uncollectible", false),
        ("paid", true),
        ("void", true),
    ] {
        assert_eq!(
            terminal("invoice.updated", "invoice.created", status),
            over,
            "{status}"
        );
    }
    for (status, over) in [
        ("pending", false),
        ("requires_action", false),
        ("succeeded", false),
        ("failed", true),
        ("canceled", true),
    ] {
        assert_eq!(
            terminal("refund.updated", "refund.created", status),
            over,
            "{status}"
        );
    }
    assert!(!version("customer.created", "customer.created", &[]).terminal);
    assert!(version("customer.deleted", "customer.deleted", &[]).terminal);
    assert!(version("invoice.deleted", "invoice.deleted", &[]).terminal);
}

#[test]
fn what_was_read_in_the_same_second_wins_over_an_event_and_a_later_event_over_what_was_read() {
    let event = first("charge.succeeded", &object("charge.succeeded", &[]));
    let second = event.version.observed_at;
    let read = Stripe.observed(event.fact.clone(), second.saturating_add_micros(999_999));
    assert_eq!(read.version.observed_at, second);
    assert_eq!(read.version.rank, event.version.rank);
    assert!(read.version > event.version);
    let later = Version {
        observed_at: second.saturating_add_seconds(1),
        ..event.version
    };
    assert!(later > read.version);
}
