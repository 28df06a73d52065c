//! The description of the API, made from the table of routes: an OpenAPI document for programs and a
//! page for people.

pub mod document;
mod example;
pub mod page;
mod shape;

use super::auth::Access;
use super::problem::Code;
use super::{Entry, ROUTES};
use actix_web::http::Method;
use std::collections::BTreeMap;

/// Every code of problem that a route can answer with, by status and in the order of the documents.
///
/// Most follow from the kind of route; its operation lists the rest. Not among them are 404 and 405 for
/// paths and methods that are no route.
pub fn problems(entry: &Entry) -> BTreeMap<u16, Vec<Code>> {
    let mut found = entry.operation.problems.to_vec();
    found.push(Code::InternalError);
    if let Access::Key(_) = entry.access {
        found.extend(with_a_key(entry));
    }
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in Code::all().filter(|code| found.contains(code)) {
        by_status
            .entry(code.status().as_u16())
            .or_default()
            .push(code);
    }
    by_status
}

/// What every route behind a key shares.
fn with_a_key(entry: &Entry) -> Vec<Code> {
    let operation = entry.operation;
    let mut found = vec![
        Code::Unauthorized,
        Code::Forbidden,
        Code::DatabaseUnavailable,
        Code::InvalidParameter,
    ];
    if !operation.path.is_empty() {
        found.push(Code::NotFound);
    }
    if operation.query.iter().any(|known| known.name == "cursor") {
        found.push(Code::InvalidCursor);
    }
    if is_idempotent_by_key(entry) {
        found.extend([
            Code::InvalidIdempotencyKey,
            Code::IdempotencyKeyInUse,
            Code::IdempotencyKeyReused,
            Code::InvalidRequest,
            Code::RequestTimeout,
            Code::PayloadTooLarge,
        ]);
    }
    if operation.file.is_some() {
        found.push(Code::UnsupportedContentEncoding);
    }
    if operation.body.is_some() {
        found.extend([
            Code::InvalidBody,
            Code::UnsupportedMediaType,
            Code::UnsupportedContentEncoding,
        ]);
    }
    found
}

/// Whether a request may carry an `Idempotency-Key`.
fn is_idempotent_by_key(entry: &Entry) -> bool {
    matches!(entry.access, Access::Key(_)) && entry.method == Method::POST
}

/// Who may ask, as a sentence.
fn access_sentence(access: Access) -> String {
    match access {
        Access::Open => "Needs no key.".to_owned(),
        Access::Signed => "Needs the provider's signature, and no key.".to_owned(),
        Access::Key(role) => {
            format!(
                "Needs a key with role {}, or one that includes it.",
                role.as_str()
            )
        }
    }
}

/// The paths of the table, each once, with their routes.
fn by_path() -> impl Iterator<Item = (&'static str, Vec<&'static Entry>)> {
    ROUTES.iter().enumerate().filter_map(|(position, entry)| {
        let is_first = !ROUTES
            .iter()
            .take(position)
            .any(|other| other.path == entry.path);
        let all = ROUTES.iter().filter(|other| other.path == entry.path);
        is_first.then(|| (entry.path, all.collect()))
    })
}

#[cfg(test)]
mod tests;
