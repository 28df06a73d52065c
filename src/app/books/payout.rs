//! Payouts: sent from the provider's balance, and sometimes come back.

use super::super::Failure;
use super::super::itemise_payouts::{self as itemise, COMPLETED};
use super::Books;
use super::rows::{money, time};
use crate::store::rows::Payout;
use avstem_domain::ledger::posting::{self, Occasion};
use avstem_domain::payout::{Automation, PayoutFact, PayoutStatus, ReconciliationStatus};
use avstem_domain::time::Timestamp;

impl Books<'_> {
    pub(super) fn apply_payout(&mut self, fact: PayoutFact, told_at: Timestamp, version: String) {
        let provider_id = fact.id.to_string();
        let known = self.payouts.get(&provider_id);
        if known.is_some_and(|row| row.version >= version) {
            return;
        }
        let members_due_at = self.members_due_at(known, &fact);
        let text = |id: Option<avstem_domain::id::ProviderPayoutId>| id.map(|id| id.to_string());
        let row = Payout {
            connection: self.connection.as_str().to_owned(),
            provider_id: provider_id.clone(),
            amount: fact.amount.minor(),
            currency: fact.amount.currency().code().to_owned(),
            status: fact.status.as_str().to_owned(),
            arrival_date: fact.arrival_date.to_string(),
            automatic: fact.automatic == Automation::Automatic,
            reconciliation: fact.reconciliation.as_str().to_owned(),
            trace_id: fact.trace_id,
            statement_descriptor: fact.statement_descriptor,
            failure_code: fact.failure_code,
            original: text(fact.original),
            reversed_by: text(fact.reversed_by),
            created_at: fact.created.as_micros(),
            told_at: told_at.as_micros(),
            version,
            members_due_at,
        };
        self.payouts.put(provider_id, row);
    }

    /// When to ask what the payout is made of: once its list is complete, and where nobody says that, some
    /// hours after it was paid.
    fn members_due_at(&self, known: Option<&Payout>, fact: &PayoutFact) -> Option<i64> {
        let before = known.and_then(|row| row.members_due_at);
        let was_complete = known.is_some_and(|row| row.reconciliation == COMPLETED);
        match (fact.automatic, fact.reconciliation) {
            (Automation::Automatic, ReconciliationStatus::Completed) if !was_complete => {
                Some(self.now.as_micros())
            }
            (Automation::Automatic, ReconciliationStatus::InProgress)
                if fact.status == PayoutStatus::Paid =>
            {
                let later = self.now.saturating_add_seconds(itemise::AGAIN_S);
                before.or(Some(later.as_micros()))
            }
            (
                Automation::Automatic | Automation::Manual,
                ReconciliationStatus::Completed
                | ReconciliationStatus::InProgress
                | ReconciliationStatus::NotApplicable,
            ) => before,
        }
    }

    /// Sent once, and come back once: also one that we first hear of when it has failed, for the
    /// provider's balance shows both lines.
    pub(super) fn book_payouts(&mut self) -> Result<(), Failure> {
        let changed: Vec<Payout> = self
            .payouts
            .changed()
            .filter(|payout| payout.amount != 0)
            .cloned()
            .collect();
        for payout in changed {
            let amount = money(payout.amount, &payout.currency)?;
            let connection = self.connection.clone();
            let occasion = |occurred_at| Occasion {
                connection: &connection,
                reference: &payout.provider_id,
                occurred_at,
            };
            // A report that came first calls a payout that takes another one back a return.
            let told_as_return =
                payout.amount < 0 && self.is_booked(&payout.provider_id, "payout_failed");
            if !told_as_return && !self.is_booked(&payout.provider_id, "payout_sent") {
                let sent = posting::payout_sent(occasion(time(payout.created_at)?), amount)?;
                self.write_journal(&sent, &payout.provider_id, "payout_sent");
            }
            let status = PayoutStatus::parse(&payout.status)
                .ok_or_else(|| Failure::Unreadable(format!("payout status {:?}", payout.status)))?;
            if status.came_back() && !self.is_booked(&payout.provider_id, "payout_failed") {
                let failed = posting::payout_failed(occasion(time(payout.told_at)?), amount)?;
                self.write_journal(&failed, &payout.provider_id, "payout_failed");
            }
        }
        Ok(())
    }
}
