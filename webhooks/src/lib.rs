//! What each payment provider says, and how we ask it for things. Pure: values in, values out.
//!
//! Inbound: [`RawWebhook`] → [`Provider::verify`] → [`VerifiedWebhook`] → [`Provider::decode`] →
//! facts of the domain. Outbound: [`outbound::Ask`] → [`Provider::request`] → an HTTP request; the
//! reply → [`Provider::read`] → [`outbound::Outcome`].

mod json;
pub mod outbound;
pub mod providers;
pub mod signature;

use avstem_domain::event::{Fact, Version};
use avstem_domain::id::ProviderEventId;
use avstem_domain::time::Timestamp;
use outbound::{Ask, HttpReply, HttpRequest, Outcome};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use signature::SignatureError;

/// A delivery as it came from the network. Nothing in it is to be believed.
#[derive(Debug, Clone, Copy)]
pub struct RawWebhook<'a> {
    /// Names in lower case.
    pub headers: &'a [(String, String)],
    pub body: &'a [u8],
}

/// A delivery whose signature was checked. Only [`Provider::verify`] can make one.
#[derive(Debug, Clone)]
pub struct VerifiedWebhook {
    body: Vec<u8>,
}

impl VerifiedWebhook {
    /// The exact bytes that were signed.
    #[must_use]
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }
}

/// What the outside of a signed delivery says: enough to store it and answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Envelope {
    Readable {
        event: ProviderEventId,
        kind: String,
        /// The provider's id of the customer whom it is about, where it says that at its own level.
        customer: Option<String>,
    },
    /// Not JSON, no event id, … Stored all the same.
    Unreadable,
}

/// A delivery, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub event: ProviderEventId,
    pub kind: String,
    pub created: Timestamp,
    pub livemode: Option<Livemode>,
    /// The provider's account the event belongs to, when it names one.
    pub account: Option<String>,
    pub contents: Contents,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Livemode {
    Live,
    Test,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contents {
    /// At least one fact.
    Facts(Vec<Observation>),
    /// A type that means nothing to us.
    Unrecognised,
}

/// A fact and how new it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    pub version: Version,
    pub fact: Fact,
}

/// Why a signed delivery could not be read. Says where and what was expected; never quotes personal data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct Unreadable {
    /// Where, such as `data.object.amount`.
    pub path: String,
    pub problem: String,
}

/// Whether two bodies of one event id tell the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameEvent {
    /// Equal but for what a redelivery may change.
    Same,
    Conflict,
}

/// One payment provider. No method has a default body: forgetting one must not compile.
pub trait Provider: Sync {
    /// As the settings name it.
    fn name(&self) -> &'static str;
    /// Checks the signature over the raw bytes against every active secret, in constant time.
    fn verify(
        &self,
        raw: RawWebhook<'_>,
        secrets: &[SecretString],
        now: Timestamp,
    ) -> Result<VerifiedWebhook, SignatureError>;
    fn envelope(&self, body: &[u8]) -> Envelope;
    fn decode(&self, body: &[u8]) -> Result<Delivery, Unreadable>;
    fn same_event(&self, first: &[u8], second: &[u8]) -> SameEvent;
    fn request(&self, ask: &Ask) -> HttpRequest;
    /// The idempotency key a request carries, if it carries one.
    fn idempotency_key(&self, ask: &Ask) -> Option<String>;
    fn read(&self, ask: &Ask, reply: &HttpReply) -> Outcome;
    /// How new an object is that the API gave at `read_at` (the provider's own clock).
    fn observed(&self, fact: Fact, read_at: Timestamp) -> Observation;
}
