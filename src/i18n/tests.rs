use super::*;
use avstem_domain::money::Currency;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const SV: Speech = Speech {
    locale: Locale::Sv,
    zone: chrono_tz::Europe::Stockholm,
};
const EN: Speech = Speech {
    locale: Locale::En,
    zone: chrono_tz::Europe::Stockholm,
};

/// Where texts are asked for.
const USERS: [&str; 5] = [
    "src/app/receipt.rs",
    "src/app/receipt",
    "src/http/account",
    "src/reports",
    "templates",
];

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn money(minor: i64, currency: &str) -> Money {
    Money::from_minor(minor, Currency::parse(currency).unwrap())
}

/// Every key with the names of the values it takes.
fn messages(texts: &str) -> BTreeMap<String, BTreeSet<String>> {
    let lines = texts
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty());
    let mut found = BTreeMap::new();
    for line in lines {
        let (key, text) = line.split_once(" = ").expect("one message a line");
        let values = text
            .split("{ $")
            .skip(1)
            .map(|rest| rest.split(' ').next().unwrap().to_owned());
        assert!(
            found.insert(key.to_owned(), values.collect()).is_none(),
            "{key} is there twice"
        );
    }
    found
}

fn sources(path: &Path, found: &mut Vec<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            sources(&entry.unwrap().path(), found);
        }
    } else if !path.ends_with("tests.rs") && path.exists() {
        found.push(fs::read_to_string(path).unwrap());
    }
}

/// What customers' pages and letters are made by, without tests.
fn users() -> String {
    let mut found = Vec::new();
    for user in USERS {
        sources(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(user),
            &mut found,
        );
    }
    let own = include_str!("../i18n.rs").to_owned();
    found.push(own);
    found.join("\n")
}

/// The literal first arguments of calls of `.text(…)` and `.with(…)`.
fn asked_for(code: &str) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for call in [".text(", ".with("] {
        for arguments in code.split(call).skip(1) {
            let literal = arguments.trim_start().strip_prefix('"');
            keys.extend(
                literal
                    .and_then(|rest| rest.split('"').next())
                    .map(str::to_owned),
            );
        }
    }
    keys
}

#[test]
fn both_languages_can_be_read_and_say_the_same_things_with_the_same_values() {
    for texts in [SWEDISH_TEXTS, ENGLISH_TEXTS] {
        assert!(FluentResource::try_new(texts.to_owned()).is_ok());
    }
    assert_eq!(messages(SWEDISH_TEXTS), messages(ENGLISH_TEXTS));
}

#[test]
fn every_text_that_is_asked_for_exists_and_none_is_left_unused() {
    let code = users();
    let known = messages(SWEDISH_TEXTS);
    let asked = asked_for(&code);
    assert!(asked.len() > 50, "the calls were not found");
    for key in &asked {
        assert!(known.contains_key(key), "there is no text {key}");
    }
    for key in known.keys() {
        assert!(
            code.contains(&format!("\"{key}\"")),
            "nobody uses the text {key}"
        );
    }
}

#[test]
fn values_are_put_in_their_places_without_marks_around_them() {
    assert_eq!(
        SV.with("clause", &[("clause", "R2")]),
        "Punkt R2 i återbetalningsvillkoren."
    );
    assert_eq!(
        EN.with("clause", &[("clause", "R2")]),
        "Clause R2 of the refund policy."
    );
    assert_eq!(EN.text("no-such-key"), "no-such-key");
}

#[test]
fn amounts_are_written_as_each_language_does_with_the_currencys_own_digits() {
    let cases = [
        (money(24_900, "SEK"), "249,00 kr", "SEK 249.00"),
        (money(24_900, "EUR"), "249,00 EUR", "EUR 249.00"),
        (money(5, "SEK"), "0,05 kr", "SEK 0.05"),
        (money(1_200, "JPY"), "1200 JPY", "JPY 1200"),
        (money(1_234_567, "KWD"), "1234,567 KWD", "KWD 1234.567"),
    ];
    for (amount, sv, en) in cases {
        assert_eq!(SV.money(amount), sv);
        assert_eq!(EN.money(amount), en);
    }
}

#[test]
fn figures_are_grouped_by_thousands_and_keep_every_digit() {
    let cases = [
        (
            money(123_456_789, "SEK"),
            "1\u{a0}234\u{a0}567,89",
            "1,234,567.89",
        ),
        (money(-99_999, "SEK"), "\u{2212}999,99", "\u{2212}999.99"),
        (money(1_000, "JPY"), "1\u{a0}000", "1,000"),
        (money(0, "KWD"), "0,000", "0.000"),
    ];
    for (amount, sv, en) in cases {
        assert_eq!(SV.figure(amount), sv);
        assert_eq!(EN.figure(amount), en);
    }
    assert_eq!(EN.change(money(5, "SEK")), "+0.05");
    assert_eq!(EN.change(money(-5, "SEK")), "\u{2212}0.05");
    assert_eq!(EN.change(money(0, "SEK")), "0.00");
}

#[test]
fn days_are_those_of_the_calendar_where_the_shop_is() {
    // Already Monday in Stockholm.
    let late = at("2026-11-22T23:30:00Z");
    assert_eq!(SV.day(late), "23 november 2026");
    assert_eq!(EN.day(late), "23 November 2026");
    let months: BTreeSet<String> = (1..=12)
        .map(|month| SV.day(at(&format!("2026-{month:02}-15T12:00:00Z"))))
        .collect();
    assert_eq!(months.len(), 12);
}

#[test]
fn moments_carry_the_time_of_day_and_the_zone_in_winter_and_summer() {
    assert_eq!(
        SV.moment(at("2026-11-22T18:05:59Z")),
        "22 november 2026 kl. 19:05 CET"
    );
    assert_eq!(
        EN.moment(at("2026-07-01T18:05:00Z")),
        "1 July 2026 at 20:05 CEST"
    );
    let dubai = Speech {
        locale: Locale::En,
        zone: chrono_tz::Asia::Dubai,
    };
    assert_eq!(
        dubai.moment(at("2026-07-01T18:05:00Z")),
        "1 July 2026 at 22:05 UTC+04"
    );
}

#[test]
fn a_period_is_told_by_its_first_day_and_the_day_the_next_one_starts() {
    let period =
        BillingPeriod::new(at("2026-11-01T12:00:00Z"), at("2026-12-01T12:00:00Z")).unwrap();
    assert_eq!(SV.period(period), "1 november 2026 – 1 december 2026");
    assert_eq!(EN.period(period), "1 November 2026 – 1 December 2026");
}
