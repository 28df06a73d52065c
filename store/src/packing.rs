//! Bytes that are kept and seldom read, packed.

use std::borrow::Cow;
use std::cell::RefCell;
use zstd::bulk::{Compressor, Decompressor};

/// zstd's fastest ordinary level; higher ones take longer and save little more.
const LEVEL: i32 = 1;

/// What [`pack`] makes.
pub(super) const ZSTD: &str = "zstd";
/// As they are: from before bytes were packed.
const PLAIN: &str = "plain";

/// Why packed bytes do not come back.
#[derive(Debug, thiserror::Error)]
pub(super) enum Damaged {
    #[error("it cannot be unpacked")]
    Packing(#[source] std::io::Error),
    #[error("it is packed as {0:?}, which this version does not know")]
    Unknown(String),
    #[error("it ends before the delivery's bytes do")]
    Short,
}

thread_local! {
    /// Its tables are nearly a megabyte: to make and to free them takes longer than to pack a few deliveries.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    /// Of these a tenth.
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

/// With a checksum, which tells when they would not come back as they were.
pub(super) fn pack(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    COMPRESSOR.with_borrow_mut(|kept| {
        let compressor = match kept {
            Some(compressor) => compressor,
            None => {
                let mut new = Compressor::new(LEVEL)?;
                new.include_checksum(true)?;
                kept.insert(new)
            }
        };
        compressor.compress(plain)
    })
}

/// Gives back what was packed, at most `most` bytes of it.
pub(super) fn unpack<'b>(
    packing: &str,
    bytes: &'b [u8],
    most: usize,
) -> Result<Cow<'b, [u8]>, Damaged> {
    match packing {
        PLAIN => Ok(Cow::Borrowed(bytes)),
        ZSTD => decompress(bytes, most)
            .map(Cow::Owned)
            .map_err(Damaged::Packing),
        unknown => Err(Damaged::Unknown(unknown.to_owned())),
    }
}

fn decompress(bytes: &[u8], most: usize) -> std::io::Result<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|kept| {
        let decompressor = match kept {
            Some(decompressor) => decompressor,
            None => kept.insert(Decompressor::new()?),
        };
        decompressor.decompress(bytes, most)
    })
}
