//! What a rebuild can find.

use std::fmt;

/// A difference between the database and what the stored facts make of an empty one. Prints as a
/// sentence for a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    #[error("{table} {key}: {column} is {live}, and what was told makes it {rebuilt}.")]
    Differs {
        table: &'static str,
        key: String,
        column: &'static str,
        live: Value,
        rebuilt: Value,
    },
    #[error("{table} {key}: the row is there, and nothing that was told makes it.")]
    OnlyLive { table: &'static str, key: String },
    #[error("{table} {key}: there is no such row, and what was told makes one.")]
    OnlyRebuilt { table: &'static str, key: String },
    #[error("{table} {key}: it was taken in once, and cannot be now: {why}.")]
    NotApplied {
        table: &'static str,
        key: String,
        why: String,
    },
}

/// A column's value as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Nothing,
    Text(String),
    /// Somebody's name or address, which a report does not repeat.
    Personal,
}

impl Finding {
    /// A stable name of the kind of finding, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Differs { .. } => "differs",
            Self::OnlyLive { .. } => "only_live",
            Self::OnlyRebuilt { .. } => "only_rebuilt",
            Self::NotApplied { .. } => "not_applied",
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("nothing"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Personal => f.write_str("[personal]"),
        }
    }
}
