//! Subscriptions as they stand, in the order of our ids. Days are those the subscriptions began on.

use super::{Kind, PAGE, Scope, Sink};
use crate::exports::ExportError;
use crate::exports::table::{Cells, Flag, Value, columns, id, optional_id, optional_text, text};
use crate::store::ReadTx;
use crate::store::rows::{Customer, Subscription};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const KIND: Kind = Kind {
    name: "subscriptions",
    columns: columns![
        subscription_id: Id,
        subscription_provider_id: Id,
        connection: Text,
        customer_id: Id,
        customer_provider_id: Id,
        status: Text,
        plan: Text,
        price: Amount,
        currency: Text,
        interval_unit: Text,
        interval_count: Integer,
        period_start: Time,
        period_end: Time,
        trial_end: Time,
        cancel_at_period_end: Flag,
        cancel_at: Time,
        canceled_at: Time,
        ended_at: Time,
        created_at: Time,
    ],
    rows,
};

fn rows(tx: &mut ReadTx<'_>, scope: &Scope<'_>, sink: &mut Sink<'_>) -> Result<(), ExportError> {
    let mut after = String::new();
    loop {
        let page = tx.subscriptions_after(scope.from, scope.to, &after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after.clone_from(&last.id);
        let ids: BTreeSet<String> = page.iter().map(|row| row.customer_id.clone()).collect();
        let customers = tx.customers_by_ids(&ids.into_iter().collect::<Vec<_>>())?;
        let customers: BTreeMap<String, Customer> = customers
            .into_iter()
            .map(|row| (row.id.clone(), row))
            .collect();
        for subscription in &page {
            sink(&row(
                subscription,
                customers.get(&subscription.customer_id),
            )?)?;
        }
    }
}

fn row(row: &Subscription, customer: Option<&Customer>) -> Result<[Value; 19], ExportError> {
    let cells = Cells(&row.id);
    let price = match (row.price, row.currency.as_deref()) {
        (Some(minor), Some(currency)) => cells.amount(minor, currency)?,
        (None, _) | (_, None) => Value::Null,
    };
    Ok([
        id(&row.id),
        id(&row.provider_id),
        text(&row.connection),
        id(&row.customer_id),
        optional_id(customer.map(|customer| customer.provider_id.as_str())),
        text(&row.status),
        optional_text(row.plan.as_deref()),
        price,
        optional_text(row.currency.as_deref()),
        optional_text(row.interval_unit.as_deref()),
        row.interval_count.map_or(Value::Null, Value::Integer),
        cells.optional_time(row.period_start)?,
        cells.optional_time(row.period_end)?,
        cells.optional_time(row.trial_end)?,
        Value::Flag(Flag::from(row.renewal == "stops")),
        cells.optional_time(row.cancel_at)?,
        cells.optional_time(row.canceled_at)?,
        cells.optional_time(row.ended_at)?,
        cells.time(row.created_at)?,
    ])
}
