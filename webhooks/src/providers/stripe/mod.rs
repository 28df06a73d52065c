//! Stripe: webhooks in both API shapes (classic, to 2025-02; newer, from 2025-03-31), and its REST API.
//!
//! Reading order: `verify`, `envelope`, `decode` with one file per object, `version` (which of
//! two snapshots is newer), `request`, `read` with `refusal` and `documents`.

mod amount;
mod charge;
mod customer;
mod decode;
mod dispute;
mod documents;
mod envelope;
mod fields;
mod invoice;
mod payment;
mod payout;
mod read;
mod refund;
mod refusal;
mod request;
mod subscription;
#[cfg(test)]
mod tests;
mod verify;
mod version;

use crate::outbound::{Ask, HttpReply, HttpRequest, Outcome};
use crate::signature::SignatureError;
use crate::{
    Delivery, Envelope, Observation, Provider, RawWebhook, SameEvent, Unreadable, VerifiedWebhook,
};
use avstem_domain::event::Fact;
use avstem_domain::time::Timestamp;
use secrecy::SecretString;

pub use request::API_VERSION;

/// The header that carries the signature.
pub const SIGNATURE_HEADER: &str = "stripe-signature";

/// Key of the metadata entry by which a refund carries our refund's id.
pub const REFUND_METADATA: &str = "avstem_refund";

pub struct Stripe;

impl Stripe {
    /// The event types that can give facts; every other type is [`crate::Contents::Unrecognised`].
    pub fn event_types() -> impl Iterator<Item = &'static str> {
        decode::EVENT_TYPES.iter().map(|(kind, _)| *kind)
    }
}

impl Provider for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn verify(
        &self,
        raw: RawWebhook<'_>,
        secrets: &[SecretString],
        now: Timestamp,
    ) -> Result<VerifiedWebhook, SignatureError> {
        verify::verify(raw, secrets, now)
    }

    fn envelope(&self, body: &[u8]) -> Envelope {
        envelope::read(body)
    }

    fn decode(&self, body: &[u8]) -> Result<Delivery, Unreadable> {
        decode::delivery(body)
    }

    fn same_event(&self, first: &[u8], second: &[u8]) -> SameEvent {
        envelope::same_event(first, second)
    }

    fn request(&self, ask: &Ask) -> HttpRequest {
        request::request(ask)
    }

    fn idempotency_key(&self, ask: &Ask) -> Option<String> {
        request::idempotency_key(ask)
    }

    fn read(&self, ask: &Ask, reply: &HttpReply) -> Outcome {
        read::read(ask, reply)
    }

    fn observed(&self, fact: Fact, read_at: Timestamp) -> Observation {
        version::from_api(fact, read_at)
    }
}
