//! Rows of data (SB) under the names of their columns (CH).

use crate::amount;
use crate::dates;
use crate::error::ReadError;
use crate::header::{Column, Header};
use crate::paypal;
use crate::problem::{Problem, ProblemCode};
use crate::table::DataRow;
use avstem_domain::id::{ProviderChargeId, ProviderObjectId, ProviderPayoutId};
use avstem_domain::money::{Currency, Money};
use avstem_domain::statement::{LineAmounts, LineKind, ProviderLine};

/// Columns of the rows of data.
pub struct Columns {
    transaction: Column,
    invoice: Option<Column>,
    reference: Option<Column>,
    reference_type: Option<Column>,
    code: Column,
    completed: Column,
    direction: Column,
    gross: Column,
    currency: Column,
    fee_direction: Column,
    fee: Column,
    fee_currency: Column,
    bank_reference: Option<Column>,
}

pub fn columns(header: &mut Header) -> Result<Columns, ReadError> {
    header.columns(|wanted| Columns {
        transaction: wanted.required(&["Transaction ID"]),
        invoice: wanted.optional(&["Invoice ID"]),
        reference: wanted.optional(&["PayPal Reference ID"]),
        reference_type: wanted.optional(&["PayPal Reference ID Type"]),
        code: wanted.required(&["Transaction Event Code"]),
        completed: wanted.required(&["Transaction Completion Date"]),
        direction: wanted.required(&["Transaction Debit or Credit"]),
        gross: wanted.required(&["Gross Transaction Amount"]),
        currency: wanted.required(&["Gross Transaction Currency"]),
        fee_direction: wanted.required(&["Fee Debit or Credit"]),
        fee: wanted.required(&["Fee Amount"]),
        fee_currency: wanted.required(&["Fee Currency"]),
        bank_reference: wanted.optional(&["Bank Reference ID"]),
    })
}

/// Gross, above zero when money came in, and the fee, above zero when PayPal took one.
pub fn amounts(row: &DataRow<'_>, columns: &Columns) -> Result<(Money, Money), Problem> {
    let currency = row.currency(columns.currency)?;
    let gross = directed(row, columns.gross, columns.direction, currency)?;
    let fee = row.text(columns.fee);
    let no_fee = fee.is_empty() || (fee == "0" && row.text(columns.fee_currency).is_empty());
    if no_fee {
        return Ok((gross, Money::zero(currency)));
    }
    if row.currency(columns.fee_currency)? != currency {
        let expected = format!("{currency}, the currency of the gross amount");
        return Err(row.problem(columns.fee_currency, ProblemCode::NotACurrency, expected));
    }
    let fee = directed(row, columns.fee, columns.fee_direction, currency)?;
    let fee = fee
        .checked_neg()
        .map_err(|_| row.not_an_amount(columns.fee, currency))?;
    Ok((gross, fee))
}

fn directed(
    row: &DataRow<'_>,
    amount: Column,
    direction: Column,
    currency: Currency,
) -> Result<Money, Problem> {
    let minor = amount::hundredths_unsigned(row.text(amount), currency).ok_or_else(|| {
        let expected = format!("hundredths of {currency} as digits only, without a sign");
        row.problem(amount, ProblemCode::NotAnAmount, expected)
    })?;
    match row.text(direction) {
        "CR" => Ok(Money::from_minor(minor, currency)),
        "DR" => Ok(Money::from_minor(minor.saturating_neg(), currency)),
        _ => Err(row.problem(direction, ProblemCode::NotAWord, "CR or DR")),
    }
}

pub fn line(
    row: &DataRow<'_>,
    columns: &Columns,
    gross: Money,
    fee: Money,
) -> Result<ProviderLine, Problem> {
    let transaction = row.text(columns.transaction);
    let code = row.text(columns.code);
    if transaction.is_empty() || code.is_empty() {
        let column = if code.is_empty() {
            columns.code
        } else {
            columns.transaction
        };
        return Err(row.problem(column, ProblemCode::NotAnId, "an id and an event code"));
    }
    let kind = paypal::kind_of_code(code, gross);
    let net = gross
        .checked_sub(fee)
        .map_err(|_| row.not_an_amount(columns.gross, gross.currency()))?;
    let amounts = LineAmounts::new(gross, fee, net)
        .map_err(|_| row.not_an_amount(columns.gross, gross.currency()))?;
    let id = paypal::identity(transaction, &kind, gross)
        .map_err(|_| row.problem(columns.transaction, ProblemCode::NotAnId, "an id"))?;
    let occurred_at = dates::slashed_with_offset(row.text(columns.completed)).ok_or_else(|| {
        row.not_a_time(
            columns.completed,
            "a time such as 2026/10/02 09:15:00 +0200",
        )
    })?;
    let own = Some(columns.transaction);
    let to_transaction = row.optional_text(columns.reference_type) == "TXN";
    let (charge, payout) = match kind {
        LineKind::Charge => (own, None),
        LineKind::Payout => (None, own),
        LineKind::Refund
        | LineKind::RefundFailure
        | LineKind::DisputeWithdrawn
        | LineKind::DisputeReinstated
        | LineKind::Fee
        | LineKind::PayoutReturned
        | LineKind::ReserveHeld
        | LineKind::ReserveReleased
        | LineKind::Conversion
        | LineKind::TopUp
        | LineKind::Adjustment
        | LineKind::Memo(_)
        | LineKind::Other(_) => (columns.reference.filter(|_| to_transaction), None),
    };
    Ok(ProviderLine {
        row: row.number(),
        id,
        kind,
        amounts,
        customer_facing: None,
        exchange_rate: None,
        source: row.id_some(own, ProviderObjectId::parse)?,
        charge: row.id_some(charge, ProviderChargeId::parse)?,
        payout: row.id_some(payout, ProviderPayoutId::parse)?,
        trace_id: row.kept_some(columns.bank_reference),
        merchant_reference: row.kept_some(columns.invoice),
        occurred_at,
        available_on: None,
        text: row.kept(Some(columns.code)),
    })
}
