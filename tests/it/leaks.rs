//! What people's names, secrets and keys must never reach: logs, outputs of commands, and problems.

use crate::company::company;
use crate::serving::{ADMIN_KEY, Database, Ran, Served, on_both_served, settings_for};
use crate::wire::Reply;
use crate::world::{API_KEY, WEBHOOK_SECRET};
use avstem_simulator::{CallMatch, Fault};
use avstem_webhooks::outbound::Method;
use serde_json::json;

on_both_served! {
    the_main_job_logs_no_secret_and_nobodys_name,
    a_failed_start_shows_no_secret,
}

/// Every canary of the world, in any case.
const CANARIES: [&str; 4] = ["canary", "example.test", "kund-pii", "hemlig"];

#[track_caller]
fn assert_clean(what: &str, text: &str, more: &[&str]) {
    let lower = text.to_lowercase();
    for canary in CANARIES.iter().chain(more) {
        if let Some(position) = lower.find(&canary.to_lowercase()) {
            let line = lower[..position].lines().count().saturating_sub(1);
            panic!(
                "{what} shows {canary:?}: {}",
                text.lines().nth(line).unwrap_or(text)
            );
        }
    }
}

/// Asks for things that go wrong, with canaries in all that a caller can send.
fn provoke(served: &Served, subscription: &str) -> Vec<Reply> {
    let body = json!({ "charge": "ch_0", "reason": "hemlig reason", "canary": "canary" });
    let mut replies = vec![
        served.get_as("avkey_canary_wrong", "/v1/events"),
        served.get_as(&format!("{ADMIN_KEY}x"), "/v1/events"),
        served.get("/v1/customers?email=ada-canary-pii@example.test&limit=0"),
        served.get("/v1/events?state=hemlig"),
        served.post("/v1/refunds", &json!({ "charge": "ch_0", "reason": 7 })),
        served.post(
            "/v1/portal-sessions",
            &json!({ "customer": "cus_0", "return_url": "javascript:'hemlig'" }),
        ),
        served.post(
            &format!("/v1/subscriptions/{subscription}/cancellation"),
            &json!({ "requested_by": "hemlig" }),
        ),
        served.post_as(ADMIN_KEY, "/v1/refunds", "{\"charge\": hemlig}"),
        served.send(
            "POST",
            "/webhooks/stripe",
            &[("stripe-signature", "t=1,v1=hemlig")],
            b"{\"email\":\"canary\"}",
        ),
    ];
    // The name of an unknown field is told, and it is the caller's own.
    let named = served.post("/v1/refunds", &body);
    assert_eq!(named.problem(400), "invalid_body");
    replies.push(served.get("/account/enter/hemlig"));
    replies
}

fn the_main_job_logs_no_secret_and_nobodys_name(database: &Database) {
    let mut company = company();
    let base = company.provider.base();
    let mut settings = settings_for(&base).to_vec();
    settings.push(("AVSTEM_LOG", "debug"));
    let served = Served::start(database, &settings);
    let support = served.key(database, "support");
    served.listen_to(&mut company.provider);
    // Signed, with a person in it, and broken: what is said of it must not quote it.
    for broken in [
        "{\"id\":\"evt_x\",\"object\":\"event\",\"type\":\"customer.created\",\"data\":{\"object\":{\"email\":\"canary-pii@example.test\"",
        "{\"id\":\"evt_y\",\"object\":\"event\",\"type\":\"customer.created\",\"created\":1700000000,\"data\":{\"object\":{\"object\":\"customer\",\"id\":7,\"name\":\"Canary\",\"email\":[\"canary-pii@example.test\"]}}}",
        "{\"id\":\"evt_z\",\"object\":\"event\",\"type\":\"charge.succeeded\",\"created\":1700000000,\"data\":{\"object\":{\"object\":\"charge\",\"id\":\"ch_z\",\"amount\":\"hemlig\",\"currency\":\"sek\",\"billing_details\":{\"name\":\"Canary\"}}}}",
    ] {
        assert_eq!(served.webhook(broken.as_bytes()).status, 200);
    }
    served.quiet();
    let failed = served.read("/v1/events?state=failed");
    assert!(failed["data"].as_array().unwrap().len() >= 2, "{failed:#}");
    assert_clean("an event's error", &failed.to_string(), &[]);

    let link = served
        .post_as(
            &support,
            "/v1/portal-sessions",
            &json!({ "customer": company.ada.customer }).to_string(),
        )
        .expect(201);
    let url = link["url"].as_str().unwrap();
    let token = url.rsplit('/').next().unwrap().to_owned();
    let entered = served.send("GET", &format!("/account/enter/{token}"), &[], b"");
    let cookie = entered
        .header("set-cookie")
        .unwrap()
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    let session = cookie.split_once('=').unwrap().1.to_owned();
    let page = served.send("GET", "/account", &[("cookie", &cookie)], b"");
    let (_, form) = page
        .text()
        .split_once("name=\"form_token\" value=\"")
        .unwrap();
    let form_token = form.split('"').next().unwrap();

    // A provider that fails on the way, so that errors are logged too.
    company.provider.simulator().faults().on(
        CallMatch::next(Method::Post, "/v1/refunds"),
        Fault::LoseAnswerAfterEffect,
    );
    company.provider.simulator().faults().on(
        CallMatch::next(Method::Delete, "/v1/subscriptions/*"),
        Fault::ServerErrorBeforeEffect { status: 500 },
    );
    let target = format!(
        "/v1/subscriptions/{}/cancellation",
        company.ada.subscription
    );
    let asked = served
        .post_as(
            &support,
            &target,
            &json!({ "requested_by": "support", "reason": "hemlig reason" }).to_string(),
        )
        .expect(202);
    served.until(
        &format!("/v1/cancellations/{}", asked["id"].as_str().unwrap()),
        |at| at["state"] == "completed",
    );
    served.caught_up(&company.provider);
    let problems = provoke(&served, &company.cleo.subscription);
    let exported = served.get("/v1/exports/subscriptions.csv");
    assert_clean("an export of subscriptions", exported.text(), &[]);

    let secrets = [
        WEBHOOK_SECRET,
        API_KEY,
        ADMIN_KEY,
        &support,
        &token,
        &session,
        form_token,
    ];
    for open in ["/metrics", "/openapi.json", "/docs"] {
        let shown = served.send("GET", open, &[], b"");
        assert_eq!(shown.status, 200, "{open}");
        assert_clean(open, &without_our_examples(shown.text()), &secrets);
    }
    for problem in &problems {
        assert!(problem.status >= 400, "{}", problem.text());
        assert_clean("a problem", problem.text(), &secrets);
    }
    let log = served.kill();
    assert!(log.lines().count() > 50, "there is a log to look at: {log}");
    assert!(log.contains("request_id"), "{log}");
    assert_clean("the log", &log, &secrets);
}

/// The description has an address of nobody in its examples.
fn without_our_examples(text: &str) -> String {
    text.replace("a@example.test", "")
}

fn a_failed_start_shows_no_secret(database: &Database) {
    let failures: [&[(&str, &str)]; 8] = [
        &[(
            "AVSTEM_DATABASE_URL",
            "postgres://canary:hemlig@127.0.0.1:1/canary",
        )],
        &[("AVSTEM_DATABASE_URL", "mysql://canary:hemlig@127.0.0.1/x")],
        &[(
            "AVSTEM_CONNECTIONS__STRIPE__WEBHOOK_SECRETS",
            "whsec_canary\nhemlig",
        )],
        &[("AVSTEM_CONNECTIONS__STRIPE__API_KEY", "sk_canary\themlig")],
        &[("AVSTEM_ADMIN_KEY", "canary\nhemlig")],
        &[
            ("AVSTEM_EMAIL__SMTP_URL", "ftp://canary:hemlig@127.0.0.1"),
            ("AVSTEM_EMAIL__FROM", "a@b.example"),
        ],
        &[("AVSTEM_NONSENSE", "hemlig")],
        &[
            ("AVSTEM_CONNECTIONS__CANARIA__PROVIDER", "stripe"),
            ("AVSTEM_CONNECTIONS__CANARIA__API_KEY", "hemlig"),
        ],
    ];
    for settings in failures {
        let ran = Ran::of(&database.program(&["serve"], settings).output().unwrap());
        assert_eq!(ran.code, Some(1), "{settings:?}: {ran:?}");
        assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
        for text in [&ran.stdout, &ran.stderr] {
            assert!(
                !text.contains("hemlig") && !text.contains("whsec_canary"),
                "{text}"
            );
        }
    }
    let file = database.folder.path().join("avstem.toml");
    std::fs::write(&file, "admin_key = \"hemlig\nbind = 3").unwrap();
    let ran = database.run(&["migrate"]);
    assert_eq!(ran.code, Some(1));
    assert!(!ran.stderr.contains("hemlig"), "{ran:?}");
}
