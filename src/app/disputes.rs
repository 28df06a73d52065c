//! Disputes, looked at.

use super::{App, Failure};
use crate::store::ReadTx;
use crate::store::rows::{Dispute, DisputeMovement};
use std::collections::BTreeMap;

/// What a list is narrowed to. `before` is an id of ours: only older ones follow.
#[derive(Debug, Default)]
pub struct Filter {
    pub status: Option<String>,
    /// Our id of a charge or the provider's.
    pub charge: Option<String>,
    pub before: Option<String>,
}

/// A dispute with what it moved and the provider's id of its charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisputeView {
    pub row: Dispute,
    pub movements: Vec<DisputeMovement>,
    pub charge_provider_id: Option<String>,
}

/// Newest first. Of a charge that is not known there are none.
pub fn list(app: &App, filter: &Filter, limit: i64) -> Result<Vec<DisputeView>, Failure> {
    app.store.read(|tx| {
        let charge = match &filter.charge {
            None => None,
            Some(id) => match tx.find_charge(id)? {
                Some(charge) => Some(charge.id),
                None => return Ok(Vec::new()),
            },
        };
        let rows = tx.list_disputes(
            filter.status.as_deref(),
            charge.as_deref(),
            filter.before.as_deref(),
            limit,
        )?;
        views(tx, rows)
    })
}

/// By our id or the provider's.
pub fn find(app: &App, id: &str) -> Result<Option<DisputeView>, Failure> {
    app.store.read(|tx| {
        let row: Vec<Dispute> = tx.find_dispute(id)?.into_iter().collect();
        Ok(views(tx, row)?.pop())
    })
}

/// In the order of `rows`, in a fixed number of queries.
fn views(tx: &mut ReadTx<'_>, rows: Vec<Dispute>) -> Result<Vec<DisputeView>, Failure> {
    let charges: Vec<String> = rows.iter().map(|row| row.charge_id.clone()).collect();
    let provider_ids: BTreeMap<String, String> = tx
        .charges_by_ids(&charges)?
        .into_iter()
        .map(|charge| (charge.id, charge.provider_id))
        .collect();
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let mut movements: BTreeMap<String, Vec<DisputeMovement>> = BTreeMap::new();
    for line in tx.movements_of_disputes(&ids)? {
        movements
            .entry(line.dispute_id.clone())
            .or_default()
            .push(line);
    }
    let view = |row: Dispute| DisputeView {
        movements: movements.remove(&row.id).unwrap_or_default(),
        charge_provider_id: provider_ids.get(&row.charge_id).cloned(),
        row,
    };
    Ok(rows.into_iter().map(view).collect())
}
