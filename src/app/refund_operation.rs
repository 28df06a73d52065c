//! A refund as a money operation: decided once, asked for until the provider's answer is known.
//!
//! The idempotency key, the exact request bytes and the reservation are on disk before the call. While
//! no answer is known the state is `unknown`, and nothing is sent again before the provider has been
//! asked whether it has the refund. Whoever finds an operation due goes on with it: there is no other
//! janitor.

mod record;
mod rest;

use super::backoff::wait_s;
use super::books::{money, time};
use super::provider::{Link, Unread, link};
use super::{App, Failure};
use crate::store::rows::{Charge, Refund};
use avstem_domain::id::{ProviderChargeId, RefundId};
use avstem_webhooks::Observation;
use avstem_webhooks::outbound::{Ask, HttpRequest, RefundOrder};

/// A refund that the provider has but has not paid is looked at again after this, in case its webhook
/// was missed.
pub const RECHECK_SUBMITTED_S: i64 = 6 * 3600;
/// Longer than a call can take, so that nobody asks while an answer may come.
const LEASE_S: i64 = 60;
/// How long a call can take: `gateway::CALL_MAX`.
const CALL_MAX_S: i64 = 30;
/// Providers forget a key after 24 hours, and it would then refund again. Source: Stripe's page on
/// idempotent requests: keys may be removed once they are at least 24 hours old.
const KEY_AGE_MAX_S: i64 = 20 * 3600;
const ROUND_MAX: i64 = 50;
/// After an operation needs a person it is looked at this often: the provider may still tell.
const WATCH_S: i64 = 3600;

/// Until the balance has been topped up, it is tried again this often.
const TOP_UP_S: i64 = 3600;

/// A refund that the rules granted.
#[derive(Debug, Clone)]
pub struct Grant {
    pub charge: Charge,
    /// Minor units of the charge's currency; more than zero and no more than is left of it.
    pub amount: i64,
    pub cancellation: Option<String>,
    /// The verdict that granted it.
    pub code: String,
    pub reason: Option<String>,
    /// API key and Idempotency-Key of the request that asked for it.
    pub request_ref: Option<String>,
}

/// The operation for a grant, ready to be written: due at once.
pub fn operation(app: &App, grant: &Grant) -> Result<Refund, Failure> {
    let id = RefundId::from_uuid(app.clock.uuid());
    let now = app.clock.now().as_micros();
    let ask = Ask::CreateRefund(order(id, &grant.charge, grant.amount)?);
    let link = link(app, &grant.charge.connection)?;
    let request = link.provider.request(&ask);
    Ok(Refund {
        id: id.to_string(),
        connection: grant.charge.connection.clone(),
        provider_id: None,
        charge_id: grant.charge.id.clone(),
        amount: grant.amount,
        currency: grant.charge.currency.clone(),
        state: "pending".to_owned(),
        origin: "avstem".to_owned(),
        policy_conform: Some(true),
        failure_reason: None,
        reason: grant.reason.clone(),
        cancellation_id: grant.cancellation.clone(),
        code: Some(grant.code.clone()),
        request_ref: grant.request_ref.clone(),
        idempotency_key: link.provider.idempotency_key(&ask),
        request_target: Some(request.target),
        request_body: Some(request.body),
        first_sent_at: None,
        attempts: 0,
        due_at: Some(now),
        lease_until: 0,
        fence: 0,
        attention: None,
        created_at: now,
        version: String::new(),
        pending_reason: None,
        state_since: now,
        decided: 0,
        judged_in: None,
    })
}

fn order(id: RefundId, charge: &Charge, amount: i64) -> Result<RefundOrder, Failure> {
    let charge_id = ProviderChargeId::parse(&charge.provider_id)
        .map_err(|e| Failure::unreadable("charge", e))?;
    Ok(RefundOrder {
        refund: id,
        charge: charge_id,
        amount: money(amount, &charge.currency)?,
    })
}

/// Takes up every operation that is due; returns how many there were.
pub fn run_due(app: &App) -> Result<usize, Failure> {
    let now = app.clock.now();
    let due = app.store.read(|tx| {
        tx.refunds_due(now.as_micros(), ROUND_MAX)
            .map_err(Failure::from)
    })?;
    for id in &due {
        operate(app, id)?;
    }
    if !due.is_empty() {
        app.signals.cancellations.ring();
        app.signals.sealer.ring();
    }
    Ok(due.len())
}

/// Goes on with one operation: asks the provider about it if it was ever sent, and sends it if it is
/// certain that it is not there and safe to send.
pub fn operate(app: &App, id: &str) -> Result<(), Failure> {
    let Some((refund, charge)) = claim(app, id)? else {
        return Ok(());
    };
    let work = Work {
        app,
        link: link(app, &refund.connection)?,
        charge,
    };
    if refund.attempts == 0 {
        return work.send(&refund);
    }
    match work.find_at_provider(&refund)? {
        Found::There(observations) => work.absorb(&refund, &observations),
        Found::Absent if refund.state == "submitted" => work.watch(&refund, None),
        Found::Absent => work.send_again(&refund),
        Found::NotAsked { why, retry_after_s } => work.try_later(&refund, &why, retry_after_s),
        Found::NeedsPerson(why) => work.watch_with(&refund, &why, wait_s(refund.attempts, None)),
    }
}

/// Takes the lease. Whoever had the operation before and comes back finds another fence.
fn claim(app: &App, id: &str) -> Result<Option<(Refund, Charge)>, Failure> {
    app.seams.cross("tx:refund-claim:before")?;
    let claimed = app.store.write(|tx| {
        let now = app.clock.now();
        let Some(mut refund) = tx.refunds_by_ids(&[id.to_owned()])?.pop() else {
            return Ok::<_, Failure>(None);
        };
        let due = refund.due_at.is_some_and(|at| at <= now.as_micros())
            && refund.lease_until <= now.as_micros();
        if !due || refund.origin != "avstem" {
            return Ok(None);
        }
        let charge = tx
            .charges_by_ids(std::slice::from_ref(&refund.charge_id))?
            .pop();
        let charge =
            charge.ok_or_else(|| Failure::Unreadable(format!("refund {id} has no charge")))?;
        refund.lease_until = now.saturating_add_seconds(LEASE_S).as_micros();
        refund.fence += 1;
        tx.save_refunds(std::slice::from_ref(&refund))?;
        Ok(Some((refund, charge)))
    })?;
    app.seams.cross("tx:refund-claim:after")?;
    Ok(claimed)
}

/// What the provider's list of refunds says of an operation.
enum Found {
    There(Vec<Observation>),
    Absent,
    NotAsked {
        why: String,
        retry_after_s: Option<u64>,
    },
    NeedsPerson(String),
}

struct Work<'a> {
    app: &'a App,
    link: Link<'a>,
    charge: Charge,
}

impl Work<'_> {
    /// Every page of the charge's refunds, and the charge itself.
    fn find_at_provider(&self, refund: &Refund) -> Result<Found, Failure> {
        let charge = ProviderChargeId::parse(&self.charge.provider_id)
            .map_err(|e| Failure::unreadable("charge", e))?;
        let listed = self.link.read_all(|after| Ask::ListRefunds {
            charge: charge.clone(),
            after,
        })?;
        Ok(match listed {
            Ok(observations) if observations.iter().any(|o| is_ours(o, refund)) => {
                Found::There(observations)
            }
            Ok(_) => Found::Absent,
            Err(Unread::Later { why, retry_after_s }) => Found::NotAsked { why, retry_after_s },
            Err(Unread::NeedsPerson { why }) => Found::NeedsPerson(why),
            Err(Unread::NotFound) => {
                Found::NeedsPerson("the provider does not know the charge".to_owned())
            }
        })
    }

    /// The same key and bytes again, while the provider is sure to remember the key.
    fn send_again(&self, refund: &Refund) -> Result<(), Failure> {
        let now = self.app.clock.now();
        let age = refund
            .first_sent_at
            .map_or(0, |at| now.as_micros().saturating_sub(at));
        if age > KEY_AGE_MAX_S.saturating_mul(1_000_000) {
            let why = format!(
                "it is not known whether refund {} was made, and its key is too old to repeat; look at charge {} at the provider",
                refund.id, self.charge.provider_id
            );
            return self.watch(refund, Some(why));
        }
        self.send(refund)
    }

    /// From here on the refund may exist: that is on disk before the first byte leaves.
    fn send(&self, refund: &Refund) -> Result<(), Failure> {
        let Some(refund) = self.commit(refund, |refund, now| {
            refund.state = "unknown".to_owned();
            refund.pending_reason = None;
            refund.first_sent_at = refund.first_sent_at.or(Some(now.as_micros()));
            refund.attempts += 1;
            refund.lease_until = now.saturating_add_seconds(LEASE_S).as_micros();
        })?
        else {
            return Ok(());
        };
        let id = RefundId::parse(&refund.id).map_err(|e| Failure::unreadable("refund id", e))?;
        let ask = Ask::CreateRefund(order(id, &self.charge, refund.amount)?);
        let request = self.stored_request(&refund, &ask);
        self.app.seams.cross("call:before")?;
        if self.app.clock.now() > time(refund.lease_until)?.saturating_add_seconds(-CALL_MAX_S) {
            // We stood still for too long: someone else may have settled it, and the provider may have
            // forgotten the key. Whoever takes it up next asks first.
            tracing::warn!(refund.id = %refund.id, "Refund {} was not sent: its lease is over", refund.id);
            return Ok(());
        }
        let answer = self.link.send(&ask, &request)?;
        self.app.seams.cross("call:after")?;
        self.record(&refund, answer)
    }

    /// The stored bytes, not made anew: a new version of ours must not change what a key stands for.
    fn stored_request(&self, refund: &Refund, ask: &Ask) -> HttpRequest {
        let mut request = self.link.provider.request(ask);
        if let (Some(target), Some(body)) = (&refund.request_target, &refund.request_body) {
            request.target.clone_from(target);
            request.body.clone_from(body);
        }
        request
    }
}

fn is_ours(observation: &Observation, refund: &Refund) -> bool {
    observation.fact.as_refund().is_some_and(|fact| {
        fact.ours.is_some_and(|id| id.to_string() == refund.id)
            || refund
                .provider_id
                .as_ref()
                .is_some_and(|id| id == fact.id.as_str())
    })
}
