//! Ids as Stripe makes them: they begin with the time of making, so that those of one kind are nearly in the order in
//! which they came. A database notices: a row goes beside the last one, and not just anywhere.
//!
//! It is not documented, and nothing here relies on it but the shape of a load. It is read off pairs that were published, of
//! ids with their `created`: five letters after the first digit count seconds (`re_1Nispe2eZvKYlo2Cd31jOCgZ` with 1692942318, of
//! Stripe's own documentation, and `evt_1N13CzBXwIeXC3Ja9SD3EXda` with 1682495773, of a stranger's delivery), and the first four
//! of a customer's count minutes (`cus_NffrFeUfNV2Hib` with 1680893993), all since the same moment of 2012. Samples that somebody
//! made up or edited do not agree (`evt_1NycK5LkdIwHu7ixQmTvPrbF`). That letters of the account follow, and then letters by
//! chance, is a guess from ids of one account.

use crate::rng::{ALPHABET, SplitMix64};
use avstem_domain::time::Timestamp;

/// From when on ids count.
const SINCE: i64 = 1_342_389_380;

#[derive(Debug, Clone)]
pub(crate) struct Ids {
    chance: SplitMix64,
    account: String,
}

impl Ids {
    pub(crate) fn new(mut chance: SplitMix64) -> Self {
        let account = chance.base62(10);
        Self { chance, account }
    }

    /// A new id such as `ch_1…`, with as many letters as Stripe's have.
    pub(crate) fn next(&mut self, prefix: &str, now: Timestamp) -> String {
        let seconds = now.unix_seconds().saturating_sub(SINCE);
        if prefix == "cus" {
            let minutes = base62(seconds / 60, 4);
            return format!("cus_{minutes}{}", self.chance.base62(10));
        }
        let (time, account) = (base62(seconds, 5), &self.account);
        format!("{prefix}_1{time}{account}{}", self.chance.base62(8))
    }

    /// Letters of something that is no object of the provider's.
    pub(crate) fn letters(&mut self, length: usize) -> String {
        self.chance.base62(length)
    }
}

/// A number in so many letters; of a larger one the last so many.
fn base62(number: i64, letters: u32) -> String {
    let mut rest = u64::try_from(number).unwrap_or(0);
    let mut text: Vec<char> = Vec::new();
    for _ in 0..letters {
        let digit = usize::try_from(rest % 62).unwrap_or(0);
        text.extend(ALPHABET.get(digit).copied().map(char::from));
        rest /= 62;
    }
    text.into_iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> Ids {
        Ids::new(SplitMix64::new(7, 1))
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).unwrap()
    }

    #[test]
    fn an_id_begins_as_published_ones_of_that_second_do() {
        let mut ids = ids();
        for (created, begins) in [
            (1_682_495_773, "evt_1N13Cz"),
            (1_686_152_966, "evt_1NGOby"),
            (1_692_942_318, "re_1Nispe"),
            (1_680_893_993, "cus_Nffr"),
        ] {
            let (prefix, _) = begins.split_once('_').unwrap();
            let id = ids.next(prefix, at(created));
            assert!(id.starts_with(begins), "{id} does not begin with {begins}");
        }
    }

    #[test]
    fn ids_are_of_the_length_of_the_provider_s_and_in_the_order_of_time() {
        let mut ids = ids();
        let [first, second] = [1_700_000_000, 1_700_000_001].map(|now| ids.next("ch", at(now)));
        assert_eq!(first.len(), "ch_".len() + 24);
        assert!(first < second, "{first} {second}");
        assert_eq!(ids.next("cus", at(1_700_000_000)).len(), "cus_".len() + 14);
        assert_ne!(ids.next("ch", at(1_700_000_000)), first);
    }
}
