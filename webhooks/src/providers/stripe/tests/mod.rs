//! Tests of the adapter through [`Provider`], by subject.

mod bad_input;
mod disputes;
mod fixtures;
mod invoices;
mod never_panics;
mod objects;
mod replies;
mod replies_reads;
mod requests;
mod signatures;
mod summary;
mod versions;

use super::Stripe;
use crate::json::Json;
use crate::outbound::HttpReply;
use crate::{Contents, Delivery, Observation, Provider, Unreadable};
use avstem_domain::event::Fact;
use avstem_domain::money::{Currency, Money};
use avstem_domain::time::Timestamp;
use std::path::PathBuf;

/// 2026-11-01T00:00:00Z, where the fixtures' period begins.
const START: i64 = 1_793_491_200;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds).unwrap()
}

fn money(minor: i64, code: &str) -> Money {
    Money::from_minor(minor, Currency::parse(code).unwrap())
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/stripe")
}

/// A sample delivery.
struct Sample {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn sample(name: &str) -> Sample {
    let text = std::fs::read_to_string(folder().join(format!("{name}.http"))).expect(name);
    let (head, body) = text.split_once("\n\n").unwrap();
    let header = |line: &str| {
        line.split_once(": ")
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .unwrap()
    };
    Sample {
        headers: head.lines().map(header).collect(),
        body: body.as_bytes().to_vec(),
    }
}

/// Names of all sample deliveries, sorted.
fn all_samples() -> Vec<String> {
    let files = std::fs::read_dir(folder())
        .unwrap()
        .map(|f| f.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = files
        .filter_map(|f| f.strip_suffix(".http").map(str::to_owned))
        .collect();
    names.sort();
    names
}

/// An event of type `kind` about `object` (JSON text).
fn event(kind: &str, object: &str) -> Vec<u8> {
    format!(
        r#"{{"id":"evt_1","object":"event","type":"{kind}","created":{START},"livemode":false,"data":{{"object":{object}}}}}"#
    )
    .into_bytes()
}

fn decode(kind: &str, object: &str) -> Result<Delivery, Unreadable> {
    Stripe.decode(&event(kind, object))
}

fn facts(kind: &str, object: &str) -> Vec<Fact> {
    match decode(kind, object).unwrap().contents {
        Contents::Facts(observations) => observations.into_iter().map(|o| o.fact).collect(),
        Contents::Unrecognised => Vec::new(),
    }
}

fn first(kind: &str, object: &str) -> Observation {
    match decode(kind, object).unwrap().contents {
        Contents::Facts(mut observations) => observations.remove(0),
        Contents::Unrecognised => panic!("no facts"),
    }
}

/// The object of sample `name`, as JSON text, with `changes` made to its fields.
fn object(name: &str, changes: &[(&str, &str)]) -> String {
    let event: serde_json::Value = serde_json::from_slice(&sample(name).body).unwrap();
    let mut object = event["data"]["object"].clone();
    for (pointer, value) in changes {
        let (parent, field) = pointer.rsplit_once('/').unwrap_or(("", pointer));
        let parent = if parent.is_empty() {
            String::new()
        } else {
            format!("/{parent}")
        };
        let fields = object
            .pointer_mut(&parent)
            .and_then(serde_json::Value::as_object_mut)
            .expect(pointer);
        if value.is_empty() {
            fields.remove(field);
        } else {
            fields.insert(field.to_owned(), serde_json::from_str(value).expect(value));
        }
    }
    object.to_string()
}

fn reply(status: u16, body: &str) -> HttpReply {
    HttpReply {
        status,
        headers: Vec::new(),
        body: body.as_bytes().to_vec(),
    }
}

#[test]
fn the_sample_bodies_are_strict_json() {
    for name in all_samples() {
        assert!(Json::parse(&sample(&name).body).is_ok(), "{name}");
    }
}
