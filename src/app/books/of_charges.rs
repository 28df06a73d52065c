//! What belongs together, of all that is loaded: each charge would go through the whole batch for it otherwise.

use super::Books;
use crate::store::rows::{Charge, Dispute, Invoice, Refund};
use std::collections::BTreeMap;

/// Keys of rows, by the key of what they belong to.
type Belonging = BTreeMap<String, Vec<String>>;

/// As everything is linked once [`Books::link_charges`] is done: booking changes rows, and not what they belong to.
pub(super) struct OfCharges {
    /// By invoice.
    charges: Belonging,
    /// By our id of the charge, as disputes are.
    refunds: Belonging,
    disputes: Belonging,
}

impl OfCharges {
    pub(super) fn of(books: &Books<'_>) -> Self {
        Self {
            charges: belonging(&books.charges, |charge| charge.invoice.as_ref()),
            refunds: belonging(&books.refunds, |refund| Some(&refund.charge_id)),
            disputes: belonging(&books.disputes, |dispute| Some(&dispute.charge_id)),
        }
    }

    /// The charges of an invoice, but for the one that is being booked.
    pub(super) fn charges<'b>(
        &'b self,
        books: &'b Books<'_>,
        invoice: &Invoice,
    ) -> impl Iterator<Item = &'b Charge> {
        rows(&self.charges, &invoice.provider_id, &books.charges)
    }

    pub(super) fn refunds<'b>(
        &'b self,
        books: &'b Books<'_>,
        charge: &Charge,
    ) -> impl Iterator<Item = &'b Refund> {
        rows(&self.refunds, &charge.id, &books.refunds)
    }

    pub(super) fn disputes<'b>(
        &'b self,
        books: &'b Books<'_>,
        charge: &Charge,
    ) -> impl Iterator<Item = &'b Dispute> {
        rows(&self.disputes, &charge.id, &books.disputes)
    }
}

fn belonging<R>(
    rows: &BTreeMap<String, R>,
    belongs_to: impl Fn(&R) -> Option<&String>,
) -> Belonging {
    let mut all = Belonging::new();
    for (key, row) in rows {
        if let Some(other) = belongs_to(row) {
            all.entry(other.clone()).or_default().push(key.clone());
        }
    }
    all
}

/// In the order of their keys.
fn rows<'b, R>(
    belonging: &'b Belonging,
    to: &str,
    rows: &'b BTreeMap<String, R>,
) -> impl Iterator<Item = &'b R> {
    let keys = belonging.get(to).into_iter().flatten();
    keys.filter_map(|key| rows.get(key))
}
