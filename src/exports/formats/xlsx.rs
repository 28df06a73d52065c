//! A workbook: the table, and a sheet that says what it is and what its amounts come to.
//!
//! Amounts, days and times are numbers with a format, texts are cells of type text, which no spreadsheet
//! runs. Rows go to a temporary file first, so that memory does not grow with them.

use super::{Format, Out, RowWriter, Writer, Writes, require_width};
use crate::exports::table::{Column, Flag, Heading, Holds, Value};
use crate::exports::totals::Totals;
use avstem_domain::money::Money;
use avstem_domain::time::Timestamp;
use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format as CellFormat, Workbook, Worksheet, XlsxError,
};
use std::io::{Error, ErrorKind, Write};

pub(super) const FORMAT: Format = Format {
    name: "xlsx",
    media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    unit: "rows",
    writes: Writes::Rows(begin),
};

/// Rows of a sheet, the header included. Excel's limit.
const ROWS_MAX: u32 = 1_048_576;

/// Digits that a cell keeps. Excel's limit: what is longer would be rounded.
const DIGITS_MAX: usize = 15;

const TABLE: usize = 0;
const ABOUT: usize = 1;

struct Xlsx<'w> {
    book: Workbook,
    formats: Formats,
    columns: &'static [Column],
    /// The next row to write.
    next: u32,
    totals: Totals,
    out: &'w mut Out,
}

struct Formats {
    bold: CellFormat,
    day: CellFormat,
    time: CellFormat,
    integer: CellFormat,
    /// For texts that look like a formula: the spreadsheet's own apostrophe in front.
    quoted: CellFormat,
    /// By the currency's number of decimals.
    amounts: [CellFormat; 5],
}

fn begin<'w>(heading: &Heading<'_>, out: &'w mut Out) -> std::io::Result<Writer<'w>> {
    let formats = Formats::new();
    let book = started(heading, &formats).map_err(failed)?;
    Ok(Box::new(Xlsx {
        book,
        formats,
        columns: heading.columns,
        next: 1,
        totals: Totals::new(heading.columns),
        out,
    }))
}

/// Both sheets, with all that is known before the first row.
fn started(heading: &Heading<'_>, formats: &Formats) -> Result<Workbook, XlsxError> {
    let mut book = Workbook::new();
    // The time of writing would make every file another.
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(
        &DocProperties::new()
            .set_author("Avstem")
            .set_creation_datetime(&created),
    );
    let sheet = book.add_worksheet_with_constant_memory()?;
    sheet.set_name(heading.kind)?;
    sheet.set_freeze_panes(1, 0)?;
    for (at, column) in (0u16..).zip(heading.columns) {
        sheet.set_column_width(at, width(column.holds))?;
        sheet.write_string_with_format(0, at, column.name, &formats.bold)?;
    }
    let about = book.add_worksheet_with_constant_memory()?;
    about.set_name("About")?;
    for at in 0..4 {
        about.set_column_width(at, 32)?;
    }
    let bound = |day: Option<NaiveDate>, open: &str| {
        day.map_or_else(|| open.to_owned(), |day| day.to_string())
    };
    let facts = [
        ("table", heading.kind.to_owned()),
        ("from", bound(heading.days.from, "the beginning")),
        ("to", bound(heading.days.to, "the end")),
        ("days of", heading.time_zone.to_owned()),
    ];
    for (row, (name, value)) in (0u32..).zip(facts) {
        about.write_string_with_format(row, 0, name, &formats.bold)?;
        about.write_string(row, 1, value)?;
    }
    Ok(book)
}

impl RowWriter for Xlsx<'_> {
    fn row(&mut self, row: &[Value]) -> std::io::Result<()> {
        require_width(row, self.columns)?;
        if self.next >= ROWS_MAX {
            let message = "a sheet ends at 1,048,576 rows: export fewer days, or as csv or parquet";
            return Err(Error::new(ErrorKind::InvalidData, message));
        }
        self.totals.add(row)?;
        let sheet = self.book.worksheet_from_index(TABLE).map_err(failed)?;
        for (at, value) in (0u16..).zip(row) {
            self.formats.write(sheet, (self.next, at), value)?;
        }
        self.next = self.next.saturating_add(1);
        Ok(())
    }

    fn finish(mut self: Box<Self>) -> std::io::Result<()> {
        self.finish_sheets()?;
        let mut sink = Sink {
            out: self.out,
            broken: None,
        };
        let saved = self.book.save_to_writer(&mut sink).map_err(failed);
        sink.broken.map_or(saved, Err)
    }
}

/// Where the workbook goes. After an error it takes everything in silence, and the error is told at the
/// end: the ZIP writer tries to finish a broken archive, and complains on stderr when it cannot.
struct Sink<'w> {
    out: &'w mut Out,
    broken: Option<Error>,
}

impl Write for Sink<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.broken.is_none()
            && let Err(error) = self.out.write_all(bytes)
        {
            self.broken = Some(error);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.broken.is_none()
            && let Err(error) = self.out.flush()
        {
            self.broken = Some(error);
        }
        Ok(())
    }
}

impl Xlsx<'_> {
    fn finish_sheets(&mut self) -> std::io::Result<()> {
        let last = self.next.saturating_sub(1);
        let columns = u16::try_from(self.columns.len()).unwrap_or(u16::MAX);
        let sheet = self.book.worksheet_from_index(TABLE).map_err(failed)?;
        sheet
            .autofilter(0, 0, last, columns.saturating_sub(1))
            .map_err(failed)?;
        let about = self.book.worksheet_from_index(ABOUT).map_err(failed)?;
        let bold = &self.formats.bold;
        about
            .write_string_with_format(4, 0, "rows", bold)
            .map_err(failed)?;
        let rows = Value::Integer(i64::from(last));
        self.formats.write(about, (4, 1), &rows)?;
        for (at, name) in (0u16..).zip(["sum of", "account", "currency", "amount"]) {
            about
                .write_string_with_format(6, at, name, bold)
                .map_err(failed)?;
        }
        for (row, total) in (7u32..).zip(self.totals.rows()?) {
            for (at, value) in (0u16..).zip(&total) {
                self.formats.write(about, (row, at), value)?;
            }
        }
        Ok(())
    }
}

impl Formats {
    fn new() -> Self {
        let numbers = |format: &str| CellFormat::new().set_num_format(format);
        Self {
            bold: CellFormat::new().set_bold(),
            day: numbers("yyyy-mm-dd"),
            time: numbers("yyyy-mm-dd hh:mm:ss"),
            integer: numbers("0"),
            quoted: CellFormat::new().set_quote_prefix(),
            amounts: [
                numbers("#,##0"),
                numbers("#,##0.0"),
                numbers("#,##0.00"),
                numbers("#,##0.000"),
                numbers("#,##0.0000"),
            ],
        }
    }

    fn write(
        &self,
        sheet: &mut Worksheet,
        (row, at): (u32, u16),
        value: &Value,
    ) -> std::io::Result<()> {
        match value {
            Value::Null => return Ok(()),
            Value::Text(text) | Value::Id(text) if super::csv::runs(text) => {
                sheet.write_string_with_format(row, at, text, &self.quoted)
            }
            Value::Text(text) | Value::Id(text) => sheet.write_string(row, at, text),
            Value::Amount(amount) => {
                let format = self.of_amount(*amount);
                return number(sheet, (row, at), &amount.to_decimal_string(), format);
            }
            Value::Integer(value) => {
                return number(sheet, (row, at), &value.to_string(), &self.integer);
            }
            Value::Flag(Flag::Yes) => sheet.write_boolean(row, at, true),
            Value::Flag(Flag::No) => sheet.write_boolean(row, at, false),
            Value::Date(day) => {
                let day = ExcelDateTime::parse_from_str(day).map_err(failed)?;
                sheet.write_datetime_with_format(row, at, &day, &self.day)
            }
            Value::Time(time) => {
                let time = instant(*time)?;
                sheet.write_datetime_with_format(row, at, &time, &self.time)
            }
        }
        .map(|_| ())
        .map_err(failed)
    }

    fn of_amount(&self, amount: Money) -> &CellFormat {
        let digits = usize::try_from(amount.currency().exponent()).unwrap_or(usize::MAX);
        self.amounts.get(digits).unwrap_or(&self.integer)
    }
}

/// A number that a cell keeps to the last digit, or an error.
#[expect(
    clippy::disallowed_types,
    reason = "a spreadsheet has no other numbers; one of up to 15 digits is read back as it was written"
)]
fn number(
    sheet: &mut Worksheet,
    (row, at): (u32, u16),
    text: &str,
    format: &CellFormat,
) -> std::io::Result<()> {
    let digits = text.trim_start_matches(['-', '0', '.']);
    let digits = digits.bytes().filter(u8::is_ascii_digit).count();
    let inexact = || {
        let message =
            format!("{text} has more digits than a spreadsheet keeps: export as csv or parquet");
        Error::new(ErrorKind::InvalidData, message)
    };
    if digits > DIGITS_MAX {
        return Err(inexact());
    }
    let number: f64 = text.parse().map_err(|_| inexact())?;
    sheet
        .write_number_with_format(row, at, number, format)
        .map_err(failed)?;
    Ok(())
}

/// To the millisecond, which is what a cell keeps.
fn instant(time: Timestamp) -> std::io::Result<ExcelDateTime> {
    let time: DateTime<Utc> = time.to_utc();
    let small = |number: u32| u8::try_from(number).unwrap_or(u8::MAX);
    let year = u16::try_from(time.year()).unwrap_or(u16::MAX);
    let millis = u16::try_from(time.timestamp_subsec_millis()).unwrap_or(u16::MAX);
    let hour = u16::try_from(time.hour()).unwrap_or(u16::MAX);
    ExcelDateTime::from_ymd(year, small(time.month()), small(time.day()))
        .and_then(|day| day.and_hms_milli(hour, small(time.minute()), small(time.second()), millis))
        .map_err(failed)
}

/// In characters.
const fn width(holds: Holds) -> u16 {
    match holds {
        Holds::Text | Holds::Id => 28,
        Holds::Amount => 16,
        Holds::Integer | Holds::Flag => 10,
        Holds::Date => 12,
        Holds::Time => 20,
    }
}

/// The writer's own error, so that a closed pipe or a full disk is still known as one.
fn failed(error: XlsxError) -> Error {
    if let XlsxError::IoError(error) = error {
        return error;
    }
    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<Error>());
    let kind = cause.map_or(ErrorKind::InvalidData, Error::kind);
    Error::new(kind, error.to_string())
}

#[cfg(test)]
mod tests;
