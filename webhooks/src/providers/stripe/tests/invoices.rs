//! Invoices: the period, the tax, the reason, and what paid them.

use super::*;
use avstem_domain::event::{BillingReason, InvoiceFact, InvoicePaymentFact, PaymentRef};

fn invoice(of: &str, changes: &[(&str, &str)]) -> InvoiceFact {
    {
        let Fact::Invoice(fact) = first("invoice.updated", &object(of, changes)).fact else {
            panic!("another fact")
        };
        fact
    }
}

#[test]
fn the_billed_period_comes_from_the_service_lines() {
    let period = |of: &str, changes: &[(&str, &str)]| {
        invoice(of, changes)
            .period
            .map(|p| (p.start().unix_seconds(), p.end().unix_seconds()))
    };
    let month = Some((START, START + 30 * 86_400));
    let proration = r#"{"type":"invoiceitem","proration":true,"subscription":"sub_2","period":{"start":1,"end":2}}"#;
    let extra = r#"{"parent":{"type":"invoice_item_details","invoice_item_details":{"proration":true,"subscription":"sub_2"}},"period":{"start":1,"end":2}}"#;
    for (of, line) in [("invoice.paid.classic", proration), ("invoice.paid", extra)] {
        let own = object(of, &[]);
        let own: serde_json::Value = serde_json::from_str(&own).unwrap();
        let both = format!("[{line},{}]", own["lines"]["data"][0]);
        assert_eq!(period(of, &[("lines/data", &both)]), month, "{of}");
        assert_eq!(
            period(of, &[("lines/data", &format!("[{line}]"))]),
            Some((1, 2)),
            "{of}"
        );
        let subscriptions = invoice(of, &[("lines/data", &both)]).subscriptions;
        let names: Vec<_> = subscriptions.iter().map(|s| s.as_str()).collect();
        assert_eq!(names, ["sub_1SaAaA0000000000000000A1", "sub_2"], "{of}");
        // The invoice's own period is the one before; it counts only when there are no lines.
        assert_eq!(
            period(of, &[("lines/data", "[]")]),
            Some((START - 30 * 86_400, START)),
            "{of}"
        );
    }
}

#[test]
fn tax_is_read_from_whichever_field_the_shape_has() {
    let tax = |of: &str, changes: &[(&str, &str)]| invoice(of, changes).tax;
    let two = r#"[{"amount":100},{"amount":23}]"#;
    assert_eq!(
        tax("invoice.paid", &[("total_taxes", two)]),
        money(123, "SEK")
    );
    assert_eq!(
        tax("invoice.paid", &[("total_taxes", "null")]),
        money(0, "SEK")
    );
    assert_eq!(
        tax("invoice.paid.classic", &[("total_tax_amounts", two)]),
        money(4_980, "SEK")
    );
    assert_eq!(
        tax(
            "invoice.paid.classic",
            &[("tax", "null"), ("total_tax_amounts", two)]
        ),
        money(123, "SEK")
    );
    assert_eq!(
        tax(
            "invoice.paid.classic",
            &[("tax", ""), ("total_tax_amounts", "")]
        ),
        money(0, "SEK")
    );
}

#[test]
fn the_reason_is_read_only_as_far_as_stripe_states_it() {
    let cases = [
        ("\"subscription_create\"", BillingReason::FirstInvoice),
        ("\"subscription_cycle\"", BillingReason::Cycle),
        ("\"subscription\"", BillingReason::Unstated),
        ("null", BillingReason::Unstated),
        ("", BillingReason::Unstated),
        ("\"manual\"", BillingReason::Other),
        ("\"brand_new\"", BillingReason::Other),
    ];
    for (given, reason) in cases {
        assert_eq!(
            invoice("invoice.paid", &[("billing_reason", given)]).reason,
            reason,
            "{given}"
        );
    }
}

pub(super) fn payments(kind: &str, object: &str) -> Vec<String> {
    let link = |fact| {
        let Fact::InvoicePayment(InvoicePaymentFact { payment, .. }) = fact else {
            return None;
        };
        Some(match payment {
            PaymentRef::Payment(id) => id.to_string(),
            PaymentRef::Charge(id) => id.to_string(),
        })
    };
    facts(kind, object).into_iter().filter_map(link).collect()
}

#[test]
fn an_invoice_names_each_payment_that_paid_it() {
    let of =
        |name: &str, changes: &[(&str, &str)]| payments("invoice.paid", &object(name, changes));
    assert_eq!(
        of("invoice.paid.classic", &[]),
        ["pi_3SaAaA0000000000000000A1", "ch_3SaAaA0000000000000000A1"]
    );
    assert!(of("invoice.paid.classic", &[("paid_out_of_band", "true")]).is_empty());
    let payment = |status: &str, of: &str| {
        format!(r#"{{"invoice":"in_1","status":"{status}","payment":{of}}}"#)
    };
    let several = [
        payment(
            "paid",
            r#"{"type":"payment_intent","payment_intent":"pi_1"}"#,
        ),
        payment("paid", r#"{"type":"charge","charge":{"id":"ch_2"}}"#),
        payment(
            "open",
            r#"{"type":"payment_intent","payment_intent":"pi_3"}"#,
        ),
        payment(
            "canceled",
            r#"{"type":"payment_intent","payment_intent":"pi_4"}"#,
        ),
        payment(
            "paid",
            r#"{"type":"payment_record","payment_record":"pr_5"}"#,
        ),
    ];
    let list = format!(r#"{{"object":"list","data":[{}]}}"#, several.join(","));
    assert_eq!(of("invoice.paid", &[("payments", &list)]), ["pi_1", "ch_2"]);
}
