use super::super::account::BankAccount;
use super::tests::{in_stripe, lines, sek};
use super::*;
use crate::breaks::Holding;
use crate::money::Currency;

fn eur(minor: i64) -> Money {
    Money::from_minor(minor, Currency::parse("EUR").unwrap())
}

fn main_account() -> BankAccount {
    BankAccount::parse("main").unwrap()
}

#[test]
fn a_fee_is_taken_from_the_provider_and_may_be_given_back() {
    let taken = in_stripe(|at| provider_fee(at, sek(368))).unwrap();
    assert_eq!(
        lines(&taken),
        ["expenses:provider_fees 368", "assets:provider:stripe -368"]
    );
    let given_back = in_stripe(|at| provider_fee(at, sek(-368))).unwrap();
    assert_eq!(
        lines(&given_back),
        ["expenses:provider_fees -368", "assets:provider:stripe 368"]
    );
}

/// 99.00 EUR of a customer come as 1,112.22 SEK: the provider owes no EUR any more.
#[test]
fn settlement_in_another_currency_moves_what_the_provider_owes() {
    let charge = in_stripe(|at| settled_in_other_currency(at, eur(9_900), sek(111_222))).unwrap();
    assert_eq!(
        lines(&charge),
        [
            "equity:conversion 9900",
            "assets:provider:stripe -9900",
            "assets:provider:stripe 111222",
            "equity:conversion -111222"
        ]
    );
    let refund = in_stripe(|at| settled_in_other_currency(at, eur(-2_000), sek(-22_540))).unwrap();
    assert_eq!(
        lines(&refund),
        [
            "equity:conversion -2000",
            "assets:provider:stripe 2000",
            "assets:provider:stripe -22540",
            "equity:conversion 22540"
        ]
    );
}

#[test]
fn suspense_is_posted_by_steps_and_cleared_by_the_last() {
    let step = |before, after| {
        let change = SuspenseChange {
            before: sek(before),
            after: sek(after),
        };
        in_stripe(|at| suspense_changed(at, change)).unwrap()
    };
    let posted = step(0, 12_500).unwrap();
    assert_eq!(posted.event(), JournalEvent::SuspensePosted);
    assert_eq!(
        lines(&posted),
        ["assets:provider:stripe 12500", "assets:suspense -12500"]
    );
    let cleared = step(12_500, 0).unwrap();
    assert_eq!(cleared.event(), JournalEvent::SuspenseCleared);
    assert_eq!(
        lines(&cleared),
        ["assets:provider:stripe -12500", "assets:suspense 12500"]
    );
    assert_eq!(
        step(12_500, 100).unwrap().event(),
        JournalEvent::SuspensePosted
    );
    assert!(step(7, 7).is_none());
}

#[test]
fn a_refund_that_no_report_knows_is_put_back_on_the_provider_s_account() {
    let missing = in_stripe(|at| missing_at_provider(at, sek(-12_500))).unwrap();
    assert_eq!(
        lines(&missing),
        ["assets:suspense -12500", "assets:provider:stripe 12500"]
    );
    let found = in_stripe(|at| found_at_provider(at, sek(-12_500))).unwrap();
    assert_eq!(
        lines(&found),
        ["assets:provider:stripe -12500", "assets:suspense 12500"]
    );
}

#[test]
fn reserves_and_conversions_follow_the_balance() {
    let held = in_stripe(|at| reserve_changed(at, sek(-1_000))).unwrap();
    assert_eq!(held.event(), JournalEvent::ReserveHeld);
    assert_eq!(
        lines(&held),
        [
            "assets:provider:stripe -1000",
            "assets:provider_reserve:stripe 1000"
        ]
    );
    let released = in_stripe(|at| reserve_changed(at, sek(1_000))).unwrap();
    assert_eq!(released.event(), JournalEvent::ReserveReleased);
    let converted = in_stripe(|at| balance_converted(at, eur(-500))).unwrap();
    assert_eq!(
        lines(&converted),
        ["assets:provider:stripe -500", "equity:conversion 500"]
    );
}

/// A payout of 1,142.55 that came as 1,117.55.
#[test]
fn a_bank_line_takes_what_came_and_leaves_the_rest_in_transit() {
    let short =
        in_stripe(|at| bank_line_matched(at, &main_account(), sek(111_755), sek(0))).unwrap();
    assert_eq!(
        lines(&short),
        [
            "assets:bank:main 111755",
            "assets:payouts_in_transit:stripe -111755"
        ]
    );
    let resolved = in_stripe(|at| bank_fee_taken(at, sek(2_500))).unwrap();
    assert_eq!(
        lines(&resolved),
        [
            "expenses:bank_fees 2500",
            "assets:payouts_in_transit:stripe -2500"
        ]
    );
    let told = in_stripe(|at| bank_line_matched(at, &main_account(), sek(111_755), sek(2_500)));
    assert_eq!(
        lines(&told.unwrap()),
        [
            "assets:bank:main 111755",
            "expenses:bank_fees 2500",
            "assets:payouts_in_transit:stripe -114255"
        ]
    );
}

#[test]
fn what_is_written_off_leaves_the_account_that_held_it_and_can_be_taken_back() {
    let suspense = in_stripe(|at| written_off(at, Holding::Suspense, sek(-12_500))).unwrap();
    assert_eq!(
        lines(&suspense),
        ["expenses:write_offs -12500", "assets:suspense 12500"]
    );
    let transit = in_stripe(|at| written_off(at, Holding::Transit, sek(2_500))).unwrap();
    assert_eq!(
        lines(&transit),
        [
            "expenses:write_offs 2500",
            "assets:payouts_in_transit:stripe -2500"
        ]
    );
    let back = in_stripe(|at| resolution_reversed(at, transit.postings())).unwrap();
    assert_eq!(
        lines(&back),
        [
            "expenses:write_offs -2500",
            "assets:payouts_in_transit:stripe 2500"
        ]
    );
}
