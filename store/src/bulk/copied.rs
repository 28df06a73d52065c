//! PostgreSQL's binary form of a copy: a header, rows, and an end. A row is the number of its columns, and each of
//! them its length and that many bytes; integers are in the order of the network.
//! Source: <https://www.postgresql.org/docs/15/sql-copy.html>, "Binary Format", read 2026-11-26.

use super::views::Viewed;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// Instead of the number of columns, after the last row.
const END: i16 = -1;

/// What was copied is not what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("the copy does not begin as PostgreSQL's do")]
    Header,
    #[error("the copy ends within a row, or does not end where it says so")]
    Length,
    #[error("a row does not have the columns that were asked for")]
    Columns,
    #[error("a column holds nothing, where there must be something")]
    Missing,
    #[error("a text is not UTF-8")]
    Text,
}

/// What is yet to be read.
pub struct Fields<'v> {
    rest: &'v [u8],
}

/// All rows of a copy, which borrow from its bytes.
pub fn rows<R: Viewed>(bytes: &[u8]) -> Result<Vec<R::View<'_>>, Malformed> {
    let mut fields = Fields { rest: bytes };
    fields.header()?;
    let mut rows = Vec::new();
    loop {
        let columns = i16::from_be_bytes(fields.array()?);
        if usize::try_from(columns) == Ok(R::COLUMNS.len()) {
            rows.push(R::read(&mut fields)?);
        } else if columns == END && fields.rest.is_empty() {
            return Ok(rows);
        } else {
            return Err(Malformed::Columns);
        }
    }
}

impl<'v> Fields<'v> {
    /// A column of type `bigint`.
    pub fn integer(&mut self) -> Result<i64, Malformed> {
        let value = self.value()?;
        let bytes = value.try_into().map_err(|_| Malformed::Columns)?;
        Ok(i64::from_be_bytes(bytes))
    }

    /// A column of type `text`.
    pub fn text(&mut self) -> Result<&'v str, Malformed> {
        std::str::from_utf8(self.value()?).map_err(|_| Malformed::Text)
    }

    fn header(&mut self) -> Result<(), Malformed> {
        if self.take(SIGNATURE.len())? != SIGNATURE {
            return Err(Malformed::Header);
        }
        let _flags: [u8; 4] = self.array()?;
        let more = i32::from_be_bytes(self.array()?);
        let more = usize::try_from(more).map_err(|_| Malformed::Header)?;
        self.take(more).map(drop)
    }

    fn value(&mut self) -> Result<&'v [u8], Malformed> {
        let length = i32::from_be_bytes(self.array()?);
        // Of what is missing it is -1.
        let length = usize::try_from(length).map_err(|_| Malformed::Missing)?;
        self.take(length)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(Malformed::Length)?;
        self.rest = rest;
        Ok(*array)
    }

    fn take(&mut self, length: usize) -> Result<&'v [u8], Malformed> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(Malformed::Length)?;
        self.rest = rest;
        Ok(taken)
    }
}
