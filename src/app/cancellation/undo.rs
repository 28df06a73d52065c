//! Taking a cancellation back before its period ends: billing goes on.
//!
//! The wish is stored first, and carried out by the saga: at once where nobody else is at work on the
//! row, and by whoever goes on with it otherwise.

use super::super::{App, Failure};
use super::saga::{self, hold};
use super::subscription_of;
use super::undo_step::too_late;
use crate::store::WriteTx;
use crate::store::rows::Cancellation;

/// How far it got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undoing {
    /// The provider has confirmed that billing goes on.
    Done,
    /// Stored; it goes on in the background.
    UnderWay,
}

#[derive(Debug, thiserror::Error)]
pub enum UndoError {
    #[error("there is no such cancellation")]
    NotFound,
    #[error("it cannot be taken back any more: {0}. Nothing was done")]
    TooLate(&'static str),
    #[error(
        "connection {connection:?} has no api_key, so nothing can be changed there; set connections.{connection}.api_key"
    )]
    ProviderNotConfigured { connection: String },
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<crate::store::StoreError> for UndoError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Failure(error.into())
    }
}

/// Takes a cancellation back. Again, once it is undone, changes nothing.
pub fn undo(app: &App, id: &str) -> Result<Undoing, UndoError> {
    app.seams.cross("tx:undo:before").map_err(Failure::from)?;
    let stored = app.store.write(|tx| store(app, tx, id))?;
    app.seams.cross("tx:undo:after").map_err(Failure::from)?;
    match stored {
        Stored::Undone => return Ok(Undoing::Done),
        Stored::Held(row) => saga::run(app, *row)?,
        Stored::ForAnother => app.signals.cancellations.ring(),
    }
    let row = app
        .store
        .read(|tx| tx.cancellation_by_id(id))?
        .ok_or(UndoError::NotFound)?;
    match (row.state.as_str(), row.undo_requested_at) {
        ("undone", _) => Ok(Undoing::Done),
        (_, Some(_)) => Ok(Undoing::UnderWay),
        (_, None) => Err(UndoError::TooLate("it had taken effect by then")),
    }
}

enum Stored {
    Undone,
    /// The row is ours to go on with.
    Held(Box<Cancellation>),
    /// Someone else is at work on it, and finds the wish there.
    ForAnother,
}

fn store(app: &App, tx: &mut WriteTx<'_>, id: &str) -> Result<Stored, UndoError> {
    let mut row = tx.cancellation_by_id(id)?.ok_or(UndoError::NotFound)?;
    if row.state == "undone" {
        return Ok(Stored::Undone);
    }
    let subscription = subscription_of(tx, &row)?;
    let settings = app.config.connections.get(&subscription.connection);
    if settings.is_none_or(|settings| settings.api_key.is_none()) {
        let connection = subscription.connection;
        return Err(UndoError::ProviderNotConfigured { connection });
    }
    let now = app.clock.now();
    let refunds = tx.refunds_of_cancellations(std::slice::from_ref(&row.id))?;
    if let Some(why) = too_late(&row, &subscription, &refunds) {
        return Err(UndoError::TooLate(why));
    }
    if row.undo_requested_at.is_none() {
        // Once the end has come by our clock, it may have come by the provider's.
        if row
            .stop_effective_at
            .is_some_and(|end| end <= now.as_micros())
        {
            return Err(UndoError::TooLate("the period has ended"));
        }
        row.undo_requested_at = Some(now.as_micros());
        tracing::info!(cancellation.id = %row.id, "Cancellation {} is to be taken back", row.id);
    }
    row.due_at = Some(now.as_micros());
    let free = row.lease_until <= now.as_micros();
    if free {
        hold(&mut row, now);
    }
    tx.save_cancellation(&row)?;
    Ok(if free {
        Stored::Held(Box::new(row))
    } else {
        Stored::ForAnother
    })
}
