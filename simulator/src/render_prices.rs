//! Prices, and the plans that the classic shape still has, as JSON.

use serde_json::{Value, json};

use crate::{Interval, Plan, Simulator};

impl Simulator {
    /// The ids of the price and the product that stand for the plan.
    pub(crate) fn catalog_ids(&self, plan: &Plan) -> (&str, &str) {
        let entry = self.catalog.iter().find(|entry| entry.plan == *plan);
        entry.map_or(("", ""), |entry| (&entry.price, &entry.product))
    }

    pub(crate) fn price(&self, plan: &Plan) -> Value {
        let (price, product) = self.catalog_ids(plan);
        json!({
            "id": price,
            "object": "price",
            "active": true,
            "billing_scheme": "per_unit",
            "currency": self.settings.currency,
            "livemode": false,
            "metadata": {},
            "nickname": plan.name,
            "product": product,
            "recurring": {
                "interval": interval(plan.interval),
                "interval_count": plan.count.max(1),
                "usage_type": "licensed",
            },
            "tax_behavior": "inclusive",
            "type": "recurring",
            "unit_amount": plan.amount_minor,
            "unit_amount_decimal": plan.amount_minor.to_string(),
        })
    }

    pub(crate) fn legacy_plan(&self, plan: &Plan) -> Value {
        let (price, product) = self.catalog_ids(plan);
        json!({
            "id": price,
            "object": "plan",
            "active": true,
            "amount": plan.amount_minor,
            "currency": self.settings.currency,
            "interval": interval(plan.interval),
            "interval_count": plan.count.max(1),
            "livemode": false,
            "nickname": plan.name,
            "product": product,
        })
    }
}

const fn interval(interval: Interval) -> &'static str {
    match interval {
        Interval::Day => "day",
        Interval::Week => "week",
        Interval::Month => "month",
        Interval::Year => "year",
    }
}
