//! Breaks as they stand, in the order of their ids. Days are those of the money that they are about; a
//! break has the age that it had on the day that the last event about it counted to.

use super::{Kind, PAGE, Scope, Sink};
use crate::exports::ExportError;
use crate::exports::table::{Cells, Value, columns, id, optional_id, optional_text, text};
use crate::store::ReadTx;
use crate::store::rows::{Break, BreakEvent};
use avstem_domain::breaks::BreakKind;
use chrono::NaiveDate;

pub(super) const KIND: Kind = Kind {
    name: "breaks",
    columns: columns![
        break_id: Id,
        kind: Text,
        state: Text,
        connection: Text,
        reference: Id,
        expected: Amount,
        found: Amount,
        difference: Amount,
        currency: Text,
        found_currency: Text,
        opened_on: Date,
        age_days: Integer,
        owner: Text,
        note: Text,
        resolution: Text,
        changed_by: Text,
        changed_at: Time,
        suggestion: Text,
    ],
    rows,
};

fn rows(tx: &mut ReadTx<'_>, scope: &Scope<'_>, sink: &mut Sink<'_>) -> Result<(), ExportError> {
    // Open breaks go on ageing to the day that was reconciled through last.
    let through = tx.last_reconciliation()?.map(|last| last.through);
    let [from, to] = [scope.days.from, scope.days.to].map(|day| day.map(|day| day.to_string()));
    let days = (from.as_deref(), to.as_deref());
    let mut after = String::new();
    loop {
        let page = tx.breaks_after(None, None, days, &after, PAGE)?;
        let Some((last, _)) = page.last() else {
            return Ok(());
        };
        after.clone_from(&last.id);
        for (row, event) in &page {
            sink(&cells(row, event, through.as_deref())?)?;
        }
    }
}

fn cells(
    row: &Break,
    last: &BreakEvent,
    through: Option<&str>,
) -> Result<[Value; 18], ExportError> {
    let cells = Cells(&row.id);
    let one_currency = row.currency == row.found_currency;
    let difference = one_currency
        .then(|| row.found.checked_sub(row.expected))
        .flatten()
        .map(|minor| cells.amount(minor, &row.currency));
    let kind = BreakKind::parse(&row.kind)
        .ok_or_else(|| ExportError::unreadable("the kind", &row.id, &row.kind))?;
    Ok([
        id(&row.id),
        text(kind.as_str()),
        text(&last.state),
        optional_text(row.connection.as_deref()),
        id(&row.reference),
        cells.amount(row.expected, &row.currency)?,
        cells.amount(row.found, &row.found_currency)?,
        difference.transpose()?.unwrap_or(Value::Null),
        text(&row.currency),
        text(&row.found_currency),
        Value::Date(row.opened_on.clone()),
        Value::Integer(age(row, last, through)?),
        optional_text(last.owner.as_deref()),
        optional_text(last.note.as_deref()),
        optional_text(last.resolution.as_deref()),
        optional_id(Some(&last.done_by)),
        cells.time(last.done_at)?,
        text(kind.suggestion()),
    ])
}

/// Days from the money to the day that counts; a break that is over has stopped ageing.
fn age(row: &Break, last: &BreakEvent, through: Option<&str>) -> Result<i64, ExportError> {
    let until = match (last.state.as_str(), through) {
        ("open", Some(through)) => through.max(last.through.as_str()),
        _ => last.through.as_str(),
    };
    let day = |text: &str| -> Result<NaiveDate, ExportError> {
        let day = text.parse();
        day.map_err(|error| ExportError::unreadable("a day", &row.id, error))
    };
    let days = day(until)?.signed_duration_since(day(&row.opened_on)?);
    Ok(days.num_days().max(0))
}
