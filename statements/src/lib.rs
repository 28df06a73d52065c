//! What settlement reports and bank statements say, as values.
//!
//! Bytes go in, lines and problems come out one at a time, in bounded memory. Nothing here opens a file,
//! knows the ledger, or decides what a line means for the books.
//! Reading order: [`formats`] (what can be read, one file each), [`context`] (what the reader must be told),
//! [`sink`] (where lines go), [`summary`], [`problem`] and [`error`] (what else comes out). Beneath them:
//! `source` (bytes to UTF-8, bounds), `rows` and `table` (delimited text), `lines` (MT940), `xml` (camt),
//! `amount` and `dates` (strict grammars), `tally` (counts, duplicates, control totals).

mod adyen;
mod amount;
mod bank;
pub mod context;
mod dates;
pub mod error;
pub mod formats;
mod hashes;
mod header;
mod identity;
mod lines;
mod paypal;
pub mod problem;
mod rows;
pub mod sink;
mod source;
mod stripe;
pub mod summary;
mod table;
mod tally;
mod xml;

use context::ReadContext;
use error::ReadError;
use formats::{Format, Head};
use sink::Sink;
use std::io::BufRead;
use summary::Summary;

/// How many of a file's first bytes [`detect`] wants to see: enough for the widest header.
pub const HEAD_BYTES: usize = 64 * 1024;

/// Tells the format by the file's first bytes, never by its name. A table of a bank is known by the columns
/// that the settings name (`context.bank_table`).
pub fn detect(head: &[u8], context: &ReadContext) -> Result<Format, ReadError> {
    let head = Head::new(head)?;
    Format::all()
        .find(|format| format.is_content_of(&head, context))
        .ok_or_else(|| head.unknown())
}

/// Reads a whole file. Lines and problems reach the sink while it is read; on an error nothing of the file
/// counts, and what the sink was given must be forgotten.
pub fn read(
    format: Format,
    mut input: impl BufRead,
    context: &ReadContext,
    sink: &mut impl Sink,
) -> Result<Summary, ReadError> {
    format.read(&mut input, context, sink)
}
