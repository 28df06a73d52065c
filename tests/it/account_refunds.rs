//! What customers read of refunds that wait, came back, or belong to no cancellation.

use crate::browser::Visitor;
use crate::http_api::{caught_up, data};
use crate::serving::{Database, on_both_served};
use avstem_simulator::RefundStart;
use serde_json::{Value, json};

on_both_served! {
    a_refund_that_came_back_is_told_as_what_is_owed,
    a_refund_that_waits_is_told_as_on_its_way,
}

fn a_refund_that_came_back_is_told_as_what_is_owed(database: &Database) {
    let (company, served) = caught_up(database);
    let charge = company.charges(&company.ada).pop().unwrap();
    let target = format!(
        "/v1/subscriptions/{}/cancellation",
        company.ada.subscription
    );
    let asked = served
        .post(&target, &json!({ "requested_by": "customer" }))
        .expect(202);
    let target = format!("/v1/cancellations/{}", asked["id"].as_str().unwrap());
    served.until(&target, |at| at["state"] == "completed");
    served.caught_up(&company.provider);
    let refund = company.provider.simulator().refunds_of(&charge)[0]
        .id
        .clone();
    assert!(company.provider.simulator().fail_refund(&refund));
    served.caught_up(&company.provider);
    let at = served.until(&target, |at| at["state"] == "attention");
    let (told, failed) = (at["attention"].as_str().unwrap(), &at["refunds"][0]);
    assert!(told.contains("249.00 SEK is still owed"), "{told}");
    assert_eq!(failed["state"], "failed");
    assert_eq!(failed["failure_reason"], "expired_or_canceled_card");
    assert!(failed["attention"].is_string() && failed["state_since"].is_string());
    assert_eq!(failed["pending_reason"], Value::Null);

    let page = format!("/account/cancellations/{}", asked["id"].as_str().unwrap());
    for (lang, owed, done) in [
        (
            "sv",
            "Vi är fortfarande skyldiga dig 249,00 kr",
            "pengarna är skickade",
        ),
        (
            "en",
            "We still owe you SEK 249.00",
            "the money has been sent",
        ),
    ] {
        let visitor = Visitor::enter(&served, &company.ada.customer, lang);
        for text in [
            visitor.page(&page, lang),
            visitor
                .ask(&format!("{page}/receipt.txt"))
                .text()
                .to_owned(),
            visitor.page(
                &format!("/account/subscriptions/{}", visitor.subscription()),
                lang,
            ),
        ] {
            assert!(text.contains(owed), "{text}");
            assert!(!text.contains(done), "{text}");
        }
    }
}

fn a_refund_that_waits_is_told_as_on_its_way(database: &Database) {
    let (company, served) = caught_up(database);
    let charge = company.charges(&company.cleo).pop().unwrap();
    company
        .provider
        .simulator()
        .refunds_start(RefundStart::InsufficientFunds);
    let asked = served
        .post("/v1/refunds", &json!({ "charge": charge }))
        .expect(201);
    let target = format!("/v1/refunds/{}", asked["id"].as_str().unwrap());
    let waiting = served.until(&target, |refund| refund["state"] == "submitted");
    assert_eq!(waiting["pending_reason"], "insufficient_funds");
    assert_eq!(
        (&waiting["failure_reason"], &waiting["attention"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(data(&served.read("/v1/refunds?state=failed")).len(), 0);

    for (lang, waits) in [
        ("sv", "betaltjänsten väntar på pengar från oss"),
        ("en", "the payment provider is waiting for money from us"),
    ] {
        let visitor = Visitor::enter(&served, &company.cleo.customer, lang);
        let page = format!("/account/subscriptions/{}", visitor.subscription());
        let text = visitor.page(&page, lang);
        assert!(text.contains(waits) && text.contains("249"), "{text}");
    }
    company.provider.simulator().top_up();
    let done = served.until(&target, |refund| refund["state"] == "succeeded");
    assert_eq!(done["pending_reason"], Value::Null);
    let visitor = Visitor::enter(&served, &company.cleo.customer, "en");
    let page = format!("/account/subscriptions/{}", visitor.subscription());
    assert!(
        visitor
            .page(&page, "en")
            .contains("the money has been sent")
    );
}
