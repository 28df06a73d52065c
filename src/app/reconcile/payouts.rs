//! Where payouts stand on their way to the bank, from everything that told of them.

use super::super::Failure;
use super::super::books::{add_trace, traces};
use super::super::statements::rows;
use super::lines::day_of;
use super::scope::Scope;
use crate::store::WriteTx;
use crate::store::rows::{Payout as Row, PayoutPosition};
use avstem_domain::id::ProviderPayoutId;
use avstem_domain::matching::input::{Payout, PayoutState};
use avstem_domain::money::{Currency, Money};
use std::collections::BTreeMap;

/// Positions of a connection, by the provider's id of the payout.
type Positions = BTreeMap<String, PayoutPosition>;

/// Positions of a connection by the provider's id, brought up to what events and lines say by now.
pub fn refresh(
    tx: &mut WriteTx<'_>,
    scope: &Scope<'_>,
    connection: &str,
) -> Result<Positions, Failure> {
    let mut positions: Positions = tx
        .payout_positions_of(connection)?
        .into_iter()
        .map(|row| (row.provider_id.clone(), row))
        .collect();
    let before = positions.clone();
    let told = tx.payouts_of(connection)?;
    for payout in &told {
        heed(&mut positions, scope, payout)?;
    }
    for payout in &told {
        pair_with_reversal(&mut positions, payout);
    }
    save_changed(tx, &before, &positions)?;
    let before = positions.clone();
    for (payout, trace) in tx.payout_traces(connection)? {
        if let Some(position) = positions.get_mut(&payout) {
            add_trace(position, Some(&trace))?;
        }
    }
    save_changed(tx, &before, &positions)?;
    Ok(positions)
}

fn save_changed(
    tx: &mut WriteTx<'_>,
    before: &Positions,
    positions: &Positions,
) -> Result<(), Failure> {
    let changed = positions
        .values()
        .filter(|position| before.get(&position.provider_id) != Some(position));
    Ok(tx.save_payout_positions(&changed.cloned().collect::<Vec<_>>())?)
}

/// What an event says counts before what reports say.
fn heed(positions: &mut Positions, scope: &Scope<'_>, payout: &Row) -> Result<(), Failure> {
    let sent_on = day_of(scope, payout.created_at)?.to_string();
    let came_back = matches!(payout.status.as_str(), "failed" | "canceled");
    let position = positions
        .entry(payout.provider_id.clone())
        .or_insert_with(|| PayoutPosition {
            connection: payout.connection.clone(),
            provider_id: payout.provider_id.clone(),
            amount: payout.amount,
            currency: payout.currency.clone(),
            sent_on,
            arrival_on: payout.arrival_date.clone(),
            traces: "[]".to_owned(),
            came_back,
            came: 0,
            resolved: 0,
        });
    position.amount = payout.amount;
    position.currency.clone_from(&payout.currency);
    position.arrival_on.clone_from(&payout.arrival_date);
    position.came_back |= came_back;
    add_trace(position, payout.trace_id.as_deref())
}

/// A payout that was taken back before the bank showed it, and the one that took it back, are nothing.
fn pair_with_reversal(positions: &mut Positions, payout: &Row) {
    let Some(reversal) = &payout.reversed_by else {
        return;
    };
    let pair = [&payout.provider_id, reversal];
    let known: Vec<&PayoutPosition> = pair.iter().filter_map(|id| positions.get(*id)).collect();
    let untouched = |position: &&PayoutPosition| position.came == 0 && position.resolved == 0;
    let cancel = known.iter().map(|one| one.amount).sum::<i64>() == 0;
    if known.len() == 2 && known.iter().all(untouched) && cancel {
        for id in pair {
            if let Some(position) = positions.get_mut(id) {
                position.came_back = true;
            }
        }
    }
}

/// What the bank is still to show.
pub fn rest(position: &PayoutPosition) -> i64 {
    if position.came_back {
        return 0;
    }
    position
        .amount
        .saturating_sub(position.came)
        .saturating_sub(position.resolved)
}

pub fn payout(position: &PayoutPosition) -> Result<Payout, Failure> {
    let currency =
        Currency::parse(&position.currency).map_err(|e| Failure::unreadable("currency", e))?;
    let came = position.came.saturating_add(position.resolved);
    Ok(Payout {
        connection: rows::connection(&position.connection)?,
        id: ProviderPayoutId::parse(&position.provider_id)
            .map_err(|e| Failure::unreadable("a payout's id", e))?,
        amount: Money::from_minor(position.amount, currency),
        came: Money::from_minor(came, currency),
        state: if position.came_back {
            PayoutState::CameBack
        } else {
            PayoutState::Sent
        },
        arrival: rows::day(&position.arrival_on)?,
        traces: traces(position)?,
    })
}
