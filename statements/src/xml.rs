//! XML as nested elements, read forwards once.
//!
//! No entity is expanded, a DOCTYPE is refused as soon as it is seen, and neither a token nor the nesting may
//! exceed its bound: what an attacker can put into XML costs no more than its bytes.

use crate::context::Bounds;
use crate::error::ReadError;
use crate::source::Source;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Error, Reader};
use std::io::{self, BufRead, Read};

/// Longer names are none that are looked for.
const NAME_BYTES_MAX: usize = 32;

pub struct Xml<'a> {
    reader: Reader<Pipe<'a>>,
    token: Vec<u8>,
    depth: usize,
    depth_max: usize,
    /// An empty element has been opened, and its end comes next.
    closing: bool,
    currency: Option<[u8; 3]>,
    text: String,
    text_bytes_max: usize,
    /// The local name of the element that was opened last, and how long it is.
    name: [u8; NAME_BYTES_MAX],
    name_bytes: usize,
    row: u64,
}

/// What comes next inside an element.
enum Next {
    /// A child was opened.
    Open,
    Text,
    /// The element itself ends.
    Close,
    EndOfFile,
}

impl<'a> Xml<'a> {
    pub fn new(source: Source<'a>, bounds: &Bounds) -> Self {
        let pipe = Pipe {
            source,
            buffer: Vec::new(),
            start: 0,
            token_bytes: 0,
            token_bytes_max: bounds.row_bytes_max,
            failure: None,
        };
        Self {
            reader: Reader::from_reader(pipe),
            token: Vec::new(),
            depth: 0,
            depth_max: bounds.depth_max,
            closing: false,
            currency: None,
            text: String::new(),
            text_bytes_max: bounds.row_bytes_max,
            name: [0; NAME_BYTES_MAX],
            name_bytes: 0,
            row: 0,
        }
    }

    /// Errors from here on are said to be at this entry.
    pub const fn at_row(&mut self, row: u64) {
        self.row = row;
    }

    /// Opens the next child of the element that is open, and gives its local name; `None` when that element
    /// has ended. Text between children is passed over.
    pub fn child(&mut self) -> Result<Option<&str>, ReadError> {
        loop {
            match self.next()? {
                Next::Open => return Ok(Some(self.opened())),
                Next::Text => self.text.clear(),
                Next::Close => return Ok(None),
                Next::EndOfFile if self.depth == 0 => return Ok(None),
                Next::EndOfFile => return Err(self.cut()),
            }
        }
    }

    /// The text of the element that was just opened, which ends with it. Children are passed over.
    pub fn text(&mut self) -> Result<&str, ReadError> {
        self.text.clear();
        loop {
            match self.next()? {
                Next::Text => {}
                Next::Open => self.skip()?,
                Next::Close => return Ok(self.text.trim()),
                Next::EndOfFile => return Err(self.cut()),
            }
        }
    }

    /// The text of the element that was just opened, or else that of its child of this name.
    pub fn text_or_child(&mut self, wanted: &str) -> Result<&str, ReadError> {
        self.text.clear();
        let mut of_child = String::new();
        loop {
            match self.next()? {
                Next::Text => {}
                Next::Open if self.opened() == wanted => {
                    of_child = self.text()?.to_owned();
                }
                Next::Open => self.skip()?,
                Next::Close if of_child.is_empty() => return Ok(self.text.trim()),
                Next::Close => {
                    self.text = of_child;
                    return Ok(&self.text);
                }
                Next::EndOfFile => return Err(self.cut()),
            }
        }
    }

    /// Passes over the element that was just opened.
    pub fn skip(&mut self) -> Result<(), ReadError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            if matches!(self.next()?, Next::EndOfFile) {
                return Err(self.cut());
            }
            self.text.clear();
        }
        Ok(())
    }

    /// The attribute `Ccy` of the element that was opened last.
    pub const fn currency(&self) -> Option<[u8; 3]> {
        self.currency
    }

    /// The file must end here.
    pub fn expect_end(&mut self) -> Result<(), ReadError> {
        match self.next()? {
            Next::EndOfFile => Ok(()),
            Next::Open | Next::Text | Next::Close => {
                Err(self.malformed("there is more behind the document"))
            }
        }
    }

    pub fn malformed(&self, what: &str) -> ReadError {
        ReadError::Malformed {
            row: self.row,
            column: self.opened().to_owned(),
            what: what.to_owned(),
        }
    }

    /// The local name of the element that was opened last; empty where it is longer than any that is known.
    fn opened(&self) -> &str {
        let name = self.name.get(..self.name_bytes).unwrap_or_default();
        std::str::from_utf8(name).unwrap_or_default()
    }

    fn cut(&self) -> ReadError {
        ReadError::Cut {
            row: self.row,
            within: format!("with {} elements still open", self.depth),
        }
    }

    fn next(&mut self) -> Result<Next, ReadError> {
        if self.closing {
            self.closing = false;
            return Ok(self.close());
        }
        loop {
            self.token.clear();
            self.reader.get_mut().token_bytes = 0;
            let event = match self.reader.read_event_into(&mut self.token) {
                Ok(event) => event,
                Err(error) => {
                    let failure = self.reader.get_mut().failure.take();
                    return Err(match failure {
                        Some(ReadError::RowTooLong { bytes_max, .. }) => ReadError::RowTooLong {
                            row: self.row,
                            bytes_max,
                        },
                        Some(failure) => failure,
                        None => self.refused(&error),
                    });
                }
            };
            match event {
                Event::Start(start) => {
                    self.name_bytes = keep(&start, &mut self.name, &mut self.currency);
                    return self.open();
                }
                Event::Empty(start) => {
                    self.name_bytes = keep(&start, &mut self.name, &mut self.currency);
                    self.closing = true;
                    return self.open();
                }
                Event::End(_) => return Ok(self.close()),
                Event::Text(text) => {
                    let text = text.into_inner();
                    // Blanks behind the last element are none.
                    if self.depth > 0 {
                        return add_text(&mut self.text, &text, self.text_bytes_max, self.row);
                    }
                    if !text.trim().is_empty() {
                        return Err(self.malformed("there is text outside of the document"));
                    }
                }
                Event::CData(text) => {
                    let text = text.into_inner();
                    return add_text(&mut self.text, &text, self.text_bytes_max, self.row);
                }
                Event::GeneralRef(reference) => {
                    let character = resolve(&reference)?;
                    let character = character.encode_utf8(&mut [0; 4]).to_owned();
                    return add_text(&mut self.text, &character, self.text_bytes_max, self.row);
                }
                Event::DocType(_) => return Err(ReadError::Doctype),
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::Eof => return Ok(Next::EndOfFile),
            }
        }
    }

    fn open(&mut self) -> Result<Next, ReadError> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > self.depth_max {
            return Err(ReadError::TooDeep {
                depth_max: self.depth_max,
            });
        }
        Ok(Next::Open)
    }

    const fn close(&mut self) -> Next {
        self.depth = self.depth.saturating_sub(1);
        Next::Close
    }

    fn refused(&self, error: &Error) -> ReadError {
        match error {
            Error::Encoding(_) => ReadError::Encoding {
                place: format!("entry {}", self.row),
                found: "not UTF-8 (it looks like Latin-1 or Windows-1252)",
                expected: "UTF-8, or what the XML declaration says",
            },
            Error::Syntax(_) => self.cut_or_broken(error),
            Error::Io(_)
            | Error::IllFormed(_)
            | Error::InvalidAttr(_)
            | Error::Escape(_)
            | Error::Namespace(_) => self.malformed(&format!("it is no XML: {error}")),
        }
    }

    /// A syntax error is a token that never ends, mostly because the file does.
    fn cut_or_broken(&self, error: &Error) -> ReadError {
        if self.reader.get_ref().is_at_end() {
            self.cut()
        } else {
            self.malformed(&format!("it is no XML: {error}"))
        }
    }
}

/// Tokens are bounded, and so is what many of them add up to.
fn add_text(held: &mut String, more: &str, bytes_max: usize, row: u64) -> Result<Next, ReadError> {
    held.push_str(more);
    if held.len() > bytes_max {
        return Err(ReadError::RowTooLong { row, bytes_max });
    }
    Ok(Next::Text)
}

/// Keeps the name and currency of an element; gives the length of its local name.
fn keep(
    start: &BytesStart<'_>,
    name: &mut [u8; NAME_BYTES_MAX],
    currency: &mut Option<[u8; 3]>,
) -> usize {
    let local = start.local_name();
    let local: &[u8] = local.as_ref().as_bytes();
    let length = match name.get_mut(..local.len()) {
        Some(place) => {
            place.copy_from_slice(local);
            local.len()
        }
        None => 0,
    };
    *currency = None;
    for attribute in start.attributes().with_checks(false).flatten() {
        if attribute.key.local_name().as_ref() == "Ccy" {
            *currency = attribute.value.as_bytes().try_into().ok();
        }
    }
    length
}

/// The five entities that XML itself has, and characters by their number.
fn resolve(reference: &BytesRef<'_>) -> Result<char, ReadError> {
    let unknown = || ReadError::Entity {
        name: reference.chars().take(40).collect(),
    };
    if let Some(character) = reference.resolve_char_ref().map_err(|_| unknown())? {
        return Ok(character);
    }
    match &**reference {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(unknown()),
    }
}

/// The file for quick-xml, which would hold a token of any length.
struct Pipe<'a> {
    source: Source<'a>,
    buffer: Vec<u8>,
    start: usize,
    /// Bytes of the token being read.
    token_bytes: usize,
    token_bytes_max: usize,
    failure: Option<ReadError>,
}

impl Pipe<'_> {
    const fn is_at_end(&self) -> bool {
        self.start >= self.buffer.len()
    }

    fn refill(&mut self) -> Result<(), ReadError> {
        if self.token_bytes > self.token_bytes_max {
            return Err(ReadError::RowTooLong {
                row: 0,
                bytes_max: self.token_bytes_max,
            });
        }
        if self.is_at_end() {
            self.buffer.clear();
            self.start = 0;
            self.source.append_to(&mut self.buffer)?;
        }
        Ok(())
    }
}

impl BufRead for Pipe<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if let Err(failure) = self.refill() {
            let said = io::Error::other(failure.to_string());
            self.failure = Some(failure);
            return Err(said);
        }
        Ok(self.buffer.get(self.start..).unwrap_or_default())
    }

    fn consume(&mut self, taken: usize) {
        self.start = self.start.saturating_add(taken);
        self.token_bytes = self.token_bytes.saturating_add(taken);
    }
}

impl Read for Pipe<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let taken = self.fill_buf()?.read(into)?;
        self.consume(taken);
        Ok(taken)
    }
}
