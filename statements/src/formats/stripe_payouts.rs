//! Stripe `payouts.itemized`, any version: each payout, and each one that came back.
//! <https://docs.stripe.com/reports/report-types/payouts>

use super::{Entry, Origin, Role};
use crate::error::ReadError;
use crate::header::Header;
use crate::stripe::{self, Columns, Instant};

pub const FORMAT: Entry = Entry {
    name: "stripe_payouts",
    title: "Stripe payouts, itemized",
    origin: Origin::Provider("stripe"),
    role: Role::Movements,
    is_content_of: |head, _| {
        let columns = ["payout_id", "balance_transaction_id", "reporting_category"];
        head.has_columns(b',', &columns) && head.contains("effective_at")
    },
    read: |format, input, context, sink| {
        let kind_of = stripe::kind_of_category;
        stripe::read(format, input, context, sink, columns, kind_of)
    },
};

/// The report does not say which later payout a returned one went into, so `payout` stays unknown.
fn columns(header: &mut Header) -> Result<Columns, ReadError> {
    header.columns(|wanted| Columns {
        id: wanted.required(&["balance_transaction_id"]),
        currency: wanted.required(&["currency"]),
        gross: wanted.required(&["gross"]),
        fee: wanted.required(&["fee"]),
        net: wanted.required(&["net"]),
        category: wanted.required(&["reporting_category"]),
        occurred: Instant::required(wanted, "effective_at_utc", "effective_at"),
        available: wanted.optional(&["payout_expected_arrival_date"]),
        source: Some(wanted.required(&["payout_id"])),
        payout: None,
        charge: None,
        facing_amount: None,
        facing_currency: None,
        trace_id: wanted.optional(&["trace_id"]),
        trace_status: wanted.one_of(&["trace_id_status"], stripe::TRACE_STATUSES),
        text: wanted.optional(&["description"]),
    })
}
