//! Somebody else gave a part of the charge back between our decision and our call: the provider refuses,
//! and what is left is asked for by another operation, with a key and an amount of its own.

use super::super::Failure;
use super::super::books::{Books, absorb};
use super::super::provider::Unread;
use super::{Grant, Work, operation};
use crate::store::WriteTx;
use crate::store::rows::Refund;
use avstem_domain::id::ProviderChargeId;
use avstem_webhooks::Observation;
use avstem_webhooks::outbound::Ask;

const MORE_THAN_IS_LEFT: &str = "amount_too_large";

impl Work<'_> {
    /// Certainly not carried out, for more was asked than is left. `why` is the refusal in words.
    pub(super) fn ask_for_the_rest(&self, refund: &Refund, why: &str) -> Result<(), Failure> {
        let observations = match self.read_charge()? {
            Ok(observations) => observations,
            Err(Unread::Later { why, retry_after_s }) => {
                return self.not_done(refund, &why, retry_after_s, None);
            }
            Err(Unread::NeedsPerson { .. } | Unread::NotFound) => {
                return self.settle(refund, "failed", why, None);
            }
        };
        self.app.seams.cross("tx:refund:before")?;
        self.app
            .store
            .write(|tx| self.replace(tx, refund, &observations, why))?;
        self.app.seams.cross("tx:refund:after")?;
        self.app.signals.refunds.ring();
        Ok(())
    }

    fn read_charge(&self) -> Result<Result<Vec<Observation>, Unread>, Failure> {
        let charge = ProviderChargeId::parse(&self.charge.provider_id)
            .map_err(|e| Failure::unreadable("charge", e))?;
        let mut all = match self.link.read_all(|_| Ask::FetchCharge(charge.clone()))? {
            Ok(observations) => observations,
            Err(unread) => return Ok(Err(unread)),
        };
        let refunds = self.link.read_all(|after| Ask::ListRefunds {
            charge: charge.clone(),
            after,
        })?;
        Ok(refunds.map(|refunds| {
            all.extend(refunds);
            all
        }))
    }

    /// Takes in what the provider says now; cancels the operation and decides one of what is left.
    fn replace(
        &self,
        tx: &mut WriteTx<'_>,
        refund: &Refund,
        observations: &[Observation],
        why: &str,
    ) -> Result<(), Failure> {
        let keeping = self.app.keeping();
        let row = tx.refunds_by_ids(std::slice::from_ref(&refund.id))?.pop();
        // A webhook may have settled it meanwhile: then there is nothing left to say.
        let Some(row) =
            row.filter(|row| row.fence == refund.fence && row.provider_id == refund.provider_id)
        else {
            return Ok(());
        };
        // Ours goes first: the books have no room for it and what others gave back.
        let once = std::iter::once(&self.charge);
        let mut books = Books::of_charges(tx, keeping, &refund.connection, once)?;
        books.change_refund(&refund.id, |row| {
            row.state = "canceled".to_owned();
            row.failure_reason = Some(MORE_THAN_IS_LEFT.to_owned());
            row.due_at = None;
            row.lease_until = 0;
        });
        books.close(tx)?;
        absorb(tx, keeping, &refund.connection, observations)?;
        let charge = tx
            .charges_by_ids(std::slice::from_ref(&refund.charge_id))?
            .pop()
            .ok_or_else(|| Failure::Unreadable(format!("refund {} has no charge", refund.id)))?;
        let of_others = charge.refunded.max(charge.refunded_hint);
        let left = charge.amount.saturating_sub(of_others);
        let grant = Grant {
            charge: charge.clone(),
            amount: left,
            cancellation: row.cancellation_id.clone(),
            code: row.code.clone().unwrap_or_default(),
            reason: row.reason.clone(),
            request_ref: None,
        };
        let once = std::iter::once(&charge);
        let mut books = Books::of_charges(tx, keeping, &refund.connection, once)?;
        if left >= row.amount {
            // As much is left as was asked for: the refusal has another reason, which a person must find.
            books.change_refund(&refund.id, |row| {
                row.state = "failed".to_owned();
                row.failure_reason = Some(why.to_owned());
            });
        } else if left > 0 {
            let rest = operation(self.app, &grant)?;
            tracing::info!(refund.id = %rest.id, "Refund {} asks for what {} left", rest.id, refund.id);
            books.decide_refund(rest);
        }
        books.close(tx)?;
        Ok(())
    }
}
