//! PayPal's "Activity download", the export of the user's own account: headers, words, numbers and dates in
//! the user's language, all quoted, with a byte order mark.
//!
//! No column says how numbers and dates are written. The first amount with decimals settles the style of all
//! numbers; the order of a date like 02/10/2026 follows from it and from the time zone, unless it is told.

use super::{Entry, Head, Origin, Role};
use crate::amount;
use crate::context::{DateOrder, DecimalStyle, ReadContext, TextEncoding};
use crate::dates;
use crate::error::ReadError;
use crate::formats::Format;
use crate::header::{Column, Header};
use crate::paypal;
use crate::problem::{Problem, ProblemCode};
use crate::sink::Sink;
use crate::source::Source;
use crate::summary::Summary;
use crate::table::{DataRow, Table};
use crate::tally::Tally;
use avstem_domain::id::{ProviderChargeId, ProviderObjectId, ProviderPayoutId};
use avstem_domain::money::{Currency, Money};
use avstem_domain::statement::{LineAmounts, LineKind, ProviderLine};
use avstem_domain::time::Timestamp;
use std::io::BufRead;

pub const FORMAT: Entry = Entry {
    name: "paypal_activity",
    title: "PayPal activity download",
    origin: Origin::Provider("paypal"),
    role: Role::Movements,
    is_content_of: |head, _| is_activity(head),
    read,
};

fn is_activity(head: &Head<'_>) -> bool {
    [b',', b'\t']
        .into_iter()
        .any(|delimiter| head.header(delimiter, |header| columns(header).is_ok()))
}

struct Columns {
    date: Column,
    time: Column,
    zone: Column,
    words: Column,
    status: Column,
    currency: Column,
    gross: Column,
    fee: Column,
    net: Column,
    transaction: Column,
    reference: Option<Column>,
    invoice: Option<Column>,
    code: Option<Column>,
    bank_reference: Option<Column>,
    impact: Option<Column>,
}

/// Each by its English, German, Swedish and French name.
fn columns(header: &mut Header) -> Result<Columns, ReadError> {
    header.columns(|wanted| Columns {
        date: wanted.required(&["Date", "Datum"]),
        time: wanted.required(&["Time", "Uhrzeit", "Zeit", "Tid", "Heure"]),
        zone: wanted.required(&[
            "TimeZone",
            "Time Zone",
            "Zeitzone",
            "Tidszon",
            "Fuseau horaire",
        ]),
        words: wanted.required(&["Type", "Typ"]),
        status: wanted.required(&["Status", "État"]),
        currency: wanted.required(&["Currency", "Währung", "Valuta", "Devise"]),
        gross: wanted.required(&["Gross", "Brutto", "Avant commission"]),
        fee: wanted.required(&["Fee", "Gebühr", "Entgelt", "Avgift", "Commission"]),
        net: wanted.required(&["Net", "Netto"]),
        transaction: wanted.required(&[
            "Transaction ID",
            "Transaktionscode",
            "Transaktions-ID",
            "Numéro de transaction",
        ]),
        reference: wanted.optional(&[
            "Reference Txn ID",
            "Zugehöriger Transaktionscode",
            "Referens-ID för transaktion",
            "Numéro de la transaction de référence",
        ]),
        invoice: wanted.optional(&[
            "Invoice Number",
            "Rechnungsnummer",
            "Fakturanummer",
            "Nº de facture",
        ]),
        code: wanted.optional(&["Transaction Event Code", "Transaktionsereigniscode"]),
        bank_reference: wanted.optional(&["Bank Reference ID", "Bankreferenz"]),
        impact: wanted.optional(&[
            "Balance Impact",
            "Auswirkung auf Guthaben",
            "Saldopåverkan",
            "Impact sur le solde",
        ]),
    })
}

/// How the file writes numbers and dates, as far as it has shown.
struct Locale {
    style: Option<DecimalStyle>,
    order: Option<DateOrder>,
}

fn read(
    format: Format,
    input: &mut dyn BufRead,
    context: &ReadContext,
    sink: &mut dyn Sink,
) -> Result<Summary, ReadError> {
    let source = Source::new(input, TextEncoding::Utf8, &context.bounds)?;
    let mut table = Table::open_either(source, [b',', b'\t'], &context.bounds)?;
    let columns = columns(&mut table.header)?;
    let mut tally = Tally::new(sink, context);
    let mut locale = Locale {
        style: None,
        order: context.date_order,
    };
    while let Some(row) = table.next()? {
        let line = match row {
            Ok(row) => {
                locale.learn(&row, &columns);
                locale.refuse_wrong_order(&row, &columns)?;
                locale.line(&row, &columns)
            }
            Err(problem) => Err(problem),
        };
        tally.provider(line)?;
    }
    Ok(tally.finish(format))
}

impl Locale {
    fn learn(&mut self, row: &DataRow<'_>, columns: &Columns) {
        self.style = self.style.or_else(|| {
            [columns.gross, columns.net, columns.fee]
                .into_iter()
                .find_map(|column| amount::style_of(row.text(column)))
        });
        let (Some(style), None) = (self.style, self.order) else {
            return;
        };
        let american =
            style == DecimalStyle::Dot && dates::writes_month_first(row.text(columns.zone));
        self.order = Some(if american && row.text(columns.date).contains('/') {
            DateOrder::MonthFirst
        } else {
            DateOrder::DayFirst
        });
    }

    /// A day that is none in this order and one in the other shows that every day was read wrongly.
    fn refuse_wrong_order(&self, row: &DataRow<'_>, columns: &Columns) -> Result<(), ReadError> {
        let text = row.text(columns.date);
        let (order, other) = match self.order() {
            DateOrder::DayFirst => (DateOrder::DayFirst, DateOrder::MonthFirst),
            DateOrder::MonthFirst => (DateOrder::MonthFirst, DateOrder::DayFirst),
        };
        let wrong = dates::localised_day(text, order).is_none()
            && dates::localised_day(text, other).is_some();
        if wrong {
            return Err(ReadError::DateOrder {
                row: row.number(),
                column: row.title(columns.date).to_owned(),
                found: text.chars().take(20).collect(),
                order: order.as_str(),
            });
        }
        Ok(())
    }

    fn order(&self) -> DateOrder {
        self.order.unwrap_or(DateOrder::DayFirst)
    }

    fn line(&self, row: &DataRow<'_>, columns: &Columns) -> Result<ProviderLine, Problem> {
        let currency = row.currency(columns.currency)?;
        let gross = self.money(row, columns.gross, currency)?;
        let fee = self.money(row, columns.fee, currency)?;
        let net = self.money(row, columns.net, currency)?;
        let occurred_at = self.instant(row, columns)?;
        let (kind, amounts) = match movement(row, columns)? {
            Movement::Moves => (
                kind(row, columns, gross),
                amounts(row, columns, [gross, fee, net])?,
            ),
            Movement::Memo => {
                let word = row.kept(Some(columns.status)).to_lowercase();
                let none = LineAmounts::without_fee(Money::zero(currency));
                (LineKind::Memo(word), none)
            }
        };
        let transaction = row.text(columns.transaction);
        let no_id = || {
            row.problem(
                columns.transaction,
                ProblemCode::NotAnId,
                "a transaction id",
            )
        };
        if transaction.is_empty() {
            return Err(no_id());
        }
        let id = paypal::identity(transaction, &kind, gross).map_err(|_| no_id())?;
        let own = Some(columns.transaction);
        let charge = if kind == LineKind::Charge {
            own
        } else {
            columns.reference
        };
        let payout = own.filter(|_| kind == LineKind::Payout);
        Ok(ProviderLine {
            row: row.number(),
            id,
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
            text: row.kept(Some(columns.words)),
            kind,
        })
    }

    fn money(
        &self,
        row: &DataRow<'_>,
        column: Column,
        currency: Currency,
    ) -> Result<Money, Problem> {
        let style = self.style.unwrap_or(DecimalStyle::Dot);
        amount::grouped(row.text(column), style, currency)
            .map(|minor| Money::from_minor(minor, currency))
            .ok_or_else(|| {
                let point = style.as_str();
                let expected = format!(
                    "an amount in {currency} with a decimal {point}, as in the rest of the file"
                );
                row.problem(column, ProblemCode::NotAnAmount, expected)
            })
    }

    fn instant(&self, row: &DataRow<'_>, columns: &Columns) -> Result<Timestamp, Problem> {
        let day = dates::localised_day(row.text(columns.date), self.order())
            .ok_or_else(|| row.not_a_time(columns.date, "a day such as 02/10/2026"))?;
        let clock = dates::time_of_day(row.text(columns.time))
            .ok_or_else(|| row.not_a_time(columns.time, "a time such as 09:15:00"))?;
        dates::in_named_zone(day.and_time(clock), row.text(columns.zone))
            .ok_or_else(|| row.not_a_time(columns.zone, "a time zone such as CEST or PST"))
    }
}

/// PayPal writes a fee below zero: net = gross + fee.
fn amounts(
    row: &DataRow<'_>,
    columns: &Columns,
    [gross, fee, net]: [Money; 3],
) -> Result<LineAmounts, Problem> {
    let refused = |why: String| {
        let expected = format!("net = gross + fee: {why}");
        row.problem(columns.net, ProblemCode::DoesNotAddUp, expected)
    };
    let fee = fee.checked_neg().map_err(|why| refused(why.to_string()))?;
    LineAmounts::new(gross, fee, net).map_err(|why| refused(why.to_string()))
}

fn kind(row: &DataRow<'_>, columns: &Columns, gross: Money) -> LineKind {
    let code = row.optional_text(columns.code);
    if !code.is_empty() {
        return paypal::kind_of_code(code, gross);
    }
    match paypal::code_of_word(row.text(columns.words)) {
        Some(code) => paypal::kind_of_code(code, gross),
        None => LineKind::Other(row.kept(Some(columns.words))),
    }
}

/// Whether a row changed the balance.
enum Movement {
    Moves,
    Memo,
}

fn movement(row: &DataRow<'_>, columns: &Columns) -> Result<Movement, Problem> {
    const MOVES: &[&str] = &[
        "credit", "debit", "haben", "soll", "kredit", "debet", "crédit", "débit",
    ];
    const DONE: &[&str] = &[
        "completed",
        "abgeschlossen",
        "slutförd",
        "genomförd",
        "terminé",
        "effectué",
        "refunded",
        "partially refunded",
        "reversed",
        "returned",
        "cleared",
        "paid",
    ];
    const NOT_DONE: &[&str] = &[
        "pending",
        "denied",
        "failed",
        "expired",
        "canceled",
        "cancelled",
        "unclaimed",
        "voided",
        "offen",
        "ausstehend",
        "abgelehnt",
        "storniert",
        "abgelaufen",
        "väntande",
        "nekad",
        "avbruten",
        "en attente",
        "refusé",
        "annulé",
    ];
    let impact = row.optional_text(columns.impact).to_lowercase();
    let status = row.text(columns.status).to_lowercase();
    let is = |words: &[&str], word: &String| words.contains(&word.as_str());
    if impact == "memo" || impact == "mémo" || is(NOT_DONE, &status) {
        Ok(Movement::Memo)
    } else if is(MOVES, &impact) || is(DONE, &status) {
        Ok(Movement::Moves)
    } else {
        let expected = "a status such as Completed or Pending";
        Err(row.problem(columns.status, ProblemCode::NotAWord, expected))
    }
}
