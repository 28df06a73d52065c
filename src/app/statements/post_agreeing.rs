//! Lines that agree with the charge that they are about, which nearly all lines do: their charges are booked, so
//! that only the provider's fee is left to be. Whatever does not agree is left to `Books`, as `post_lines` does.

use super::super::books::{EffectKey, JournalRows, money, time};
use super::super::{App, Failure};
use super::rows;
use crate::store::rows::ChargeLine;
use avstem_domain::id::JournalId;
use avstem_domain::ledger::account::Connection;
use avstem_domain::ledger::posting::{self, Occasion};
use avstem_domain::statement::allotment::{Agreement, Known, allot};

/// Lines in one transaction.
const PAGE: i64 = 5_000;

/// Books them, and tells after each page how many there were.
pub fn post(app: &App, name: &str, told: &mut dyn FnMut(usize)) -> Result<(), Failure> {
    let connection = rows::connection(name)?;
    let mut after = 0;
    loop {
        let page = app.store.write(|tx| {
            let lines = tx.charge_lines_to_post(name, after, PAGE)?;
            let Some(last) = lines.last().map(|line| line.seq) else {
                return Ok(None);
            };
            let mut journals = JournalRows::default();
            let mut seqs = Vec::with_capacity(lines.len());
            for line in &lines {
                if is_settled(line)? {
                    book_fee(app, &mut journals, &connection, line)?;
                    seqs.push(line.seq);
                }
            }
            journals.write(tx)?;
            tx.mark_posted(&seqs)?;
            Ok::<_, Failure>(Some((last, seqs.len())))
        })?;
        let Some((last, posted)) = page else {
            return Ok(());
        };
        after = last;
        told(posted);
    }
}

/// Whether the charge accounts for all of the line, in the line's own currency.
fn is_settled(line: &ChargeLine) -> Result<bool, Failure> {
    let claim = rows::claim_on(line)?;
    for allotment in allot(Known::Moves(rows::charged(line)?), &[claim])? {
        let agrees = allotment.agreement == Agreement::Agrees;
        let converted = allotment.converted(claim.gross).is_some();
        if !agrees || converted || !allotment.in_suspense(claim.gross)?.is_zero() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn book_fee(
    app: &App,
    journals: &mut JournalRows,
    connection: &Connection,
    line: &ChargeLine,
) -> Result<(), Failure> {
    let fee = money(line.fee, &line.currency)?;
    if fee.is_zero() {
        return Ok(());
    }
    let occasion = Occasion {
        connection,
        reference: &line.charge,
        occurred_at: time(line.occurred_at)?,
    };
    let journal = posting::provider_fee(occasion, fee)?;
    let key = EffectKey {
        connection: connection.as_str(),
        object: &line.charge,
        effect: &format!("provider_fee/{}", line.id),
    };
    let id = JournalId::from_uuid(app.clock.uuid());
    journals.add(id, &journal, &key, app.clock.now(), app.config.time_zone);
    Ok(())
}
