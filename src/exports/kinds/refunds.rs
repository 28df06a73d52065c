//! Refunds of ours and of others, in the order of our ids. Days are those the refunds were made on.

use super::{Kind, PAGE, Scope, Sink};
use crate::exports::ExportError;
use crate::exports::table::{Cells, Flag, Value, columns, id, optional_id, optional_text, text};
use crate::store::ReadTx;
use crate::store::rows::{Charge, Refund};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const KIND: Kind = Kind {
    name: "refunds",
    columns: columns![
        refund_id: Id,
        refund_provider_id: Id,
        connection: Text,
        charge_id: Id,
        charge_provider_id: Id,
        cancellation_id: Id,
        state: Text,
        origin: Text,
        amount: Amount,
        currency: Text,
        policy_conform: Flag,
        code: Text,
        reason: Text,
        failure_reason: Text,
        attention: Text,
        created_at: Time,
    ],
    rows,
};

fn rows(tx: &mut ReadTx<'_>, scope: &Scope<'_>, sink: &mut Sink<'_>) -> Result<(), ExportError> {
    let mut after = String::new();
    loop {
        let page = tx.refunds_after(scope.from, scope.to, &after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after.clone_from(&last.id);
        let ids: BTreeSet<String> = page.iter().map(|refund| refund.charge_id.clone()).collect();
        let charges = tx.charges_by_ids(&ids.into_iter().collect::<Vec<_>>())?;
        let charges: BTreeMap<String, Charge> = charges
            .into_iter()
            .map(|row| (row.id.clone(), row))
            .collect();
        for refund in &page {
            sink(&row(refund, charges.get(&refund.charge_id))?)?;
        }
    }
}

fn row(refund: &Refund, charge: Option<&Charge>) -> Result<[Value; 16], ExportError> {
    let cells = Cells(&refund.id);
    let charge = charge
        .ok_or_else(|| ExportError::unreadable("the charge", &refund.id, "it does not exist"))?;
    Ok([
        id(&refund.id),
        optional_id(refund.provider_id.as_deref()),
        text(&refund.connection),
        id(&refund.charge_id),
        id(&charge.provider_id),
        optional_id(refund.cancellation_id.as_deref()),
        text(&refund.state),
        text(&refund.origin),
        cells.amount(refund.amount, &refund.currency)?,
        text(&refund.currency),
        refund
            .policy_conform
            .map_or(Value::Null, |conform| Value::Flag(Flag::from(conform))),
        optional_text(refund.code.as_deref()),
        optional_text(refund.reason.as_deref()),
        optional_text(refund.failure_reason.as_deref()),
        optional_text(refund.attention.as_deref()),
        cells.time(refund.created_at)?,
    ])
}
