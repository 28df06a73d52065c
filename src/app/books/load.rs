//! Loads every row that a batch of facts can touch, in a fixed number of steps.

use super::super::Failure;
use super::Books;
use super::apply::payment_key;
use crate::store::WriteTx;
use crate::store::rows::{Charge, InvoicePayment, ProviderLine};
use avstem_domain::event::{Fact, InvoiceOfCharge, PaymentRef};
use avstem_webhooks::Observation;
use std::collections::BTreeSet;

/// The provider's ids that facts name.
#[derive(Default)]
pub(super) struct Named<'a> {
    customers: BTreeSet<&'a str>,
    subscriptions: BTreeSet<&'a str>,
    invoices: BTreeSet<&'a str>,
    /// Payments, and charges that paid an invoice directly.
    payments: BTreeSet<&'a str>,
    charges: BTreeSet<&'a str>,
    refunds: BTreeSet<&'a str>,
    our_refunds: BTreeSet<String>,
    disputes: BTreeSet<&'a str>,
    payouts: BTreeSet<&'a str>,
    /// Lines of reports.
    lines: BTreeSet<&'a str>,
}

impl<'a> Named<'a> {
    /// An object of which a report does not say what it is.
    fn name_object(&mut self, id: &'a str) {
        for kind in [
            &mut self.charges,
            &mut self.refunds,
            &mut self.disputes,
            &mut self.payouts,
        ] {
            kind.insert(id);
        }
    }

    pub(super) fn charges(charges: impl Iterator<Item = &'a Charge>) -> Self {
        let mut named = Self::default();
        for charge in charges {
            named.charges.insert(&charge.provider_id);
            named.payments.extend(payment_keys(charge));
            named.invoices.extend(charge.invoice.as_deref());
        }
        named
    }

    pub(super) fn of(observations: impl IntoIterator<Item = &'a Observation>) -> Self {
        let mut named = Self::default();
        for observation in observations {
            named.add(&observation.fact);
        }
        named
    }

    fn add(&mut self, fact: &'a Fact) {
        if let Some(of) = fact.money_of() {
            self.charges.extend(of.charge.map(|id| id.as_str()));
            self.payments.extend(of.payment.map(|id| id.as_str()));
        }
        match fact {
            Fact::Customer(customer) => {
                self.customers.insert(customer.id.as_str());
            }
            Fact::Subscription(subscription) => {
                self.customers.insert(subscription.customer.as_str());
                self.subscriptions.insert(subscription.id.as_str());
            }
            Fact::Invoice(invoice) => {
                self.invoices.insert(invoice.id.as_str());
            }
            Fact::InvoicePayment(link) => {
                self.invoices.insert(link.invoice.as_str());
                self.payments.insert(payment_key(&link.payment));
                if let PaymentRef::Charge(charge) = &link.payment {
                    self.charges.insert(charge.as_str());
                }
            }
            Fact::Charge(charge) => {
                self.customers
                    .extend(charge.customer.as_ref().map(|id| id.as_str()));
                self.payments
                    .extend(charge.payment.as_ref().map(|id| id.as_str()));
                self.payments.insert(charge.id.as_str());
                self.charges.insert(charge.id.as_str());
                if let InvoiceOfCharge::Paid(invoice) = &charge.invoice {
                    self.invoices.insert(invoice.as_str());
                }
            }
            Fact::Refund(refund) => {
                self.refunds.insert(refund.id.as_str());
                self.our_refunds
                    .extend(refund.ours.map(|id| id.to_string()));
            }
            Fact::Dispute(dispute) => {
                self.disputes.insert(dispute.id.as_str());
            }
            Fact::Payout(payout) => {
                self.payouts.insert(payout.id.as_str());
            }
        }
    }
}

impl Books<'_> {
    pub(super) fn load_named(
        &mut self,
        tx: &mut WriteTx<'_>,
        named: &Named<'_>,
    ) -> Result<(), Failure> {
        let connection = self.connection.as_str().to_owned();
        for row in tx.customers_by_provider_ids(&connection, &list(&named.customers))? {
            self.customers.keep(row.provider_id.clone(), row);
        }
        for row in tx.subscriptions_by_provider_ids(&connection, &list(&named.subscriptions))? {
            self.subscriptions.keep(row.provider_id.clone(), row);
        }
        self.keep_charges(tx.charges_by_provider_ids(&connection, &list(&named.charges))?);
        // What pays an invoice may be a charge, which is nobody's payment.
        let payments = named.payments.difference(&named.charges);
        let payments: Vec<String> = payments.copied().map(str::to_owned).collect();
        self.keep_charges(tx.charges_by_payments(&connection, &payments)?);
        self.load_invoices(tx, named)?;
        self.load_refunds(tx, named)?;
        self.load_disputes(tx, named)?;
        for row in tx.payouts_by_provider_ids(&connection, &list(&named.payouts))? {
            self.payouts.keep(row.provider_id.clone(), row);
        }
        self.load_effects(tx, named)
    }

    /// Charges → links → invoices → their other links → the charges that share an invoice.
    fn load_invoices(&mut self, tx: &mut WriteTx<'_>, named: &Named<'_>) -> Result<(), Failure> {
        let connection = self.connection.as_str().to_owned();
        let mut payments = named.payments.clone();
        payments.extend(self.charges.values().flat_map(payment_keys));
        let payments = list(&payments);
        self.keep_links(tx.invoice_payments_by_payments(&connection, &payments)?);
        let mut invoices = named.invoices.clone();
        invoices.extend(self.links.keys().map(|(_, invoice)| invoice.as_str()));
        invoices.extend(
            self.charges
                .values()
                .filter_map(|charge| charge.invoice.as_deref()),
        );
        let invoices = list(&invoices);
        self.keep_links(tx.invoice_payments_by_invoices(&connection, &invoices)?);
        for row in tx.invoices_by_provider_ids(&connection, &invoices)? {
            self.invoices.keep(row.provider_id.clone(), row);
        }
        for row in tx.invoice_subscriptions_by_invoices(&connection, &invoices)? {
            self.billed
                .entry(row.invoice)
                .or_default()
                .insert(row.subscription);
        }
        // Those that are named were asked for before.
        let siblings = |asked: &BTreeSet<&str>| -> Vec<String> {
            let siblings = self.links.keys().map(|(payment, _)| payment);
            siblings
                .filter(|id| !asked.contains(id.as_str()))
                .cloned()
                .collect()
        };
        let (by_payment, by_id) = (siblings(&named.payments), siblings(&named.charges));
        self.keep_charges(tx.charges_by_payments(&connection, &by_payment)?);
        self.keep_charges(tx.charges_by_provider_ids(&connection, &by_id)?);
        Ok(())
    }

    fn load_refunds(&mut self, tx: &mut WriteTx<'_>, named: &Named<'_>) -> Result<(), Failure> {
        let connection = self.connection.as_str().to_owned();
        let charges: Vec<String> = self
            .charges
            .values()
            .map(|charge| charge.id.clone())
            .collect();
        let provider_ids = list(&named.refunds);
        let ours: Vec<String> = named.our_refunds.iter().cloned().collect();
        let mut found = tx.refunds_by_charges(&charges)?;
        found.extend(tx.refunds_by_provider_ids(&connection, &provider_ids)?);
        found.extend(tx.refunds_by_ids(&ours)?);
        for row in found {
            self.refunds.keep(row.id.clone(), row);
        }
        Ok(())
    }

    /// Disputes of every charge at hand, for they count together, and what they moved.
    fn load_disputes(&mut self, tx: &mut WriteTx<'_>, named: &Named<'_>) -> Result<(), Failure> {
        let connection = self.connection.as_str().to_owned();
        let charges: Vec<String> = self.charges.values().map(|row| row.id.clone()).collect();
        let provider_ids = list(&named.disputes);
        let mut found = tx.disputes_by_charges(&charges)?;
        found.extend(tx.disputes_by_provider_ids(&connection, &provider_ids)?);
        for row in found {
            self.disputes.keep(row.provider_id.clone(), row);
        }
        let ids: Vec<String> = self.disputes.values().map(|row| row.id.clone()).collect();
        for row in tx.movements_of_disputes(&ids)? {
            self.movements.keep(row.provider_id.clone(), row);
        }
        Ok(())
    }

    /// Of everything at hand, and of everything named: a report may have booked what no row tells of.
    fn load_effects(&mut self, tx: &mut WriteTx<'_>, named: &Named<'_>) -> Result<(), Failure> {
        let mut objects: BTreeSet<&str> = self.charges.keys().map(String::as_str).collect();
        for refund in self.refunds.values() {
            objects.insert(&refund.id);
            objects.extend(refund.provider_id.as_deref());
        }
        objects.extend(self.disputes.keys().map(String::as_str));
        objects.extend(self.payouts.keys().map(String::as_str));
        objects.extend(&named.charges);
        objects.extend(&named.refunds);
        objects.extend(&named.disputes);
        objects.extend(&named.payouts);
        objects.extend(&named.lines);
        let objects = list(&objects);
        self.load_effects_of(tx, &objects)
    }

    fn load_effects_of(&mut self, tx: &mut WriteTx<'_>, objects: &[String]) -> Result<(), Failure> {
        for effect in tx.effects_of(self.connection.as_str(), objects)? {
            self.booked.insert((effect.object, effect.effect));
        }
        Ok(())
    }

    /// Lines of reports with what they are about, and all other lines about the same.
    pub(super) fn load_lines(
        &mut self,
        tx: &mut WriteTx<'_>,
        lines: Vec<ProviderLine>,
    ) -> Result<(), Failure> {
        let connection = self.connection.as_str().to_owned();
        let mut named = Named::default();
        for line in &lines {
            named.lines.insert(&line.id);
            if let Some(source) = &line.source {
                named.name_object(source);
            }
        }
        let sources = list(&named.charges);
        self.load_named(tx, &named)?;
        let alike = tx.lines_by_sources(&connection, &sources)?;
        for line in alike.into_iter().chain(lines) {
            self.lines.keep(line.id.clone(), line);
        }
        for position in tx.payout_positions_by_ids(&connection, &sources)? {
            self.positions.keep(position.provider_id.clone(), position);
        }
        Ok(())
    }

    /// Lines whose money is in suspense, and whose object has just come or changed.
    pub(super) fn load_suspended(&mut self, tx: &mut WriteTx<'_>) -> Result<(), Failure> {
        let connection = self.connection.as_str().to_owned();
        let refunds = self.refunds.changed();
        let refunds = refunds.filter_map(|row| row.provider_id.clone());
        let charges = self.charges.changed().map(|row| row.provider_id.clone());
        let sources: BTreeSet<String> = charges.chain(refunds).collect();
        if sources.is_empty() {
            return Ok(());
        }
        let sources: Vec<String> = sources.into_iter().collect();
        let mut held = tx.sources_in_suspense(&connection, &sources)?;
        held.dedup();
        if held.is_empty() {
            return Ok(());
        }
        self.load_effects_of(tx, &held)?;
        for line in tx.lines_by_sources(&connection, &held)? {
            self.lines.keep(line.id.clone(), line);
        }
        Ok(())
    }

    fn keep_charges(&mut self, rows: Vec<Charge>) {
        for row in rows {
            self.charges.keep(row.provider_id.clone(), row);
        }
    }

    fn keep_links(&mut self, rows: Vec<InvoicePayment>) {
        for row in rows {
            let key = (row.payment.clone(), row.invoice.clone());
            self.links.keep(key, row);
        }
    }
}

/// What an invoice's link may call a charge: its payment, or itself.
pub(super) fn payment_keys(charge: &Charge) -> impl Iterator<Item = &str> {
    let payment = charge.payment.as_deref();
    payment.into_iter().chain([charge.provider_id.as_str()])
}

fn list(ids: &BTreeSet<&str>) -> Vec<String> {
    ids.iter().copied().map(str::to_owned).collect()
}
