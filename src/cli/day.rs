//! Calendar days as arguments.

use chrono::NaiveDate;

/// Reads `2026-11-22` and nothing else.
pub fn parse(text: &str) -> Result<NaiveDate, String> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d")
        .ok()
        // The parser also takes days without their zeros, and years with a sign.
        .filter(|day| day.to_string() == text && text.len() == 10)
        .ok_or_else(|| "write a day of the calendar, such as 2026-11-22".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_calendar_days_are_taken() {
        assert_eq!(parse("2026-11-22").unwrap().to_string(), "2026-11-22");
        for text in [
            "2026-2-3",
            "2026-02-30",
            "+2026-11-22",
            "12026-11-22",
            "2026-11-22T00:00",
            "today",
            "",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
