//! Headers: where the columns are that a format reads.

use crate::error::ReadError;
use crate::problem::{Problem, ProblemCode};
use crate::rows::{Ending, Quoting, Row};
use crate::table::{DataRow, clean};
use avstem_domain::money::Currency;
use std::cell::Cell;

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

impl Column {
    pub const fn at(self) -> usize {
        self.0
    }
}

type ReadColumn = (usize, &'static [&'static str]);

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

    pub const fn row(&self) -> u64 {
        self.row
    }

    /// The column's name as the file has it.
    pub fn title(&self, column: Column) -> &str {
        self.titles.get(column.0).map_or("", String::as_str)
    }

    /// Reads a currency that a cell names.
    pub fn currency(&self, text: &str) -> Option<Currency> {
        let key: Option<[u8; 3]> = text.as_bytes().try_into().ok();
        if let (Some(key), Some((cached, currency))) = (key, self.currency.get())
            && key == cached
        {
            return Some(currency);
        }
        let currency = Currency::parse(text).ok()?;
        self.currency.set(key.map(|key| (key, currency)));
        Some(currency)
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
            return Ok(Ok(DataRow::new(row, self)));
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

/// A title as columns are looked up by.
fn name_of(title: &str) -> String {
    let words: Vec<String> = title.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}
