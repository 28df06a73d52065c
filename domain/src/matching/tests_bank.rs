//! Payouts against bank lines.

use super::input::*;
use super::run;
use super::tests::{entry, input, payout, rules, sek, told};
use crate::money::{Currency, Money};

fn compare(payouts: Vec<Payout>, entries: Vec<Entry>) -> Vec<String> {
    compared_through(10, payouts, entries)
}

fn compared_through(day: u32, payouts: Vec<Payout>, entries: Vec<Entry>) -> Vec<String> {
    let input = Input {
        payouts,
        entries,
        ..input()
    };
    told(&run(&input, rules(day)).unwrap())
}

const PO_1: &str = "po_1SmpL0100000000000000";

#[test]
fn a_payout_is_told_by_its_id_by_its_trace_and_by_amount_and_day() {
    let by = |words: &str| {
        compare(
            vec![payout(PO_1, 143_905, 5, "SMPLTRACE1")],
            vec![entry("b1", 143_905, 5, words)],
        )
    };
    assert_eq!(by(&format!("ref {PO_1}")), ["bank/b1: exact_reference"]);
    // MT940 has room for 16 characters and may turn them upper case.
    assert_eq!(by("PO_1SMPL01000000 x"), ["bank/b1: exact_reference"]);
    assert_eq!(by("STRIPE SMPLTRACE1"), ["bank/b1: payout_trace"]);
    assert_eq!(by("Stripe Payments Europe"), ["bank/b1: payout_amount"]);
}

#[test]
fn an_amount_alone_pairs_nothing() {
    let pay = || vec![payout(PO_1, 12_500, 5, "SMPLTRACE1")];
    for words in ["BG 123-4567", "STRIPES AB", "", "SMPLTRACE12"] {
        assert_eq!(
            compare(pay(), vec![entry("b1", 12_500, 5, words)]),
            [
                "bank/b1: unrelated".to_owned(),
                format!("payout/stripe/{PO_1}: not_in_bank")
            ],
            "{words}"
        );
    }
    // The provider's name, and a day when the payout was long there or not yet.
    for day in [1, 20] {
        assert_eq!(
            compare(pay(), vec![entry("b1", 12_500, day, "STRIPE")]),
            [
                "bank/b1: bank_line_unmatched 0 12500".to_owned(),
                format!("payout/stripe/{PO_1}: not_in_bank")
            ],
            "{day}"
        );
    }
}

#[test]
fn a_payout_ages_into_a_break_after_the_days_it_may_take() {
    let through = |day| compared_through(day, vec![payout(PO_1, 7, 5, "")], Vec::new());
    assert_eq!(through(10), [format!("payout/stripe/{PO_1}: not_in_bank")]);
    assert_eq!(
        through(11),
        [format!("payout/stripe/{PO_1}: payout_not_in_bank 7 0")]
    );
}

#[test]
fn a_payout_that_came_back_needs_no_bank_line_and_must_not_have_one() {
    let back = || Payout {
        state: PayoutState::CameBack,
        ..payout(PO_1, 59_572, 1, "SMPLTRACE4")
    };
    assert!(compared_through(30, vec![back()], Vec::new()).is_empty());
    assert_eq!(
        compare(
            vec![back()],
            vec![entry("b1", 59_572, 2, "STRIPE SMPLTRACE4")]
        ),
        ["bank/b1: status_mismatch 0 59572"]
    );
}

#[test]
fn one_line_of_several_payouts_and_one_payout_in_several_lines() {
    let payouts = || {
        vec![
            payout("po_a", 100, 5, "TA"),
            payout("po_b", 200, 5, "TB"),
            payout("po_c", 450, 6, "TC"),
        ]
    };
    assert_eq!(
        compare(payouts(), vec![entry("b1", 300, 5, "TA TB")]),
        [
            "bank/b1: payout_trace",
            "bank/b1: payout_trace",
            "payout/stripe/po_c: not_in_bank"
        ]
    );
    assert_eq!(
        compare(payouts(), vec![entry("b1", 650, 6, "STRIPE")]),
        [
            "bank/b1: covering_set",
            "bank/b1: covering_set",
            "payout/stripe/po_a: not_in_bank"
        ]
    );
    let parts = vec![
        entry("b1", 250, 6, "TC"),
        entry("b2", 200, 7, "TC"),
        entry("b3", 80, 5, "STRIPE"),
        entry("b4", 120, 5, "STRIPE"),
        entry("b5", 55, 5, "STRIPE"),
    ];
    assert_eq!(
        compare(payouts(), parts),
        [
            "bank/b1: payout_trace",
            "bank/b2: payout_trace",
            "bank/b3: covering_set",
            "bank/b4: covering_set",
            "bank/b5: bank_line_unmatched 0 55",
            "payout/stripe/po_a: not_in_bank"
        ]
    );
}

#[test]
fn two_sets_that_fit_are_none() {
    let payouts = vec![
        payout("po_a", 100, 5, ""),
        payout("po_b", 200, 5, ""),
        payout("po_c", 100, 6, ""),
    ];
    let told = compare(payouts, vec![entry("b1", 300, 5, "STRIPE")]);
    assert_eq!(told[0], "bank/b1: bank_line_unmatched 0 300");
}

#[test]
fn a_line_that_came_short_is_paired_for_what_came() {
    let short = || vec![payout(PO_1, 114_255, 12, "TX41XT")];
    let line = || entry("b1", 111_755, 12, "TX41XT BATCH 41");
    assert_eq!(
        compare(short(), vec![line()]),
        [
            "bank/b1: fee_split".to_owned(),
            format!("payout/stripe/{PO_1}: payout_amount_mismatch 114255 111755")
        ]
    );
    // The bank says itself that it kept the rest.
    let told_by_the_bank = Entry {
        charges: Some(sek(2_500)),
        ..line()
    };
    assert_eq!(
        compare(short(), vec![told_by_the_bank]),
        ["bank/b1: fee_split"]
    );
    // Another line brings it later.
    let came = Payout {
        came: sek(111_755),
        ..payout(PO_1, 114_255, 12, "TX41XT")
    };
    assert_eq!(
        compare(vec![came], vec![entry("b2", 2_500, 14, "TX41XT")]),
        ["bank/b2: payout_trace"]
    );
}

#[test]
fn a_line_in_another_currency_is_for_a_person() {
    let euros = Money::from_minor(100, Currency::parse("EUR").unwrap());
    let line = Entry {
        amount: euros,
        ..entry("b1", 0, 5, "TA")
    };
    let told = compare(vec![payout("po_a", 1_100, 5, "TA")], vec![line]);
    assert_eq!(told[0], "bank/b1: currency_mismatch 1100 100");
}

#[test]
fn a_line_that_refers_to_a_payout_that_came_is_unmatched() {
    let came = Payout {
        came: sek(100),
        ..payout("po_a", 100, 5, "TA")
    };
    let told = compare(vec![came], vec![entry("b1", 100, 6, "TA")]);
    assert_eq!(told, ["bank/b1: bank_line_unmatched 0 100"]);
}
