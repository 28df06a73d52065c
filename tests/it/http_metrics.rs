//! `/metrics` from outside: the right numbers after a day's work, in a format that can be read, and
//! nothing in it that somebody sent.

use crate::http_api::caught_up;
use crate::metrics::page::Metrics;
use crate::serving::{Database, Served, on_both_served};
use serde_json::json;
use std::collections::BTreeSet;

on_both_served! {
    a_day_of_webhooks_and_refunds_is_counted,
    every_refusal_of_a_webhook_is_counted_without_what_was_sent,
}

const STRIPE: &str = "connection=\"stripe\"";

fn unreadable(id: &str) -> String {
    format!(
        "{{\"id\":\"{id}\",\"object\":\"event\",\"type\":\"charge.succeeded\",\"created\":1700000000,\"data\":{{\"object\":{{\"object\":\"charge\",\"id\":7}}}}}}"
    )
}

fn a_day_of_webhooks_and_refunds_is_counted(database: &Database) {
    let (company, served) = caught_up(database);
    let broken = unreadable("evt_broken");
    for _ in 0..3 {
        assert_eq!(served.webhook(broken.as_bytes()).status, 200);
    }
    served.quiet();
    let charge = company.charges(&company.cleo)[0].clone();
    let refund = served
        .post("/v1/refunds", &json!({ "charge": charge }))
        .expect(201);
    let refund = format!("/v1/refunds/{}", refund["id"].as_str().unwrap());
    served.until(&refund, |at| at["state"] == "succeeded");
    served.caught_up(&company.provider);
    assert_eq!(served.get("/v1/events/nobodys").status, 404);
    served.until("/v1/ledger/journals?limit=1", |at| {
        at["data"][0].is_object()
    });
    let events = served.read("/v1/events?limit=100");
    let events = i64::try_from(events["data"].as_array().unwrap().len()).unwrap();
    assert!(
        events < 100,
        "more than a page: the counts below would be wrong"
    );

    let journals = served.read("/v1/ledger/journals?limit=100")["data"]
        .as_array()
        .unwrap()
        .len();
    let journals = i64::try_from(journals).unwrap();
    let metrics = metrics_when(&served, |at| at.get("ledger_sealed_journals") == journals);
    check_intake(&metrics, events);
    check_the_rest(&metrics, events);
    check_explained(&metrics);
}

fn check_intake(metrics: &Metrics, events: i64) {
    let webhooks =
        |outcome: &str| metrics.get(&format!("webhooks_total{{{STRIPE},outcome=\"{outcome}\"}}"));
    assert_eq!((webhooks("new"), webhooks("duplicate")), (events, 2));
    assert_eq!(metrics.get("intake_batch_events_sum"), events + 2);
    assert!(metrics.get("intake_commit_seconds_count") >= 1);
    let processed =
        |state: &str| metrics.get(&format!("events_processed_total{{state=\"{state}\"}}"));
    assert_eq!(processed("failed"), 1);
    assert_eq!(metrics.get("events{state=\"failed\"}"), 1);
    assert_eq!(
        metrics.get("processing_batch_events_sum"),
        metrics.sum("events_processed_total")
    );
    assert_eq!(
        metrics.get("processing_lag_seconds_count"),
        processed("processed") + processed("ignored")
    );
    assert_eq!(processed("processed") + processed("ignored") + 1, events);
}

fn check_the_rest(metrics: &Metrics, events: i64) {
    assert_eq!(metrics.get("refunds{state=\"succeeded\"}"), 1);
    assert_eq!(metrics.sum("refunds"), 1);
    assert_eq!(metrics.get("ledger_unsealed_journals"), 0);
    assert_eq!(metrics.get("database_up"), 1);
    assert!(
        metrics.get(&format!(
            "provider_call_seconds_count{{{STRIPE},outcome=\"executed\"}}"
        )) >= 1
    );
    let asked = |method: &str, route: &str, status: u16| {
        metrics.get(&format!(
            "http_requests_total{{method=\"{method}\",route=\"{route}\",status=\"{status}\"}}"
        ))
    };
    assert_eq!(asked("POST", "/webhooks/{connection}", 200), events + 2);
    assert_eq!(asked("POST", "/v1/refunds", 201), 1);
    assert_eq!(asked("GET", "/v1/events/{id}", 404), 1);
    for job in [
        "inbox",
        "cancellations",
        "refunds",
        "links",
        "sealer",
        "mail",
    ] {
        assert!(
            metrics.get(&format!("job_age_seconds{{job=\"{job}\"}}")) < 60,
            "{job}"
        );
        let failed = format!("job_rounds_total{{job=\"{job}\",outcome=\"failed\"}}");
        assert_eq!(metrics.get(&failed), 0, "{job}");
    }
}

/// Every metric is explained to operators, and they are told of no other.
fn check_explained(metrics: &Metrics) {
    let text = include_str!("../../docs/operating.md");
    let explained = text
        .split('`')
        .filter(|word| word.starts_with("avstem_") || word.starts_with("process_"));
    let explained: BTreeSet<String> = explained.map(str::to_owned).collect();
    assert_eq!(explained, metrics.families);
    // The alerts too ask only for what there is.
    for word in text.split(|c: char| !(c.is_ascii_lowercase() || c == '_')) {
        let family = word.trim_end_matches("_count");
        let is_metric = word.starts_with("avstem_");
        assert!(!is_metric || metrics.families.contains(family), "{word}");
    }
}

/// Asks until `done`: what is read from the database is told again for a second.
fn metrics_when(served: &Served, done: impl Fn(&Metrics) -> bool) -> Metrics {
    for _ in 0..400 {
        let page = served.send("GET", "/metrics", &[], b"");
        assert_eq!(page.status, 200);
        let metrics = Metrics::parse(page.text());
        if done(&metrics) {
            return metrics;
        }
        std::thread::sleep(std::time::Duration::from_millis(25));
    }
    panic!("{}", served.send("GET", "/metrics", &[], b"").text());
}

fn every_refusal_of_a_webhook_is_counted_without_what_was_sent(database: &Database) {
    let served = Served::tracking(database);
    let post = |target: &str, headers: &[(&str, &str)]| served.send("POST", target, headers, b"{}");
    post("/webhooks/stripe", &[("stripe-signature", "t=1,v1=00")]);
    post("/webhooks/stripe", &[]);
    post("/webhooks/stripe", &[("content-encoding", "gzip")]);
    post("/webhooks/canary-one", &[]);
    post("/webhooks/canary-two", &[]);
    served.send("CANARY", "/v1/canary-three", &[], b"");
    served.send("DELETE", "/v1/events/canary-four", &[], b"");
    served.send("GET", "/account/canary-five", &[], b"");
    let page = served.send("GET", "/metrics", &[], b"");
    let metrics = Metrics::parse(page.text());
    let webhooks = |connection: &str, outcome: &str| {
        metrics.get(&format!(
            "webhooks_total{{connection=\"{connection}\",outcome=\"{outcome}\"}}"
        ))
    };
    assert_eq!(webhooks("stripe", "invalid_signature"), 2);
    assert_eq!(webhooks("stripe", "unsupported_content_encoding"), 1);
    assert_eq!(webhooks("", "unknown_connection"), 2);
    assert_eq!(
        (webhooks("stripe", "new"), webhooks("stripe", "duplicate")),
        (0, 0)
    );
    let no_route = "http_requests_total{method=\"other\",route=\"none\",status=\"404\"}";
    assert_eq!(metrics.get(no_route), 1);
    let wrong_method =
        "http_requests_total{method=\"DELETE\",route=\"/v1/events/{id}\",status=\"405\"}";
    assert_eq!(metrics.get(wrong_method), 1);
    assert!(
        !page.text().to_lowercase().contains("canary"),
        "{}",
        page.text()
    );
    assert_eq!(
        page.header("content-type"),
        Some("text/plain; version=0.0.4")
    );
}
