//! Tables with a header: columns by name, cells by type.

use crate::amount;
use crate::context::Bounds;
use crate::dates;
use crate::error::ReadError;
use crate::header::{Column, Header};
use crate::problem::{Problem, ProblemCode};
use crate::rows::{Row, Rows};
use crate::source::Source;
use avstem_domain::id::IdError;
use avstem_domain::money::{Currency, Money};
use avstem_domain::time::Timestamp;
use chrono::NaiveDate;
use chrono_tz::Tz;

/// How much of a text is kept, in bytes.
pub const TEXT_BYTES_MAX: usize = 1000;

/// A row under its header.
#[derive(Clone, Copy)]
pub struct DataRow<'r> {
    row: Row<'r>,
    header: &'r Header,
}

impl<'r> DataRow<'r> {
    pub const fn new(row: Row<'r>, header: &'r Header) -> Self {
        Self { row, header }
    }

    pub const fn number(&self) -> u64 {
        self.row.number
    }

    /// The column's name as the file has it.
    pub fn title(&self, column: Column) -> &'r str {
        self.header.title(column)
    }

    pub fn text(&self, column: Column) -> &'r str {
        self.row.cell(column.at())
    }

    /// Empty where the file has no such column.
    pub fn optional_text(&self, column: Option<Column>) -> &'r str {
        column.map_or("", |column| self.text(column))
    }

    /// A text to keep: without control characters, and not endless.
    pub fn kept(&self, column: Option<Column>) -> String {
        clean(self.optional_text(column), TEXT_BYTES_MAX)
    }

    /// As [`Self::kept`]; `None` for an empty cell.
    pub fn kept_some(&self, column: Option<Column>) -> Option<String> {
        let text = self.optional_text(column);
        (!text.is_empty()).then(|| clean(text, TEXT_BYTES_MAX))
    }

    pub fn currency(&self, column: Column) -> Result<Currency, Problem> {
        self.header.currency(self.text(column)).ok_or_else(|| {
            let expected = "an ISO 4217 currency such as SEK";
            self.problem(column, ProblemCode::NotACurrency, expected)
        })
    }

    /// Digits with a dot, signed.
    pub fn money(&self, column: Column, currency: Currency) -> Result<Money, Problem> {
        amount::dotted(self.text(column), currency)
            .map(|minor| Money::from_minor(minor, currency))
            .ok_or_else(|| self.not_an_amount(column, currency))
    }

    /// Digits with a dot, one side of an account; zero for an empty cell.
    pub fn side(&self, column: Option<Column>, currency: Currency) -> Result<Money, Problem> {
        let Some(column) = column else {
            return Ok(Money::zero(currency));
        };
        let text = self.text(column);
        if text.is_empty() {
            return Ok(Money::zero(currency));
        }
        amount::dotted_unsigned(text, currency)
            .map(|minor| Money::from_minor(minor, currency))
            .ok_or_else(|| self.not_an_amount(column, currency))
    }

    pub fn not_an_amount(&self, column: Column, currency: Currency) -> Problem {
        let example = Money::from_minor(24_900, currency).to_decimal_string();
        let expected = format!("an amount in {currency} such as {example}, with a decimal dot");
        self.problem(column, ProblemCode::NotAnAmount, expected)
    }

    /// `2026-10-02 09:12:04` in UTC.
    pub fn instant_utc(&self, column: Column) -> Result<Timestamp, Problem> {
        dates::iso_local(self.text(column))
            .and_then(dates::in_utc)
            .ok_or_else(|| self.not_a_time(column, "a time such as 2026-10-02 09:12:04"))
    }

    /// The same, as the clock in `zone` showed it.
    pub fn instant_in(&self, column: Column, zone: Tz) -> Result<Timestamp, Problem> {
        dates::iso_local(self.text(column))
            .and_then(|local| dates::in_zone(local, zone))
            .ok_or_else(|| self.not_a_time(column, "a time such as 2026-10-02 09:12:04"))
    }

    /// The same, with the zone's name in a column of its own.
    pub fn instant_named(&self, column: Column, zone: Column) -> Result<Timestamp, Problem> {
        let local = dates::iso_local(self.text(column))
            .ok_or_else(|| self.not_a_time(column, "a time such as 2026-10-02 09:12:04"))?;
        dates::in_named_zone(local, self.text(zone))
            .ok_or_else(|| self.not_a_time(zone, "a time zone such as CET, CEST or UTC"))
    }

    /// The day of `2026-10-02` or `2026-10-02 00:00:00`; `None` for an empty cell.
    pub fn day(&self, column: Option<Column>) -> Result<Option<NaiveDate>, Problem> {
        let Some(column) = column.filter(|column| !self.text(*column).is_empty()) else {
            return Ok(None);
        };
        let text = self.text(column);
        let day = match text.get(..10) {
            Some(day) if text.len() > 10 => {
                dates::iso_local(text).and_then(|_| dates::iso_day(day))
            }
            Some(_) | None => dates::iso_day(text),
        };
        day.map(Some)
            .ok_or_else(|| self.not_a_time(column, "a day such as 2026-10-02"))
    }

    pub fn not_a_time(&self, column: Column, expected: &str) -> Problem {
        self.problem(column, ProblemCode::NotATime, expected)
    }

    pub fn id<T>(
        &self,
        column: Column,
        parse: impl FnOnce(&str) -> Result<T, IdError>,
    ) -> Result<T, Problem> {
        parse(self.text(column)).map_err(|_| {
            let expected = "an id of 1 to 255 visible characters";
            self.problem(column, ProblemCode::NotAnId, expected)
        })
    }

    /// `None` for an empty cell.
    pub fn id_some<T>(
        &self,
        column: Option<Column>,
        parse: impl FnOnce(&str) -> Result<T, IdError>,
    ) -> Result<Option<T>, Problem> {
        match column.filter(|column| !self.text(*column).is_empty()) {
            Some(column) => self.id(column, parse).map(Some),
            None => Ok(None),
        }
    }

    pub fn problem(
        &self,
        column: Column,
        code: ProblemCode,
        expected: impl Into<String>,
    ) -> Problem {
        self.problem_with(column, code, self.text(column), expected)
    }

    /// For what is wrong with several cells together.
    pub fn problem_with(
        &self,
        column: Column,
        code: ProblemCode,
        found: &str,
        expected: impl Into<String>,
    ) -> Problem {
        Problem::new(self.number(), self.title(column), code, found, expected)
    }
}

/// A table whose first row is its header.
pub struct Table<'a> {
    rows: Rows<'a>,
    pub header: Header,
}

impl<'a> Table<'a> {
    pub fn open(source: Source<'a>, delimiter: u8, bounds: &Bounds) -> Result<Self, ReadError> {
        let mut rows = Rows::new(source, delimiter, bounds);
        let header = match rows.next()? {
            Some(row) => Header::new(row),
            None => return Err(ReadError::Empty),
        };
        Ok(Self { rows, header })
    }

    /// For tables that come with either delimiter: the first row tells.
    pub fn open_either(
        source: Source<'a>,
        [usual, other]: [u8; 2],
        bounds: &Bounds,
    ) -> Result<Self, ReadError> {
        let start = source.start_of_text();
        let count = |delimiter: u8| start.iter().filter(|byte| **byte == delimiter).count();
        let delimiter = if count(other) > count(usual) {
            other
        } else {
            usual
        };
        Self::open(source, delimiter, bounds)
    }

    /// For tables below some lines of title: the header is the first of the first rows that `is_header` takes.
    pub fn open_below(
        source: Source<'a>,
        delimiter: u8,
        bounds: &Bounds,
        is_header: impl Fn(&Header) -> bool,
    ) -> Result<Self, ReadError> {
        const TITLE_ROWS_MAX: u64 = 20;
        let mut rows = Rows::new(source, delimiter, bounds);
        let mut first = None;
        while let Some(row) = rows.next()? {
            let header = Header::new(row);
            if is_header(&header) {
                return Ok(Self { rows, header });
            }
            let enough = header.row() >= TITLE_ROWS_MAX;
            first = first.or(Some(header));
            if enough {
                break;
            }
        }
        // Whoever asks the first row for its columns will say what it lacks.
        let header = first.ok_or(ReadError::Empty)?;
        Ok(Self { rows, header })
    }

    pub fn next(&mut self) -> Result<Option<Result<DataRow<'_>, Problem>>, ReadError> {
        match self.rows.next()? {
            Some(row) => self.header.data(row).map(Some),
            None => Ok(None),
        }
    }
}

/// The text without control characters, cut at a character's end.
pub fn clean(text: &str, bytes_max: usize) -> String {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let cut = text.get(..end).unwrap_or_default();
    if cut.bytes().any(|b| b.is_ascii_control()) {
        cut.chars()
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect::<String>()
            .trim()
            .to_owned()
    } else {
        cut.trim().to_owned()
    }
}
