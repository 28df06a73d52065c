//! What replies mean: every status with every kind of body, for what moves money and for the rest.

use super::*;
use crate::outbound::{Ask, Listed, Outcome, RefundOrder, Refusal, Uncertainty};
use avstem_domain::id::{
    ProviderChargeId, ProviderCustomerId, ProviderDisputeId, ProviderInvoiceId, ProviderPaymentId,
    ProviderPayoutId, ProviderRefundId, ProviderSubscriptionId, RefundId,
};

pub(super) fn order() -> RefundOrder {
    RefundOrder {
        refund: RefundId::parse("avref_019aa0000000700080000000000000a1").unwrap(),
        charge: ProviderChargeId::parse("ch_3SaAaA0000000000000000A1").unwrap(),
        amount: money(10_000, "SEK"),
    }
}

/// One of each, about the sample objects.
pub(super) fn asks() -> Vec<Ask> {
    let subscription = ProviderSubscriptionId::parse("sub_1SaAaA0000000000000000A1").unwrap();
    let invoice = ProviderInvoiceId::parse("in_1SaAaA0000000000000000B2").unwrap();
    let customer = ProviderCustomerId::parse("cus_TestA0000000001").unwrap();
    let charge = order().charge;
    let payout = ProviderPayoutId::parse("po_1").unwrap();
    vec![
        Ask::FetchSubscription(subscription.clone()),
        Ask::ListInvoices {
            subscription: subscription.clone(),
            after: None,
        },
        Ask::ListInvoices {
            subscription: subscription.clone(),
            after: Some("in_9".to_owned()),
        },
        Ask::FetchInvoice(invoice.clone()),
        Ask::ListInvoicePayments {
            invoice: invoice.clone(),
            after: None,
        },
        Ask::FindInvoiceOfPayment(ProviderPaymentId::parse("pi_3SaAaA0000000000000000A1").unwrap()),
        Ask::ListCharges {
            customer,
            after: Some("ch_9".to_owned()),
        },
        Ask::FetchCharge(charge.clone()),
        Ask::ListRefunds {
            charge: charge.clone(),
            after: None,
        },
        Ask::ListDisputes {
            charge,
            after: None,
        },
        Ask::CancelNow(subscription.clone()),
        Ask::CancelAtPeriodEnd(subscription.clone()),
        Ask::CancelAt(subscription.clone(), at(START + 30 * 86_400)),
        Ask::RenewAgain(subscription.clone()),
        Ask::UnsetCancelAt(subscription),
        Ask::HoldDraft(invoice.clone()),
        Ask::FinalizeWithoutCollection(invoice.clone()),
        Ask::VoidInvoice(invoice),
        Ask::CreateRefund(order()),
        Ask::FetchRefund(ProviderRefundId::parse("re_1").unwrap()),
        Ask::FetchDispute(ProviderDisputeId::parse("du_1").unwrap()),
        Ask::FetchPayout(payout.clone()),
        all(Listed::Subscriptions),
        all(Listed::Charges),
        all(Listed::Refunds),
        all(Listed::Disputes),
        all(Listed::Payouts),
        Ask::ListAll {
            of: Listed::Charges,
            made_from: None,
            after: None,
        },
        Ask::ListEvents {
            made_from: made_from(),
            after: Some("evt_1".to_owned()),
        },
        Ask::ListPayoutMembers {
            payout,
            after: Some("txn_1".to_owned()),
        },
    ]
}

/// A list of everything since a time, after its first page.
fn all(of: Listed) -> Ask {
    Ask::ListAll {
        of,
        made_from: Some(made_from()),
        after: Some("x_1".to_owned()),
    }
}

fn made_from() -> Timestamp {
    Timestamp::from_unix_seconds(1_793_000_000).unwrap()
}

pub(super) fn ask(of: fn(&Ask) -> bool) -> Ask {
    asks().into_iter().find(of).unwrap()
}

fn refund_ask() -> Ask {
    Ask::CreateRefund(order())
}

fn cancel_ask() -> Ask {
    ask(|a| matches!(a, Ask::CancelNow(_)))
}

/// An outcome in a word or two.
pub(super) fn word(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Executed {
            facts,
            documents,
            next,
        } => format!(
            "executed {} {}",
            facts.len() + documents.len(),
            next.as_deref().unwrap_or("-")
        ),
        Outcome::Refused(refusal) => format!("{refusal:?}")
            .split([' ', '{'])
            .next()
            .unwrap()
            .to_owned(),
        Outcome::Unknown(uncertainty) => format!(
            "? {}",
            format!("{uncertainty:?}").split([' ', '{']).next().unwrap()
        ),
    }
}

pub(super) fn error(kind: &str, code: &str, message: &str) -> String {
    let code = if code.is_empty() {
        String::new()
    } else {
        format!(r#""code":"{code}","#)
    };
    format!(r#"{{"error":{{"type":"{kind}",{code}"message":"{message}","param":"charge"}}}}"#)
}

pub(super) fn invalid(code: &str) -> String {
    error("invalid_request_error", code, "No.")
}

/// Checks what each reply to `ask` means.
fn assert_meanings(ask: &Ask, cases: &[(u16, String, &str)]) {
    for (status, body, expected) in cases {
        let outcome = Stripe.read(ask, &reply(*status, body));
        assert_eq!(word(&outcome), *expected, "{status} {body}");
    }
}

#[test]
fn a_refund_is_made_only_when_the_reply_shows_that_very_refund() {
    let refund = |changes: &[(&str, &str)]| object("refund.created", changes);
    let cases = [
        (200, refund(&[]), "executed 1 -"),
        (200, object("refund.failed", &[]), "executed 1 -"),
        (201, refund(&[]), "executed 1 -"),
        (200, refund(&[("amount", "9999")]), "? AnotherAnswer"),
        (200, refund(&[("currency", "\"eur\"")]), "? AnotherAnswer"),
        (200, refund(&[("charge", "\"ch_2\"")]), "? AnotherAnswer"),
        (200, refund(&[("charge", "null")]), "? AnotherAnswer"),
        // Left out, the metadata says nothing against it; another refund's id does.
        (200, refund(&[("metadata", "{}")]), "executed 1 -"),
        (
            200,
            refund(&[(
                "metadata",
                r#"{"avstem_refund":"avref_00000000000000000000000000000099"}"#,
            )]),
            "? AnotherAnswer",
        ),
        (200, object("charge.succeeded", &[]), "? AnotherAnswer"),
        (200, refund(&[("amount", "100.5")]), "? Unreadable"),
        (200, refund(&[("status", "\"new\"")]), "? Unreadable"),
        (200, String::new(), "? Unreadable"),
        (204, String::new(), "? Unreadable"),
        (200, "<html>OK</html>".to_owned(), "? Unreadable"),
        (200, invalid("charge_already_refunded"), "? Unreadable"),
    ];
    assert_meanings(&refund_ask(), &cases);
}

#[test]
fn a_refused_refund_says_why() {
    let of_type = |kind| error(kind, "", "No.");
    let over = "Refund amount (100.00 kr) is greater than unrefunded amount on charge (50.00 kr)";
    let twice = "Charge ch_3 has already been refunded.";
    let cases = [
        (400, invalid("charge_already_refunded"), "AlreadyRefunded"),
        (
            400,
            error("invalid_request_error", "", twice),
            "AlreadyRefunded",
        ),
        (400, invalid("charge_disputed"), "Disputed"),
        (400, invalid("refund_disputed_payment"), "Disputed"),
        (400, invalid("amount_too_large"), "AmountTooLarge"),
        (400, invalid("invalid_charge_amount"), "AmountTooLarge"),
        (
            400,
            error("invalid_request_error", "", over),
            "AmountTooLarge",
        ),
        (400, invalid("charge_not_refundable"), "NotRefundable"),
        (400, invalid("balance_insufficient"), "InsufficientBalance"),
        (402, invalid("insufficient_funds"), "InsufficientBalance"),
        (400, invalid("parameter_unknown"), "Invalid"),
        (400, invalid(""), "Invalid"),
        (400, of_type("idempotency_error"), "KeyReused"),
        (401, of_type("authentication_error"), "WrongKey"),
        (403, invalid(""), "WrongKey"),
        (402, error("card_error", "card_declined", "No."), "Invalid"),
        (404, invalid("resource_missing"), "NotFound"),
        (409, invalid("lock_timeout"), "RateLimited"),
        (429, invalid("rate_limit"), "RateLimited"),
        (429, invalid("lock_timeout"), "RateLimited"),
        (429, String::new(), "RateLimited"),
    ];
    assert_meanings(&refund_ask(), &cases);
}

#[test]
fn whatever_does_not_say_whether_the_refund_was_made_is_unknown() {
    let cases = [
        (100, String::new(), "? Unexpected"),
        (301, String::new(), "? Unexpected"),
        (400, error("api_error", "", "No."), "? Unexpected"),
        (400, "<html>".to_owned(), "? Unexpected"),
        (400, "{}".to_owned(), "? Unexpected"),
        (400, r#"{"error":"no"}"#.to_owned(), "? Unexpected"),
        (403, "<html>blocked</html>".to_owned(), "? Unexpected"),
        (404, "not found".to_owned(), "? Unexpected"),
        (408, invalid(""), "? Unexpected"),
        (409, invalid("idempotency_key_in_use"), "? KeyInUse"),
        (409, "conflict".to_owned(), "? Unexpected"),
        (424, invalid(""), "? Unexpected"),
        (500, error("api_error", "", "No."), "? ServerError"),
        (500, invalid("charge_already_refunded"), "? ServerError"),
        (502, "<html>".to_owned(), "? ServerError"),
        (599, String::new(), "? ServerError"),
        (600, String::new(), "? Unexpected"),
    ];
    assert_meanings(&refund_ask(), &cases);
}

#[test]
fn replies_to_a_cancellation_are_told_apart() {
    let ended = |changes: &[(&str, &str)]| object("customer.subscription.deleted", changes);
    let changed = "A canceled subscription can only update its cancellation_details and metadata.";
    let cases = [
        (200, ended(&[]), "executed 1 -"),
        (
            200,
            object("customer.subscription.deleted.classic", &[]),
            "executed 1 -",
        ),
        (
            200,
            object("customer.subscription.created", &[]),
            "? AnotherAnswer",
        ),
        (200, ended(&[("id", "\"sub_2\"")]), "? AnotherAnswer"),
        (200, ended(&[("status", "\"new\"")]), "? Unreadable"),
        (404, invalid("resource_missing"), "AlreadyCanceled"),
        (404, invalid(""), "NotFound"),
        (
            400,
            error("invalid_request_error", "", changed),
            "AlreadyCanceled",
        ),
        (400, invalid("parameter_unknown"), "Invalid"),
        (409, invalid("idempotency_key_in_use"), "? KeyInUse"),
        (429, invalid("lock_timeout"), "RateLimited"),
        (503, String::new(), "? ServerError"),
        (302, String::new(), "? Unexpected"),
    ];
    assert_meanings(&cancel_ask(), &cases);
}

#[test]
fn a_reply_cut_anywhere_is_unknown_whatever_its_status() {
    let bodies = [
        (refund_ask(), object("refund.created", &[])),
        (cancel_ask(), object("customer.subscription.deleted", &[])),
        (refund_ask(), invalid("charge_already_refunded")),
        (cancel_ask(), invalid("resource_missing")),
    ];
    for (ask, body) in bodies {
        for length in 0..body.len() {
            for status in [200, 400, 401, 404, 409, 500] {
                let outcome = Stripe.read(&ask, &reply(status, &body[..length]));
                assert!(
                    matches!(outcome, Outcome::Unknown(_)),
                    "{status} {length} {outcome:?}"
                );
            }
        }
    }
}

#[test]
fn the_wait_that_stripe_asks_for_is_passed_on_uncapped() {
    for (value, seconds) in [
        ("7", Some(7)),
        (" 86400 ", Some(86_400)),
        ("99999999999999999999", Some(u64::MAX)),
        ("-1", None),
        ("", None),
        ("soon", None),
        // A time is counted from the reply's own, and one that is past asks for no wait.
        ("Wed, 21 Oct 2026 07:28:00 GMT", Some(90)),
        ("Wed, 21 Oct 2026 07:26:00 GMT", Some(0)),
        ("Wed, 21 Oct 2099 07:28:00 GMT", Some(2_303_683_290)),
    ] {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = vec![
            header("date", "Wed, 21 Oct 2026 07:26:30 GMT"),
            header("retry-after", value),
        ];
        let outcome = Stripe.read(
            &refund_ask(),
            &HttpReply {
                status: 429,
                headers,
                body: Vec::new(),
            },
        );
        assert_eq!(
            outcome,
            Outcome::Refused(Refusal::RateLimited {
                retry_after_s: seconds
            }),
            "{value}"
        );
    }
}

#[test]
fn a_kept_message_is_short_and_one_line() {
    let body = error(
        "invalid_request_error",
        "brand_new",
        &format!("a\\nb{}", "é".repeat(1_000)),
    );
    let Outcome::Refused(Refusal::Invalid { code, message }) =
        Stripe.read(&refund_ask(), &reply(400, &body))
    else {
        panic!()
    };
    assert_eq!(code.as_deref(), Some("brand_new"));
    assert!(
        message.starts_with("abé") && message.chars().count() == 200,
        "{message}"
    );
    let unreadable = Stripe.read(
        &refund_ask(),
        &reply(200, "<html>canary-pii-1@example.test"),
    );
    let Outcome::Unknown(Uncertainty::Unreadable { why }) = unreadable else {
        panic!()
    };
    assert!(!why.contains("canary"), "{why}");
}
