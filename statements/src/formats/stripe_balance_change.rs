//! Stripe `balance_change_from_activity.itemized`, any version: each balance transaction but payouts. The
//! itemized ending balance has the same columns and is read as this.
//! <https://docs.stripe.com/reports/report-types/balance>

use super::{Entry, Origin, Role};
use crate::stripe;

pub const FORMAT: Entry = Entry {
    name: "stripe_balance_change",
    title: "Stripe balance change from activity, itemized",
    origin: Origin::Provider("stripe"),
    role: Role::Movements,
    is_content_of: |head, _| {
        let columns = ["balance_transaction_id", "reporting_category", "gross"];
        head.has_columns(b',', &columns)
    },
    read: |format, input, context, sink| {
        let kind_of = stripe::kind_of_category;
        stripe::read(format, input, context, sink, stripe::itemized, kind_of)
    },
};
