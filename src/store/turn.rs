//! Who writes beside whom.

/// Whom a transaction that writes keeps out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Everybody else who writes.
    Alone,
    /// Who writes in the same lane, and who must be alone: others write what belongs to other customers meanwhile.
    Lane(i64),
}
