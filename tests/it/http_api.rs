//! The API from outside: what its objects look like, and the main job from webhook to refund.

use crate::company::{Company, company};
use crate::serving::{Database, Served, on_both_served};
use avstem_domain::time::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both_served! {
    events_have_exactly_their_fields,
    customers_and_subscriptions_have_exactly_their_fields,
    charges_say_what_they_were_for_and_what_came_back,
    a_delivery_report_changes_the_verdict,
    a_delivery_report_that_cannot_be_is_refused,
    the_ledger_is_shown_balanced,
}

/// A company whose past is known to the service.
pub fn caught_up(database: &Database) -> (Company, Served) {
    let mut company = company();
    let served = Served::beside(database, &company.provider);
    served.listen_to(&mut company.provider);
    (company, served)
}

#[track_caller]
pub fn assert_fields(object: &Value, expected: &str) {
    let found: BTreeSet<&str> = object
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let expected: BTreeSet<&str> = expected.split(' ').collect();
    assert_eq!(found, expected, "{object:#}");
}

/// RFC 3339 in UTC.
#[track_caller]
pub fn assert_time(value: &Value) {
    let text = value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no time"));
    assert!(text.ends_with('Z'), "{text}");
    Timestamp::parse_rfc3339(text).unwrap();
}

#[track_caller]
pub fn assert_sek(money: &Value, amount: &str) {
    assert_eq!(*money, json!({ "amount": amount, "currency": "SEK" }));
}

/// The object is the same under our id and the provider's, and is in its list.
#[track_caller]
pub fn assert_found_by_both_ids(served: &Served, route: &str, object: &Value, provider_id: &str) {
    for id in [object["id"].as_str().unwrap(), provider_id] {
        assert_eq!(served.read(&format!("{route}/{id}")), *object, "{id}");
    }
    let listed = served.read(&format!("{route}?limit=100"));
    assert!(
        listed["data"].as_array().unwrap().contains(object),
        "{object} is not in {route}"
    );
}

pub fn data(list: &Value) -> &[Value] {
    assert_fields(list, "data next_cursor");
    list["data"].as_array().unwrap()
}

pub fn codes(object: &Value) -> Vec<&str> {
    object["verdicts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|verdict| verdict["code"].as_str().unwrap())
        .collect()
}

fn events_have_exactly_their_fields(database: &Database) {
    let (_company, served) = caught_up(database);
    let paid = served.read("/v1/events?type=invoice.paid&connection=stripe&state=processed");
    assert_eq!(data(&paid).len(), 5);
    let event = &data(&paid)[0];
    assert_fields(
        event,
        "id provider_event_id connection type state attempts error conflict received_at processed_at",
    );
    assert!(event["id"].as_str().unwrap().starts_with("avevt_"));
    assert_time(&event["received_at"]);
    assert_time(&event["processed_at"]);
    assert_eq!(
        (&event["error"], &event["conflict"]),
        (&Value::Null, &Value::Null)
    );
    assert_found_by_both_ids(
        &served,
        "/v1/events",
        event,
        event["provider_event_id"].as_str().unwrap(),
    );
    assert_eq!(data(&served.read("/v1/events?connection=another")).len(), 0);
}

fn customers_and_subscriptions_have_exactly_their_fields(database: &Database) {
    let (company, served) = caught_up(database);
    let found = served.read("/v1/customers?email=ada-canary-pii@example.test");
    assert_eq!(data(&found).len(), 1);
    let ada = &data(&found)[0];
    assert_fields(ada, "id provider_id connection email name locale status");
    assert_eq!(ada["provider_id"], company.ada.customer);
    assert_eq!(
        (&ada["name"], &ada["locale"], &ada["status"]),
        (&json!("Ada Canary-PII"), &json!("sv"), &json!("active"))
    );
    assert_found_by_both_ids(&served, "/v1/customers", ada, &company.ada.customer);

    for customer in [ada["id"].as_str().unwrap(), &company.ada.customer] {
        let hers = served.read(&format!(
            "/v1/subscriptions?customer={customer}&status=active"
        ));
        assert_eq!(data(&hers).len(), 1);
        assert_eq!(data(&hers)[0]["provider_id"], company.ada.subscription);
    }
    assert_eq!(
        data(&served.read("/v1/subscriptions?status=canceled")).len(),
        0
    );
    let subscription = served.read(&format!("/v1/subscriptions/{}", company.ada.subscription));
    assert_fields(
        &subscription,
        "id provider_id connection customer customer_provider_id status plan price interval current_period \
         cancel_at_period_end canceled_at ended_at next_billing_at latest_charge latest_charge_provider_id"
            .split_whitespace().collect::<Vec<_>>().join(" ").as_str(),
    );
    assert_eq!(subscription["customer"], ada["id"]);
    assert_eq!(subscription["customer_provider_id"], ada["provider_id"]);
    assert_eq!(
        (&subscription["status"], &subscription["plan"]),
        (&json!("active"), &json!("Bas"))
    );
    assert_sek(&subscription["price"], "249.00");
    assert_eq!(
        subscription["interval"],
        json!({ "unit": "month", "count": 1 })
    );
    assert_time(&subscription["current_period"]["start"]);
    assert_eq!(
        subscription["next_billing_at"],
        subscription["current_period"]["end"]
    );
    assert_eq!(subscription["cancel_at_period_end"], false);
    assert_eq!(
        (&subscription["canceled_at"], &subscription["ended_at"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        subscription["latest_charge_provider_id"],
        company.charges(&company.ada)[1]
    );
    assert_found_by_both_ids(
        &served,
        "/v1/subscriptions",
        &subscription,
        &company.ada.subscription,
    );
}

fn charges_say_what_they_were_for_and_what_came_back(database: &Database) {
    let (company, served) = caught_up(database);
    let ids = company.charges(&company.ada);
    company
        .provider
        .simulator()
        .dashboard_refund(&ids[0], Some(5_000));
    served.caught_up(&company.provider);
    let answer = served.read(&format!(
        "/v1/subscriptions/{}/charges",
        company.ada.subscription
    ));
    let [renewal, initial] = data(&answer) else {
        panic!("{answer:#}")
    };
    for charge in [renewal, initial] {
        assert_fields(
            charge,
            "id provider_id kind amount refunded disputed status charged_at period",
        );
        assert_sek(&charge["amount"], "249.00");
        assert_eq!(
            (&charge["status"], &charge["disputed"]),
            (&json!("succeeded"), &json!(false))
        );
        assert_time(&charge["charged_at"]);
        assert_fields(&charge["period"], "start end");
    }
    assert_eq!(
        (&renewal["kind"], &renewal["provider_id"]),
        (&json!("renewal"), &json!(ids[1]))
    );
    assert_eq!(
        (&initial["kind"], &initial["provider_id"]),
        (&json!("initial"), &json!(ids[0]))
    );
    assert_eq!(renewal["period"]["start"], initial["period"]["end"]);
    assert_sek(&renewal["refunded"], "0.00");
    assert_sek(&initial["refunded"], "50.00");
    let refunds = served.read("/v1/refunds");
    let [refund] = data(&refunds) else {
        panic!("{refunds:#}")
    };
    assert_eq!(
        (&refund["origin"], &refund["state"]),
        (&json!("provider"), &json!("succeeded"))
    );
}

fn a_delivery_report_changes_the_verdict(database: &Database) {
    let (company, served) = caught_up(database);
    let charge = &company.charges(&company.cleo)[0];
    let target = format!("/v1/subscriptions/{}/deliveries", company.cleo.subscription);
    let report = |body: Value| served.post(&target, &body);
    let half = report(json!({ "charge": charge, "ordered": 30, "delivered": 15 })).expect(201);
    assert_fields(
        &half,
        "id subscription subscription_provider_id charge charge_provider_id ordered delivered completed reported_by reported_at",
    );
    assert_eq!(
        (&half["ordered"], &half["delivered"], &half["completed"]),
        (&json!(30), &json!(15), &json!(false))
    );
    let preview = || {
        served.read(&format!(
            "/v1/subscriptions/{}/cancellation/preview",
            company.cleo.subscription
        ))
    };
    let partly = preview();
    assert_eq!(codes(&partly), ["latest_charge_partly_delivered"]);
    assert_eq!(partly["verdicts"][0]["decision"], "partial_refund");
    assert_sek(&partly["verdicts"][0]["refund_amount"], "124.50");
    report(json!({ "charge": charge, "ordered": 30, "delivered": 30, "completed": true }))
        .expect(201);
    assert_eq!(codes(&preview()), ["period_delivered"]);
    report(json!({ "charge": charge, "ordered": 30, "delivered": 0 })).expect(201);
    assert_eq!(
        codes(&preview()),
        ["latest_charge"],
        "the last report counts"
    );
}

fn a_delivery_report_that_cannot_be_is_refused(database: &Database) {
    let (company, served) = caught_up(database);
    let charge = &company.charges(&company.cleo)[0];
    let target = format!("/v1/subscriptions/{}/deliveries", company.cleo.subscription);
    let report = |body: Value| served.post(&target, &body);
    let of_ada = &company.charges(&company.ada)[1];
    let refused = [
        (
            json!({ "charge": charge, "ordered": 0, "delivered": 0 }),
            400,
            "invalid_parameter",
        ),
        (
            json!({ "charge": charge, "ordered": 5, "delivered": 6 }),
            400,
            "invalid_parameter",
        ),
        (
            json!({ "charge": charge, "ordered": 5, "delivered": -1 }),
            400,
            "invalid_parameter",
        ),
        (
            json!({ "charge": charge, "ordered": 5 }),
            400,
            "invalid_body",
        ),
        (
            json!({ "charge": charge, "ordered": 5.5, "delivered": 1 }),
            400,
            "invalid_body",
        ),
        (
            json!({ "charge": charge, "ordered": "5", "delivered": 1 }),
            400,
            "invalid_body",
        ),
        (
            json!({ "charge": charge, "ordered": 5, "delivered": 1, "completed": 1 }),
            400,
            "invalid_body",
        ),
        (
            json!({ "charge": "ch_nobodys", "ordered": 5, "delivered": 1 }),
            404,
            "not_found",
        ),
        (
            json!({ "charge": of_ada, "ordered": 5, "delivered": 1 }),
            422,
            "charge_of_another_subscription",
        ),
    ];
    for (body, status, code) in refused {
        assert_eq!(report(body.clone()).problem(status), code, "{body}");
    }
    let target = format!(
        "{}/cancellation/preview",
        target.trim_end_matches("/deliveries")
    );
    assert_eq!(
        codes(&served.read(&target)),
        ["latest_charge"],
        "nothing was kept"
    );
}

fn the_ledger_is_shown_balanced(database: &Database) {
    let (company, served) = caught_up(database);
    let balance = served.read("/v1/ledger/trial-balance");
    assert_eq!(
        balance,
        json!({ "currencies": { "SEK": { "accounts": {
            "assets:provider:stripe": "1245.00",
            "liabilities:deferred_revenue": "-996.00",
            "liabilities:vat": "-249.00",
        }, "total": "0.00" } } })
    );
    assert_eq!(
        served.read("/v1/ledger/trial-balance?as_of=2020-01-01"),
        json!({ "currencies": {} })
    );
    let accounts = served.read("/v1/ledger/accounts");
    assert!(data(&accounts).contains(&json!({
        "account": "liabilities:vat", "type": "liabilities", "balances": [{ "amount": "-249.00", "currency": "SEK" }]
    })));

    let cleos = &company.charges(&company.cleo)[0];
    let journals = served.read(&format!("/v1/ledger/journals?reference={cleos}"));
    let [journal] = data(&journals) else {
        panic!("{journals:#}")
    };
    assert_fields(
        journal,
        "id event reference description connection booked_on occurred_at recorded_at postings",
    );
    assert_eq!(journal["reference"], *cleos);
    assert_time(&journal["occurred_at"]);
    assert_time(&journal["recorded_at"]);
    let mut postings: Vec<(&str, &str)> = Vec::new();
    for posting in journal["postings"].as_array().unwrap() {
        postings.push((
            posting["account"].as_str().unwrap(),
            posting["amount"]["amount"].as_str().unwrap(),
        ));
    }
    postings.sort_unstable();
    assert_eq!(
        postings,
        [
            ("assets:provider:stripe", "249.00"),
            ("liabilities:deferred_revenue", "-199.20"),
            ("liabilities:vat", "-49.80")
        ]
    );

    // Days are inclusive, and the day is the one it was booked on.
    let day = journal["booked_on"].as_str().unwrap();
    let within = served.read(&format!("/v1/ledger/journals?from={day}&to={day}"));
    assert_eq!(data(&within), std::slice::from_ref(journal));
    let charge =
        served.read(&format!("/v1/subscriptions/{}", company.cleo.subscription))["latest_charge"]
            .clone();
    let by_our_id = served.read(&format!(
        "/v1/ledger/journals?reference={}",
        charge.as_str().unwrap()
    ));
    assert_eq!(by_our_id["data"], journals["data"]);
    assert_eq!(data(&served.read("/v1/ledger/journals")).len(), 5);
}
