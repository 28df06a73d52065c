//! What providers sent to the bank, in the order of their ids. Days are those the payouts were made on.

use super::{Kind, PAGE, Scope, Sink};
use crate::exports::ExportError;
use crate::exports::table::{Cells, Flag, Value, columns, id, optional_id, optional_text, text};
use crate::store::ReadTx;
use crate::store::rows::Payout;

pub(super) const KIND: Kind = Kind {
    name: "payouts",
    columns: columns![
        payout_provider_id: Id,
        connection: Text,
        status: Text,
        amount: Amount,
        currency: Text,
        arrival_date: Date,
        automatic: Flag,
        reconciliation: Text,
        trace_id: Id,
        statement_descriptor: Text,
        failure_code: Text,
        original_provider_id: Id,
        reversed_by_provider_id: Id,
        created_at: Time,
    ],
    rows,
};

fn rows(tx: &mut ReadTx<'_>, scope: &Scope<'_>, sink: &mut Sink<'_>) -> Result<(), ExportError> {
    let mut after = (String::new(), String::new());
    loop {
        let page = tx.payouts_after(scope.from, scope.to, (&after.0, &after.1), PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = (last.connection.clone(), last.provider_id.clone());
        for payout in &page {
            sink(&row(payout)?)?;
        }
    }
}

fn row(payout: &Payout) -> Result<[Value; 14], ExportError> {
    let cells = Cells(&payout.provider_id);
    Ok([
        id(&payout.provider_id),
        text(&payout.connection),
        text(&payout.status),
        cells.amount(payout.amount, &payout.currency)?,
        text(&payout.currency),
        Value::Date(payout.arrival_date.clone()),
        Value::Flag(Flag::from(payout.automatic)),
        text(&payout.reconciliation),
        optional_id(payout.trace_id.as_deref()),
        optional_text(payout.statement_descriptor.as_deref()),
        optional_text(payout.failure_code.as_deref()),
        optional_id(payout.original.as_deref()),
        optional_id(payout.reversed_by.as_deref()),
        cells.time(payout.created_at)?,
    ])
}
