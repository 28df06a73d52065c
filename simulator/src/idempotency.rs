//! Idempotency keys: the first answer under a key is the answer for 24 hours.

use std::collections::BTreeMap;

use avstem_domain::time::Timestamp;
use avstem_webhooks::outbound::{HttpReply, HttpRequest};

use crate::params::{Params, split_target};

/// Stripe keeps keys for at least 24 hours; here exactly, so that tests meet a forgotten key.
const KEPT_S: i64 = 24 * 3_600;

/// What makes two requests the same: the path and the parameters, in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fingerprint {
    path: String,
    params: Vec<(String, String)>,
}

impl Fingerprint {
    fn of(request: &HttpRequest) -> Self {
        Self {
            path: split_target(&request.target).0.to_owned(),
            params: Params::of(request).sorted(),
        }
    }
}

#[derive(Debug, Clone)]
struct Stored {
    fingerprint: Fingerprint,
    at: Timestamp,
    reply: HttpReply,
    request_id: String,
}

#[derive(Debug, Default)]
pub(crate) struct KeyStore {
    stored: BTreeMap<String, Stored>,
}

#[derive(Debug)]
pub(crate) enum KeySeen {
    New,
    /// The answer to give again, and the id of the request it was first given to.
    Before(HttpReply, String),
    OtherParameters,
}

impl KeyStore {
    pub(crate) fn look_up(&self, key: &str, request: &HttpRequest, now: Timestamp) -> KeySeen {
        let Some(stored) = self.stored.get(key) else {
            return KeySeen::New;
        };
        if now >= stored.at.saturating_add_seconds(KEPT_S) {
            return KeySeen::New;
        }
        if stored.fingerprint == Fingerprint::of(request) {
            KeySeen::Before(stored.reply.clone(), stored.request_id.clone())
        } else {
            KeySeen::OtherParameters
        }
    }

    pub(crate) fn keep(
        &mut self,
        key: &str,
        request: &HttpRequest,
        reply: &HttpReply,
        request_id: &str,
        now: Timestamp,
    ) {
        let stored = Stored {
            fingerprint: Fingerprint::of(request),
            at: now,
            reply: reply.clone(),
            request_id: request_id.to_owned(),
        };
        self.stored.insert(key.to_owned(), stored);
    }
}
