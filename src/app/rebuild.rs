//! Makes the projections once more, from what was told, and compares them with the ones there are.
//!
//! What providers told is stored in two places: deliveries byte for byte in `events`, and what their
//! APIs answered in `answers`. Both are taken in again, through the same code as the first time, by a
//! copy of the service over a database that is thrown away. What we decided ourselves is not told by
//! anyone: it is copied (`decisions.rs`). Then the two databases are compared, table by table and
//! column by column (`tables.rs`), and the ledger by its sums (`sums.rs`).
//!
//! Everything is read from one snapshot of the database, so that a service may go on beside it, and in
//! pages, so that memory does not grow with the history.

mod adopted;
mod cancellations;
mod compare;
mod decisions;
pub mod finding;
mod projection;
mod recognised;
mod replay;
mod reports;
mod scratch;
mod sums;
pub mod tables;
mod timeline;

use super::measure::MeterError;
use super::progress::Progress;
use super::{App, Failure};
use crate::store::{ReadTx, StoreError};
use compare::Comparison;
use finding::Finding;
use replay::Replay;
use scratch::Scratch;
use std::path::PathBuf;

/// What a check looked at, and how much it found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Checked {
    /// Deliveries that were applied again.
    pub events: u64,
    /// Answers that were taken in again.
    pub answers: u64,
    /// Rows and sums of the database that were compared.
    pub rows: u64,
    pub findings: u64,
}

/// What a check is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Replaying,
    Comparing,
}

/// Whoever watches a check is told everything as it is found.
pub trait Watch {
    fn found(&mut self, finding: Finding);
    fn progress(&mut self, part: Part, progress: Progress);
}

#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    #[error(
        "no scratch copy can be made in {}; free space there, or name another folder in TMPDIR", folder.display()
    )]
    Folder {
        folder: PathBuf,
        source: std::io::Error,
    },
    #[error(
        "the projections cannot be made once more: the bytes of deliveries, {0} first, are not kept any more (keep_bodies_for)"
    )]
    Forgotten(String),
    #[error("the scratch copy cannot be used")]
    Scratch(#[source] StoreError),
    #[error(transparent)]
    Meters(#[from] MeterError),
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<StoreError> for RebuildError {
    fn from(error: StoreError) -> Self {
        Self::Failure(error.into())
    }
}

/// Rebuilds in a scratch copy and compares. The database itself is only read.
pub fn check(app: &App, watch: &mut dyn Watch) -> Result<Checked, RebuildError> {
    let scratch = Scratch::set_up(app)?;
    app.store.snapshot(|live| {
        // Where nothing is forgotten on purpose, bytes that are not there are a finding.
        if app.config.keep_bodies_days.is_some()
            && let Some(id) = live.first_applied_without_bytes()?
        {
            return Err(RebuildError::Forgotten(id));
        }
        let mut checked = Replay::new(live, &scratch, watch).run()?;
        scratch.app.store.snapshot(|rebuilt: &mut ReadTx<'_>| {
            let mut comparison = Comparison::new(live, rebuilt, watch);
            comparison.everything()?;
            checked.rows = comparison.rows;
            checked.findings = checked.findings.saturating_add(comparison.findings);
            Ok::<_, Failure>(())
        })?;
        Ok(checked)
    })
}
