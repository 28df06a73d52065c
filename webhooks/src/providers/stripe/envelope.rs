//! The outside of a delivery, read as tolerantly as is safe: a body that decoding refuses
//! still gets its event id and type when they can be had, so that it can be shown and told from others.

use crate::json::Json;
use crate::{Envelope, SameEvent};
use avstem_domain::id::ProviderEventId;
use serde::Deserialize;

/// Event types are about 20 to 60 characters long; this is where we stop believing in one.
const KIND_BYTES_MAX: usize = 255;

/// The two fields; the rest is skipped without being kept, whatever its depth or its numbers.
#[derive(Deserialize)]
struct Outside {
    id: String,
    #[serde(rename = "type")]
    kind: String,
}

/// The same of what looks as it should, with whose it is.
#[derive(Deserialize)]
struct OutsideOf<'a> {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    object: Object<'a>,
}

/// What an event is about: a customer, or what belongs to one.
#[derive(Deserialize)]
struct Object<'a> {
    object: Option<&'a str>,
    id: Option<&'a str>,
    customer: Option<&'a str>,
}

impl Object<'_> {
    fn customer(&self) -> Option<String> {
        let itself = || self.id.filter(|_| self.object == Some("customer"));
        self.customer.or_else(itself).map(str::to_owned)
    }
}

pub(super) fn read(body: &[u8]) -> Envelope {
    // serde would also read a struct from a list.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Envelope::Unreadable;
    }
    let (outside, customer) = match serde_json::from_slice::<OutsideOf<'_>>(body) {
        Ok(OutsideOf { id, kind, data }) => (Outside { id, kind }, data.object.customer()),
        Err(_) => match serde_json::from_slice(body) {
            Ok(outside) => (outside, None),
            Err(_) => return Envelope::Unreadable,
        },
    };
    match ProviderEventId::parse(&outside.id) {
        Ok(event) if is_kind(&outside.kind) => Envelope::Readable {
            event,
            kind: outside.kind,
            customer,
        },
        Ok(_) | Err(_) => Envelope::Unreadable,
    }
}

/// Whether a text can be an event type: 1 to 255 visible ASCII characters.
pub(super) fn is_kind(text: &str) -> bool {
    (1..=KIND_BYTES_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}

/// A redelivery counts `pending_webhooks` down and may write the same JSON differently; nothing else
/// of an event ever changes. Bodies that are not JSON are compared byte by byte.
pub(super) fn same_event(first: &[u8], second: &[u8]) -> SameEvent {
    let same = match (without_counter(first), without_counter(second)) {
        (Some(one), Some(other)) => one == other,
        (Some(_) | None, None) | (None, Some(_)) => first == second,
    };
    if same {
        SameEvent::Same
    } else {
        SameEvent::Conflict
    }
}

fn without_counter(body: &[u8]) -> Option<Json<'_>> {
    let mut json = Json::parse(body).ok()?;
    if let Json::Object(fields) = &mut json {
        fields.remove("pending_webhooks");
    }
    Some(json)
}
