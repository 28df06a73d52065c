//! Adyen's settlement details report: one closed batch, or several.
//! <https://docs.adyen.com/reporting/settlement-reconciliation/transaction-level/settlement-details-report>
//!
//! The column says which way money goes, not the type. A batch sums to zero with its payout: that is the
//! control total, and what finds a file that was cut at a line's end.

use super::{Entry, Origin, Role};
use crate::adyen::{self, Accounts};
use crate::amount;
use crate::context::{ReadContext, TextEncoding};
use crate::error::ReadError;
use crate::formats::Format;
use crate::header::{Column, Header};
use crate::identity;
use crate::problem::{Problem, ProblemCode};
use crate::sink::Sink;
use crate::source::Source;
use crate::summary::{ControlKind, Summary};
use crate::table::{DataRow, TEXT_BYTES_MAX, Table, clean};
use crate::tally::{Taken, Tally, sum};
use avstem_domain::id::{ProviderChargeId, ProviderMovementId, ProviderObjectId, ProviderPayoutId};
use avstem_domain::money::Money;
use avstem_domain::statement::{LineAmounts, LineKind, ProviderLine};
use rust_decimal::Decimal;
use std::io::BufRead;

pub const FORMAT: Entry = Entry {
    name: "adyen_settlement",
    title: "Adyen settlement details",
    origin: Origin::Provider("adyen"),
    role: Role::Movements,
    is_content_of: |head, _| head.header(b',', |header| columns(header).is_ok()),
    read,
};

struct Columns {
    company: Column,
    merchant: Column,
    charge: Column,
    reference: Option<Column>,
    method: Option<Column>,
    created: Column,
    zone: Column,
    journal: Column,
    modification: Column,
    gross_currency: Column,
    gross_debit: Column,
    gross_credit: Column,
    rate: Option<Column>,
    net_currency: Column,
    net_debit: Column,
    net_credit: Column,
    /// Commission, markup, scheme fees and interchange. Their total, which some reports have too, is not
    /// read: it would count them twice.
    fees: [Option<Column>; 4],
    batch: Column,
}

fn columns(header: &mut Header) -> Result<Columns, ReadError> {
    header.columns(|wanted| Columns {
        company: wanted.required(&["Company Account"]),
        merchant: wanted.required(&["Merchant Account"]),
        charge: wanted.required(&["Psp Reference"]),
        reference: wanted.optional(&["Merchant Reference"]),
        method: wanted.optional(&["Payment Method"]),
        created: wanted.required(&["Creation Date"]),
        zone: wanted.required(&["TimeZone"]),
        journal: wanted.required(&["Type"]),
        modification: wanted.required(&["Modification Reference"]),
        gross_currency: wanted.required(&["Gross Currency"]),
        gross_debit: wanted.required(&["Gross Debit (GC)"]),
        gross_credit: wanted.required(&["Gross Credit (GC)"]),
        rate: wanted.optional(&["Exchange Rate"]),
        net_currency: wanted.required(&["Net Currency"]),
        net_debit: wanted.required(&["Net Debit (NC)"]),
        net_credit: wanted.required(&["Net Credit (NC)"]),
        fees: [
            wanted.optional(&["Commission (NC)"]),
            wanted.optional(&["Markup (NC)"]),
            wanted.optional(&["Scheme Fees (NC)"]),
            wanted.optional(&["Interchange (NC)"]),
        ],
        batch: wanted.required(&["Batch Number"]),
    })
}

/// Σ net of each batch.
struct Batches {
    held: Vec<Batch>,
}

/// A report has one batch, or those of some months.
const BATCHES_MAX: usize = 1000;

struct Batch {
    merchant: String,
    number: String,
    net: Money,
}

fn read(
    format: Format,
    input: &mut dyn BufRead,
    context: &ReadContext,
    sink: &mut dyn Sink,
) -> Result<Summary, ReadError> {
    let source = Source::new(input, TextEncoding::Utf8, &context.bounds)?;
    let mut table = Table::open(source, b',', &context.bounds)?;
    let columns = columns(&mut table.header)?;
    let mut accounts = Accounts::new(columns.company, columns.merchant);
    let mut tally = Tally::new(sink, context);
    let mut batches = Batches { held: Vec::new() };
    while let Some(row) = table.next()? {
        let row = match row {
            Ok(row) => row,
            Err(problem) => {
                tally.provider(Err(problem))?;
                continue;
            }
        };
        accounts.tell(&row, &mut tally)?;
        let net = net(&row, &columns);
        let line = net.clone().and_then(|net| line(&row, &columns, net));
        let taken = tally.provider(line)?;
        if let (Ok(net), Taken::Line | Taken::Problem) = (net, taken) {
            batches.add(&row, &columns, net)?;
        }
    }
    for batch in batches.held {
        let Batch {
            merchant,
            number,
            net,
        } = batch;
        let of = format!("batch {number} of {merchant} in {}", net.currency());
        let zero = Money::zero(net.currency()).to_string();
        tally.control(ControlKind::BatchIsZero, &of, &zero, &net.to_string())?;
    }
    Ok(tally.finish(format))
}

impl Batches {
    /// Rows of one batch stand together, so the last one is nearly always it.
    fn add(&mut self, row: &DataRow<'_>, columns: &Columns, net: Money) -> Result<(), ReadError> {
        let (merchant, number) = (row.text(columns.merchant), row.text(columns.batch));
        let same = |batch: &&mut Batch| {
            batch.number == number
                && batch.merchant == merchant
                && batch.net.currency() == net.currency()
        };
        if let Some(batch) = self.held.iter_mut().rev().find(same) {
            batch.net = sum(batch.net, net)?;
            return Ok(());
        }
        if self.held.len() >= BATCHES_MAX {
            return Err(ReadError::TooMany {
                what: "batches",
                max: 1000,
            });
        }
        self.held.push(Batch {
            merchant: merchant.to_owned(),
            number: number.to_owned(),
            net,
        });
        Ok(())
    }
}

fn net(row: &DataRow<'_>, columns: &Columns) -> Result<Money, Problem> {
    let currency = row.currency(columns.net_currency)?;
    let credit = row.side(Some(columns.net_credit), currency)?;
    let debit = row.side(Some(columns.net_debit), currency)?;
    credit
        .checked_sub(debit)
        .map_err(|_| row.not_an_amount(columns.net_credit, currency))
}

fn line(row: &DataRow<'_>, columns: &Columns, net: Money) -> Result<ProviderLine, Problem> {
    let journal = row.text(columns.journal);
    if journal.is_empty() {
        return Err(row.problem(
            columns.journal,
            ProblemCode::NotAWord,
            "a type such as Settled",
        ));
    }
    let kind = adyen::kind_of_type(journal, net);
    let customer_facing = customer_facing(row, columns)?;
    let amounts = amounts(row, columns, net, customer_facing)?;
    let payout = payout(row, columns)?;
    let is_payout = kind == LineKind::Payout;
    // The bank shows the first word: `TX…XT batch 41, …`.
    let first_word = row.text(columns.modification).split_whitespace().next();
    let trace_id = first_word.filter(|_| is_payout);
    let charge = row.id_some(Some(columns.charge), ProviderChargeId::parse)?;
    let source = if is_payout {
        object(payout.as_str())
    } else if kind == LineKind::Charge {
        object(row.text(columns.charge))
    } else {
        object(row.text(columns.modification))
    };
    Ok(ProviderLine {
        row: row.number(),
        id: id(row, columns, net)?,
        customer_facing,
        exchange_rate: rate(row, columns)?,
        amounts,
        source,
        charge,
        payout: Some(payout),
        trace_id: trace_id.map(str::to_owned),
        merchant_reference: row.kept_some(columns.reference),
        occurred_at: row.instant_named(columns.created, columns.zone)?,
        available_on: None,
        text: text(row, columns, journal),
        kind,
    })
}

/// Rows about the account have a text where those about a payment have a reference.
fn text(row: &DataRow<'_>, columns: &Columns, journal: &str) -> String {
    let text = row.text(columns.modification);
    if text.is_empty() || !row.text(columns.charge).is_empty() {
        journal.to_owned()
    } else {
        format!("{journal}: {}", clean(text, TEXT_BYTES_MAX))
    }
}

/// Rows about a payment are told by it and its modification. Rows about the account, such as fees, by their
/// text, payment method and amount.
fn id(row: &DataRow<'_>, columns: &Columns, net: Money) -> Result<ProviderMovementId, Problem> {
    let [merchant, batch, journal, charge, modification] = [
        columns.merchant,
        columns.batch,
        columns.journal,
        columns.charge,
        columns.modification,
    ]
    .map(|column| row.text(column));
    let composed = if charge.is_empty() {
        let (method, amount) = (row.optional_text(columns.method), net.to_decimal_string());
        identity::compose(&[merchant, batch, journal, "", modification, method, &amount])
    } else {
        identity::compose(&[merchant, batch, journal, charge, modification])
    };
    composed.map_err(|_| row.problem(columns.modification, ProblemCode::NotAnId, "a reference"))
}

/// The batch is what is paid out, and is known on every row; the payout's own text only on its last.
fn payout(row: &DataRow<'_>, columns: &Columns) -> Result<ProviderPayoutId, Problem> {
    let batch = row.text(columns.batch);
    if batch.is_empty() || !batch.bytes().all(|b| b.is_ascii_digit()) {
        return Err(row.problem(columns.batch, ProblemCode::NotAnId, "the number of a batch"));
    }
    let merchant = row.text(columns.merchant);
    ProviderPayoutId::parse(&format!("{merchant}/batch/{batch}"))
        .map_err(|_| row.problem(columns.merchant, ProblemCode::NotAnId, "a merchant account"))
}

fn amounts(
    row: &DataRow<'_>,
    columns: &Columns,
    net: Money,
    gross: Option<Money>,
) -> Result<LineAmounts, Problem> {
    let currency = net.currency();
    let overflow = || row.not_an_amount(columns.net_credit, currency);
    let mut fee = Money::zero(currency);
    for column in columns.fees {
        let part = fee_part(row, column, currency)?;
        fee = fee.checked_add(part).map_err(|_| overflow())?;
    }
    let amounts = LineAmounts::from_net(net, fee).map_err(|_| overflow())?;
    if let Some(gross) = gross.filter(|gross| gross.currency() == currency)
        && gross != amounts.gross()
    {
        let expected = format!("{gross} less fees of {fee}, as the other columns say");
        return Err(row.problem_with(
            columns.net_credit,
            ProblemCode::DoesNotAddUp,
            &net.to_string(),
            expected,
        ));
    }
    Ok(amounts)
}

/// A fee may be below zero where a part of it is given back.
fn fee_part(
    row: &DataRow<'_>,
    column: Option<Column>,
    currency: avstem_domain::money::Currency,
) -> Result<Money, Problem> {
    match column.filter(|column| !row.text(*column).is_empty()) {
        Some(column) => row.money(column, currency),
        None => Ok(Money::zero(currency)),
    }
}

/// The gross amount in the currency of the payment; rows about the account have none.
fn customer_facing(row: &DataRow<'_>, columns: &Columns) -> Result<Option<Money>, Problem> {
    if row.text(columns.gross_currency).is_empty() {
        return Ok(None);
    }
    let currency = row.currency(columns.gross_currency)?;
    let credit = row.side(Some(columns.gross_credit), currency)?;
    let debit = row.side(Some(columns.gross_debit), currency)?;
    let gross = credit
        .checked_sub(debit)
        .map_err(|_| row.not_an_amount(columns.gross_credit, currency))?;
    Ok(Some(gross))
}

fn rate(row: &DataRow<'_>, columns: &Columns) -> Result<Option<Decimal>, Problem> {
    let Some(column) = columns.rate.filter(|column| !row.text(*column).is_empty()) else {
        return Ok(None);
    };
    amount::rate(row.text(column))
        .map(Some)
        .ok_or_else(|| row.problem(column, ProblemCode::NotAnAmount, "a rate such as 11.2345"))
}

/// Texts of fees are no ids.
fn object(text: &str) -> Option<ProviderObjectId> {
    ProviderObjectId::parse(text).ok()
}
