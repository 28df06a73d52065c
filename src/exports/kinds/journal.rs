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
    // In the order of writing, days are mixed: what was booked on them lies somewhere between these.
    let Some((first, last)) = tx.positions_between(from.as_deref(), to.as_deref())? else {
        return Ok(());
    };
    let asked = |journal: &Journal| {
        let day = &journal.booked_on;
        from.as_ref().is_none_or(|from| day >= from) && to.as_ref().is_none_or(|to| day <= to)
    };
    let mut position = first.saturating_sub(1);
    while position < last {
        let mut page = tx.journals_after(position, PAGE)?;
        let Some(end) = page.last() else { break };
        position = end.position;
        page.retain(asked);
        let postings = tx.postings_of_page(&page)?;
        for (journal, lines) in page.iter().zip(postings) {
            write(journal, lines, sink)?;
        }
    }
    Ok(())
}

fn write(journal: &Journal, lines: Vec<Posting>, sink: &mut Sink<'_>) -> Result<(), ExportError> {
    ledger::require_balance(&journal.id, &lines)?;
    let cells = Cells(&journal.id);
    let mut row = [
        id(&journal.id),
        Value::Date(journal.booked_on.clone()),
        cells.time(journal.occurred_at)?,
        Value::Null,
        Value::Null,
        Value::Null,
        text(&journal.event),
        id(&journal.reference),
        text(&journal.description),
    ];
    // Only these three are the posting's own.
    for line in lines {
        let amount = cells.amount(line.amount, &line.currency)?;
        let [_, _, _, of_account, of_amount, of_currency, ..] = &mut row;
        *of_account = Value::Text(line.account);
        *of_amount = amount;
        *of_currency = Value::Text(line.currency);
        sink(&row)?;
    }
    Ok(())
}
