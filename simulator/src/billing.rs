//! Invoices: made, finalised, collected, voided.

use crate::Simulator;
use crate::objects::{
    BillingReason, IntentStatus, Invoice, InvoicePaymentStatus, InvoiceStatus, Line, LineKind,
    Metadata, Span, Subscription, SubscriptionStatus,
};
use crate::timeline::Due;
use crate::{Interval, Plan};

/// Days from each failed attempt to the next; after the last dunning ends. Stripe
/// lets each account choose; three retries within about two weeks are typical.
const RETRY_DAYS: [i64; 3] = [3, 5, 7];

impl Simulator {
    /// Changes a subscription and tells of it with `customer.subscription.updated`.
    pub(crate) fn change_subscription(&mut self, id: &str, change: impl FnOnce(&mut Subscription)) {
        let before = self.snapshot(id);
        if let Some(subscription) = self.subscriptions.get_mut(id) {
            change(subscription);
            self.emit_changed("customer.subscription.updated", id, &before);
        }
    }

    /// Changes an invoice and tells of it with an event of `kind`.
    pub(crate) fn change_invoice(
        &mut self,
        kind: &'static str,
        id: &str,
        change: impl FnOnce(&mut Invoice),
    ) {
        let before = self.snapshot(id);
        if let Some(invoice) = self.invoices.get_mut(id) {
            change(invoice);
            if kind == "invoice.updated" {
                self.emit_changed(kind, id, &before);
            } else {
                self.emit(kind, id);
            }
        }
    }

    pub(crate) fn cycle_line(&mut self, plan: &Plan, period: Span) -> Line {
        let unit = match plan.interval {
            Interval::Day => "day",
            Interval::Week => "week",
            Interval::Month => "month",
            Interval::Year => "year",
        };
        Line {
            id: self.new_id("il"),
            kind: LineKind::Cycle,
            plan: plan.clone(),
            description: format!("1 × {} (per {unit})", plan.name),
            amount_minor: plan.amount_minor,
            tax_minor: plan.tax_minor,
            period,
        }
    }

    /// A draft that nothing finalises yet. `period` is the invoice's own, looking back.
    pub(crate) fn draft_invoice(
        &mut self,
        subscription: &Subscription,
        reason: BillingReason,
        lines: Vec<Line>,
        period: Span,
    ) -> String {
        let id = self.new_id("in");
        let total = lines.iter().map(|line| line.amount_minor).sum::<i64>();
        let tax = lines.iter().map(|line| line.tax_minor).sum::<i64>();
        self.invoices.add(Invoice {
            id: id.clone(),
            number: None,
            customer: subscription.customer.clone(),
            subscription: subscription.id.clone(),
            subscription_item: subscription.item.clone(),
            status: InvoiceStatus::Draft,
            reason,
            lines,
            total_minor: total,
            tax_minor: tax,
            paid_minor: 0,
            period,
            auto_advance: subscription.status != SubscriptionStatus::Unpaid,
            attempts: 0,
            next_attempt: None,
            finalized_at: None,
            paid_at: None,
            voided_at: None,
            uncollectible_at: None,
            payments: Vec::new(),
            metadata: Metadata::new(),
            created: self.second(),
        });
        self.emit("invoice.created", &id);
        id
    }

    /// Draft → open; an invoice of nothing is paid at once.
    pub(crate) fn finalize(&mut self, id: &str) {
        let finalized = self.second();
        let numbered = self
            .invoices
            .oldest_first()
            .filter(|invoice| invoice.number.is_some());
        let number = format!("SIM-{:04}", numbered.count() + 1);
        self.change_invoice("invoice.finalized", id, |invoice| {
            invoice.status = InvoiceStatus::Open;
            invoice.number = Some(number);
            invoice.finalized_at = Some(finalized);
        });
        if self
            .invoices
            .get(id)
            .is_some_and(|invoice| invoice.total_minor <= 0)
        {
            self.mark_paid(id);
        }
    }

    /// The invoice is paid in full: says so and lifts the subscription out of arrears.
    pub(crate) fn mark_paid(&mut self, id: &str) {
        let paid = self.second();
        let Some(invoice) = self.invoices.get_mut(id) else {
            return;
        };
        invoice.status = InvoiceStatus::Paid;
        invoice.paid_at = Some(paid);
        invoice.next_attempt = None;
        invoice.auto_advance = false;
        let subscription = invoice.subscription.clone();
        let payments = invoice.payments.clone();
        self.emit("invoice.paid", id);
        self.emit("invoice.payment_succeeded", id);
        if self.tells_of_invoice_payments() {
            for payment in payments {
                self.emit("invoice_payment.paid", &payment);
            }
        }
        let status = self
            .subscriptions
            .get(&subscription)
            .map(|found| found.status);
        match status {
            Some(
                SubscriptionStatus::Incomplete
                | SubscriptionStatus::PastDue
                | SubscriptionStatus::Unpaid,
            ) => {
                self.change_subscription(&subscription, |found| {
                    found.status = SubscriptionStatus::Active;
                });
            }
            Some(SubscriptionStatus::Paused) => self.end_pause_with(&subscription, id),
            Some(
                SubscriptionStatus::IncompleteExpired
                | SubscriptionStatus::Trialing
                | SubscriptionStatus::Active
                | SubscriptionStatus::Canceled,
            )
            | None => {}
        }
    }

    /// A payment of the invoice was declined: dunning goes on, or ends as the account is set.
    pub(crate) fn payment_failed(&mut self, id: &str) {
        let now = self.second();
        let Some(invoice) = self.invoices.get_mut(id) else {
            return;
        };
        let retry = usize::try_from(invoice.attempts)
            .ok()
            .and_then(|attempt| RETRY_DAYS.get(attempt))
            .map(|days| now.saturating_add_seconds(days * 86_400));
        let next = if invoice.auto_advance { retry } else { None };
        invoice.attempts += 1;
        invoice.next_attempt = next;
        let subscription = invoice.subscription.clone();
        self.emit("invoice.payment_failed", id);
        let status = self
            .subscriptions
            .get(&subscription)
            .map(|found| found.status);
        match (status, next) {
            (Some(SubscriptionStatus::Active | SubscriptionStatus::Trialing), _) => {
                self.change_subscription(&subscription, |found| {
                    found.status = SubscriptionStatus::PastDue;
                });
            }
            (Some(SubscriptionStatus::PastDue), None) => {
                self.give_up_collecting(&subscription, id);
            }
            (
                Some(
                    SubscriptionStatus::PastDue
                    | SubscriptionStatus::Incomplete
                    | SubscriptionStatus::IncompleteExpired
                    | SubscriptionStatus::Unpaid
                    | SubscriptionStatus::Paused
                    | SubscriptionStatus::Canceled,
                )
                | None,
                _,
            ) => {}
        }
        if let Some(at) = next {
            let invoice = id.to_owned();
            self.timeline.plan(at, Due::Retries { invoice });
        }
    }

    /// Open or uncollectible → void. Its payments are cancelled.
    pub(crate) fn void_invoice(&mut self, id: &str) {
        let now = self.second();
        let payments = self.invoices.get(id).map(|found| found.payments.clone());
        for payment in payments.unwrap_or_default() {
            let Some(payment) = self.invoice_payments.get_mut(&payment) else {
                continue;
            };
            if payment.status == InvoicePaymentStatus::Open {
                payment.status = InvoicePaymentStatus::Canceled;
                payment.canceled_at = Some(now);
                let intent = payment.payment_intent.clone();
                if let Some(found) = self.payment_intents.get_mut(&intent) {
                    found.status = IntentStatus::Canceled;
                }
                self.emit("payment_intent.canceled", &intent);
            }
        }
        self.change_invoice("invoice.voided", id, |invoice| {
            invoice.status = InvoiceStatus::Void;
            invoice.voided_at = Some(now);
            invoice.next_attempt = None;
            invoice.auto_advance = false;
        });
    }

    /// Ends the subscription now. Finalised invoices are no longer collected by themselves; a draft
    /// stays a draft, and unless someone holds it, it is still finalised and collected.
    pub(crate) fn end_subscription(&mut self, id: &str, reason: &'static str) {
        let now = self.second();
        let Some(subscription) = self.subscriptions.get_mut(id) else {
            return;
        };
        subscription.status = SubscriptionStatus::Canceled;
        subscription.canceled_at.get_or_insert(now);
        subscription.ended_at = Some(now);
        subscription.cancellation.reason.get_or_insert(reason);
        self.emit("customer.subscription.deleted", id);
        let open: Vec<String> = self
            .invoices
            .oldest_first()
            .filter(|invoice| invoice.subscription == id && invoice.status == InvoiceStatus::Open)
            .filter(|invoice| invoice.auto_advance)
            .map(|invoice| invoice.id.clone())
            .collect();
        for invoice in open {
            self.change_invoice("invoice.updated", &invoice, |invoice| {
                invoice.auto_advance = false;
                invoice.next_attempt = None;
            });
        }
    }
}
