//! Matches ledger, provider and bank, and says what a person must look at.
//!
//! Everything is done in pages, each its own transaction: lines that are not booked are booked, lines and
//! records are compared, bank lines are given to payouts, and at the end it is proved that the provider's
//! account in the books is the provider's balance. A run that dies on the way has done what it has done;
//! the next one goes on.

mod bank;
mod compare;
mod lines;
mod payouts;
mod proof;
mod records;
mod report;
mod scope;
mod walk;

pub use report::{ExpectedSum, PayoutCheck, Proof, Report};

use super::breaks::Raising;
use super::progress::Progress;
use super::statements::{ImportError, finish_interrupted, post_lines};
use super::{App, Failure};
use crate::store::StoreError;
use crate::store::rows::Reconciliation;
use avstem_domain::id::ReconciliationId;
use chrono::NaiveDate;
use scope::Scope;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct ReconcileRequest {
    /// One connection, or all of them.
    pub connection: Option<String>,
    /// The last day that counts; without it, the last one that the bank's statements, or else the reports,
    /// tell of.
    pub through: Option<NaiveDate>,
    /// An API key's id, or the command line.
    pub by: String,
}

/// A reconciliation as it was.
#[derive(Debug, Clone, PartialEq)]
pub struct ReconciliationView {
    pub row: Reconciliation,
    pub report: Report,
}

#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    #[error("there is no connection {0:?} in the settings")]
    UnknownConnection(String),
    #[error("a file that was taken in halfway cannot be finished")]
    Import(#[source] Box<ImportError>),
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<StoreError> for ReconcileError {
    fn from(error: StoreError) -> Self {
        Self::Failure(error.into())
    }
}

/// The words of a reconciliation's state.
pub const STATES: [&str; 2] = ["balanced", "breaks"];

/// Matches everything there is, and keeps what came of it.
pub fn reconcile(
    app: &App,
    request: &ReconcileRequest,
    progress: &mut dyn FnMut(Progress),
) -> Result<ReconciliationView, ReconcileError> {
    if let Some(name) = &request.connection
        && !app.config.connections.contains_key(name)
    {
        return Err(ReconcileError::UnknownConnection(name.clone()));
    }
    finish_interrupted(app).map_err(|error| ReconcileError::Import(Box::new(error)))?;
    for connection in app.config.connections.keys() {
        post_lines::post(app, connection, &mut |_| ())?;
    }
    let through = match request.through {
        Some(day) => day,
        None => scope::last_known_day(app)?,
    };
    let scope = Scope {
        app,
        id: ReconciliationId::from_uuid(app.clock.uuid()).to_string(),
        connection: request.connection.clone(),
        through,
    };
    let raising = Raising::of(app, through);
    let mut report = Report::default();
    for connection in scope.connections() {
        judge(&scope, &raising, connection, &mut report, progress)?;
    }
    bank::judge(&scope, &raising, &mut report)?;
    Ok(keep(&scope, request, report)?)
}

/// Lines of a connection's reports against its records.
fn judge(
    scope: &Scope<'_>,
    raising: &Raising<'_>,
    connection: &str,
    report: &mut Report,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), Failure> {
    let mut records = records::Judging::of(scope, raising, connection)?;
    let unreported = compare::Unreported {
        made: records.as_ref().map_or(0..0, records::Judging::made),
        tell: &mut |ids| match &mut records {
            Some(records) => records.charges(ids, report),
            None => Ok(()),
        },
    };
    let mut compared = compare::walk(scope, connection, unreported, progress)?;
    let to_judge = std::mem::take(&mut compared.to_judge);
    let paired = compared.pair(scope, connection)?;
    let more = lines::judge(scope, raising, connection, &to_judge, report)?;
    report.matched = report
        .matched
        .saturating_add(i64::try_from(paired).unwrap_or(i64::MAX))
        .saturating_add(more);
    match records {
        Some(records) => records.others(report),
        None => Ok(()),
    }
}

fn keep(
    scope: &Scope<'_>,
    request: &ReconcileRequest,
    mut report: Report,
) -> Result<ReconciliationView, Failure> {
    let app = scope.app;
    app.store.snapshot(|tx| {
        proof::prove(tx, scope, &mut report)?;
        report.breaks = tx
            .open_breaks(scope.connection.as_deref())?
            .into_iter()
            .collect();
        Ok::<_, Failure>(())
    })?;
    let row = Reconciliation {
        id: scope.id.clone(),
        connection: scope.connection.clone(),
        through: scope.through.to_string(),
        state: report.state().to_owned(),
        report: report.to_json()?,
        made_by: request.by.clone(),
        made_at: app.clock.now().as_micros(),
    };
    app.store
        .write(|tx| Ok::<_, Failure>(tx.add_reconciliation(&row)?))?;
    tracing::info!(reconciliation.id = %row.id, "Reconciled through {}: {}", row.through, row.state);
    Ok(ReconciliationView { row, report })
}

pub fn find(app: &App, id: &str) -> Result<Option<ReconciliationView>, Failure> {
    let row = app.store.read(|tx| tx.find_reconciliation(id))?;
    row.map(|row| {
        Ok(ReconciliationView {
            report: Report::from_json(&row.report)?,
            row,
        })
    })
    .transpose()
}
