//! The dashboard's "Balance history": every balance transaction, payouts too, with times to the minute.

use super::{Entry, Origin, Role};
use crate::error::ReadError;
use crate::header::Header;
use crate::stripe::{self, Columns, Instant};

pub const FORMAT: Entry = Entry {
    name: "stripe_balance_history",
    title: "Stripe balance history from the dashboard",
    origin: Origin::Provider("stripe"),
    role: Role::Movements,
    is_content_of: |head, _| {
        let columns = ["id", "type", "source", "amount", "fee", "net", "currency"];
        head.has_columns(b',', &columns) && head.contains("Created")
    },
    read: |format, input, context, sink| {
        let kind_of = stripe::kind_of_type;
        stripe::read(format, input, context, sink, columns, kind_of)
    },
};

fn columns(header: &mut Header) -> Result<Columns, ReadError> {
    header.columns(|wanted| Columns {
        id: wanted.required(&["id"]),
        currency: wanted.required(&["Currency"]),
        gross: wanted.required(&["Amount"]),
        fee: wanted.required(&["Fee"]),
        net: wanted.required(&["Net"]),
        category: wanted.required(&["Type"]),
        occurred: Instant::required(wanted, "Created (UTC)", "Created"),
        available: wanted.optional(&["Available On (UTC)", "Available On"]),
        source: Some(wanted.required(&["Source"])),
        payout: wanted.optional(&["Transfer"]),
        charge: None,
        facing_amount: wanted.optional(&["Customer Facing Amount"]),
        facing_currency: wanted.optional(&["Customer Facing Currency"]),
        trace_id: None,
        trace_status: None,
        text: wanted.optional(&["Description"]),
    })
}
