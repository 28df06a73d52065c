//! What the provider owes the account: every movement of money is a balance transaction.

use crate::Simulator;
use crate::objects::Metadata;
use crate::objects_money::{BalanceKind, BalanceTransaction};
use crate::oracle::{MoneyMovement, MovementKind};

/// What the provider keeps of each charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChargeFee {
    /// Hundredths of a percent of the charge, rounded down.
    pub basis_points: i64,
    /// In the minor unit, on top.
    pub fixed_minor: i64,
}

impl ChargeFee {
    pub(crate) const fn of(self, amount_minor: i64) -> i64 {
        amount_minor.saturating_mul(self.basis_points) / 10_000 + self.fixed_minor
    }
}

/// One change of the balance that is about to happen.
#[derive(Debug)]
pub(crate) struct Change {
    pub kind: BalanceKind,
    /// Positive in the account's favour.
    pub amount_minor: i64,
    /// Negative when a fee is given back.
    pub fee_minor: i64,
    pub source: String,
    pub description: String,
}

impl Simulator {
    /// What the provider keeps of charges that succeed from now on; nothing at first.
    pub fn set_charge_fee(&mut self, fee: ChargeFee) {
        self.charge_fee = fee;
    }

    /// What the provider owes the account by its own balance transactions, in the minor unit; negative
    /// when the account owes the provider.
    #[must_use]
    pub fn balance_minor(&self) -> i64 {
        let transactions = self.balance_transactions.oldest_first();
        transactions.map(BalanceTransaction::net_minor).sum()
    }

    /// Makes the balance transaction and returns its id.
    pub(crate) fn change_balance(&mut self, change: Change) -> String {
        let id = self.new_id("txn");
        self.balance_transactions.add(BalanceTransaction {
            id: id.clone(),
            kind: change.kind,
            amount_minor: change.amount_minor,
            fee_minor: change.fee_minor,
            source: change.source,
            description: change.description,
            payout: None,
            created: self.second(),
        });
        id
    }

    /// Notes a movement for the oracle, unless nothing moves.
    pub(crate) fn note_movement(
        &mut self,
        kind: MovementKind,
        id: &str,
        charge: &str,
        amount_minor: i64,
    ) {
        if amount_minor == 0 {
            return;
        }
        self.money_moved.push(MoneyMovement {
            kind,
            id: id.to_owned(),
            charge: charge.to_owned(),
            amount_minor,
            at: self.now,
            metadata: Metadata::new(),
        });
    }
}
