//! What belongs together, of all that is loaded: each charge would go through the whole batch for it otherwise.

use super::Books;
use super::table::Table;
use std::collections::BTreeMap;

/// As everything is linked once [`Books::link_charges`] is done: booking changes rows, and not what they belong to.
pub(super) struct OfCharges {
    /// By invoice.
    pub(super) charges: Belonging,
    /// By our id of the charge, as disputes are.
    pub(super) refunds: Belonging,
    pub(super) disputes: Belonging,
}

impl OfCharges {
    pub(super) fn of(books: &Books<'_>) -> Self {
        Self {
            charges: Belonging::of(&books.charges, |charge| charge.invoice.as_ref()),
            refunds: Belonging::of(&books.refunds, |refund| Some(&refund.charge_id)),
            disputes: Belonging::of(&books.disputes, |dispute| Some(&dispute.charge_id)),
        }
    }
}

/// Keys of rows, by the key of what they belong to.
pub(super) struct Belonging(BTreeMap<String, Vec<String>>);

impl Belonging {
    fn of<R>(rows: &Table<String, R>, belongs_to: impl Fn(&R) -> Option<&String>) -> Self {
        let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (key, row) in rows.iter() {
            if let Some(other) = belongs_to(row) {
                all.entry(other.clone()).or_default().push(key.clone());
            }
        }
        Self(all)
    }

    /// Those of `rows` that belong to `to`, in the order of their keys: but for a row that is not there now, such as the charge
    /// that is being booked.
    pub(super) fn rows<'b, R>(
        &'b self,
        to: &str,
        rows: &'b Table<String, R>,
    ) -> impl Iterator<Item = &'b R> {
        let keys = self.0.get(to).into_iter().flatten();
        keys.filter_map(|key| rows.get(key))
    }
}
