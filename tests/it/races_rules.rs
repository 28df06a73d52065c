//! What must hold once a cancellation is at rest, whatever others did while it was carried out.

use crate::saga::{Case, Right};
use crate::world::World;
use avstem::app::cancellation::CancellationView;
use avstem_simulator::{ChargeView, InvoiceView, RefundView};

/// How a cancellation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    Completed,
    Attention,
}

/// What became of a charge's money, in the minor unit.
struct Back {
    /// Refunds that this cancellation asked for, failed ones too.
    ours: Vec<RefundView>,
    /// What the customer has, or is about to get: by refunds of anybody, or by the bank.
    in_all: i64,
}

/// One cancellation at rest, as the provider and the service see it.
struct Rest<'a> {
    case: &'a Case,
    view: CancellationView,
    /// Why a person must look, all that is said of it; empty when nobody must.
    why: String,
    invoices: Vec<InvoiceView>,
    charges: Vec<ChargeView>,
    when: &'a str,
}

/// Completed, or with a person who is told why; billing stopped; at most one refund for each right, none
/// of an older charge, and nothing kept that was taken after the request, unless the person is told of it.
pub fn assert_sound(world: &World, case: &Case, when: &str) -> End {
    let view = world.view(&case.cancellation);
    let why = [&view.row.attention, &view.row.trouble]
        .into_iter()
        .flatten()
        .cloned()
        .collect::<Vec<String>>()
        .join("; ");
    let provider = world.provider();
    let rest = Rest {
        case,
        invoices: provider.invoices_of(&case.subscription),
        charges: provider.charges_of(&case.subscription),
        view,
        why,
        when,
    };
    drop(provider);
    let end = rest.assert_ended();
    rest.assert_stopped(world);
    for charge in rest.charges.iter().filter(|c| c.status == "succeeded") {
        rest.assert_paid_back(world, charge);
    }
    end
}

/// No invoice is left that could still be paid.
pub fn assert_nothing_is_left_to_pay(world: &World, case: &Case, when: &str) {
    for invoice in world.provider().invoices_of(&case.subscription) {
        let settled = matches!(invoice.status, "paid" | "void");
        assert!(settled, "{when}: {invoice:?} may be paid");
    }
}

impl Rest<'_> {
    fn assert_ended(&self) -> End {
        let (when, row, why) = (self.when, &self.view.row, &self.why);
        match row.state.as_str() {
            "completed" => {
                assert_eq!(why, "", "{when}: nobody is told to look");
                let told = |locale| self.view.receipts.iter().any(|r| r.locale == locale);
                assert!(told("sv") && told("en"), "{when}: {:?}", self.view.receipts);
                End::Completed
            }
            "attention" => {
                assert!(!why.is_empty(), "{when}: {row:?} does not say why");
                End::Attention
            }
            _ => panic!("{when}: {row:?} {:?}", self.view.refunds),
        }
    }

    /// The provider has the stop, unless somebody took it back there and a person is told.
    fn assert_stopped(&self, world: &World) {
        let provider = world.provider();
        let found = provider.subscription_view(&self.case.subscription).unwrap();
        let stops = found.cancel_at_period_end || found.cancel_at.is_some();
        let taken_back = self.why.contains("taken back");
        let stopped = found.status == "canceled" || stops || taken_back;
        assert!(stopped, "{}: {found:?}", self.when);
    }

    fn assert_paid_back(&self, world: &World, charge: &ChargeView) {
        let when = self.when;
        let back = back(world, charge);
        assert!(back.in_all <= charge.amount_minor, "{when}: paid twice");
        let due = self.due(charge);
        let most = usize::from(due > 0);
        let ours = &back.ours;
        assert!(ours.len() <= most, "{when}: {due} of {charge:?}: {ours:?}");
        if back.in_all >= due || self.tells_of(charge) || self.judged(charge) == "disputed" {
            return;
        }
        panic!("{when}: {due} is due of {charge:?}: {:?}", self.view.row);
    }

    /// What the customer has a right to of a charge, if nobody else interferes.
    fn due(&self, charge: &ChargeView) -> i64 {
        if !self.is_recurring(charge) {
            return 0;
        }
        if charge.created > self.case.asked_at {
            return charge.amount_minor;
        }
        let of_latest = match self.case.right {
            Right::LatestCharge => charge.amount_minor,
            Right::HalfOfLatestCharge => charge.amount_minor / 2,
            Right::Nothing => 0,
        };
        if self.latest_invoice() == charge.invoice {
            of_latest
        } else {
            0
        }
    }

    fn is_recurring(&self, charge: &ChargeView) -> bool {
        let invoice = self
            .invoices
            .iter()
            .find(|invoice| charge.invoice.as_ref() == Some(&invoice.id));
        matches!(
            invoice.unwrap().billing_reason,
            "subscription_create" | "subscription_cycle"
        )
    }

    /// The invoice of the newest recurring charge that was paid by the request.
    fn latest_invoice(&self) -> Option<String> {
        let paid = self.charges.iter().filter(|charge| {
            charge.status == "succeeded"
                && charge.created <= self.case.asked_at
                && self.is_recurring(charge)
        });
        paid.max_by_key(|charge| charge.created)
            .and_then(|charge| charge.invoice.clone())
    }

    /// Whether the person is told of the charge, or of a refund of it.
    fn tells_of(&self, charge: &ChargeView) -> bool {
        let verdicts = self.view.verdicts.iter();
        let ours = verdicts
            .filter(|verdict| verdict.charge_provider_id == charge.id)
            .map(|verdict| &verdict.charge_id);
        let refunds = self.view.refunds.iter();
        let mut names: Vec<&String> = ours.collect();
        names.extend(
            refunds
                .filter(|refund| names.contains(&&refund.charge_id))
                .map(|refund| &refund.id)
                .collect::<Vec<_>>(),
        );
        names.push(&charge.id);
        names.iter().any(|name| self.why.contains(*name))
    }

    fn judged(&self, charge: &ChargeView) -> &str {
        let mut verdicts = self.view.verdicts.iter();
        let found = verdicts.find(|verdict| verdict.charge_provider_id == charge.id);
        found.map_or("", |verdict| verdict.code.as_str())
    }
}

fn back(world: &World, charge: &ChargeView) -> Back {
    let provider = world.provider();
    let refunds = provider.refunds_of(&charge.id);
    let refunded: i64 = refunds
        .iter()
        .filter(|refund| !matches!(refund.status, "failed" | "canceled"))
        .map(|refund| refund.amount_minor)
        .sum();
    let held: i64 = provider
        .disputes_of(&charge.id)
        .iter()
        .filter(|dispute| !dispute.is_charge_refundable)
        .map(|dispute| dispute.amount_minor)
        .sum();
    let ours = refunds
        .into_iter()
        .filter(|refund| !refund.metadata.is_empty());
    Back {
        ours: ours.collect(),
        in_all: refunded + held,
    }
}
