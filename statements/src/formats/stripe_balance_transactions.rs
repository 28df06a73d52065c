//! The balance transactions of one automatic payout, as Stripe's API lists them: one JSON document a line, as it
//! was written. The first line names the payout, which the documents themselves do not.
//! <https://docs.stripe.com/api/balance_transactions/list>

use super::{Entry, Head, Origin, Role};
use crate::context::{ReadContext, TextEncoding};
use crate::error::ReadError;
use crate::formats::Format;
use crate::lines::{Line, Lines};
use crate::problem::{Problem, ProblemCode};
use crate::sink::Sink;
use crate::source::Source;
use crate::stripe;
use crate::summary::{ControlKind, Summary};
use crate::tally::{Taken, Tally, sum};
use avstem_domain::id::{ProviderChargeId, ProviderMovementId, ProviderObjectId, ProviderPayoutId};
use avstem_domain::money::{Currency, Money};
use avstem_domain::statement::{LineAmounts, LineKind, ProviderLine};
use avstem_domain::time::Timestamp;
use chrono::NaiveDate;
use serde::Deserialize;
use std::borrow::Cow;
use std::io::BufRead;

pub const FORMAT: Entry = Entry {
    name: "stripe_balance_transactions",
    title: "Stripe balance transactions of a payout, from the API",
    origin: Origin::Provider("stripe"),
    role: Role::Movements,
    is_content_of: |head, _| is_list_of_payout(head),
    read,
};

/// The `object` of the first line.
const HEADING: &str = "payout_members";

fn is_list_of_payout(head: &Head<'_>) -> bool {
    let mut lines = head.bytes().split(|byte| matches!(byte, b'\n' | b'\r'));
    let first = lines.find(|line| !line.trim_ascii().is_empty());
    first.is_some_and(|line| {
        serde_json::from_slice::<Heading>(line).is_ok_and(|heading| heading.object == HEADING)
    })
}

/// The first line of such a file.
#[must_use]
pub fn heading(payout: &ProviderPayoutId) -> String {
    serde_json::json!({ "object": HEADING, "payout": payout.as_str() }).to_string()
}

#[derive(Deserialize)]
struct Heading {
    object: String,
    payout: String,
}

#[derive(Deserialize)]
struct Transaction {
    id: String,
    currency: String,
    amount: i64,
    fee: i64,
    net: i64,
    reporting_category: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    created: i64,
    available_on: Option<i64>,
    description: Option<String>,
    source: Option<Of>,
}

/// What the transaction is of: its id, or the object itself where the list was asked to show it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Of {
    Id(String),
    Object(Object),
}

#[derive(Deserialize)]
struct Object {
    id: String,
    amount: Option<i64>,
    amount_captured: Option<i64>,
    currency: Option<String>,
    charge: Option<Named>,
    arrival_date: Option<i64>,
    trace_id: Option<Trace>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Named {
    Id(String),
    Object { id: String },
}

#[derive(Deserialize)]
struct Trace {
    status: Option<String>,
    value: Option<String>,
}

fn read(
    format: Format,
    input: &mut dyn BufRead,
    context: &ReadContext,
    sink: &mut dyn Sink,
) -> Result<Summary, ReadError> {
    let source = Source::new(input, TextEncoding::Utf8, &context.bounds)?;
    let mut lines = Lines::new(source, &context.bounds);
    let payout = payout_of(format, &mut lines)?;
    let mut tally = Tally::new(sink, context);
    let (mut all, mut sent) = (None, false);
    let mut row = 1u64;
    while let Some(line) = lines.next()? {
        if line.text.trim().is_empty() {
            continue;
        }
        row = row.saturating_add(1);
        let transaction: Transaction = parse(row, &line)?;
        let read = provider_line(row, &transaction, &payout);
        let net = read.as_ref().ok().map(|line| line.amounts.net());
        let is_payout = read
            .as_ref()
            .is_ok_and(|line| line.kind == LineKind::Payout);
        if tally.provider(read)? == Taken::Line
            && let Some(net) = net
        {
            sent |= is_payout;
            all = Some(all.map_or(Ok(net), |all| sum(all, net))?);
        }
    }
    if let Some(all) = all.filter(|_| sent) {
        let zero = Money::zero(all.currency());
        let of = format!("payout {payout}");
        tally.control(
            ControlKind::BatchIsZero,
            &of,
            &zero.to_string(),
            &all.to_string(),
        )?;
    }
    Ok(tally.finish(format))
}

fn payout_of(format: Format, lines: &mut Lines<'_>) -> Result<ProviderPayoutId, ReadError> {
    let other = |why: &str| ReadError::NotThisFormat {
        format: format.name(),
        why: why.to_owned(),
    };
    let heading: Heading = loop {
        let line = lines.next()?.ok_or(ReadError::Empty)?;
        if !line.text.trim().is_empty() {
            break parse(line.number, &line)?;
        }
    };
    if heading.object != HEADING {
        return Err(other("its first line names no payout"));
    }
    ProviderPayoutId::parse(&heading.payout)
        .map_err(|_| other("what its first line names is no payout"))
}

fn parse<'l, T: Deserialize<'l>>(row: u64, line: &'l Line<'_>) -> Result<T, ReadError> {
    // Lines that are no UTF-8 were read as something else, and are no JSON as Stripe writes it.
    if let Cow::Owned(_) = line.text {
        return Err(ReadError::Encoding {
            place: format!("row {row}"),
            found: "not UTF-8",
            expected: "UTF-8",
        });
    }
    serde_json::from_str(&line.text).map_err(|error| {
        if error.is_eof() {
            return ReadError::Cut {
                row,
                within: "within a document".to_owned(),
            };
        }
        ReadError::Malformed {
            row,
            column: error.column().to_string(),
            what: "not a balance transaction as Stripe writes them".to_owned(),
        }
    })
}

fn provider_line(
    row: u64,
    transaction: &Transaction,
    payout: &ProviderPayoutId,
) -> Result<ProviderLine, Problem> {
    let wrong = |column: &str, code, found: &str, expected: &str| {
        Problem::new(row, column, code, found, expected)
    };
    let not_an_id = |column: &'static str, text: &str| {
        wrong(column, ProblemCode::NotAnId, text, "an id of Stripe")
    };
    let currency = currency(&transaction.currency).ok_or_else(|| {
        let found = &transaction.currency;
        wrong("currency", ProblemCode::NotACurrency, found, "a currency")
    })?;
    let money = |column: &str, units: i64| {
        money(units, currency).ok_or_else(|| {
            let found = units.to_string();
            wrong(column, ProblemCode::NotAnAmount, &found, "Stripe's units")
        })
    };
    let gross = money("amount", transaction.amount)?;
    let fee = money("fee", transaction.fee)?;
    let net = money("net", transaction.net)?;
    let amounts = LineAmounts::new(gross, fee, net).map_err(|why| {
        let expected = format!("net = amount − fee: {why}");
        let found = transaction.net.to_string();
        wrong("net", ProblemCode::DoesNotAddUp, &found, &expected)
    })?;
    let source = transaction.source.as_ref().map(Of::id).unwrap_or_default();
    let kind = match &transaction.reporting_category {
        Some(category) => stripe::kind_of_category(category, source, net),
        None => stripe::kind_of_type(&transaction.kind, source, net),
    };
    let time = |column: &str, seconds: i64| {
        Timestamp::from_unix_seconds(seconds).map_err(|_| {
            let found = seconds.to_string();
            wrong(column, ProblemCode::NotATime, &found, "Unix seconds")
        })
    };
    let id =
        ProviderMovementId::parse(&transaction.id).map_err(|_| not_an_id("id", &transaction.id))?;
    let charge = transaction.charge(&kind);
    let own = |text: &str| ProviderPayoutId::parse(text).map_err(|_| not_an_id("source", text));
    Ok(ProviderLine {
        row,
        id,
        amounts,
        customer_facing: transaction.customer_facing(&kind, currency),
        exchange_rate: None,
        source: (!source.is_empty())
            .then(|| ProviderObjectId::parse(source).map_err(|_| not_an_id("source", source)))
            .transpose()?,
        charge: charge
            .map(|text| ProviderChargeId::parse(text).map_err(|_| not_an_id("charge", text)))
            .transpose()?,
        payout: Some(if kind == LineKind::Payout {
            own(source)?
        } else {
            payout.clone()
        }),
        trace_id: transaction.trace_id(),
        merchant_reference: None,
        occurred_at: time("created", transaction.created)?,
        available_on: transaction.available_on(),
        text: transaction.description.clone().unwrap_or_default(),
        kind,
    })
}

impl Of {
    fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Object(object) => &object.id,
        }
    }
}

impl Transaction {
    fn object(&self) -> Option<&Object> {
        match self.source.as_ref()? {
            Of::Id(_) => None,
            Of::Object(object) => Some(object),
        }
    }

    fn charge(&self, kind: &LineKind) -> Option<&str> {
        if *kind == LineKind::Charge {
            return self.source.as_ref().map(Of::id);
        }
        Some(match self.object()?.charge.as_ref()? {
            Named::Id(id) | Named::Object { id } => id,
        })
    }

    /// Of a dispute only where it is in another currency: it may be of more than what was moved.
    fn customer_facing(&self, kind: &LineKind, settled: Currency) -> Option<Money> {
        let object = self.object()?;
        let seen = currency(object.currency.as_ref()?)?;
        let amount = money(object.amount_captured.or(object.amount)?, seen)?;
        let foreign = Some(amount).filter(|_| seen != settled);
        match kind {
            LineKind::Charge | LineKind::RefundFailure => Some(amount),
            LineKind::DisputeReinstated => foreign,
            LineKind::Refund => amount.checked_neg().ok(),
            LineKind::DisputeWithdrawn => foreign?.checked_neg().ok(),
            LineKind::Payout
            | LineKind::PayoutReturned
            | LineKind::TopUp
            | LineKind::Fee
            | LineKind::ReserveHeld
            | LineKind::ReserveReleased
            | LineKind::Conversion
            | LineKind::Adjustment
            | LineKind::Memo(_)
            | LineKind::Other(_) => None,
        }
    }

    /// As in the reports, a trace id counts where the bank has it.
    fn trace_id(&self) -> Option<String> {
        let trace = self.object()?.trace_id.as_ref()?;
        let told = trace.status.as_deref() == Some("supported");
        trace.value.clone().filter(|_| told)
    }

    /// Of a payout, the day on which it arrives.
    fn available_on(&self) -> Option<NaiveDate> {
        let arrives = self.object().and_then(|object| object.arrival_date);
        let at = Timestamp::from_unix_seconds(arrives.or(self.available_on)?);
        Some(at.ok()?.to_utc().date_naive())
    }
}

fn currency(text: &str) -> Option<Currency> {
    Currency::parse(&text.to_ascii_uppercase()).ok()
}

/// Stripe counts most currencies as ISO 4217 does. Of the krona of Iceland and the shilling of Uganda it has
/// two decimals that must be zero, and of the ariary none.
/// Source: docs.stripe.com/currencies, "Special cases".
fn money(units: i64, currency: Currency) -> Option<Money> {
    let minor = match currency.code() {
        "ISK" | "UGX" if units % 100 == 0 => units.checked_div(100)?,
        "ISK" | "UGX" => return None,
        "MGA" => units.checked_mul(100)?,
        _ => units,
    };
    Some(Money::from_minor(minor, currency))
}
