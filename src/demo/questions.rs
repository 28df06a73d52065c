//! What the story asks: the service through its API, and the provider about the truth.

use super::narrator::Narrator;
use super::{DemoError, Stage, cast};
use avstem_simulator::MovementKind;
use avstem_webhooks::outbound::Method;
use serde_json::{Value, json};

/// Waits until every webhook is delivered and processed; returns how many events there are.
pub fn quiet(stage: &Stage) -> Result<usize, DemoError> {
    for _ in 0..1200 {
        let pending = stage.provider.simulator().pending_deliveries();
        let waiting = stage.client.get("/v1/events?state=received&limit=1")?;
        let parked = stage.client.get("/v1/events?state=parked&limit=1")?;
        let empty = |answer: &Value| at(answer, "/data").as_array().is_some_and(Vec::is_empty);
        if pending == 0 && empty(&waiting) && empty(&parked) {
            return Ok(stage.provider.simulator().all_events().len());
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    Err(DemoError::Api(
        "webhooks were still waiting after a minute".to_owned(),
    ))
}

pub fn cancel(stage: &Stage, subscription: &str) -> Result<Value, DemoError> {
    let target = format!("/v1/subscriptions/{subscription}/cancellation");
    stage
        .client
        .post(&target, &json!({ "requested_by": "customer" }))
}

pub fn finished(stage: &Stage, cancellation: &Value) -> Result<Value, DemoError> {
    let target = format!("/v1/cancellations/{}", text(cancellation, "id"));
    let done = stage.client.wait_for(&target, |answer| {
        matches!(
            at(answer, "/state").as_str(),
            Some("completed" | "attention")
        )
    })?;
    quiet(stage)?;
    Ok(done)
}

pub fn tell_verdicts(narrator: &Narrator, cancellation: &Value) {
    for verdict in at(cancellation, "/verdicts")
        .as_array()
        .into_iter()
        .flatten()
    {
        let amount = text(at(verdict, "/amount"), "amount");
        let paid = at(verdict, "/refund_amount/amount")
            .as_str()
            .map_or_else(String::new, |amount| format!(" → {amount}"));
        narrator.say(format_args!(
            "    {:>9} {}{paid}  {} · {} · {}",
            amount,
            text(at(verdict, "/amount"), "currency"),
            text(verdict, "decision"),
            text(verdict, "code"),
            text(verdict, "clause"),
        ));
        narrator.say(format_args!(
            "              sv  {}",
            text(at(verdict, "/explanation"), "sv")
        ));
        narrator.say(format_args!(
            "              en  {}",
            text(at(verdict, "/explanation"), "en")
        ));
    }
}

pub fn codes(cancellation: &Value) -> Vec<String> {
    let verdicts = at(cancellation, "/verdicts")
        .as_array()
        .into_iter()
        .flatten();
    verdicts.map(|verdict| text(verdict, "code")).collect()
}

/// A part of an answer by its JSON pointer; null where there is none.
pub fn at<'v>(value: &'v Value, pointer: &str) -> &'v Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

pub fn text(value: &Value, field: &str) -> String {
    value
        .get(field)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

pub fn everyone(stage: &Stage) -> Vec<&cast::Person> {
    let cast = &stage.cast;
    [
        &cast.astrid,
        &cast.bodil,
        &cast.cornelius,
        &cast.disa,
        &cast.edvin,
        &cast.frida,
        &cast.gustaf,
        &cast.malva,
    ]
    .into_iter()
    .chain(&cast.others)
    .collect()
}

/// Subscriptions, charges that took money, and what the provider took less what it gave back.
pub fn provider_totals(stage: &Stage) -> (usize, usize, String) {
    let provider = stage.provider.simulator();
    let (mut charges, mut taken) = (0, 0i64);
    for movement in provider.money_moved() {
        if movement.kind == MovementKind::Charge {
            charges += 1;
        }
        taken = taken.saturating_add(movement.signed_minor());
    }
    (
        everyone(stage).len(),
        charges,
        rust_decimal::Decimal::new(taken, 2).to_string(),
    )
}

/// What the books say the provider owes us.
pub fn owed(stage: &Stage) -> Result<String, DemoError> {
    balance(stage, "assets:provider:stripe")
}

/// What the books say of an account, in crowns; 0.00 when nothing was ever posted to it.
pub fn balance(stage: &Stage, account: &str) -> Result<String, DemoError> {
    let balance = stage.client.get("/v1/ledger/trial-balance")?;
    let found = text(at(&balance, "/currencies/SEK/accounts"), account);
    Ok(if found.is_empty() {
        "0.00".to_owned()
    } else {
        found
    })
}

/// The provider's ids of someone's charges, oldest first.
pub fn charges_of(stage: &Stage, subscription: &str) -> Vec<String> {
    let provider = stage.provider.simulator();
    let charges = provider.charges_of(subscription);
    charges.into_iter().map(|charge| charge.id).collect()
}

pub fn refunds_made(stage: &Stage, subscription: &str) -> usize {
    let provider = stage.provider.simulator();
    let charges: Vec<String> = provider
        .charges_of(subscription)
        .into_iter()
        .map(|charge| charge.id)
        .collect();
    provider
        .money_moved()
        .iter()
        .filter(|m| m.kind == MovementKind::Refund && charges.contains(&m.charge))
        .count()
}

/// Whether the provider was told to stop before it was asked to refund.
pub fn stopped_first(stage: &Stage, subscription: &str) -> Result<String, String> {
    let provider = stage.provider.simulator();
    let seen = provider.requests_seen();
    let stop = seen
        .iter()
        .position(|call| call.method == Method::Delete && call.target.contains(subscription));
    let refund = seen
        .iter()
        .position(|call| call.method == Method::Post && call.target == "/v1/refunds");
    match (stop, refund) {
        (Some(stop), Some(refund)) if stop < refund => {
            Ok(format!("call {stop} before call {refund}"))
        }
        other => Err(format!("{other:?}")),
    }
}
