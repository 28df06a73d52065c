//! A small account to test with.

use avstem_domain::time::Timestamp;
use avstem_simulator::{Exchange, Interval, MoneyMovement, Plan, Settings, Shape, Simulator};
use avstem_webhooks::outbound::{HttpReply, HttpRequest, Method};
use serde_json::Value;

pub const SECRET: &str = "whsec_CANARYsimulator";
pub const BEARER: &str = "Bearer sk_test_CANARY";
pub const DAY: i64 = 86_400;

pub fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

pub fn simulator(shape: Shape) -> Simulator {
    seeded(shape, 7)
}

pub fn seeded(shape: Shape, seed: u64) -> Simulator {
    let settings = Settings {
        seed,
        webhook_secret: SECRET.to_owned(),
        api_key: BEARER.replace("Bearer ", ""),
        shape,
        currency: "sek",
    };
    Simulator::new(settings, at("2026-10-31T09:00:00.5Z"))
}

pub fn monthly() -> Plan {
    Plan {
        name: "Premium".to_owned(),
        amount_minor: 12_500,
        tax_minor: 2_500,
        interval: Interval::Month,
        count: 1,
        trial_days: 0,
    }
}

/// A simulator with one customer and one monthly subscription: simulator, customer, subscription.
pub fn subscribed(shape: Shape) -> (Simulator, String, String) {
    let mut sim = simulator(shape);
    let customer = sim.create_customer("canary-pii-1@example.test", "Kim Canary", "sv");
    let subscription = sim.subscribe(&customer, &monthly());
    (sim, customer, subscription)
}

/// A simulator, a charge of 125.00 kr in it, and its subscription.
pub fn charged() -> (Simulator, String, String) {
    let (sim, _, subscription) = subscribed(Shape::Newer);
    let charge = sim.charges_of(&subscription)[0].id.clone();
    (sim, charge, subscription)
}

/// What all movements of money together leave with the provider.
pub fn sum_moved(sim: &Simulator) -> i64 {
    let moved = sim.money_moved().iter();
    moved.map(MoneyMovement::signed_minor).sum()
}

pub fn pass(sim: &mut Simulator, seconds: i64) {
    sim.advance_to(sim.now().saturating_add_seconds(seconds));
}

pub fn request(method: Method, target: &str) -> HttpRequest {
    HttpRequest {
        method,
        target: target.to_owned(),
        headers: vec![("stripe-version".to_owned(), "2026-10-28.endive".to_owned())],
        body: Vec::new(),
    }
}

pub fn keyed(target: &str, body: &str, key: &str) -> HttpRequest {
    let mut request = request(Method::Post, target);
    let key = ("idempotency-key".to_owned(), key.to_owned());
    request.headers.push(key);
    request.body = body.as_bytes().to_vec();
    request
}

pub fn refund_request(charge: &str, amount: i64, key: &str) -> HttpRequest {
    let body = format!("charge={charge}&amount={amount}&metadata%5Brefund_op%5D=rf_{key}");
    keyed("/v1/refunds", &body, key)
}

pub fn reply(sim: &mut Simulator, request: &HttpRequest) -> HttpReply {
    match sim.handle(request, Some(BEARER)) {
        Exchange::Reply(reply) => reply,
        Exchange::Lost | Exchange::Huge { .. } => panic!("no answer to {}", request.target),
    }
}

pub fn json(reply: &HttpReply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

/// The status and the JSON of the answer.
pub fn call(sim: &mut Simulator, request: &HttpRequest) -> (u16, Value) {
    let reply = reply(sim, request);
    (reply.status, json(&reply))
}

pub fn get(sim: &mut Simulator, target: &str) -> Value {
    let (status, body) = call(sim, &request(Method::Get, target));
    assert_eq!(status, 200, "{body}");
    body
}

pub fn post(sim: &mut Simulator, target: &str, body: &str) -> (u16, Value) {
    let mut request = request(Method::Post, target);
    request.body = body.as_bytes().to_vec();
    call(sim, &request)
}

pub fn header<'a>(reply: &'a HttpReply, name: &str) -> Option<&'a str> {
    let mut headers = reply.headers.iter();
    headers
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

/// Every event so far, oldest first: its type and the event.
pub fn events(sim: &Simulator) -> Vec<(String, Value)> {
    let events = sim.all_events().into_iter();
    events
        .map(|event| (event.kind, serde_json::from_slice(&event.body).unwrap()))
        .collect()
}

pub fn kinds_since(sim: &Simulator, before: usize) -> Vec<String> {
    let events = sim.all_events().into_iter().skip(before);
    events.map(|event| event.kind).collect()
}

/// The object of the last event of a type.
pub fn last(sim: &Simulator, kind: &str) -> Value {
    let found = events(sim).into_iter().rev().find(|(k, _)| k == kind);
    found.unwrap().1["data"]["object"].clone()
}
