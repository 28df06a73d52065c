//! From outside: taking a cancellation back, and what others did at the provider.

use crate::browser::Visitor;
use crate::http_api::{assert_time, caught_up, data};
use crate::serving::{ADMIN_KEY, Database, Served, on_both_served};
use avstem_simulator::Outage;
use serde_json::{Value, json};

on_both_served! {
    a_cancellation_is_taken_back_once,
    what_the_provider_does_not_answer_is_taken_back_later,
    without_a_key_for_the_provider_nothing_is_taken_back,
    a_cancellation_made_at_the_provider_is_shown_as_that,
    refunds_made_at_the_provider_are_shown_with_their_judgement,
}

/// A cancellation at period end that is done: its target.
fn stopping(served: &Served, subscription: &str) -> String {
    let target = format!("/v1/subscriptions/{subscription}/cancellation");
    let asked = served
        .post(&target, &json!({ "requested_by": "shop" }))
        .expect(202);
    let target = format!("/v1/cancellations/{}", asked["id"].as_str().unwrap());
    let done = served.until(&target, |at| at["state"] == "completed");
    assert_eq!(done["stop"]["mode"], "at_period_end");
    assert_eq!(done["undo_requested_at"], Value::Null);
    target
}

fn undo(served: &Served, target: &str) -> crate::wire::Reply {
    served.post_as(ADMIN_KEY, &format!("{target}/undo"), "")
}

fn a_cancellation_is_taken_back_once(database: &Database) {
    let (company, served) = caught_up(database);
    let target = stopping(&served, &company.bo.subscription);
    let undone = undo(&served, &target).expect(200);
    assert_eq!(undone["state"], "undone");
    assert_time(&undone["undo_requested_at"]);
    assert_time(&undone["undone_at"]);
    assert_eq!(undo(&served, &target).expect(200), undone, "again");
    assert_eq!(
        data(&served.read("/v1/cancellations?state=undone")).len(),
        1
    );
    let found = company
        .provider
        .simulator()
        .subscription_view(&company.bo.subscription)
        .unwrap();
    assert!(!found.cancel_at_period_end);

    let visitor = Visitor::enter(&served, &company.bo.customer, "en");
    let page = target.replace("/v1/", "/account/");
    let text = visitor.page(&page, "en");
    assert!(text.contains("The cancellation was taken back"), "{text}");
    let receipt = visitor.ask(&format!("{page}/receipt.txt"));
    assert!(
        receipt.text().contains("was taken back on"),
        "{}",
        receipt.text()
    );

    // Another can be asked for; one with a refund cannot be taken back.
    let again = stopping(&served, &company.bo.subscription);
    assert_ne!(again, target);
    let refunded = format!(
        "/v1/subscriptions/{}/cancellation",
        company.ada.subscription
    );
    let refunded = served
        .post(&refunded, &json!({ "requested_by": "shop" }))
        .expect(202);
    let refunded = format!("/v1/cancellations/{}", refunded["id"].as_str().unwrap());
    served.until(&refunded, |at| at["state"] == "completed");
    let refused = undo(&served, &refunded);
    assert_eq!(refused.problem(409), "too_late");
    let detail = refused.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("money goes or went back"), "{detail}");
    let nobodys = undo(&served, "/v1/cancellations/avcan_nobodys");
    assert_eq!(nobodys.problem(404), "not_found");
}

fn what_the_provider_does_not_answer_is_taken_back_later(database: &Database) {
    let (company, served) = caught_up(database);
    let target = stopping(&served, &company.bo.subscription);
    company.provider.simulator().faults().outage(Outage::Down);
    let asked = undo(&served, &target).expect(202);
    assert_eq!(asked["state"], "completed", "not yet");
    assert_time(&asked["undo_requested_at"]);
    company.provider.simulator().faults().outage(Outage::Up);
    let undone = served.until(&target, |at| at["state"] == "undone");
    assert_eq!(undone["undo_requested_at"], asked["undo_requested_at"]);
}

fn without_a_key_for_the_provider_nothing_is_taken_back(database: &Database) {
    let (company, served) = caught_up(database);
    let target = stopping(&served, &company.bo.subscription);
    drop(served);
    let served = Served::tracking(database);
    let refused = undo(&served, &target);
    assert_eq!(refused.problem(503), "provider_not_configured");
    assert_eq!(served.read(&target)["undo_requested_at"], Value::Null);
}

fn a_cancellation_made_at_the_provider_is_shown_as_that(database: &Database) {
    let (company, served) = caught_up(database);
    let subscription = &company.ada.subscription;
    company.provider.simulator().dashboard_cancel(subscription);
    let all = served.until("/v1/cancellations", |all| data(all).len() == 1);
    let adopted = &data(&all)[0];
    for (field, value) in [
        ("state", json!("completed")),
        ("origin", json!("provider")),
        ("requested_by", json!("shop")),
        ("refund", json!("none")),
        ("reason", json!("cancellation_requested")),
        ("verdicts", json!([])),
        ("refunds", json!([])),
        ("letter_url", Value::Null),
        ("attention", Value::Null),
    ] {
        assert_eq!(adopted[field], value, "{field}");
    }
    assert_eq!(adopted["stop"]["mode"], "immediate");
    assert_time(&adopted["stop"]["done_at"]);

    // The page says whose doing it was and leads to the right that is left.
    let id = adopted["id"].as_str().unwrap();
    let visitor = Visitor::enter(&served, &company.ada.customer, "sv");
    for (lang, text) in [
        ("sv", "direkt hos betaltjänsten"),
        ("en", "directly with the payment provider"),
    ] {
        let visitor = Visitor::enter(&served, &company.ada.customer, lang);
        let page = visitor.page(&format!("/account/cancellations/{id}"), lang);
        assert!(page.contains(text), "{page}");
        assert!(page.contains("/account/subscriptions/avsub_"), "{page}");
        assert!(
            !page.contains("id=\"receipt\""),
            "no receipt is promised: {page}"
        );
    }
    let look = format!("/account/subscriptions/{}/cancel", visitor.subscription());
    assert!(visitor.page(&look, "sv").contains("249,00"));

    let target = format!("/v1/subscriptions/{subscription}/cancellation");
    let ours = served
        .post(&target, &json!({ "requested_by": "customer" }))
        .expect(202);
    assert_eq!(ours["origin"], "avstem");
    let target = format!("/v1/cancellations/{}", ours["id"].as_str().unwrap());
    let done = served.until(&target, |at| at["state"] == "completed");
    assert_eq!(done["refunds"][0]["state"], "succeeded");
    assert_eq!(data(&served.read("/v1/cancellations")).len(), 2);
}

fn refunds_made_at_the_provider_are_shown_with_their_judgement(database: &Database) {
    let (company, served) = caught_up(database);
    let charges = company.charges(&company.ada);
    for (charge, amount) in [(&charges[0], 100), (&charges[1], 200)] {
        let refund = company
            .provider
            .simulator()
            .dashboard_refund(charge, Some(amount));
        refund.unwrap();
    }
    served.until("/v1/refunds", |all| {
        let judged = |refund: &&Value| refund["policy_conform"].is_boolean();
        data(all).iter().filter(judged).count() == 2
    });
    for (conform, charge, code, clause) in [
        (false, &charges[0], "earlier_period", "R3"),
        (true, &charges[1], "latest_charge", "R2"),
    ] {
        let found = served.read(&format!("/v1/refunds?policy_conform={conform}"));
        let [refund] = data(&found) else {
            panic!("{found:#}")
        };
        for (field, value) in [
            ("origin", json!("provider")),
            ("charge_provider_id", json!(charge)),
            ("policy_conform", json!(conform)),
            ("code", json!(code)),
            ("clause", json!(clause)),
            ("state", json!("succeeded")),
        ] {
            assert_eq!(refund[field], value, "{field}");
        }
    }
    let refused = served.get("/v1/refunds?policy_conform=maybe");
    assert_eq!(refused.problem(400), "invalid_parameter");
    let export = served.get("/v1/exports/refunds.csv");
    let lines: Vec<&str> = export.text().lines().collect();
    assert!(
        lines
            .iter()
            .any(|line| line.contains(",false,earlier_period,")),
        "{lines:?}"
    );
    assert!(
        lines
            .iter()
            .any(|line| line.contains(",true,latest_charge,")),
        "{lines:?}"
    );
}
