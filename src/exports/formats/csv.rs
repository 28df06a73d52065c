//! RFC 4180: a header, commas, CRLF, UTF-8 without a byte order mark.
//!
//! Spreadsheets run a cell that begins like a formula, and names and references come from outside. Such
//! a text gets an apostrophe in front, which a spreadsheet does not show. Amounts, times and numbers
//! are ours and stay as they are: a minus sign in front of a number is a number.

use super::{Format, Out, RowWriter, Writer, Writes};
use crate::exports::table::{Heading, Value};
use avstem_domain::time::Timestamp;
use std::borrow::Cow;
use std::fmt::Write;

pub(super) const FORMAT: Format = Format {
    name: "csv",
    media_type: "text/csv; charset=utf-8; header=present",
    unit: "rows",
    writes: Writes::Rows(begin),
};

struct Csv<'w> {
    writer: csv::Writer<&'w mut Out>,
    /// An instant, and how it is written: rows of one object share theirs.
    instant: (Timestamp, String),
    /// A number on its way.
    digits: String,
}

fn begin<'w>(heading: &Heading<'_>, out: &'w mut Out) -> std::io::Result<Writer<'w>> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(out);
    writer
        .write_record(heading.columns.iter().map(|column| column.name))
        .map_err(io_error)?;
    Ok(Box::new(Csv {
        writer,
        instant: (Timestamp::EPOCH, Timestamp::EPOCH.to_rfc3339()),
        digits: String::new(),
    }))
}

impl RowWriter for Csv<'_> {
    fn row(&mut self, row: &[Value]) -> std::io::Result<()> {
        for value in row {
            self.cell(value)?;
        }
        // Ends the row. The writer refuses one that is not as long as the header.
        self.writer.write_record(None::<&[u8]>).map_err(io_error)
    }

    fn finish(mut self: Box<Self>) -> std::io::Result<()> {
        self.writer.flush()
    }
}

impl Csv<'_> {
    fn cell(&mut self, value: &Value) -> std::io::Result<()> {
        let text = match value {
            Value::Null => Cow::Borrowed(""),
            Value::Text(text) | Value::Id(text) => harmless(text),
            Value::Amount(amount) => {
                self.digits.clear();
                write!(self.digits, "{}", amount.to_decimal()).map_err(std::io::Error::other)?;
                Cow::Borrowed(self.digits.as_str())
            }
            Value::Integer(number) => Cow::Owned(number.to_string()),
            Value::Flag(flag) => Cow::Borrowed(flag.as_str()),
            Value::Date(day) => Cow::Borrowed(day.as_str()),
            Value::Time(time) => {
                if self.instant.0 != *time {
                    self.instant = (*time, time.to_rfc3339());
                }
                Cow::Borrowed(self.instant.1.as_str())
            }
        };
        self.writer.write_field(text.as_bytes()).map_err(io_error)
    }
}

/// The writer's own error, so that a closed pipe or a full disk is still known as one.
fn io_error(error: csv::Error) -> std::io::Error {
    let said = error.to_string();
    if let csv::ErrorKind::Io(error) = error.into_kind() {
        error
    } else {
        std::io::Error::other(said)
    }
}

/// The text, marked as text if a spreadsheet could take it for a formula.
fn harmless(text: &str) -> Cow<'_, str> {
    if runs(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// Whether a spreadsheet could take the text for a formula.
pub(super) fn runs(text: &str) -> bool {
    // Spaces and quotes in front are dropped by some programs before they look.
    let dropped = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\u{feff}' | '\u{200b}');
    let shown = text.trim_start_matches(dropped);
    let formula = shown.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    let breaks_out = text.starts_with(['\t', '\r', '\n']);
    formula || breaks_out
}

#[cfg(test)]
mod tests {
    use super::*;
    use avstem_domain::money::{Currency, Money};
    use avstem_domain::time::Timestamp;
    use std::io::Write;

    const HEADING: Heading<'static> =
        Heading::of(crate::exports::table::columns![name: Text, amount: Amount, at: Time]);

    fn written(rows: &[[Value; 3]]) -> String {
        let mut out = Vec::new();
        let mut writer = begin(&HEADING, &mut out).unwrap();
        for row in rows {
            writer.row(row).unwrap();
        }
        writer.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    fn row(text: &str, minor: i64) -> [Value; 3] {
        let amount = Money::from_minor(minor, Currency::parse("SEK").unwrap());
        [
            Value::Text(text.to_owned()),
            Value::Amount(amount),
            Value::Time(Timestamp::EPOCH),
        ]
    }

    #[test]
    fn lines_end_in_crlf_and_only_what_must_be_quoted_is() {
        assert_eq!(
            written(&[row("Åsa, \"Bo\"", 24_900), row("plain", 5)]),
            "name,amount,at\r\n\"Åsa, \"\"Bo\"\"\",249.00,1970-01-01T00:00:00Z\r\nplain,0.05,1970-01-01T00:00:00Z\r\n"
        );
    }

    #[test]
    fn an_export_without_rows_has_its_header() {
        assert_eq!(written(&[]), "name,amount,at\r\n");
    }

    #[test]
    fn texts_that_a_spreadsheet_would_run_are_marked_as_text() {
        for formula in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\nx",
            " =1",
            "\"=1",
            "' =1",
            "\u{a0}=1",
            "＝1",
            "＋1",
            "－1",
            "＠x",
            "\u{feff}=1",
        ] {
            assert_eq!(harmless(formula), format!("'{formula}"), "{formula:?}");
        }
        for text in ["", "Åsa", "a=b", "1-2", "'quoted'", "e@mail", "ch_1"] {
            assert_eq!(harmless(text), text);
        }
    }

    #[test]
    fn a_negative_amount_stays_a_number() {
        assert!(written(&[row("x", -24_900)]).contains("x,-249.00,"));
    }

    #[test]
    fn a_closed_pipe_is_still_known_as_one() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Ok(())
            }
        }
        let mut out = Closed;
        let mut writer = begin(&HEADING, &mut out).unwrap();
        // Longer than the buffer, so that it is written at once.
        let error = writer.row(&row(&"x".repeat(100_000), 1)).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn a_row_of_another_length_is_refused() {
        let mut out = Vec::new();
        let mut writer = begin(&HEADING, &mut out).unwrap();
        assert!(writer.row(&[Value::Null]).is_err());
    }
}
