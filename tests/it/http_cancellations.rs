//! The main job from outside: cancellations and refunds, asked for, refused, and carried out.

use crate::http_api::{
    assert_fields, assert_found_by_both_ids, assert_sek, assert_time, caught_up, codes, data,
};
use crate::serving::{ADMIN_KEY, Database, Served, now, on_both_served};
use avstem_domain::time::Timestamp;
use avstem_simulator::{CallMatch, Fault};
use avstem_webhooks::outbound::Method;
use serde_json::{Value, json};

on_both_served! {
    what_keeps_a_cancellation_waiting_is_told,
    a_cancellation_goes_from_preview_to_completed_with_one_refund,
    a_preview_says_what_a_cancellation_now_would_do,
    without_a_refund_due_it_stops_at_the_end_of_the_period,
    a_refund_alone_is_granted_or_refused_by_the_rules,
    a_cancellation_is_refused_when_what_was_asked_for_does_not_hold,
    without_a_key_for_the_provider_nothing_is_promised,
    a_cancellation_may_have_been_asked_for_earlier,
}

const CANCELLATION: &str = "id subscription subscription_provider_id state origin requested_by refund reason received_at \
requested_at stop verdicts refunds policy_version letter_url attention undo_requested_at undone_at";
const VERDICT: &str =
    "charge charge_provider_id kind amount period decision refund_amount code clause explanation";
const REFUND: &str = "id provider_id charge charge_provider_id cancellation amount state state_since pending_reason origin policy_conform code clause reason \
failure_reason attention created_at";

fn a_preview_says_what_a_cancellation_now_would_do(database: &Database) {
    let (company, served) = caught_up(database);
    let target = format!(
        "/v1/subscriptions/{}/cancellation",
        company.ada.subscription
    );
    let preview = served.read(&format!("{target}/preview"));
    assert_fields(&preview, "stop verdicts");
    assert_eq!(preview["stop"]["mode"], "immediate");
    assert_time(&preview["stop"]["effective_at"]);
    assert_eq!(codes(&preview), ["latest_charge", "earlier_period"]);
    let kept = served.read(&format!("{target}/preview?refund=none"));
    assert_eq!(kept["stop"]["mode"], "at_period_end");
    assert_eq!(data(&served.read("/v1/cancellations")).len(), 0);
}

fn a_cancellation_goes_from_preview_to_completed_with_one_refund(database: &Database) {
    let (company, served) = caught_up(database);
    let target = format!(
        "/v1/subscriptions/{}/cancellation",
        company.ada.subscription
    );
    let latest = &company.charges(&company.ada)[1];
    let asked =
        json!({ "requested_by": "customer", "reason": "moves", "expected_latest_charge": latest });
    let accepted = served.post(&target, &asked).expect(202);
    assert_fields(&accepted, CANCELLATION);
    assert_eq!(
        (
            &accepted["requested_by"],
            &accepted["refund"],
            &accepted["reason"]
        ),
        (&json!("customer"), &json!("policy"), &json!("moves"))
    );
    let id = accepted["id"].as_str().unwrap();
    let again = served
        .post(
            &target,
            &json!({ "requested_by": "support", "refund": "none" }),
        )
        .expect(200);
    assert_eq!(
        (&again["id"], &again["requested_by"]),
        (&accepted["id"], &json!("customer"))
    );

    let done = served.until(&format!("/v1/cancellations/{id}"), |at| {
        at["state"] == "completed"
    });
    check_finished(&done, latest);
    served.caught_up(&company.provider);
    check_refund(&served, &done);

    let subscription = served.read(&format!("/v1/subscriptions/{}", company.ada.subscription));
    assert_eq!(subscription["status"], "canceled");
    assert_time(&subscription["canceled_at"]);
    assert_eq!(subscription["next_billing_at"], Value::Null);
    assert_eq!(company.provider.simulator().refunds_of(latest).len(), 1);
    assert_eq!(
        company
            .provider
            .simulator()
            .subscription_view(&company.ada.subscription)
            .unwrap()
            .status,
        "canceled"
    );
}

/// A cancellation of two charges that is completed.
fn check_finished(done: &Value, latest: &str) {
    let id = done["id"].as_str().unwrap();
    assert_fields(done, CANCELLATION);
    assert_fields(&done["stop"], "mode effective_at done_at");
    assert_eq!(done["stop"]["mode"], "immediate");
    assert_time(&done["stop"]["done_at"]);
    assert_eq!(done["attention"], Value::Null);
    assert!(done["policy_version"].is_string());
    assert!(
        done["letter_url"]
            .as_str()
            .unwrap()
            .ends_with(&format!("/account/cancellations/{id}"))
    );
    assert_eq!(codes(done), ["latest_charge", "earlier_period"]);
    let [granted, refused] = done["verdicts"].as_array().unwrap().as_slice() else {
        panic!("{done:#}")
    };
    for verdict in [granted, refused] {
        assert_fields(verdict, VERDICT);
        assert_fields(&verdict["explanation"], "sv en");
        assert_ne!(verdict["explanation"]["sv"], verdict["explanation"]["en"]);
    }
    assert_eq!(
        (
            &granted["decision"],
            &granted["clause"],
            &granted["charge_provider_id"]
        ),
        (&json!("refund"), &json!("R2"), &json!(latest))
    );
    assert_sek(&granted["refund_amount"], "249.00");
    assert_eq!(
        (
            &refused["decision"],
            &refused["clause"],
            &refused["refund_amount"]
        ),
        (&json!("reject"), &json!("R3"), &Value::Null)
    );
}

/// Its one refund, alone and in lists.
fn check_refund(served: &Served, done: &Value) {
    let granted = &done["verdicts"][0];
    let [refund] = done["refunds"].as_array().unwrap().as_slice() else {
        panic!("{done:#}")
    };
    assert_fields(refund, REFUND);
    assert_eq!(
        (
            &refund["state"],
            &refund["origin"],
            &refund["policy_conform"]
        ),
        (&json!("succeeded"), &json!("avstem"), &json!(true))
    );
    assert_sek(&refund["amount"], "249.00");
    assert_eq!(
        (&refund["cancellation"], &refund["charge"]),
        (&done["id"], &granted["charge"])
    );
    assert_found_by_both_ids(
        served,
        "/v1/refunds",
        refund,
        refund["provider_id"].as_str().unwrap(),
    );
    let today = now().to_utc().date_naive();
    let (day, next) = (today.pred_opt().unwrap(), today.succ_opt().unwrap());
    assert_eq!(
        data(&served.read(&format!("/v1/refunds?state=succeeded&from={day}&to={next}"))).len(),
        1
    );
    assert_eq!(
        data(&served.read(&format!("/v1/refunds?to={}", day.pred_opt().unwrap()))).len(),
        0
    );
    assert_eq!(data(&served.read("/v1/refunds?state=failed")).len(), 0);
    assert_eq!(
        data(&served.read("/v1/cancellations?state=completed")).len(),
        1
    );
    assert_eq!(
        data(&served.read("/v1/cancellations?state=attention")).len(),
        0
    );
}

fn without_a_refund_due_it_stops_at_the_end_of_the_period(database: &Database) {
    let (company, served) = caught_up(database);
    let target = format!("/v1/subscriptions/{}/cancellation", company.bo.subscription);
    let accepted = served
        .post(&target, &json!({ "requested_by": "shop" }))
        .expect(202);
    let done = served.until(
        &format!("/v1/cancellations/{}", accepted["id"].as_str().unwrap()),
        |at| at["state"] == "completed",
    );
    assert_eq!(codes(&done), ["outside_window", "earlier_period"]);
    assert_eq!(
        (&done["stop"]["mode"], &done["refunds"]),
        (&json!("at_period_end"), &json!([]))
    );
    served.caught_up(&company.provider);
    let subscription = served.read(&format!("/v1/subscriptions/{}", company.bo.subscription));
    assert_eq!(
        (
            &subscription["status"],
            &subscription["cancel_at_period_end"]
        ),
        (&json!("active"), &json!(true))
    );
    assert_eq!(subscription["next_billing_at"], Value::Null);
    assert_eq!(
        done["stop"]["effective_at"],
        subscription["current_period"]["end"]
    );
    let at_provider = company
        .provider
        .simulator()
        .subscription_view(&company.bo.subscription)
        .unwrap();
    assert!(at_provider.cancel_at_period_end);
}

fn what_keeps_a_cancellation_waiting_is_told(database: &Database) {
    let (company, served) = caught_up(database);
    let every_read = CallMatch::every(Method::Get, "/v1/subscriptions/*");
    company
        .provider
        .simulator()
        .faults()
        .on(every_read, Fault::WrongKey);
    let target = format!(
        "/v1/subscriptions/{}/cancellation",
        company.ada.subscription
    );
    let asked = served
        .post(&target, &json!({ "requested_by": "shop" }))
        .expect(202);
    let target = format!("/v1/cancellations/{}", asked["id"].as_str().unwrap());
    let waiting = served.until(&target, |at| at["state"] == "attention");
    assert!(waiting["attention"].as_str().unwrap().contains("api_key"));
}

fn a_refund_alone_is_granted_or_refused_by_the_rules(database: &Database) {
    let (company, served) = caught_up(database);
    let ask = |charge: &str| {
        served.post(
            "/v1/refunds",
            &json!({ "charge": charge, "reason": "kind words" }),
        )
    };
    let charges = company.charges(&company.bo);
    for (charge, code, clause) in [
        (&charges[1], "outside_window", "R5"),
        (&charges[0], "earlier_period", "R3"),
    ] {
        let refused = ask(charge);
        assert_eq!(refused.problem(422), code);
        assert_eq!(refused.json()["clause"], clause);
        assert_fields(&refused.json()["explanation"], "sv en");
    }
    let cleos = &company.charges(&company.cleo)[0];
    let refund = ask(cleos).expect(201);
    assert_fields(&refund, REFUND);
    assert_eq!(
        (
            &refund["reason"],
            &refund["cancellation"],
            &refund["charge_provider_id"]
        ),
        (&json!("kind words"), &Value::Null, &json!(cleos))
    );
    assert_sek(&refund["amount"], "249.00");
    let again = ask(cleos);
    assert_eq!(again.problem(422), "already_refunded");
    assert_eq!(again.json()["clause"], "R2");
    let target = format!("/v1/refunds/{}", refund["id"].as_str().unwrap());
    served.until(&target, |refund| refund["state"] == "succeeded");
    assert_eq!(company.provider.simulator().refunds_of(cleos).len(), 1);
    let subscription = served.read(&format!("/v1/subscriptions/{}", company.cleo.subscription));
    assert_eq!(
        subscription["status"], "active",
        "a refund alone stops nothing"
    );
    assert_eq!(ask("ch_nobodys").problem(404), "not_found");
}

fn a_cancellation_is_refused_when_what_was_asked_for_does_not_hold(database: &Database) {
    let (company, served) = caught_up(database);
    let target = format!(
        "/v1/subscriptions/{}/cancellation",
        company.cleo.subscription
    );
    let ask = |body: Value| served.post(&target, &body);
    let future = now().saturating_add_seconds(120).to_rfc3339();
    let refused = [
        (json!({}), 400, "invalid_body"),
        (
            json!({ "requested_by": "nobody" }),
            400,
            "invalid_parameter",
        ),
        (
            json!({ "requested_by": "shop", "refund": "all" }),
            400,
            "invalid_parameter",
        ),
        (
            json!({ "requested_by": "shop", "requested_at": "yesterday" }),
            400,
            "invalid_parameter",
        ),
        (
            json!({ "requested_by": "shop", "requested_at": future }),
            400,
            "invalid_parameter",
        ),
        (
            json!({ "requested_by": "shop", "expected_latest_charge": "ch_other" }),
            409,
            "latest_charge_changed",
        ),
    ];
    for (body, status, code) in refused {
        assert_eq!(ask(body.clone()).problem(status), code, "{body}");
    }
    let nobodys = served.post(
        "/v1/subscriptions/sub_nobodys/cancellation",
        &json!({ "requested_by": "shop" }),
    );
    assert_eq!(nobodys.problem(404), "not_found");
    assert_eq!(
        data(&served.read("/v1/cancellations")).len(),
        0,
        "nothing was done"
    );
    assert_eq!(
        company
            .provider
            .simulator()
            .requests_seen()
            .iter()
            .filter(|call| call.method != avstem_webhooks::outbound::Method::Get)
            .count(),
        0
    );
}

fn a_cancellation_may_have_been_asked_for_earlier(database: &Database) {
    let (company, served) = caught_up(database);
    let target = format!(
        "/v1/subscriptions/{}/cancellation",
        company.cleo.subscription
    );
    let ask = |body: Value| served.post(&target, &body);
    let asked = now().saturating_add_seconds(-86_400).to_rfc3339();
    let accepted = ask(json!({ "requested_by": "support", "requested_at": asked })).expect(202);
    let told = |value: &Value| Timestamp::parse_rfc3339(value.as_str().unwrap()).unwrap();
    assert_eq!(
        told(&accepted["requested_at"]),
        Timestamp::parse_rfc3339(&asked).unwrap()
    );
    assert!(told(&accepted["received_at"]) > told(&accepted["requested_at"]));
}

fn without_a_key_for_the_provider_nothing_is_promised(database: &Database) {
    let (company, served) = caught_up(database);
    // The same database, served by a program that only tracks.
    drop(served);
    let served = Served::tracking(database);
    for (target, body) in [
        (
            format!(
                "/v1/subscriptions/{}/cancellation",
                company.ada.subscription
            ),
            json!({ "requested_by": "shop" }),
        ),
        (
            "/v1/refunds".to_owned(),
            json!({ "charge": company.charges(&company.ada)[1] }),
        ),
    ] {
        let refused = served.post_as(ADMIN_KEY, &target, &body.to_string());
        assert_eq!(refused.problem(503), "provider_not_configured", "{target}");
    }
}
