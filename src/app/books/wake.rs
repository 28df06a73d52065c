//! Wakes the cancellations that wait for what a batch brought.

use super::super::Failure;
use super::Books;
use crate::store::WriteTx;
use std::collections::BTreeSet;

impl Books<'_> {
    /// A refund whose state changed lets its cancellation go on. A charge that is new may have been
    /// taken after a cancellation was asked for: the cancellation looks again, even when it was done.
    pub(super) fn wake(&self, tx: &mut WriteTx<'_>) -> Result<(), Failure> {
        let mut due: BTreeSet<String> = self.happened.cancellations.clone();
        due.extend(self.cancellations_of_new_charges(tx)?);
        for id in due {
            let Some(mut row) = tx.cancellation_by_id(&id)? else {
                continue;
            };
            row.due_at = Some(self.now.as_micros());
            tx.save_cancellation(&row)?;
        }
        if !self.happened.charges.is_empty() {
            tx.wake_parked(self.now.as_micros())?;
        }
        Ok(())
    }

    /// What lines and objects waited for each other is there.
    pub(super) fn close_breaks(&self, tx: &mut WriteTx<'_>) -> Result<(), Failure> {
        let connection = &self.connection;
        let lines = self.happened.arrived.iter();
        let lines = lines.map(|id| format!("line/{connection}/{id}"));
        let records = self.happened.found.iter();
        let records = records.map(|id| format!("record/{connection}/{id}"));
        let subjects = lines.chain(records).collect();
        super::super::breaks::arrived(tx, self.clock, self.zone, subjects)
    }

    fn cancellations_of_new_charges(&self, tx: &mut WriteTx<'_>) -> Result<Vec<String>, Failure> {
        let invoices: BTreeSet<&String> = self
            .charges
            .changed()
            .filter(|charge| charge.status == "succeeded")
            .filter_map(|charge| charge.invoice.as_ref())
            .collect();
        let billed = invoices
            .iter()
            .filter_map(|id| self.billed.get(*id))
            .flatten();
        let mut subscriptions = Vec::new();
        let mut others = Vec::new();
        for provider_id in billed {
            match self.subscriptions.get(provider_id) {
                Some(row) => subscriptions.push(row.id.clone()),
                None => others.push(provider_id.clone()),
            }
        }
        let others = tx.subscriptions_by_provider_ids(self.connection.as_str(), &others)?;
        subscriptions.extend(others.into_iter().map(|row| row.id));
        let standing = tx.standing_cancellations(&subscriptions)?;
        Ok(standing.into_iter().map(|row| row.id).collect())
    }
}
