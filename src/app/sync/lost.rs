//! What is known here, was made in the time of a page, and is not on it: each is asked for by itself, for a
//! list can be late, and times at the edge of a page belong to two of them.

use super::super::Failure;
use super::super::provider::Unread;
use super::objects::word;
use super::step::At;
use crate::store::rows::Made;
use avstem_domain::id::{
    ProviderChargeId, ProviderDisputeId, ProviderPayoutId, ProviderRefundId, ProviderSubscriptionId,
};
use avstem_domain::time::Timestamp;
use avstem_webhooks::Observation;
use avstem_webhooks::outbound::{Ask, Listed};
use std::collections::BTreeSet;

/// So many that a provider does not have are no mishap: it is asked with the key of another account.
const LOST_MAX: usize = 100;
/// Of what is known here, read for one page of a hundred.
const MADE_MAX: i64 = 1_000;

/// What was not on the page.
#[derive(Default)]
pub(super) struct Lost {
    /// It is there all the same.
    pub(super) found: Vec<Observation>,
    /// The provider's ids of what it does not know.
    pub(super) gone: Vec<String>,
}

pub(super) fn lost(
    at: &At<'_>,
    of: Listed,
    listed: &[(String, Timestamp)],
    next: Option<&String>,
) -> Result<Result<Lost, Unread>, Failure> {
    let oldest = listed.iter().map(|(_, at)| at.as_micros()).min();
    // The last page goes back to the beginning.
    let from = oldest
        .filter(|_| next.is_some())
        .or(at.run.made_from)
        .unwrap_or(0);
    let made = Made {
        connection: at.name(),
        from,
        to: at.cursor.made_until,
        limit: MADE_MAX,
    };
    let known = at.app.store.read(|tx| {
        match of {
            Listed::Subscriptions => tx.subscriptions_made(made),
            Listed::Charges => tx.charges_made(made),
            Listed::Refunds => tx.refunds_made(made),
            Listed::Disputes => tx.disputes_made(made),
            Listed::Payouts => tx.payouts_made(made),
        }
        .map_err(Failure::from)
    })?;
    let on_page: BTreeSet<&String> = listed.iter().map(|(id, _)| id).collect();
    let missing: Vec<String> = known
        .into_iter()
        .filter(|id| !on_page.contains(id))
        .collect();
    let mut lost = Lost::default();
    for id in missing {
        match at.call(&fetch(of, &id)?)? {
            Ok(page) => lost.found.extend(page.observations),
            Err(Unread::NotFound) => lost.gone.push(id),
            Err(unread) => return Ok(Err(unread)),
        }
        if lost.gone.len() > LOST_MAX {
            return Ok(Err(Unread::NeedsPerson {
                why: format!(
                    "the provider does not know {LOST_MAX} objects that we do, such as {} {}: its api_key is probably of another account",
                    word(of),
                    lost.gone.first().map_or("", String::as_str)
                ),
            }));
        }
    }
    Ok(Ok(lost))
}

fn fetch(of: Listed, id: &str) -> Result<Ask, Failure> {
    let wrong = |e| Failure::unreadable("a provider's id", e);
    Ok(match of {
        Listed::Subscriptions => {
            Ask::FetchSubscription(ProviderSubscriptionId::parse(id).map_err(wrong)?)
        }
        Listed::Charges => Ask::FetchCharge(ProviderChargeId::parse(id).map_err(wrong)?),
        Listed::Refunds => Ask::FetchRefund(ProviderRefundId::parse(id).map_err(wrong)?),
        Listed::Disputes => Ask::FetchDispute(ProviderDisputeId::parse(id).map_err(wrong)?),
        Listed::Payouts => Ask::FetchPayout(ProviderPayoutId::parse(id).map_err(wrong)?),
    })
}
