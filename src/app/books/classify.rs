//! What a charge was for, as far as is known: where its income belongs, and how much of it is VAT.

use super::super::Failure;
use super::Books;
use super::of_charges::OfCharges;
use super::rows::money;
use crate::store::rows::{Charge, Invoice};
use avstem_domain::ledger::posting::{Classification, Income};
use avstem_domain::money::Money;

impl Books<'_> {
    /// What the charge was for, as far as is known by now.
    pub(super) fn classify(
        &self,
        charge: &Charge,
        of: &OfCharges,
    ) -> Result<Classification, Failure> {
        let nothing_known = Classification {
            vat: money(0, &charge.currency)?,
            income: Income::Orders,
        };
        let Some(invoice) = charge.invoice.as_ref().and_then(|id| self.invoices.get(id)) else {
            return Ok(nothing_known);
        };
        let of_a_subscription = self
            .billed
            .get(&invoice.provider_id)
            .is_some_and(|billed| !billed.is_empty());
        let income = match (of_a_subscription, invoice.period_end) {
            (false, _) => Income::Orders,
            (true, None) => Income::Subscriptions,
            (true, Some(_)) => Income::Deferred,
        };
        Ok(Classification {
            vat: self.vat_of(charge, invoice, of)?,
            income,
        })
    }

    /// The charge's part of its invoice's tax. An invoice paid in several payments is split by largest
    /// remainder, what is not paid yet counting as one more payment, so that the parts sum to the whole.
    fn vat_of(&self, charge: &Charge, invoice: &Invoice, of: &OfCharges) -> Result<Money, Failure> {
        let none = money(0, &charge.currency)?;
        if invoice.currency != charge.currency || !(0..=invoice.total).contains(&invoice.tax) {
            return Ok(none);
        }
        let mut payments: Vec<(&str, i64)> = of
            .charges
            .rows(&invoice.provider_id, &self.charges)
            .filter(|other| other.status == "succeeded")
            .map(|other| (other.provider_id.as_str(), other.amount))
            .collect();
        payments.push((charge.provider_id.as_str(), charge.amount));
        payments.sort_unstable();
        payments.dedup();
        let paid = payments
            .iter()
            .map(|(_, amount)| i128::from(*amount))
            .sum::<i128>();
        let unpaid = i64::try_from((i128::from(invoice.total) - paid).max(0)).unwrap_or(0);
        let weights: Vec<i64> = payments
            .iter()
            .map(|(_, amount)| *amount)
            .chain([unpaid])
            .collect();
        let parts = money(invoice.tax, &invoice.currency)?.allocate(&weights)?;
        let own = payments
            .iter()
            .zip(parts)
            .find(|((id, _), _)| *id == charge.provider_id)
            .map(|(_, part)| part);
        Ok(own
            .filter(|part| part.minor() <= charge.amount)
            .unwrap_or(none))
    }
}

pub fn booked_classification(charge: &Charge) -> Result<Option<Classification>, Failure> {
    let income = match charge.booked_as.as_deref() {
        None => return Ok(None),
        Some("deferred") => Income::Deferred,
        Some("subscriptions") => Income::Subscriptions,
        Some("orders") => Income::Orders,
        Some(other) => return Err(Failure::Unreadable(format!("charge booked as {other:?}"))),
    };
    Ok(Some(Classification {
        vat: money(charge.booked_vat, &charge.currency)?,
        income,
    }))
}

pub(super) const fn income_text(income: Income) -> &'static str {
    match income {
        Income::Deferred => "deferred",
        Income::Subscriptions => "subscriptions",
        Income::Orders => "orders",
    }
}
