//! The description of the API against the service that runs: what is described is served, and nothing
//! else is taken.

mod reconciling;
mod words;

use crate::described::{description, fits, operation};
use crate::http_api::caught_up;
use crate::serving::{ADMIN_KEY, Database, Served, on_both_served};
use crate::wire::Reply;
use avstem::exports::formats::Format;
use avstem::exports::kinds::Kind;
use avstem::http::{Access, ROUTES};
use avstem_simulator::{CallMatch, Fault};
use avstem_webhooks::outbound::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

use words::words_that_are_described_are_taken_and_no_others;

on_both_served! {
    every_answer_of_every_route_is_as_it_is_described,
    routes_take_exactly_the_query_parameters_that_are_described,
    routes_take_exactly_the_fields_that_are_described,
    words_that_are_described_are_taken_and_no_others,
    the_document_and_its_page_are_served_to_everyone,
}

/// What a method, a route and a status stand for.
type Seen = BTreeSet<(String, String, String)>;

/// Every answer of the description that is not a problem.
fn all_answers() -> Seen {
    let mut all = Seen::new();
    for (path, methods) in description()["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for status in operation["responses"].as_object().unwrap().keys() {
                if status.starts_with('2') {
                    all.insert((method.to_uppercase(), path.clone(), status.clone()));
                }
            }
        }
    }
    all
}

struct Asking<'a> {
    served: &'a Served,
    seen: Seen,
}

impl Asking<'_> {
    /// `Served::send` checks the answer; here it is only noted that there was one.
    fn note(&mut self, method: &str, target: &str, reply: &Reply) {
        let (template, _) = operation(method, target).unwrap_or_else(|| panic!("{target}"));
        let status = reply.status.to_string();
        self.seen
            .insert((method.to_owned(), template.to_owned(), status));
    }

    fn get(&mut self, target: &str) -> Value {
        let reply = self.served.get(target);
        self.note("GET", target, &reply);
        assert_eq!(reply.status, 200, "{target}: {}", reply.text());
        serde_json::from_slice(&reply.body).unwrap_or(Value::Null)
    }

    fn post(&mut self, target: &str, body: &Value) -> Value {
        let reply = self.served.post(target, body);
        self.note("POST", target, &reply);
        reply.json()
    }

    /// A list that has something in it.
    fn list(&mut self, target: &str) -> Value {
        let list = self.get(target);
        let first = list["data"]
            .get(0)
            .unwrap_or_else(|| panic!("{target} is empty"));
        first.clone()
    }
}

fn every_answer_of_every_route_is_as_it_is_described(database: &Database) {
    let (company, served) = caught_up(database);
    let mut asking = Asking {
        served: &served,
        seen: Seen::new(),
    };
    let hers = format!("/v1/subscriptions/{}", company.ada.subscription);
    let charge = company.charges(&company.cleo)[0].clone();
    let webhook = served.webhook(b"{}");
    asking.note("POST", "/webhooks/stripe", &webhook);
    served.quiet();

    let event = asking.list("/v1/events?state=failed");
    asking.get(&format!("/v1/events/{}", event["id"].as_str().unwrap()));
    let replay = format!("/v1/events/{}/replay", event["id"].as_str().unwrap());
    asking.post(&replay, &json!({}));
    asking.list("/v1/customers");
    asking.get(&format!("/v1/customers/{}", company.ada.customer));
    asking.list("/v1/subscriptions");
    asking.get(&hers);
    asking.list(&format!("{hers}/charges"));
    let report = json!({ "charge": charge, "ordered": 30, "delivered": 0 });
    let cleos = format!("/v1/subscriptions/{}", company.cleo.subscription);
    asking.post(&format!("{cleos}/deliveries"), &report);

    asking.get(&format!("{hers}/cancellation/preview"));
    let asked = json!({ "requested_by": "customer", "reason": "moves" });
    let canceled = asking.post(&format!("{hers}/cancellation"), &asked);
    asking.post(&format!("{hers}/cancellation"), &asked);
    let refund = asking.post("/v1/refunds", &json!({ "charge": charge }));
    let canceled = format!("/v1/cancellations/{}", canceled["id"].as_str().unwrap());
    served.until(&canceled, |at| at["state"] == "completed");
    served.caught_up(&company.provider);
    asking.list("/v1/cancellations");
    asking.get(&canceled);
    asking.list("/v1/refunds");
    asking.get(&format!("/v1/refunds/{}", refund["id"].as_str().unwrap()));

    let bos = format!("/v1/subscriptions/{}/cancellation", company.bo.subscription);
    let stopping = asking.post(&bos, &asked);
    let stopping = format!("/v1/cancellations/{}", stopping["id"].as_str().unwrap());
    served.until(&stopping, |at| at["state"] == "completed");
    // The first time nobody answers: it is taken, and not done.
    let call = CallMatch::next(Method::Post, "/v1/subscriptions/*");
    let lost = Fault::LoseBeforeEffect;
    company.provider.simulator().faults().on(call, lost);
    asking.post(&format!("{stopping}/undo"), &json!({}));
    served.until(&stopping, |at| at["state"] == "undone");
    asking.post(&format!("{stopping}/undo"), &json!({}));

    let disputed = company.charges(&company.bo)[0].clone();
    company
        .provider
        .simulator()
        .open_dispute(&disputed)
        .unwrap();
    served.caught_up(&company.provider);
    let dispute = asking.list("/v1/disputes");
    asking.get(&format!("/v1/disputes/{}", dispute["id"].as_str().unwrap()));

    asking.reconcile();

    asking.list("/v1/ledger/accounts");
    asking.list("/v1/ledger/journals");
    asking.get("/v1/ledger/trial-balance");
    asking.get("/v1/exports/journal.csv");
    let customer = json!({ "customer": company.ada.customer });
    asking.post("/v1/portal-sessions", &customer);
    served.until("/readyz", |at| at["status"] == "ready");
    for open in [
        "/healthz",
        "/readyz",
        "/metrics",
        "/openapi.json",
        "/docs",
        "/docs/docs.css",
    ] {
        asking.get(open);
    }
    // `reconciliation_served.rs` asks for it, where a limit is set.
    let proposed = ("POST", "/v1/breaks/{id}/resolve", "202");
    let (method, route, status) = proposed;
    asking
        .seen
        .insert((method.to_owned(), route.to_owned(), status.to_owned()));
    let missed: Vec<_> = all_answers().difference(&asking.seen).cloned().collect();
    assert!(
        missed.is_empty(),
        "answers that this test does not ask for; add them to it: {missed:?}"
    );
}

/// A path of the route in which ids are nobody's.
fn path(route: &str) -> String {
    route
        .replace("{id}", "nobodys")
        .replace("{kind}.{format}", "journal.csv")
}

fn detail(reply: &Reply, status: u16, code: &str, name: &str) -> String {
    assert_eq!(reply.problem(status), code, "{name}: {}", reply.text());
    reply.json()["detail"].as_str().unwrap().to_owned()
}

/// The routes behind a key, and what is said of each.
fn keyed() -> impl Iterator<Item = (String, &'static str, &'static Value)> {
    let keyed = ROUTES
        .iter()
        .filter(|entry| matches!(entry.access, Access::Key(_)));
    keyed.map(|entry| {
        let described = operation(entry.method.as_str(), entry.path);
        let (_, described) = described.unwrap_or_else(|| panic!("{} is not described", entry.path));
        (entry.method.to_string(), entry.path, described)
    })
}

fn parameters<'a>(operation: &'a Value, place: &'a str) -> impl Iterator<Item = &'a Value> {
    let all = operation["parameters"].as_array().unwrap().iter();
    all.filter(move |one| one["in"] == place)
}

fn routes_take_exactly_the_query_parameters_that_are_described(database: &Database) {
    let served = Served::tracking(database);
    for (method, route, operation) in keyed() {
        let name = format!("{method} {route}");
        let target = format!("{}?nonsense=1", path(route));
        let reply = match method.as_str() {
            "POST" => served.post(&target, &json!({})),
            _ => served.get(&target),
        };
        let told = detail(&reply, 400, "invalid_parameter", &name);
        let names: Vec<&str> = parameters(operation, "query")
            .map(|one| one["name"].as_str().unwrap())
            .collect();
        let takes = match names.as_slice() {
            [] => "it takes none.".to_owned(),
            names => format!("it takes {}.", names.join(", ")),
        };
        assert!(told.ends_with(&takes), "{name}: {told}");
    }
}

/// The schema of a POST's body, if it takes one.
fn body(operation: &Value) -> Option<&'static Value> {
    let schema = operation.pointer("/requestBody/content/application~1json/schema")?;
    let target = schema["$ref"].as_str().unwrap().strip_prefix('#').unwrap();
    description().pointer(target)
}

/// The schema of a value that is not null.
fn plain(schema: &'static Value) -> &'static Value {
    if let Some(choices) = schema["anyOf"].as_array() {
        return plain(&choices[0]);
    }
    match schema["$ref"].as_str() {
        Some(target) => description().pointer(&target[1..]).unwrap(),
        None => schema,
    }
}

/// A value for each field, by what is said of them.
fn filled(schema: &'static Value) -> serde_json::Map<String, Value> {
    let fields = schema["properties"].as_object().unwrap();
    let value = |field: &'static Value| {
        let field = plain(field);
        let said = field["examples"].get(0).or(field["enum"].get(0));
        said.cloned().unwrap_or(json!(true))
    };
    fields
        .iter()
        .map(|(name, field)| (name.clone(), value(field)))
        .collect()
}

/// The body is read, and what it names is nobody's, or nothing at all.
#[track_caller]
fn assert_taken(reply: &Reply, name: &str) {
    if reply.status != 201 {
        assert_eq!(reply.problem(404), "not_found", "{name}");
    }
}

fn routes_take_exactly_the_fields_that_are_described(database: &Database) {
    let served = Served::tracking(database);
    let mut bodies = 0;
    for (method, route, operation) in keyed() {
        let Some(schema) = body(operation) else {
            continue;
        };
        bodies += 1;
        let (name, target) = (format!("{method} {route}"), path(route));
        let post = |body: &serde_json::Map<String, Value>| {
            served.post_as(ADMIN_KEY, &target, &json!(body).to_string())
        };
        let whole = filled(schema);
        fits(schema, &json!(whole), &name);
        // Every field is one that it knows, and what the body names is nobody's.
        assert_taken(&post(&whole), &format!("{name}: {whole:?}"));

        let mut unknown = whole.clone();
        unknown.insert("nonsense".to_owned(), json!(1));
        let told = detail(&post(&unknown), 400, "invalid_body", &name);
        let (_, known) = told.split_once("those are ").unwrap();
        let known: BTreeSet<&str> = known.trim_end_matches('.').split(", ").collect();
        assert_eq!(known, whole.keys().map(String::as_str).collect(), "{name}");

        let required = schema["required"].as_array().cloned().unwrap_or_default();
        for field in whole.keys() {
            let mut without = whole.clone();
            without.remove(field);
            let reply = post(&without);
            if required.contains(&json!(field)) {
                let told = detail(&reply, 400, "invalid_body", &name);
                assert_eq!(told, format!("{field} is missing."), "{name}");
            } else {
                assert_taken(&reply, &format!("{name} without {field}"));
            }
            let mut wrong = whole.clone();
            wrong.insert(field.clone(), json!([]));
            let told = detail(&post(&wrong), 400, "invalid_body", &name);
            assert!(
                told.starts_with(&format!("{field} must be ")),
                "{name}: {told}"
            );
        }
    }
    assert_eq!(bodies, 8, "a body was added or taken away");
}

fn the_document_and_its_page_are_served_to_everyone(database: &Database) {
    let served = Served::tracking(database);
    let open = |target: &str| served.send("GET", target, &[], b"");
    let document = open("/openapi.json").expect(200);
    let own = format!("http://{}", served.address);
    assert_eq!(document["openapi"], "3.1.0");
    for part in ["paths", "components", "tags"] {
        assert_eq!(document[part], description()[part], "{part}");
    }
    assert!(document["servers"][0]["url"].is_string());

    let page = open("/docs");
    assert_eq!(page.status, 200);
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'"), "{policy}");
    let text = page.text().replace(&own, "");
    for link in text.split("href=\"").skip(1) {
        let link = link.split('"').next().unwrap();
        let target = link.split('#').next().unwrap();
        assert!(target.is_empty() || open(target).status == 200, "{link}");
    }
    assert!(text.contains("/v1/subscriptions/{id}/cancellation"));
    let style = open("/docs/docs.css");
    assert_eq!(
        style.header("content-type"),
        Some("text/css; charset=utf-8")
    );
    assert!(!style.text().contains("url("), "styles load nothing");
}
