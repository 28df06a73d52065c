//! Billing periods counted from an anchor, as Stripe counts them: the anchor's day of the month is
//! kept, and a month too short for it ends the period on its last day.

use avstem_domain::time::Timestamp;

use crate::Interval;

const DAY_S: i64 = 86_400;

/// The boundary `cycles` billing periods after `anchor`, in UTC.
pub(crate) fn boundary(
    anchor: Timestamp,
    interval: Interval,
    count: u32,
    cycles: i64,
) -> Timestamp {
    let steps = i64::from(count).saturating_mul(cycles);
    match interval {
        Interval::Day => anchor.saturating_add_seconds(steps.saturating_mul(DAY_S)),
        Interval::Week => anchor.saturating_add_seconds(steps.saturating_mul(7 * DAY_S)),
        Interval::Month => add_months(anchor, steps),
        Interval::Year => add_months(anchor, steps.saturating_mul(12)),
    }
}

fn add_months(anchor: Timestamp, months: i64) -> Timestamp {
    let seconds = anchor.unix_seconds();
    let (year, month, day) = civil_from_days(seconds.div_euclid(DAY_S));
    let index = year
        .saturating_mul(12)
        .saturating_add(month - 1)
        .saturating_add(months);
    let (year, month) = (index.div_euclid(12), index.rem_euclid(12) + 1);
    let day = day.min(days_in_month(year, month));
    let moved = days_from_civil(year, month, day).saturating_sub(seconds.div_euclid(DAY_S));
    anchor.saturating_add_seconds(moved.saturating_mul(DAY_S))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let next = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    days_from_civil(next.0, next.1, 1) - days_from_civil(year, month, 1)
}

/// Days since 1970-01-01 of a day of the Gregorian calendar. Months count from 1.
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`]: year, month, day.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = (shifted_month + 2) % 12 + 1;
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    fn monthly(anchor: &str) -> Vec<String> {
        (0..6)
            .map(|n| boundary(at(anchor), Interval::Month, 1, n).to_rfc3339())
            .map(|text| text.chars().take(10).collect())
            .collect()
    }

    #[test]
    fn the_anchor_day_comes_back_after_a_short_month() {
        assert_eq!(
            monthly("2026-12-31T10:30:00Z"),
            [
                "2026-12-31",
                "2027-01-31",
                "2027-02-28",
                "2027-03-31",
                "2027-04-30",
                "2027-05-31"
            ]
        );
        assert_eq!(monthly("2028-01-30T00:00:00Z")[1], "2028-02-29");
    }

    #[test]
    fn the_time_of_day_stays_and_years_keep_leap_days() {
        let anchor = at("2028-02-29T23:59:59Z");
        let year = |n| boundary(anchor, Interval::Year, 1, n).to_rfc3339();
        assert_eq!(year(1), "2029-02-28T23:59:59Z");
        assert_eq!(year(4), "2032-02-29T23:59:59Z");
        assert_eq!(
            boundary(anchor, Interval::Week, 2, 1).to_rfc3339(),
            "2028-03-14T23:59:59Z"
        );
    }

    #[test]
    fn day_numbers_and_dates_are_inverse_over_a_century() {
        for day in (-1_000..40_000).step_by(7) {
            let (y, m, d) = civil_from_days(day);
            assert_eq!(days_from_civil(y, m, d), day);
        }
        assert_eq!(civil_from_days(0), (1970, 1, 1));
    }
}
