//! What a provider's API answered: taken in as a webhook's facts are, and kept.
//!
//! Deliveries are stored before anything is made of them; an answer has no such row of its own. What was
//! taken in of it is kept beside what it changed, in the same transaction, so that projections and books
//! can be made again from what was told (`app/rebuild.rs`).

use super::super::Failure;
use super::{Books, Happened, Keeping};
use crate::store::WriteTx;
use crate::store::rows::StoredAnswer;
use avstem_domain::id::AnswerId;
use avstem_webhooks::Observation;

/// Takes in what a provider's API said and keeps it, in the caller's transaction. Money whose charge is
/// unknown is left out; its webhook waits for the charge.
pub fn absorb(
    tx: &mut WriteTx<'_>,
    keeping: Keeping<'_>,
    connection: &str,
    observations: &[Observation],
) -> Result<Happened, Failure> {
    let (happened, taken) = take_in(tx, keeping, connection, observations)?;
    if !taken.is_empty() {
        tx.add_answer(&StoredAnswer {
            id: AnswerId::from_uuid(keeping.clock.uuid()).to_string(),
            connection: connection.to_owned(),
            told: text(&taken)?,
            absorbed_at: keeping.clock.now().as_micros(),
        })?;
    }
    Ok(happened)
}

/// Takes in facts without keeping them; returns also those that were not left out.
pub fn take_in(
    tx: &mut WriteTx<'_>,
    keeping: Keeping<'_>,
    connection: &str,
    observations: &[Observation],
) -> Result<(Happened, Vec<Observation>), Failure> {
    let mut books = Books::open(tx, keeping, connection, observations)?;
    let (of_charges, mut taken): (Vec<Observation>, Vec<Observation>) = observations
        .iter()
        .cloned()
        .partition(|observation| observation.fact.money_of().is_some());
    books.apply(&taken)?;
    for observation in of_charges {
        if books.knows_charge_of(&observation.fact) {
            books.apply(std::slice::from_ref(&observation))?;
            taken.push(observation);
        }
    }
    Ok((books.close(tx)?, taken))
}

/// What a stored answer told.
pub fn kept(answer: &StoredAnswer) -> Result<Vec<Observation>, Failure> {
    serde_json::from_str(&answer.told).map_err(|e| Failure::unreadable("what an answer told", e))
}

/// Errors on facts about customers, which cannot be written out: no question of ours asks for them.
fn text(observations: &[Observation]) -> Result<String, Failure> {
    serde_json::to_string(observations).map_err(|e| Failure::unreadable("what an answer tells", e))
}

#[cfg(test)]
mod tests;
