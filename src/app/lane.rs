//! Lanes: customers in groups, so that deliveries of one group can be booked while those of another are
//! (docs/decisions/0022).

use sha2::{Digest, Sha256};

/// How many groups there are. A process works in six at a time, two for each of three threads; a batch from the head of the queue has to pass
/// over what waits in the other lanes.
pub const LANES: i64 = 8;
/// What does not say whose it is. Nobody else books while that is booked.
pub const OF_ALL: i64 = 0;
/// No customer's: who seals is in it, beside those who book. What is sealed is committed, and sealing changes nothing that they read.
pub const OF_SEALING: i64 = LANES + 1;

/// The lane of a provider's customer, `1..=LANES`, the same in every version of this program, for lanes are stored with
/// deliveries; [`OF_ALL`] without one.
#[must_use]
pub fn of(connection: &str, customer: Option<&str>) -> i64 {
    let Some(customer) = customer else {
        return OF_ALL;
    };
    let mut hash = Sha256::new();
    hash.update(connection);
    hash.update([0]);
    hash.update(customer);
    let [first, ..] = <[u8; 32]>::from(hash.finalize());
    1 + i64::from(first) % LANES
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn lanes_are_what_they_were_and_hold_about_as_many_each() {
        assert_eq!(of("stripe", None), OF_ALL);
        let of_customer = |number: usize| of("stripe", Some(&format!("cus_{number}")));
        assert_eq!([0, 1, 2].map(of_customer), [8, 1, 5]);
        assert_ne!(of("stripe", Some("cus_1")), of("another", Some("cus_1")));
        let mut sizes = BTreeMap::new();
        (0..8_000).for_each(|number| *sizes.entry(of_customer(number)).or_insert(0) += 1);
        assert_eq!(
            sizes.keys().copied().collect::<Vec<_>>(),
            (1..=LANES).collect::<Vec<_>>()
        );
        assert!(
            sizes.values().all(|size| (900..1_100).contains(size)),
            "{sizes:?}"
        );
    }
}
