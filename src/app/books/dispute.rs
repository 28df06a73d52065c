//! Disputes: what they mean for their charge, and the money that banks took and gave back.

use super::super::Failure;
use super::Books;
use super::book::numbered;
use super::classify::booked_classification;
use super::rows::{dispute as standing_text, dispute_standing, money, time};
use super::table::Kept;
use crate::store::rows::{Charge, Dispute, DisputeMovement};
use avstem_domain::dispute::{Direction, DisputeFact, DisputeStatus, Refundability, standing};
use avstem_domain::id::DisputeId;
use avstem_domain::ledger::journal::JournalEvent;
use avstem_domain::ledger::posting::{self, LossOfCharge, Occasion};
use avstem_domain::time::Timestamp;

impl Books<'_> {
    pub(super) fn apply_dispute(
        &mut self,
        fact: DisputeFact,
        told_at: Timestamp,
        version: String,
    ) -> Result<(), Failure> {
        let charge_id = self
            .charge_of(fact.charge.as_ref(), fact.payment.as_ref())
            .and_then(|id| self.charges.get(&id))
            .map(|charge| charge.id.clone())
            .ok_or_else(|| {
                Failure::Unreadable(format!("dispute {} of an unknown charge", fact.id))
            })?;
        let provider_id = fact.id.to_string();
        let known = self.disputes.get(&provider_id);
        let id = known.map_or_else(
            || DisputeId::from_uuid(self.clock.uuid()).to_string(),
            |row| row.id.clone(),
        );
        let lost = known.map_or(0, |row| row.lost);
        let is_old = known.is_some_and(|row| row.version >= version);
        // Lines of the balance are true in every snapshot, be it old.
        self.add_movements(&id, &fact);
        if is_old {
            return Ok(());
        }
        let row = Dispute {
            lost,
            id,
            connection: self.connection.as_str().to_owned(),
            provider_id: provider_id.clone(),
            charge_id,
            amount: fact.amount.minor(),
            currency: fact.amount.currency().code().to_owned(),
            status: fact.status.as_str().to_owned(),
            reason: fact.reason,
            refundable: fact.refundability == Refundability::Refundable,
            evidence_due_at: fact.evidence_due_at.map(Timestamp::as_micros),
            created_at: fact.created.as_micros(),
            told_at: told_at.as_micros(),
            version,
        };
        self.disputes.put(provider_id, row);
        Ok(())
    }

    fn add_movements(&mut self, dispute_id: &str, fact: &DisputeFact) {
        for line in &fact.movements {
            let provider_id = line.id.to_string();
            if self.movements.contains(&provider_id) {
                continue;
            }
            let row = DisputeMovement {
                connection: self.connection.as_str().to_owned(),
                provider_id: provider_id.clone(),
                dispute_id: dispute_id.to_owned(),
                direction: direction_text(line.direction).to_owned(),
                amount: line.amount.minor(),
                fee: line.fee.minor(),
                fee_currency: line.fee.currency().code().to_owned(),
                moved_at: line.at.as_micros(),
            };
            self.movements.put(provider_id, row);
            // Its charge is booked anew.
            self.disputes.change(fact.id.as_str());
        }
    }

    /// Brings a charge and the books to what its disputes, all of them, say now.
    pub(super) fn book_disputes(
        &mut self,
        charge: &mut Kept<Charge>,
        mut disputes: Vec<Dispute>,
    ) -> Result<(), Failure> {
        self.set_standing(charge, &disputes)?;
        for dispute in &mut disputes {
            let held = self.book_movements(dispute)?;
            self.book_loss(charge, dispute, held)?;
        }
        Ok(())
    }

    fn set_standing(
        &mut self,
        charge: &mut Kept<Charge>,
        disputes: &[Dispute],
    ) -> Result<(), Failure> {
        let mut told = Vec::new();
        for dispute in disputes {
            told.push((status_of(dispute)?, refundability_of(dispute)));
        }
        let charge_says = dispute_standing(&charge.dispute_hint)?;
        let now = standing_text(standing(told, charge_says));
        if charge.dispute != now {
            charge.change().dispute = now.to_owned();
        }
        Ok(())
    }

    /// Books each line once; returns what the bank holds of it: withdrawn less reinstated.
    fn book_movements(&mut self, dispute: &Dispute) -> Result<i64, Failure> {
        let mut lines: Vec<DisputeMovement> = self
            .movements
            .values()
            .filter(|line| line.dispute_id == dispute.id)
            .cloned()
            .collect();
        lines.sort_by_key(|line| line.moved_at);
        let mut held = 0i64;
        for line in lines {
            let direction = direction_of(&line)?;
            held = match direction {
                Direction::Withdrawn => held.saturating_add(line.amount),
                Direction::Reinstated => held.saturating_sub(line.amount),
            };
            let event = match direction {
                Direction::Withdrawn => JournalEvent::DisputeWithdrawn,
                Direction::Reinstated => JournalEvent::DisputeReinstated,
            };
            let effect = format!("{event}/{}", line.provider_id);
            if self.is_booked(&dispute.provider_id, &effect) {
                continue;
            }
            let occasion = Occasion {
                connection: &self.connection,
                reference: &dispute.provider_id,
                occurred_at: time(line.moved_at)?,
            };
            let amount = money(line.amount, &dispute.currency)?;
            let fee = money(line.fee, &line.fee_currency)?;
            let journal = match direction {
                Direction::Withdrawn => posting::dispute_withdrawn(occasion, amount, fee)?,
                Direction::Reinstated => posting::dispute_reinstated(occasion, amount, fee)?,
            };
            self.write_journal(&journal, &dispute.provider_id, &effect);
        }
        Ok(held)
    }

    /// What the bank holds of a lost dispute is lost; of any other, nothing is.
    fn book_loss(
        &mut self,
        charge: &mut Kept<Charge>,
        dispute: &mut Dispute,
        held: i64,
    ) -> Result<(), Failure> {
        let Some(classification) = booked_classification(charge)? else {
            return Ok(());
        };
        let lost = if status_of(dispute)?.is_loss() {
            held.max(0)
        } else {
            0
        };
        if lost == dispute.lost {
            return Ok(());
        }
        let lost_after = charge
            .lost
            .saturating_sub(dispute.lost)
            .saturating_add(lost);
        let amount = |minor| money(minor, &charge.currency);
        let loss = LossOfCharge {
            gross: amount(charge.amount)?,
            refunded: amount(charge.decided)?,
            lost_before: amount(charge.lost)?,
            lost_after: amount(lost_after)?,
            recognised: amount(charge.recognised)?,
            classification,
        };
        let occasion = Occasion {
            connection: &self.connection,
            reference: &dispute.provider_id,
            occurred_at: time(dispute.told_at)?,
        };
        if let Some(journal) = posting::dispute_loss(occasion, loss)? {
            let event = journal.event().as_str();
            let number = self.times_booked(&dispute.provider_id, event);
            self.write_journal(&journal, &dispute.provider_id, &numbered(event, number));
        }
        charge.change().lost = lost_after;
        dispute.lost = lost;
        let provider_id = dispute.provider_id.clone();
        self.disputes.put(provider_id, dispute.clone());
        Ok(())
    }
}

fn status_of(row: &Dispute) -> Result<DisputeStatus, Failure> {
    DisputeStatus::parse(&row.status)
        .ok_or_else(|| Failure::Unreadable(format!("dispute status {:?}", row.status)))
}

const fn refundability_of(row: &Dispute) -> Refundability {
    if row.refundable {
        Refundability::Refundable
    } else {
        Refundability::NotRefundable
    }
}

const fn direction_text(direction: Direction) -> &'static str {
    match direction {
        Direction::Withdrawn => "withdrawn",
        Direction::Reinstated => "reinstated",
    }
}

fn direction_of(line: &DisputeMovement) -> Result<Direction, Failure> {
    match line.direction.as_str() {
        "withdrawn" => Ok(Direction::Withdrawn),
        "reinstated" => Ok(Direction::Reinstated),
        other => Err(Failure::Unreadable(format!(
            "dispute movement {} went {other:?}",
            line.provider_id
        ))),
    }
}
