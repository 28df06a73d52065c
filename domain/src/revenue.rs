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

/// Where one charge stands with what was deferred of it, at the end of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deferral {
    /// What the charge put into deferred revenue: its amount less its VAT.
    pub deferred: Money,
    /// What refunds and lost disputes have taken from there.
    pub given_back: Money,
    /// What month ends have recognised.
    pub recognised: Money,
}

impl Deferral {
    /// What is deferred still. Below zero when more was taken than was there.
    pub fn left(&self) -> Result<Money, MoneyError> {
        self.deferred
            .checked_sub(self.given_back)?
            .checked_sub(self.recognised)
    }

    /// What becomes income when `closing` is closed; zero or more, and never more than is left. `earned`
    /// is the last month that was closed with the charge.
    ///
    /// As long as nothing was given back, the months earn the parts of one schedule over the whole
    /// period. After that, those that are left share what is left. Where no period is known to spread
    /// it over, all of it is earned at once.
    pub fn earned_by(
        &self,
        period: Option<BillingPeriod>,
        earned: Option<Month>,
        closing: Month,
        zone: chrono_tz::Tz,
    ) -> Result<Money, MoneyError> {
        let left = self.left()?;
        let nothing = Money::zero(left.currency());
        if !left.is_positive() {
            return Ok(nothing);
        }
        let Some(period) = period else {
            return Ok(left);
        };
        if self.given_back.is_zero() {
            let due = earned_by(self.deferred, period, None, closing, zone)?;
            let due = due.checked_sub(self.recognised)?;
            return Ok(if due.is_positive() { due } else { nothing });
        }
        earned_by(left, period, earned, closing, zone)
    }
}

#[cfg(test)]
mod tests;
