//! What only the classic shape has (API versions before 2025-03-31).

use serde_json::{Value, json};

use crate::Simulator;
use crate::objects::{Invoice, InvoiceStatus, Line, LineKind, Subscription};
use crate::render::{extend, list};

impl Simulator {
    /// Periods stand on the subscription; there is one discount and one plan.
    pub(crate) fn finish_classic_subscription(
        &self,
        object: &mut Value,
        item: Value,
        subscription: &Subscription,
    ) {
        let url = format!("/v1/subscription_items?subscription={}", subscription.id);
        extend(
            object,
            json!({
                "current_period_end": subscription.period.end.unix_seconds(),
                "current_period_start": subscription.period.start.unix_seconds(),
                "discount": null,
                "items": list(vec![item], &url),
                "plan": self.legacy_plan(&subscription.plan),
                "quantity": 1,
            }),
        );
    }

    /// The invoice names its subscription, its one payment and its tax directly.
    pub(crate) fn finish_classic_invoice(&self, object: &mut Value, invoice: &Invoice) {
        let payment = invoice.payments.first();
        let payment = payment.and_then(|id| self.invoice_payments.get(id));
        let intent = payment.map(|payment| payment.payment_intent.clone());
        let charge = intent.as_ref().and_then(|id| self.payment_intents.get(id));
        let charge = charge.and_then(|intent| intent.latest_charge.clone());
        let lines = invoice.lines.iter();
        let lines = lines.map(|line| self.classic_line(line, invoice)).collect();
        let url = format!("/v1/invoices/{}/lines", invoice.id);
        extend(
            object,
            json!({
                "charge": charge,
                "discount": null,
                "lines": list(lines, &url),
                "paid": invoice.status == InvoiceStatus::Paid,
                "paid_out_of_band": false,
                "payment_intent": intent,
                "quote": null,
                "subscription": invoice.subscription,
                "subscription_details": { "metadata": {} },
                "tax": invoice.tax_minor,
                "total_tax_amounts": tax_amounts(invoice.total_minor, invoice.tax_minor),
            }),
        );
    }

    fn classic_line(&self, line: &Line, invoice: &Invoice) -> Value {
        let (proration, kind) = match line.kind {
            LineKind::Cycle => (false, "subscription"),
            LineKind::Proration => (true, "invoiceitem"),
        };
        json!({
            "id": line.id,
            "object": "line_item",
            "amount": line.amount_minor,
            "amount_excluding_tax": line.amount_minor - line.tax_minor,
            "currency": self.settings.currency,
            "description": line.description,
            "discount_amounts": [],
            "discountable": !proration,
            "discounts": [],
            "invoice": invoice.id,
            "livemode": false,
            "metadata": {},
            "period": {
                "end": line.period.end.unix_seconds(),
                "start": line.period.start.unix_seconds(),
            },
            "plan": self.legacy_plan(&line.plan),
            "price": self.price(&line.plan),
            "proration": proration,
            "proration_details": { "credited_items": null },
            "quantity": 1,
            "subscription": invoice.subscription,
            "subscription_item": invoice.subscription_item,
            "tax_amounts": tax_amounts(line.amount_minor, line.tax_minor),
            "tax_rates": [],
            "type": kind,
        })
    }
}

fn tax_amounts(gross: i64, tax: i64) -> Value {
    if tax == 0 {
        return json!([]);
    }
    json!([{
        "amount": tax,
        "inclusive": true,
        "tax_rate": "txr_standard",
        "taxability_reason": null,
        "taxable_amount": gross - tax,
    }])
}
