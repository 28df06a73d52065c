//! Which journals follow from the refunds of a charge: decided, paid, come back, taken back.
//!
//! What a decision stands for is a function of all refunds of the charge as they are now, and the books
//! are brought from what they say to that. So every order in which it was told ends in the same books.

use super::super::Failure;
use super::Books;
use super::book::numbered;
use super::classify::booked_classification;
use super::refund::came_back;
use super::rows::{money, time};
use super::table::Kept;
use crate::store::rows::{Charge, Refund};
use avstem_domain::ledger::posting::{self, Occasion, RefundOfCharge};
use avstem_domain::time::Timestamp;

impl Books<'_> {
    /// Decision, payment and failure of each, as far as their states say they happened.
    pub(super) fn book_refunds(
        &mut self,
        charge: &mut Kept<Charge>,
        refunds: &[Refund],
    ) -> Result<(), Failure> {
        if booked_classification(charge)?.is_none() {
            return Ok(());
        }
        let turned_at = last_turn(refunds)?;
        let decisions = decisions(charge, refunds);
        let decided = decisions.iter().map(|(_, owed)| *owed);
        let room = decided.fold(charge.amount, i64::saturating_sub);
        // What is taken back comes first, to make room.
        let (less, more): (Vec<_>, Vec<_>) = decisions
            .into_iter()
            .partition(|(refund, owed)| *owed < refund.decided);
        for (refund, owed) in less.into_iter().chain(more) {
            self.book_decision(charge, refund, owed, turned_at)?;
            self.book_refund_money(refund)?;
            match refund.state.as_str() {
                "failed" => self.tell(refund, still_owed(refund, owed, self.zone)?),
                // What we canceled ourselves never was at the provider.
                "canceled" if refund.origin == "avstem" && refund.provider_id.is_some() => {
                    self.tell(refund, taken_back(refund, room)?);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Brings what the books say was decided to `owed`, in minor units. What can happen again has a
    /// number: `refund_decided`, `refund_abandoned`, `refund_decided/1`, …
    fn book_decision(
        &mut self,
        charge: &mut Kept<Charge>,
        refund: &Refund,
        owed: i64,
        turned_at: Timestamp,
    ) -> Result<(), Failure> {
        if refund.decided == owed {
            return Ok(());
        }
        let object = if refund.origin == "avstem" {
            refund.id.clone()
        } else {
            provider_id(refund)?
        };
        let made = self.times_booked(&object, "refund_decided");
        if refund.decided > 0 {
            let before = charge.decided.saturating_sub(refund.decided);
            let journal = posting::refund_abandoned(
                self.occasion_of(&object, turned_at),
                &refund_of_charge(charge, refund, refund.decided, before)?,
            )?;
            let taken_back = self.times_booked(&object, "refund_abandoned");
            self.write_journal(&journal, &object, &numbered("refund_abandoned", taken_back));
            charge.change().decided = before;
        }
        if owed > 0 {
            let at = if made == 0 {
                time(refund.created_at)?
            } else {
                turned_at
            };
            let journal = posting::refund_decided(
                self.occasion_of(&object, at),
                &refund_of_charge(charge, refund, owed, charge.decided)?,
            )?;
            self.write_journal(&journal, &object, &numbered("refund_decided", made));
            charge.change().decided = charge.decided.saturating_add(owed);
        }
        self.amend(refund, |row| row.decided = owed);
        Ok(())
    }

    /// The provider takes a refund's money from our balance when the refund is made, or when what it
    /// waited for has come, and gives it back when it fails: the journals have those times.
    fn book_refund_money(&mut self, refund: &Refund) -> Result<(), Failure> {
        let back = came_back(&refund.state);
        let paid = refund.state == "succeeded" || (back && self.paid_before.contains(&refund.id));
        if !(paid || back) || refund.provider_id.is_none() {
            return Ok(());
        }
        let amount = money(refund.amount, &refund.currency)?;
        let object = provider_id(refund)?;
        if paid && !self.is_booked(&object, "refund_succeeded") {
            let waited = refund.state == "succeeded" && self.paid_late.contains(&refund.id);
            let left_at = time(if waited {
                refund.state_since
            } else {
                refund.created_at
            })?;
            let journal = posting::refund_succeeded(self.occasion_of(&object, left_at), amount)?;
            self.write_journal(&journal, &object, "refund_succeeded");
        }
        let is_out = self.is_booked(&object, "refund_succeeded");
        if back && is_out && !self.is_booked(&object, "refund_failed") {
            let failed_at = time(refund.state_since)?;
            let journal = posting::refund_failed(self.occasion_of(&object, failed_at), amount)?;
            self.write_journal(&journal, &object, "refund_failed");
        }
        Ok(())
    }

    /// What a person must look at; nothing, when there is nothing any more.
    fn tell(&mut self, refund: &Refund, attention: Option<String>) {
        if refund.attention != attention {
            self.amend(refund, |row| row.attention = attention);
        }
    }

    /// Changes what follows from the refunds of a charge together, and wakes the cancellation.
    pub(super) fn amend(&mut self, refund: &Refund, change: impl FnOnce(&mut Refund)) {
        if let Some(row) = self.refunds.change(&refund.id) {
            change(row);
            self.happened
                .cancellations
                .extend(row.cancellation_id.clone());
        }
    }

    fn occasion_of<'b>(&'b self, reference: &'b str, occurred_at: Timestamp) -> Occasion<'b> {
        Occasion {
            connection: &self.connection,
            reference,
            occurred_at,
        }
    }
}

/// What each refund of a charge stands for, in minor units: what the customer got by it, gets, or is
/// still owed. Together they are never more than the charge.
///
/// - A refund that was canceled stands for nothing.
/// - One that the provider has stands for all of it. It takes no more than is left of a charge: where
///   they are more than that, the older ones must have come back, and that is still to be told.
/// - One of ours that it does not have yet, or that failed, stands for what it was to give as far as those
///   leave room: what they gave is not owed any more. Among these the right stays with the older one.
fn decisions<'r>(charge: &Charge, refunds: &'r [Refund]) -> Vec<(&'r Refund, i64)> {
    let mut decided = Vec::new();
    let (mut held, mut promised) = (Vec::new(), Vec::new());
    for refund in refunds {
        match (refund.state.as_str(), &refund.provider_id) {
            ("canceled", _) => decided.push((refund, 0)),
            ("failed", _) | (_, None) => promised.push(refund),
            (_, Some(_)) => held.push(refund),
        }
    }
    let age = |refund: &Refund| {
        let id = refund.provider_id.clone().unwrap_or_default();
        (refund.created_at, id, refund.id.clone())
    };
    held.sort_by_key(|refund| std::cmp::Reverse(age(refund)));
    promised.sort_by_key(|refund| (refund.state == "failed", age(refund)));
    let mut room = charge.amount;
    for (number, refund) in held.into_iter().chain(promised).enumerate() {
        // One above its charge is an error to be told, not one to be passed over.
        let owed = if number == 0 {
            refund.amount
        } else {
            refund.amount.min(room).max(0)
        };
        room = room.saturating_sub(owed);
        decided.push((refund, owed));
    }
    decided
}

/// A refund that failed is for a person to look at as long as the customer is owed any of it.
fn still_owed(refund: &Refund, owed: i64, zone: chrono_tz::Tz) -> Result<Option<String>, Failure> {
    if owed <= 0 {
        return Ok(None);
    }
    let day = time(refund.state_since)?.date_in(zone);
    let why = refund
        .failure_reason
        .as_deref()
        .unwrap_or("no reason given");
    let left = money(owed, &refund.currency)?;
    Ok(Some(format!(
        "it failed on {day} ({why}), and {left} is still owed to the customer: refund the charge once more at the provider, which clears this, or pay it out another way"
    )))
}

/// The rules had granted what someone took back at the provider before it was paid.
fn taken_back(refund: &Refund, room: i64) -> Result<Option<String>, Failure> {
    let missing = refund.amount.min(room);
    if missing <= 0 {
        return Ok(None);
    }
    let missing = money(missing, &refund.currency)?;
    Ok(Some(format!(
        "it was canceled at the provider, and {missing} that the rules granted did not go to the customer: refund the charge once more at the provider, which clears this, or agree with the customer"
    )))
}

/// When the refunds of a charge last changed what they stand for: one was made, or came back.
fn last_turn(refunds: &[Refund]) -> Result<Timestamp, Failure> {
    let turn = |refund: &Refund| {
        if came_back(&refund.state) {
            refund.created_at.max(refund.state_since)
        } else {
            refund.created_at
        }
    };
    time(refunds.iter().map(turn).max().unwrap_or_default())
}

fn provider_id(refund: &Refund) -> Result<String, Failure> {
    let missing = || {
        Failure::Unreadable(format!(
            "refund {} is {} without a provider's id",
            refund.id, refund.state
        ))
    };
    refund.provider_id.clone().ok_or_else(missing)
}

fn refund_of_charge(
    charge: &Charge,
    refund: &Refund,
    amount: i64,
    decided_before: i64,
) -> Result<RefundOfCharge, Failure> {
    let classification = booked_classification(charge)?
        .ok_or_else(|| Failure::Unreadable(format!("charge {} is not booked", charge.id)))?;
    Ok(RefundOfCharge {
        amount: money(amount, &refund.currency)?,
        decided_before: money(decided_before, &charge.currency)?,
        lost: money(charge.lost, &charge.currency)?,
        gross: money(charge.amount, &charge.currency)?,
        classification,
        recognised: money(charge.recognised, &charge.currency)?,
    })
}
