//! Objects as JSON: what both shapes have in common. What moved between the shapes is in
//! `render_classic` and `render_newer`, what never differed in `render_money`.

use avstem_domain::time::Timestamp;
use serde_json::{Map, Value, json};

use crate::Simulator;
use crate::objects::{
    Charge, ChargeStatus, Customer, IntentStatus, Invoice, Metadata, PaymentIntent, Subscription,
};

/// The shape of one event or answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Classic,
    Newer,
}

impl Form {
    /// The API version that events of this shape name.
    pub(crate) const fn version(self) -> &'static str {
        match self {
            Self::Classic => "2025-02-24.acacia",
            Self::Newer => "2026-10-28.endive",
        }
    }
}

pub(crate) fn seconds(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| at.unix_seconds().into())
}

/// Adds the keys of `more` to an object.
pub(crate) fn extend(object: &mut Value, more: Value) {
    if let (Some(object), Value::Object(more)) = (object.as_object_mut(), more) {
        object.extend(more);
    }
}

/// A list inside an object, whole.
pub(crate) fn list(data: Vec<Value>, url: &str) -> Value {
    json!({
        "object": "list",
        "total_count": data.len(),
        "data": data,
        "has_more": false,
        "url": url,
    })
}

pub(crate) fn metadata(entries: &Metadata) -> Value {
    let entries = entries.iter();
    Value::Object(
        entries
            .map(|(key, value)| (key.clone(), value.clone().into()))
            .collect::<Map<_, _>>(),
    )
}

impl Simulator {
    /// The object with the id, which tells its kind.
    pub(crate) fn render(&self, id: &str, form: Form) -> Option<Value> {
        let (kind, _) = id.split_once('_')?;
        match kind {
            "cus" => Some(self.render_customer(self.customers.get(id)?)),
            "sub" => Some(self.render_subscription(self.subscriptions.get(id)?, form)),
            "in" => Some(self.render_invoice(self.invoices.get(id)?, form)),
            "inpay" => Some(self.render_invoice_payment(self.invoice_payments.get(id)?)),
            "pi" => Some(self.render_intent(self.payment_intents.get(id)?, form)),
            "ch" => Some(self.render_charge(self.charges.get(id)?, form)),
            "re" => Some(self.render_refund(self.refunds.get(id)?)),
            "du" => Some(self.render_dispute(self.disputes.get(id)?)),
            "po" => Some(self.render_payout(self.payouts.get(id)?)),
            "txn" => Some(self.render_balance_transaction(self.balance_transactions.get(id)?)),
            "evt" => serde_json::from_slice(&self.events.get(id)?.body).ok(),
            _ => None,
        }
    }

    fn render_customer(&self, customer: &Customer) -> Value {
        json!({
            "id": customer.id,
            "object": "customer",
            "address": null,
            "balance": 0,
            "created": customer.created.unix_seconds(),
            "currency": self.settings.currency,
            "default_source": null,
            "delinquent": false,
            "description": null,
            "email": customer.email,
            "invoice_settings": {
                "custom_fields": null,
                "default_payment_method": customer.payment_method,
                "footer": null,
            },
            "livemode": false,
            "metadata": {},
            "name": customer.name,
            "phone": null,
            "preferred_locales": [customer.locale],
            "shipping": null,
            "tax_exempt": "none",
            "test_clock": null,
        })
    }

    fn render_subscription(&self, subscription: &Subscription, form: Form) -> Value {
        let mut object = json!({
            "id": subscription.id,
            "object": "subscription",
            "application": null,
            "automatic_tax": { "enabled": false },
            "billing_cycle_anchor": subscription.anchor.unix_seconds(),
            "cancel_at": seconds(subscription.cancel_at),
            "cancel_at_period_end": subscription.cancel_at_period_end,
            "canceled_at": seconds(subscription.canceled_at),
            "cancellation_details": {
                "comment": subscription.cancellation.comment,
                "feedback": subscription.cancellation.feedback,
                "reason": subscription.cancellation.reason,
            },
            "collection_method": "charge_automatically",
            "created": subscription.created.unix_seconds(),
            "currency": self.settings.currency,
            "customer": subscription.customer,
            "days_until_due": null,
            "default_payment_method": null,
            "description": null,
            "discounts": [],
            "ended_at": seconds(subscription.ended_at),
            "latest_invoice": subscription.latest_invoice,
            "livemode": false,
            "metadata": metadata(&subscription.metadata),
            "pause_collection": null,
            "schedule": null,
            "start_date": subscription.created.unix_seconds(),
            "status": subscription.status.as_str(),
            "test_clock": null,
            "trial_end": seconds(subscription.trial.map(|trial| trial.end)),
            "trial_start": seconds(subscription.trial.map(|trial| trial.start)),
        });
        let item = json!({
            "id": subscription.item,
            "object": "subscription_item",
            "created": subscription.created.unix_seconds(),
            "discounts": [],
            "metadata": {},
            "plan": self.legacy_plan(&subscription.plan),
            "price": self.price(&subscription.plan),
            "quantity": 1,
            "subscription": subscription.id,
            "tax_rates": [],
        });
        match form {
            Form::Classic => self.finish_classic_subscription(&mut object, item, subscription),
            Form::Newer => Self::finish_newer_subscription(&mut object, item, subscription),
        }
        object
    }

    fn render_invoice(&self, invoice: &Invoice, form: Form) -> Value {
        let mut object = json!({
            "id": invoice.id,
            "object": "invoice",
            "amount_due": invoice.total_minor.max(0),
            "amount_paid": invoice.paid_minor,
            "amount_remaining": (invoice.total_minor - invoice.paid_minor).max(0),
            "attempt_count": invoice.attempts,
            "attempted": invoice.attempts > 0,
            "auto_advance": invoice.auto_advance,
            "billing_reason": invoice.reason.as_str(),
            "collection_method": "charge_automatically",
            "created": invoice.created.unix_seconds(),
            "currency": self.settings.currency,
            "customer": invoice.customer,
            "discounts": [],
            "due_date": null,
            "ending_balance": if invoice.finalized_at.is_some() { json!(0) } else { Value::Null },
            "livemode": false,
            "metadata": metadata(&invoice.metadata),
            "next_payment_attempt": seconds(invoice.next_attempt),
            "number": invoice.number,
            "period_end": invoice.period.end.unix_seconds(),
            "period_start": invoice.period.start.unix_seconds(),
            "post_payment_credit_notes_amount": 0,
            "pre_payment_credit_notes_amount": 0,
            "starting_balance": 0,
            "status": invoice.status.as_str(),
            "status_transitions": {
                "finalized_at": seconds(invoice.finalized_at),
                "marked_uncollectible_at": seconds(invoice.uncollectible_at),
                "paid_at": seconds(invoice.paid_at),
                "voided_at": seconds(invoice.voided_at),
            },
            "subtotal": invoice.total_minor,
            "subtotal_excluding_tax": invoice.total_minor - invoice.tax_minor,
            "test_clock": null,
            "total": invoice.total_minor,
            "total_excluding_tax": invoice.total_minor - invoice.tax_minor,
        });
        let customer = self.customers.get(&invoice.customer);
        extend(
            &mut object,
            json!({
                "customer_email": customer.map(|found| &found.email),
                "customer_name": customer.map(|found| &found.name),
                "hosted_invoice_url": invoice.finalized_at.map(|_| {
                    format!("https://invoice.stripe.example/i/{}", invoice.id)
                }),
            }),
        );
        match form {
            Form::Classic => self.finish_classic_invoice(&mut object, invoice),
            Form::Newer => self.finish_newer_invoice(&mut object, invoice),
        }
        object
    }

    fn render_intent(&self, intent: &PaymentIntent, form: Form) -> Value {
        let received = match intent.status {
            IntentStatus::Succeeded => intent.amount_minor,
            IntentStatus::RequiresConfirmation
            | IntentStatus::RequiresPaymentMethod
            | IntentStatus::Processing
            | IntentStatus::Canceled => 0,
        };
        let error = (intent.status == IntentStatus::RequiresPaymentMethod).then(|| {
            json!({
                "charge": intent.latest_charge,
                "code": "card_declined",
                "decline_code": "generic_decline",
                "message": "The card was declined.",
                "type": "card_error",
            })
        });
        let mut object = json!({
            "id": intent.id,
            "object": "payment_intent",
            "amount": intent.amount_minor,
            "amount_received": received,
            "capture_method": "automatic",
            "created": intent.created.unix_seconds(),
            "currency": self.settings.currency,
            "customer": intent.customer,
            "last_payment_error": error,
            "latest_charge": intent.latest_charge,
            "livemode": false,
            "metadata": {},
            "payment_method": self.customers.get(&intent.customer).map(|found| &found.payment_method),
            "status": intent.status.as_str(),
        });
        if form == Form::Classic {
            extend(&mut object, json!({ "invoice": intent.invoice }));
        }
        object
    }

    fn render_charge(&self, charge: &Charge, form: Form) -> Value {
        let customer = self.customers.get(&charge.customer);
        let taken = charge.status == ChargeStatus::Succeeded;
        let failed = charge.status == ChargeStatus::Failed;
        let mut object = json!({
            "id": charge.id,
            "object": "charge",
            "amount": charge.amount_minor,
            "amount_captured": if failed { 0 } else { charge.amount_minor },
            "amount_refunded": charge.refunded_minor,
            "balance_transaction": charge.balance_transaction,
            "billing_details": {
                "address": null,
                "email": customer.map(|found| &found.email),
                "name": customer.map(|found| &found.name),
                "phone": null,
            },
            "captured": !failed,
            "created": charge.created.unix_seconds(),
            "currency": self.settings.currency,
            "customer": charge.customer,
            "disputed": charge.disputed,
            "failure_code": failed.then_some("card_declined"),
            "failure_message": failed.then_some("The card was declined."),
            "livemode": false,
            "metadata": {},
            "paid": taken,
            "payment_intent": charge.payment_intent,
            "payment_method": customer.map(|found| &found.payment_method),
            "payment_method_details": {
                "card": {
                    "brand": "visa",
                    "country": "SE",
                    "exp_month": 12,
                    "exp_year": 2030,
                    "last4": "4242",
                },
                "type": "card",
            },
            "receipt_url": taken.then(|| format!("https://pay.stripe.example/receipts/{}", charge.id)),
            "refunded": charge.refunded_minor >= charge.amount_minor,
            "status": charge.status.as_str(),
        });
        if form == Form::Classic {
            extend(&mut object, json!({ "invoice": charge.invoice }));
        }
        object
    }
}
