//! A file that is gone from the disk when nobody needs it any more.

use crate::clock::Clock;
use crate::config::temporary_folder;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::PathBuf;

pub struct Temporary {
    pub file: File,
    path: PathBuf,
}

impl Temporary {
    /// An empty file, for nobody else on the machine to read.
    pub fn create(clock: &Clock, kind: &str) -> io::Result<Self> {
        let name = format!("avstem-{}.{kind}", clock.uuid().simple());
        let path = temporary_folder().join(name);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        Ok(Self { file, path })
    }

    /// The same file from its first byte, with a place of its own in it: two may read it at once.
    pub fn again(&self) -> io::Result<File> {
        File::open(&self.path)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // What cannot be removed from a temporary folder is removed with it.
        let _ = std::fs::remove_file(&self.path);
    }
}
