//! What customers read: texts in Swedish and English, and how amounts, days and times are written.
//!
//! The texts are in `locales/`, one file a language, and are part of the program.

use crate::config::Locale;
use avstem_domain::money::Money;
use avstem_domain::time::{BillingPeriod, Timestamp};
use chrono::Datelike;
use chrono_tz::Tz;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use std::sync::LazyLock;

type Bundle = FluentBundle<FluentResource>;

const SWEDISH_TEXTS: &str = include_str!("../locales/sv.ftl");
const ENGLISH_TEXTS: &str = include_str!("../locales/en.ftl");

static SWEDISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Locale::Sv, SWEDISH_TEXTS));
static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Locale::En, ENGLISH_TEXTS));

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

/// One language, in which times are told by the calendar and clock of one time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speech {
    pub locale: Locale,
    pub zone: Tz,
}

impl Speech {
    /// The text of a key. A key that does not exist is its own text; a test keeps that from happening.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.with(key, &[])
    }

    /// The text of a key, with these values in its places.
    #[must_use]
    pub fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        let bundle = match self.locale {
            Locale::Sv => &*SWEDISH,
            Locale::En => &*ENGLISH,
        };
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, "There is no text for {key}");
            return key.to_owned();
        };
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set(*name, *value);
        }
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&args), &mut errors);
        if !errors.is_empty() {
            tracing::error!(key, "The text {key} lacks a value");
        }
        text.into_owned()
    }

    /// `249,00 kr` in Swedish (`249,00 EUR` for other currencies than the krona), `SEK 249.00` in
    /// English, with exactly the currency's digits.
    #[must_use]
    pub fn money(&self, amount: Money) -> String {
        let (digits, currency) = (amount.to_decimal_string(), amount.currency());
        match self.locale {
            Locale::En => format!("{currency} {digits}"),
            Locale::Sv => {
                let unit = if currency.code() == "SEK" {
                    "kr"
                } else {
                    currency.code()
                };
                format!("{} {unit}", digits.replace('.', ","))
            }
        }
    }

    /// An amount without its currency, for tables and pictures: `1 234,50` in Swedish and `1,234.50` in
    /// English, with a true minus sign.
    #[must_use]
    pub fn figure(&self, amount: Money) -> String {
        let digits = amount.to_decimal_string();
        let (sign, digits) = match digits.strip_prefix('-') {
            Some(rest) => ("\u{2212}", rest),
            None => ("", digits.as_str()),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let (between, point) = match self.locale {
            Locale::Sv => ('\u{a0}', ','),
            Locale::En => (',', '.'),
        };
        let mut grouped = String::from(sign);
        for (index, digit) in whole.chars().enumerate() {
            let left = whole.len().saturating_sub(index);
            if index > 0 && left.is_multiple_of(3) {
                grouped.push(between);
            }
            grouped.push(digit);
        }
        if !part.is_empty() {
            grouped.push(point);
            grouped.push_str(part);
        }
        grouped
    }

    /// The same, with a plus before what adds.
    #[must_use]
    pub fn change(&self, amount: Money) -> String {
        let sign = if amount.is_positive() { "+" } else { "" };
        format!("{sign}{}", self.figure(amount))
    }

    /// `22 november 2026` and `22 November 2026`.
    #[must_use]
    pub fn day(&self, instant: Timestamp) -> String {
        let date = instant.date_in(self.zone);
        let month = usize::try_from(date.month0())
            .ok()
            .and_then(|index| MONTHS.get(index));
        let (sv, en) = month.copied().unwrap_or_default();
        let month = match self.locale {
            Locale::Sv => sv,
            Locale::En => en,
        };
        format!("{} {month} {}", date.day(), date.year())
    }

    /// `22 november 2026 kl. 19:00 CET` and `22 November 2026 at 19:00 CET`; seconds are left out.
    #[must_use]
    pub fn moment(&self, instant: Timestamp) -> String {
        let local = instant.to_utc().with_timezone(&self.zone);
        let zone = local.format("%Z").to_string();
        // Zones without a name of their own are called by their offset.
        let zone = if zone.starts_with(['+', '-']) {
            format!("UTC{zone}")
        } else {
            zone
        };
        let time = local.format("%H:%M").to_string();
        self.with(
            "moment",
            &[
                ("day", &self.day(instant)),
                ("time", &time),
                ("zone", &zone),
            ],
        )
    }

    /// From the day a period starts to the day it ends, which is the day the next one starts.
    #[must_use]
    pub fn period(&self, period: BillingPeriod) -> String {
        let (start, end) = (self.day(period.start()), self.day(period.end()));
        self.with("period", &[("start", &start), ("end", &end)])
    }
}

fn bundle(locale: Locale, texts: &str) -> Bundle {
    let language = locale.as_str().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![language]);
    // Marks around values would end up in plain-text letters; nothing here is written right to left.
    bundle.set_use_isolating(false);
    let resource = match FluentResource::try_new(texts.to_owned()) {
        Ok(resource) => resource,
        // What can be read of the file is used; a test reads all of it.
        Err((resource, _)) => resource,
    };
    bundle.add_resource_overriding(resource);
    bundle
}

#[cfg(test)]
mod tests;
