//! What Stripe's reports have in common: balance transactions in major units.

use crate::context::{Bounds, ReadContext, TextEncoding};
use crate::error::ReadError;
use crate::formats::Format;
use crate::header::{Column, Header};
use crate::problem::{Problem, ProblemCode};
use crate::sink::Sink;
use crate::source::Source;
use crate::summary::Summary;
use crate::table::{DataRow, Table};
use crate::tally::Tally;
use avstem_domain::id::{ProviderChargeId, ProviderMovementId, ProviderObjectId, ProviderPayoutId};
use avstem_domain::money::Money;
use avstem_domain::statement::{LineAmounts, LineKind, ProviderLine};
use avstem_domain::time::Timestamp;
use chrono_tz::Tz;
use std::io::BufRead;

/// Columns of every report.
pub struct Columns {
    pub id: Column,
    pub currency: Column,
    pub gross: Column,
    pub fee: Column,
    pub net: Column,
    pub category: Column,
    pub occurred: Instant,
    pub available: Option<Column>,
    pub source: Option<Column>,
    pub payout: Option<Column>,
    pub charge: Option<Column>,
    pub facing_amount: Option<Column>,
    pub facing_currency: Option<Column>,
    pub trace_id: Option<Column>,
    pub trace_status: Option<Column>,
    pub text: Option<Column>,
}

/// What `trace_id_status` may say.
pub const TRACE_STATUSES: &[&str] = &["supported", "pending", "unsupported"];

/// Columns named `…_utc` are UTC, those without are in the time zone that the report was run in.
#[derive(Clone, Copy)]
pub enum Instant {
    Utc(Column),
    Local(Column),
}

impl Instant {
    /// One of the two must be there.
    pub fn required(wanted: &mut crate::header::Wanted<'_>, utc: &str, local: &str) -> Self {
        match (wanted.optional(&[utc]), wanted.optional(&[local])) {
            (Some(column), _) => Self::Utc(column),
            (None, Some(column)) => Self::Local(column),
            (None, None) => Self::Utc(wanted.required(&[utc])),
        }
    }

    fn of(self, row: &DataRow<'_>, zone: Tz) -> Result<Timestamp, Problem> {
        match self {
            Self::Utc(column) => row.instant_utc(column),
            Self::Local(column) => row.instant_in(column, zone),
        }
    }
}

/// Reads a report whose columns `find` finds and whose kinds `kind_of` knows.
pub fn read(
    format: Format,
    input: &mut dyn BufRead,
    context: &ReadContext,
    sink: &mut dyn Sink,
    find: fn(&mut Header) -> Result<Columns, ReadError>,
    kind_of: fn(&str, &str, Money) -> LineKind,
) -> Result<Summary, ReadError> {
    let bounds: &Bounds = &context.bounds;
    let source = Source::new(input, TextEncoding::Utf8, bounds)?;
    let mut table = Table::open(source, b',', bounds)?;
    let columns = find(&mut table.header)?;
    let mut tally = Tally::new(sink, context);
    while let Some(row) = table.next()? {
        let line = row.and_then(|row| line(&row, &columns, context.time_zone, kind_of));
        tally.provider(line)?;
    }
    Ok(tally.finish(format))
}

fn line(
    row: &DataRow<'_>,
    columns: &Columns,
    zone: Tz,
    kind_of: fn(&str, &str, Money) -> LineKind,
) -> Result<ProviderLine, Problem> {
    let id = row.id(columns.id, ProviderMovementId::parse)?;
    let currency = row.currency(columns.currency)?;
    let gross = row.money(columns.gross, currency)?;
    let fee = row.money(columns.fee, currency)?;
    let net = row.money(columns.net, currency)?;
    let amounts = LineAmounts::new(gross, fee, net).map_err(|why| {
        row.problem(
            columns.net,
            ProblemCode::DoesNotAddUp,
            format!("net = gross − fee: {why}"),
        )
    })?;
    let source_text = row.optional_text(columns.source);
    let kind = kind_of(row.text(columns.category), source_text, net);
    Ok(ProviderLine {
        row: row.number(),
        id,
        amounts,
        customer_facing: customer_facing(row, columns)?,
        exchange_rate: None,
        source: row.id_some(columns.source, ProviderObjectId::parse)?,
        charge: charge(row, columns, &kind)?,
        payout: payout(row, columns, &kind)?,
        trace_id: trace_id(row, columns),
        merchant_reference: None,
        occurred_at: columns.occurred.of(row, zone)?,
        available_on: row.day(columns.available)?,
        text: row.kept(columns.text),
        kind,
    })
}

fn customer_facing(row: &DataRow<'_>, columns: &Columns) -> Result<Option<Money>, Problem> {
    let (Some(amount), Some(currency)) = (columns.facing_amount, columns.facing_currency) else {
        return Ok(None);
    };
    if row.text(amount).is_empty() {
        return Ok(None);
    }
    let currency = row.currency(currency)?;
    row.money(amount, currency).map(Some)
}

fn charge(
    row: &DataRow<'_>,
    columns: &Columns,
    kind: &LineKind,
) -> Result<Option<ProviderChargeId>, Problem> {
    let named = row.id_some(columns.charge, ProviderChargeId::parse)?;
    if named.is_none() && *kind == LineKind::Charge {
        return row.id_some(columns.source, ProviderChargeId::parse);
    }
    Ok(named)
}

fn payout(
    row: &DataRow<'_>,
    columns: &Columns,
    kind: &LineKind,
) -> Result<Option<ProviderPayoutId>, Problem> {
    if *kind == LineKind::Payout {
        return row.id_some(columns.source, ProviderPayoutId::parse);
    }
    row.id_some(columns.payout, ProviderPayoutId::parse)
}

/// A trace id counts where Stripe does not say that the bank has none.
fn trace_id(row: &DataRow<'_>, columns: &Columns) -> Option<String> {
    let status = row.optional_text(columns.trace_status);
    let told = columns.trace_status.is_none() || status == "supported";
    told.then(|| row.kept_some(columns.trace_id))?
}

/// `reporting_category` of the reports. The list is open: an unknown word stays itself.
pub fn kind_of_category(category: &str, _source: &str, net: Money) -> LineKind {
    match category {
        "charge" => LineKind::Charge,
        "refund" => LineKind::Refund,
        "refund_failure" => LineKind::RefundFailure,
        "dispute" => LineKind::DisputeWithdrawn,
        "dispute_reversal" => LineKind::DisputeReinstated,
        "fee" | "tax" | "network_cost" => LineKind::Fee,
        "payout" => LineKind::Payout,
        "payout_reversal" => LineKind::PayoutReturned,
        "payout_minimum_balance_hold" => LineKind::ReserveHeld,
        "payout_minimum_balance_release" => LineKind::ReserveReleased,
        "risk_reserved_funds" | "connect_reserved_funds" => reserve(net),
        "topup" | "topup_reversal" => LineKind::TopUp,
        "fx" | "currency_conversion" => LineKind::Conversion,
        "other_adjustment" => LineKind::Adjustment,
        other => LineKind::Other(other.to_owned()),
    }
}

/// `type` of a balance transaction, as the dashboard's export has it. Leads to the same kinds as
/// [`kind_of_category`] does for the same balance transaction.
pub fn kind_of_type(kind: &str, source: &str, net: Money) -> LineKind {
    match kind {
        "charge" | "payment" => LineKind::Charge,
        "refund" | "payment_refund" => LineKind::Refund,
        "refund_failure" => LineKind::RefundFailure,
        "payment_failure_refund" => LineKind::Other("charge_failure".to_owned()),
        "adjustment" if source.starts_with("dp_") || source.starts_with("du_") => {
            if net.minor() < 0 {
                LineKind::DisputeWithdrawn
            } else {
                LineKind::DisputeReinstated
            }
        }
        "adjustment" => LineKind::Adjustment,
        "stripe_fee" | "stripe_fx_fee" | "tax_fee" | "network_cost" => LineKind::Fee,
        "payout" => LineKind::Payout,
        "payout_failure" | "payout_cancel" => LineKind::PayoutReturned,
        "payout_minimum_balance_hold" => LineKind::ReserveHeld,
        "payout_minimum_balance_release" => LineKind::ReserveReleased,
        "reserve_transaction" | "reserved_funds" | "reserve_hold" | "reserve_release" => {
            reserve(net)
        }
        "topup" | "topup_reversal" => LineKind::TopUp,
        "currency_conversion" => LineKind::Conversion,
        other => LineKind::Other(other.to_owned()),
    }
}

const fn reserve(net: Money) -> LineKind {
    if net.minor() < 0 {
        LineKind::ReserveHeld
    } else {
        LineKind::ReserveReleased
    }
}

/// Columns of the itemized reports that are made of balance transactions.
pub fn itemized(header: &mut Header) -> Result<Columns, ReadError> {
    header.columns(|wanted| Columns {
        id: wanted.required(&["balance_transaction_id"]),
        currency: wanted.required(&["currency"]),
        gross: wanted.required(&["gross"]),
        fee: wanted.required(&["fee"]),
        net: wanted.required(&["net"]),
        category: wanted.required(&["reporting_category"]),
        occurred: Instant::required(wanted, "created_utc", "created"),
        available: wanted
            .optional(&["available_on_utc"])
            .or_else(|| wanted.optional(&["available_on"])),
        source: wanted.optional(&["source_id"]),
        payout: wanted.optional(&["automatic_payout_id"]),
        charge: wanted.optional(&["charge_id"]),
        facing_amount: wanted.optional(&["customer_facing_amount"]),
        facing_currency: wanted.optional(&["customer_facing_currency"]),
        trace_id: wanted.optional(&["trace_id"]),
        trace_status: wanted.one_of(&["trace_id_status"], TRACE_STATUSES),
        text: wanted.optional(&["description"]),
    })
}
