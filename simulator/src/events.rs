//! Events: what the provider tells of each change, in one shape each.

use serde_json::{Map, Value, json};

use crate::objects::Event;
use crate::render::Form;
use crate::{Shape, Simulator};

/// What an event says of the request that caused it.
#[derive(Debug, Clone)]
pub(crate) struct RequestMark {
    pub id: String,
    pub idempotency_key: Option<String>,
}

/// How an object looked before a change, in both shapes.
#[derive(Debug)]
pub(crate) struct Snapshot {
    classic: Option<Value>,
    newer: Option<Value>,
}

impl Simulator {
    pub(crate) fn snapshot(&self, id: &str) -> Snapshot {
        Snapshot {
            classic: self.render(id, Form::Classic),
            newer: self.render(id, Form::Newer),
        }
    }

    /// Tells of the object as it is now.
    pub(crate) fn emit(&mut self, kind: &'static str, id: &str) {
        let form = self.event_form(kind);
        let object = self.render(id, form).unwrap_or_default();
        self.record(kind, form, json!({ "object": object }));
    }

    /// Tells of the object as it is now and of what it was before.
    pub(crate) fn emit_changed(&mut self, kind: &'static str, id: &str, before: &Snapshot) {
        let form = self.event_form(kind);
        let object = self.render(id, form).unwrap_or_default();
        let old = match form {
            Form::Classic => &before.classic,
            Form::Newer => &before.newer,
        };
        let previous = old
            .as_ref()
            .and_then(|old| previous_attributes(old, &object));
        let previous = previous.unwrap_or_else(|| Value::Object(Map::new()));
        self.record(
            kind,
            form,
            json!({ "object": object, "previous_attributes": previous }),
        );
    }

    /// Whether events of the kind exist at all under the settings: invoice payments are newer.
    pub(crate) fn tells_of_invoice_payments(&self) -> bool {
        self.settings.shape != Shape::Classic
    }

    fn event_form(&self, kind: &str) -> Form {
        match self.settings.shape {
            Shape::Classic => Form::Classic,
            Shape::Newer => Form::Newer,
            Shape::Mixed if kind.starts_with("invoice_payment.") => Form::Newer,
            Shape::Mixed if self.events.len().is_multiple_of(2) => Form::Newer,
            Shape::Mixed => Form::Classic,
        }
    }

    fn record(&mut self, kind: &'static str, form: Form, data: Value) {
        let id = self.new_id("evt");
        let created = self.second();
        let request = match &self.request {
            Some(mark) => json!({ "id": mark.id, "idempotency_key": mark.idempotency_key }),
            None => json!({ "id": null, "idempotency_key": null }),
        };
        let event = json!({
            "id": id,
            "object": "event",
            "api_version": form.version(),
            "created": created.unix_seconds(),
            "data": data,
            "livemode": false,
            "pending_webhooks": 1,
            "request": request,
            "type": kind,
        });
        self.events.add(Event {
            id: id.clone(),
            kind,
            body: pretty(&event),
            created,
        });
        let faults = self.faults.delivery_faults();
        self.deliveries.enqueue(&id, self.now, faults);
    }
}

/// Stripe indents its JSON by two spaces.
pub(crate) fn pretty(value: &Value) -> Vec<u8> {
    format!("{value:#}").into_bytes()
}

/// The old values of what differs; lists are given whole. Nothing when nothing differs.
fn previous_attributes(before: &Value, after: &Value) -> Option<Value> {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else {
        return None;
    };
    let mut previous = Map::new();
    for (key, now) in after {
        let old = before.get(key).unwrap_or(&Value::Null);
        if old == now {
            continue;
        }
        let nested = previous_attributes(old, now);
        previous.insert(key.clone(), nested.unwrap_or_else(|| old.clone()));
    }
    (!previous.is_empty()).then_some(Value::Object(previous))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn previous_attributes_hold_only_old_values_of_what_changed() {
        let before = json!({"a": 1, "b": {"c": 2, "d": 3}, "e": [1], "f": null});
        let after = json!({"a": 1, "b": {"c": 9, "d": 3}, "e": [2], "f": 4});
        assert_eq!(
            previous_attributes(&before, &after),
            Some(json!({"b": {"c": 2}, "e": [1], "f": null}))
        );
        assert_eq!(previous_attributes(&before, &before), None);
    }
}
