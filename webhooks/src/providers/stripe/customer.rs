//! Customers. The same in both shapes.

use super::fields::Object;
use crate::Unreadable;
use crate::json::Json;
use avstem_domain::event::{CustomerFact, Presence};
use avstem_domain::id::ProviderCustomerId;

pub(super) fn fact(customer: &Object<'_>) -> Result<CustomerFact, Unreadable> {
    let deleted = match customer.opt_bool("deleted")? {
        Some(true) => Presence::Deleted,
        Some(false) | None => Presence::Exists,
    };
    Ok(CustomerFact {
        id: customer.id("id", ProviderCustomerId::parse)?,
        email: customer.opt_text("email")?.map(str::to_owned),
        name: customer.opt_text("name")?.map(str::to_owned),
        locale: locale(customer),
        deleted,
    })
}

/// `customer.deleted` shows the customer as it was before.
pub(super) fn deleted(customer: &Object<'_>) -> Result<CustomerFact, Unreadable> {
    Ok(CustomerFact {
        deleted: Presence::Deleted,
        ..fact(customer)?
    })
}

/// The first preferred language. What is not a list of texts tells no language; that is no reason to
/// lose the customer.
fn locale(customer: &Object<'_>) -> Option<String> {
    match customer.first("preferred_locales") {
        Some(Json::Text(tag)) if is_language_tag(tag) => Some(tag.to_string()),
        Some(_) | None => None,
    }
}

fn is_language_tag(text: &str) -> bool {
    (2..=35).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}
