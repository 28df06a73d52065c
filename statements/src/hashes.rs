//! Hashes instead of identities: eight bytes for each line, so that a file of ten million rows stays small.
//! Two lines of such a file share a hash once in some hundred thousand files; one of them is then reported as
//! repeated, and not lost in silence.

use std::hash::{BuildHasher, DefaultHasher, Hash, Hasher};

pub fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// For sets and maps whose keys are hashes already.
#[derive(Default, Clone, Copy)]
pub struct Unhashed(u64);

impl BuildHasher for Unhashed {
    type Hasher = Self;

    fn build_hasher(&self) -> Self {
        Self::default()
    }
}

impl Hasher for Unhashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
