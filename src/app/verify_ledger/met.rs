//! What a walk over the ledger meets.

use crate::store::bulk::views::{EffectView, JournalView, PostingView};
use crate::store::rows::Seal;

/// A journal, all its postings, all effects that name it, and its seal.
pub struct Walked<'v> {
    pub journal: JournalView<'v>,
    pub lines: Vec<PostingView<'v>>,
    pub effects: Vec<EffectView<'v>>,
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
