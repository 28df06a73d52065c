//! SIE 4, type I: vouchers for a bookkeeping program, in code page 437 with CRLF.
//!
//! Only what the type wants: no balances. Vouchers are numbered by us, in a series of ours, without gaps.

mod cp437;

use super::{Format, Writes};
use crate::exports::ExportError;
use crate::exports::vouchers::{About, Batch, Chart, NumberedAccount, Row, Voucher};
use avstem_domain::ledger::account::Account;
use avstem_domain::money::{Currency, Money};
use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;
use cp437::Text;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const FORMAT: Format = Format {
    name: "sie4",
    media_type: "text/plain; charset=ibm437",
    unit: "vouchers",
    writes: Writes::Vouchers,
};

/// The dimension that tells connections apart. Those below 20 have meanings of their own.
const DIMENSION: &str = "20";

/// Decimals that an amount may have.
const DECIMALS_MAX: u32 = 2;

/// What stands around the vouchers.
pub struct Book<'a> {
    pub company: &'a str,
    pub currency: Currency,
    pub chart: &'a Chart,
    pub zone: Tz,
}

/// A file, whole.
#[derive(Debug)]
pub struct File {
    pub bytes: Vec<u8>,
    /// Characters that code page 437 does not have, written as others.
    pub replaced: u64,
}

/// The file of a batch. It depends on nothing else, so that a batch that is written again is the same.
pub fn file(batch: &Batch, book: &Book<'_>) -> Result<File, ExportError> {
    if book.currency.exponent() > DECIMALS_MAX {
        return Err(ExportError::Missing(format!(
            "SIE has two decimals, and {} has more; export in another format",
            book.currency
        )));
    }
    let mut text = Text::default();
    identify(batch, book, &mut text);
    declare(batch, book, &mut text)?;
    for (number, voucher) in (batch.row.first_number..).zip(&batch.vouchers) {
        write(voucher, number, batch, book, &mut text)?;
    }
    Ok(text.into())
}

fn identify(batch: &Batch, book: &Book<'_>, text: &mut Text) {
    text.line("#FLAGGA 0");
    text.line(concat!("#PROGRAM \"Avstem\" ", env!("CARGO_PKG_VERSION")));
    text.line("#FORMAT PC8");
    // Of the books, not of the writing, which would make every file another.
    let as_of = compact(batch.as_of.date_in(book.zone));
    text.line(&format!("#GEN {as_of}"));
    text.line("#SIETYP 4");
    text.line(&format!("#PROSA {}", quoted(&summary(batch))));
    text.line(&format!("#FNAMN {}", quoted(book.company)));
    let years: BTreeSet<i32> = batch.vouchers.iter().map(|one| one.day.year()).collect();
    for (at, year) in years.iter().rev().enumerate() {
        let sign = if at == 0 { "" } else { "-" };
        text.line(&format!("#RAR {sign}{at} {year:04}0101 {year:04}1231"));
    }
    text.line("#KPTYP EUBAS97");
    text.line(&format!("#VALUTA {}", book.currency));
}

/// What the file is, for whoever imports it.
fn summary(batch: &Batch) -> String {
    let row = &batch.row;
    let bound = |day: &Option<String>, open: &str| day.as_deref().unwrap_or(open).to_owned();
    let from = bound(&row.first_day, "början");
    let to = bound(&row.last_day, "slutet");
    let earlier = match batch.journals_before {
        0 => String::new(),
        count => format!("; {} i tidigare filer", bookings(count)),
    };
    if batch.vouchers.is_empty() {
        return format!("Inga nya verifikationer, {from} till {to}{earlier}");
    }
    let last = row
        .first_number
        .saturating_add(row.vouchers)
        .saturating_sub(1);
    format!(
        "Fil {}: verifikation {series}{} till {series}{last}, {}, {from} till {to}{earlier}",
        row.batch,
        row.first_number,
        bookings(batch.journals),
        series = row.series,
    )
}

/// The accounts and connections that the vouchers name.
fn declare(batch: &Batch, book: &Book<'_>, text: &mut Text) -> Result<(), ExportError> {
    let rows = || batch.vouchers.iter().flat_map(|voucher| &voucher.rows);
    let mut accounts = BTreeMap::new();
    for row in rows() {
        let entry = numbered(&row.account, book.chart)?;
        accounts.entry(&entry.number).or_insert(entry);
    }
    for (number, entry) in &accounts {
        text.line(&format!("#KONTO {number} {}", quoted(&entry.name)));
    }
    for (number, entry) in &accounts {
        text.line(&format!("#KTYP {number} {}", entry.class()));
    }
    let connections: BTreeSet<&String> = rows().filter_map(|row| row.connection.as_ref()).collect();
    if !connections.is_empty() {
        text.line(&format!("#DIM {DIMENSION} \"Betalleverantör\""));
    }
    for connection in connections {
        let name = quoted(connection);
        text.line(&format!("#OBJEKT {DIMENSION} {name} {name}"));
    }
    Ok(())
}

fn write(
    voucher: &Voucher,
    number: i64,
    batch: &Batch,
    book: &Book<'_>,
    text: &mut Text,
) -> Result<(), ExportError> {
    let series = quoted(&batch.row.series);
    let day = compact(voucher.day);
    let title = quoted(&title(voucher));
    text.line(&format!("#VER {series} \"{number}\" {day} {title}"));
    text.line("{");
    // By number, with our own accounts in their order within one.
    let mut rows = Vec::new();
    for row in &voucher.rows {
        rows.push((&numbered(&row.account, book.chart)?.number, row));
    }
    rows.sort_by_key(|(number, row)| (row.amount < 0, *number));
    for (number, row) in rows {
        let Row {
            account,
            connection,
            amount,
        } = row;
        let object = connection.as_deref().map_or_else(String::new, |name| {
            format!("\"{DIMENSION}\" {}", quoted(name))
        });
        let amount = Money::from_minor(*amount, book.currency).to_decimal_string();
        let account = quoted(&account.to_string());
        text.line(&format!(
            "   #TRANS {number} {{{object}}} {amount} {day} {account}"
        ));
    }
    text.line("}");
    Ok(())
}

fn title(voucher: &Voucher) -> String {
    let count = bookings(voucher.journals);
    match &voucher.about {
        About::Day => format!("Betalningar {}, {count}", voucher.day),
        About::Payout { connection, payout } => {
            format!("Utbetalning {payout} från {connection}, {count}")
        }
        About::Rest { connection } => {
            format!("Ej utbetalt från {connection}, {count}")
        }
    }
}

fn bookings(count: u64) -> String {
    match count {
        1 => "1 bokning".to_owned(),
        count => format!("{count} bokningar"),
    }
}

fn numbered<'c>(account: &Account, chart: &'c Chart) -> Result<&'c NumberedAccount, ExportError> {
    chart.of(account).ok_or_else(|| {
        ExportError::Missing(format!(
            "{account} has no number; give it one in the file that books.accounts names"
        ))
    })
}

fn compact(day: NaiveDate) -> String {
    day.format("%Y%m%d").to_string()
}

/// A field in quotes, on one line. A backslash has no meaning there, but for some readers it has one.
fn quoted(text: &str) -> String {
    let plain = |c: char| match c {
        '\\' => '/',
        c if c.is_control() => ' ',
        c => c,
    };
    let text: String = text.chars().map(plain).collect();
    format!("\"{}\"", text.replace('"', "\\\""))
}

#[cfg(test)]
mod tests;
