//! What customers, and staff in the provider's dashboard, do. Each call emits the events Stripe would.

use crate::calendar::boundary;
use crate::objects::{
    BillingReason, CancellationDetails, Customer, InvoiceStatus, Line, LineKind, Metadata, Span,
    Subscription, SubscriptionStatus,
};
use crate::refunds::RefundAsked;
use crate::timeline::Due;
use crate::{PaymentBehavior, Plan, Simulator};

/// From finalising an invoice to the first attempt to collect it, where that is not done at once.
const COLLECTED_AFTER_S: i64 = 3_600;

impl Simulator {
    /// Returns the customer's id. `locale` is an IETF tag such as `sv`.
    pub fn create_customer(&mut self, email: &str, name: &str, locale: &str) -> String {
        let id = self.new_id("cus");
        let customer = Customer {
            id: id.clone(),
            email: email.to_owned(),
            name: name.to_owned(),
            locale: locale.to_owned(),
            payment_method: self.new_id("pm"),
            behavior: PaymentBehavior::Succeeds,
            created: self.second(),
        };
        self.customers.add(customer);
        self.emit("customer.created", &id);
        id
    }

    /// Starts a subscription and collects its first invoice at once; a trial's is of nothing. Returns
    /// the subscription's id.
    pub fn subscribe(&mut self, customer: &str, plan: &Plan) -> String {
        let id = self.new_id("sub");
        let now = self.second();
        let trial = (plan.trial_days > 0).then(|| Span {
            start: now,
            end: now.saturating_add_seconds(i64::from(plan.trial_days) * 86_400),
        });
        let first_end = boundary(now, plan.interval, plan.count.max(1), 1);
        let subscription = Subscription {
            id: id.clone(),
            item: self.new_id("si"),
            customer: customer.to_owned(),
            plan: plan.clone(),
            status: trial.map_or(SubscriptionStatus::Incomplete, |_| {
                SubscriptionStatus::Trialing
            }),
            anchor: trial.map_or(now, |trial| trial.end),
            cycles: trial.map_or(1, |_| 0),
            period: trial.unwrap_or(Span {
                start: now,
                end: first_end,
            }),
            trial,
            cancel_at_period_end: false,
            cancel_at: None,
            canceled_at: None,
            ended_at: None,
            cancellation: CancellationDetails::default(),
            latest_invoice: None,
            metadata: Metadata::new(),
            created: now,
        };
        self.add_to_catalog(plan);
        self.subscriptions.add(subscription.clone());
        self.emit("customer.subscription.created", &id);
        self.bill_start(&subscription);
        self.plan_period_end(&id);
        self.plan_incomplete_expiry(&id);
        id
    }

    fn bill_start(&mut self, subscription: &Subscription) {
        let mut line = self.cycle_line(&subscription.plan, subscription.period);
        if subscription.trial.is_some() {
            line.description = format!("Trial of {}", subscription.plan.name);
            line.amount_minor = 0;
            line.tax_minor = 0;
        }
        let moment = Span {
            start: self.second(),
            end: self.second(),
        };
        let reason = BillingReason::Create;
        let invoice = self.draft_invoice(subscription, reason, vec![line], moment);
        if let Some(found) = self.subscriptions.get_mut(&subscription.id) {
            found.latest_invoice = Some(invoice.clone());
        }
        self.finalize(&invoice);
        self.collect(&invoice);
    }

    /// A bank debit on its way is enough for Stripe to start the subscription.
    pub(crate) fn start_after_first_payment(&mut self, invoice: &str) {
        let Some(found) = self.invoices.get(invoice) else {
            return;
        };
        let subscription = found.subscription.clone();
        let waits = self
            .subscriptions
            .get(&subscription)
            .is_some_and(|found| found.status == SubscriptionStatus::Incomplete);
        if waits {
            self.change_subscription(&subscription, |found| {
                found.status = SubscriptionStatus::Active;
            });
        }
    }

    /// How the customer's payment method behaves from now on.
    pub fn set_payment_behavior(&mut self, customer: &str, behavior: PaymentBehavior) {
        if let Some(found) = self.customers.get_mut(customer) {
            found.behavior = behavior;
        }
    }

    /// Charges the customer without an invoice, as the payment method behaves. Returns the charge's id.
    pub fn one_off_charge(&mut self, customer: &str, amount_minor: i64) -> String {
        let intent = self.new_intent(customer, amount_minor, None);
        let charge = match self.behavior_of(customer) {
            PaymentBehavior::Succeeds | PaymentBehavior::SplitsInTwo => self.succeed(&intent),
            PaymentBehavior::Fails => self.decline(&intent),
            PaymentBehavior::StaysProcessing => self.begin_processing(&intent),
        };
        charge.unwrap_or_default()
    }

    /// Begins the next cycle now, early if need be: the draft invoice exists and the period has moved
    /// to the next one. Returns the invoice's id; empty when the subscription is over, paused or
    /// unknown.
    pub fn start_renewal(&mut self, subscription: &str) -> String {
        let found = self.subscriptions.get(subscription);
        let renews = found.is_some_and(|found| {
            !found.status.is_over() && found.status != SubscriptionStatus::Paused
        });
        if !renews {
            return String::new();
        }
        self.renew(subscription).unwrap_or_default()
    }

    /// Finalises a draft that the provider collects in an hour. False unless it is a draft.
    pub fn open_renewal(&mut self, invoice: &str) -> bool {
        let found = self.invoices.get(invoice);
        if found.is_none_or(|found| found.status != InvoiceStatus::Draft) {
            return false;
        }
        let attempt = self.second().saturating_add_seconds(COLLECTED_AFTER_S);
        if let Some(found) = self.invoices.get_mut(invoice) {
            found.next_attempt = Some(attempt);
        }
        self.finalize(invoice);
        let invoice = invoice.to_owned();
        self.timeline.plan(attempt, Due::Retries { invoice });
        true
    }

    /// Finalises the invoice if it is a draft and begins to collect it as from a bank account, whatever
    /// the payment method does otherwise: pending until [`Self::pay_renewal`]. False unless it was a draft
    /// or open.
    pub fn begin_paying_renewal(&mut self, invoice: &str) -> bool {
        let status = self.invoices.get(invoice).map(|found| found.status);
        match status {
            Some(InvoiceStatus::Draft) => self.finalize(invoice),
            Some(InvoiceStatus::Open) => {}
            Some(InvoiceStatus::Paid | InvoiceStatus::Uncollectible | InvoiceStatus::Void)
            | None => return false,
        }
        self.collect_slowly(invoice);
        true
    }

    /// Finalises the invoice if it is a draft and takes the money now, even when automatic collection
    /// is off (a customer can pay on the invoice's page). Returns the charge's id, the first of two.
    /// Nothing when the invoice is paid, void or unknown, or the payment method fails. A bank debit
    /// begins with the first call and succeeds with the second.
    pub fn pay_renewal(&mut self, invoice: &str) -> Option<String> {
        if self.invoices.get(invoice)?.status == InvoiceStatus::Draft {
            self.finalize(invoice);
        }
        let found = self.invoices.get(invoice)?;
        if found.status != InvoiceStatus::Open {
            return None;
        }
        let behavior = self.behavior_of(&found.customer);
        let begun = !found.payments.is_empty();
        match behavior {
            PaymentBehavior::StaysProcessing if begun => {
                self.collect_successfully(invoice, behavior);
            }
            PaymentBehavior::StaysProcessing
            | PaymentBehavior::Succeeds
            | PaymentBehavior::Fails
            | PaymentBehavior::SplitsInTwo => self.collect(invoice),
        }
        self.first_charge_of_paid(invoice)
    }

    fn first_charge_of_paid(&self, invoice: &str) -> Option<String> {
        let found = self.invoices.get(invoice)?;
        if found.status != InvoiceStatus::Paid {
            return None;
        }
        let payment = self.invoice_payments.get(found.payments.first()?)?;
        let intent = self.payment_intents.get(&payment.payment_intent)?;
        intent.latest_charge.clone()
    }

    /// Changes the plan now. With the same interval the rest of the period is prorated; with another a
    /// new period begins. The difference is invoiced and collected at once (nothing is collected when
    /// it is not positive). Returns the invoice's id; empty when the subscription is over or unknown.
    pub fn upgrade(&mut self, subscription: &str, plan: &Plan) -> String {
        let Some(old) = self.subscriptions.get(subscription).cloned() else {
            return String::new();
        };
        if old.status.is_over() {
            return String::new();
        }
        self.add_to_catalog(plan);
        let now = self.second();
        let keeps_cycle = (old.plan.interval, old.plan.count) == (plan.interval, plan.count);
        let period = if keeps_cycle {
            old.period
        } else {
            let end = boundary(now, plan.interval, plan.count.max(1), 1);
            Span { start: now, end }
        };
        let rest = Span {
            start: now.max(old.period.start),
            end: old.period.end,
        };
        let credit = self.proration_line(&old.plan, old.period, rest, Direction::Credit);
        let due = if keeps_cycle {
            self.proration_line(plan, period, rest, Direction::Debit)
        } else {
            self.cycle_line(plan, period)
        };
        let reason = BillingReason::Update;
        let moment = Span {
            start: now,
            end: now,
        };
        self.change_subscription(subscription, |found| {
            found.plan = plan.clone();
            found.period = period;
            if !keeps_cycle {
                found.anchor = now;
                found.cycles = 1;
            }
        });
        let invoice = self.draft_invoice(&old, reason, vec![credit, due], moment);
        if let Some(found) = self.subscriptions.get_mut(subscription) {
            found.latest_invoice = Some(invoice.clone());
        }
        self.finalize(&invoice);
        self.collect(&invoice);
        self.plan_period_end(subscription);
        invoice
    }

    fn proration_line(&mut self, plan: &Plan, of: Span, rest: Span, way: Direction) -> Line {
        let (sign, verb) = match way {
            Direction::Credit => (-1, "Unused time on"),
            Direction::Debit => (1, "Remaining time on"),
        };
        Line {
            id: self.new_id("il"),
            kind: LineKind::Proration,
            plan: plan.clone(),
            description: format!("{verb} {}", plan.name),
            amount_minor: sign * share(plan.amount_minor, rest, of),
            tax_minor: sign * share(plan.tax_minor, rest, of),
            period: rest,
        }
    }

    /// Staff refunds in the provider's dashboard, all that is left when no amount is given. Returns
    /// the refund's id; nothing when the provider refuses.
    pub fn dashboard_refund(&mut self, charge: &str, amount_minor: Option<i64>) -> Option<String> {
        let asked = RefundAsked {
            charge: charge.to_owned(),
            amount_minor,
            reason: Some("requested_by_customer".to_owned()),
            metadata: Metadata::new(),
        };
        self.refund(asked).ok()
    }

    /// Staff refunds the charge in `count` parts of the same size. Returns the ids of those that the
    /// provider makes, oldest first.
    pub fn dashboard_refund_in_parts(
        &mut self,
        charge: &str,
        count: usize,
        each_minor: i64,
    ) -> Vec<String> {
        (0..count)
            .filter_map(|_| self.dashboard_refund(charge, Some(each_minor)))
            .collect()
    }

    fn add_to_catalog(&mut self, plan: &Plan) {
        if self.catalog.iter().any(|entry| entry.plan == *plan) {
            return;
        }
        let entry = crate::CatalogEntry {
            plan: plan.clone(),
            price: self.new_id("price"),
            product: self.new_id("prod"),
        };
        self.catalog.push(entry);
    }
}

#[derive(Debug, Clone, Copy)]
enum Direction {
    Credit,
    Debit,
}

/// The part of `amount` that falls on `rest` of the period `of`, rounded to the nearest minor unit.
fn share(amount: i64, rest: Span, of: Span) -> i64 {
    let seconds = |span: Span| i128::from(span.end.micros_since(span.start).max(0) / 1_000_000);
    let whole = seconds(of).max(1);
    let part = (i128::from(amount) * seconds(rest) * 2 + whole) / (whole * 2);
    i64::try_from(part).unwrap_or(amount)
}
