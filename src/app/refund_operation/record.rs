//! What an answer, or none, means for an operation, and the one commit that says so.

use super::super::Failure;
use super::super::backoff::wait_s;
use super::super::books::{Books, absorb};
use super::super::provider::{call_error, refusal_text, uncertainty};
use super::{RECHECK_SUBMITTED_S, TOP_UP_S, WATCH_S, Work};
use crate::gateway::{Answer, CallError, Replay};
use crate::store::rows::Refund;
use avstem_domain::time::Timestamp;
use avstem_webhooks::Observation;
use avstem_webhooks::outbound::{Outcome, Refusal};

impl Work<'_> {
    pub(super) fn record(&self, refund: &Refund, answer: Answer) -> Result<(), Failure> {
        let read_at = answer.read_at.unwrap_or_else(|| self.app.clock.now());
        match answer.result {
            Ok(Outcome::Executed { facts, .. }) => {
                let observations: Vec<Observation> = facts
                    .into_iter()
                    .map(|fact| self.link.observe(fact, read_at))
                    .collect();
                self.absorb(refund, &observations)
            }
            Ok(Outcome::Refused(refusal)) => self.refused(refund, &refusal),
            Ok(Outcome::Unknown(why)) if answer.replay == Replay::Replayed => {
                let why = format!(
                    "{} every time for the refund's key: look at charge {} at the provider",
                    uncertainty(&why),
                    self.charge.provider_id
                );
                self.watch(refund, Some(why))
            }
            Ok(Outcome::Unknown(why)) => self.try_later(refund, &uncertainty(&why), None),
            Err(CallError::NotSent(why)) => {
                self.not_done(refund, &format!("could not connect: {why}"), None, None)
            }
            Err(error @ CallError::NoAnswer(_)) => {
                self.try_later(refund, &call_error(&error), None)
            }
        }
    }

    pub(super) fn refused(&self, refund: &Refund, refusal: &Refusal) -> Result<(), Failure> {
        let why = refusal_text(refusal);
        match refusal {
            Refusal::RateLimited { retry_after_s } => {
                self.not_done(refund, &why, *retry_after_s, None)
            }
            Refusal::WrongKey { .. } => self.not_done(refund, &why, Some(60), Some(why.clone())),
            Refusal::InsufficientBalance => self.wait_for_balance(refund, &why),
            // The money goes or went back another way: nothing is owed through this operation.
            Refusal::AlreadyRefunded => self.settle(refund, "canceled", "already_refunded", None),
            Refusal::Disputed => self.settle(refund, "canceled", "disputed", Some(why)),
            Refusal::AmountTooLarge => self.ask_for_the_rest(refund, &why),
            Refusal::NotFound
            | Refusal::NotRefundable { .. }
            | Refusal::AlreadyCanceled
            | Refusal::InvoiceMovedOn { .. }
            | Refusal::KeyReused
            | Refusal::Invalid { .. } => self.settle(refund, "failed", &why, None),
        }
    }

    /// The provider's word, through the same door as its webhooks.
    pub(super) fn absorb(
        &self,
        refund: &Refund,
        observations: &[Observation],
    ) -> Result<(), Failure> {
        self.app.seams.cross("tx:refund:before")?;
        self.app.store.write(|tx| {
            absorb(tx, self.app.keeping(), &refund.connection, observations)?;
            let Some(mut row) = tx.refunds_by_ids(std::slice::from_ref(&refund.id))?.pop() else {
                return Ok(());
            };
            row.lease_until = 0;
            if row.state == "submitted" {
                let again = self
                    .app
                    .clock
                    .now()
                    .saturating_add_seconds(RECHECK_SUBMITTED_S);
                row.due_at = Some(again.as_micros());
            }
            Ok::<_, Failure>(tx.save_refunds(&[row])?)
        })?;
        self.app.seams.cross("tx:refund:after")?;
        tracing::info!(refund.id = %refund.id, "The provider has refund {}", refund.id);
        Ok(())
    }

    /// Certainly not carried out: asked again later, with the key it has for life.
    pub(super) fn not_done(
        &self,
        refund: &Refund,
        why: &str,
        retry_after_s: Option<u64>,
        attention: Option<String>,
    ) -> Result<(), Failure> {
        tracing::warn!(refund.id = %refund.id, "Refund {} waits: {why}", refund.id);
        let wait = wait_s(refund.attempts, retry_after_s);
        // An earlier attempt may have been carried out without an answer: only the first is certain.
        let certain = refund.attempts <= 1;
        self.commit(refund, |row, now| {
            row.state = if certain { "pending" } else { "unknown" }.to_owned();
            row.attention.clone_from(&attention);
            release(row, now, wait);
        })?;
        Ok(())
    }

    /// Certainly not carried out, and it will be once the balance is topped up. When it was the first
    /// attempt, it is as if nothing had been sent: the key does not grow old meanwhile.
    fn wait_for_balance(&self, refund: &Refund, why: &str) -> Result<(), Failure> {
        tracing::warn!(refund.id = %refund.id, "Refund {} waits: {why}", refund.id);
        let first = refund.attempts <= 1;
        self.commit(refund, |row, now| {
            row.state = if first { "pending" } else { "unknown" }.to_owned();
            row.pending_reason = Some("insufficient_funds".to_owned());
            if first {
                row.attempts = 0;
                row.first_sent_at = None;
            }
            release(row, now, TOP_UP_S);
        })?;
        Ok(())
    }

    pub(super) fn try_later(
        &self,
        refund: &Refund,
        why: &str,
        retry_after_s: Option<u64>,
    ) -> Result<(), Failure> {
        tracing::warn!(refund.id = %refund.id, "Refund {} is unknown: {why}", refund.id);
        let wait = wait_s(refund.attempts, retry_after_s);
        self.commit(refund, |row, now| {
            // Each fruitless look counts, so that waits grow.
            row.attempts += 1;
            release(row, now, wait);
        })?;
        Ok(())
    }

    pub(super) fn watch(&self, refund: &Refund, attention: Option<String>) -> Result<(), Failure> {
        match attention {
            Some(why) => self.watch_with(refund, &why, WATCH_S),
            None => self
                .commit(refund, |row, now| release(row, now, RECHECK_SUBMITTED_S))
                .map(|_| ()),
        }
    }

    pub(super) fn watch_with(&self, refund: &Refund, why: &str, wait: i64) -> Result<(), Failure> {
        tracing::error!(refund.id = %refund.id, "Refund {} needs a person: {why}", refund.id);
        self.commit(refund, |row, now| {
            row.attention = Some(why.to_owned());
            row.attempts += 1;
            release(row, now, wait);
        })?;
        Ok(())
    }

    pub(super) fn settle(
        &self,
        refund: &Refund,
        state: &str,
        reason: &str,
        attention: Option<String>,
    ) -> Result<(), Failure> {
        tracing::warn!(refund.id = %refund.id, "Refund {} is {state}: {reason}", refund.id);
        self.commit(refund, |row, _| {
            row.state = state.to_owned();
            row.failure_reason = Some(reason.to_owned());
            row.attention.clone_from(&attention);
            row.due_at = None;
            row.lease_until = 0;
        })?;
        Ok(())
    }

    /// One commit, if the operation is still ours; books what follows and wakes its cancellation.
    pub(super) fn commit(
        &self,
        refund: &Refund,
        change: impl Fn(&mut Refund, Timestamp),
    ) -> Result<Option<Refund>, Failure> {
        self.app.seams.cross("tx:refund:before")?;
        let row = self.app.store.write(|tx| {
            let row = tx.refunds_by_ids(std::slice::from_ref(&refund.id))?.pop();
            // A webhook may have settled it meanwhile: then there is nothing left to say.
            let Some(mut row) = row
                .filter(|row| row.fence == refund.fence && row.provider_id == refund.provider_id)
            else {
                return Ok::<_, Failure>(None);
            };
            let now = self.app.clock.now();
            let mut books = Books::of_charges(
                tx,
                self.app.keeping(),
                &refund.connection,
                std::iter::once(&self.charge),
            )?;
            books.change_refund(&refund.id, |row| change(row, now));
            books.close(tx)?;
            change(&mut row, now);
            Ok(Some(row))
        })?;
        self.app.seams.cross("tx:refund:after")?;
        Ok(row)
    }
}

fn release(row: &mut Refund, now: Timestamp, wait_s: i64) {
    row.due_at = Some(now.saturating_add_seconds(wait_s).as_micros());
    row.lease_until = 0;
}
