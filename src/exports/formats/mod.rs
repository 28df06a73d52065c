//! How an export is written.

mod csv;
mod jsonl;

use super::ExportError;
use super::table::{Column, Value};
use std::io::Write;

/// Every format, in the order in which messages name them.
pub const FORMATS: &[&Format] = &[&csv::FORMAT, &jsonl::FORMAT];

/// Known by name, and refused until a version brings them.
const LATER: &[&str] = &["xlsx", "parquet", "hledger", "beancount", "sie4"];

/// A format of exports.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Also the ending of a file's name.
    pub name: &'static str,
    pub media_type: &'static str,
    begin: Begin,
}

/// Writes the header, if the format has one, and takes the rows.
type Begin = for<'w> fn(&'static [Column], &'w mut dyn Write) -> std::io::Result<Writer<'w>>;

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
        let known = FORMATS
            .iter()
            .map(|format| format.name)
            .collect::<Vec<_>>()
            .join(", ");
        Err(match LATER.iter().find(|later| **later == name) {
            Some(format) => ExportError::FormatNotYet { format, known },
            None => ExportError::UnknownFormat {
                given: name.chars().take(40).collect(),
                known,
            },
        })
    }

    /// Writes the header, if the format has one.
    pub(crate) fn begin<'w>(
        &self,
        columns: &'static [Column],
        out: &'w mut dyn Write,
    ) -> std::io::Result<Writer<'w>> {
        (self.begin)(columns, out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_format_is_answered_with_the_known_ones() {
        assert_eq!(Format::parse("csv").unwrap().name, "csv");
        let message = |name| Format::parse(name).unwrap_err().to_string();
        assert_eq!(
            message("xls"),
            "\"xls\" is not a format of exports; there are: csv, jsonl"
        );
        assert_eq!(
            message("parquet"),
            "this version cannot write parquet yet; there are: csv, jsonl"
        );
    }
}
