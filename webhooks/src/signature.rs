//! What every provider's webhook signature needs: the error, the age limit, HMAC-SHA256 and its
//! comparison in constant time.

use avstem_domain::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// How far the signed time may lie from now, in whole seconds, inclusive, in both directions.
/// Source: the default of Stripe's official SDKs (`DEFAULT_TOLERANCE`, 300), which limit the past only;
/// the same limit for the future is ours. Longer lets a captured delivery be replayed; shorter refuses
/// honest deliveries when a queue is slow or a clock is off.
pub const TOLERANCE_S: i64 = 300;

/// Why a delivery is not believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    #[error(
        "there is no {header} header: send the request from the provider, or sign it with the endpoint's secret"
    )]
    MissingHeader { header: &'static str },
    #[error(
        "the {header} header cannot be read ({problem}): pass it on exactly as the provider sent it"
    )]
    Malformed {
        header: &'static str,
        problem: &'static str,
    },
    #[error("the {header} header has no time (t=…): pass it on exactly as the provider sent it")]
    NoTimestamp { header: &'static str },
    #[error("the {header} header has no v1 signature: pass it on exactly as the provider sent it")]
    NoSignature { header: &'static str },
    #[error(
        "the delivery was signed {age_s} s ago, at most {TOLERANCE_S} s are accepted: let the provider send it again, and check this machine's clock"
    )]
    TooOld { age_s: i64 },
    #[error(
        "the delivery is signed {ahead_s} s in the future, at most {TOLERANCE_S} s are accepted: check this machine's clock"
    )]
    TooFarInTheFuture { ahead_s: i64 },
    #[error(
        "no signature in the header fits this body and a configured secret: compare the endpoint's signing secret at the provider with webhook_secrets, and forward the body unchanged"
    )]
    Mismatch,
    #[error(
        "no webhook secret is configured for this connection: set webhook_secrets to the endpoint's signing secret"
    )]
    NoSecret,
}

/// Secrets that can sign: the empty and the blank ones are left out, because anyone can sign with them.
/// Errors with [`SignatureError::NoSecret`] when none is left.
pub(crate) fn usable(secrets: &[SecretString]) -> Result<Vec<&SecretString>, SignatureError> {
    let usable: Vec<_> = secrets
        .iter()
        .filter(|s| !s.expose_secret().trim().is_empty())
        .collect();
    if usable.is_empty() {
        Err(SignatureError::NoSecret)
    } else {
        Ok(usable)
    }
}

/// HMAC-SHA256 over the concatenation of `parts`, as lower-case hex.
pub(crate) fn hmac_sha256_hex(key: &[u8], parts: &[&[u8]]) -> Result<String, SignatureError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| SignatureError::NoSecret)?;
    for part in parts {
        mac.update(part);
    }
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    Ok(mac
        .finalize()
        .into_bytes()
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)])
        .collect())
}

/// Whether one of `given` equals one of `expected`. Every pair is compared and the result is only
/// looked at in the end, so the time taken tells neither how much of a guess was right nor which secret
/// is in use. Lengths are public.
pub(crate) fn any_equal(expected: &[String], given: &[&str]) -> bool {
    let mut found = Choice::from(0);
    for signature in expected {
        for candidate in given {
            found |= signature.as_bytes().ct_eq(candidate.as_bytes());
        }
    }
    bool::from(found)
}

/// Checks the age of a signature made at `signed_s` (Unix seconds). `now` counts in whole seconds,
/// rounded down, as the signer's clock does.
pub(crate) fn check_age(signed_s: i64, now: Timestamp) -> Result<(), SignatureError> {
    let age_s = now.unix_seconds().saturating_sub(signed_s);
    if age_s > TOLERANCE_S {
        return Err(SignatureError::TooOld { age_s });
    }
    let ahead_s = age_s.saturating_neg();
    if ahead_s > TOLERANCE_S {
        return Err(SignatureError::TooFarInTheFuture { ahead_s });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2.
    #[test]
    fn hmac_sha256_gives_the_published_test_value() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(
            hmac_sha256_hex(b"Jefe", &[b"what do ya want ", b"for nothing?"]).unwrap(),
            expected
        );
    }

    #[test]
    fn signatures_are_equal_only_as_a_whole_and_in_the_same_case() {
        let expected = ["ab12".to_owned(), "cd34".to_owned()];
        assert!(any_equal(&expected, &["0000", "cd34"]));
        for wrong in ["AB12", "ab1", "ab123", "", "ab13"] {
            assert!(!any_equal(&expected, &[wrong]), "{wrong}");
        }
        assert!(!any_equal(&[], &["ab12"]) && !any_equal(&expected, &[]));
    }

    #[test]
    fn the_age_limit_is_inclusive_both_ways() {
        let now = Timestamp::from_micros(1_793_610_000_999_999).unwrap();
        let signed = |offset: i64| check_age(1_793_610_000 + offset, now);
        assert_eq!(signed(-300), Ok(()));
        assert_eq!(signed(300), Ok(()));
        assert_eq!(signed(-301), Err(SignatureError::TooOld { age_s: 301 }));
        assert_eq!(
            signed(301),
            Err(SignatureError::TooFarInTheFuture { ahead_s: 301 })
        );
        assert!(check_age(i64::MAX, now).is_err() && check_age(i64::MIN, now).is_err());
    }

    #[test]
    fn blank_secrets_are_no_secrets() {
        let of = |texts: &[&str]| {
            texts
                .iter()
                .map(|t| SecretString::from(*t))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            usable(&of(&["", " \t"])).unwrap_err(),
            SignatureError::NoSecret
        );
        assert_eq!(usable(&of(&["", "whsec_a"])).unwrap().len(), 1);
    }
}
