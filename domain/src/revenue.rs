//! Revenue that was paid for ahead, earned as its period passes.
//!
//! What a charge left in deferred revenue is spread over the calendar months of its period, straight-line
//! by time, in parts that sum to the whole. At the end of a month the part of that month, and of every
//! month before it that is still there, becomes income. Refunds and lost disputes take from what is
//! deferred at that time; the months that are left then share the rest.

use crate::money::{Money, MoneyError};
use crate::time::{BillingPeriod, Timestamp, start_of_day};
use chrono::{Datelike, NaiveDate};
use std::fmt;

/// A calendar month, such as `2026-10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// Its first day.
    first: NaiveDate,
}

/// Why a text is not a month.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a calendar month; write it as 2026-10")]
pub struct NotAMonth(String);

impl Month {
    /// Reads `YYYY-MM`.
    pub fn parse(text: &str) -> Result<Self, NotAMonth> {
        let not = || NotAMonth(text.chars().take(40).collect());
        // chrono alone would also take "2026-1".
        if text.len() != 7 {
            return Err(not());
        }
        NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d")
            .map(|first| Self { first })
            .map_err(|_| not())
    }

    /// The month that a day is in.
    #[must_use]
    pub fn of(day: NaiveDate) -> Self {
        Self {
            first: day.with_day(1).unwrap_or(day),
        }
    }

    #[must_use]
    pub const fn first_day(self) -> NaiveDate {
        self.first
    }

    #[must_use]
    pub fn last_day(self) -> NaiveDate {
        let next = self.next().first;
        next.pred_opt().unwrap_or(next)
    }

    #[must_use]
    pub fn next(self) -> Self {
        let first = self
            .first
            .checked_add_months(chrono::Months::new(1))
            .unwrap_or(self.first);
        Self { first }
    }

    /// The first instant of the month in `zone`.
    #[must_use]
    pub fn start(self, zone: chrono_tz::Tz) -> Timestamp {
        start_of_day(self.first, zone)
    }

    /// The first instant that is not in the month any more.
    #[must_use]
    pub fn end(self, zone: chrono_tz::Tz) -> Timestamp {
        self.next().start(zone)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first.format("%Y-%m"))
    }
}

/// What is earned of `deferred` in each month of `period`, from the first month that is after `earned`
/// on; `None`: nothing was earned before. Months that are behind us already add to the first one.
///
/// The parts sum to `deferred`. Empty when there is nothing to spread.
pub fn schedule(
    deferred: Money,
    period: BillingPeriod,
    earned: Option<Month>,
    zone: chrono_tz::Tz,
) -> Result<Vec<(Month, Money)>, MoneyError> {
    if deferred.is_zero() {
        return Ok(Vec::new());
    }
    let mut months = Vec::new();
    let mut weights = Vec::new();
    let mut month = Month::of(period.start().date_in(zone));
    while month.start(zone) < period.end() {
        let from = month.start(zone).max(period.start());
        let to = month.end(zone).min(period.end());
        let weight = to.micros_since(from);
        match (months.last(), earned) {
            // Earned before: what comes now is shared by the months that are left.
            (None, Some(earned)) if month <= earned => {}
            _ => {
                months.push(month);
                weights.push(weight);
            }
        }
        month = month.next();
    }
    if months.is_empty() {
        // The whole period is behind what was earned: what came late is earned in the next month.
        let next = earned.map_or(month, Month::next);
        return Ok(vec![(next, deferred)]);
    }
    let parts = deferred.allocate(&weights)?;
    Ok(months.into_iter().zip(parts).collect())
}

/// What becomes income when `closing` is closed: everything that the schedule gives to it and to months
/// before it. `earned` is the last month closed before.
pub fn earned_by(
    deferred: Money,
    period: BillingPeriod,
    earned: Option<Month>,
    closing: Month,
    zone: chrono_tz::Tz,
) -> Result<Money, MoneyError> {
    let mut sum = Money::zero(deferred.currency());
    for (month, part) in schedule(deferred, period, earned, zone)? {
        if month <= closing {
            sum = sum.checked_add(part)?;
        }
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;
    use proptest::prelude::*;

    const ZONE: chrono_tz::Tz = chrono_tz::Europe::Stockholm;

    fn sek(minor: i64) -> Money {
        Money::from_minor(minor, Currency::parse("SEK").unwrap())
    }

    fn month(text: &str) -> Month {
        Month::parse(text).unwrap()
    }

    fn period(start: &str, end: &str) -> BillingPeriod {
        let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
        BillingPeriod::new(at(start), at(end)).unwrap()
    }

    fn told(schedule: &[(Month, Money)]) -> Vec<String> {
        schedule
            .iter()
            .map(|(month, part)| format!("{month} {}", part.minor()))
            .collect()
    }

    #[test]
    fn a_month_reads_and_prints_and_knows_its_days() {
        let october = month("2026-10");
        assert_eq!(october.to_string(), "2026-10");
        assert_eq!(october.last_day().to_string(), "2026-10-31");
        assert_eq!(month("2026-12").next(), month("2027-01"));
        assert_eq!(october.start(ZONE).to_rfc3339(), "2026-09-30T22:00:00Z");
        assert_eq!(october.end(ZONE).to_rfc3339(), "2026-10-31T23:00:00Z");
        for bad in ["2026-1", "2026-13", "2026", "2026-10-01", "", "abcd-ef"] {
            assert!(Month::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_month_s_charge_is_split_by_time_and_the_parts_are_the_whole() {
        // From 16 October at noon to 16 November at noon, in Stockholm: 15.5 days and an hour (winter
        // time begins), then 15.5 days.
        let paid = period("2026-10-16T10:00:00Z", "2026-11-16T11:00:00Z");
        let parts = schedule(sek(19_920), paid, None, ZONE).unwrap();
        assert_eq!(told(&parts), ["2026-10 9973", "2026-11 9947"]);
    }

    #[test]
    fn a_year_is_thirteen_months_when_it_begins_in_the_middle_of_one() {
        let paid = period("2026-10-16T10:00:00Z", "2027-10-16T10:00:00Z");
        let parts = schedule(sek(199_201), paid, None, ZONE).unwrap();
        assert_eq!(parts.len(), 13);
        let sum: i64 = parts.iter().map(|(_, part)| part.minor()).sum();
        assert_eq!(sum, 199_201);
    }

    #[test]
    fn what_comes_late_is_shared_by_the_months_that_are_left() {
        let paid = period("2026-09-30T22:00:00Z", "2026-12-31T23:00:00Z");
        let closed = Some(month("2026-10"));
        let parts = schedule(sek(6_100), paid, closed, ZONE).unwrap();
        assert_eq!(told(&parts), ["2026-11 3000", "2026-12 3100"]);
        let all = earned_by(
            sek(100),
            paid,
            Some(month("2026-12")),
            month("2027-01"),
            ZONE,
        );
        assert_eq!(all.unwrap(), sek(100));
        let later = earned_by(
            sek(100),
            paid,
            Some(month("2026-12")),
            month("2026-12"),
            ZONE,
        );
        assert_eq!(later.unwrap(), sek(0));
    }

    #[test]
    fn a_month_that_was_not_closed_is_earned_with_the_next_one() {
        let paid = period("2026-09-30T22:00:00Z", "2026-12-31T23:00:00Z");
        let earned = earned_by(sek(9_200), paid, None, month("2026-11"), ZONE).unwrap();
        // October has an hour more than 31 days.
        assert_eq!(earned, sek(6_102));
    }

    proptest! {
        /// Closed month by month, with refunds between, what was deferred is earned or given back whole.
        #[test]
        fn deferred_revenue_ends_at_zero(
            amount in 1i64..10_000_000,
            start in 1_700_000_000i64..1_900_000_000,
            days in 1i64..800,
            refunds in proptest::collection::vec(0i64..100, 40),
        ) {
            let from = Timestamp::from_unix_seconds(start).unwrap();
            let paid = BillingPeriod::new(from, from.saturating_add_seconds(days * 86_400)).unwrap();
            let mut left = sek(amount);
            let mut closed = None;
            let mut month = Month::of(from.date_in(ZONE));
            for percent in refunds {
                let back = sek(left.minor() * percent / 100 / 4);
                left = left.checked_sub(back).unwrap();
                let earned = earned_by(left, paid, closed, month, ZONE).unwrap();
                prop_assert!(earned.minor() >= 0 && earned.minor() <= left.minor());
                left = left.checked_sub(earned).unwrap();
                closed = Some(month);
                month = month.next();
                if month.start(ZONE) >= paid.end() {
                    break;
                }
            }
            prop_assert!(left.is_zero());
        }

        /// Without anything between, month by month is the schedule that was known from the start.
        #[test]
        fn closing_follows_the_schedule(amount in 1i64..10_000_000, start in 1_700_000_000i64..1_900_000_000, days in 1i64..800) {
            let from = Timestamp::from_unix_seconds(start).unwrap();
            let paid = BillingPeriod::new(from, from.saturating_add_seconds(days * 86_400)).unwrap();
            let known = schedule(sek(amount), paid, None, ZONE).unwrap();
            let mut sum = 0;
            for (month, _) in &known {
                let upto = earned_by(sek(amount), paid, None, *month, ZONE).unwrap().minor();
                prop_assert!(upto >= sum);
                sum = upto;
            }
            prop_assert_eq!(sum, amount);
        }
    }
}
