//! Tables with a header: columns by name, cells by type.

use crate::amount;
use crate::context::Bounds;
use crate::dates;
use crate::error::ReadError;
use crate::problem::{Problem, ProblemCode};
use crate::rows::{Ending, Quoting, Row, Rows};
use crate::source::Source;
use avstem_domain::id::IdError;
use avstem_domain::money::{Currency, Money};
use avstem_domain::time::Timestamp;
use chrono::NaiveDate;
use chrono_tz::Tz;
use std::cell::Cell;

/// How much of a text is kept, in bytes.
pub const TEXT_BYTES_MAX: usize = 1000;

/// The names of the columns, and which of them are read.
pub struct Header {
    /// The header's own row.
    row: u64,
    titles: Vec<String>,
    /// The titles in lower case with single spaces.
    names: Vec<String>,
    /// Columns that are read, with the words that one of a closed list may hold: a file that ends inside such a
    /// cell was cut.
    read: Vec<ReadColumn>,
    currency: CurrencyCache,
}

/// Where a column stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column(usize);

type ReadColumn = (usize, &'static [&'static str]);

/// A row under its header.
#[derive(Clone, Copy)]
pub struct DataRow<'r> {
    row: Row<'r>,
    header: &'r Header,
}

/// Columns of one file nearly always name one currency.
type CurrencyCache = Cell<Option<([u8; 3], Currency)>>;

impl Header {
    pub fn new(row: Row<'_>) -> Self {
        let titles: Vec<String> = row.cells().map(|cell| clean(cell, 80)).collect();
        let names = titles.iter().map(|title| name_of(title)).collect();
        Self {
            row: row.number,
            titles,
            names,
            read: Vec::new(),
            currency: Cell::new(None),
        }
    }

    /// Whether `choose` would find its columns.
    pub fn has<C>(&self, choose: impl FnOnce(&mut Wanted<'_>) -> C) -> bool {
        self.chosen(choose).is_ok()
    }

    /// Finds the columns that `choose` asks for, or says all that are missing.
    pub fn columns<C>(
        &mut self,
        choose: impl FnOnce(&mut Wanted<'_>) -> C,
    ) -> Result<C, ReadError> {
        let (chosen, read) = self.chosen(choose)?;
        self.read = read;
        Ok(chosen)
    }

    fn chosen<C>(
        &self,
        choose: impl FnOnce(&mut Wanted<'_>) -> C,
    ) -> Result<(C, Vec<ReadColumn>), ReadError> {
        let mut wanted = Wanted {
            header: self,
            read: Vec::new(),
            missing: Vec::new(),
            twice: None,
        };
        let chosen = choose(&mut wanted);
        let Wanted {
            read,
            missing,
            twice,
            ..
        } = wanted;
        if !missing.is_empty() {
            return Err(ReadError::MissingColumns {
                row: self.row,
                columns: missing,
            });
        }
        if let Some(column) = twice {
            return Err(ReadError::DuplicateColumn {
                row: self.row,
                column,
            });
        }
        Ok((chosen, read))
    }

    /// The row as one of this table; a problem when it has other columns.
    pub fn data<'r>(&'r self, row: Row<'r>) -> Result<Result<DataRow<'r>, Problem>, ReadError> {
        let (found, expected) = (row.len(), self.names.len());
        if let Ending::EndOfFile { last_cell } = row.ending {
            let last = expected.saturating_sub(1);
            let half =
                |(column, words): &ReadColumn| *column == last && !words.contains(&row.cell(last));
            let may_be_half = last_cell == Quoting::Plain && self.read.iter().any(half);
            if found < expected || may_be_half {
                return Err(ReadError::Cut {
                    row: row.number,
                    within: "without a line break behind its last cell, where one belongs even if the row is whole".to_owned(),
                });
            }
        }
        if found == expected {
            return Ok(Ok(DataRow { row, header: self }));
        }
        let said = format!("{found} cells");
        let wanted = format!("{expected} cells, as in the header");
        let last = self.titles.last().map_or("", String::as_str);
        Ok(Err(Problem::new(
            row.number,
            last,
            ProblemCode::Columns,
            &said,
            wanted,
        )))
    }
}

/// Asks a header for columns, each by any of its names.
pub struct Wanted<'h> {
    header: &'h Header,
    read: Vec<ReadColumn>,
    missing: Vec<String>,
    twice: Option<String>,
}

impl Wanted<'_> {
    pub fn required(&mut self, names: &[&str]) -> Column {
        self.optional(names).unwrap_or_else(|| {
            let name = names.first().copied().unwrap_or_default();
            self.missing.push(name.to_owned());
            Column(usize::MAX)
        })
    }

    pub fn optional(&mut self, names: &[&str]) -> Option<Column> {
        self.one_of(names, &[])
    }

    /// A column with a closed list of words.
    pub fn one_of(&mut self, names: &[&str], words: &'static [&'static str]) -> Option<Column> {
        let column = self.find(names)?;
        self.read.push((column.0, words));
        Some(column)
    }

    fn find(&mut self, names: &[&str]) -> Option<Column> {
        let wanted: Vec<String> = names.iter().map(|name| name_of(name)).collect();
        let mut found = None;
        for (at, name) in self.header.names.iter().enumerate() {
            if wanted.contains(name) {
                if found.is_some() {
                    self.twice = self.header.titles.get(at).cloned();
                }
                found = found.or(Some(Column(at)));
            }
        }
        found
    }
}

impl<'r> DataRow<'r> {
    pub const fn number(&self) -> u64 {
        self.row.number
    }

    /// The column's name as the file has it.
    pub fn title(&self, column: Column) -> &'r str {
        self.header.titles.get(column.0).map_or("", String::as_str)
    }

    pub fn text(&self, column: Column) -> &'r str {
        self.row.cell(column.0)
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
        let text = self.text(column);
        let key: Option<[u8; 3]> = text.as_bytes().try_into().ok();
        if let (Some(key), Some((cached, currency))) = (key, self.header.currency.get())
            && key == cached
        {
            return Ok(currency);
        }
        let currency = Currency::parse(text).map_err(|_| {
            let expected = "an ISO 4217 currency such as SEK";
            self.problem(column, ProblemCode::NotACurrency, expected)
        })?;
        self.header.currency.set(key.map(|key| (key, currency)));
        Ok(currency)
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
            let enough = header.row >= TITLE_ROWS_MAX;
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

/// A title as columns are looked up by.
fn name_of(title: &str) -> String {
    let words: Vec<String> = title.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
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
