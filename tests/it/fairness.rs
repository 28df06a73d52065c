//! What must hold of a cancellation whatever others did meanwhile.

use crate::saga::{Case, Right};
use crate::world::World;
use avstem_simulator::{ChargeView, MoneyMovement, MovementKind, Simulator};

impl Case {
    /// Whatever happened: at rest, and nobody got more or less than their right, except where a bank
    /// decides.
    pub fn assert_fair(&self, world: &World, when: &str) {
        let view = world.view(&self.cancellation);
        let row = &view.row;
        let why = row.trouble.as_ref().or(row.attention.as_ref());
        let at_rest = row.state == "completed" || row.state == "attention" && why.is_some();
        assert!(at_rest, "{when}: {row:?} {:?}", view.refunds);
        self.assert_stopped(world, when);
        let provider = world.provider();
        let recurring = recurring_charges(&provider, &self.subscription);
        let latest = recurring
            .iter()
            .rfind(|charge| charge.created <= self.asked_at())
            .map(|charge| charge.invoice.clone());
        for charge in &recurring {
            let late = charge.created > self.asked_at();
            let is_latest = Some(&charge.invoice) == latest.as_ref();
            let has_right = late || is_latest && self.right() == Right::LatestCharge;
            assert_one_right(&provider, charge, has_right, when);
        }
    }
}

/// Succeeded charges of first and cycle invoices, oldest first.
fn recurring_charges(provider: &Simulator, subscription: &str) -> Vec<ChargeView> {
    let recurs = |charge: &ChargeView| {
        let invoices = provider.invoices_of(subscription);
        let invoice = invoices
            .iter()
            .find(|i| Some(&i.id) == charge.invoice.as_ref());
        invoice.is_some_and(|invoice| invoice.billing_reason != "subscription_update")
    };
    let charges = provider.charges_of(subscription).into_iter();
    charges
        .filter(|charge| charge.status == "succeeded" && recurs(charge))
        .collect()
}

/// What went back of a charge, by us, by others and by banks.
fn assert_one_right(provider: &Simulator, charge: &ChargeView, has_right: bool, when: &str) {
    let moved = |kind: MovementKind| -> Vec<&MoneyMovement> {
        let of = |m: &&MoneyMovement| m.kind == kind && m.charge == charge.id;
        provider.money_moved().iter().filter(of).collect()
    };
    let sum = |kind| -> i64 { moved(kind).iter().map(|m| m.amount_minor).sum() };
    let ours = moved(MovementKind::Refund)
        .iter()
        .filter(|movement| !movement.metadata.is_empty())
        .count();
    let back = sum(MovementKind::Refund) - sum(MovementKind::RefundReturned);
    let taken = sum(MovementKind::DisputeWithdrawn) - sum(MovementKind::DisputeReinstated);
    assert!(
        ours <= usize::from(has_right),
        "{when}: {ours} refunds of ours of {charge:?}"
    );
    assert!(
        back + taken <= charge.amount_minor,
        "{when}: more went back than was paid: {charge:?}"
    );
    if has_right && taken == 0 {
        assert_eq!(back, charge.amount_minor, "{when}: {charge:?}");
    }
}
