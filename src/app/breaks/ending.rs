//! Breaks that end because what was missing came.

use super::super::Failure;
use super::super::books::{JournalRows, money};
use super::super::statements::rows::connection;
use super::raise::by_subject;
use super::{Desk, holding, next, resolution, resolve};
use crate::clock::Clock;
use crate::store::WriteTx;
use crate::store::rows::{Break, BreakEvent};
use avstem_domain::breaks::{Holding, Resolution};
use avstem_domain::id::JournalId;
use avstem_domain::ledger::posting::{self, Occasion};

/// The objects of some lines came, or the lines of some objects: their money is not in suspense any more.
/// Open breaks about them end; what was written off of them is taken back.
pub fn arrived(
    tx: &mut WriteTx<'_>,
    clock: &Clock,
    zone: chrono_tz::Tz,
    subjects: Vec<String>,
) -> Result<(), Failure> {
    if subjects.is_empty() {
        return Ok(());
    }
    let desk = Desk { clock, zone };
    for rows in by_subject(tx, subjects.into_iter())?.into_values() {
        for (row, last) in rows {
            end(tx, &desk, &row, &last)?;
        }
    }
    Ok(())
}

fn end(
    tx: &mut WriteTx<'_>,
    desk: &Desk<'_>,
    row: &Break,
    last: &BreakEvent,
) -> Result<(), Failure> {
    let written_off = resolution(last) == Some(Resolution::WriteOff) && last.journal_id.is_some();
    let from_suspense = holding(row) == Some(Holding::Suspense);
    let ended = BreakEvent {
        action: "resolved".to_owned(),
        state: "resolved".to_owned(),
        note: Some("what was missing came".to_owned()),
        ..next(last, desk.clock, &desk.today())
    };
    if last.state == "open" {
        tx.add_break_events(&[ended])?;
    } else if written_off && from_suspense {
        let journal_id = resolve::take_back(tx, desk, row, last, ended.seq)?;
        tx.add_break_events(&[BreakEvent {
            note: Some("what was missing came; the write-off is taken back".to_owned()),
            journal_id,
            ..ended
        }])?;
    }
    Ok(())
}

/// Takes back what was set against money that our records had and no report.
pub(super) fn clear_missing(
    tx: &mut WriteTx<'_>,
    desk: &Desk<'_>,
    row: &Break,
) -> Result<(), Failure> {
    let Some(name) = row.connection.as_deref() else {
        return Ok(());
    };
    let booked = tx.effects_of(name, std::slice::from_ref(&row.reference))?;
    let times = |effect: &str| {
        booked
            .iter()
            .filter(|one| one.effect.split('/').next() == Some(effect))
            .count()
    };
    let (missed, found) = (times("missing_at_provider"), times("found_at_provider"));
    if missed <= found {
        return Ok(());
    }
    let moves = money(row.expected, &row.currency)?;
    let connection = connection(name)?;
    let occasion = Occasion {
        connection: &connection,
        reference: &row.reference,
        occurred_at: desk.clock.now(),
    };
    let journal = posting::found_at_provider(occasion, moves)?;
    let mut rows = JournalRows::default();
    rows.add(
        JournalId::from_uuid(desk.clock.uuid()),
        &journal,
        &super::super::books::EffectKey {
            connection: name,
            object: &row.reference,
            effect: &super::super::books::numbered("found_at_provider", found),
        },
        desk.clock.now(),
        desk.zone,
    );
    rows.write(tx)
}
