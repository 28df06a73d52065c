//! Payouts of which only their members are told. Stripe's payout reconciliation lists what is in a payout,
//! all of it in one file, and not the payout itself: that is then the sum of its members.

use super::super::books::{EffectKey, JournalRows, add_trace, money};
use super::super::{App, Failure};
use super::rows::{connection, day};
use crate::store::WriteTx;
use crate::store::rows::PayoutPosition;
use avstem_domain::id::JournalId;
use avstem_domain::ledger::posting::{self, Occasion};
use avstem_domain::money::Money;
use avstem_domain::statement::{LineKind, ProviderLine};
use avstem_domain::time::start_of_day;
use avstem_statements::formats::Format;
use avstem_statements::summary::Summary;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// The format whose files hold payouts whole.
const WHOLE_PAYOUTS: &str = "stripe_payout_reconciliation";

/// What members say of their payouts.
#[derive(Default)]
pub struct Seen(BTreeMap<String, SeenPayout>);

struct SeenPayout {
    arrival: NaiveDate,
    trace: Option<String>,
}

impl Seen {
    pub fn add(&mut self, line: &ProviderLine, zone: chrono_tz::Tz) {
        let Some(payout) = &line.payout else { return };
        if line.kind == LineKind::Payout {
            return;
        }
        let day = line
            .available_on
            .unwrap_or_else(|| line.occurred_at.date_in(zone));
        let seen = self
            .0
            .entry(payout.to_string())
            .or_insert_with(|| SeenPayout {
                arrival: day,
                trace: None,
            });
        seen.arrival = seen.arrival.max(day);
        if seen.trace.is_none() {
            seen.trace.clone_from(&line.trace_id);
        }
    }
}

/// Sends the payouts that nothing else told of.
pub fn send_payouts(
    app: &App,
    name: &str,
    format: Format,
    summary: &Summary,
    seen: &Seen,
) -> Result<(), Failure> {
    if format.name() != WHOLE_PAYOUTS {
        return Ok(());
    }
    let ids: Vec<String> = summary
        .payouts
        .iter()
        .map(|total| total.payout.to_string())
        .collect();
    app.store.write(|tx| {
        let unknown = unknown(tx, name, &ids)?;
        let stands: BTreeMap<String, PayoutPosition> = tx
            .payout_positions_by_ids(name, &ids)?
            .into_iter()
            .map(|row| (row.provider_id.clone(), row))
            .collect();
        let mut journals = JournalRows::default();
        let mut new = Vec::new();
        for total in &summary.payouts {
            let id = total.payout.as_str();
            let Some(payout) = seen.0.get(id).filter(|_| unknown.contains(id)) else {
                continue;
            };
            let sent = position(name, id, total.net, payout)?;
            book(app, &mut journals, &sent)?;
            // One that came back may stand there already.
            match stands.get(id) {
                None => new.push(sent),
                Some(position) => {
                    let mut position = position.clone();
                    add_trace(&mut position, payout.trace.as_deref())?;
                    new.push(position);
                }
            }
        }
        tx.save_payout_positions(&new)?;
        journals.write(tx)
    })
}

/// Those of `ids` that no event, no line and no other file has sent.
fn unknown(tx: &mut WriteTx<'_>, name: &str, ids: &[String]) -> Result<BTreeSet<String>, Failure> {
    let mut unknown: BTreeSet<String> = ids.iter().cloned().collect();
    for row in tx.payouts_by_provider_ids(name, ids)? {
        unknown.remove(&row.provider_id);
    }
    for effect in tx.effects_of(name, ids)? {
        if effect.effect == "payout_sent" {
            unknown.remove(&effect.object);
        }
    }
    Ok(unknown)
}

/// Sends payouts that stand somewhere and that nothing has sent: for books that are made again.
pub fn send_again(app: &App, name: &str, positions: &[PayoutPosition]) -> Result<(), Failure> {
    let ids: Vec<String> = positions
        .iter()
        .map(|one| one.provider_id.clone())
        .collect();
    app.store.write(|tx| {
        let unknown = unknown(tx, name, &ids)?;
        let mut journals = JournalRows::default();
        for position in positions {
            if unknown.contains(&position.provider_id) {
                book(app, &mut journals, position)?;
            }
        }
        journals.write(tx)
    })
}

fn position(
    name: &str,
    id: &str,
    amount: Money,
    payout: &SeenPayout,
) -> Result<PayoutPosition, Failure> {
    let mut position = PayoutPosition {
        connection: name.to_owned(),
        provider_id: id.to_owned(),
        amount: amount.minor(),
        currency: amount.currency().code().to_owned(),
        sent_on: payout.arrival.to_string(),
        arrival_on: payout.arrival.to_string(),
        traces: "[]".to_owned(),
        came_back: false,
        came: 0,
        resolved: 0,
    };
    add_trace(&mut position, payout.trace.as_deref())?;
    Ok(position)
}

fn book(app: &App, journals: &mut JournalRows, position: &PayoutPosition) -> Result<(), Failure> {
    let amount = money(position.amount, &position.currency)?;
    if amount.is_zero() {
        return Ok(());
    }
    let connection = connection(&position.connection)?;
    let (now, zone) = (app.clock.now(), app.config.time_zone);
    let occasion = Occasion {
        connection: &connection,
        reference: &position.provider_id,
        occurred_at: start_of_day(day(&position.sent_on)?, zone),
    };
    let journal = posting::payout_sent(occasion, amount)?;
    let key = EffectKey {
        connection: &position.connection,
        object: &position.provider_id,
        effect: "payout_sent",
    };
    let journal_id = JournalId::from_uuid(app.clock.uuid());
    journals.add(journal_id, &journal, &key, now, zone);
    Ok(())
}
