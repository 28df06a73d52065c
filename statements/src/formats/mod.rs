//! Everything that can be read: one file a format, and one line in [`FORMATS`].

mod adyen_accounting;
mod adyen_settlement;
mod bank_csv;
mod camt053;
mod mt940;
mod paypal_activity;
mod paypal_settlement;
mod stripe_balance_change;
mod stripe_balance_history;
pub mod stripe_balance_transactions;
mod stripe_payout_reconciliation;
mod stripe_payouts;

use crate::context::{Bounds, ReadContext, TextEncoding};
use crate::error::ReadError;
use crate::header::Header;
use crate::rows::Rows;
use crate::sink::Sink;
use crate::source::{Source, UTF8_MARK, refuse_utf16};
use crate::summary::Summary;
use std::fmt;
use std::io::BufRead;

/// The first format whose content a file has is its format.
const FORMATS: &[Entry] = &[
    camt053::FORMAT,
    mt940::FORMAT,
    stripe_payouts::FORMAT,
    stripe_payout_reconciliation::FORMAT,
    stripe_balance_change::FORMAT,
    stripe_balance_history::FORMAT,
    stripe_balance_transactions::FORMAT,
    paypal_settlement::FORMAT,
    paypal_activity::FORMAT,
    adyen_settlement::FORMAT,
    adyen_accounting::FORMAT,
    bank_csv::FORMAT,
];

/// What a format must say of itself.
pub struct Entry {
    /// The word for it in commands and routes.
    name: &'static str,
    title: &'static str,
    origin: Origin,
    role: Role,
    is_content_of: fn(&Head<'_>, &ReadContext) -> bool,
    read: ReadFile,
}

type ReadFile =
    fn(Format, &mut dyn BufRead, &ReadContext, &mut dyn Sink) -> Result<Summary, ReadError>;

/// Who writes files of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A payment provider, by its name in the settings.
    Provider(&'static str),
    Bank,
}

/// What the lines of a format are good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Movements of a balance or account: each belongs into the books once.
    Movements,
    /// A second opinion on movements that another report settles: to compare, never to book. Its lines have
    /// identities of their own.
    Opinion,
}

/// One of the formats that can be read.
#[derive(Clone, Copy)]
pub struct Format(&'static Entry);

impl Format {
    pub fn all() -> impl Iterator<Item = Self> {
        FORMATS.iter().map(Self)
    }

    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|format| format.name() == name)
    }

    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// What people call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.0.title
    }

    #[must_use]
    pub const fn origin(self) -> Origin {
        self.0.origin
    }

    #[must_use]
    pub const fn role(self) -> Role {
        self.0.role
    }

    pub(crate) fn is_content_of(self, head: &Head<'_>, context: &ReadContext) -> bool {
        (self.0.is_content_of)(head, context)
    }

    pub(crate) fn read(
        self,
        input: &mut dyn BufRead,
        context: &ReadContext,
        sink: &mut dyn Sink,
    ) -> Result<Summary, ReadError> {
        (self.0.read)(self, input, context, sink)
    }
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Format {}

impl fmt::Debug for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The first bytes of a file, to tell its format by.
pub struct Head<'h> {
    bytes: &'h [u8],
    /// How many bytes of a byte order mark stood before them.
    marked: usize,
}

impl<'h> Head<'h> {
    pub(crate) fn new(bytes: &'h [u8]) -> Result<Self, ReadError> {
        if bytes.is_empty() {
            return Err(ReadError::Empty);
        }
        // Where the settings say that a bank's table is UTF-16, it is named and not detected.
        refuse_utf16(bytes)?;
        let text = bytes.strip_prefix(UTF8_MARK).unwrap_or(bytes);
        Ok(Self {
            bytes: text,
            marked: bytes.len().saturating_sub(text.len()),
        })
    }

    pub(crate) fn starts_with(&self, text: &str) -> bool {
        self.bytes.trim_ascii_start().starts_with(text.as_bytes())
    }

    pub(crate) fn contains(&self, text: &str) -> bool {
        memchr::memmem::find(self.bytes, text.as_bytes()).is_some()
    }

    /// Whether the first row has all these columns.
    pub(crate) fn has_columns(&self, delimiter: u8, columns: &[&str]) -> bool {
        self.header(delimiter, |header| {
            header
                .columns(|wanted| {
                    for column in columns {
                        wanted.required(&[column]);
                    }
                })
                .is_ok()
        })
    }

    /// What `question` says of the first row; no, if there is none.
    pub(crate) fn header(&self, delimiter: u8, question: impl FnOnce(&mut Header) -> bool) -> bool {
        let bounds = Bounds::default();
        let mut bytes = self.bytes;
        let Ok(source) = Source::new(&mut bytes, TextEncoding::Utf8, &bounds) else {
            return false;
        };
        match Rows::new(source, delimiter, &bounds).next() {
            Ok(Some(row)) => question(&mut Header::new(row)),
            Ok(None) | Err(_) => false,
        }
    }

    pub(crate) const fn bytes(&self) -> &[u8] {
        self.bytes
    }

    fn nul(&self) -> ReadError {
        let before = self.bytes.iter().take_while(|byte| **byte != 0).count();
        ReadError::NulByte {
            offset: u64::try_from(before.saturating_add(self.marked)).unwrap_or(u64::MAX),
        }
    }

    /// Says what it is instead, as far as its first bytes tell.
    pub(crate) fn unknown(&self) -> ReadError {
        let looks_like = match self.bytes {
            [b'P', b'K', 3, 4, ..] => "a ZIP archive or a spreadsheet",
            [b'%', b'P', b'D', b'F', ..] => "a PDF",
            [0x1f, 0x8b, ..] => "a gzip archive",
            _ if self.starts_with("<!DOCTYPE html") || self.starts_with("<html") => {
                "a web page, perhaps one to sign in"
            }
            // Told here and not before: the three above have zeros too.
            _ if self.bytes.contains(&0) => return self.nul(),
            _ if self.starts_with("<") => "XML, but no camt.053 statement",
            _ if self.starts_with("{") || self.starts_with("[") => "JSON",
            _ => "a file",
        };
        let supported: Vec<&str> = Format::all().map(Format::title).collect();
        ReadError::UnknownFormat {
            looks_like,
            supported: supported.join(", "),
        }
    }
}
