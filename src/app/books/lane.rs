//! That deliveries of some groups of customers touch nothing of others, who may be written at the same time
//! (docs/decisions/0022). Where they do, they are booked while nobody else writes.

use super::super::{Failure, lane};
use super::Books;
use crate::store::{Turn, WriteTx};
use std::collections::BTreeSet;

impl Books<'_> {
    /// Errors when anything loaded belongs to a customer of a lane that is not ours. Rows that name no customer are of the delivery's:
    /// a provider's objects refer to those of the same customer.
    pub(super) fn keep_to_lane(&self, tx: &mut WriteTx<'_>) -> Result<(), Failure> {
        let Turn::Lanes(lanes) = tx.turn() else {
            return Ok(());
        };
        self.share_nothing(tx)?;
        let of_charges = self
            .charges
            .values()
            .filter_map(|row| row.customer_id.as_ref());
        let of_subscriptions = self.subscriptions.values().map(|row| &row.customer_id);
        let mut owners: BTreeSet<&String> = of_charges.chain(of_subscriptions).collect();
        for known in self.customers.values() {
            owners.remove(&known.id);
        }
        let owners: Vec<String> = owners.into_iter().cloned().collect();
        let others = tx.customers_by_ids(&owners)?;
        let mut all = self.customers.values().chain(&others);
        let connection = self.connection.as_str();
        if all.all(|row| lanes.contain(lane::of(connection, Some(&row.provider_id)))) {
            Ok(())
        } else {
            Err(Failure::OtherLanes)
        }
    }

    /// Errors in lanes when there is anything that belongs to no customer alone: payouts, and lines of reports.
    pub(super) fn share_nothing(&self, tx: &WriteTx<'_>) -> Result<(), Failure> {
        let is_shared =
            !(self.payouts.is_empty() && self.lines.is_empty() && self.positions.is_empty());
        match tx.turn() {
            Turn::Lanes(_) if is_shared => Err(Failure::OtherLanes),
            Turn::Lanes(_) | Turn::Alone => Ok(()),
        }
    }
}
