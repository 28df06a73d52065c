//! Adyen's payments accounting report: every step in a payment's life, day by day.
//! <https://docs.adyen.com/reporting/invoice-reconciliation/payment-accounting-report>
//!
//! The money of a step is settled by the settlement details report, which has batches and modifications; this
//! one is a second opinion on its fees. Steps that touch no balance are memos. The processing fee is in another
//! currency and comes on Adyen's invoice: it is not in the line.

use super::{Entry, Origin, Role};
use crate::adyen::{self, Accounts};
use crate::context::{ReadContext, TextEncoding};
use crate::error::ReadError;
use crate::formats::Format;
use crate::header::{Column, Header};
use crate::identity;
use crate::problem::{Problem, ProblemCode};
use crate::sink::Sink;
use crate::source::Source;
use crate::summary::Summary;
use crate::table::{DataRow, Table};
use crate::tally::Tally;
use avstem_domain::id::{ProviderChargeId, ProviderObjectId};
use avstem_domain::money::Money;
use avstem_domain::statement::{LineAmounts, LineKind, ProviderLine};
use std::io::BufRead;

pub const FORMAT: Entry = Entry {
    name: "adyen_accounting",
    title: "Adyen payments accounting",
    origin: Origin::Provider("adyen"),
    role: Role::Opinion,
    is_content_of: |head, _| head.header(b',', |header| columns(header).is_ok()),
    read,
};

struct Columns {
    company: Column,
    merchant: Column,
    charge: Column,
    reference: Option<Column>,
    modification_reference: Option<Column>,
    booked: Column,
    zone: Column,
    record: Column,
    main_currency: Column,
    payment_currency: Column,
    captured: Column,
    settlement_currency: Column,
    payable: Column,
    fees: [Option<Column>; 4],
}

fn columns(header: &mut Header) -> Result<Columns, ReadError> {
    header.columns(|wanted| Columns {
        company: wanted.required(&["Company Account"]),
        merchant: wanted.required(&["Merchant Account"]),
        charge: wanted.required(&["Psp Reference"]),
        reference: wanted.optional(&["Merchant Reference"]),
        modification_reference: wanted.optional(&["Modification Merchant Reference"]),
        booked: wanted.required(&["Booking Date"]),
        zone: wanted.required(&["TimeZone"]),
        record: wanted.required(&["Record Type"]),
        main_currency: wanted.required(&["Main Currency"]),
        payment_currency: wanted.required(&["Payment Currency"]),
        captured: wanted.required(&["Captured (PC)"]),
        settlement_currency: wanted.required(&["Settlement Currency"]),
        payable: wanted.required(&["Payable (SC)"]),
        fees: [
            wanted.optional(&["Commission (SC)"]),
            wanted.optional(&["Markup (SC)"]),
            wanted.optional(&["Scheme Fees (SC)"]),
            wanted.optional(&["Interchange (SC)"]),
        ],
    })
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
    while let Some(row) = table.next()? {
        let line = match row {
            Ok(row) => {
                accounts.tell(&row, &mut tally)?;
                line(&row, &columns)
            }
            Err(problem) => Err(problem),
        };
        tally.provider(line)?;
    }
    Ok(tally.finish(format))
}

fn line(row: &DataRow<'_>, columns: &Columns) -> Result<ProviderLine, Problem> {
    let record = row.text(columns.record);
    if record.is_empty() {
        return Err(row.problem(
            columns.record,
            ProblemCode::NotAWord,
            "a type such as Settled",
        ));
    }
    let captured = captured(row, columns)?;
    let (kind, amounts) = if row.text(columns.payable).is_empty() {
        let currency = row.currency(columns.main_currency)?;
        let nothing = LineAmounts::without_fee(Money::zero(currency));
        (LineKind::Memo(record.to_owned()), nothing)
    } else {
        let amounts = amounts(row, columns, captured)?;
        (adyen::kind_of_type(record, amounts.net()), amounts)
    };
    let charge = row.id_some(Some(columns.charge), ProviderChargeId::parse)?;
    Ok(ProviderLine {
        row: row.number(),
        id: identity::compose(&[
            "accounting",
            row.text(columns.charge),
            record,
            row.text(columns.booked),
            row.optional_text(columns.modification_reference),
            &amounts.net().to_decimal_string(),
        ])
        .map_err(|_| row.problem(columns.charge, ProblemCode::NotAnId, "a reference"))?,
        // Money leaves "captured" when it becomes payable.
        customer_facing: captured.and_then(|captured| captured.checked_neg().ok()),
        exchange_rate: None,
        source: row.id_some(Some(columns.charge), ProviderObjectId::parse)?,
        charge,
        payout: None,
        trace_id: None,
        merchant_reference: row.kept_some(columns.reference),
        occurred_at: row.instant_named(columns.booked, columns.zone)?,
        available_on: None,
        text: row.kept(Some(columns.record)),
        kind,
        amounts,
    })
}

fn captured(row: &DataRow<'_>, columns: &Columns) -> Result<Option<Money>, Problem> {
    if row.text(columns.captured).is_empty() {
        return Ok(None);
    }
    let currency = row.currency(columns.payment_currency)?;
    row.money(columns.captured, currency).map(Some)
}

fn amounts(
    row: &DataRow<'_>,
    columns: &Columns,
    captured: Option<Money>,
) -> Result<LineAmounts, Problem> {
    let currency = row.currency(columns.settlement_currency)?;
    let net = row.money(columns.payable, currency)?;
    let overflow = || row.not_an_amount(columns.payable, currency);
    let mut fee = Money::zero(currency);
    for column in columns.fees.into_iter().flatten() {
        if !row.text(column).is_empty() {
            let part = row.money(column, currency)?;
            fee = fee.checked_add(part).map_err(|_| overflow())?;
        }
    }
    let amounts = LineAmounts::from_net(net, fee).map_err(|_| overflow())?;
    let moved = captured.and_then(|captured| captured.checked_neg().ok());
    if let Some(moved) = moved.filter(|moved| moved.currency() == currency)
        && moved != amounts.gross()
    {
        let expected = format!("{moved} less fees of {fee}, as the other columns say");
        return Err(row.problem_with(
            columns.payable,
            ProblemCode::DoesNotAddUp,
            &net.to_string(),
            expected,
        ));
    }
    Ok(amounts)
}
