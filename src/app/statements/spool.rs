//! A file on its way in: on disk while its hash is made, so that memory stays bounded whatever its size.

use super::temporary::Temporary;
use crate::clock::Clock;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::sync::mpsc::sync_channel;

/// How much is copied at a time.
const PIECE_BYTES: usize = 64 * 1024;
/// Pieces that are copied ahead of the hash.
const PIECES_AHEAD: usize = 4;

/// A file that is being written.
pub struct Spool {
    kept: Temporary,
    hash: Sha256,
    bytes: u64,
}

/// A whole file and what it is known by. It is gone from the disk when this is dropped.
pub struct Spooled {
    kept: Temporary,
    pub sha256: String,
    pub bytes: u64,
}

impl Spool {
    pub fn create(clock: &Clock) -> io::Result<Self> {
        Ok(Self {
            kept: Temporary::create(clock, "import")?,
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    pub fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.kept.file.write_all(piece)?;
        self.hash.update(piece);
        self.bytes = self.bytes.saturating_add(length(piece));
        Ok(())
    }

    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    pub fn finish(mut self) -> io::Result<Spooled> {
        self.kept.file.flush()?;
        Ok(Spooled {
            kept: self.kept,
            sha256: super::super::receive_webhook::hex(&self.hash.finalize()),
            bytes: self.bytes,
        })
    }

    /// Copies all of `input`, and makes its hash beside that.
    pub fn copy(
        clock: &Clock,
        mut input: impl Read,
        progress: &mut dyn FnMut(u64),
    ) -> io::Result<Spooled> {
        let mut spool = Self::create(clock)?;
        let Self { kept, hash, bytes } = &mut spool;
        std::thread::scope(|threads| {
            let (sender, pieces) = sync_channel::<Vec<u8>>(PIECES_AHEAD);
            threads.spawn(move || pieces.iter().for_each(|piece| hash.update(piece)));
            loop {
                let mut piece = vec![0; PIECE_BYTES];
                match input.read(&mut piece) {
                    Ok(0) => return Ok(()),
                    Ok(read) => piece.truncate(read),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => return Err(error),
                }
                kept.file.write_all(&piece)?;
                *bytes = bytes.saturating_add(length(&piece));
                progress(*bytes);
                sender
                    .send(piece)
                    .map_err(|_| io::Error::other("its hash cannot be made"))?;
            }
        })?;
        spool.finish()
    }
}

fn length(piece: &[u8]) -> u64 {
    u64::try_from(piece.len()).unwrap_or(u64::MAX)
}

impl Spooled {
    /// From its first byte.
    pub fn reader(&self) -> io::Result<BufReader<File>> {
        Ok(BufReader::with_capacity(PIECE_BYTES, self.kept.again()?))
    }

    /// Its first bytes, at most `max`.
    pub fn head(&self, max: usize) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        let limit = u64::try_from(max).unwrap_or(u64::MAX);
        self.reader()?.take(limit).read_to_end(&mut head)?;
        Ok(head)
    }
}
