//! What replies mean: changes of subscriptions and invoices, single objects and lists.

use super::replies::{ask, asks, error, invalid, word};
use super::*;
use crate::outbound::{Ask, Listed, Outcome};

/// What a reply with status 200 means to the ask whose name begins so.
fn meaning(name: &str, body: &str) -> String {
    let ask = asks()
        .into_iter()
        .find(|ask| format!("{ask:?}").starts_with(name))
        .unwrap();
    word(&Stripe.read(&ask, &reply(200, body)))
}

#[test]
fn a_subscription_is_changed_only_when_the_reply_shows_it() {
    let done = object("customer.subscription.updated", &[]);
    let over = object("customer.subscription.deleted", &[]);
    let unchanged = object("customer.subscription.created", &[]);
    for name in ["CancelAtPeriodEnd", "CancelAt("] {
        assert_eq!(meaning(name, &done), "executed 1 -", "{name}");
        assert_eq!(meaning(name, &over), "executed 1 -", "{name}");
        assert_eq!(meaning(name, &unchanged), "? AnotherAnswer", "{name}");
    }
    for name in ["RenewAgain", "UnsetCancelAt"] {
        assert_eq!(meaning(name, &unchanged), "executed 1 -", "{name}");
        assert_eq!(meaning(name, &done), "? AnotherAnswer", "{name}");
        assert_eq!(meaning(name, &over), "? AnotherAnswer", "{name}");
        let by_date = object(
            "customer.subscription.created",
            &[("cancel_at", "1796083200")],
        );
        assert_eq!(meaning(name, &by_date), "? AnotherAnswer", "{name}");
    }
    assert_eq!(meaning("FetchSubscription", &unchanged), "executed 1 -");
}

/// As to a stop that comes too late: the period's end was faster.
#[test]
fn a_stop_of_a_subscription_that_is_over_cannot_be_taken_back() {
    let sentence = "A canceled subscription can only update its cancellation_details and metadata.";
    for ask in [
        ask(|ask| matches!(ask, Ask::RenewAgain(_))),
        ask(|ask| matches!(ask, Ask::UnsetCancelAt(_))),
    ] {
        let refused = error("invalid_request_error", "", sentence);
        let outcome = Stripe.read(&ask, &reply(400, &refused));
        assert_eq!(word(&outcome), "AlreadyCanceled", "{ask:?}");
        let missing = Stripe.read(&ask, &reply(404, &invalid("resource_missing")));
        assert_eq!(word(&missing), "NotFound", "{ask:?}");
    }
}

#[test]
fn an_invoice_is_changed_only_when_the_reply_shows_it() {
    let held = object("invoice.created", &[("auto_advance", "false")]);
    let draft = object("invoice.created", &[]);
    assert_eq!(meaning("HoldDraft", &held), "executed 1 -");
    assert_eq!(meaning("HoldDraft", &draft), "? AnotherAnswer");
    assert_eq!(
        meaning(
            "FinalizeWithoutCollection",
            &object("invoice.finalized", &[])
        ),
        "executed 1 -"
    );
    assert_eq!(
        meaning("FinalizeWithoutCollection", &draft),
        "? AnotherAnswer"
    );
    assert_eq!(
        meaning("VoidInvoice", &object("invoice.voided", &[])),
        "executed 1 -"
    );
    assert_eq!(
        meaning("VoidInvoice", &object("invoice.paid", &[])),
        "? AnotherAnswer"
    );
    assert_eq!(
        meaning(
            "VoidInvoice",
            &object("invoice.voided", &[("id", "\"in_2\"")])
        ),
        "? AnotherAnswer"
    );
}

#[test]
fn an_invoice_that_moved_on_is_told_by_code_or_by_sentence() {
    let sentence = "You can only pass in open invoices. This invoice isn't open.";
    let void = ask(|ask| matches!(ask, Ask::VoidInvoice(_)));
    for body in [
        error("invalid_request_error", "", sentence),
        invalid("invoice_not_editable"),
    ] {
        assert_eq!(
            word(&Stripe.read(&void, &reply(400, &body))),
            "InvoiceMovedOn",
            "{body}"
        );
    }
    assert_eq!(
        word(&Stripe.read(&void, &reply(400, &invalid("parameter_unknown")))),
        "Invalid"
    );
}

fn list(item: &str, more: &str) -> String {
    format!(r#"{{"object":"list","data":[{item}],"has_more":{more}}}"#)
}

#[test]
fn a_list_gives_its_facts_and_where_the_next_page_begins() {
    let refund = object("refund.created", &[]);
    let foreign = object("refund.created", &[("charge", "\"ch_2\"")]);
    let cases = [
        (list(&refund, "false"), "executed 1 -"),
        (
            list(&refund, "true"),
            "executed 1 re_3SaAaA0000000000000000A1",
        ),
        (list("", "false"), "executed 0 -"),
        (list("", "true"), "? Unreadable"),
        (list("{}", "false"), "? Unreadable"),
        (list(&format!("{refund},{{}}"), "false"), "? Unreadable"),
        (r#"{"object":"list"}"#.to_owned(), "? Unreadable"),
        (list(&foreign, "false"), "? AnotherAnswer"),
        (refund, "? AnotherAnswer"),
    ];
    for (body, expected) in cases {
        assert_eq!(meaning("ListRefunds", &body), expected, "{body}");
    }
}

#[test]
fn lists_and_single_objects_of_every_kind_are_read() {
    let charge = |changes: &[(&str, &str)]| list(&object("charge.succeeded", changes), "true");
    let payment =
        |changes: &[(&str, &str)]| list(&object("invoice_payment.paid", changes), "false");
    let invoice = object("invoice.payment_succeeded", &[]);
    let single = |changes: &[(&str, &str)]| object("charge.refunded", changes);
    let cases = [
        (
            "ListCharges",
            charge(&[]),
            "executed 1 ch_3SaAaA0000000000000000A1",
        ),
        (
            "ListCharges",
            charge(&[("customer", "\"cus_2\"")]),
            "? AnotherAnswer",
        ),
        ("ListCharges", payment(&[]), "? AnotherAnswer"),
        ("ListInvoices", list(&invoice, "false"), "executed 2 -"),
        ("ListInvoicePayments", payment(&[]), "executed 1 -"),
        (
            "ListInvoicePayments",
            payment(&[("status", "\"open\"")]),
            "executed 0 -",
        ),
        (
            "ListInvoicePayments",
            payment(&[("invoice", "\"in_2\"")]),
            "? AnotherAnswer",
        ),
        ("FindInvoiceOfPayment", payment(&[]), "executed 1 -"),
        ("FetchInvoice", invoice, "executed 2 -"),
        ("FetchCharge", single(&[]), "executed 1 -"),
        (
            "FetchCharge",
            single(&[("id", "\"ch_2\"")]),
            "? AnotherAnswer",
        ),
    ];
    for (name, body, expected) in cases {
        assert_eq!(meaning(name, &body), expected, "{name} {body}");
    }
}

#[test]
fn documents_are_kept_as_they_were_written_on_one_line_each() {
    let page = |data: &str, more: bool| {
        format!(r#"{{"object":"list","url":"/v1/events","has_more":{more},"data":[{data}]}}"#)
    };
    let first = "{\n  \"id\": \"evt_2\",\r\n  \"object\": \"event\",\n  \"said\": \"a\\nb\",  \"n\": 1.50\n}";
    let twice = r#"{"id":"evt_1","object":"event","a":1,"a":2}"#;
    let body = page(&format!("{first},{twice}"), true);
    let events = ask(|a| matches!(a, Ask::ListEvents { .. }));
    let Outcome::Executed {
        facts,
        documents,
        next,
    } = Stripe.read(&events, &reply(200, &body))
    else {
        panic!("{body} is a page");
    };
    assert_eq!((facts.len(), next.as_deref()), (0, Some("evt_1")));
    let lines: Vec<&str> = documents
        .iter()
        .map(|document| std::str::from_utf8(document).unwrap())
        .collect();
    assert_eq!(
        lines,
        [
            "{   \"id\": \"evt_2\",    \"object\": \"event\",   \"said\": \"a\\nb\",  \"n\": 1.50 }",
            // One that nobody can understand keeps none of the others back.
            twice,
        ]
    );
    let meant = |body: &str| word(&Stripe.read(&events, &reply(200, body)));
    assert_eq!(meant(&page("", false)), "executed 0 -");
    assert_eq!(meant(&page("", true)), "? Unreadable");
    assert_eq!(
        meant(&page(
            r#"{"id":"txn_1","object":"balance_transaction"}"#,
            false
        )),
        "? AnotherAnswer"
    );
    assert_eq!(meant(r#"{"object":"event","id":"evt_1"}"#), "? Unreadable");
    assert_eq!(meant("<html>"), "? Unreadable");
}

#[test]
fn everything_is_listed_as_what_it_is_and_nothing_else() {
    let list =
        |item: &str| format!(r#"{{"object":"list","url":"/","has_more":false,"data":[{item}]}}"#);
    let subscription = object("customer.subscription.created", &[]);
    let all = |of: Listed| Ask::ListAll {
        of,
        made_from: None,
        after: None,
    };
    let meant = |of, body: &str| word(&Stripe.read(&all(of), &reply(200, body)));
    assert_eq!(
        meant(Listed::Subscriptions, &list(&subscription)),
        "executed 1 -"
    );
    assert_eq!(
        meant(Listed::Charges, &list(&subscription)),
        "? AnotherAnswer"
    );
    assert_eq!(meant(Listed::Payouts, &subscription), "? AnotherAnswer");
}
