//! Storing deliveries, the one thing that is done tens of thousands of times a second.
//!
//! Bytes first become bundles. Each database then takes rows in the way that is cheapest for it: SQLite one
//! statement a row, prepared once; PostgreSQL all of a bundle in one statement, prepared once.

use super::bundle::{self, Packed};
use super::rows::Event;
use super::{Appended, StoreError, postgres, sqlite};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};

pub(super) fn pack(deliveries: &[Event]) -> Result<Vec<Packed>, StoreError> {
    bundle::pack(deliveries).map_err(StoreError::Packing)
}

/// Stores what is new, inside the transaction of `c`.
pub(super) fn sqlite(
    c: &mut sqlite::C,
    packed: &[Packed],
    deliveries: &[Event],
) -> QueryResult<Vec<Appended>> {
    use super::schema::{event_bundles, events};
    let mut added = HashSet::new();
    for Packed { bundle, rows } in packed {
        let before = added.len();
        for row in rows {
            let insert = diesel::insert_into(events::table)
                .values(row)
                .on_conflict((events::dedupe_key, events::connection))
                .do_nothing();
            let inserted = prepared!(insert).execute(c)?;
            if inserted == 1 {
                added.insert(row.id.clone());
            }
        }
        if added.len() > before {
            diesel::insert_into(event_bundles::table)
                .values(bundle)
                .execute(c)?;
        }
    }
    answers(deliveries, &added, |keys| {
        sqlite::queries::inbox::events_by_keys(c, keys)
    })
}

/// Stores what is new, and says whose ids that are. Each bundle is one statement and commits by itself, unless `c` is in
/// a transaction.
pub(super) fn postgres(c: &mut postgres::C, packed: &[Packed]) -> QueryResult<HashSet<String>> {
    let mut added = HashSet::new();
    for packed in packed {
        added.extend(postgres::insert::Insert::of(packed).load::<String>(c)?);
    }
    Ok(added)
}

/// What became of each delivery, in order. `find` loads those that are here already.
pub(super) fn answers<E: From<diesel::result::Error>>(
    deliveries: &[Event],
    added: &HashSet<String>,
    find: impl FnOnce(&[&str]) -> Result<Vec<Event>, E>,
) -> Result<Vec<Appended>, E> {
    let keys: Vec<&str> = deliveries
        .iter()
        .filter(|delivery| !added.contains(&delivery.id))
        .map(|delivery| delivery.dedupe_key.as_str())
        .collect();
    if keys.is_empty() {
        return Ok(deliveries.iter().map(|_| Appended::New).collect());
    }
    let kept: HashMap<(String, String), Event> = find(&keys)?
        .into_iter()
        .map(|event| ((event.connection.clone(), event.dedupe_key.clone()), event))
        .collect();
    let answer = |delivery: &Event| {
        if added.contains(&delivery.id) {
            return Ok(Appended::New);
        }
        kept.get(&(delivery.connection.clone(), delivery.dedupe_key.clone()))
            .map(|event| Appended::Duplicate {
                kept: Box::new(event.clone()),
            })
            .ok_or_else(|| diesel::result::Error::NotFound.into())
    };
    deliveries.iter().map(answer).collect()
}
