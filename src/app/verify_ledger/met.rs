//! What a walk over the ledger meets.

use crate::store::rows::{EffectOf, Journal, Posting, Seal};

/// A journal, all its postings, all effects that name it, and its seal.
pub struct Walked {
    pub journal: Journal,
    pub lines: Vec<Posting>,
    pub effects: Vec<EffectOf>,
    pub sealing: Sealing,
}

/// How a journal is sealed.
pub enum Sealing {
    By(Seal),
    None(Later),
}

/// Whether a later journal has a seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Later {
    Sealed,
    NotSealed,
}
