//! Reports over the wire: who may see them, in which language, and what browsers are told of a picture.

use crate::merchant::{CAMT_08, STRIPE_HISTORY, bytes};
use crate::serving::{ADMIN_KEY, Database, Served, on_both_served};
use serde_json::json;

on_both_served! {
    a_picture_is_served_safely_in_the_language_that_is_asked_for,
    the_numbers_of_a_report_are_those_of_its_picture,
    what_cannot_be_reported_is_refused,
}

const REPORTS: [&str; 5] = [
    "reconciliation",
    "waterfall",
    "breaks",
    "refunds",
    "revenue",
];

fn a_picture_is_served_safely_in_the_language_that_is_asked_for(database: &Database) {
    let served = Served::tracking(database);
    for report in REPORTS {
        let target = format!("/v1/reports/{report}.svg");
        let swedish = served.get(&target);
        assert_eq!(swedish.status, 200, "{}", swedish.text());
        assert_eq!(swedish.header("content-type"), Some("image/svg+xml"));
        let policy = swedish.header("content-security-policy").unwrap();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'unsafe-inline'"),
            "{policy}"
        );
        assert_eq!(swedish.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(swedish.header("cache-control"), Some("no-store"));
        assert!(
            swedish.text().contains("lang=\"sv\""),
            "the setting's language"
        );
        let english = served.get(&format!("{target}?locale=en"));
        assert!(english.text().contains("lang=\"en\""));
        // Twice the same bytes.
        assert_eq!(served.get(&target).body, swedish.body);
    }
}

fn the_numbers_of_a_report_are_those_of_its_picture(database: &Database) {
    let served = Served::tracking(database);
    let bearer = format!("Bearer {ADMIN_KEY}");
    let headers = [("authorization", bearer.as_str())];
    let stripe = "/v1/settlements?connection=stripe";
    served.send("POST", stripe, &headers, &bytes(STRIPE_HISTORY));
    served.send("POST", "/v1/bank-statements", &headers, &bytes(CAMT_08));
    served.post("/v1/reconciliations", &json!({})).expect(201);

    let found = served.read("/v1/reports/reconciliation.json");
    let balances = found["last"]["balances"].as_array().unwrap();
    let sek = balances
        .iter()
        .find(|one| one["currency"] == "SEK")
        .unwrap();
    let stripe = (&json!("stripe"), &json!("4704.82"));
    assert_eq!((&sek["connection"], &sek["bank"]), stripe);
    let drawn = served.get("/v1/reports/reconciliation.svg?locale=en");
    assert!(
        drawn.text().contains(">4,704.82</text>"),
        "{}",
        drawn.text()
    );

    let found = served.read("/v1/reports/waterfall.json?from=2026-10-01&to=2026-10-16");
    let falls = found["currencies"].as_array().unwrap();
    let sek = falls.iter().find(|one| one["currency"] == "SEK").unwrap();
    assert_eq!(sek["bank"], "4704.82");
    assert_eq!(
        (&found["from"], &found["connection"]),
        (&json!("2026-10-01"), &json!(null))
    );

    let found = served.read("/v1/reports/breaks.json?connection=stripe");
    assert_eq!(found["through"], "2026-10-16");
    let kinds = found["kinds"].as_array().unwrap();
    let missing = kinds
        .iter()
        .find(|one| one["kind"] == "missing_in_ledger")
        .unwrap();
    let counts: Vec<_> = missing["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["count"])
        .collect();
    let total: u64 = counts.iter().map(|count| count.as_u64().unwrap()).sum();
    assert_eq!(missing["count"], total);
    assert!(missing["suggestion"].as_str().unwrap().contains("webhook"));
}

fn what_cannot_be_reported_is_refused(database: &Database) {
    let served = Served::tracking(database);
    let problem = |target: &str, status| served.get(target).problem(status);
    assert_eq!(problem("/v1/reports/everything.svg", 404), "not_found");
    assert_eq!(problem("/v1/reports/breaks.png", 404), "not_found");
    assert_eq!(
        problem("/v1/reports/breaks.svg?connection=klarna", 404),
        "not_found"
    );
    assert_eq!(
        problem("/v1/reports/breaks.svg?locale=no", 400),
        "invalid_parameter"
    );
    assert_eq!(
        problem("/v1/reports/breaks.svg?from=2026-10-01", 400),
        "invalid_parameter"
    );
    let backwards = "/v1/reports/waterfall.svg?from=2026-10-02&to=2026-10-01";
    assert_eq!(problem(backwards, 400), "invalid_parameter");
    for role in ["read", "support"] {
        let key = database.run(&["keys", "create", "--role", role, "--name", role]);
        for report in REPORTS {
            let target = format!("/v1/reports/{report}.json");
            let refused = served.get_as(key.stdout.trim(), &target);
            assert_eq!(refused.problem(403), "forbidden", "{role}: {report}");
        }
    }
}
