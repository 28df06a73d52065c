//! The ledger: one row a posting, in the order of writing. Days are those the journals are booked on.

use super::{Kind, PAGE, Scope, Sink};
use crate::exports::ExportError;
use crate::exports::ledger;
use crate::exports::table::{Cells, Value, columns, id, text};
use crate::store::ReadTx;
use crate::store::rows::{Journal, Posting};

pub(super) const KIND: Kind = Kind {
    name: "journal",
    columns: columns![
        journal_id: Id,
        booked_on: Date,
        occurred_at: Time,
        account: Text,
        amount: Amount,
        currency: Text,
        event: Text,
        reference: Id,
        description: Text,
    ],
    rows,
};

fn rows(tx: &mut ReadTx<'_>, scope: &Scope<'_>, sink: &mut Sink<'_>) -> Result<(), ExportError> {
    let from = scope.days.from.map(|day| day.to_string());
    let to = scope.days.to.map(|day| day.to_string());
    let mut position = i64::MIN;
    loop {
        let page = tx.journals_between(from.as_deref(), to.as_deref(), position, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        position = last.position;
        let mut postings = ledger::postings(tx, &page)?;
        for journal in &page {
            let lines = postings.remove(&journal.id).unwrap_or_default();
            write(journal, &lines, sink)?;
        }
    }
}

fn write(journal: &Journal, lines: &[Posting], sink: &mut Sink<'_>) -> Result<(), ExportError> {
    ledger::require_balance(&journal.id, lines)?;
    let cells = Cells(&journal.id);
    for line in lines {
        sink(&[
            id(&journal.id),
            Value::Date(journal.booked_on.clone()),
            cells.time(journal.occurred_at)?,
            text(&line.account),
            cells.amount(line.amount, &line.currency)?,
            text(&line.currency),
            text(&journal.event),
            id(&journal.reference),
            text(&journal.description),
        ])?;
    }
    Ok(())
}
