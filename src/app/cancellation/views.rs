//! Cancellations to look at, and the preview of one.

use super::super::facts::SubscriptionPicture;
use super::super::{App, Failure};
use super::picture_of;
use crate::store::rows::{Cancellation, Receipt, Refund, Subscription, Verdict};
use crate::store::{ReadTx, StoreError};
use avstem_domain::cancellation::{Plan, RefundChoice, Request, plan};
use std::collections::BTreeMap;

/// What a cancellation now would do.
#[derive(Debug, Clone)]
pub struct Previewed {
    pub picture: SubscriptionPicture,
    pub plan: Plan,
}

#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    #[error("there is no such subscription")]
    NotFound,
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<StoreError> for PreviewError {
    fn from(error: StoreError) -> Self {
        Self::Failure(error.into())
    }
}

/// Plans a cancellation from what is known here, and does nothing.
pub fn preview(
    app: &App,
    subscription: &str,
    refund: RefundChoice,
) -> Result<Previewed, PreviewError> {
    let picture = app.store.read_together(|tx| {
        let subscription = tx
            .find_subscription(subscription)?
            .ok_or(PreviewError::NotFound)?;
        Ok::<_, PreviewError>(picture_of(tx, subscription)?)
    })?;
    Ok(previewed(app, picture, refund)?)
}

/// What a cancellation now would do to a subscription that looks like this.
pub(crate) fn previewed(
    app: &App,
    picture: SubscriptionPicture,
    refund: RefundChoice,
) -> Result<Previewed, Failure> {
    let request = Request {
        judged_at: app.clock.now(),
        refund,
    };
    let plan = plan(
        &picture.facts()?,
        request,
        &app.policy,
        app.config.time_zone,
    )?;
    Ok(Previewed { picture, plan })
}

/// A cancellation with everything that belongs to it.
#[derive(Debug, Clone)]
pub struct CancellationView {
    pub row: Cancellation,
    pub subscription: Subscription,
    pub verdicts: Vec<Verdict>,
    pub refunds: Vec<Refund>,
    pub receipts: Vec<Receipt>,
}

pub fn view(app: &App, id: &str) -> Result<Option<CancellationView>, Failure> {
    app.store.read(|tx| {
        let row = tx.cancellation_by_id(id)?;
        row.map(|row| view_of(tx, row)).transpose()
    })
}

/// Newest first, those made before the id `before`.
pub fn list(
    app: &App,
    state: Option<&str>,
    before: Option<&str>,
    limit: i64,
) -> Result<Vec<CancellationView>, Failure> {
    app.store.read(|tx| {
        let rows = tx.list_cancellations(state, before, limit)?;
        views_of(tx, rows)
    })
}

pub(super) fn view_of(tx: &mut ReadTx<'_>, row: Cancellation) -> Result<CancellationView, Failure> {
    let id = row.id.clone();
    views_of(tx, vec![row])?
        .pop()
        .ok_or_else(|| Failure::Unreadable(format!("cancellation {id} has no subscription")))
}

/// In the order of `rows`, in a fixed number of queries.
fn views_of(
    tx: &mut ReadTx<'_>,
    rows: Vec<Cancellation>,
) -> Result<Vec<CancellationView>, Failure> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let subscription_ids: Vec<String> =
        rows.iter().map(|row| row.subscription_id.clone()).collect();
    let subscriptions: BTreeMap<String, Subscription> = tx
        .subscriptions_by_ids(&subscription_ids)?
        .into_iter()
        .map(|row| (row.id.clone(), row))
        .collect();
    let mut verdicts = grouped(tx.verdicts_of(&ids)?, |verdict| {
        verdict.cancellation_id.clone()
    });
    let mut refunds = grouped(tx.refunds_of_cancellations(&ids)?, |refund| {
        refund.cancellation_id.clone().unwrap_or_default()
    });
    let mut receipts = grouped(tx.receipts_of(&ids)?, |receipt| {
        receipt.cancellation_id.clone()
    });
    let view = |row: Cancellation| {
        let subscription = subscriptions
            .get(&row.subscription_id)
            .cloned()
            .ok_or_else(|| {
                Failure::Unreadable(format!("cancellation {} has no subscription", row.id))
            })?;
        Ok(CancellationView {
            subscription,
            verdicts: last_of_each_charge(verdicts.remove(&row.id).unwrap_or_default()),
            refunds: refunds.remove(&row.id).unwrap_or_default(),
            receipts: receipts.remove(&row.id).unwrap_or_default(),
            row,
        })
    };
    rows.into_iter().map(view).collect()
}

/// Rows by a key, in their order.
fn grouped<T>(rows: Vec<T>, key: impl Fn(&T) -> String) -> BTreeMap<String, Vec<T>> {
    let mut groups: BTreeMap<String, Vec<T>> = BTreeMap::new();
    for row in rows {
        groups.entry(key(&row)).or_default().push(row);
    }
    groups
}

/// One verdict for each charge: the last, in the place of the first.
fn last_of_each_charge(verdicts: Vec<Verdict>) -> Vec<Verdict> {
    let mut shown: Vec<Verdict> = Vec::with_capacity(verdicts.len());
    for verdict in verdicts {
        match shown
            .iter_mut()
            .find(|earlier| earlier.charge_id == verdict.charge_id)
        {
            Some(earlier) => *earlier = verdict,
            None => shown.push(verdict),
        }
    }
    shown
}
