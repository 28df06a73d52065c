//! Bytes that are kept and seldom read, packed.

use std::borrow::Cow;
use std::cell::RefCell;
use std::num::NonZeroU32;
use std::thread::LocalKey;
use zstd::bulk::{Compressor, Decompressor};
use zstd::zstd_safe::get_dict_id_from_frame;

/// zstd's fastest ordinary level; higher ones take longer and save little more.
const LEVEL: i32 = 1;

/// What [`pack`] makes.
pub(super) const ZSTD: &str = "zstd";
/// As they are: from before bytes were packed.
const PLAIN: &str = "plain";

const NO_DICTIONARY: &[u8] = &[];
/// What deliveries have in common, so that even one that comes alone need not say it (docs/decisions/0028). Whatever was
/// packed with it names it by its number and needs it for ever: never change it, add another.
const DELIVERIES: &[u8] = include_bytes!("dictionaries/deliveries-1.zdict");
/// The number in it.
const DELIVERIES_ID: u32 = 302_946_591;

/// Why packed bytes do not come back.
#[derive(Debug, thiserror::Error)]
pub(super) enum Damaged {
    #[error("it cannot be unpacked")]
    Packing(#[source] std::io::Error),
    #[error("it is packed as {0:?}, which this version does not know")]
    Unknown(String),
    #[error("it is packed with dictionary {0}, which this version does not have")]
    Dictionary(u32),
    #[error("it ends before the delivery's bytes do")]
    Short,
}

/// What a thread keeps to pack with, once it has packed.
type Kept<T> = RefCell<Option<T>>;

thread_local! {
    /// Its tables are nearly a megabyte: to make and to free them takes longer than to pack a few deliveries.
    static COMPRESSOR: Kept<Compressor<'static>> = const { RefCell::new(None) };
    static COMPRESSOR_OF_DELIVERIES: Kept<Compressor<'static>> = const { RefCell::new(None) };
    /// Of these a tenth.
    static DECOMPRESSOR: Kept<Decompressor<'static>> = const { RefCell::new(None) };
    static DECOMPRESSOR_OF_DELIVERIES: Kept<Decompressor<'static>> = const { RefCell::new(None) };
}

/// With a checksum, which tells when they would not come back as they were.
pub(super) fn pack(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    compress(&COMPRESSOR, NO_DICTIONARY, plain)
}

/// The same for headers and bodies of deliveries.
pub(super) fn pack_deliveries(plain: &[u8]) -> std::io::Result<Vec<u8>> {
    compress(&COMPRESSOR_OF_DELIVERIES, DELIVERIES, plain)
}

fn compress(
    kept: &'static LocalKey<Kept<Compressor<'static>>>,
    dictionary: &'static [u8],
    plain: &[u8],
) -> std::io::Result<Vec<u8>> {
    kept.with_borrow_mut(|kept| {
        let compressor = match kept {
            Some(compressor) => compressor,
            None => {
                let mut new = Compressor::with_dictionary(LEVEL, dictionary)?;
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
        ZSTD => unpack_zstd(bytes, most).map(Cow::Owned),
        unknown => Err(Damaged::Unknown(unknown.to_owned())),
    }
}

fn unpack_zstd(bytes: &[u8], most: usize) -> Result<Vec<u8>, Damaged> {
    let unpacked = match get_dict_id_from_frame(bytes).map(NonZeroU32::get) {
        None => decompress(&DECOMPRESSOR, NO_DICTIONARY, bytes, most),
        Some(DELIVERIES_ID) => decompress(&DECOMPRESSOR_OF_DELIVERIES, DELIVERIES, bytes, most),
        Some(unknown) => return Err(Damaged::Dictionary(unknown)),
    };
    unpacked.map_err(Damaged::Packing)
}

fn decompress(
    kept: &'static LocalKey<Kept<Decompressor<'static>>>,
    dictionary: &'static [u8],
    bytes: &[u8],
    most: usize,
) -> std::io::Result<Vec<u8>> {
    kept.with_borrow_mut(|kept| {
        let decompressor = match kept {
            Some(decompressor) => decompressor,
            None => kept.insert(Decompressor::with_dictionary(dictionary)?),
        };
        decompressor.decompress(bytes, most)
    })
}
