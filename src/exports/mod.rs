//! Tables for other programs: what there is to export ([`kinds`]) and how it is written ([`formats`]).
//!
//! One file and one line in a registry for a new one. Every export reads one snapshot in pages, in an
//! order that the rows themselves give, so that the same database gives the same bytes; and it fails
//! rather than leaving out what it cannot read.

pub mod formats;
pub mod kinds;
pub mod ledger;
pub mod table;
mod totals;
pub mod vouchers;

use crate::store::StoreError;
use avstem_domain::time::TimeError;

/// Why there is no export, or not a whole one.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    #[error("{given:?} is not a kind of export; there are: {known}")]
    UnknownKind { given: String, known: String },
    #[error("{given:?} is not a format of exports; there are: {known}")]
    UnknownFormat { given: String, known: String },
    #[error("{format} is for the journal alone; {kind} can be written as: {known}")]
    JournalOnly {
        format: &'static str,
        kind: &'static str,
        known: String,
    },
    #[error("the last day, {to}, is before the first, {from}; turn them around")]
    DaysReversed {
        from: chrono::NaiveDate,
        to: chrono::NaiveDate,
    },
    #[error("the export is not complete: the database could not be read")]
    Store(#[from] StoreError),
    #[error("the export is not complete: {what} cannot be read ({problem}); run `avstem verify`")]
    Unreadable { what: String, problem: String },
    /// Something that `app` worked out for the export.
    #[error("the export is not complete")]
    Answer(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the export is not complete: {0}")]
    Missing(String),
    #[error("the file that {setting} names cannot be used: {problem}")]
    Setting {
        setting: &'static str,
        problem: String,
    },
    #[error("others export vouchers at the same time; try again")]
    Busy,
    #[error("the export is not complete: it could not be written")]
    Output(#[from] std::io::Error),
}

impl ExportError {
    pub(crate) fn answer(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Answer(Box::new(error))
    }

    fn unreadable(what: &str, id: &str, problem: impl std::fmt::Display) -> Self {
        Self::Unreadable {
            what: format!("{what} of {id}"),
            problem: problem.to_string(),
        }
    }

    fn time(id: &str) -> impl Fn(TimeError) -> Self {
        move |error| Self::unreadable("a time", id, error)
    }
}
