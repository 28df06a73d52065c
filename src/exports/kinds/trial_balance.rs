//! What every account stands at, at the end of the last day asked for. A balance has no first day, so
//! `from` changes nothing.

use super::{Kind, Scope, Sink};
use crate::exports::ExportError;
use crate::exports::table::{Value, columns, text};
use crate::store::ReadTx;

pub(super) const KIND: Kind = Kind {
    name: "trial-balance",
    columns: columns![account: Text, currency: Text, balance: Amount],
    rows,
};

fn rows(tx: &mut ReadTx<'_>, scope: &Scope<'_>, sink: &mut Sink<'_>) -> Result<(), ExportError> {
    for row in (scope.answers.balances)(tx, scope.days.to)? {
        sink(&[
            text(&row.account),
            text(row.balance.currency().code()),
            Value::Amount(row.balance),
        ])?;
    }
    Ok(())
}
