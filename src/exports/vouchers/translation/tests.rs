use super::super::tests::{ALL, batch, booked};
use super::*;
use crate::config::VoucherPer;
use crate::exports::vouchers::Wanted;
use avstem_domain::time::Timestamp;

const PROVIDER: &str = "assets:provider:stripe";

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn line(account: &str, minor: i64, code: &str) -> Line {
    Line {
        account: Account::parse(account).unwrap(),
        amount: Money::from_minor(minor, currency(code)),
    }
}

/// A journal at a position, on a day of October 2026.
fn journal(position: i64, day: u32, reference: &str, lines: &[(&str, i64, &str)]) -> Booked {
    Booked {
        lines: lines
            .iter()
            .map(|(account, minor, code)| line(account, *minor, code))
            .collect(),
        ..booked(position, &format!("2026-10-{day:02}"), "event", reference)
    }
}

fn sold(position: i64, day: u32, reference: &str, minor: i64) -> Booked {
    journal(
        position,
        day,
        reference,
        &[(PROVIDER, minor, "EUR"), ("income:orders", -minor, "EUR")],
    )
}

/// So many cents became so many öre.
fn settled(position: i64, day: u32, reference: &str, minor: i64, in_books: i64) -> Booked {
    journal(
        position,
        day,
        reference,
        &[
            ("equity:conversion", minor, "EUR"),
            (PROVIDER, in_books, "SEK"),
            (PROVIDER, -minor, "EUR"),
            ("equity:conversion", -in_books, "SEK"),
        ],
    )
}

/// 11.00 on the first of October, 12.00 from the tenth.
fn rates() -> Rates {
    Rates::parse("date,currency,rate\n2026-10-01,EUR,11.00\n2026-10-10,EUR,12.00\n").unwrap()
}

fn plan(known: &[crate::store::rows::VoucherBatch]) -> Plan {
    let wanted = Wanted {
        days: ALL,
        currency: currency("SEK"),
        rates: &Rates::default(),
        per: VoucherPer::Day,
        series: "K",
        now: Timestamp::EPOCH,
        read: &mut || (),
    };
    Plan::next(known, &wanted, i64::MAX).unwrap()
}

/// Translates a history that leaves with one batch, knowing all its settlements.
fn translated(rates: &Rates, history: &[Booked]) -> Vec<String> {
    let mut translator = Translator::new(currency("SEK"), rates, Vec::new()).unwrap();
    let plan = plan(&[]);
    let references: BTreeSet<&String> = history.iter().map(|one| &one.journal.reference).collect();
    for reference in references {
        let about: Vec<Booked> = history
            .iter()
            .filter(|one| one.journal.reference == *reference)
            .cloned()
            .collect();
        for (currency, settlement) in settlements_in(translator.books, &plan, &about) {
            let settled = Settled {
                connection: "stripe".to_owned(),
                reference: reference.clone(),
                currency,
            };
            translator.settlements.insert(settled, settlement);
        }
    }
    let lines = history
        .iter()
        .map(|booked| shown(&translator.translate(booked).unwrap()))
        .collect();
    translator.require_rates().unwrap();
    lines
}

/// The rows, and that they balance.
fn shown(rows: &[Translated]) -> String {
    assert_eq!(
        rows.iter().map(|row| row.amount).sum::<i64>(),
        0,
        "{rows:?}"
    );
    let rows: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {}", row.account, row.amount))
        .collect();
    rows.join(", ")
}

#[test]
fn what_was_settled_is_worth_what_it_became_and_leaves_no_difference() {
    let lines = translated(
        &rates(),
        &[
            sold(1, 1, "ch_1", 10_000),
            sold(2, 1, "ch_2", 10_000),
            settled(3, 3, "ch_1", 10_000, 115_000),
            settled(4, 3, "ch_2", 10_000, 115_700),
        ],
    );
    assert_eq!(
        lines,
        [
            "assets:provider:stripe 115000, income:orders -115000",
            "assets:provider:stripe 115700, income:orders -115700",
            "assets:provider:stripe 115000, assets:provider:stripe -115000",
            "assets:provider:stripe 115700, assets:provider:stripe -115700",
        ]
    );
}

#[test]
fn what_was_not_settled_is_worth_the_rate_of_its_day() {
    // Paid out in its own currency twelve days later, at another rate.
    let lines = translated(
        &rates(),
        &[
            sold(1, 1, "ch_1", 10_000),
            sold(2, 10, "ch_2", 10_000),
            journal(
                3,
                12,
                "po_1",
                &[
                    ("assets:payouts_in_transit:stripe", 20_000, "EUR"),
                    (PROVIDER, -20_000, "EUR"),
                ],
            ),
        ],
    );
    assert_eq!(
        lines,
        [
            "assets:provider:stripe 110000, income:orders -110000",
            "assets:provider:stripe 120000, income:orders -120000",
            "assets:payouts_in_transit:stripe 240000, assets:provider:stripe -230000, expenses:fx -10000",
        ]
    );
}

#[test]
fn what_shrinks_takes_its_share_and_what_is_gone_takes_all() {
    let refund = |position, reference, minor: i64| {
        journal(
            position,
            12,
            reference,
            &[("income:orders", minor, "EUR"), (PROVIDER, -minor, "EUR")],
        )
    };
    let lines = translated(
        &rates(),
        &[
            sold(1, 1, "ch_1", 100),
            refund(2, "re_1", 33),
            refund(3, "re_2", 66),
            refund(4, "re_3", 1),
            // Now the other way round: more goes than is there.
            refund(5, "re_4", 100),
            sold(6, 1, "ch_2", 150),
        ],
    );
    assert_eq!(
        lines,
        [
            "assets:provider:stripe 1100, income:orders -1100",
            "income:orders 363, assets:provider:stripe -363",
            "income:orders 726, assets:provider:stripe -726",
            "income:orders 11, assets:provider:stripe -11",
            "income:orders 1200, assets:provider:stripe -1200",
            "assets:provider:stripe 1750, income:orders -1750",
        ]
    );
}

#[test]
fn what_empties_an_account_empties_it_whatever_it_was_settled_at() {
    let refund = [
        ("income:refunds", 10_000, "EUR"),
        (PROVIDER, -10_000, "EUR"),
    ];
    let lines = translated(
        &rates(),
        &[
            sold(1, 1, "ch_1", 10_000),
            journal(2, 2, "re_1", &refund),
            settled(3, 3, "re_1", -10_000, -115_000),
        ],
    );
    assert_eq!(
        lines[1..],
        [
            "income:refunds 115000, assets:provider:stripe -110000, expenses:fx -5000",
            "assets:provider:stripe -115000, assets:provider:stripe 115000",
        ]
    );
}

#[test]
fn what_left_before_it_was_settled_keeps_its_rate_and_the_rest_is_a_difference() {
    let october = batch(1, ALL, 1);
    let carried = |account: &str, amount, books| TranslatedBalance {
        batch: 1,
        account: account.to_owned(),
        currency: "EUR".to_owned(),
        amount,
        books,
    };
    let rates = rates();
    let left = vec![
        carried(PROVIDER, 10_000, 110_000),
        carried("income:orders", -10_000, -110_000),
    ];
    let history = [
        sold(1, 1, "ch_1", 10_000),
        settled(2, 3, "ch_1", 10_000, 115_000),
    ];
    let plan = plan(&[october]);
    let found = settlements_in(currency("SEK"), &plan, &history);
    assert!(found.is_empty(), "nobody knew it then: {found:?}");
    let mut translator = Translator::new(currency("SEK"), &rates, left).unwrap();
    let rows = translator.translate(&history[1]).unwrap();
    assert_eq!(
        shown(&rows),
        "assets:provider:stripe 115000, assets:provider:stripe -110000, expenses:fx -5000"
    );
    let after: Vec<(i64, i64)> = translator
        .changed(2)
        .iter()
        .map(|row| (row.amount, row.books))
        .collect();
    assert_eq!(after, [(0, 0)]);
}

#[test]
fn books_in_one_currency_are_left_as_they_are() {
    let journal = journal(
        1,
        1,
        "ch_1",
        &[(PROVIDER, 249, "SEK"), ("equity:conversion", -249, "SEK")],
    );
    let rates = Rates::default();
    let mut translator = Translator::new(currency("SEK"), &rates, Vec::new()).unwrap();
    let rows = translator.translate(&journal).unwrap();
    assert_eq!(
        shown(&rows),
        "assets:provider:stripe 249, equity:conversion -249"
    );
    assert!(translator.changed(1).is_empty());
}

#[test]
fn every_rate_that_is_missing_is_named() {
    let rates = Rates::default();
    let mut translator = Translator::new(currency("SEK"), &rates, Vec::new()).unwrap();
    for day in 1..=7 {
        let sold = sold(i64::from(day), day, &format!("ch_{day}"), 100);
        translator.translate(&sold).unwrap();
    }
    let said = translator.require_rates().unwrap_err().to_string();
    assert!(
        said.contains("EUR on 2026-10-01, EUR on 2026-10-02"),
        "{said}"
    );
    assert!(said.contains("EUR on 2026-10-05 and 2 more"), "{said}");
    assert!(said.contains("books.rates"), "{said}");
}
