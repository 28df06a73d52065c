use super::batches::Plan;
use super::grouping::Grouping;
use super::translation::Translated;
use super::*;
use crate::store::rows::Journal;
use avstem_domain::ledger::account::Account;
use chrono::NaiveDate;

pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn days(from: &str, to: &str) -> Days {
    Days {
        from: Some(day(from)),
        to: Some(day(to)),
    }
}

/// A journal at a position, about something.
pub(super) fn booked(position: i64, on: &str, event: &str, reference: &str) -> Booked {
    Booked {
        journal: Journal {
            position,
            id: format!("avjrn_{position}"),
            connection: "stripe".to_owned(),
            event: event.to_owned(),
            reference: reference.to_owned(),
            description: String::new(),
            booked_on: on.to_owned(),
            occurred_at: 0,
            recorded_at: 0,
        },
        day: day(on),
        lines: Vec::new(),
    }
}

pub(super) fn batch(number: i64, days: Days, last_position: i64) -> VoucherBatch {
    VoucherBatch {
        batch: number,
        first_day: days.from.map(|day| day.to_string()),
        last_day: days.to.map(|day| day.to_string()),
        last_position,
        voucher_per: "day".to_owned(),
        series: "K".to_owned(),
        first_number: 10 * number,
        vouchers: 10,
        exported_at: 0,
    }
}

pub(super) const ALL: Days = Days {
    from: None,
    to: None,
};

fn next(known: &[VoucherBatch], series: &str, last_position: i64) -> Plan {
    let wanted = Wanted {
        days: ALL,
        currency: Currency::parse("SEK").unwrap(),
        rates: &Rates::default(),
        per: VoucherPer::Day,
        series,
        now: Timestamp::EPOCH,
        read: &mut || (),
    };
    Plan::next(known, &wanted, last_position).unwrap()
}

#[test]
fn a_journal_leaves_with_the_first_batch_that_covers_its_day_and_position() {
    let known = [
        batch(1, days("2026-10-01", "2026-10-31"), 100),
        batch(2, days("2026-10-15", "2026-11-30"), 200),
        batch(3, days("2026-10-01", "2026-10-31"), 300),
    ];
    let plan = next(&known, "K", 400);
    for (on, position, knew) in [
        ("2026-10-01", 100, 100),
        ("2026-10-01", 101, 300),
        ("2026-10-15", 100, 100),
        ("2026-10-15", 101, 200),
        ("2026-10-31", 201, 300),
        ("2026-11-30", 200, 200),
    ] {
        assert!(!plan.takes(day(on), position), "{on} {position}");
        assert_eq!(plan.knew(day(on), position), knew, "{on} {position}");
    }
    for (on, position) in [
        ("2026-09-30", 1),
        ("2026-10-31", 301),
        ("2026-11-01", 201),
        ("2026-12-01", 1),
    ] {
        assert!(plan.takes(day(on), position), "{on} {position}");
        assert_eq!(plan.knew(day(on), position), 400, "{on} {position}");
    }
}

#[test]
fn a_batch_goes_on_where_the_last_of_its_series_ended() {
    let known = [batch(1, ALL, 100), batch(2, ALL, 200)];
    let plan = next(&known, "K", 300);
    assert_eq!((plan.row.batch, plan.row.first_number), (3, 30));
    let other = next(&known, "A", 300);
    assert_eq!((other.row.batch, other.row.first_number), (3, 1));
    let first = next(&[], "K", 0);
    assert_eq!((first.row.batch, first.row.first_number), (1, 1));
}

#[test]
fn a_batch_once_more_is_the_newest_of_exactly_its_days() {
    let october = days("2026-10-01", "2026-10-31");
    let known = [
        batch(1, october, 100),
        batch(2, ALL, 200),
        batch(3, october, 300),
        batch(4, days("2026-10-01", "2026-10-30"), 400),
    ];
    let again = Plan::again(&known, october).unwrap().unwrap();
    assert_eq!(again.row, known[2]);
    // It takes what it took: what the second had left is not in it, what the fourth took is.
    assert!(!again.takes(day("2026-10-02"), 200));
    assert!(again.takes(day("2026-10-02"), 300));
    assert!(
        Plan::again(&known, days("2026-10-02", "2026-10-31"))
            .unwrap()
            .is_none()
    );
}

fn row(account: &str, amount: i64) -> Translated {
    Translated {
        account: Account::parse(account).unwrap(),
        amount,
    }
}

/// What vouchers came of journals, a line each.
fn grouped(per: VoucherPer, journals: &[(Booked, &[Translated])]) -> Vec<String> {
    let mut grouping = Grouping::new(per);
    for (journal, rows) in journals {
        grouping.add(journal, rows).unwrap();
    }
    let line = |voucher: Voucher| {
        let rows: Vec<String> = voucher
            .rows
            .iter()
            .map(|row| {
                let connection = row.connection.as_deref().unwrap_or("-");
                format!("{} {connection} {}", row.account, row.amount)
            })
            .collect();
        let Voucher {
            day,
            about,
            journals,
            ..
        } = voucher;
        format!("{day} {about:?} {journals}: {}", rows.join(", "))
    };
    grouping.finish().into_iter().map(line).collect()
}

#[test]
fn a_day_is_one_voucher_with_debits_and_credits_apart() {
    let sold = [
        row("assets:provider:stripe", 249),
        row("income:orders", -249),
    ];
    let refunded = [
        row("income:refunds", 100),
        row("assets:provider:stripe", -100),
    ];
    let fee = [
        row("expenses:provider_fees", 5),
        row("assets:provider:stripe", -5),
    ];
    assert_eq!(
        grouped(
            VoucherPer::Day,
            &[
                (booked(1, "2026-10-01", "charge_succeeded", "ch_1"), &sold),
                (booked(2, "2026-10-01", "charge_succeeded", "ch_2"), &sold),
                (
                    booked(3, "2026-10-01", "refund_succeeded", "re_1"),
                    &refunded
                ),
                (booked(4, "2026-10-02", "provider_fee", "ch_2"), &fee),
            ]
        ),
        [
            "2026-10-01 Day 3: assets:provider:stripe stripe 498, income:refunds - 100, \
             assets:provider:stripe stripe -100, income:orders - -498",
            "2026-10-02 Day 1: expenses:provider_fees stripe 5, assets:provider:stripe stripe -5",
        ]
    );
}

#[test]
fn a_payout_ends_a_voucher_of_its_connection_and_so_does_the_month() {
    let sold = [
        row("assets:provider:stripe", 249),
        row("income:orders", -249),
    ];
    let other = |mut journal: Booked| {
        journal.journal.connection = "shop".to_owned();
        journal
    };
    let lines = grouped(
        VoucherPer::Payout,
        &[
            (booked(1, "2026-10-01", "charge_succeeded", "ch_1"), &sold),
            (
                other(booked(2, "2026-10-02", "charge_succeeded", "ch_2")),
                &sold,
            ),
            (booked(3, "2026-10-03", "payout_sent", "po_1"), &sold),
            (booked(4, "2026-10-30", "charge_succeeded", "ch_3"), &sold),
            (booked(5, "2026-11-02", "payout_sent", "po_2"), &sold),
        ],
    );
    let heads: Vec<&str> = lines
        .iter()
        .map(|line| line.split(": assets").next().unwrap())
        .collect();
    assert_eq!(
        heads,
        [
            "2026-10-03 Payout { connection: \"stripe\", payout: \"po_1\" } 2",
            "2026-10-02 Rest { connection: \"shop\" } 1",
            "2026-10-30 Rest { connection: \"stripe\" } 1",
            "2026-11-02 Payout { connection: \"stripe\", payout: \"po_2\" } 1",
        ]
    );
}

#[test]
fn what_comes_to_nothing_is_no_voucher() {
    let none: [Translated; 0] = [];
    let lines = grouped(
        VoucherPer::Day,
        &[(booked(1, "2026-10-01", "charge_settled", "ch_1"), &none)],
    );
    assert!(lines.is_empty(), "{lines:?}");
}
