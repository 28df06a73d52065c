//! Vouchers for accounting programs: every journal once, in an unbroken series, in one currency.

use crate::exports_books::{ALL, Entry, book, days, export, sale, try_export, with};
use crate::sie::{self, Sie};
use crate::world::World;
use avstem::app::App;
use avstem::app::export::{self as exporting, ExportRequest};
use avstem::app::trial_balance;
use avstem::exports::ExportError;
use avstem::exports::formats::Format;
use avstem::exports::kinds::JOURNAL;
use chrono::NaiveDate;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Write};

on_both_databases! {
    vouchers_come_to_the_trial_balance,
    the_same_days_again_are_the_same_file_until_something_is_booked,
    no_journal_leaves_twice_however_days_overlap,
    what_was_not_received_can_be_fetched_again,
    what_exports_at_the_same_time_shares_the_journals,
    a_voucher_ends_with_each_payout_when_it_is_set_so,
    a_batch_stays_as_it_left_when_settings_change,
    an_export_that_lacks_a_rate_or_a_file_takes_nothing,
    other_currencies_are_worth_their_settlement_or_the_rate_of_the_day,
}

fn read(app: &App, days: (Option<NaiveDate>, Option<NaiveDate>)) -> Sie {
    sie::read(&export(app, "journal.sie4", days))
}

fn batches(world: &World) -> usize {
    let batch = "SELECT CAST(batch AS TEXT) AS line FROM exported_vouchers";
    world.lines(batch).len()
}

fn standing(app: &App) -> BTreeMap<String, Decimal> {
    let balances = trial_balance::trial_balance(app, None).unwrap();
    let sek = balances.currencies["SEK"].accounts.iter();
    sek.map(|(account, money)| (account.clone(), money.to_decimal()))
        .collect()
}

/// A month of a subscriber, with a refund, a dispute and a payout.
pub fn live(world: &World) {
    world.subscribe();
    world.subscribe();
    let (_, subscription) = world.subscribe();
    world.deliver();
    world.pass_days(3);
    let charge = world.latest_charge(&subscription);
    world.provider().open_dispute(&charge).unwrap();
    world.provider().pay_out().unwrap();
    world.deliver();
    world.pass_days(29);
    let (_, cancelled) = world.subscribe();
    world.deliver();
    world.cancel(&cancelled);
    world.work(2).unwrap();
    world.deliver();
}

fn vouchers_come_to_the_trial_balance(world: &mut World) {
    live(world);
    let sie = read(&world.app, ALL);
    assert_eq!(
        (sie.company.as_str(), sie.currency.as_str()),
        ("Avstem", "SEK")
    );
    assert_eq!(sie.balances(), standing(&world.app));
    assert!(sie.balances().len() >= 7, "{:?}", sie.balances());
    let days: Vec<NaiveDate> = sie.vouchers.iter().map(|voucher| voucher.day).collect();
    assert!(days.is_sorted() && days.len() >= 3, "{days:?}");
    assert!(
        days.windows(2).all(|two| two[0] != two[1]),
        "one voucher a day: {days:?}"
    );
    let provider = sie.vouchers[0]
        .rows
        .iter()
        .find(|row| row.text == "assets:provider:stripe");
    let provider = provider.unwrap();
    assert_eq!(
        (provider.account.as_str(), provider.object.as_deref()),
        ("1686", Some("stripe"))
    );
    assert_eq!(sie.accounts["2970"], "Förutbetalda intäkter");
}

fn the_same_days_again_are_the_same_file_until_something_is_booked(world: &mut World) {
    let app = &world.app;
    book(app, &sale(1, "2026-10-01"));
    book(app, &sale(2, "2026-10-02"));
    let october = days("2026-10-01", "2026-10-31");
    let (first, said) = try_export(app, "journal.sie4", october).unwrap();
    assert_eq!((said.count, said.notes.len()), (2, 0));
    let (again, said) = try_export(app, "journal.sie4", october).unwrap();
    assert_eq!(again, first);
    assert!(said.notes[0].contains("left before, as file 1"), "{said:?}");
    // Late, on a day that has left.
    book(app, &sale(3, "2026-10-01"));
    let late = read(app, october);
    assert_eq!(late.numbers(), [3]);
    assert_eq!(
        late.balances()["assets:provider:stripe"],
        Decimal::new(24_900, 2)
    );
    assert!(
        late.remark.ends_with("2 bokningar i tidigare filer"),
        "{}",
        late.remark
    );
    assert_eq!(read(app, october).numbers(), [3]);
    // Other days of which nothing is left.
    let (none, said) = try_export(app, "journal.sie4", days("2026-10-01", "2026-10-02")).unwrap();
    assert_eq!(sie::read(&none).numbers(), [0u32; 0]);
    assert!(
        said.notes[0].contains("3 journals of those days left"),
        "{said:?}"
    );
    assert_eq!(batches(world), 2);
}

fn no_journal_leaves_twice_however_days_overlap(world: &mut World) {
    let app = &world.app;
    let ranges = [
        days("2026-10-05", "2026-10-10"),
        days("2026-10-08", "2026-10-20"),
        (None, days("2026-10-06", "2026-10-06").1),
        days("2026-10-05", "2026-10-10"),
        (days("2026-10-15", "2026-10-15").0, None),
        ALL,
        days("2026-10-01", "2026-10-31"),
    ];
    let mut number = 0;
    let mut numbers = Vec::new();
    let mut sums = BTreeMap::<String, Decimal>::new();
    for (round, range) in (1u32..).zip(ranges) {
        // Something new on every third day, another each round.
        for day in (1..=28).filter(|day| day % 3 == round % 3) {
            number += 1;
            book(app, &sale(number, &format!("2026-10-{day:02}")));
        }
        let sie = read(app, range);
        numbers.extend(sie.numbers());
        for (account, amount) in sie.balances() {
            *sums.entry(account).or_default() += amount;
        }
    }
    assert_eq!(sums, standing(app), "each journal left, and left once");
    let unbroken: Vec<u32> = (1..=numbers.len().try_into().unwrap()).collect();
    assert_eq!(numbers, unbroken);
}

/// The client hangs up, or the process dies, after the batch was recorded.
fn what_was_not_received_can_be_fetched_again(world: &mut World) {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(Error::from(ErrorKind::BrokenPipe))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let app = &world.app;
    book(app, &sale(1, "2026-10-01"));
    let request = ExportRequest {
        kind: JOURNAL,
        format: Format::parse("sie4").unwrap(),
        from: None,
        to: None,
    };
    let lost = exporting::export(app, &request, &mut Gone, &mut |_| ());
    assert!(matches!(lost, Err(ExportError::Output(_))), "{lost:?}");
    assert_eq!(batches(world), 1, "recorded before a byte of it left");
    assert_eq!(read(app, ALL).numbers(), [1]);
    book(app, &sale(2, "2026-10-02"));
    assert_eq!(read(app, ALL).numbers(), [2]);
}

fn what_exports_at_the_same_time_shares_the_journals(world: &mut World) {
    for number in 1..=20 {
        book(&world.app, &sale(number, &format!("2026-10-{number:02}")));
    }
    let ends = [7, 14, 20];
    let apps = ends.map(|_| with(world, ""));
    let files: Vec<Sie> = std::thread::scope(|scope| {
        let asked = ends.iter().zip(&apps).map(|(end, app)| {
            let to = NaiveDate::from_ymd_opt(2026, 10, *end);
            scope.spawn(move || read(app, (None, to)))
        });
        let asked: Vec<_> = asked.collect();
        asked.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let mut numbers: Vec<u32> = files.iter().flat_map(Sie::numbers).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=20).collect::<Vec<u32>>());
}

fn a_voucher_ends_with_each_payout_when_it_is_set_so(world: &mut World) {
    live(world);
    let app = with(
        world,
        "[books]\nsie_vouchers = \"payout\"\nsie_series = \"S\"",
    );
    let sie = read(&app, ALL);
    assert_eq!(sie.balances(), standing(&app));
    let texts: Vec<&str> = sie
        .vouchers
        .iter()
        .map(|voucher| voucher.text.as_str())
        .collect();
    assert!(texts[0].starts_with("Utbetalning po_"), "{texts:?}");
    assert!(
        texts[1..]
            .iter()
            .all(|text| text.starts_with("Ej utbetalt")),
        "{texts:?}"
    );
    let months: Vec<u32> = sie
        .vouchers
        .iter()
        .map(|one| chrono::Datelike::month(&one.day))
        .collect();
    assert!(
        months.is_sorted() && months.first() != months.last(),
        "{months:?}"
    );
    assert!(sie.vouchers.iter().all(|voucher| voucher.series == "S"));
}

fn a_batch_stays_as_it_left_when_settings_change(world: &mut World) {
    book(&world.app, &sale(1, "2026-10-01"));
    book(&world.app, &sale(2, "2026-10-02"));
    let first = export(&world.app, "journal.sie4", ALL);
    let app = with(
        world,
        "[books]\nsie_vouchers = \"payout\"\nsie_series = \"S\"",
    );
    assert_eq!(export(&app, "journal.sie4", ALL), first);
    // What leaves next is as it is set, in a series of its own.
    book(&world.app, &sale(3, "2026-10-03"));
    let next = read(&app, ALL);
    assert_eq!(
        (next.vouchers[0].series.as_str(), next.numbers()),
        ("S", vec![1])
    );
    book(&world.app, &sale(4, "2026-10-04"));
    assert_eq!(read(&world.app, ALL).numbers(), [3]);
}

const SOLD_IN_EUROS: Entry<'_> = Entry {
    number: 1,
    day: "2026-10-01",
    event: "charge_succeeded",
    reference: "ch_eur",
    lines: &[
        ("assets:provider:stripe", 10_000, "EUR"),
        ("income:orders", -10_000, "EUR"),
    ],
};

fn an_export_that_lacks_a_rate_or_a_file_takes_nothing(world: &mut World) {
    book(&world.app, &[SOLD_IN_EUROS]);
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let wrong_rates = file("wrong.csv", "date,currency,rate\n2026-10-01,EUR,eleven\n");
    let wrong_accounts = file(
        "wrong.toml",
        "\"assets:cash\" = { number = \"1\", name = \"\" }",
    );
    for (settings, says) in [
        (
            String::new(),
            "EUR on 2026-10-01; add it to the file that books.rates",
        ),
        (
            format!("rates = \"{wrong_rates}\""),
            "books.rates names cannot be used: line 2",
        ),
        (
            "rates = \"nowhere.csv\"".to_owned(),
            "books.rates names cannot be used",
        ),
        (
            format!("accounts = \"{wrong_accounts}\""),
            "books.accounts names cannot be used: \"assets:cash\"",
        ),
    ] {
        let app = with(world, &format!("[books]\n{settings}"));
        let refused = try_export(&app, "journal.sie4", ALL)
            .unwrap_err()
            .to_string();
        assert!(refused.contains(says), "{settings}: {refused}");
    }
    assert_eq!(batches(world), 0);
    let rates = file("rates.csv", "date,currency,rate\n2026-09-30,EUR,11.05\n");
    let accounts = file(
        "accounts.toml",
        "\"assets:provider\" = { number = \"1580\", name = \"Kort\" }",
    );
    let app = with(
        world,
        &format!("[books]\nrates = \"{rates}\"\naccounts = \"{accounts}\""),
    );
    let sie = read(&app, ALL);
    assert_eq!(sie.numbers(), [1]);
    assert_eq!(sie.vouchers[0].rows[0].amount, Decimal::new(110_500, 2));
    assert_eq!(sie.vouchers[0].rows[0].account, "1580");
}

fn other_currencies_are_worth_their_settlement_or_the_rate_of_the_day(world: &mut World) {
    let settled = |number, day, reference| Entry {
        number,
        day,
        event: "charge_settled",
        reference,
        lines: &[
            ("equity:conversion", 10_000, "EUR"),
            ("assets:provider:stripe", -10_000, "EUR"),
            ("assets:provider:stripe", 115_000, "SEK"),
            ("equity:conversion", -115_000, "SEK"),
        ],
    };
    let folder = tempfile::tempdir().unwrap();
    let rates = folder.path().join("rates.csv");
    std::fs::write(&rates, "date,currency,rate\n2026-10-01,EUR,11.00\n").unwrap();
    let app = with(world, &format!("[books]\nrates = \"{}\"", rates.display()));
    let decimal = |text: &str| text.parse::<Decimal>().unwrap();
    // It leaves before it is settled: at the rate of the day.
    book(&app, &[SOLD_IN_EUROS]);
    let before = read(&app, ALL).balances();
    assert_eq!(before["income:orders"], decimal("-1100.00"));
    // What it became is another amount: the rest is a difference.
    book(&app, &[settled(2, "2026-10-03", "ch_eur")]);
    let after = read(&app, ALL).balances();
    assert_eq!(after["assets:provider:stripe"], decimal("50.00"));
    assert_eq!(after["expenses:fx"], decimal("-50.00"));
    // Sold and settled in one file: worth what it became, and no difference.
    let sold = Entry {
        number: 3,
        reference: "ch_two",
        ..SOLD_IN_EUROS
    };
    book(&app, &[sold, settled(4, "2026-10-04", "ch_two")]);
    let both = read(&app, ALL);
    assert_eq!(both.balances()["income:orders"], decimal("-1150.00"));
    assert!(!both.balances().contains_key("expenses:fx"), "{both:?}");
    assert_eq!(both.numbers(), [3, 4]);
    // Again, and as it was: from what was carried before it.
    assert_eq!(read(&app, ALL).vouchers, both.vouchers);
}
