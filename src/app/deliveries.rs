//! Delivery reports: what of a paid period was delivered. A new report is a new row; the last counts.

use super::facts::pictures;
use super::{App, Failure};
use crate::store::rows::{Delivery, Subscription};
use avstem_domain::id::DeliveryId;

/// What is reported for the period of one charge, in whole units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportDelivery {
    /// Our id or the provider's, as `charge`.
    pub subscription: String,
    pub charge: String,
    /// ≥ 1.
    pub ordered: i64,
    /// 0 to `ordered`.
    pub delivered: i64,
    pub completed: Completed,
    /// Id of the API key that reports.
    pub reported_by: String,
}

/// Whether the delivery is over, whatever the units say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completed {
    Yes,
    No,
}

/// A stored report with the provider's ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reported {
    pub row: Delivery,
    pub subscription_provider_id: String,
    pub charge_provider_id: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("there is no subscription {0}")]
    SubscriptionNotFound(String),
    #[error("there is no charge {0}")]
    ChargeNotFound(String),
    #[error(
        "charge {charge} does not pay for subscription {subscription}; GET /v1/subscriptions/{subscription}/charges lists those that do"
    )]
    ChargeOfAnotherSubscription {
        charge: String,
        subscription: String,
    },
    #[error("ordered is {0}; it is a whole number of units, 1 or more")]
    NothingOrdered(i64),
    #[error("delivered is {delivered}; it is 0 to ordered, which is {ordered}")]
    DeliveredOutsideOrdered { delivered: i64, ordered: i64 },
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<crate::store::StoreError> for ReportError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Failure(error.into())
    }
}

/// Stores a report.
pub fn report(app: &App, command: &ReportDelivery) -> Result<Reported, ReportError> {
    let (ordered, delivered) = (command.ordered, command.delivered);
    if ordered < 1 {
        return Err(ReportError::NothingOrdered(ordered));
    }
    if !(0..=ordered).contains(&delivered) {
        return Err(ReportError::DeliveredOutsideOrdered { delivered, ordered });
    }
    app.store.write(|tx| {
        let subscription: Subscription = tx
            .find_subscription(&command.subscription)?
            .ok_or_else(|| ReportError::SubscriptionNotFound(command.subscription.clone()))?;
        let charge = tx
            .find_charge(&command.charge)?
            .ok_or_else(|| ReportError::ChargeNotFound(command.charge.clone()))?;
        let picture = pictures(tx, std::slice::from_ref(&subscription))?.pop();
        let theirs = picture.is_some_and(|p| p.charges.iter().any(|c| c.row.id == charge.id));
        if !theirs {
            return Err(ReportError::ChargeOfAnotherSubscription {
                charge: charge.id,
                subscription: subscription.id,
            });
        }
        let row = Delivery {
            id: DeliveryId::from_uuid(app.clock.uuid()).to_string(),
            subscription_id: subscription.id,
            charge_id: charge.id,
            ordered,
            delivered,
            completed: command.completed == Completed::Yes,
            reported_by: command.reported_by.clone(),
            reported_at: app.clock.now().as_micros(),
        };
        tx.add_delivery(&row)?;
        Ok(Reported {
            row,
            subscription_provider_id: subscription.provider_id,
            charge_provider_id: charge.provider_id,
        })
    })
}
