//! Identities of provider lines that are made of several cells.

use avstem_domain::id::{IdError, ProviderMovementId};
use sha2::{Digest, Sha256};
use std::fmt::Write;

const ID_BYTES_MAX: usize = 255;

/// How much of a long identity stays readable before its hash.
const READABLE_BYTES: usize = 180;

/// Joins the parts with `/`; whatever an id cannot hold is written as `%` and its bytes, so that different
/// parts never join to one id. What gets too long ends with its hash.
pub fn compose(parts: &[&str]) -> Result<ProviderMovementId, IdError> {
    let mut id = String::with_capacity(64);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            id.push('/');
        }
        escape(part, &mut id);
    }
    if id.len() > ID_BYTES_MAX {
        let hash = Sha256::digest(id.as_bytes());
        id.truncate(READABLE_BYTES);
        id.push('~');
        for byte in hash {
            push_hex(byte, &mut id);
        }
    }
    ProviderMovementId::parse(&id)
}

fn escape(part: &str, id: &mut String) {
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'/' && byte != b'%';
    if part.bytes().all(plain) {
        id.push_str(part);
        return;
    }
    for byte in part.bytes() {
        if plain(byte) {
            id.push(char::from(byte));
        } else {
            id.push('%');
            push_hex(byte, id);
        }
    }
}

fn push_hex(byte: u8, id: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(id, "{byte:02x}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn parts_stay_readable_and_long_ones_end_with_their_hash() {
        let id = compose(&["41", "Fee", "", "Chargeback fee å"]).unwrap();
        assert_eq!(id.as_str(), "41/Fee//Chargeback%20fee%20%c3%a5");
        let long = "x".repeat(300);
        let (one, other) = (compose(&[&long]).unwrap(), compose(&[&long, ""]).unwrap());
        assert_eq!(one.as_str().len(), 245);
        assert_ne!(one, other);
    }

    proptest! {
        #[test]
        fn different_parts_make_different_ids(
            left in proptest::collection::vec("[a/% ]{0,4}", 2),
            right in proptest::collection::vec("[a/% ]{0,4}", 2),
        ) {
            let id = |parts: &[String]| {
                let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
                compose(&parts).unwrap()
            };
            prop_assert_eq!(left == right, id(&left) == id(&right));
        }
    }
}
