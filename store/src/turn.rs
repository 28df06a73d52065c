//! Who writes beside whom.

/// Whom a transaction that writes keeps out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Everybody else who writes.
    Alone,
    /// Who writes in one of the same lanes, and who must be alone: others write what belongs to other customers meanwhile.
    Lanes(Lanes),
}

/// Lanes that lie side by side, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lanes {
    pub first: i64,
    pub last: i64,
}

impl Lanes {
    #[must_use]
    pub const fn one(lane: i64) -> Self {
        Self {
            first: lane,
            last: lane,
        }
    }

    #[must_use]
    pub const fn contain(self, lane: i64) -> bool {
        self.first <= lane && lane <= self.last
    }

    pub fn each(self) -> impl Iterator<Item = i64> {
        self.first..=self.last
    }
}
