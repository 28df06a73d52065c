//! What was paid with what: the times at which charges paid their invoices.

use super::Failure;
use crate::store::ReadTx;
use crate::store::rows::{Charge, InvoicePayment};
use std::collections::BTreeMap;

/// By payment and invoice.
#[derive(Default)]
pub struct Links(BTreeMap<(String, String), InvoicePayment>);

impl Links {
    /// Of charges that took money. Asked for by what they were paid with, which is the key of that table, and not by
    /// their invoices; a charge whose payment paid nothing is looked for by itself.
    pub fn load(
        tx: &mut ReadTx<'_>,
        connection: &str,
        charges: &[Charge],
    ) -> Result<Self, Failure> {
        let paid = || charges.iter().filter(|row| row.status == "succeeded");
        let mut links = Self::default();
        let payments: Vec<String> = paid()
            .map(|row| row.payment.as_ref().unwrap_or(&row.provider_id).clone())
            .collect();
        links.keep(tx.invoice_payments_by_payments(connection, &payments)?);
        let rest: Vec<String> = paid()
            .filter(|row| row.payment.is_some() && links.by_payment(row).is_none())
            .map(|row| row.provider_id.clone())
            .collect();
        links.keep(tx.invoice_payments_by_payments(connection, &rest)?);
        Ok(links)
    }

    fn keep(&mut self, rows: Vec<InvoicePayment>) {
        self.0.extend(
            rows.into_iter()
                .map(|row| ((row.payment.clone(), row.invoice.clone()), row)),
        );
    }

    /// When a charge paid its invoice: by its payment, or else by itself.
    pub fn paid_at(&self, charge: &Charge) -> Option<i64> {
        let link = self
            .by_payment(charge)
            .or_else(|| self.get(&charge.provider_id, charge))?;
        link.paid_at
    }

    fn by_payment(&self, charge: &Charge) -> Option<&InvoicePayment> {
        self.get(charge.payment.as_ref()?, charge)
    }

    fn get(&self, payment: &str, charge: &Charge) -> Option<&InvoicePayment> {
        let invoice = charge.invoice.clone()?;
        self.0.get(&(payment.to_owned(), invoice))
    }
}
