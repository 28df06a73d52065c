//! What only the newer shape has (API versions from 2025-03-31 on).

use serde_json::{Value, json};

use crate::Simulator;
use crate::objects::{Invoice, InvoicePayment, Line, LineKind, PaymentRank, Subscription};
use crate::render::{extend, list, seconds};

impl Simulator {
    /// Periods stand on the items only.
    pub(crate) fn finish_newer_subscription(
        object: &mut Value,
        mut item: Value,
        subscription: &Subscription,
    ) {
        extend(
            &mut item,
            json!({
                "current_period_end": subscription.period.end.unix_seconds(),
                "current_period_start": subscription.period.start.unix_seconds(),
            }),
        );
        let url = format!("/v1/subscription_items?subscription={}", subscription.id);
        extend(
            object,
            json!({
                "billing_mode": { "type": "flexible" },
                "items": list(vec![item], &url),
            }),
        );
    }

    /// The invoice names its subscription under `parent`; payments come only when expanded.
    pub(crate) fn finish_newer_invoice(&self, object: &mut Value, invoice: &Invoice) {
        let lines = invoice.lines.iter();
        let lines = lines.map(|line| self.newer_line(line, invoice)).collect();
        let url = format!("/v1/invoices/{}/lines", invoice.id);
        extend(
            object,
            json!({
                "amount_overpaid": 0,
                "lines": list(lines, &url),
                "parent": {
                    "quote_details": null,
                    "subscription_details": {
                        "metadata": {},
                        "subscription": invoice.subscription,
                    },
                    "type": "subscription_details",
                },
                "total_taxes": taxes(invoice.total_minor, invoice.tax_minor),
            }),
        );
    }

    fn newer_line(&self, line: &Line, invoice: &Invoice) -> Value {
        let (price, product) = self.catalog_ids(&line.plan);
        json!({
            "id": line.id,
            "object": "line_item",
            "amount": line.amount_minor,
            "currency": self.settings.currency,
            "description": line.description,
            "discount_amounts": [],
            "discountable": line.kind == LineKind::Cycle,
            "discounts": [],
            "invoice": invoice.id,
            "livemode": false,
            "metadata": {},
            "parent": line_parent(line, invoice),
            "period": {
                "end": line.period.end.unix_seconds(),
                "start": line.period.start.unix_seconds(),
            },
            "pricing": {
                "price_details": { "price": price, "product": product },
                "type": "price_details",
                "unit_amount_decimal": line.amount_minor.to_string(),
            },
            "quantity": 1,
            "subscription": invoice.subscription,
            "taxes": taxes(line.amount_minor, line.tax_minor),
        })
    }

    /// What `payments` of an invoice holds once expanded.
    pub(crate) fn payments_of(&self, invoice: &str) -> Option<Value> {
        let found = self.invoices.get(invoice)?;
        let payments = found.payments.iter();
        let payments = payments.filter_map(|id| self.invoice_payments.get(id));
        let payments = payments.map(|payment| self.render_invoice_payment(payment));
        Some(list(
            payments.collect(),
            &format!("/v1/invoice_payments?invoice={invoice}"),
        ))
    }

    pub(crate) fn render_invoice_payment(&self, payment: &InvoicePayment) -> Value {
        json!({
            "id": payment.id,
            "object": "invoice_payment",
            "amount_paid": payment.paid_at.map(|_| payment.amount_minor),
            "amount_requested": payment.amount_minor,
            "created": payment.created.unix_seconds(),
            "currency": self.settings.currency,
            "invoice": payment.invoice,
            "is_default": payment.rank == PaymentRank::Default,
            "livemode": false,
            "payment": {
                "payment_intent": payment.payment_intent,
                "type": "payment_intent",
            },
            "status": payment.status.as_str(),
            "status_transitions": {
                "canceled_at": seconds(payment.canceled_at),
                "paid_at": seconds(payment.paid_at),
            },
        })
    }
}

fn line_parent(line: &Line, invoice: &Invoice) -> Value {
    match line.kind {
        LineKind::Cycle => json!({
            "invoice_item_details": null,
            "subscription_item_details": {
                "invoice_item": null,
                "proration": false,
                "proration_details": { "credited_items": null },
                "subscription": invoice.subscription,
                "subscription_item": invoice.subscription_item,
            },
            "type": "subscription_item_details",
        }),
        LineKind::Proration => json!({
            "invoice_item_details": null,
            "subscription_item_details": {
                "invoice_item": line.id.replacen("il_", "ii_", 1),
                "proration": true,
                "proration_details": { "credited_items": null },
                "subscription": invoice.subscription,
                "subscription_item": invoice.subscription_item,
            },
            "type": "subscription_item_details",
        }),
    }
}

fn taxes(gross: i64, tax: i64) -> Value {
    if tax == 0 {
        return json!([]);
    }
    json!([{
        "amount": tax,
        "tax_behavior": "inclusive",
        "tax_rate_details": { "tax_rate": "txr_standard" },
        "taxability_reason": "standard_rated",
        "taxable_amount": gross - tax,
        "type": "tax_rate_details",
    }])
}
