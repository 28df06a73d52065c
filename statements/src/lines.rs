//! Text as lines, for formats without columns.

use crate::context::Bounds;
use crate::error::ReadError;
use crate::source::Source;
use memchr::memchr2;
use std::borrow::Cow;

pub struct Lines<'a> {
    source: Source<'a>,
    buffer: Vec<u8>,
    start: usize,
    ended: bool,
    number: u64,
    bytes_max: usize,
}

/// One line without its break. `number` counts from 1.
pub struct Line<'l> {
    pub number: u64,
    pub text: Cow<'l, str>,
}

impl<'a> Lines<'a> {
    pub const fn new(source: Source<'a>, bounds: &Bounds) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            start: 0,
            ended: false,
            number: 0,
            bytes_max: bounds.row_bytes_max,
        }
    }

    /// Lines end with LF, CRLF or CR. What is no UTF-8 is taken as Windows-1252, as Swedish banks write it.
    pub fn next(&mut self) -> Result<Option<Line<'_>>, ReadError> {
        let Some((length, taken)) = self.find()? else {
            return Ok(None);
        };
        let start = self.start;
        self.start = start.saturating_add(taken);
        self.number = self.number.saturating_add(1);
        let bytes = self
            .buffer
            .get(start..start.saturating_add(length))
            .unwrap_or_default();
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                encoding_rs::WINDOWS_1252
                    .decode_without_bom_handling(bytes)
                    .0
            }
        };
        Ok(Some(Line {
            number: self.number,
            text,
        }))
    }

    /// The length of the next line, and with its break.
    fn find(&mut self) -> Result<Option<(usize, usize)>, ReadError> {
        loop {
            let rest = self.buffer.get(self.start..).unwrap_or_default();
            if let Some(at) = memchr2(b'\n', b'\r', rest) {
                let next = rest.get(at.saturating_add(1));
                let pair = rest.get(at) == Some(&b'\r') && next == Some(&b'\n');
                let unsure = rest.get(at) == Some(&b'\r') && next.is_none() && !self.ended;
                if !unsure {
                    let line_break = if pair { 2 } else { 1 };
                    return Ok(Some((at, at.saturating_add(line_break))));
                }
            } else if self.ended {
                return Ok((!rest.is_empty()).then_some((rest.len(), rest.len())));
            }
            self.fill()?;
        }
    }

    fn fill(&mut self) -> Result<(), ReadError> {
        self.buffer.drain(..self.start);
        self.start = 0;
        let held = self.buffer.len();
        if held > self.bytes_max {
            return Err(ReadError::RowTooLong {
                row: self.number.saturating_add(1),
                bytes_max: self.bytes_max,
            });
        }
        while self.buffer.len() <= held.saturating_mul(2) {
            if self.source.append_to(&mut self.buffer)? == 0 {
                self.ended = true;
                break;
            }
        }
        Ok(())
    }
}
