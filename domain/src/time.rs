//! Instants and periods. Instants are UTC with microseconds; periods are half-open.

use chrono::{DateTime, NaiveDate, SecondsFormat, TimeZone, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// A UTC instant with microsecond resolution.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    micros: i64,
}

/// Why a time was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    #[error("{0:?} is not an RFC 3339 time with an offset, such as 2026-11-22T18:00:00Z")]
    NotRfc3339(String),
    #[error("a time outside the years 1970 to 9999")]
    OutOfRange,
    #[error("a period must end after it starts: {start} to {end}")]
    EmptyPeriod { start: Timestamp, end: Timestamp },
}

/// 9999-12-31T23:59:59.999999Z, the last instant RFC 3339 can write.
const MICROS_MAX: i64 = 253_402_300_799_999_999;

impl Timestamp {
    /// 1970-01-01T00:00:00Z, the earliest instant.
    pub const EPOCH: Self = Self { micros: 0 };

    /// Microseconds since 1970-01-01T00:00:00Z; errors before 1970 and after 9999.
    pub const fn from_micros(micros: i64) -> Result<Self, TimeError> {
        if micros >= 0 && micros <= MICROS_MAX {
            Ok(Self { micros })
        } else {
            Err(TimeError::OutOfRange)
        }
    }

    /// Whole seconds since 1970, as providers count.
    pub fn from_unix_seconds(seconds: i64) -> Result<Self, TimeError> {
        Self::from_micros(
            seconds
                .checked_mul(1_000_000)
                .ok_or(TimeError::OutOfRange)?,
        )
    }

    pub fn parse_rfc3339(text: &str) -> Result<Self, TimeError> {
        let parsed = DateTime::parse_from_rfc3339(text)
            .map_err(|_| TimeError::NotRfc3339(text.chars().take(40).collect()))?;
        Self::from_micros(parsed.timestamp_micros())
    }

    #[must_use]
    pub const fn as_micros(self) -> i64 {
        self.micros
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.micros.div_euclid(1_000_000)
    }

    #[must_use]
    pub fn to_utc(self) -> DateTime<Utc> {
        Utc.timestamp_micros(self.micros)
            .single()
            .unwrap_or_default()
    }

    /// `2026-11-22T18:00:00Z`; microseconds are written only when they are not zero.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let digits = if self.micros.rem_euclid(1_000_000) == 0 {
            SecondsFormat::Secs
        } else {
            SecondsFormat::Micros
        };
        self.to_utc().to_rfc3339_opts(digits, true)
    }

    /// The calendar day in `zone`.
    #[must_use]
    pub fn date_in(self, zone: chrono_tz::Tz) -> NaiveDate {
        self.to_utc().with_timezone(&zone).date_naive()
    }

    /// Seconds are added; past the supported range the result stays at its edge.
    #[must_use]
    pub const fn saturating_add_seconds(self, seconds: i64) -> Self {
        self.saturating_add_micros(seconds.saturating_mul(1_000_000))
    }

    #[must_use]
    pub const fn saturating_add_micros(self, micros: i64) -> Self {
        let sum = self.micros.saturating_add(micros);
        if sum < 0 {
            Self { micros: 0 }
        } else if sum > MICROS_MAX {
            Self { micros: MICROS_MAX }
        } else {
            Self { micros: sum }
        }
    }

    /// Microseconds from `earlier` to `self`; negative when `earlier` is later.
    #[must_use]
    pub const fn micros_since(self, earlier: Self) -> i64 {
        self.micros.saturating_sub(earlier.micros)
    }
}

/// Written out as its microseconds.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.micros)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_micros(i64::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

/// The first instant of calendar day `date` in `zone`. A day that begins inside a daylight-saving gap
/// begins where the gap ends.
#[must_use]
pub fn start_of_day(date: NaiveDate, zone: chrono_tz::Tz) -> Timestamp {
    let midnight = date.and_time(chrono::NaiveTime::MIN);
    let local = (0..=3).find_map(|hours| {
        let shifted = midnight.checked_add_signed(chrono::TimeDelta::hours(hours))?;
        zone.from_local_datetime(&shifted).earliest()
    });
    let micros = local.map_or_else(
        || midnight.and_utc().timestamp_micros(),
        |t| t.timestamp_micros(),
    );
    Timestamp {
        micros: micros.clamp(0, MICROS_MAX),
    }
}

/// A billing period: contains `start`, does not contain `end`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BillingPeriod {
    start: Timestamp,
    end: Timestamp,
}

impl BillingPeriod {
    /// Errors with [`TimeError::EmptyPeriod`] unless `start < end`.
    pub fn new(start: Timestamp, end: Timestamp) -> Result<Self, TimeError> {
        if start < end {
            Ok(Self { start, end })
        } else {
            Err(TimeError::EmptyPeriod { start, end })
        }
    }

    #[must_use]
    pub const fn start(&self) -> Timestamp {
        self.start
    }

    #[must_use]
    pub const fn end(&self) -> Timestamp {
        self.end
    }

    #[must_use]
    pub fn contains(&self, instant: Timestamp) -> bool {
        self.start <= instant && instant < self.end
    }
}

/// Written out as its start and its end.
impl Serialize for BillingPeriod {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.start, self.end).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for BillingPeriod {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (start, end) = Deserialize::deserialize(deserializer)?;
        Self::new(start, end).map_err(de::Error::custom)
    }
}

impl fmt::Display for BillingPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} to {}", self.start, self.end)
    }
}

impl fmt::Debug for BillingPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How a calendar day is written out: `2026-11-22`.
pub mod day {
    use super::{Deserialize, Deserializer, NaiveDate, Serializer, de};

    pub fn serialize<S: Serializer>(day: &NaiveDate, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(day)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn times_print_as_utc_with_only_the_digits_they_have() {
        assert_eq!(
            at("2026-11-22T19:00:00+01:00").to_rfc3339(),
            "2026-11-22T18:00:00Z"
        );
        assert_eq!(
            at("2026-11-22T18:00:00.25Z").to_rfc3339(),
            "2026-11-22T18:00:00.250000Z"
        );
        assert!(Timestamp::parse_rfc3339("2026-11-22 18:00").is_err());
        assert!(Timestamp::from_unix_seconds(i64::MAX).is_err());
        assert!(Timestamp::from_unix_seconds(-1).is_err());
    }

    #[test]
    fn periods_contain_their_start_and_not_their_end() {
        let period =
            BillingPeriod::new(at("2026-10-01T00:00:00Z"), at("2026-11-01T00:00:00Z")).unwrap();
        assert!(period.contains(period.start()));
        assert!(!period.contains(period.end()));
        assert!(BillingPeriod::new(period.start(), period.start()).is_err());
    }

    #[test]
    fn a_stockholm_day_begins_at_local_midnight_summer_and_winter() {
        let zone = chrono_tz::Europe::Stockholm;
        let day =
            |y, m, d| start_of_day(NaiveDate::from_ymd_opt(y, m, d).unwrap(), zone).to_rfc3339();
        assert_eq!(day(2026, 7, 1), "2026-06-30T22:00:00Z");
        assert_eq!(day(2026, 11, 22), "2026-11-21T23:00:00Z");
        assert_eq!(
            at("2026-11-21T23:00:00Z").date_in(zone),
            NaiveDate::from_ymd_opt(2026, 11, 22).unwrap()
        );
    }
}
