//! Pages of lists whose items are kept as Stripe wrote them: events, which go into the inbox, and balance
//! transactions, which are read as a report is.
//!
//! Only the outside of an item is read here. What cannot be understood further in is for whoever reads the
//! item: it must not keep the rest of the page back.

use super::read::another;
use crate::outbound::{Ask, Outcome, Uncertainty};
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Page<'a> {
    object: String,
    has_more: bool,
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Item {
    id: String,
    object: String,
}

/// The `object` field of the items, where a list is wanted as documents.
pub(super) const fn wanted_by(ask: &Ask) -> Option<&'static str> {
    if let Ask::ListEvents { .. } = ask {
        return Some("event");
    }
    if let Ask::ListPayoutMembers { .. } = ask {
        return Some("balance_transaction");
    }
    None
}

pub(super) fn page(body: &[u8], item_type: &str) -> Result<Outcome, Uncertainty> {
    let page: Page<'_> = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    if page.object != "list" {
        return Err(another("an object of another type"));
    }
    let mut last = None;
    for document in &page.data {
        let item: Item =
            serde_json::from_str(document.get()).map_err(|error| unreadable(&error))?;
        if item.object != item_type {
            return Err(another("a list of another type"));
        }
        last = Some(item.id);
    }
    let next = match (page.has_more, last) {
        (false, _) => None,
        (true, Some(last)) => Some(last),
        (true, None) => {
            let why = "data: is empty although there is more".to_owned();
            return Err(Uncertainty::Unreadable { why });
        }
    };
    Ok(Outcome::Executed {
        facts: Vec::new(),
        documents: page.data.iter().map(|item| one_line(item)).collect(),
        next,
    })
}

/// Inside of strings JSON has no line breaks, so that every one is white space.
fn one_line(document: &RawValue) -> Vec<u8> {
    let text = document.get().bytes();
    text.map(|byte| {
        if matches!(byte, b'\n' | b'\r') {
            b' '
        } else {
            byte
        }
    })
    .collect()
}

/// Says where, and never quotes.
fn unreadable(error: &serde_json::Error) -> Uncertainty {
    Uncertainty::Unreadable {
        why: format!("a list in line {}, column {}", error.line(), error.column()),
    }
}
