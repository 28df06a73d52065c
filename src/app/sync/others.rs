//! Refunds that others made, and that the policy would not have granted.

use super::super::Failure;
use super::super::books::{came_back, money, time};
use super::super::breaks::Raising;
use super::step::{At, Went};
use crate::store::WriteTx;
use crate::store::rows::Refund;
use avstem_domain::breaks::BreakKind;
use avstem_domain::id::ProviderObjectId;
use avstem_domain::ledger::account::Connection;
use avstem_domain::matching::outcome::{Finding, Item};
use avstem_domain::money::Money;

const PAGE: i64 = 200;

pub(super) fn page(at: &At<'_>) -> Result<Went, Failure> {
    at.deal(|tx| {
        let after = at.cursor.after.clone().unwrap_or_default();
        let rows = tx.others_refunds_after(at.name(), &after, PAGE)?;
        raise(tx, at, &rows)?;
        Ok(Went {
            seen: rows.len(),
            repaired: 0,
            next: super::next_of(&rows, PAGE, |row| &row.id),
            made_until: None,
        })
    })
}

fn raise(tx: &mut WriteTx<'_>, at: &At<'_>, rows: &[Refund]) -> Result<(), Failure> {
    let zone = at.app.config.time_zone;
    let raising = Raising::of(at.app, at.app.clock.now().date_in(zone));
    let connection = super::super::statements::rows::connection(at.name())?;
    let (mut findings, mut settled) = (Vec::new(), Vec::new());
    for row in rows {
        let Some(id) = row.provider_id.as_deref() else {
            continue;
        };
        let subject = item(&connection, id)?;
        if row.policy_conform != Some(false) || came_back(&row.state) {
            settled.push(subject.to_string());
            continue;
        }
        let given = money(row.amount, &row.currency)?;
        findings.push(Finding {
            kind: BreakKind::RefundOutsidePolicy,
            subject,
            connection: Some(connection.clone()),
            reference: id.to_owned(),
            expected: Money::zero(given.currency()),
            found: given,
            holding: None,
            on: time(row.created_at)?.date_in(zone),
        });
    }
    raising.raise(tx, &findings)?;
    raising.settle(tx, settled)
}

fn item(connection: &Connection, id: &str) -> Result<Item, Failure> {
    let id = ProviderObjectId::parse(id).map_err(|e| Failure::unreadable("refund", e))?;
    let kind = BreakKind::RefundOutsidePolicy;
    Ok(Item::Object(connection.clone(), kind, id))
}
