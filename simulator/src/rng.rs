//! The only source of chance: SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
//! generators", 2014). Good enough to spread ids and shuffle deliveries; not for secrets.

pub(crate) const ALPHABET: &[u8] =
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// One independent stream of numbers. Each use has its own stream, so that switching a delivery fault
/// on or reading more often never changes the ids of objects.
#[derive(Debug, Clone)]
pub(crate) struct SplitMix64 {
    state: u64,
}

impl SplitMix64 {
    /// `stream` tells streams of one seed apart.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut rng = Self {
            state: seed ^ stream.wrapping_mul(0xA076_1D64_78BD_642F),
        };
        rng.next();
        rng
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.state ^ (self.state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from 0 up to but not including `bound`; 0 when `bound` is 0.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        let wide = u128::from(self.next()) * u128::try_from(bound).unwrap_or(0);
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// Whether something that happens `percent` times in a hundred happens now.
    pub(crate) fn happens(&mut self, percent: u8) -> bool {
        self.below(100) < usize::from(percent)
    }

    pub(crate) fn base62(&mut self, length: usize) -> String {
        (0..length)
            .filter_map(|_| ALPHABET.get(self.below(ALPHABET.len())))
            .map(|letter| char::from(*letter))
            .collect()
    }

    /// Fisher–Yates.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_of_one_seed_differ_and_repeat() {
        let mut first = SplitMix64::new(7, 1);
        let mut second = SplitMix64::new(7, 2);
        let id = first.base62(24);
        assert_eq!(id.len(), 24);
        assert_ne!(id, second.base62(24));
        assert_eq!(id, SplitMix64::new(7, 1).base62(24));
    }

    #[test]
    fn a_shuffle_keeps_every_item_and_bounds_hold() {
        let mut rng = SplitMix64::new(1, 1);
        let mut items: Vec<u32> = (0..50).collect();
        rng.shuffle(&mut items);
        assert_ne!(items, (0..50).collect::<Vec<_>>());
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
        assert!((0..1000).all(|_| rng.below(3) < 3));
        assert!(!rng.happens(0) && rng.happens(100));
    }
}
