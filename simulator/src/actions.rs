//! What happens at the worst moment: right before a call is handled, or right after.

use crate::objects::InvoiceStatus;
use crate::{DisputeTerms, Plan, Simulator};

/// Something that others do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Begins the subscription's next cycle: there is a draft.
    StartRenewal {
        subscription: String,
    },
    /// Finalises the renewal that waits, begun now if need be; it is collected in an hour.
    OpenRenewal {
        subscription: String,
    },
    /// Begins to collect the renewal that waits, begun now if need be, as from a bank account.
    ProcessRenewal {
        subscription: String,
    },
    /// Begins the next cycle unless a renewal waits to be paid, and takes the money.
    PayRenewal {
        subscription: String,
    },
    /// Changes the plan; the difference is invoiced and collected.
    Upgrade {
        subscription: String,
        plan: Plan,
    },
    /// The customer subscribes to the same plan once more.
    Resubscribe {
        subscription: String,
    },
    DashboardRefund {
        charge: String,
        amount_minor: Option<i64>,
    },
    DashboardCancel {
        subscription: String,
    },
    DashboardCancelAtPeriodEnd {
        subscription: String,
    },
    DashboardUncancel {
        subscription: String,
    },
    /// A dispute of all that is left of the charge.
    OpenDispute {
        charge: String,
    },
    OpenDisputeOf {
        charge: String,
        terms: DisputeTerms,
    },
    OpenInquiry {
        charge: String,
    },
    /// The bank sends the charge's newest refund back.
    FailNewestRefund {
        charge: String,
    },
    AdvanceSeconds(i64),
}

impl Simulator {
    pub(crate) fn act(&mut self, action: Action) {
        match action {
            Action::StartRenewal { subscription } => drop(self.start_renewal(&subscription)),
            Action::OpenRenewal { subscription } => {
                let invoice = self.renewal_that_waits(&subscription);
                self.open_renewal(&invoice);
            }
            Action::ProcessRenewal { subscription } => {
                let invoice = self.renewal_that_waits(&subscription);
                self.begin_paying_renewal(&invoice);
            }
            Action::PayRenewal { subscription } => {
                let invoice = self.renewal_that_waits(&subscription);
                self.pay_renewal(&invoice);
            }
            Action::Upgrade { subscription, plan } => drop(self.upgrade(&subscription, &plan)),
            Action::Resubscribe { subscription } => self.resubscribe(&subscription),
            Action::DashboardRefund {
                charge,
                amount_minor,
            } => drop(self.dashboard_refund(&charge, amount_minor)),
            Action::DashboardCancel { subscription } => self.dashboard_cancel(&subscription),
            Action::DashboardCancelAtPeriodEnd { subscription } => {
                self.dashboard_cancel_at_period_end(&subscription);
            }
            Action::DashboardUncancel { subscription } => {
                self.dashboard_uncancel(&subscription);
            }
            Action::OpenDispute { charge } => drop(self.open_dispute(&charge)),
            Action::OpenDisputeOf { charge, terms } => drop(self.open_dispute_of(&charge, terms)),
            Action::OpenInquiry { charge } => drop(self.open_inquiry(&charge)),
            Action::FailNewestRefund { charge } => {
                let newest = self.refunds_of(&charge).pop();
                self.fail_refund(&newest.map(|refund| refund.id).unwrap_or_default());
            }
            Action::AdvanceSeconds(seconds) => {
                self.advance_to(self.now.saturating_add_seconds(seconds));
            }
        }
    }

    /// The draft or open invoice of the subscription, or a renewal begun now.
    fn renewal_that_waits(&mut self, subscription: &str) -> String {
        let waits = |status: InvoiceStatus| match status {
            InvoiceStatus::Draft | InvoiceStatus::Open => true,
            InvoiceStatus::Paid | InvoiceStatus::Uncollectible | InvoiceStatus::Void => false,
        };
        let waiting = self
            .invoices
            .newest_first()
            .find(|invoice| invoice.subscription == subscription && waits(invoice.status))
            .map(|invoice| invoice.id.clone());
        waiting.unwrap_or_else(|| self.start_renewal(subscription))
    }

    fn resubscribe(&mut self, subscription: &str) {
        if let Some(found) = self.subscriptions.get(subscription).cloned() {
            self.subscribe(&found.customer, &found.plan);
        }
    }
}
