//! The samples' story: three providers, one bank, twelve traps, in several orders.

use crate::merchant::*;
use crate::world::World;
use avstem::app::reconcile::{ExpectedSum, Proof, ReconciliationView};
use avstem::app::{App, breaks, seal_ledger, trial_balance, verify_ledger};
use avstem::store::StoreError;
use std::collections::BTreeMap;

/// What an account holds in a currency.
pub fn balance(app: &App, account: &str, currency: &str) -> String {
    let all = trial_balance::trial_balance(app, None).unwrap();
    let held = all.currencies.get(currency);
    let held = held.and_then(|currency| currency.accounts.get(account));
    held.map_or_else(|| "0.00".to_owned(), |money| money.to_decimal_string())
}

fn sek(app: &App, account: &str) -> String {
    balance(app, account, "SEK")
}

pub fn check_ledger(app: &App) {
    seal_ledger::seal(app, "test").unwrap();
    let found = verify_ledger::verify(app, &mut |_| {}).unwrap().findings;
    assert!(found.is_empty(), "{found:?}");
}

/// Open breaks as `kind reference expected found`, sorted.
pub fn open_breaks(app: &App) -> Vec<String> {
    let filter = breaks::Filter {
        state: Some("open".to_owned()),
        ..breaks::Filter::default()
    };
    let mut all: Vec<String> = breaks::list(app, &filter, 1_000)
        .unwrap()
        .into_iter()
        .map(|view| {
            format!(
                "{} {} {} {}",
                view.kind,
                view.row.reference,
                view.expected.to_decimal_string(),
                view.found.to_decimal_string()
            )
        })
        .collect();
    all.sort();
    all
}

fn proof<'r>(view: &'r ReconciliationView, connection: &str, currency: &str) -> &'r Proof {
    let of = |proof: &&Proof| {
        (proof.connection.as_str(), proof.currency.as_str()) == (connection, currency)
    };
    view.report.proof.iter().find(of).unwrap()
}

fn expected<'r>(view: &'r ReconciliationView, connection: &str, reason: &str) -> &'r ExpectedSum {
    let of =
        |sum: &&ExpectedSum| (sum.connection.as_str(), sum.reason.as_str()) == (connection, reason);
    view.report.expected.iter().find(of).unwrap()
}

/// `ledger provider in_transit bank difference`, in minor units.
fn figures(proof: &Proof) -> [i64; 5] {
    [
        proof.ledger,
        proof.provider.unwrap(),
        proof.in_transit,
        proof.bank,
        proof.difference.unwrap(),
    ]
}

const STORY_BREAKS: [&str; 3] = [
    "missing_at_provider re_1SmpLR090000000000000 -125.00 0.00",
    "payout_amount_mismatch ExempelMediaSE/batch/41 1142.55 1117.55",
    "status_mismatch re_1SmpLR030000000000000 0.00 225.40",
];

/// The open balances, the twelve findings, and the proof, as they are however it was told.
fn check_story(app: &App, view: &ReconciliationView) {
    assert_eq!(view.row.through, "2026-10-16");
    // Open balances: Stripe 243.46; PayPal 479.23, all of it on its way; Adyen 25.00, the bank's (trap 1).
    assert_eq!(
        figures(proof(view, "stripe", "SEK")),
        [24_346, 24_346, 0, 470_482, 0]
    );
    assert_eq!(
        figures(proof(view, "paypal", "SEK")),
        [0, 0, 47_923, 23_068, 0]
    );
    assert_eq!(
        figures(proof(view, "adyen", "SEK")),
        [0, 0, 2_500, 186_295, 0]
    );
    assert_eq!(sek(app, "assets:provider:stripe"), "243.46");
    assert_eq!(balance(app, "assets:provider:stripe", "EUR"), "0.00");
    assert_eq!(sek(app, "assets:payouts_in_transit:stripe"), "0.00");
    assert_eq!(sek(app, "assets:payouts_in_transit:paypal"), "479.23");
    assert_eq!(sek(app, "assets:payouts_in_transit:adyen"), "25.00");
    // Traps 1, 4 and 5 are breaks; nothing else is.
    assert_eq!(open_breaks(app), STORY_BREAKS);
    // Trap 2: a withdrawal that is not in the bank yet. Trap 6: money that is in no payout yet.
    let on_its_way = expected(view, "paypal", "not_in_bank");
    assert_eq!((on_its_way.amount, on_its_way.count), (47_923, 1));
    assert_eq!(expected(view, "stripe", "not_paid_out").amount, 24_346);
    assert_eq!(view.report.expected.len(), 2, "{:?}", view.report.expected);
    // Trap 3: of five Stripe payouts four are on the bank's statement, and the failed one came again.
    assert_eq!(sek(app, "assets:bank:main"), "6798.45");
    // Traps 7 and 8: ten lines from three files; rent, the bank's fee and three customers are not ours.
    assert_eq!(bank_lines(app), 10);
    assert_eq!(view.report.unrelated, 3);
    // Trap 9: each 125.00 has its own counterpart: every line but one has one, and so have seven of the bank.
    // Trap 10: two rates for one charge and its refund.
    assert_eq!(balance(app, "equity:conversion", "EUR"), "99.00");
    assert_eq!(balance(app, "equity:conversion", "SEK"), "-1112.22");
    // Trap 11: by the books' own days.
    let charge = journal_day(app, "ch_1SmpLA030000000000000");
    assert_eq!(charge, "2026-10-02");
    assert_eq!(view.report.payouts.proved, 7);
    assert!(view.report.payouts.incomplete.is_empty());
    assert_eq!(sek(app, "expenses:dispute_fees"), "150.00");
    assert_eq!(sek(app, "expenses:provider_fees"), "284.08");
    // What only we believe is not on the provider's account.
    assert_eq!(sek(app, "assets:suspense"), "-125.00");
    check_ledger(app);
}

fn bank_lines(app: &App) -> usize {
    let count = |standing: &str| -> i64 {
        let rows = app
            .store
            .read::<_, StoreError>(|tx| tx.bank_lines_standing(standing, "9999-12-31"));
        rows.unwrap()
    };
    let all: i64 = ["new", "matched", "open", "unrelated"]
        .map(count)
        .iter()
        .sum();
    usize::try_from(all).unwrap()
}

fn journal_day(app: &App, reference: &str) -> String {
    let rows = app
        .store
        .read::<_, StoreError>(|tx| tx.list_journals(Some(reference), None, None, None, 50))
        .unwrap()
        .rows;
    let days: BTreeMap<String, ()> = rows.into_iter().map(|row| (row.booked_on, ())).collect();
    days.into_keys().collect::<Vec<_>>().join(" ")
}

fn events_first_then_files(world: &mut World) {
    let app = company(world);
    tell_what_is_believed(&app);
    hand_in_all(&app, FILES);
    let view = reconciled(&app, None);
    check_story(&app, &view);
    // Again: the same, and nothing is done twice.
    let last = || {
        app.store
            .read::<i64, StoreError>(|tx| tx.last_position())
            .unwrap()
    };
    let journals = last();
    let again = reconciled(&app, None);
    check_story(&app, &again);
    assert_eq!(again.report, view.report);
    assert_eq!(last(), journals);
}

fn files_backwards_then_events(world: &mut World) {
    let app = company(world);
    let backwards: Vec<_> = FILES.iter().rev().copied().collect();
    hand_in_all(&app, &backwards);
    tell_what_is_believed(&app);
    check_story(&app, &reconciled(&app, None));
}

/// The bank before the providers, a run after each file, and events in the middle.
fn a_run_after_every_file(world: &mut World) {
    let app = company(world);
    for (number, (connection, name)) in FILES.iter().rev().enumerate() {
        if number == 6 {
            tell_what_is_believed(&app);
        }
        hand_in(&app, connection, &bytes(name)).unwrap();
        reconciled(&app, Some("2026-10-16"));
    }
    check_story(&app, &reconciled(&app, Some("2026-10-16")));
}

/// The fewest files that tell everything.
fn one_file_of_each(world: &mut World) {
    let app = company(world);
    tell_what_is_believed(&app);
    let files = [
        ("", MT940),
        ("stripe", STRIPE_HISTORY),
        ("paypal", PAYPAL_ACTIVITY),
        ("adyen", ADYEN_42),
        ("adyen", ADYEN_41),
    ];
    hand_in_all(&app, &files);
    check_story(&app, &reconciled(&app, None));
}

on_both_databases! {
    events_first_then_files,
    files_backwards_then_events,
    a_run_after_every_file,
    one_file_of_each,
}
