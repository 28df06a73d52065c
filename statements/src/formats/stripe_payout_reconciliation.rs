//! Stripe `payout_reconciliation.itemized`, any version: each balance transaction inside an automatic payout.
//! <https://docs.stripe.com/reports/report-types/payout-reconciliation>

use super::{Entry, Head, Origin, Role};
use crate::stripe;

pub const FORMAT: Entry = Entry {
    name: "stripe_payout_reconciliation",
    title: "Stripe payout reconciliation, itemized",
    origin: Origin::Provider("stripe"),
    role: Role::Movements,
    is_content_of: |head, _| is_payout_reconciliation(head),
    read: |format, input, context, sink| {
        let kind_of = stripe::kind_of_category;
        stripe::read(format, input, context, sink, stripe::itemized, kind_of)
    },
};

/// Its columns are those of the activity report, and mean the same. What tells them apart is the payout,
/// which Stripe puts first here; where a customer chose another order, only the name is the other's.
fn is_payout_reconciliation(head: &Head<'_>) -> bool {
    let payout_first =
        head.starts_with("automatic_payout_id") || head.starts_with("\"automatic_payout_id\"");
    payout_first && head.has_columns(b',', &["balance_transaction_id", "reporting_category"])
}
