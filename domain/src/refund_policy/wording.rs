//! How amounts, calendar days and windows are written to customers, in Swedish and English.

use super::{RefundWindow, WindowUnit};
use crate::money::Money;
use crate::time::Timestamp;
use chrono::Datelike;

/// One value in both languages.
pub(super) struct Told {
    pub sv: String,
    pub en: String,
}

const MONTHS: [(&str, &str); 12] = [
    ("januari", "January"),
    ("februari", "February"),
    ("mars", "March"),
    ("april", "April"),
    ("maj", "May"),
    ("juni", "June"),
    ("juli", "July"),
    ("augusti", "August"),
    ("september", "September"),
    ("oktober", "October"),
    ("november", "November"),
    ("december", "December"),
];

/// `249,00 SEK` and `249.00 SEK`.
pub(super) fn money(amount: Money) -> Told {
    let en = amount.to_string();
    Told {
        sv: en.replace('.', ","),
        en,
    }
}

/// `22 november 2026` and `22 November 2026`, as the calendar in `zone` has it.
pub(super) fn day(instant: Timestamp, zone: chrono_tz::Tz) -> Told {
    let date = instant.date_in(zone);
    let index = usize::try_from(date.month0()).unwrap_or_default();
    let (sv, en) = MONTHS.get(index).copied().unwrap_or_default();
    let write = |month: &str| format!("{} {month} {}", date.day(), date.year());
    Told {
        sv: write(sv),
        en: write(en),
    }
}

/// `14 dagar` and `14 days`.
pub(super) fn window(window: RefundWindow) -> Told {
    let (count, unit) = window.in_largest_unit();
    let (sv, en) = match (unit, count) {
        (WindowUnit::Days, 1) => ("dag", "day"),
        (WindowUnit::Days, _) => ("dagar", "days"),
        (WindowUnit::Hours, 1) => ("timme", "hour"),
        (WindowUnit::Hours, _) => ("timmar", "hours"),
        (WindowUnit::Seconds, 1) => ("sekund", "second"),
        (WindowUnit::Seconds, _) => ("sekunder", "seconds"),
    };
    Told {
        sv: format!("{count} {sv}"),
        en: format!("{count} {en}"),
    }
}
