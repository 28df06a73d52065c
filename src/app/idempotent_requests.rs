//! Requests that may be sent twice: the first answer is kept, and given again.
//!
//! A row is claimed before the work starts and finished with its answer. A process that dies in between
//! leaves a claim that lapses; whoever comes after that does the work, which must stand a repeat.

use super::{App, Failure};
use crate::store::rows::IdempotentRequest;

/// How long work may take before someone else may begin it anew, in seconds. Longer than the slowest
/// answer: several calls to a provider, each of at most 30 s.
const LEASE_S: i64 = 180;

/// One use of an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Id of the API key.
    pub api_key: String,
    pub key: String,
    /// What identifies the request: method, path, query and body.
    pub fingerprint: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// Nobody has answered this yet: do the work, then [`finish`] or [`abandon`].
    Yours(Claim),
    /// Answered before.
    Answered { status: u16, body: String },
    /// The key was used for another request.
    Reused,
    /// The same request is being worked on.
    InUse,
}

/// The right to answer an attempt, until it lapses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    attempt: Attempt,
    created_at: i64,
    /// Also tells this claim from a later one.
    lease_until: i64,
}

/// Claims the right to answer, or tells who has or had it.
pub fn begin(app: &App, attempt: &Attempt) -> Result<Begun, Failure> {
    let now = app.clock.now();
    app.store.write(|tx| {
        let mut claim = Claim {
            attempt: attempt.clone(),
            created_at: now.as_micros(),
            lease_until: now.saturating_add_seconds(LEASE_S).as_micros(),
        };
        if let Some(row) = tx.idempotent_request(&attempt.api_key, &attempt.key)? {
            if row.fingerprint != attempt.fingerprint {
                return Ok(Begun::Reused);
            }
            if let (Some(status), Some(body)) = (row.status, row.body) {
                let status = u16::try_from(status).map_err(|e| Failure::unreadable("status", e))?;
                return Ok(Begun::Answered { status, body });
            }
            if row.lease_until > now.as_micros() {
                return Ok(Begun::InUse);
            }
            claim.created_at = row.created_at;
            claim.lease_until = claim.lease_until.max(row.lease_until.saturating_add(1));
        }
        tx.save_idempotent_request(&claim.row())?;
        Ok(Begun::Yours(claim))
    })
}

/// Keeps the answer, unless the claim has lapsed and someone else has taken over.
pub fn finish(app: &App, claim: &Claim, status: u16, body: &str) -> Result<(), Failure> {
    app.store.write(|tx| {
        if claim.stands(tx.idempotent_request(&claim.attempt.api_key, &claim.attempt.key)?) {
            let mut row = claim.row();
            row.status = Some(i64::from(status));
            row.body = Some(body.to_owned());
            tx.save_idempotent_request(&row)?;
        }
        Ok(())
    })
}

/// Gives the claim up: the work did not come to an answer worth keeping, and may be tried again.
pub fn abandon(app: &App, claim: &Claim) -> Result<(), Failure> {
    app.store.write(|tx| {
        let Attempt { api_key, key, .. } = &claim.attempt;
        if claim.stands(tx.idempotent_request(api_key, key)?) {
            tx.drop_idempotent_request(api_key, key)?;
        }
        Ok(())
    })
}

impl Claim {
    fn row(&self) -> IdempotentRequest {
        IdempotentRequest {
            api_key: self.attempt.api_key.clone(),
            key: self.attempt.key.clone(),
            fingerprint: self.attempt.fingerprint.clone(),
            status: None,
            body: None,
            created_at: self.created_at,
            lease_until: self.lease_until,
        }
    }

    fn stands(&self, row: Option<IdempotentRequest>) -> bool {
        row.is_some_and(|row| row.status.is_none() && row.lease_until == self.lease_until)
    }
}
