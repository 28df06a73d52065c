//! Days and instants from text. Each function reads one way of writing and no other.

use crate::context::{DateFormat, DateOrder};
use avstem_domain::time::Timestamp;
use chrono::{FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

/// `2026-10-02`
pub fn iso_day(text: &str) -> Option<NaiveDate> {
    let (year, month, day) = split_day(text, '-')?;
    day_of([year, month, day], [4, 2, 2])
}

/// `2026-10-02 09:12:04`, also with `T`, without seconds, or with a fraction that is dropped.
pub fn iso_local(text: &str) -> Option<NaiveDateTime> {
    let (day, rest) = text.split_at_checked(10)?;
    let clock = rest.strip_prefix([' ', 'T'])?;
    Some(iso_day(day)?.and_time(time_of_day(clock)?))
}

/// `2026/10/02 09:15:00 +0200`
pub fn slashed_with_offset(text: &str) -> Option<Timestamp> {
    let mut words = text.split(' ');
    let (day, clock, zone) = (words.next()?, words.next()?, words.next()?);
    let (year, month, day) = split_day(day, '/')?;
    let day = day_of([year, month, day], [4, 2, 2])?;
    let local = day.and_time(time_of_day(clock)?);
    let offset = hours_and_minutes(zone)?;
    words.next().is_none().then(|| at_offset(local, offset))?
}

/// The day of a camt `Dt` (`2026-10-02`, perhaps with a zone) or `DtTm`: the bank's own calendar day.
pub fn xml_day(text: &str) -> Option<NaiveDate> {
    let (day, rest) = text.split_at_checked(10)?;
    let follows = rest.is_empty() || rest.starts_with(['T', 'Z', '+', '-']);
    follows.then(|| iso_day(day))?
}

/// `261005` of this century.
pub fn two_digit_year(text: &str) -> Option<NaiveDate> {
    let digits = text.len() == 6 && text.is_ascii();
    let parts = [text.get(..2)?, text.get(2..4)?, text.get(4..)?];
    let [year, month, day] = parts.map(|part| number(part, 2));
    let year = i32::try_from(year?).ok()?.checked_add(2000)?;
    digits.then(|| NaiveDate::from_ymd_opt(year, month?, day?))?
}

/// `1005` in the year that brings it nearest to `near`: an entry of January may have a value date of December.
pub fn month_and_day(text: &str, near: NaiveDate) -> Option<NaiveDate> {
    use chrono::Datelike;
    let (month, day) = text.split_at_checked(2)?;
    let (month, day) = (number(month, 2)?, number(day, 2)?);
    (-1..=1)
        .filter_map(|years| NaiveDate::from_ymd_opt(near.year().checked_add(years)?, month, day))
        .min_by_key(|candidate| candidate.signed_duration_since(near).num_days().abs())
}

/// A day in a table, as the settings say.
pub fn day_in(text: &str, format: DateFormat) -> Option<NaiveDate> {
    match format {
        DateFormat::YearMonthDay => iso_day(text),
        DateFormat::Compact => {
            let parts = [text.get(..4)?, text.get(4..6)?, text.get(6..)?];
            day_of(parts, [4, 2, 2])
        }
        DateFormat::DayMonthYear => localised_day(text, DateOrder::DayFirst),
        DateFormat::MonthDayYear => localised_day(text, DateOrder::MonthFirst),
    }
}

/// `02/10/2026`, `2.10.2026`, `02-10-2026` in either order; `2026-10-02` whatever the order.
pub fn localised_day(text: &str, order: DateOrder) -> Option<NaiveDate> {
    if let Some(day) = iso_day(text) {
        return Some(day);
    }
    let separator = text.chars().find(|c| !c.is_ascii_digit())?;
    let known = matches!(separator, '/' | '.' | '-');
    let (first, second, year) = known.then(|| split_day(text, separator))??;
    let (day, month) = match order {
        DateOrder::DayFirst => (first, second),
        DateOrder::MonthFirst => (second, first),
    };
    let short = |part: &str| {
        (1..=2)
            .contains(&part.len())
            .then(|| number(part, part.len()))?
    };
    let year = i32::try_from(number(year, 4)?).ok()?;
    NaiveDate::from_ymd_opt(year, short(month)?, short(day)?)
}

/// `09:12:04`, `09:12`, `9:12:04`
pub fn time_of_day(text: &str) -> Option<NaiveTime> {
    let whole = match text.split_once('.') {
        Some((whole, fraction)) => {
            let digits = !fraction.is_empty() && fraction.bytes().all(|b| b.is_ascii_digit());
            digits.then_some(whole)?
        }
        None => text,
    };
    let mut parts = whole.split(':');
    let hour = parts.next()?;
    let hour = (1..=2)
        .contains(&hour.len())
        .then(|| number(hour, hour.len()))??;
    let minute = number(parts.next()?, 2)?;
    let second = match parts.next() {
        Some(second) => number(second, 2)?,
        None => 0,
    };
    parts
        .next()
        .is_none()
        .then(|| NaiveTime::from_hms_opt(hour, minute, second))?
}

pub fn in_utc(local: NaiveDateTime) -> Option<Timestamp> {
    Timestamp::from_micros(local.and_utc().timestamp_micros()).ok()
}

/// A local time that comes twice is the earlier one; one that the clock skips is an hour later.
pub fn in_zone(local: NaiveDateTime, zone: Tz) -> Option<Timestamp> {
    let at = zone.from_local_datetime(&local).earliest().or_else(|| {
        let later = local.checked_add_signed(TimeDelta::hours(1))?;
        zone.from_local_datetime(&later).earliest()
    })?;
    Timestamp::from_micros(at.timestamp_micros()).ok()
}

/// A local time with the abbreviation of its zone, which tells the hour that comes twice apart.
pub fn in_named_zone(local: NaiveDateTime, zone: &str) -> Option<Timestamp> {
    if let Some((_, minutes)) = ABBREVIATIONS.iter().find(|(name, _)| *name == zone) {
        return at_offset(local, FixedOffset::east_opt(minutes.checked_mul(60)?)?);
    }
    if let Some(offset) = zone.strip_prefix("GMT").and_then(hours_and_minutes) {
        return at_offset(local, offset);
    }
    in_zone(local, zone.parse().ok()?)
}

/// Whether a zone's people write the month first.
pub fn writes_month_first(zone: &str) -> bool {
    const MONTH_FIRST: &[&str] = &[
        "PST", "PDT", "MST", "MDT", "CST", "CDT", "EST", "EDT", "AKST", "AKDT", "HST",
    ];
    MONTH_FIRST.contains(&zone)
}

/// Abbreviations that mean one offset to the providers that write them, in minutes east.
const ABBREVIATIONS: &[(&str, i32)] = &[
    ("CET", 60),
    ("CEST", 120),
    ("UTC", 0),
    ("GMT", 0),
    ("BST", 60),
    ("WET", 0),
    ("WEST", 60),
    ("EET", 120),
    ("EEST", 180),
    ("PST", -480),
    ("PDT", -420),
    ("MST", -420),
    ("MDT", -360),
    ("CST", -360),
    ("CDT", -300),
    ("EST", -300),
    ("EDT", -240),
    ("AKST", -540),
    ("AKDT", -480),
    ("HST", -600),
    ("SGT", 480),
    ("HKT", 480),
    ("JST", 540),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
];

fn at_offset(local: NaiveDateTime, offset: FixedOffset) -> Option<Timestamp> {
    let at = offset.from_local_datetime(&local).single()?;
    Timestamp::from_micros(at.timestamp_micros()).ok()
}

/// `+0200`, `-08:00`
fn hours_and_minutes(text: &str) -> Option<FixedOffset> {
    let (sign, digits) = text.split_at_checked(1)?;
    let digits = digits.replace(':', "");
    let (hours, minutes) = digits.split_at_checked(2)?;
    let seconds = number(hours, 2)?
        .checked_mul(60)?
        .checked_add(number(minutes, 2)?)?;
    let seconds = i32::try_from(seconds.checked_mul(60)?).ok()?;
    match sign {
        "+" => FixedOffset::east_opt(seconds),
        "-" => FixedOffset::west_opt(seconds),
        _ => None,
    }
}

fn split_day(text: &str, separator: char) -> Option<(&str, &str, &str)> {
    let (first, rest) = text.split_once(separator)?;
    let (second, third) = rest.split_once(separator)?;
    Some((first, second, third))
}

/// Year, month and day with so many digits each.
fn day_of(parts: [&str; 3], digits: [usize; 3]) -> Option<NaiveDate> {
    let [year, month, day] = parts;
    let [year_digits, month_digits, day_digits] = digits;
    NaiveDate::from_ymd_opt(
        i32::try_from(number(year, year_digits)?).ok()?,
        number(month, month_digits)?,
        number(day, day_digits)?,
    )
}

fn number(text: &str, digits: usize) -> Option<u32> {
    if text.len() != digits {
        return None;
    }
    text.bytes().try_fold(0_u32, |sum, byte| {
        let digit = u32::from(byte.wrapping_sub(b'0'));
        (digit <= 9).then(|| sum.checked_mul(10)?.checked_add(digit))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
        Some(NaiveDate::from_ymd_opt(year, month, day).unwrap())
    }

    #[test]
    fn days_are_read_in_the_order_that_is_said() {
        assert_eq!(iso_day("2026-10-02"), day(2026, 10, 2));
        assert_eq!(
            localised_day("02/10/2026", DateOrder::DayFirst),
            day(2026, 10, 2)
        );
        assert_eq!(
            localised_day("02/10/2026", DateOrder::MonthFirst),
            day(2026, 2, 10)
        );
        assert_eq!(
            localised_day("2.10.2026", DateOrder::DayFirst),
            day(2026, 10, 2)
        );
        assert_eq!(localised_day("25/10/2026", DateOrder::MonthFirst), None);
        assert_eq!(day_in("20261002", DateFormat::Compact), day(2026, 10, 2));
        assert_eq!(two_digit_year("261005"), day(2026, 10, 5));
        for bad in [
            "2026-02-30",
            "2026-1-2",
            "26-01-02",
            "2026/01/02",
            "",
            "2026-10-02x",
            "20261002",
        ] {
            assert_eq!(iso_day(bad), None, "{bad:?}");
        }
        assert_eq!(two_digit_year("2610ö"), None);
    }

    #[test]
    fn an_entry_date_without_a_year_takes_the_nearest_one() {
        let december = day(2026, 12, 31).unwrap();
        assert_eq!(month_and_day("0102", december), day(2027, 1, 2));
        assert_eq!(
            month_and_day("1230", day(2027, 1, 2).unwrap()),
            day(2026, 12, 30)
        );
        assert_eq!(
            month_and_day("0229", day(2027, 2, 28).unwrap()),
            day(2028, 2, 29)
        );
    }

    #[test]
    fn the_hour_that_comes_twice_is_told_by_the_zone_s_name() {
        let local = iso_local("2026-10-25 02:30:00").unwrap();
        let utc = |at: Option<Timestamp>| at.unwrap().to_rfc3339();
        assert_eq!(utc(in_named_zone(local, "CEST")), "2026-10-25T00:30:00Z");
        assert_eq!(utc(in_named_zone(local, "CET")), "2026-10-25T01:30:00Z");
        assert_eq!(
            utc(in_zone(local, Tz::Europe__Stockholm)),
            "2026-10-25T00:30:00Z"
        );
        let skipped = iso_local("2026-03-29 02:30").unwrap();
        assert_eq!(
            utc(in_zone(skipped, Tz::Europe__Stockholm)),
            "2026-03-29T01:30:00Z"
        );
        assert_eq!(
            utc(in_named_zone(local, "Europe/Stockholm")),
            "2026-10-25T00:30:00Z"
        );
        assert_eq!(
            utc(in_named_zone(local, "GMT-08:00")),
            "2026-10-25T10:30:00Z"
        );
        assert_eq!(in_named_zone(local, "XYZ"), None);
        assert_eq!(
            utc(slashed_with_offset("2026/10/02 09:15:00 +0200")),
            "2026-10-02T07:15:00Z"
        );
        assert_eq!(slashed_with_offset("2026/10/02 09:15:00"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_a_reader_of_dates_fail(text in "\\PC{0,30}", digits in "[0-9:/. +T-]{0,24}") {
            for text in [text, digits] {
                let _ = iso_local(&text).and_then(|at| in_zone(at, Tz::Europe__Stockholm));
                let _ = slashed_with_offset(&text);
                let _ = xml_day(&text);
                let _ = two_digit_year(&text).and_then(|near| month_and_day("0229", near));
                let _ = localised_day(&text, DateOrder::DayFirst);
                let _ = time_of_day(&text);
                for format in DateFormat::ALL {
                    let _ = day_in(&text, *format);
                }
            }
        }
    }
}
