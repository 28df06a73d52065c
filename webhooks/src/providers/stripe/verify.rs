//! The `stripe-signature` header: `t=<Unix seconds>,v1=<hex>[,v1=<hex>…][,v0=…]`, where `v1` is the
//! HMAC-SHA256 of `{t}.{raw body}` under the whole `whsec_…` text, in lower-case hex.
//! Source: the official SDKs (`webhooks.constructEvent`); cases in `fixtures/stripe/vectors.json`.

use super::SIGNATURE_HEADER;
use crate::signature::{SignatureError, any_equal, check_age, hmac_sha256_hex, usable};
use crate::{RawWebhook, VerifiedWebhook};
use avstem_domain::time::Timestamp;
use secrecy::{ExposeSecret, SecretString};

/// The signature is checked before the age: a time is worth reporting only when it is Stripe's.
pub(super) fn verify(
    raw: RawWebhook<'_>,
    secrets: &[SecretString],
    now: Timestamp,
) -> Result<VerifiedWebhook, SignatureError> {
    let secrets = usable(secrets)?;
    let header = SignatureHeader::parse(only_header(raw)?)?;
    let expected = secrets
        .into_iter()
        .map(|s| {
            hmac_sha256_hex(
                s.expose_secret().as_bytes(),
                &[header.time.as_bytes(), b".", raw.body],
            )
        })
        .collect::<Result<Vec<_>, _>>()?;
    if !any_equal(&expected, &header.signatures) {
        return Err(SignatureError::Mismatch);
    }
    check_age(header.seconds, now)?;
    Ok(VerifiedWebhook {
        body: raw.body.to_vec(),
    })
}

fn only_header(raw: RawWebhook<'_>) -> Result<&str, SignatureError> {
    let mut values = raw
        .headers
        .iter()
        .filter(|(name, _)| name == SIGNATURE_HEADER)
        .map(|(_, value)| value);
    let first = values.next().ok_or(SignatureError::MissingHeader {
        header: SIGNATURE_HEADER,
    })?;
    if values.next().is_some() {
        return Err(malformed("it occurs twice"));
    }
    Ok(first)
}

struct SignatureHeader<'a> {
    /// As written: it is part of what was signed.
    time: &'a str,
    seconds: i64,
    /// The `v1` values. Other schemes (`v0`) are weaker or unknown and never count.
    signatures: Vec<&'a str>,
}

impl<'a> SignatureHeader<'a> {
    fn parse(header: &'a str) -> Result<Self, SignatureError> {
        let mut time = None;
        let mut signatures = Vec::new();
        for element in header.split(',') {
            let (scheme, value) = element
                .split_once('=')
                .ok_or_else(|| malformed("an element has no ="))?;
            match scheme {
                "t" if time.is_some() => return Err(malformed("t occurs twice")),
                "t" => time = Some(value),
                "v1" => signatures.push(value),
                _ => {}
            }
        }
        let time = time.ok_or(SignatureError::NoTimestamp {
            header: SIGNATURE_HEADER,
        })?;
        let seconds = Some(time)
            .filter(|t| t.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|t| t.parse().ok())
            .ok_or_else(|| malformed("t is not a number of seconds"))?;
        if signatures.is_empty() {
            return Err(SignatureError::NoSignature {
                header: SIGNATURE_HEADER,
            });
        }
        Ok(Self {
            time,
            seconds,
            signatures,
        })
    }
}

const fn malformed(problem: &'static str) -> SignatureError {
    SignatureError::Malformed {
        header: SIGNATURE_HEADER,
        problem,
    }
}
