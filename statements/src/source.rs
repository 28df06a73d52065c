//! Bytes in, UTF-8 out, within bounds.

use crate::context::{Bounds, TextEncoding};
use crate::error::ReadError;
use encoding_rs::{CoderResult, Decoder, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::io::BufRead;

/// How much is looked at to tell the encoding: an XML declaration, or a mark of the byte order.
const LOOK_BYTES: usize = 256;

const CHUNK_BYTES: usize = 64 * 1024;

/// A file as a stream of UTF-8 without a byte order mark. What should be UTF-8 by itself is passed on as it
/// is, so that whoever reads it can say at which row it is not.
pub struct Source<'a> {
    input: &'a mut dyn BufRead,
    decoder: Option<Decoder>,
    /// Read already, to look at, and not yet passed on.
    head: Vec<u8>,
    bytes: u64,
    bytes_max: u64,
    ended: bool,
}

impl<'a> Source<'a> {
    pub fn new(
        input: &'a mut dyn BufRead,
        encoding: TextEncoding,
        bounds: &Bounds,
    ) -> Result<Self, ReadError> {
        let mut source = Self {
            input,
            decoder: None,
            head: Vec::new(),
            bytes: 0,
            bytes_max: bounds.file_bytes_max,
            ended: false,
        };
        source.look()?;
        source.start(encoding)?;
        Ok(source)
    }

    /// For XML, which names its own encoding. Only what is ASCII at heart can be told from inside.
    pub fn of_xml(input: &'a mut dyn BufRead, bounds: &Bounds) -> Result<Self, ReadError> {
        let mut source = Self {
            input,
            decoder: None,
            head: Vec::new(),
            bytes: 0,
            bytes_max: bounds.file_bytes_max,
            ended: false,
        };
        source.look()?;
        let encoding = match declared_encoding(&source.head).as_str() {
            "iso-8859-1" | "latin1" | "windows-1252" => TextEncoding::Windows1252,
            "" | "utf-8" | "utf8" | "us-ascii" => TextEncoding::Utf8,
            _ => {
                return Err(ReadError::Encoding {
                    place: "the XML declaration".to_owned(),
                    found: "in an encoding that bank statements do not use",
                    expected: "UTF-8",
                });
            }
        };
        source.start(encoding)?;
        Ok(source)
    }

    /// The first bytes of the text, as they stand in the file.
    pub fn start_of_text(&self) -> &[u8] {
        &self.head
    }

    /// Appends what comes next; 0 bytes at the end of the file.
    pub fn append_to(&mut self, buffer: &mut Vec<u8>) -> Result<usize, ReadError> {
        let before = buffer.len();
        loop {
            let ended = self.append_chunk(buffer)?;
            let appended = buffer.len().saturating_sub(before);
            // A decoder may hold back half a character of a short chunk.
            if ended || appended > 0 {
                return Ok(appended);
            }
        }
    }

    fn append_chunk(&mut self, buffer: &mut Vec<u8>) -> Result<bool, ReadError> {
        if self.ended {
            return Ok(true);
        }
        if !self.head.is_empty() {
            let head = std::mem::take(&mut self.head);
            decode(&mut self.decoder, &head, Last::No, buffer)?;
            return Ok(false);
        }
        let chunk = self.input.fill_buf().map_err(ReadError::Input)?;
        let chunk = chunk.get(..CHUNK_BYTES).unwrap_or(chunk);
        let taken = chunk.len();
        let offset = self.bytes;
        self.bytes = count(offset, taken, self.bytes_max)?;
        if self.decoder.is_none() {
            refuse_nul(chunk, offset)?;
        }
        let last = if taken == 0 { Last::Yes } else { Last::No };
        decode(&mut self.decoder, chunk, last, buffer)?;
        self.input.consume(taken);
        self.ended = taken == 0;
        Ok(self.ended)
    }

    fn look(&mut self) -> Result<(), ReadError> {
        while self.head.len() < LOOK_BYTES {
            let chunk = self.input.fill_buf().map_err(ReadError::Input)?;
            if chunk.is_empty() {
                break;
            }
            let chunk = chunk.get(..LOOK_BYTES).unwrap_or(chunk);
            self.head.extend_from_slice(chunk);
            let taken = chunk.len();
            self.bytes = count(self.bytes, taken, self.bytes_max)?;
            self.input.consume(taken);
        }
        Ok(())
    }

    fn start(&mut self, encoding: TextEncoding) -> Result<(), ReadError> {
        if self.head.is_empty() {
            return Err(ReadError::Empty);
        }
        match encoding {
            TextEncoding::Utf8 => {
                refuse_utf16(&self.head)?;
                refuse_nul(&self.head, 0)?;
            }
            TextEncoding::Windows1252 => {
                refuse_utf16(&self.head)?;
                refuse_nul(&self.head, 0)?;
                self.decoder = Some(WINDOWS_1252.new_decoder_without_bom_handling());
            }
            TextEncoding::Utf16 => {
                let big = self.head.starts_with(&[0xfe, 0xff]) || self.head.starts_with(&[0]);
                let encoding = if big { UTF_16BE } else { UTF_16LE };
                self.decoder = Some(encoding.new_decoder_with_bom_removal());
            }
        }
        if self.head.starts_with(UTF8_MARK) {
            self.head.drain(..UTF8_MARK.len());
        }
        Ok(())
    }
}

pub const UTF8_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// Whether more of the file follows a chunk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    No,
    Yes,
}

fn decode(
    decoder: &mut Option<Decoder>,
    chunk: &[u8],
    last: Last,
    buffer: &mut Vec<u8>,
) -> Result<(), ReadError> {
    let Some(decoder) = decoder else {
        buffer.extend_from_slice(chunk);
        return Ok(());
    };
    let room = decoder
        .max_utf8_buffer_length(chunk.len())
        .unwrap_or(CHUNK_BYTES);
    let before = buffer.len();
    buffer.resize(before.saturating_add(room), 0);
    let space = buffer.get_mut(before..).unwrap_or_default();
    let (result, _, written, damaged) = decoder.decode_to_utf8(chunk, space, last == Last::Yes);
    buffer.truncate(before.saturating_add(written));
    if damaged || result == CoderResult::OutputFull {
        return Err(ReadError::Encoding {
            place: "somewhere in the file".to_owned(),
            found: "damaged",
            expected: "text in the encoding that the settings name",
        });
    }
    let decoded = buffer.get(before..).unwrap_or_default();
    refuse_nul(decoded, 0)
}

fn count(bytes: u64, more: usize, bytes_max: u64) -> Result<u64, ReadError> {
    let more = u64::try_from(more).unwrap_or(u64::MAX);
    let sum = bytes.saturating_add(more);
    if sum <= bytes_max {
        Ok(sum)
    } else {
        Err(ReadError::FileTooLong { bytes_max })
    }
}

fn refuse_nul(chunk: &[u8], before: u64) -> Result<(), ReadError> {
    match memchr::memchr(0, chunk) {
        None => Ok(()),
        Some(at) => Err(ReadError::NulByte {
            offset: before.saturating_add(u64::try_from(at).unwrap_or(u64::MAX)),
        }),
    }
}

/// UTF-16 is told by its mark, or by the zeros between Latin letters.
pub fn refuse_utf16(head: &[u8]) -> Result<(), ReadError> {
    let marked = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    let interleaved = matches!(
        head,
        [0, b' '..=b'~', 0, b' '..=b'~', ..] | [b' '..=b'~', 0, b' '..=b'~', 0, ..]
    );
    if marked || interleaved {
        return Err(ReadError::Encoding {
            place: "from the first byte on".to_owned(),
            found: "UTF-16",
            expected: "UTF-8",
        });
    }
    Ok(())
}

/// What the XML declaration says, in lower case; empty where it says nothing.
fn declared_encoding(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head);
    let declaration = text.split_once("?>").map_or("", |(before, _)| before);
    let Some((_, value)) = declaration.split_once("encoding") else {
        return String::new();
    };
    let value = value.trim_start_matches([' ', '=', '"', '\'']);
    let end = value.find(['"', '\'']).unwrap_or(value.len());
    value.get(..end).unwrap_or_default().to_ascii_lowercase()
}
