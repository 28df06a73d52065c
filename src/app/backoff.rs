//! How long something that failed for now waits before it is tried again.

/// Waits double from 1 s up to this, so that nothing waits two minutes once the provider answers again.
pub const BACKOFF_MAX_S: i64 = 60;
/// No provider makes us wait longer than this, whatever it asks for.
const RETRY_AFTER_MAX_S: u64 = 120;

/// 1, 2, 4 … s up to the longest wait; never less than the provider asks, within bounds.
#[must_use]
pub fn wait_s(attempts: i64, retry_after_s: Option<u64>) -> i64 {
    let doubled = u32::try_from(attempts)
        .ok()
        .and_then(|n| 1i64.checked_shl(n.min(6)));
    let asked = i64::try_from(retry_after_s.unwrap_or(0).min(RETRY_AFTER_MAX_S)).unwrap_or(0);
    doubled
        .unwrap_or(BACKOFF_MAX_S)
        .min(BACKOFF_MAX_S)
        .max(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_minute_and_heed_the_provider_within_bounds() {
        let waits: Vec<i64> = (0..9).map(|attempts| wait_s(attempts, None)).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(wait_s(0, Some(30)), 30);
        assert_eq!(wait_s(0, Some(u64::MAX)), 120);
        assert_eq!(wait_s(i64::MAX, Some(5)), 60);
    }
}
