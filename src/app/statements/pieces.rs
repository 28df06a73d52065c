//! A stored file's bytes, in pieces.

use super::super::{App, Failure};
use super::spool::Spooled;
use super::temporary::Temporary;
use crate::clock::Clock;
use crate::store::StoreError;
use crate::store::rows::{FilePiece, StatementFile};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// The bytes of one piece but the last. A piece is written in one transaction.
fn piece_bytes() -> u64 {
    u64::from(FilePiece::BYTES_MAX)
}

/// A file's pieces, ready to be stored; on disk, so that memory stays bounded.
pub struct PackedPieces {
    kept: Temporary,
    /// The packed bytes of each.
    lengths: Vec<usize>,
}

/// Packs all of a file, or less once nobody `needs` it any more.
pub fn pack(clock: &Clock, spooled: &Spooled, needs: &AtomicBool) -> io::Result<PackedPieces> {
    let mut kept = Temporary::create(clock, "packed")?;
    let mut lengths = Vec::new();
    let mut reader = spooled.reader()?;
    loop {
        let mut plain = Vec::new();
        reader
            .by_ref()
            .take(piece_bytes())
            .read_to_end(&mut plain)?;
        if plain.is_empty() || !needs.load(Ordering::Relaxed) {
            return Ok(PackedPieces { kept, lengths });
        }
        let packed = FilePiece::pack(&plain)?;
        kept.file.write_all(&packed)?;
        lengths.push(packed.len());
    }
}

/// Stores the bytes of a file. Pieces that are there already are left alone.
pub fn keep(app: &App, file_id: &str, pieces: &PackedPieces) -> Result<(), super::ImportError> {
    let mut reader = pieces.kept.again()?;
    for (position, length) in (0..).zip(&pieces.lengths) {
        let mut packed = vec![0; *length];
        reader.read_exact(&mut packed)?;
        app.store
            .write::<_, StoreError>(|tx| tx.add_file_piece(file_id, position, &packed))?;
    }
    Ok(())
}

/// Whether all bytes of a file are here. Pieces are stored in their order.
pub fn are_whole(app: &App, file: &StatementFile) -> Result<bool, Failure> {
    let bytes = u64::try_from(file.bytes).unwrap_or(0);
    let Some(last) = bytes.checked_sub(1) else {
        return Ok(true);
    };
    let last = i64::try_from(last / piece_bytes()).unwrap_or(i64::MAX);
    let piece = app.store.read(|tx| tx.file_piece(&file.id, last))?;
    Ok(piece.is_some())
}

/// Reads a stored file from its first byte. Errors when a piece is missing: the file was never whole.
pub fn read<'a>(app: &'a App, file_id: &'a str, bytes: i64) -> impl BufRead + use<'a> {
    BufReader::new(Pieces {
        app,
        file_id,
        position: 0,
        piece: io::Cursor::new(Vec::new()),
        left: u64::try_from(bytes).unwrap_or(0),
    })
}

struct Pieces<'a> {
    app: &'a App,
    file_id: &'a str,
    position: i64,
    piece: io::Cursor<Vec<u8>>,
    left: u64,
}

impl Pieces<'_> {
    fn next_piece(&mut self) -> Result<Vec<u8>, Failure> {
        let found = self.app.store.read(|tx| {
            tx.file_piece(self.file_id, self.position)
                .map_err(Failure::from)
        })?;
        let missing = || {
            Failure::Unreadable(format!(
                "file {} lacks piece {}",
                self.file_id, self.position
            ))
        };
        Ok(found.ok_or_else(missing)?.bytes)
    }
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.piece.read(buffer)?;
        if read > 0 || self.left == 0 || buffer.is_empty() {
            return Ok(read);
        }
        let piece = self.next_piece().map_err(io::Error::other)?;
        self.position = self.position.saturating_add(1);
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.left = self.left.saturating_sub(length);
        self.piece = io::Cursor::new(piece);
        self.piece.read(buffer)
    }
}
