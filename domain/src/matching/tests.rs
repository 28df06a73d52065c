//! Lines of reports against records, and what the tests of the others are built from.

use super::input::*;
use super::outcome::*;
use super::*;
use crate::breaks::{BreakKind, Holding};
use crate::id::{ProviderChargeId, ProviderMovementId, ProviderObjectId, ProviderPayoutId};
use crate::ledger::account::Connection;
use crate::money::{Currency, Money};
use crate::statement::bank_id::BankLineId;
use crate::statement::{LineAmounts, LineKind};
use crate::time::Timestamp;

pub fn sek(minor: i64) -> Money {
    Money::from_minor(minor, Currency::parse("SEK").unwrap())
}

pub fn day(number: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 10, number).unwrap()
}

pub fn stripe() -> Connection {
    Connection::parse("stripe").unwrap()
}

pub fn rules(through: u32) -> Rules {
    Rules {
        through: day(through),
        bank_days: 5,
    }
}

pub fn line(id: &str, kind: LineKind, gross: i64, source: &str) -> Line {
    Line {
        connection: stripe(),
        id: ProviderMovementId::parse(id).unwrap(),
        role: Role::Movement,
        kind,
        amounts: LineAmounts::without_fee(sek(gross)),
        customer_facing: None,
        source: ProviderObjectId::parse(source).ok(),
        charge: None,
        occurred_at: Timestamp::from_unix_seconds(1_790_000_000).unwrap(),
        on: day(1),
    }
}

pub fn record(id: &str, kind: RecordKind, moves: i64) -> Record {
    Record {
        connection: stripe(),
        id: ProviderObjectId::parse(id).unwrap(),
        kind,
        state: RecordState::Moved,
        moves: sek(moves),
        on: day(1),
        coverage: Coverage::Due,
    }
}

pub fn payout(id: &str, amount: i64, arrival: u32, trace: &str) -> Payout {
    Payout {
        connection: stripe(),
        id: ProviderPayoutId::parse(id).unwrap(),
        amount: sek(amount),
        came: sek(0),
        state: PayoutState::Sent,
        arrival: day(arrival),
        traces: Some(trace.to_owned())
            .into_iter()
            .filter(|trace| !trace.is_empty())
            .collect(),
    }
}

pub fn entry(id: &str, amount: i64, booked_on: u32, words: &str) -> Entry {
    Entry {
        id: BankLineId::from_text(id),
        reference: None,
        booked_on: day(booked_on),
        amount: sek(amount),
        charges: None,
        words: vec![words.to_owned()],
    }
}

pub fn input() -> Input {
    Input {
        names: vec![Name {
            connection: stripe(),
            text: "stripe".to_owned(),
        }],
        ..Input::default()
    }
}

/// What became of each thing, as `subject: word`, sorted.
pub fn told(outcome: &Outcome) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for one in &outcome.matches {
        told.push(format!("{}: {}", one.item, one.pass));
    }
    for one in &outcome.findings {
        told.push(format!(
            "{}: {} {} {}",
            one.subject,
            one.kind,
            one.expected.minor(),
            one.found.minor()
        ));
    }
    for one in &outcome.expected {
        told.push(format!("{}: {}", one.subject, one.reason.as_str()));
    }
    for one in &outcome.unrelated {
        told.push(format!("{one}: unrelated"));
    }
    told.sort();
    told
}

fn compare(input: &Input) -> Vec<String> {
    told(&run(input, rules(10)).unwrap())
}

#[test]
fn lines_are_paired_with_the_objects_they_name() {
    let input = Input {
        lines: vec![
            line("txn_1", LineKind::Charge, 12_500, "ch_1"),
            line("txn_2", LineKind::Refund, -12_500, "re_1"),
            line("txn_3", LineKind::Payout, -500, "po_1"),
            line("txn_4", LineKind::Fee, -35, "fee_1"),
            line("txn_5", LineKind::ReserveHeld, -100, ""),
            line("txn_6", LineKind::Memo("Authorised".to_owned()), 0, "ch_1"),
            line("txn_7", LineKind::DisputeWithdrawn, -200, "dp_1"),
        ],
        records: vec![
            record("ch_1", RecordKind::Charge, 12_500),
            record("re_1", RecordKind::Refund, -12_500),
            record("po_1", RecordKind::Payout, -500),
            record("txn_7", RecordKind::DisputeMovement { fee: 0 }, -200),
        ],
        ..input()
    };
    assert_eq!(
        compare(&input),
        [
            "line/stripe/txn_1: provider_object",
            "line/stripe/txn_2: provider_object",
            "line/stripe/txn_3: provider_object",
            "line/stripe/txn_4: provider_object",
            "line/stripe/txn_5: provider_object",
            "line/stripe/txn_6: unrelated",
            "line/stripe/txn_7: exact_reference",
        ]
    );
}

#[test]
fn what_only_one_side_knows_is_a_break() {
    let not_yet = Record {
        coverage: Coverage::NotYet,
        ..record("ch_8", RecordKind::Charge, 100)
    };
    let input = Input {
        lines: vec![
            line("txn_1", LineKind::Charge, 12_500, "ch_1"),
            line("txn_2", LineKind::Adjustment, 7, ""),
            line("txn_3", LineKind::RefundFailure, 5, "re_3"),
        ],
        records: vec![
            record("re_9", RecordKind::Refund, -12_500),
            not_yet,
            Record {
                state: RecordState::Unmoved,
                ..record("ch_7", RecordKind::Charge, 100)
            },
        ],
        ..input()
    };
    assert_eq!(
        compare(&input),
        [
            "line/stripe/txn_1: missing_in_ledger 0 12500",
            "line/stripe/txn_2: missing_in_ledger 0 7",
            "line/stripe/txn_3: missing_in_ledger 0 5",
            "record/stripe/ch_8: not_reported",
            "record/stripe/re_9: missing_at_provider -12500 0",
        ]
    );
}

#[test]
fn what_two_sources_say_differently_is_one_break_for_each_line() {
    let failed = Record {
        state: RecordState::Unmoved,
        ..record("ch_2", RecordKind::Charge, 100)
    };
    let back = Record {
        state: RecordState::CameBack,
        ..record("re_2", RecordKind::Refund, -100)
    };
    let with_fee = Line {
        amounts: LineAmounts::new(sek(-200), sek(15), sek(-215)).unwrap(),
        ..line("txn_7", LineKind::DisputeWithdrawn, 0, "dp_1")
    };
    let input = Input {
        lines: vec![
            line("txn_1", LineKind::Charge, 12_501, "ch_1"),
            line("txn_2", LineKind::Charge, 100, "ch_2"),
            line("txn_3", LineKind::RefundFailure, 100, "re_1"),
            line("txn_4", LineKind::RefundFailure, 100, "re_2"),
            line("txn_5", LineKind::Payout, -5, "po_1"),
            line("txn_6", LineKind::Payout, -5, "po_1"),
            with_fee,
        ],
        records: vec![
            record("ch_1", RecordKind::Charge, 12_500),
            failed,
            record("re_1", RecordKind::Refund, -100),
            back,
            record("txn_7", RecordKind::DisputeMovement { fee: 0 }, -200),
        ],
        ..input()
    };
    assert_eq!(
        compare(&input),
        [
            "line/stripe/txn_1: amount_mismatch 12500 12501",
            "line/stripe/txn_2: status_mismatch 0 100",
            "line/stripe/txn_3: status_mismatch 0 100",
            "line/stripe/txn_4: provider_object",
            "line/stripe/txn_5: provider_object",
            "line/stripe/txn_6: duplicate_at_provider 0 -5",
            "line/stripe/txn_7: fee_mismatch 0 15",
            "record/stripe/re_1: missing_at_provider -100 0",
        ]
    );
}

/// A refund that failed has one line for going out and one for coming back.
#[test]
fn a_difference_that_is_booked_says_where_it_stands() {
    let input = Input {
        lines: vec![
            line("txn_1", LineKind::Refund, -100, "re_1"),
            line("txn_2", LineKind::RefundFailure, 100, "re_1"),
            line("txn_3", LineKind::Charge, 5, "ch_9"),
        ],
        records: vec![record("re_1", RecordKind::Refund, -100)],
        ..input()
    };
    let outcome = run(&input, rules(10)).unwrap();
    let held: Vec<_> = outcome
        .findings
        .iter()
        .map(|one| (one.kind, one.holding, one.reference.as_str()))
        .collect();
    assert_eq!(
        held,
        [
            (BreakKind::MissingInLedger, Some(Holding::Suspense), "ch_9"),
            (BreakKind::StatusMismatch, None, "re_1"),
        ]
    );
}

#[test]
fn second_opinions_are_compared_with_movements_of_their_payment() {
    let of = |charge: &str, fee: i64, line: Line| Line {
        charge: ProviderChargeId::parse(charge).ok(),
        amounts: LineAmounts::from_net(line.amounts.net(), sek(fee)).unwrap(),
        ..line
    };
    let opinion = |id: &str, charge: &str, fee: i64, net: i64| Line {
        role: Role::Opinion,
        ..of(charge, fee, line(id, LineKind::Charge, net, charge))
    };
    let movement = |id: &str, charge: &str, fee: i64, net: i64| {
        of(charge, fee, line(id, LineKind::Charge, net, charge))
    };
    let input = Input {
        lines: vec![
            opinion("o_1", "ch_1", 140, 12_360),
            opinion("o_2", "ch_2", 141, 12_359),
            opinion("o_3", "ch_3", 0, 10),
            opinion("o_4", "ch_4", 0, 10),
        ],
        context: vec![
            movement("txn_1", "ch_1", 140, 12_360),
            movement("txn_2", "ch_2", 140, 12_360),
            movement("txn_4", "ch_4", 0, 11),
        ],
        ..input()
    };
    assert_eq!(
        compare(&input),
        [
            "line/stripe/o_1: provider_object",
            "line/stripe/o_2: fee_mismatch 140 141",
            "line/stripe/o_3: not_settled",
            "line/stripe/o_4: amount_mismatch 11 10",
        ]
    );
}

#[test]
fn what_pairs_alone_is_what_run_pairs_of_one_line() {
    let eur = |minor| Money::from_minor(minor, Currency::parse("EUR").unwrap());
    let charges = [sek(12_500), eur(1_100)];
    let grosses = [sek(12_500), sek(12_400), sek(0), eur(1_100)];
    let facing = [None, Some(sek(12_500)), Some(eur(1_100)), Some(eur(900))];
    for charge in charges {
        for (gross, customer_facing) in grosses.iter().flat_map(|g| facing.map(|f| (*g, f))) {
            let told = Line {
                amounts: LineAmounts::without_fee(gross),
                customer_facing,
                ..line("t1", LineKind::Charge, 0, "ch1")
            };
            let input = Input {
                lines: vec![told],
                records: vec![Record {
                    moves: charge,
                    ..record("ch1", RecordKind::Charge, 0)
                }],
                ..input()
            };
            let claim = Claim {
                gross,
                customer_facing,
            };
            let alone = pairs_alone(claim, charge).unwrap();
            let paired = run(&input, rules(5)).unwrap().matches;
            let pass = paired.first().map(|one| one.pass);
            let expected = alone.then_some(PROVIDER_OBJECT);
            assert_eq!(pass, expected, "{gross} {customer_facing:?} {charge}");
        }
    }
}
