//! How far long work has come.

/// Told to whoever watches, a few times a second at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// In the unit of the work: journals, rows, events.
    pub done: u64,
    /// `None` while nobody knows.
    pub total: Option<u64>,
}
