//! Recurring charges that were paid after our cancellation had stopped billing, and that no refund covers.

use super::super::Failure;
use super::super::books::money;
use super::super::breaks::Raising;
use super::super::facts::{self, ChargePicture};
use super::step::{At, Went};
use crate::store::WriteTx;
use crate::store::rows::{Cancellation, Subscription};
use avstem_domain::breaks::BreakKind;
use avstem_domain::charge::ChargeKind;
use avstem_domain::id::ProviderObjectId;
use avstem_domain::ledger::account::Connection;
use avstem_domain::matching::outcome::{Finding, Item};
use avstem_domain::money::Money;
use avstem_domain::time::Timestamp;

const PAGE: i64 = 100;

pub(super) fn page(at: &At<'_>) -> Result<Went, Failure> {
    at.deal(|tx| {
        let after = at.cursor.after.clone().unwrap_or_default();
        let rows = tx.stops_after(at.name(), &after, PAGE)?;
        raise(tx, at, &rows)?;
        Ok(Went {
            seen: rows.len(),
            repaired: 0,
            next: super::next_of(&rows, PAGE, |(row, _)| &row.id),
            made_until: None,
        })
    })
}

fn raise(
    tx: &mut WriteTx<'_>,
    at: &At<'_>,
    rows: &[(Cancellation, Subscription)],
) -> Result<(), Failure> {
    let now = at.app.clock.now();
    let zone = at.app.config.time_zone;
    let raising = Raising::of(at.app, now.date_in(zone));
    let connection = super::super::statements::rows::connection(at.name())?;
    let ids: Vec<String> = rows.iter().map(|(_, of)| of.provider_id.clone()).collect();
    let charges = facts::billed_to(tx, at.name(), &ids)?;
    let (mut findings, mut settled) = (Vec::new(), Vec::new());
    for (cancellation, subscription) in rows {
        let Some(stopped_at) = stopped_at(cancellation) else {
            continue;
        };
        let charges = charges.get(&subscription.provider_id);
        for charge in charges.into_iter().flatten() {
            let Some(paid_at) = paid_after(charge, stopped_at) else {
                continue;
            };
            let subject = item(&connection, &charge.row.provider_id)?;
            let owed = match standing(cancellation, now) {
                Standing::Stands => owed(charge),
                Standing::UnderWay => continue,
                Standing::TakenBack => 0,
            };
            if owed == 0 {
                settled.push(subject.to_string());
                continue;
            }
            let owed = money(owed, &charge.row.currency)?;
            findings.push(Finding {
                kind: BreakKind::ChargedAfterCancellation,
                subject,
                connection: Some(connection.clone()),
                reference: charge.row.provider_id.clone(),
                expected: Money::zero(owed.currency()),
                found: owed,
                holding: None,
                on: paid_at.date_in(zone),
            });
        }
    }
    raising.raise(tx, &findings)?;
    raising.settle(tx, settled)
}

/// What became of a cancellation.
enum Standing {
    Stands,
    /// The saga goes on with it, and may refund yet.
    UnderWay,
    /// Billing went on because somebody asked for it.
    TakenBack,
}

fn standing(row: &Cancellation, now: Timestamp) -> Standing {
    let is_due = row.due_at.is_some_and(|due| due <= now.as_micros());
    match row.state.as_str() {
        "undone" => Standing::TakenBack,
        "completed" | "attention" if !is_due => Standing::Stands,
        _ => Standing::UnderWay,
    }
}

/// From when on nothing may be charged: when the stop was made, or when the paid period ends.
fn stopped_at(row: &Cancellation) -> Option<i64> {
    let done_at = row.stop_done_at?;
    Some(match row.stop_mode.as_deref() {
        Some("at_period_end") => row.stop_effective_at.unwrap_or(done_at).max(done_at),
        Some(_) | None => done_at,
    })
}

/// When a recurring charge was paid, if that was after billing had stopped.
fn paid_after(charge: &ChargePicture, stopped_at: i64) -> Option<Timestamp> {
    match charge.kind {
        ChargeKind::Initial | ChargeKind::Renewal => charge
            .paid_at
            .filter(|paid_at| paid_at.as_micros() > stopped_at),
        ChargeKind::Other => None,
    }
}

/// What of it nobody gave back, in minor units. What a bank has taken back, or holds while a dispute is open,
/// is not asked for a second time.
fn owed(charge: &ChargePicture) -> i64 {
    if charge.row.dispute == "blocks" {
        return 0;
    }
    let back = charge.refunded().saturating_add(charge.row.lost);
    charge.row.amount.saturating_sub(back).max(0)
}

fn item(connection: &Connection, id: &str) -> Result<Item, Failure> {
    let id = ProviderObjectId::parse(id).map_err(|e| Failure::unreadable("charge", e))?;
    let kind = BreakKind::ChargedAfterCancellation;
    Ok(Item::Object(connection.clone(), kind, id))
}
