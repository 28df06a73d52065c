//! Month ends: revenue is recognised, the month is closed, and a statement says what it came to.
//!
//! A closing takes several steps, each one transaction, and goes on where another one died: the month is
//! locked first, so that nothing moves under it; then charges earn, a page at a time; then everything is
//! sealed; and last the statement is written. Two closings at once do the same work once.

mod earn;
mod measure;
mod signature;
pub mod standing;
pub mod statement;

use super::books::time;
use super::progress::Progress;
use super::seams::Stopped;
use super::{App, Failure, seal_ledger};
use crate::store::rows::PeriodEvent;
use crate::store::{StoreError, WriteTx};
use avstem_domain::money::MoneyError;
use avstem_domain::revenue::Month;
use standing::{Kind, Standing};
use statement::Statement;

/// The longest reason for reopening a month, in characters. Inclusive; it is a sentence, not a report.
pub const REASON_CHARS_MAX: usize = 1_000;

#[derive(Debug, thiserror::Error)]
pub enum CloseError {
    #[error("{0} has not ended; close it from {next} on", next = .0.next().first_day())]
    NotEnded(Month),
    #[error("{earlier} is open and has journals: close it before {month}")]
    EarlierIsOpen { month: Month, earlier: Month },
    #[error("the closing of {other} has not come to its end: run `avstem close {other}` first")]
    AnotherIsClosing { other: Month },
    #[error("{0} was opened again while it was being closed")]
    OpenedMeanwhile(Month),
    #[error("nothing was booked in {month}, and it was closed along with {with}")]
    ClosedAlong { month: Month, with: Month },
    #[error(transparent)]
    Failure(#[from] Failure),
}

#[derive(Debug, thiserror::Error)]
pub enum ReopenError {
    #[error("{0} is not closed")]
    NotClosed(Month),
    #[error("{last} was closed after {month}: reopen it first")]
    LaterIsClosed { month: Month, last: Month },
    #[error("say why in 1 to {REASON_CHARS_MAX} characters: it stays in the books")]
    NoReason,
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<StoreError> for CloseError {
    fn from(error: StoreError) -> Self {
        Self::Failure(error.into())
    }
}

impl From<StoreError> for ReopenError {
    fn from(error: StoreError) -> Self {
        Self::Failure(error.into())
    }
}

impl From<Stopped> for CloseError {
    fn from(stopped: Stopped) -> Self {
        Self::Failure(stopped.into())
    }
}

impl From<MoneyError> for CloseError {
    fn from(error: MoneyError) -> Self {
        Self::Failure(error.into())
    }
}

/// A closing that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closing {
    pub month: Month,
    /// Of the event that it began with.
    pub number: i64,
}

enum Begun {
    Closing(Closing),
    ClosedBefore(i64),
}

/// Closes a month, or says what it came to when it was closed. `by` is who asked.
pub fn close(
    app: &App,
    month: Month,
    by: &str,
    progress: &mut dyn FnMut(Progress),
) -> Result<Statement, CloseError> {
    if app.clock.now() < month.end(app.config.time_zone) {
        return Err(CloseError::NotEnded(month));
    }
    let closing = match app.store.write(|tx| begin(tx, app, month, by))? {
        Begun::Closing(closing) => closing,
        Begun::ClosedBefore(number) => return Ok(statement::load(app, number)?),
    };
    app.seams.cross("month_locked")?;
    let mut after = String::new();
    let mut done = 0u64;
    while let Some(page) = app
        .store
        .write(|tx| earn::earn(tx, app.keeping(), closing, &after))?
    {
        after = page.last;
        done = done.saturating_add(page.charges);
        progress(Progress { done, total: None });
        app.seams.cross("charges_earned")?;
    }
    seal_ledger::seal_now(app)?;
    app.seams.cross("month_sealed")?;
    let measured = app.store.snapshot(|tx| measure::measure(tx, closing))?;
    app.seams.cross("month_measured")?;
    let number = app
        .store
        .write(|tx| statement::write(tx, app, closing, measured.as_ref(), by))?;
    app.seams.cross("month_closed")?;
    Ok(statement::load(app, number)?)
}

fn begin(tx: &mut WriteTx<'_>, app: &App, month: Month, by: &str) -> Result<Begun, CloseError> {
    let standing = Standing::of(tx)?;
    if let Some(closing) = standing.closing() {
        return if closing.month == month {
            Ok(Begun::Closing(closing))
        } else {
            Err(CloseError::AnotherIsClosing {
                other: closing.month,
            })
        };
    }
    if let Some(last) = standing.last_closed().filter(|last| month <= *last) {
        return match standing.closed_as(month) {
            Some(number) => Ok(Begun::ClosedBefore(number)),
            None => Err(CloseError::ClosedAlong { month, with: last }),
        };
    }
    let locked_through = standing.locked_through().unwrap_or_default();
    if let Some(day) = tx.first_day_booked_after(locked_through)? {
        let day = day
            .parse()
            .map_err(|e| Failure::unreadable("a journal's day", e))?;
        let earlier = Month::of(day);
        if earlier < month {
            return Err(CloseError::EarlierIsOpen { month, earlier });
        }
    }
    let number = standing.next_number();
    let position = tx.last_position()?;
    tx.add_period_event(&PeriodEvent {
        number,
        month: month.to_string(),
        kind: Kind::Closing.as_str().to_owned(),
        locked_through: Some(month.last_day().to_string()),
        position,
        reason: None,
        done_by: by.to_owned(),
        done_at: app.clock.now().as_micros(),
    })?;
    Ok(Begun::Closing(Closing { month, number }))
}

/// Opens the month that was closed last. What was recognised stays; closing it again makes a new statement.
pub fn reopen(app: &App, month: Month, reason: &str, by: &str) -> Result<PeriodEvent, ReopenError> {
    let reason = reason.trim();
    if reason.is_empty() || reason.chars().count() > REASON_CHARS_MAX {
        return Err(ReopenError::NoReason);
    }
    app.store.write(|tx| {
        let standing = Standing::of(tx)?;
        let last = standing
            .last_closed()
            .ok_or(ReopenError::NotClosed(month))?;
        if last < month {
            return Err(ReopenError::NotClosed(month));
        }
        if last > month {
            return Err(ReopenError::LaterIsClosed { month, last });
        }
        let event = PeriodEvent {
            number: standing.next_number(),
            month: month.to_string(),
            kind: Kind::Reopened.as_str().to_owned(),
            locked_through: standing.locked_before().map(str::to_owned),
            position: tx.last_position()?,
            reason: Some(reason.to_owned()),
            done_by: by.to_owned(),
            done_at: app.clock.now().as_micros(),
        };
        tx.add_period_event(&event)?;
        Ok(event)
    })
}

/// The last instant of a month in `zone`.
fn last_instant(
    month: Month,
    zone: chrono_tz::Tz,
) -> Result<avstem_domain::time::Timestamp, Failure> {
    time(month.end(zone).as_micros().saturating_sub(1))
}
