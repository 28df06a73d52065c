//! How an export is written.

mod beancount;
mod csv;
mod hledger;
mod jsonl;
mod parquet;
pub mod sie4;
mod xlsx;

use super::ExportError;
use super::kinds::{JOURNAL, Kind};
use super::ledger::LedgerScope;
use super::table::{Column, Heading, Value};
use crate::store::ReadTx;
use std::io::{Error, ErrorKind, Write};

/// Every format, in the order in which messages name them.
pub const FORMATS: &[&Format] = &[
    &csv::FORMAT,
    &jsonl::FORMAT,
    &xlsx::FORMAT,
    &parquet::FORMAT,
    &hledger::FORMAT,
    &beancount::FORMAT,
    &sie4::FORMAT,
];

/// Where an export goes.
pub type Out = dyn Write + Send;

/// A format of exports.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Also the ending of a file's name.
    pub name: &'static str,
    pub media_type: &'static str,
    /// What is counted when one was written.
    pub unit: &'static str,
    pub(crate) writes: Writes,
}

/// What a format is made of.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Writes {
    /// Any table, row by row.
    Rows(Begin),
    /// The journal alone, for programs that keep books as text.
    Journals(WriteJournals),
    /// The journal alone, as vouchers that leave once.
    Vouchers,
}

/// Writes the header, if the format has one, and takes the rows.
type Begin = for<'w> fn(&Heading<'_>, &'w mut Out) -> std::io::Result<Writer<'w>>;

type WriteJournals = fn(&mut ReadTx<'_>, &mut LedgerScope<'_>, &mut Out) -> Result<(), ExportError>;

pub(crate) type Writer<'w> = Box<dyn RowWriter + 'w>;

/// Writes rows one after the other.
pub trait RowWriter {
    /// `row` has a value for each column.
    fn row(&mut self, row: &[Value]) -> std::io::Result<()>;
    /// Writes what was held back. Without it the output is not complete.
    fn finish(self: Box<Self>) -> std::io::Result<()>;
}

impl Format {
    /// The format of that name, or an error that names those there are.
    pub fn parse(name: &str) -> Result<&'static Self, ExportError> {
        if let Some(format) = FORMATS.iter().find(|format| format.name == name) {
            return Ok(format);
        }
        Err(ExportError::UnknownFormat {
            given: name.chars().take(40).collect(),
            known: names(|_| true),
        })
    }

    /// Whether it can write the kind.
    #[must_use]
    pub fn fits(&self, kind: &Kind) -> bool {
        match self.writes {
            Writes::Rows(_) => true,
            Writes::Journals(_) | Writes::Vouchers => kind.name == JOURNAL.name,
        }
    }

    /// Errors when it cannot write the kind, with the formats that can.
    pub fn require(&self, kind: &Kind) -> Result<(), ExportError> {
        if self.fits(kind) {
            return Ok(());
        }
        Err(ExportError::JournalOnly {
            format: self.name,
            kind: kind.name,
            known: names(|format| format.fits(kind)),
        })
    }
}

fn names(wanted: impl Fn(&Format) -> bool) -> String {
    let names: Vec<&str> = FORMATS
        .iter()
        .filter(|format| wanted(format))
        .map(|format| format.name)
        .collect();
    names.join(", ")
}

/// Errors when a row is not as long as the header.
fn require_width(row: &[Value], columns: &[Column]) -> std::io::Result<()> {
    if row.len() == columns.len() {
        return Ok(());
    }
    let message = format!(
        "a row of {} values under {} columns",
        row.len(),
        columns.len()
    );
    Err(Error::new(ErrorKind::InvalidData, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_format_is_answered_with_the_known_ones() {
        for format in FORMATS {
            assert_eq!(Format::parse(format.name).unwrap().name, format.name);
        }
        assert_eq!(
            Format::parse("xls").unwrap_err().to_string(),
            "\"xls\" is not a format of exports; there are: csv, jsonl, xlsx, parquet, hledger, beancount, sie4"
        );
    }

    #[test]
    fn only_the_journal_is_written_for_programs_that_keep_books() {
        let charges = Kind::parse("charges").unwrap();
        for format in FORMATS {
            assert!(format.require(JOURNAL).is_ok(), "{}", format.name);
        }
        let refused = Format::parse("sie4").unwrap().require(charges).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "sie4 is for the journal alone; charges can be written as: csv, jsonl, xlsx, parquet"
        );
    }
}
