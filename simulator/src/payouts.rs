//! Payouts: what the provider owes on its way to the account's own bank, and back.

use avstem_domain::time::Timestamp;

use crate::Simulator;
use crate::balance::Change;
use crate::objects_money::{BalanceKind, Itemised, Payout, PayoutStatus};
use crate::oracle::MovementKind;
use crate::timeline::Due;

const DAY_S: i64 = 86_400;
/// From making a payout to handing it to the bank.
const LEAVES_AFTER_S: i64 = 6 * 3_600;
/// Two bank days, as they are typical in Europe.
const ARRIVES_AFTER_DAYS: i64 = 2;
/// From the day of arrival to when its balance transactions can be listed.
const ITEMISED_AFTER_S: i64 = 3_600;

/// How a payout ends other than at the bank.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NotPaidOut {
    Failed,
    Canceled,
}

impl Simulator {
    /// An automatic payout of everything that is not part of one yet; negative when the account owes the
    /// provider. It is in transit after hours, paid on its day of arrival, and its balance transactions
    /// can be listed an hour later. Returns its id; nothing when there is nothing to pay.
    pub fn pay_out(&mut self) -> Option<String> {
        let open = self
            .balance_transactions
            .oldest_first()
            .filter(|transaction| transaction.payout.is_none());
        let (members, nets): (Vec<String>, Vec<i64>) = open
            .map(|transaction| (transaction.id.clone(), transaction.net_minor()))
            .unzip();
        let amount = nets.iter().sum::<i64>();
        if amount == 0 {
            return None;
        }
        let payout = self.send_payout(amount, Itemised::InProgress, None);
        let own = self.payouts.get(&payout)?.balance_transaction.clone();
        for member in members.iter().chain([&own]) {
            if let Some(transaction) = self.balance_transactions.get_mut(member) {
                transaction.payout = Some(payout.clone());
            }
        }
        self.emit("payout.created", &payout);
        Some(payout)
    }

    /// The bank refuses the payout, even one that was thought to have arrived: its money is back with the
    /// provider and part of the next payout. False when it has failed, was cancelled or taken back.
    pub fn fail_payout(&mut self, payout: &str) -> bool {
        let Some(found) = self.payouts.get(payout) else {
            return false;
        };
        match found.status {
            PayoutStatus::Pending | PayoutStatus::InTransit => {}
            PayoutStatus::Paid if found.reversed_by.is_none() => {}
            PayoutStatus::Paid | PayoutStatus::Failed | PayoutStatus::Canceled => return false,
        }
        self.end_payout(payout, NotPaidOut::Failed);
        true
    }

    /// Staff stops a payout that has not left. False when it has.
    pub fn cancel_payout(&mut self, payout: &str) -> bool {
        let found = self.payouts.get(payout);
        if found.is_none_or(|found| found.status != PayoutStatus::Pending) {
            return false;
        }
        self.end_payout(payout, NotPaidOut::Canceled);
        true
    }

    /// Takes a paid payout back with another in the opposite direction. Returns that one's id; nothing
    /// unless the payout is paid and was not taken back before.
    pub fn return_payout(&mut self, payout: &str) -> Option<String> {
        let found = self.payouts.get(payout)?;
        let takes_back = found.original_payout.is_some();
        if found.status != PayoutStatus::Paid || found.reversed_by.is_some() || takes_back {
            return None;
        }
        let amount = -found.amount_minor;
        let back = self.send_payout(amount, Itemised::Never, Some(payout.to_owned()));
        let before = self.snapshot(payout);
        self.payouts.get_mut(payout)?.reversed_by = Some(back.clone());
        self.emit("payout.created", &back);
        self.emit_changed("payout.updated", payout, &before);
        Some(back)
    }

    /// Makes the payout and takes its money from the balance; nobody is told yet.
    fn send_payout(
        &mut self,
        amount_minor: i64,
        itemised: Itemised,
        original_payout: Option<String>,
    ) -> String {
        let id = self.new_id("po");
        let created = self.second();
        let arrives = midnight(created).saturating_add_seconds(ARRIVES_AFTER_DAYS * DAY_S);
        let balance_transaction = self.change_balance(Change {
            kind: BalanceKind::Payout,
            amount_minor: -amount_minor,
            fee_minor: 0,
            source: id.clone(),
            description: "STRIPE PAYOUT".to_owned(),
        });
        self.note_payout(&id, amount_minor);
        let trace = self.ids.letters(16).to_uppercase();
        self.payouts.add(Payout {
            id: id.clone(),
            amount_minor,
            status: PayoutStatus::Pending,
            itemised,
            arrives,
            balance_transaction,
            failure_code: None,
            failure_balance_transaction: None,
            original_payout,
            reversed_by: None,
            trace,
            created,
        });
        let payout = || id.clone();
        let leaves = created.saturating_add_seconds(LEAVES_AFTER_S);
        let itemised = arrives.saturating_add_seconds(ITEMISED_AFTER_S);
        self.timeline
            .plan(leaves, Due::PayoutLeaves { payout: payout() });
        self.timeline
            .plan(arrives, Due::PayoutArrives { payout: payout() });
        self.timeline
            .plan(itemised, Due::PayoutItemised { payout: payout() });
        id
    }

    fn end_payout(&mut self, payout: &str, end: NotPaidOut) {
        let Some(found) = self.payouts.get(payout) else {
            return;
        };
        let amount = found.amount_minor;
        let (kind, told, status, failure_code) = match end {
            NotPaidOut::Failed => (
                BalanceKind::PayoutFailure,
                "payout.failed",
                PayoutStatus::Failed,
                Some("account_closed"),
            ),
            NotPaidOut::Canceled => (
                BalanceKind::PayoutCancel,
                "payout.canceled",
                PayoutStatus::Canceled,
                None,
            ),
        };
        let transaction = self.change_balance(Change {
            kind,
            amount_minor: amount,
            fee_minor: 0,
            source: payout.to_owned(),
            description: "STRIPE PAYOUT REVERSAL".to_owned(),
        });
        self.note_payout(payout, -amount);
        if let Some(found) = self.payouts.get_mut(payout) {
            found.status = status;
            found.failure_code = failure_code;
            found.failure_balance_transaction = Some(transaction);
        }
        self.emit(told, payout);
    }

    /// Positive amounts go to the bank, negative ones come from it.
    fn note_payout(&mut self, payout: &str, amount: i64) {
        let kind = if amount > 0 {
            MovementKind::Payout
        } else {
            MovementKind::PayoutReturned
        };
        self.note_movement(kind, payout, "", amount.abs());
    }

    pub(crate) fn payout_leaves(&mut self, payout: &str) {
        self.move_payout_on(payout, PayoutStatus::Pending, PayoutStatus::InTransit);
    }

    pub(crate) fn payout_arrives(&mut self, payout: &str) {
        self.move_payout_on(payout, PayoutStatus::InTransit, PayoutStatus::Paid);
    }

    fn move_payout_on(&mut self, payout: &str, from: PayoutStatus, to: PayoutStatus) {
        let before = self.snapshot(payout);
        let Some(found) = self.payouts.get_mut(payout) else {
            return;
        };
        if found.status != from {
            return;
        }
        found.status = to;
        match to {
            PayoutStatus::Paid => self.emit("payout.paid", payout),
            PayoutStatus::Pending
            | PayoutStatus::InTransit
            | PayoutStatus::Failed
            | PayoutStatus::Canceled => self.emit_changed("payout.updated", payout, &before),
        }
    }

    pub(crate) fn itemise_payout(&mut self, payout: &str) {
        let Some(found) = self.payouts.get_mut(payout) else {
            return;
        };
        match found.itemised {
            Itemised::InProgress => {
                found.itemised = Itemised::Completed;
                self.emit("payout.reconciliation_completed", payout);
            }
            Itemised::Completed | Itemised::Never => {}
        }
    }
}

/// The beginning of the UTC day.
fn midnight(at: Timestamp) -> Timestamp {
    at.saturating_add_seconds(-at.unix_seconds().rem_euclid(DAY_S))
}
