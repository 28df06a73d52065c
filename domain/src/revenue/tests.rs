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

fn deferral(deferred: i64, given_back: i64, recognised: i64) -> Deferral {
    Deferral {
        deferred: sek(deferred),
        given_back: sek(given_back),
        recognised: sek(recognised),
    }
}

#[test]
fn a_charge_without_a_period_is_earned_at_once_and_nothing_is_earned_of_nothing() {
    let october = month("2026-10");
    let earned = |of: Deferral| of.earned_by(None, None, october, ZONE).unwrap();
    assert_eq!(earned(deferral(19_920, 0, 0)), sek(19_920));
    assert_eq!(earned(deferral(19_920, 9_920, 9_000)), sek(1_000));
    assert_eq!(earned(deferral(19_920, 19_920, 0)), sek(0));
    assert_eq!(earned(deferral(19_920, 19_920, 1)), sek(0));
}

#[test]
fn after_a_refund_the_months_that_are_left_share_what_is_left() {
    let paid = period("2026-09-30T22:00:00Z", "2026-12-31T23:00:00Z");
    let closed = Some(month("2026-10"));
    let now = deferral(18_300, 6_100, 6_100);
    let earned = |closing| now.earned_by(Some(paid), closed, closing, ZONE).unwrap();
    assert_eq!(earned(month("2026-11")), sek(3_000));
    assert_eq!(earned(month("2026-12")), sek(6_100));
    assert_eq!(earned(month("2026-10")), sek(0));
}

#[test]
fn vat_that_is_learned_late_is_caught_up_with_in_the_next_month() {
    let paid = period("2026-09-30T22:00:00Z", "2026-12-31T23:00:00Z");
    // Closed with 6,100 of 18,300; then 1,830 of it turned out to be VAT: 16,470, of which two months are
    // 10,923 (October has an hour more).
    let now = deferral(16_470, 0, 6_100);
    let closed = Some(month("2026-10"));
    let earned = now.earned_by(Some(paid), closed, month("2026-11"), ZONE);
    assert_eq!(earned.unwrap(), sek(4_823));
}

#[test]
fn currencies_of_other_digits_are_spread_in_their_own_minor_units() {
    let paid = period("2026-10-16T10:00:00Z", "2026-11-16T11:00:00Z");
    for (code, amount, told) in [
        ("JPY", 1_001, ["2026-10 501", "2026-11 500"]),
        ("KWD", 9_999, ["2026-10 5006", "2026-11 4993"]),
    ] {
        let money = Money::from_minor(amount, Currency::parse(code).unwrap());
        let parts = schedule(money, paid, None, ZONE).unwrap();
        assert_eq!(super::tests::told(&parts), told, "{code}");
    }
}

/// Closes every month of a period in a row; `give_back` says what goes back in each, before its end.
fn closed_in_a_row(
    amount: i64,
    paid: BillingPeriod,
    mut give_back: impl FnMut(Month, i64) -> i64,
) -> Vec<(Month, i64)> {
    let mut now = deferral(amount, 0, 0);
    let mut earned = None;
    let mut closing = Month::of(paid.start().date_in(ZONE));
    let mut months = Vec::new();
    while closing.start(ZONE) < paid.end() {
        let back = give_back(closing, now.left().unwrap().minor());
        now.given_back = sek(now.given_back.minor() + back);
        let part = now.earned_by(Some(paid), earned, closing, ZONE).unwrap();
        now.recognised = sek(now.recognised.minor() + part.minor());
        months.push((closing, part.minor()));
        earned = Some(closing);
        closing = closing.next();
    }
    months
}

proptest! {
    /// Each month earns exactly its part of the one schedule over the whole period.
    #[test]
    fn months_that_are_closed_in_a_row_earn_the_schedule(
        amount in 1i64..10_000_000,
        start in 1_700_000_000i64..1_900_000_000,
        days in 1i64..800,
    ) {
        let from = Timestamp::from_unix_seconds(start).unwrap();
        let paid = BillingPeriod::new(from, from.saturating_add_seconds(days * 86_400)).unwrap();
        let known = schedule(sek(amount), paid, None, ZONE).unwrap();
        let known: Vec<(Month, i64)> = known.iter().map(|(m, part)| (*m, part.minor())).collect();
        prop_assert_eq!(closed_in_a_row(amount, paid, |_, _| 0), known);
    }

    /// With refunds at any time, what was deferred is earned or given back, and in the end nothing is left.
    #[test]
    fn refunds_between_month_ends_leave_nothing_in_the_end(
        amount in 1i64..10_000_000,
        start in 1_700_000_000i64..1_900_000_000,
        days in 1i64..800,
        percents in proptest::collection::vec(0i64..=100, 30),
    ) {
        let from = Timestamp::from_unix_seconds(start).unwrap();
        let paid = BillingPeriod::new(from, from.saturating_add_seconds(days * 86_400)).unwrap();
        let mut percents = percents.into_iter();
        let mut returned = 0;
        let months = closed_in_a_row(amount, paid, |_, left| {
            let back = left * percents.next().unwrap_or(0) / 100;
            returned += back;
            back
        });
        let earned: i64 = months.iter().map(|(_, part)| part).sum();
        prop_assert!(months.iter().all(|(_, part)| *part >= 0));
        prop_assert_eq!(earned + returned, amount);
    }
}
