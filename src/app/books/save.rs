//! Writes what changed, table by table.

use super::super::Failure;
use super::Books;
use crate::store::WriteTx;
use crate::store::rows::InvoiceSubscription;
use std::collections::{BTreeMap, BTreeSet};

fn changed<T: Clone>(rows: &BTreeMap<String, T>, keys: &BTreeSet<String>) -> Vec<T> {
    keys.iter()
        .filter_map(|key| rows.get(key))
        .cloned()
        .collect()
}

impl Books<'_> {
    pub(super) fn save(&mut self, tx: &mut WriteTx<'_>) -> Result<(), Failure> {
        self.share_nothing(tx)?;
        tx.save_customers(&changed(&self.customers, &self.changed.customers))?;
        tx.save_subscriptions(&changed(&self.subscriptions, &self.changed.subscriptions))?;
        tx.save_invoices(&changed(&self.invoices, &self.changed.invoices))?;
        let billed: Vec<InvoiceSubscription> = self
            .changed
            .billed
            .iter()
            .map(|(invoice, subscription)| InvoiceSubscription {
                connection: self.connection.as_str().to_owned(),
                subscription: subscription.clone(),
                invoice: invoice.clone(),
            })
            .collect();
        tx.add_invoice_subscriptions(&billed)?;
        let links: Vec<_> = self
            .changed
            .links
            .iter()
            .filter_map(|key| self.links.get(key))
            .cloned()
            .collect();
        tx.add_invoice_payments(&links)?;
        tx.save_charges(&changed(&self.charges, &self.changed.charges))?;
        tx.save_refunds(&changed(&self.refunds, &self.changed.refunds))?;
        tx.save_disputes(&changed(&self.disputes, &self.changed.disputes))?;
        tx.add_dispute_movements(&changed(&self.movements, &self.changed.movements))?;
        tx.save_payouts(&changed(&self.payouts, &self.changed.payouts))?;
        tx.save_provider_lines(&changed(&self.lines, &self.changed.lines))?;
        tx.save_payout_positions(&changed(&self.positions, &self.changed.positions))?;
        self.journals.write(tx)
    }
}
