//! Refunds, looked at. Asking for one is `request_refund`.

use super::{App, Failure};
use crate::store::ReadTx;
use crate::store::rows::{Refund, Stretch};
use avstem_domain::time::Timestamp;
use std::collections::BTreeMap;

/// What a list is narrowed to. `before` is an id of ours: only older ones follow.
#[derive(Debug, Default)]
pub struct Filter {
    pub state: Option<String>,
    /// Made at or after this instant.
    pub from: Option<Timestamp>,
    /// Made before this instant.
    pub to: Option<Timestamp>,
    pub policy_conform: Option<bool>,
    pub before: Option<String>,
}

/// A refund with the provider's id of its charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundView {
    pub row: Refund,
    pub charge_provider_id: Option<String>,
}

/// Newest first.
pub fn list(
    app: &App,
    filter: &Filter,
    limit: i64,
) -> Result<Stretch<RefundView, String>, Failure> {
    let micros = |time: Option<Timestamp>| time.map(Timestamp::as_micros);
    app.store.read(|tx| {
        let Stretch { rows, looked_to } = tx.list_refunds(
            filter.state.as_deref(),
            micros(filter.from),
            micros(filter.to),
            filter.policy_conform,
            filter.before.as_deref(),
            limit,
        )?;
        Ok(Stretch {
            rows: views(tx, rows)?,
            looked_to,
        })
    })
}

/// By our id or the provider's.
pub fn find(app: &App, id: &str) -> Result<Option<RefundView>, Failure> {
    app.store.read(|tx| {
        let row: Vec<Refund> = tx.find_refund(id)?.into_iter().collect();
        Ok(views(tx, row)?.pop())
    })
}

/// Adds what a reader wants to rows at hand.
pub fn with_charges(app: &App, rows: Vec<Refund>) -> Result<Vec<RefundView>, Failure> {
    app.store.read(|tx| views(tx, rows))
}

fn views(tx: &mut ReadTx<'_>, rows: Vec<Refund>) -> Result<Vec<RefundView>, Failure> {
    let mut ids: Vec<String> = rows.iter().map(|row| row.charge_id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let provider_ids: BTreeMap<String, String> = tx
        .charges_by_ids(&ids)?
        .into_iter()
        .map(|charge| (charge.id, charge.provider_id))
        .collect();
    let view = |row: Refund| RefundView {
        charge_provider_id: provider_ids.get(&row.charge_id).cloned(),
        row,
    };
    Ok(rows.into_iter().map(view).collect())
}
