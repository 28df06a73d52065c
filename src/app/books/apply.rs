//! One fact onto its row. The newest snapshot wins, by the object's own version.

use super::super::Failure;
use super::Books;
use super::rows::{billing_reason, dispute, interval_unit, invoice_status, renewal, version_text};
use super::table::Kept;
use crate::store::rows::{Charge, Customer, Invoice, InvoicePayment, Subscription};
use avstem_domain::event::{
    ChargeFact, CustomerFact, Fact, InvoiceFact, InvoiceOfCharge, InvoicePaymentFact, PaymentRef,
    SubscriptionFact,
};
use avstem_domain::id::{
    ChargeId, CustomerId, ProviderChargeId, ProviderPaymentId, SubscriptionId,
};
use avstem_domain::subscription::{SubscriptionEvent, SubscriptionStatus, Transition, on};
use avstem_domain::time::Timestamp;
use avstem_webhooks::Observation;

pub(super) fn payment_key(payment: &PaymentRef) -> &str {
    match payment {
        PaymentRef::Payment(id) => id.as_str(),
        PaymentRef::Charge(id) => id.as_str(),
    }
}

fn micros(time: Option<Timestamp>) -> Option<i64> {
    time.map(Timestamp::as_micros)
}

impl Books<'_> {
    pub(super) fn apply_one(&mut self, observation: &Observation) -> Result<(), Failure> {
        let version = version_text(&observation.version);
        let told_at = observation.version.observed_at;
        match &observation.fact {
            Fact::Customer(fact) => self.apply_customer(fact, version),
            Fact::Subscription(fact) => self.apply_subscription(fact, version, told_at)?,
            Fact::Invoice(fact) => self.apply_invoice(fact, version),
            Fact::InvoicePayment(fact) => self.apply_link(fact),
            Fact::Charge(fact) => self.apply_charge(fact, version),
            Fact::Refund(fact) => self.apply_refund(fact.clone(), version, told_at)?,
            Fact::Dispute(fact) => self.apply_dispute(fact.clone(), told_at, version)?,
            Fact::Payout(fact) => self.apply_payout(fact.clone(), told_at, version),
        }
        Ok(())
    }

    /// Whether the charge that the fact's money is of is here, so that the fact can be applied.
    pub fn knows_charge_of(&self, fact: &Fact) -> bool {
        fact.money_of()
            .is_none_or(|of| self.charge_of(of.charge, of.payment).is_some())
    }

    /// The provider's id of a charge that is here.
    pub(super) fn charge_of(
        &self,
        charge: Option<&ProviderChargeId>,
        payment: Option<&ProviderPaymentId>,
    ) -> Option<String> {
        let by_id = charge
            .map(ToString::to_string)
            .filter(|id| self.charges.contains(id));
        by_id.or_else(|| {
            let payment = payment?.to_string();
            let paid = |charge: &&Charge| {
                charge.payment.as_ref() == Some(&payment) && charge.status == "succeeded"
            };
            self.charges
                .values()
                .find(paid)
                .map(|charge| charge.provider_id.clone())
        })
    }

    /// Our row of a customer; a stub when nothing has introduced it yet.
    fn customer(&mut self, provider_id: &str) -> &mut Kept<Customer> {
        let stub = |provider_id: &String| Customer {
            id: CustomerId::from_uuid(self.clock.uuid()).to_string(),
            connection: self.connection.as_str().to_owned(),
            provider_id: provider_id.clone(),
            email: None,
            name: None,
            locale: None,
            status: "active".to_owned(),
            version: String::new(),
        };
        self.customers.or_put(provider_id.to_owned(), stub)
    }

    fn apply_customer(&mut self, fact: &CustomerFact, version: String) {
        let known = self.customer(fact.id.as_str());
        if known.version >= version {
            return;
        }
        let row = known.change();
        row.email.clone_from(&fact.email);
        row.name.clone_from(&fact.name);
        row.locale.clone_from(&fact.locale);
        row.version = version;
    }

    fn apply_subscription(
        &mut self,
        fact: &SubscriptionFact,
        version: String,
        told_at: Timestamp,
    ) -> Result<(), Failure> {
        let provider_id = fact.id.to_string();
        let renewing_at = self.note_stop(fact, &version, told_at);
        let known = self.subscriptions.get(&provider_id);
        if known.is_some_and(|row| row.version >= version) {
            return Ok(());
        }
        let before = known.map(status_of).transpose()?;
        let status = match on(before, SubscriptionEvent::reporting(fact.status)) {
            Transition::To(status) => status,
            Transition::NoChange => fact.status,
            Transition::Refused(why) => {
                tracing::warn!(subscription.provider_id = %fact.id, "Left subscription {} as it is: {why}", fact.id);
                return Ok(());
            }
        };
        let id = known.map(|row| row.id.clone());
        let seen_renewing_at = known.and_then(|row| row.seen_renewing_at);
        let customer_id = self.customer(fact.customer.as_str()).id.clone();
        let row = Subscription {
            id: id.unwrap_or_else(|| SubscriptionId::from_uuid(self.clock.uuid()).to_string()),
            connection: self.connection.as_str().to_owned(),
            provider_id: provider_id.clone(),
            customer_id,
            status: status.as_str().to_owned(),
            plan: fact.plan.clone(),
            price: fact.price.map(|price| price.minor()),
            currency: fact.price.map(|price| price.currency().code().to_owned()),
            interval_unit: fact
                .interval
                .map(|interval| interval_unit(interval.unit).to_owned()),
            interval_count: fact.interval.map(|interval| i64::from(interval.count)),
            period_start: fact.current_period.map(|period| period.start().as_micros()),
            period_end: fact.current_period.map(|period| period.end().as_micros()),
            trial_end: micros(fact.trial_end),
            renewal: renewal(fact.renewal).to_owned(),
            cancel_at: micros(fact.cancel_at),
            canceled_at: micros(fact.canceled_at),
            ended_at: micros(fact.ended_at),
            created_at: fact.created.as_micros(),
            version,
            seen_renewing_at: seen_renewing_at.max(renewing_at),
        };
        self.subscriptions.put(provider_id, row);
        Ok(())
    }

    fn apply_invoice(&mut self, fact: &InvoiceFact, version: String) {
        let provider_id = fact.id.to_string();
        for subscription in &fact.subscriptions {
            let billed = self.billed.entry(provider_id.clone()).or_default();
            if billed.insert(subscription.to_string()) {
                self.newly_billed
                    .insert((provider_id.clone(), subscription.to_string()));
            }
        }
        let known = self.invoices.get(&provider_id);
        if known.is_some_and(|row| row.version >= version) {
            return;
        }
        let row = Invoice {
            connection: self.connection.as_str().to_owned(),
            provider_id: provider_id.clone(),
            reason: billing_reason(fact.reason).to_owned(),
            status: invoice_status(fact.status).to_owned(),
            period_start: fact.period.map(|period| period.start().as_micros()),
            period_end: fact.period.map(|period| period.end().as_micros()),
            total: fact.total.minor(),
            tax: fact.tax.minor(),
            currency: fact.total.currency().code().to_owned(),
            paid_at: micros(fact.paid_at),
            created_at: fact.created.as_micros(),
            subscriptions: i64::try_from(fact.subscriptions.len()).unwrap_or(i64::MAX),
            version,
        };
        self.invoices.put(provider_id, row);
    }

    fn apply_link(&mut self, fact: &InvoicePaymentFact) {
        let key = (
            payment_key(&fact.payment).to_owned(),
            fact.invoice.to_string(),
        );
        let paid_at = micros(fact.paid_at);
        let known = self.links.get(&key).map(|link| link.paid_at);
        // The earliest known time stays, so that the order of telling does not matter.
        let paid_at = match (known.flatten(), paid_at) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if known == Some(paid_at) {
            return;
        }
        let row = InvoicePayment {
            connection: self.connection.as_str().to_owned(),
            payment: key.0.clone(),
            invoice: key.1.clone(),
            paid_at,
        };
        self.links.put(key, row);
    }

    fn apply_charge(&mut self, fact: &ChargeFact, version: String) {
        let provider_id = fact.id.to_string();
        if let InvoiceOfCharge::Paid(invoice) = &fact.invoice {
            let payment = PaymentRef::Charge(fact.id.clone());
            self.apply_link(&InvoicePaymentFact {
                invoice: invoice.clone(),
                payment,
                paid_at: None,
            });
        }
        let customer_id = fact
            .customer
            .as_ref()
            .map(|id| self.customer(id.as_str()).id.clone());
        let known = self.charges.get(&provider_id);
        if known.is_some_and(|row| row.version >= version) {
            return;
        }
        let new = || Charge {
            id: ChargeId::from_uuid(self.clock.uuid()).to_string(),
            connection: self.connection.as_str().to_owned(),
            provider_id: provider_id.clone(),
            customer_id: None,
            payment: None,
            amount: 0,
            currency: String::new(),
            status: String::new(),
            dispute: String::new(),
            created_at: 0,
            version: String::new(),
            invoice: None,
            refunded: 0,
            refunded_hint: 0,
            decided: 0,
            booked_as: None,
            booked_vat: 0,
            bookings: 0,
            link_due_at: None,
            dispute_hint: String::new(),
            lost: 0,
            recognised: 0,
            earned_through: None,
            unearned: false,
        };
        let mut row = known.cloned().unwrap_or_else(new);
        row.customer_id = customer_id.or(row.customer_id);
        let payment = fact.payment.as_ref().map(ToString::to_string);
        row.payment = payment.or(row.payment);
        row.amount = fact.amount.minor();
        row.currency = fact.amount.currency().code().to_owned();
        row.status = fact.status.as_str().to_owned();
        row.dispute_hint = dispute(fact.dispute).to_owned();
        row.refunded_hint = fact.refunded.minor();
        row.created_at = fact.created.as_micros();
        if row.version.is_empty()
            && fact.invoice == InvoiceOfCharge::Unstated
            && row.payment.is_some()
        {
            let due = self
                .now
                .saturating_add_seconds(super::super::link_charges::ASK_AFTER_S);
            row.link_due_at = Some(due.as_micros());
        }
        row.version = version;
        self.charges.put(provider_id, row);
    }
}

fn status_of(row: &Subscription) -> Result<SubscriptionStatus, Failure> {
    SubscriptionStatus::parse(&row.status)
        .ok_or_else(|| Failure::Unreadable(format!("subscription status {:?}", row.status)))
}
