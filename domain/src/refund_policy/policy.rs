//! A refund policy as data: read from TOML, checked, immutable.

use chrono::NaiveDate;
use serde::Deserialize;

/// A refund policy read from its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Recorded with every decision that was made under it.
    pub version: String,
    /// The first calendar day on which the policy holds.
    pub effective: NaiveDate,
    /// How long after its payment a charge can be refunded (R2, R5).
    pub refund_window: RefundWindow,
    /// How the first charge of a subscription is judged (R2).
    pub initial_charge: InitialCharge,
    /// What a partly delivered period means for its charge (R4).
    pub partly_delivered: PartlyDelivered,
}

/// A length of time, 0 seconds to ten years. A request exactly this long after the payment is in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefundWindow {
    seconds: i64,
}

/// How the first charge of a subscription is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InitialCharge {
    /// As any other cycle's.
    Recurring,
    /// As a one-off order's: the clauses for recurring charges do not refund it.
    Order,
}

/// What a report of partial delivery means for the latest charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartlyDelivered {
    /// The share not delivered is refunded.
    UndeliveredShare,
    /// Nothing is refunded.
    Reject,
    /// All of it is refunded.
    Full,
}

/// Why a policy file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML, an unknown or missing setting, or a value of the wrong kind. `problem` names the line.
    #[error("the refund policy cannot be read; correct the file and start again.\n{problem}")]
    Unreadable { problem: String },
    #[error("the refund policy needs a version, such as version = \"2026-11\"")]
    NoVersion,
    #[error("effective = {text} is not a calendar day; write effective = 2025-10-02")]
    NotADay { text: String },
    #[error(
        "refund_window = {text:?} is not a length of time up to ten years; write days, hours or seconds, such as \"14d\", \"48h\" or \"3600s\""
    )]
    NotAWindow { text: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyFile {
    version: String,
    effective: toml::value::Datetime,
    refund_window: String,
    initial_charge: InitialCharge,
    partly_delivered: PartlyDelivered,
}

impl Policy {
    /// The policy that holds when the configuration names none: `policies/reference.toml`.
    /// A test proves that it parses; the error is there so that nothing has to be unwrapped.
    pub fn reference() -> Result<Self, PolicyError> {
        Self::parse(include_str!("../../../policies/reference.toml"))
    }

    /// Reads a policy file. Every setting is required and every unknown one is refused, so that a
    /// misspelt name cannot leave a default in force.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        let file: PolicyFile = toml::from_str(text).map_err(|error| PolicyError::Unreadable {
            problem: error.to_string(),
        })?;
        if file.version.trim().is_empty() {
            return Err(PolicyError::NoVersion);
        }
        Ok(Self {
            version: file.version,
            effective: calendar_day(&file.effective)?,
            refund_window: RefundWindow::parse(&file.refund_window)?,
            initial_charge: file.initial_charge,
            partly_delivered: file.partly_delivered,
        })
    }
}

fn calendar_day(value: &toml::value::Datetime) -> Result<NaiveDate, PolicyError> {
    let day_alone = value.time.is_none() && value.offset.is_none();
    value
        .date
        .filter(|_| day_alone)
        .and_then(|d| {
            NaiveDate::from_ymd_opt(i32::from(d.year), u32::from(d.month), u32::from(d.day))
        })
        .ok_or_else(|| PolicyError::NotADay {
            text: value.to_string(),
        })
}

impl RefundWindow {
    const SECONDS_PER_HOUR: i64 = 3_600;
    /// A day of the window is 24 hours, whatever the clocks do.
    const SECONDS_PER_DAY: i64 = 86_400;
    const SECONDS_MAX: i64 = 3_653 * Self::SECONDS_PER_DAY;

    /// Reads a whole number with the unit `d`, `h` or `s`.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        Self::seconds_of(text)
            .filter(|seconds| (0..=Self::SECONDS_MAX).contains(seconds))
            .map(|seconds| Self { seconds })
            .ok_or_else(|| PolicyError::NotAWindow {
                text: text.chars().take(40).collect(),
            })
    }

    fn seconds_of(text: &str) -> Option<i64> {
        let units = [
            ('d', Self::SECONDS_PER_DAY),
            ('h', Self::SECONDS_PER_HOUR),
            ('s', 1),
        ];
        let (number, unit) = units
            .into_iter()
            .find_map(|(c, unit)| Some((text.strip_suffix(c)?, unit)))?;
        let digits = number.bytes().all(|b| b.is_ascii_digit());
        let count: i64 = if digits {
            number.parse().ok()?
        } else {
            return None;
        };
        count.checked_mul(unit)
    }

    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.seconds
    }

    #[must_use]
    pub const fn micros(self) -> i64 {
        self.seconds.saturating_mul(1_000_000)
    }

    /// The window as a count of the largest unit that divides it.
    #[must_use]
    pub const fn in_largest_unit(self) -> (i64, WindowUnit) {
        if self.seconds.rem_euclid(Self::SECONDS_PER_DAY) == 0 {
            (
                self.seconds.div_euclid(Self::SECONDS_PER_DAY),
                WindowUnit::Days,
            )
        } else if self.seconds.rem_euclid(Self::SECONDS_PER_HOUR) == 0 {
            (
                self.seconds.div_euclid(Self::SECONDS_PER_HOUR),
                WindowUnit::Hours,
            )
        } else {
            (self.seconds, WindowUnit::Seconds)
        }
    }
}

/// In what a [`RefundWindow`] is told to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowUnit {
    Days,
    Hours,
    Seconds,
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMPLETE: &str = "version = \"t1\"\neffective = 2026-01-01\nrefund_window = \"14d\"\n\
        initial_charge = \"order\"\npartly_delivered = \"reject\"\n";

    #[test]
    fn the_built_in_policy_reads_and_says_what_the_documentation_says() {
        let policy = Policy::reference().unwrap();
        assert_eq!(policy.version, "reference-2025-10-02");
        assert_eq!(
            policy.effective,
            NaiveDate::from_ymd_opt(2025, 10, 2).unwrap()
        );
        assert_eq!(policy.refund_window.seconds(), 14 * 86_400);
        assert_eq!(policy.initial_charge, InitialCharge::Recurring);
        assert_eq!(policy.partly_delivered, PartlyDelivered::UndeliveredShare);
    }

    #[test]
    fn a_misspelt_setting_is_refused_and_the_known_ones_are_named() {
        let text = COMPLETE.replace("refund_window", "refund_windows");
        let message = Policy::parse(&text).unwrap_err().to_string();
        assert!(
            message.contains("refund_windows") && message.contains("`refund_window`"),
            "{message}"
        );
        assert!(message.contains("line 3"), "{message}");
    }

    #[test]
    fn a_missing_setting_or_an_unknown_choice_is_refused_by_name() {
        for (from, to, named) in [
            ("effective = 2026-01-01\n", "", "effective"),
            ("\"order\"", "\"sometimes\"", "sometimes"),
            ("\"reject\"", "\"half\"", "undelivered_share"),
        ] {
            let message = Policy::parse(&COMPLETE.replace(from, to))
                .unwrap_err()
                .to_string();
            assert!(message.contains(named), "{message}");
        }
    }

    #[test]
    fn an_empty_version_or_a_moment_instead_of_a_day_is_refused() {
        assert_eq!(
            Policy::parse(&COMPLETE.replace("t1", " ")),
            Err(PolicyError::NoVersion)
        );
        let moment = COMPLETE.replace("2026-01-01", "2026-01-01T00:00:00Z");
        assert!(matches!(
            Policy::parse(&moment),
            Err(PolicyError::NotADay { .. })
        ));
    }

    #[test]
    fn windows_are_whole_days_hours_or_seconds_and_nothing_else() {
        for (text, seconds, told) in [
            ("14d", 1_209_600, (14, WindowUnit::Days)),
            ("48h", 172_800, (2, WindowUnit::Days)),
            ("36h", 129_600, (36, WindowUnit::Hours)),
            ("90s", 90, (90, WindowUnit::Seconds)),
            ("0d", 0, (0, WindowUnit::Days)),
        ] {
            let window = RefundWindow::parse(text).unwrap();
            assert_eq!(
                (window.seconds(), window.in_largest_unit()),
                (seconds, told),
                "{text}"
            );
        }
        for text in [
            "",
            "d",
            "14",
            "14 d",
            "-1d",
            "+1d",
            "1.5d",
            "14m",
            "4000d",
            "99999999999999999d",
        ] {
            assert!(RefundWindow::parse(text).is_err(), "{text}");
        }
    }
}
