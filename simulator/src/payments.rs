//! Payments: what the customer's payment method does when an invoice or a single charge is collected.

use crate::balance::Change;
use crate::objects::{
    Charge, ChargeStatus, IntentStatus, InvoicePayment, InvoicePaymentStatus, InvoiceStatus,
    PaymentIntent, PaymentRank,
};
use crate::objects_money::BalanceKind;
use crate::oracle::MovementKind;
use crate::{PaymentBehavior, Simulator};

impl Simulator {
    pub(crate) fn behavior_of(&self, customer: &str) -> PaymentBehavior {
        let found = self.customers.get(customer);
        found.map_or(PaymentBehavior::Succeeds, |customer| customer.behavior)
    }

    /// Tries to collect an open invoice as the customer's payment method behaves now.
    pub(crate) fn collect(&mut self, invoice: &str) {
        let Some(found) = self.invoices.get(invoice) else {
            return;
        };
        if found.status != InvoiceStatus::Open {
            return;
        }
        let behavior = self.behavior_of(&found.customer);
        match behavior {
            PaymentBehavior::Succeeds | PaymentBehavior::SplitsInTwo => {
                self.collect_successfully(invoice, behavior);
            }
            PaymentBehavior::Fails => {
                for payment in self.open_payments(invoice, behavior) {
                    self.decline(&payment.payment_intent);
                    self.payment_failed(invoice);
                }
            }
            PaymentBehavior::StaysProcessing => self.collect_slowly(invoice),
        }
    }

    /// Begins to collect an open invoice as from a bank account.
    pub(crate) fn collect_slowly(&mut self, invoice: &str) {
        let behavior = PaymentBehavior::StaysProcessing;
        for payment in self.open_payments(invoice, behavior) {
            self.begin_processing(&payment.payment_intent);
            self.start_after_first_payment(invoice);
        }
    }

    /// The customer's money arrives, whatever the payment method does otherwise.
    pub(crate) fn collect_successfully(&mut self, invoice: &str, behavior: PaymentBehavior) {
        for payment in self.open_payments(invoice, behavior) {
            self.pay_invoice_with(&payment);
        }
    }

    /// The unpaid payments of an open invoice, made when there are none yet.
    fn open_payments(&mut self, invoice: &str, behavior: PaymentBehavior) -> Vec<InvoicePayment> {
        let Some(found) = self.invoices.get(invoice).cloned() else {
            return Vec::new();
        };
        if found.payments.is_empty() {
            let due = found.total_minor - found.paid_minor;
            match behavior {
                PaymentBehavior::SplitsInTwo if due >= 2 => {
                    let first = due / 2;
                    self.new_invoice_payment(&found.customer, invoice, first, PaymentRank::Default);
                    let rest = due - first;
                    let rank = PaymentRank::Additional;
                    self.new_invoice_payment(&found.customer, invoice, rest, rank);
                }
                PaymentBehavior::SplitsInTwo
                | PaymentBehavior::Succeeds
                | PaymentBehavior::Fails
                | PaymentBehavior::StaysProcessing => {
                    self.new_invoice_payment(&found.customer, invoice, due, PaymentRank::Default);
                }
            }
        }
        let payments = self
            .invoices
            .get(invoice)
            .map(|found| found.payments.clone());
        payments
            .unwrap_or_default()
            .iter()
            .filter_map(|id| self.invoice_payments.get(id))
            .filter(|payment| payment.status == InvoicePaymentStatus::Open)
            .cloned()
            .collect()
    }

    fn new_invoice_payment(
        &mut self,
        customer: &str,
        invoice: &str,
        amount: i64,
        rank: PaymentRank,
    ) {
        let intent = self.new_intent(customer, amount, Some(invoice.to_owned()));
        let id = self.new_id("inpay");
        self.invoice_payments.add(InvoicePayment {
            id: id.clone(),
            invoice: invoice.to_owned(),
            payment_intent: intent,
            amount_minor: amount,
            rank,
            status: InvoicePaymentStatus::Open,
            paid_at: None,
            canceled_at: None,
            created: self.second(),
        });
        if let Some(found) = self.invoices.get_mut(invoice) {
            found.payments.push(id);
        }
    }

    pub(crate) fn new_intent(
        &mut self,
        customer: &str,
        amount: i64,
        invoice: Option<String>,
    ) -> String {
        let id = self.new_id("pi");
        self.payment_intents.add(PaymentIntent {
            id: id.clone(),
            customer: customer.to_owned(),
            amount_minor: amount,
            status: IntentStatus::RequiresConfirmation,
            invoice,
            latest_charge: None,
            created: self.second(),
        });
        self.emit("payment_intent.created", &id);
        id
    }

    fn pay_invoice_with(&mut self, payment: &InvoicePayment) {
        self.succeed(&payment.payment_intent);
        let paid = self.second();
        if let Some(found) = self.invoice_payments.get_mut(&payment.id) {
            found.status = InvoicePaymentStatus::Paid;
            found.paid_at = Some(paid);
        }
        let Some(invoice) = self.invoices.get_mut(&payment.invoice) else {
            return;
        };
        invoice.paid_minor += payment.amount_minor;
        if invoice.paid_minor >= invoice.total_minor {
            invoice.attempts += 1;
            self.mark_paid(&payment.invoice);
        }
    }

    /// Takes the money: a pending charge of the payment succeeds, or a new one is made.
    pub(crate) fn succeed(&mut self, intent: &str) -> Option<String> {
        let pending = self.pending_charge(intent);
        let charge = match pending {
            Some(charge) => charge,
            None => self.new_charge(intent)?,
        };
        let amount_minor = self.charges.get(&charge)?.amount_minor;
        let fee_minor = self.charge_fee.of(amount_minor);
        let transaction = self.change_balance(Change {
            kind: BalanceKind::Charge,
            amount_minor,
            fee_minor,
            source: charge.clone(),
            description: "Subscription payment".to_owned(),
        });
        self.note_movement(MovementKind::Charge, &charge, &charge, amount_minor);
        self.note_movement(MovementKind::ChargeFee, &charge, &charge, fee_minor);
        let found = self.charges.get_mut(&charge)?;
        found.status = ChargeStatus::Succeeded;
        found.balance_transaction = Some(transaction);
        self.payment_intents.get_mut(intent)?.status = IntentStatus::Succeeded;
        self.emit("payment_intent.succeeded", intent);
        self.emit("charge.succeeded", &charge);
        Some(charge)
    }

    pub(crate) fn decline(&mut self, intent: &str) -> Option<String> {
        let charge = self.new_charge(intent)?;
        self.charges.get_mut(&charge)?.status = ChargeStatus::Failed;
        self.payment_intents.get_mut(intent)?.status = IntentStatus::RequiresPaymentMethod;
        self.emit("charge.failed", &charge);
        self.emit("payment_intent.payment_failed", intent);
        Some(charge)
    }

    pub(crate) fn begin_processing(&mut self, intent: &str) -> Option<String> {
        if let Some(charge) = self.pending_charge(intent) {
            return Some(charge);
        }
        let charge = self.new_charge(intent)?;
        self.payment_intents.get_mut(intent)?.status = IntentStatus::Processing;
        self.emit("payment_intent.processing", intent);
        self.emit("charge.pending", &charge);
        Some(charge)
    }

    fn pending_charge(&self, intent: &str) -> Option<String> {
        let latest = self.payment_intents.get(intent)?.latest_charge.clone()?;
        let charge = self.charges.get(&latest)?;
        (charge.status == ChargeStatus::Pending).then_some(latest)
    }

    fn new_charge(&mut self, intent: &str) -> Option<String> {
        let id = self.new_id("ch");
        let created = self.second();
        let found = self.payment_intents.get_mut(intent)?;
        found.latest_charge = Some(id.clone());
        let charge = Charge {
            id: id.clone(),
            payment_intent: intent.to_owned(),
            invoice: found.invoice.clone(),
            customer: found.customer.clone(),
            amount_minor: found.amount_minor,
            refunded_minor: 0,
            status: ChargeStatus::Pending,
            disputed: false,
            balance_transaction: None,
            created,
        };
        self.charges.add(charge);
        Some(id)
    }
}
