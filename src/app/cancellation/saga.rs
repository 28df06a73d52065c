//! The loop that takes a cancellation from step to step. Whatever stops it, it goes on from the row.

use super::super::backoff::{BACKOFF_MAX_S, wait_s};
use super::super::books::time;
use super::super::{App, Failure};
use super::{finish_step, plan_step, refund_step, stop_step, undo_step};
use crate::store::WriteTx;
use crate::store::rows::Cancellation;
use avstem_domain::time::Timestamp;

/// How long a process that died keeps others from going on, counted from its last commit. A step that
/// takes longer is harmless: what it asks of the provider may be asked twice or is not asked any more
/// ([`last_start`]), and its commit is refused once another has taken over.
const LEASE_S: i64 = 60;
/// How long a call can take: `gateway::CALL_MAX`.
const CALL_MAX_S: i64 = 30;
/// Cancellations taken up in one round.
const ROUND_MAX: i64 = 50;

/// Takes every cancellation that is due as far as it goes now; returns how many were taken up.
pub fn run_due(app: &App) -> Result<usize, Failure> {
    let now = app.clock.now();
    let due = app.store.read(|tx| {
        tx.cancellations_due(now.as_micros(), ROUND_MAX)
            .map_err(Failure::from)
    })?;
    for id in &due {
        advance(app, id)?;
    }
    Ok(due.len())
}

/// Where a step leaves the saga.
pub(super) enum Next {
    /// Go on with the row as it is now.
    Step(Box<Cancellation>),
    /// Nothing more can be done now (or someone else has taken over).
    Wait,
}

/// Takes one cancellation as far as it goes now.
pub fn advance(app: &App, id: &str) -> Result<(), Failure> {
    match claim(app, id)? {
        Some(row) => run(app, row),
        None => Ok(()),
    }
}

/// Takes a cancellation that was claimed as far as it goes now. One that is to be taken back is, before
/// any other step; only what was never planned is planned first, to know what it would do.
pub(super) fn run(app: &App, mut row: Cancellation) -> Result<(), Failure> {
    loop {
        let next = match row.step.as_str() {
            "requested" => plan_step::plan_it(app, &row)?,
            _ if row.undo_requested_at.is_some() => undo_step::take_back(app, &row)?,
            // What others did is carried out already.
            _ if row.origin == "provider" => let_go(app, &row, |_, row, _| {
                row.due_at = None;
                Ok(())
            })?,
            "planned" => stop_step::stop_billing(app, &row)?,
            "billing_stopped" => refund_step::settle_invoices_and_decide(app, &row)?,
            "refund_requested" => finish_step::await_refunds(app, &row)?,
            "finished" => finish_step::look_for_late_charges(app, &row)?,
            other => {
                return Err(Failure::Unreadable(format!(
                    "cancellation {} is at step {other:?}",
                    row.id
                )));
            }
        };
        match next {
            Next::Step(at) => row = *at,
            Next::Wait => return Ok(()),
        }
    }
}

fn claim(app: &App, id: &str) -> Result<Option<Cancellation>, Failure> {
    app.seams.cross("tx:cancellation-claim:before")?;
    let claimed = app.store.write(|tx| {
        let now = app.clock.now();
        let Some(mut row) = tx.cancellation_by_id(id)? else {
            return Ok::<_, Failure>(None);
        };
        let due = row.due_at.is_some_and(|at| at <= now.as_micros())
            && row.lease_until <= now.as_micros();
        if !due || row.state == "undone" {
            return Ok(None);
        }
        hold(&mut row, now);
        tx.save_cancellation(&row)?;
        Ok(Some(row))
    })?;
    app.seams.cross("tx:cancellation-claim:after")?;
    Ok(claimed)
}

/// Takes the row for us: whoever had it before finds another fence.
pub(super) fn hold(row: &mut Cancellation, now: Timestamp) {
    row.lease_until = now.saturating_add_seconds(LEASE_S).as_micros();
    row.fence += 1;
}

/// Until when an instruction that must not come late may be sent: after that someone else may have
/// taken over, and what was asked for may be taken back.
pub(super) fn last_start(held: &Cancellation) -> Result<Timestamp, Failure> {
    Ok(time(held.lease_until)?.saturating_add_seconds(-CALL_MAX_S))
}

/// One commit: changes the row, if it is still ours. `None` when someone else has taken over.
pub(super) fn commit(
    app: &App,
    held: &Cancellation,
    mut change: impl FnMut(&mut WriteTx<'_>, &mut Cancellation, Timestamp) -> Result<(), Failure>,
) -> Result<Option<Cancellation>, Failure> {
    app.seams.cross("tx:cancellation:before")?;
    let row = app.store.write(|tx| {
        let Some(mut row) = tx
            .cancellation_by_id(&held.id)?
            .filter(|row| row.fence == held.fence)
        else {
            return Ok::<_, Failure>(None);
        };
        let now = app.clock.now();
        change(tx, &mut row, now)?;
        // That it is to be taken back may have been said while this was under way.
        if row.undo_requested_at.is_some() && row.state != "undone" {
            row.due_at.get_or_insert(now.as_micros());
        }
        tx.save_cancellation(&row)?;
        Ok(Some(row))
    })?;
    app.seams.cross("tx:cancellation:after")?;
    Ok(row)
}

/// Commits and goes on with the next step: what kept the saga from going on is over.
pub(super) fn go_on(
    app: &App,
    held: &Cancellation,
    mut change: impl FnMut(&mut WriteTx<'_>, &mut Cancellation, Timestamp) -> Result<(), Failure>,
) -> Result<Next, Failure> {
    let row = commit(app, held, |tx, row, now| {
        row.trouble = None;
        row.lease_until = now.saturating_add_seconds(LEASE_S).as_micros();
        change(tx, row, now)
    })?;
    Ok(row.map_or(Next::Wait, |row| Next::Step(Box::new(row))))
}

/// Commits and lets the row go; `change` has said when it is due again.
pub(super) fn let_go(
    app: &App,
    held: &Cancellation,
    mut change: impl FnMut(&mut WriteTx<'_>, &mut Cancellation, Timestamp) -> Result<(), Failure>,
) -> Result<Next, Failure> {
    commit(app, held, |tx, row, now| {
        row.lease_until = 0;
        change(tx, row, now)
    })?;
    Ok(Next::Wait)
}

/// Tries the same step again later, as soon as the provider's wish and our patience allow.
pub(super) fn again_later(
    app: &App,
    held: &Cancellation,
    why: &str,
    retry_after_s: Option<u64>,
) -> Result<Next, Failure> {
    tracing::warn!(cancellation.id = %held.id, "Cancellation {} waits: {why}", held.id);
    let_go(app, held, |_, row, now| {
        let wait = wait_s(row.attempts, retry_after_s);
        row.attempts += 1;
        row.due_at = Some(now.saturating_add_seconds(wait).as_micros());
        Ok(())
    })
}

/// A person must look. The step is tried again all the same: what they mend lets it pass.
pub(super) fn need_person(app: &App, held: &Cancellation, why: &str) -> Result<Next, Failure> {
    tracing::error!(cancellation.id = %held.id, "Cancellation {} needs a person: {why}", held.id);
    let_go(app, held, |_, row, now| {
        row.state = "attention".to_owned();
        row.trouble = Some(why.to_owned());
        row.attempts += 1;
        row.due_at = Some(now.saturating_add_seconds(BACKOFF_MAX_S).as_micros());
        Ok(())
    })
}
