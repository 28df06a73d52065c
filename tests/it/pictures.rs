//! What reports look like, to the byte: those of the samples' story and of two subscriptions are the examples
//! in `docs/pictures`, and here are the ones that are hard to draw. Whoever changes how pictures are drawn
//! puts the new ones there, and looks at each.

use crate::reports::{told_story, two_subscriptions};
use crate::world::World;
use avstem::app::reports::{self, Asked};
use avstem::config::Locale;
use avstem::i18n::Speech;
use avstem::reports::Span;
use avstem::reports::aging::{Aging, OpenBreak};
use avstem::reports::picture::Picture;
use avstem::reports::reconciliation::{Balance, Reconciled, Summary};
use avstem::reports::refunds::Refunds;
use avstem::reports::revenue::Revenue;
use avstem::reports::svg::svg;
use avstem::reports::waterfall::{Moved, Waterfall};
use avstem_domain::breaks::BreakKind;
use avstem_domain::ledger::account::Account;
use avstem_domain::ledger::journal::JournalEvent;
use avstem_domain::money::{Currency, Money};
use avstem_domain::time::BillingPeriod;
use chrono::NaiveDate;

on_both_databases! {
    the_examples_are_of_the_story,
    the_examples_of_subscriptions_are_as_they_are,
}

const ZONE: chrono_tz::Tz = chrono_tz::Europe::Stockholm;
const EN: Speech = Speech {
    locale: Locale::En,
    zone: ZONE,
};
const SV: Speech = Speech {
    locale: Locale::Sv,
    zone: ZONE,
};

/// The picture is the file in `folder`, to the byte. What was drawn is left where builds are.
#[track_caller]
fn same(folder: &str, name: &str, picture: &Picture) {
    let drawn = svg(picture);
    let root = env!("CARGO_MANIFEST_DIR");
    let path = format!("{root}/{folder}/{name}.svg");
    let expected = std::fs::read_to_string(path).unwrap_or_default();
    if drawn != expected {
        let new = format!("{}/{name}.svg", env!("CARGO_TARGET_TMPDIR"));
        std::fs::write(&new, &drawn).unwrap();
        panic!("{folder}/{name}.svg is drawn in another way: look at {new}");
    }
}

const EXAMPLES: &str = "docs/pictures";
const HARD: &str = "tests/it/pictures";

fn the_examples_are_of_the_story(world: &mut World) {
    let app = told_story(world);
    let october = Asked {
        span: Span {
            from: NaiveDate::from_ymd_opt(2026, 10, 1),
            to: NaiveDate::from_ymd_opt(2026, 10, 31),
        },
        ..Asked::default()
    };
    let reconciled = reports::reconciliation(&app, &Asked::default()).unwrap();
    same(EXAMPLES, "reconciliation", &reconciled.picture(EN));
    let fallen = reports::waterfall(&app, &october).unwrap();
    same(EXAMPLES, "waterfall", &fallen.picture(EN));
    // A month after the last statement.
    let later = Asked {
        through: NaiveDate::from_ymd_opt(2026, 11, 16),
        ..Asked::default()
    };
    let breaks = reports::breaks(&app, &later).unwrap();
    same(EXAMPLES, "breaks", &breaks.picture(EN));
}

fn the_examples_of_subscriptions_are_as_they_are(world: &mut World) {
    two_subscriptions(world);
    let all = Asked::default();
    let refunds = reports::refunds(&world.app, &all).unwrap();
    same(EXAMPLES, "refunds", &refunds.picture(EN));
    let revenue = reports::revenue(&world.app, &all).unwrap();
    same(EXAMPLES, "revenue", &revenue.picture(EN));
}

fn sek(minor: i64) -> Money {
    Money::from_minor(minor, Currency::parse("SEK").unwrap())
}

fn moved(event: JournalEvent, account: &str, amount: Money) -> Moved {
    Moved {
        event,
        account: Account::parse(account).unwrap(),
        amount,
    }
}

#[test]
fn nothing_is_said_in_words() {
    let empty = Waterfall::of(Span::default(), None, &[]).unwrap();
    same(HARD, "empty_waterfall", &empty.picture(SV));
    let never = Summary {
        connection: None,
        last: None,
    };
    same(HARD, "empty_reconciliation", &never.picture(SV));
    let calm = Aging::new(NaiveDate::from_ymd_opt(2026, 10, 16), None);
    same(HARD, "empty_breaks", &calm.picture(SV));
    for picture in [
        Revenue::new(Span::default(), None).picture(EN),
        no_refunds().picture(EN),
    ] {
        let drawn = svg(&picture);
        assert!(
            drawn.contains(&format!(">{}</text>", picture.nothing)),
            "{drawn}"
        );
    }
}

fn no_refunds() -> Refunds {
    Refunds {
        span: Span::default(),
        connection: None,
        verdicts: Vec::new(),
        made: Vec::new(),
    }
}

/// A refund of all that there was, and fees beside it: more went than came.
#[test]
fn below_zero_stands_left_of_zero() {
    let provider = "assets:provider:stripe";
    let all = [
        moved(JournalEvent::ChargeSucceeded, provider, sek(24_900)),
        moved(JournalEvent::RefundSucceeded, provider, sek(-99_800)),
        moved(JournalEvent::ProviderFee, provider, sek(-554)),
        moved(JournalEvent::DisputeReinstated, provider, sek(12_500)),
        moved(JournalEvent::PayoutSent, provider, sek(62_954)),
        moved(
            JournalEvent::PayoutSent,
            "assets:payouts_in_transit:stripe",
            sek(-62_954),
        ),
    ];
    let fallen = Waterfall::of(Span::default(), Some("stripe".to_owned()), &all).unwrap();
    same(HARD, "negative_waterfall", &fallen.picture(SV));
}

/// One amount is a hundred million times another, and both are seen.
#[test]
fn one_huge_value_hides_no_small_one() {
    let balance = |connection: &str, amount: i64, difference: Option<i64>| Balance {
        connection: connection.to_owned(),
        provider: difference.map(|difference| sek(amount - difference)),
        ledger: sek(amount),
        in_transit: sek(1),
        bank: sek(amount / 3),
        difference: difference.map(sek),
    };
    let summary = Summary {
        connection: None,
        last: Some(Reconciled {
            id: "avrec_1".to_owned(),
            through: NaiveDate::from_ymd_opt(2026, 10, 16).unwrap(),
            breaks: 12,
            balances: vec![
                balance("stripe", 9_223_372_036_854_775_807, Some(0)),
                balance(
                    "a-shop-with-a-very-long-name-and-then-some-more",
                    50_000,
                    Some(-2_500),
                ),
                balance("adyen", 100, None),
            ],
            expected: Vec::new(),
        }),
    };
    same(HARD, "huge_reconciliation", &summary.picture(SV));
}

#[test]
fn five_ages_can_be_told_apart() {
    let mut aging = Aging::new(NaiveDate::from_ymd_opt(2026, 10, 16), None);
    for (number, kind) in BreakKind::ALL.into_iter().enumerate() {
        for age_days in [1, 10, 40, 70, 100].into_iter().skip(number % 4) {
            for _ in 0..=number {
                let difference = (number % 3 != 2).then(|| sek(-12_345 * (age_days + 1)));
                let one = OpenBreak {
                    kind,
                    age_days,
                    difference,
                };
                aging.add(&one).unwrap();
            }
        }
    }
    same(HARD, "many_breaks", &aging.picture(SV));
}

/// Three years, in two currencies.
#[test]
fn many_months_have_a_row_each() {
    let mut revenue = Revenue::new(Span::default(), None);
    let at = crate::world::at;
    let years = |start: &str, end: &str| BillingPeriod::new(at(start), at(end)).unwrap();
    let long = years("2026-01-15T11:00:00Z", "2030-01-15T11:00:00Z");
    revenue.add(sek(48_000_000), long, ZONE).unwrap();
    let short = years("2026-03-01T11:00:00Z", "2027-03-01T11:00:00Z");
    revenue.add(sek(1_234_567_890), short, ZONE).unwrap();
    let yen = Money::from_minor(120_000, Currency::parse("JPY").unwrap());
    revenue.add(yen, short, ZONE).unwrap();
    revenue.stands(sek(700_000_000));
    same(HARD, "many_months", &revenue.picture(SV));
}
