//! Signing a closing statement with a key that is kept outside the database.

use crate::app::Failure;
use avstem_domain::ledger::closing::KeyName;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// So many hex digits of a hash name a key: enough to tell keys apart, too few to look one up.
const NAME_DIGITS: usize = 16;

/// Tells keys apart without telling them.
pub fn key_name(key: &SecretString) -> KeyName {
    let mut hasher = Sha256::new();
    hasher.update(b"avstem books.signing_key\0");
    hasher.update(key.expose_secret().as_bytes());
    let digits: String = hex(&hasher.finalize()).chars().take(NAME_DIGITS).collect();
    KeyName(digits)
}

/// HMAC-SHA256 of a statement's text, in lower-case hex digits.
pub fn sign(key: &SecretString, text: &str) -> Result<String, Failure> {
    // HMAC takes a key of any length.
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose_secret().as_bytes())
        .map_err(|e| Failure::unreadable("books.signing_key", e))?;
    mac.update(text.as_bytes());
    Ok(hex(&mac.finalize().into_bytes()))
}

/// Compares in constant time.
pub fn is_signed(key: &SecretString, text: &str, signature: &str) -> Result<bool, Failure> {
    Ok(sign(key, text)?
        .as_bytes()
        .ct_eq(signature.as_bytes())
        .into())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_hmac_sha_256_of_the_text() {
        // RFC 4231, test case 2.
        let key = SecretString::from("Jefe");
        let signature = sign(&key, "what do ya want for nothing?").unwrap();
        assert_eq!(
            signature,
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert!(is_signed(&key, "what do ya want for nothing?", &signature).unwrap());
        assert!(!is_signed(&key, "what do ya want for nothing!", &signature).unwrap());
        let other = SecretString::from("jefe");
        assert_ne!(key_name(&key), key_name(&other));
        assert_eq!(key_name(&key).0.len(), NAME_DIGITS);
    }
}
