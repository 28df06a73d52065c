//! What kept one row from becoming a line. The rest of the file counts.

use std::fmt;

/// How much of a cell a problem repeats.
const FOUND_CHARS_MAX: usize = 80;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// As in [`crate::error::ReadError`].
    pub row: u64,
    /// The column's name; of an XML file, the element's.
    pub column: String,
    pub code: ProblemCode,
    /// The cell, cut to 80 characters.
    pub found: String,
    pub expected: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemCode {
    NotAnAmount,
    NotACurrency,
    NotATime,
    NotAnId,
    NotAWord,
    /// Amounts of one row contradict each other.
    DoesNotAddUp,
    /// The row is in the file already.
    Repeated,
    /// The row has more or fewer cells than the header.
    Columns,
}

impl Problem {
    pub(crate) fn new(
        row: u64,
        column: &str,
        code: ProblemCode,
        found: &str,
        expected: impl Into<String>,
    ) -> Self {
        let mut cut: String = found.chars().take(FOUND_CHARS_MAX).collect();
        if cut.len() < found.len() {
            cut.push('…');
        }
        Self {
            row,
            column: column.to_owned(),
            code,
            found: cut,
            expected: expected.into(),
        }
    }
}

impl ProblemCode {
    pub const ALL: [Self; 8] = [
        Self::NotAnAmount,
        Self::NotACurrency,
        Self::NotATime,
        Self::NotAnId,
        Self::NotAWord,
        Self::DoesNotAddUp,
        Self::Repeated,
        Self::Columns,
    ];

    /// Stable, for the API.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAnAmount => "not_an_amount",
            Self::NotACurrency => "not_a_currency",
            Self::NotATime => "not_a_time",
            Self::NotAnId => "not_an_id",
            Self::NotAWord => "not_a_word",
            Self::DoesNotAddUp => "does_not_add_up",
            Self::Repeated => "repeated",
            Self::Columns => "columns",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::NotAnAmount
            | Self::NotACurrency
            | Self::NotATime
            | Self::NotAnId
            | Self::NotAWord => "download the file again, without opening it in a spreadsheet",
            Self::DoesNotAddUp => {
                "compare the row with the provider's own page, and book it by hand if it is right"
            }
            Self::Repeated => "nothing; it was counted once",
            Self::Columns => {
                "look for a quote or a line break too many, and download the file again"
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            row,
            column,
            code,
            found,
            expected,
        } = self;
        write!(
            f,
            "row {row}, column {column:?}: found {found:?}, expected {expected}; {}",
            code.remedy()
        )
    }
}
