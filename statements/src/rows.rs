//! Delimited text as rows of cells, strictly: RFC 4180, with any of the three line breaks.
//!
//! Cells are ranges of the one buffer that the row stands in. What csv libraries let pass, text behind a
//! closing quote or a quote that the file never closes, is an error here: it is how a damaged or cut file
//! shows itself.

use crate::context::Bounds;
use crate::error::ReadError;
use crate::source::Source;
use memchr::{memchr, memchr2};

pub struct Rows<'a> {
    source: Source<'a>,
    buffer: Vec<u8>,
    /// Where the row that comes next begins in the buffer.
    start: usize,
    coming: Coming,
    delimiter: u8,
    line_break: Option<u8>,
    row: u64,
    spans: Vec<Span>,
    bounds: Bounds,
}

/// One row. `number` counts from 1, blank lines left out.
#[derive(Clone, Copy)]
pub struct Row<'r> {
    pub number: u64,
    pub ending: Ending,
    text: &'r str,
    spans: &'r [Span],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    LineBreak,
    /// The file ends with the row. A quoted last cell was seen to its end.
    EndOfFile {
        last_cell: Quoting,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: usize,
    end: usize,
    quoting: Quoting,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quoting {
    Plain,
    Quoted,
    /// Quoted, with doubled quotes inside.
    Doubled,
}

/// Whether the file goes on behind what is in the buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coming {
    More,
    Nothing,
}

enum Scan {
    /// The row takes so many bytes, its line break included.
    Row {
        bytes: usize,
        ending: Ending,
    },
    Incomplete,
}

/// Why a row is none; what is said of the column counts from 0.
enum Fault {
    OpenQuote { column: usize },
    AfterQuote { column: usize },
    TooManyColumns,
}

impl<'r> Row<'r> {
    pub const fn len(&self) -> usize {
        self.spans.len()
    }

    /// The cell without the spaces around it; empty where the row is too short.
    pub fn cell(&self, column: usize) -> &'r str {
        let cell = self
            .spans
            .get(column)
            .and_then(|span| self.text.get(span.start..span.end))
            .unwrap_or_default();
        match cell.as_bytes() {
            // Most cells have nothing to trim.
            [] => cell,
            [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => cell,
            _ => cell.trim(),
        }
    }

    pub fn cells(&self) -> impl Iterator<Item = &'r str> {
        let row = *self;
        (0..self.len()).map(move |column| row.cell(column))
    }
}

impl<'a> Rows<'a> {
    pub fn new(source: Source<'a>, delimiter: u8, bounds: &Bounds) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            start: 0,
            coming: Coming::More,
            delimiter,
            line_break: None,
            row: 0,
            spans: Vec::new(),
            bounds: *bounds,
        }
    }

    pub fn next(&mut self) -> Result<Option<Row<'_>>, ReadError> {
        loop {
            let Some((bytes, ending)) = self.find_row()? else {
                return Ok(None);
            };
            let start = self.start;
            self.start = start.saturating_add(bytes);
            let blank = self.spans.len() == 1
                && self.spans.iter().all(|span| {
                    let at = start.saturating_add(span.start)..start.saturating_add(span.end);
                    let cell = self.buffer.get(at).unwrap_or_default();
                    span.quoting == Quoting::Plain && cell.trim_ascii().is_empty()
                });
            if blank {
                continue;
            }
            self.row = self.row.saturating_add(1);
            return self.row_at(start, bytes, ending).map(Some);
        }
    }

    fn row_at(&mut self, start: usize, bytes: usize, ending: Ending) -> Result<Row<'_>, ReadError> {
        let record = self
            .buffer
            .get_mut(start..start.saturating_add(bytes))
            .unwrap_or_default();
        for span in &mut self.spans {
            if span.quoting == Quoting::Doubled {
                undouble(record, span);
            }
        }
        let text = match std::str::from_utf8(record) {
            Ok(text) => text,
            Err(fault) => {
                let at = fault.valid_up_to();
                let column = self.spans.iter().filter(|span| span.end <= at).count();
                return Err(ReadError::Encoding {
                    place: format!("row {}, column {}", self.row, column.saturating_add(1)),
                    found: "not UTF-8 (it looks like Latin-1 or Windows-1252)",
                    expected: "UTF-8",
                });
            }
        };
        Ok(Row {
            number: self.row,
            ending,
            text,
            spans: &self.spans,
        })
    }

    /// Finds the next row, and fills the buffer until it is all there. `None` at the end of the file.
    fn find_row(&mut self) -> Result<Option<(usize, Ending)>, ReadError> {
        loop {
            let rest = self.buffer.get(self.start..).unwrap_or_default();
            if rest.is_empty() && self.coming == Coming::Nothing {
                return Ok(None);
            }
            if let Some(line_break) = self.line_break.or_else(|| line_break(rest, self.coming)) {
                self.line_break = Some(line_break);
                let scan = scan(
                    rest,
                    [self.delimiter, line_break],
                    self.coming,
                    &mut self.spans,
                    self.bounds.columns_max,
                );
                match scan.map_err(|fault| self.fault(&fault))? {
                    Scan::Row { bytes, ending } => return Ok(Some((bytes, ending))),
                    Scan::Incomplete => {}
                }
            }
            self.fill()?;
        }
    }

    /// At least doubles what is there, so that a long row is not looked at from its start too often.
    fn fill(&mut self) -> Result<(), ReadError> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let held = self.buffer.len();
        if held > self.bounds.row_bytes_max {
            return Err(ReadError::RowTooLong {
                row: self.row.saturating_add(1),
                bytes_max: self.bounds.row_bytes_max,
            });
        }
        while self.buffer.len() <= held.saturating_mul(2) {
            if self.source.append_to(&mut self.buffer)? == 0 {
                self.coming = Coming::Nothing;
                break;
            }
        }
        Ok(())
    }

    fn fault(&self, fault: &Fault) -> ReadError {
        let row = self.row.saturating_add(1);
        let (column, what) = match fault {
            Fault::TooManyColumns => {
                return ReadError::TooManyColumns {
                    row,
                    columns_max: self.bounds.columns_max,
                };
            }
            Fault::OpenQuote { column } => {
                return ReadError::Cut {
                    row,
                    within: format!("inside the quotes of column {}", column.saturating_add(1)),
                };
            }
            Fault::AfterQuote { column } => (column, "there is text behind the closing quote"),
        };
        ReadError::Malformed {
            row,
            column: column.saturating_add(1).to_string(),
            what: what.to_owned(),
        }
    }
}

/// LF, also for CRLF; CR where it stands alone. `None` until one has been seen.
fn line_break(bytes: &[u8], coming: Coming) -> Option<u8> {
    match memchr2(b'\n', b'\r', bytes) {
        Some(at) => match (bytes.get(at), bytes.get(at.saturating_add(1))) {
            (Some(b'\r'), Some(b'\n')) | (Some(b'\n'), _) => Some(b'\n'),
            (Some(b'\r'), None) if coming == Coming::More => None,
            (Some(_), _) => Some(b'\r'),
            (None, _) => None,
        },
        None if coming == Coming::Nothing => Some(b'\n'),
        None => None,
    }
}

fn scan(
    bytes: &[u8],
    [delimiter, line_break]: [u8; 2],
    coming: Coming,
    spans: &mut Vec<Span>,
    columns_max: usize,
) -> Result<Scan, Fault> {
    spans.clear();
    let mut at = 0_usize;
    loop {
        let column = spans.len();
        if column >= columns_max {
            return Err(Fault::TooManyColumns);
        }
        let rest = bytes.get(at..).unwrap_or_default();
        let cell = if rest.first() == Some(&b'"') {
            quoted_cell(rest, coming, column)?
        } else {
            plain_cell(rest, [delimiter, line_break], coming)
        };
        let Some((length, quoting)) = cell else {
            return Ok(Scan::Incomplete);
        };
        let marks = if quoting == Quoting::Plain { 0 } else { 1 };
        let start = at.saturating_add(marks);
        let end = start.saturating_add(length);
        spans.push(Span {
            start,
            end,
            quoting,
        });
        at = end.saturating_add(marks);
        match bytes.get(at) {
            Some(byte) if *byte == delimiter => at = at.saturating_add(1),
            Some(byte) if *byte == line_break => return Ok(row(at, 1, Ending::LineBreak)),
            // Before LF; a plain cell never stops at it elsewhere.
            Some(b'\r') => match bytes.get(at.saturating_add(1)) {
                Some(b'\n') => return Ok(row(at, 2, Ending::LineBreak)),
                None if coming == Coming::More => return Ok(Scan::Incomplete),
                None => return Ok(row(at, 1, Ending::LineBreak)),
                Some(_) => return Err(Fault::AfterQuote { column }),
            },
            Some(_) => return Err(Fault::AfterQuote { column }),
            None if coming == Coming::Nothing => {
                let ending = Ending::EndOfFile { last_cell: quoting };
                return Ok(row(at, 0, ending));
            }
            None => return Ok(Scan::Incomplete),
        }
    }
}

const fn row(at: usize, line_break: usize, ending: Ending) -> Scan {
    Scan::Row {
        bytes: at.saturating_add(line_break),
        ending,
    }
}

/// The length of a cell without quotes, up to its delimiter or line break; `None` when it may go on.
fn plain_cell(rest: &[u8], ends: [u8; 2], coming: Coming) -> Option<(usize, Quoting)> {
    let [delimiter, line_break] = ends;
    if rest.first() == Some(&delimiter) {
        return Some((0, Quoting::Plain));
    }
    let length = match memchr2(delimiter, line_break, rest) {
        Some(at) if rest.get(at) == Some(&line_break) => {
            let cell = rest.get(..at).unwrap_or_default();
            cell.strip_suffix(b"\r").unwrap_or(cell).len()
        }
        Some(at) => at,
        None if coming == Coming::Nothing => rest.strip_suffix(b"\r").unwrap_or(rest).len(),
        None => return None,
    };
    Some((length, Quoting::Plain))
}

/// The length of what stands between quotes; `None` when the closing one may come later.
fn quoted_cell(
    rest: &[u8],
    coming: Coming,
    column: usize,
) -> Result<Option<(usize, Quoting)>, Fault> {
    let mut quoting = Quoting::Quoted;
    let mut from = 1_usize;
    loop {
        let Some(at) = memchr(b'"', rest.get(from..).unwrap_or_default()) else {
            return if coming == Coming::Nothing {
                Err(Fault::OpenQuote { column })
            } else {
                Ok(None)
            };
        };
        let quote = from.saturating_add(at);
        match rest.get(quote.saturating_add(1)) {
            Some(b'"') => {
                quoting = Quoting::Doubled;
                from = quote.saturating_add(2);
            }
            None if coming == Coming::More => return Ok(None),
            Some(_) | None => return Ok(Some((quote.saturating_sub(1), quoting))),
        }
    }
}

/// Makes one quote of two, in place. What is left over behind the cell becomes quotes, which are ASCII.
fn undouble(record: &mut [u8], span: &mut Span) {
    let cell = record.get_mut(span.start..span.end).unwrap_or_default();
    let mut kept = 0_usize;
    let mut skip = false;
    for at in 0..cell.len() {
        let byte = cell.get(at).copied().unwrap_or_default();
        if byte == b'"' && !skip {
            skip = true;
            continue;
        }
        skip = false;
        if let Some(place) = cell.get_mut(kept) {
            *place = byte;
            kept = kept.saturating_add(1);
        }
    }
    if let Some(left) = cell.get_mut(kept..) {
        left.fill(b'"');
    }
    span.end = span.start.saturating_add(kept);
}
