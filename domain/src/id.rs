//! Ids, each its own type: ours are prefixed UUIDv7, a provider's are opaque text.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;
use uuid::Uuid;

/// Why a text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    #[error("{text:?} is not a {kind} id; those look like {prefix}_0198…")]
    OfAnotherKind {
        text: String,
        kind: &'static str,
        prefix: &'static str,
    },
    #[error("a provider's id is 1 to 255 printable ASCII characters")]
    NotAProviderId,
}

macro_rules! own_ids {
    ($($(#[$doc:meta])* $name:ident $prefix:literal $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Uuid);

        impl $name {
            pub const PREFIX: &'static str = $prefix;

            /// Makes the id from a UUID that the caller's id source gave.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// Reads `prefix_` + 32 hex digits; refuses every other kind of id.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(|rest| Uuid::try_parse(rest).ok())
                    .map(Self)
                    .ok_or_else(|| IdError::OfAnotherKind {
                        text: text.chars().take(60).collect(), kind: $kind, prefix: $prefix,
                    })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), self.0.as_simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(de::Error::custom)
            }
        }
    )*};
}

own_ids! {
    CustomerId "avcus" "customer";
    SubscriptionId "avsub" "subscription";
    ChargeId "avch" "charge";
    CancellationId "avcan" "cancellation";
    RefundId "avref" "refund";
    DisputeId "avdp" "dispute";
    EventId "avevt" "event";
    JournalId "avjrn" "journal";
    /// Something that a provider's API answered.
    AnswerId "avans" "answer";
    /// A delivery report of a subscription's period.
    DeliveryId "avdel" "delivery";
    ApiKeyId "avkey" "API key";
    /// A settlement report or bank statement that was handed in.
    FileId "avfile" "file";
    ReconciliationId "avrec" "reconciliation";
    BreakId "avbrk" "break";
}

macro_rules! provider_ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Takes 1 to 255 visible ASCII characters; the text means nothing to us.
            pub fn parse(text: &str) -> Result<Self, IdError> {
                let fits = (1..=255).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
                if fits { Ok(Self(text.to_owned())) } else { Err(IdError::NotAProviderId) }
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(de::Error::custom)
            }
        }
    )*};
}

provider_ids! {
    ProviderEventId;
    ProviderCustomerId;
    ProviderSubscriptionId;
    ProviderInvoiceId;
    /// A payment in the making (Stripe: PaymentIntent); succeeded, it has a charge.
    ProviderPaymentId;
    ProviderChargeId;
    ProviderRefundId;
    ProviderDisputeId;
    ProviderPayoutId;
    /// One change of our balance at the provider (Stripe: balance transaction).
    ProviderMovementId;
    /// Any object of a provider, where a report does not say of which kind.
    ProviderObjectId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_one_kind_is_not_read_as_another() {
        let id = SubscriptionId::from_uuid(Uuid::from_u128(7));
        assert_eq!(SubscriptionId::parse(&id.to_string()).unwrap(), id);
        assert!(ChargeId::parse(&id.to_string()).is_err());
        assert!(SubscriptionId::parse("sub_123").is_err());
    }

    #[test]
    fn provider_ids_are_bounded_and_printable() {
        assert!(ProviderChargeId::parse("ch_1SaAaA").is_ok());
        for bad in ["", "a b", "a\nb", "é", &"x".repeat(256)] {
            assert!(ProviderChargeId::parse(bad).is_err(), "{bad:?}");
        }
    }
}
