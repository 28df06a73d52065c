//! Subscriptions, looked at, with what a reader wants beside the row.

use super::facts::{ChargePicture, SubscriptionPicture, pictures};
use super::{App, Failure};
use crate::store::ReadTx;
use crate::store::rows::Subscription;
use avstem_domain::time::Timestamp;
use std::collections::BTreeMap;

/// What a list is narrowed to. `before` is an id of ours: only older ones follow.
#[derive(Debug, Default)]
pub struct Filter {
    /// Our id or the provider's. An unknown one has no subscriptions.
    pub customer: Option<String>,
    pub status: Option<String>,
    pub before: Option<String>,
}

/// A subscription as the API shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionView {
    pub row: Subscription,
    pub customer_provider_id: Option<String>,
    /// The charge that a cancellation now would judge as the latest.
    pub latest_charge: Option<ChargeRef>,
}

/// One charge, by both its ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeRef {
    pub id: String,
    pub provider_id: String,
}

/// Newest first, in a fixed number of queries.
pub fn list(app: &App, filter: &Filter, limit: i64) -> Result<Vec<SubscriptionView>, Failure> {
    let now = app.clock.now();
    app.store.snapshot(|tx| {
        let customer = match &filter.customer {
            None => None,
            Some(id) => match tx.find_customer(id)? {
                None => return Ok(Vec::new()),
                Some(customer) => Some(customer.id),
            },
        };
        let (status, before) = (filter.status.as_deref(), filter.before.as_deref());
        let rows = tx.list_subscriptions(customer.as_deref(), status, before, limit)?;
        views(tx, &rows, now)
    })
}

/// By our id or the provider's.
pub fn find(app: &App, id: &str) -> Result<Option<SubscriptionView>, Failure> {
    let now = app.clock.now();
    app.store.snapshot(|tx| {
        let row: Vec<Subscription> = tx.find_subscription(id)?.into_iter().collect();
        Ok(views(tx, &row, now)?.pop())
    })
}

/// All charges of a subscription, newest first; None when there is no such subscription.
pub fn charges(app: &App, id: &str) -> Result<Option<Vec<ChargePicture>>, Failure> {
    app.store.snapshot(|tx| {
        let row: Vec<Subscription> = tx.find_subscription(id)?.into_iter().collect();
        Ok(pictures(tx, &row)?.pop().map(|picture| picture.charges))
    })
}

fn views(
    tx: &mut ReadTx<'_>,
    rows: &[Subscription],
    now: Timestamp,
) -> Result<Vec<SubscriptionView>, Failure> {
    let mut customer_ids: Vec<String> = rows.iter().map(|row| row.customer_id.clone()).collect();
    customer_ids.sort_unstable();
    customer_ids.dedup();
    let provider_ids: BTreeMap<String, String> = tx
        .customers_by_ids(&customer_ids)?
        .into_iter()
        .map(|customer| (customer.id, customer.provider_id))
        .collect();
    pictures(tx, rows)?
        .into_iter()
        .map(|picture| {
            Ok(SubscriptionView {
                customer_provider_id: provider_ids.get(&picture.subscription.customer_id).cloned(),
                latest_charge: latest_charge(&picture, now)?,
                row: picture.subscription,
            })
        })
        .collect()
}

fn latest_charge(
    picture: &SubscriptionPicture,
    now: Timestamp,
) -> Result<Option<ChargeRef>, Failure> {
    let Some(id) = picture.latest_charge(now)?.map(|id| id.to_string()) else {
        return Ok(None);
    };
    let charge = picture.charges.iter().find(|charge| charge.row.id == id);
    Ok(charge.map(|charge| ChargeRef {
        id,
        provider_id: charge.row.provider_id.clone(),
    }))
}
