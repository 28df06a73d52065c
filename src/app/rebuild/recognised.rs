//! What month ends recognised. Nobody tells it: it is copied, and what refunds and lost disputes came to
//! because of it is booked as if everything had been recognised last. The books end the same.

use super::super::Failure;
use super::super::books::{EffectKey, JournalRows, booked_classification, money, standing, time};
use super::replay::Replay;
use crate::app::App;
use crate::store::WriteTx;
use crate::store::rows::Charge;
use avstem_domain::id::JournalId;
use avstem_domain::ledger::account::Connection;
use avstem_domain::ledger::posting::{self, Occasion};
use std::collections::BTreeMap;

/// Charges that are copied in one transaction.
const PAGE: i64 = 500;

impl Replay<'_, '_, '_> {
    pub(super) fn recognise(&mut self) -> Result<(), Failure> {
        let mut after = String::new();
        loop {
            let page = self.live.charges_earned_after(&after, PAGE)?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after.clone_from(&last.id);
            let ids: Vec<String> = page.iter().map(|charge| charge.id.clone()).collect();
            let mut sums = BTreeMap::<String, i64>::new();
            for row in self.live.recognised_of_charges(&ids)? {
                let sum = sums.entry(row.charge_id).or_default();
                *sum = sum.saturating_add(row.amount);
            }
            let mut by_connection = BTreeMap::<String, BTreeMap<String, i64>>::new();
            for charge in page {
                if let Some(sum) = sums.remove(&charge.id) {
                    let recognised = by_connection.entry(charge.connection).or_default();
                    recognised.insert(charge.provider_id, sum);
                }
            }
            let scratch = &self.scratch.app;
            for (connection, recognised) in &by_connection {
                scratch
                    .store
                    .write(|tx| recognise(tx, scratch, connection, recognised))?;
            }
        }
    }
}

/// By the provider's ids of charges.
fn recognise(
    tx: &mut WriteTx<'_>,
    app: &App,
    name: &str,
    recognised: &BTreeMap<String, i64>,
) -> Result<(), Failure> {
    let connection =
        Connection::parse(name).map_err(|e| Failure::unreadable("connection name", e))?;
    let ids: Vec<String> = recognised.keys().cloned().collect();
    let mut charges = tx.charges_by_provider_ids(name, &ids)?;
    let mut journals = JournalRows::default();
    for charge in &mut charges {
        let copied = recognised.get(&charge.provider_id).copied();
        book(app, &mut journals, &connection, charge, copied.unwrap_or(0))?;
        charge.recognised = copied.unwrap_or(0);
    }
    tx.save_charges(&charges)?;
    journals.write(tx)
}

fn book(
    app: &App,
    journals: &mut JournalRows,
    connection: &Connection,
    charge: &Charge,
    recognised: i64,
) -> Result<(), Failure> {
    let Some(classification) = booked_classification(charge)? else {
        return Ok(());
    };
    let occasion = Occasion {
        connection,
        reference: &charge.provider_id,
        occurred_at: time(charge.created_at)?,
    };
    let standing = standing(charge, classification)?;
    let recognised = money(recognised, &charge.currency)?;
    if let Some(journal) = posting::revenue_given_back(occasion, standing, recognised)? {
        let key = EffectKey {
            connection: connection.as_str(),
            object: &charge.provider_id,
            effect: journal.event().as_str(),
        };
        let id = JournalId::from_uuid(app.clock.uuid());
        journals.add(id, &journal, &key, app.clock.now(), app.config.time_zone);
    }
    Ok(())
}
