//! A file on its way in: on disk while its hash is made, so that memory stays bounded whatever its size.

use crate::clock::Clock;
use crate::config::temporary_folder;
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

/// How much is copied at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// A file that is being written.
pub struct Spool {
    kept: Kept,
    hash: Sha256,
    bytes: u64,
}

/// A whole file and what it is known by. It is gone from the disk when this is dropped.
pub struct Spooled {
    kept: Kept,
    pub sha256: String,
    pub bytes: u64,
}

struct Kept {
    file: File,
    path: PathBuf,
}

impl Drop for Kept {
    fn drop(&mut self) {
        // What cannot be removed from a temporary folder is removed with it.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Spool {
    pub fn create(clock: &Clock) -> io::Result<Self> {
        let name = format!("avstem-{}.import", clock.uuid().simple());
        let path = temporary_folder().join(name);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        // A statement is for nobody else on the machine to read.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        Ok(Self {
            kept: Kept { file, path },
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    pub fn write(&mut self, piece: &[u8]) -> io::Result<()> {
        self.kept.file.write_all(piece)?;
        self.hash.update(piece);
        self.bytes = self
            .bytes
            .saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
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

    /// Copies all of `input`.
    pub fn copy(
        clock: &Clock,
        mut input: impl Read,
        progress: &mut dyn FnMut(u64),
    ) -> io::Result<Spooled> {
        let mut spool = Self::create(clock)?;
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            match input.read(&mut piece) {
                Ok(0) => return spool.finish(),
                Ok(read) => spool.write(piece.get(..read).unwrap_or_default())?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
            progress(spool.bytes);
        }
    }
}

impl Spooled {
    /// From its first byte.
    pub fn reader(&self) -> io::Result<BufReader<&File>> {
        let mut file = &self.kept.file;
        file.seek(SeekFrom::Start(0))?;
        Ok(BufReader::with_capacity(PIECE_BYTES, file))
    }

    /// Its first bytes, at most `max`.
    pub fn head(&self, max: usize) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        let limit = u64::try_from(max).unwrap_or(u64::MAX);
        self.reader()?.take(limit).read_to_end(&mut head)?;
        Ok(head)
    }
}
