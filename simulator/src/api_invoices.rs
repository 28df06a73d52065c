//! What can be done to invoices.

use crate::Simulator;
use crate::answer::ApiError;
use crate::api::Found;
use crate::objects::{IntentStatus, Invoice, InvoiceStatus};
use crate::params::Params;

impl Simulator {
    fn invoice(&self, id: &str) -> Result<&Invoice, ApiError> {
        self.invoices
            .get(id)
            .ok_or_else(|| ApiError::missing("invoice", id))
    }

    /// `POST /v1/invoices/{id}`: `auto_advance=false` holds a draft, or stops collection.
    pub(crate) fn update_invoice(&mut self, id: &str, params: &Params) -> Result<Found, ApiError> {
        params.only(&["auto_advance", "metadata["])?;
        let auto_advance = params.boolean("auto_advance")?;
        let metadata = params.metadata()?;
        let status = self.invoice(id)?.status;
        let settled = match status {
            InvoiceStatus::Draft | InvoiceStatus::Open | InvoiceStatus::Uncollectible => false,
            InvoiceStatus::Paid | InvoiceStatus::Void => true,
        };
        if settled && auto_advance.is_some() {
            let status = status.as_str();
            return Err(ApiError::refused(format!(
                "This invoice is {status} and no longer advances."
            ))
            .with_code("invoice_not_editable"));
        }
        self.change_invoice("invoice.updated", id, |invoice| {
            invoice.auto_advance = auto_advance.unwrap_or(invoice.auto_advance);
            invoice.metadata.extend(metadata);
        });
        if auto_advance == Some(true) && status == InvoiceStatus::Draft {
            let finalizes = self.second().saturating_add_seconds(3_600);
            let invoice = id.to_owned();
            let due = crate::timeline::Due::Finalizes { invoice };
            self.timeline.plan(finalizes, due);
        }
        Ok(Found::One(id.to_owned()))
    }

    /// `POST /v1/invoices/{id}/finalize`: draft → open, collected unless it does not advance.
    pub(crate) fn finalize_invoice(
        &mut self,
        id: &str,
        params: &Params,
    ) -> Result<Found, ApiError> {
        params.only(&["auto_advance"])?;
        let auto_advance = params.boolean("auto_advance")?;
        if self.invoice(id)?.status != InvoiceStatus::Draft {
            return Err(ApiError::refused("This invoice is already finalized.")
                .with_code("invoice_not_editable"));
        }
        if let (Some(advances), Some(invoice)) = (auto_advance, self.invoices.get_mut(id)) {
            invoice.auto_advance = advances;
        }
        self.finalize(id);
        if self.invoice(id)?.auto_advance {
            self.collect(id);
        }
        Ok(Found::One(id.to_owned()))
    }

    /// `POST /v1/invoices/{id}/void`.
    pub(crate) fn void(&mut self, id: &str, params: &Params) -> Result<Found, ApiError> {
        params.only(&[])?;
        let invoice = self.invoice(id)?;
        match invoice.status {
            InvoiceStatus::Open | InvoiceStatus::Uncollectible => {}
            InvoiceStatus::Draft | InvoiceStatus::Paid | InvoiceStatus::Void => {
                let status = invoice.status.as_str();
                return Err(ApiError::refused(format!(
                    "Only open and uncollectible invoices can be voided; this one is {status}."
                )));
            }
        }
        if self.is_being_paid(invoice) {
            return Err(ApiError::refused(
                "A payment of this invoice is processing; it cannot be voided.",
            ));
        }
        self.void_invoice(id);
        Ok(Found::One(id.to_owned()))
    }

    fn is_being_paid(&self, invoice: &Invoice) -> bool {
        let mut payments = invoice.payments.iter();
        payments.any(|payment| {
            let payment = self.invoice_payments.get(payment);
            let intent =
                payment.and_then(|payment| self.payment_intents.get(&payment.payment_intent));
            intent.is_some_and(|intent| intent.status == IntentStatus::Processing)
        })
    }

    /// `POST /v1/invoices/{id}/mark_uncollectible`.
    pub(crate) fn mark_uncollectible(
        &mut self,
        id: &str,
        params: &Params,
    ) -> Result<Found, ApiError> {
        params.only(&[])?;
        if self.invoice(id)?.status != InvoiceStatus::Open {
            return Err(ApiError::refused(
                "Only open invoices can be marked uncollectible.",
            ));
        }
        let now = self.second();
        self.change_invoice("invoice.marked_uncollectible", id, |invoice| {
            invoice.status = InvoiceStatus::Uncollectible;
            invoice.uncollectible_at = Some(now);
            invoice.auto_advance = false;
            invoice.next_attempt = None;
        });
        Ok(Found::One(id.to_owned()))
    }

    /// `DELETE /v1/invoices/{id}`: refused, as every invoice here belongs to a subscription.
    pub(crate) fn delete_invoice(&mut self, id: &str, params: &Params) -> Result<Found, ApiError> {
        params.only(&[])?;
        match self.invoice(id)?.status {
            InvoiceStatus::Draft => Err(ApiError::refused(
                "Drafts made by a subscription cannot be deleted.",
            )),
            InvoiceStatus::Open
            | InvoiceStatus::Paid
            | InvoiceStatus::Uncollectible
            | InvoiceStatus::Void => Err(ApiError::refused("Only drafts can be deleted.")),
        }
    }
}
