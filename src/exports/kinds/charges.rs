//! Money taken from customers, in the order of our ids. Days are those the charges were made on.

use super::{ChargeDescription, Kind, Scope, Sink};
use crate::exports::ExportError;
use crate::exports::table::{
    Cells, Flag, Value, columns, id, optional_id, optional_text, period, text,
};
use crate::store::ReadTx;
use crate::store::rows::{Charge, Customer};
use std::collections::{BTreeMap, BTreeSet};

/// What a charge was for takes all the charges of its subscription, so pages are small.
const PAGE: i64 = 500;

pub(super) const KIND: Kind = Kind {
    name: "charges",
    columns: columns![
        charge_id: Id,
        charge_provider_id: Id,
        connection: Text,
        customer_id: Id,
        customer_provider_id: Id,
        subscription_id: Id,
        subscription_provider_id: Id,
        invoice_provider_id: Id,
        kind: Text,
        status: Text,
        amount: Amount,
        refunded: Amount,
        currency: Text,
        disputed: Flag,
        created_at: Time,
        charged_at: Time,
        period_start: Time,
        period_end: Time,
    ],
    rows,
};

fn rows(tx: &mut ReadTx<'_>, scope: &Scope<'_>, sink: &mut Sink<'_>) -> Result<(), ExportError> {
    let mut after = String::new();
    loop {
        let page = tx.charges_after(scope.from, scope.to, &after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after.clone_from(&last.id);
        let descriptions = (scope.answers.charges)(tx, &page)?;
        if descriptions.len() != page.len() {
            return Err(ExportError::unreadable(
                "the descriptions",
                &after,
                "some are missing",
            ));
        }
        let ids: BTreeSet<String> = page
            .iter()
            .filter_map(|charge| charge.customer_id.clone())
            .collect();
        let customers = tx.customers_by_ids(&ids.into_iter().collect::<Vec<_>>())?;
        let customers: BTreeMap<String, Customer> = customers
            .into_iter()
            .map(|row| (row.id.clone(), row))
            .collect();
        for (charge, description) in page.iter().zip(&descriptions) {
            let customer = charge.customer_id.as_ref().and_then(|id| customers.get(id));
            sink(&row(charge, description, customer)?)?;
        }
    }
}

fn row(
    charge: &Charge,
    description: &ChargeDescription,
    customer: Option<&Customer>,
) -> Result<[Value; 18], ExportError> {
    let cells = Cells(&charge.id);
    let subscription = description.subscription.as_ref();
    let [period_start, period_end] = period(description.period);
    Ok([
        id(&charge.id),
        id(&charge.provider_id),
        text(&charge.connection),
        optional_id(charge.customer_id.as_deref()),
        optional_id(customer.map(|row| row.provider_id.as_str())),
        optional_id(subscription.map(|(ours, _)| ours.as_str())),
        optional_id(subscription.map(|(_, provider)| provider.as_str())),
        optional_id(charge.invoice.as_deref()),
        optional_text(description.kind.map(|kind| kind.as_str())),
        text(&charge.status),
        cells.amount(charge.amount, &charge.currency)?,
        cells.amount(description.refunded, &charge.currency)?,
        text(&charge.currency),
        Value::Flag(Flag::from(charge.dispute != "undisputed")),
        cells.time(charge.created_at)?,
        description.paid_at.map_or(Value::Null, Value::Time),
        period_start,
        period_end,
    ])
}
