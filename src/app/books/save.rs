//! Writes what changed, table by table, but for the journals.

use super::super::Failure;
use super::Books;
use crate::store::WriteTx;
use crate::store::rows::InvoiceSubscription;

impl Books<'_> {
    pub(super) fn save(&self, tx: &mut WriteTx<'_>) -> Result<(), Failure> {
        self.share_nothing(tx)?;
        tx.save_customers(&self.customers.to_write())?;
        tx.save_subscriptions(&self.subscriptions.to_write())?;
        tx.save_invoices(&self.invoices.to_write())?;
        let newly_billed = self.newly_billed.iter();
        let billed: Vec<InvoiceSubscription> = newly_billed
            .map(|(invoice, subscription)| InvoiceSubscription {
                connection: self.connection.as_str().to_owned(),
                subscription: subscription.clone(),
                invoice: invoice.clone(),
            })
            .collect();
        tx.add_invoice_subscriptions(&billed)?;
        tx.add_invoice_payments(&self.links.to_write())?;
        tx.save_charges(&self.charges.to_write())?;
        tx.save_refunds(&self.refunds.to_write())?;
        tx.save_disputes(&self.disputes.to_write())?;
        tx.add_dispute_movements(&self.movements.to_write())?;
        tx.save_payouts(&self.payouts.to_write())?;
        tx.save_provider_lines(&self.lines.to_write())?;
        tx.save_payout_positions(&self.positions.to_write())?;
        Ok(())
    }
}
