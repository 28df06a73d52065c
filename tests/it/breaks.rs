//! The life of breaks: opened, aged, resolved, opened again, ended by what comes.

use crate::merchant::*;
use crate::reconciliation::{balance, check_ledger, open_breaks};
use crate::world::{World, at};
use avstem::app::App;
use avstem::app::api_keys::{Principal, Role};
use avstem::app::breaks::{self, BreakView, Handled, Refused, Resolve};
use avstem_domain::breaks::{BreakKind, Resolution};
use avstem_domain::money::{Currency, Money};

pub fn sek(minor: i64) -> Money {
    Money::from_minor(minor, Currency::parse("SEK").unwrap())
}

pub fn held(app: &App, account: &str) -> String {
    balance(app, account, "SEK")
}

pub fn person(name: &str) -> Principal {
    Principal {
        key: format!("avkey_{name}"),
        role: Role::Finance,
    }
}

pub fn one(app: &App, kind: BreakKind) -> BreakView {
    let filter = breaks::Filter {
        kind: Some(kind.as_str().to_owned()),
        ..breaks::Filter::default()
    };
    let mut all = breaks::list(app, &filter, 100).unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn decide(resolution: Resolution) -> Resolve {
    Resolve {
        resolution,
        note: "looked into it".to_owned(),
    }
}

pub fn resolved(app: &App, id: &str, resolution: Resolution) -> BreakView {
    match breaks::resolve(app, id, &decide(resolution), &person("kim")).unwrap() {
        Handled::Done(view) => *view,
        other @ Handled::NeedsSecondPerson(_) => panic!("{other:?}"),
    }
}

/// Batch 41 of Adyen came 25.00 short.
pub fn short(world: &World, settings: &str) -> std::sync::Arc<App> {
    let app = company_with(world, settings);
    tell_what_is_believed(&app);
    hand_in_all(
        &app,
        &[("adyen", ADYEN_41), ("adyen", ADYEN_42), ("", CAMT_08)],
    );
    reconciled(&app, Some("2026-10-16"));
    app
}

pub const TRANSIT: &str = "assets:payouts_in_transit:adyen";

fn a_bank_s_fee_is_booked_and_taken_back(world: &mut World) {
    let app = short(world, "");
    let found = one(&app, BreakKind::PayoutAmountMismatch);
    assert_eq!(held(&app, TRANSIT), "25.00");
    assert_eq!(found.difference, Some(sek(-2_500)));
    assert_eq!(
        (found.row.opened_on.as_str(), found.age_days),
        ("2026-10-09", 7)
    );

    let view = resolved(&app, &found.row.id, Resolution::BankFee);
    assert_eq!(view.last.state, "resolved");
    assert_eq!(held(&app, TRANSIT), "0.00");
    assert_eq!(held(&app, "expenses:bank_fees"), "25.00");
    // A later run leaves it so.
    reconciled(&app, Some("2026-10-30"));
    assert_eq!(
        one(&app, BreakKind::PayoutAmountMismatch).last.state,
        "resolved"
    );
    assert_eq!(held(&app, TRANSIT), "0.00");

    let again = resolved_twice(&app, &found.row.id);
    assert!(matches!(again, Refused::AlreadyResolved(_)), "{again:?}");
    let view = breaks::reopen(&app, &found.row.id, "the bank disagrees", &person("lo")).unwrap();
    assert_eq!(view.last.state, "open");
    assert_eq!(held(&app, TRANSIT), "25.00");
    assert_eq!(held(&app, "expenses:bank_fees"), "0.00");
    let again = breaks::reopen(&app, &found.row.id, "once more", &person("lo")).unwrap_err();
    assert!(matches!(again, Refused::NotResolved(_)), "{again:?}");

    resolved(&app, &found.row.id, Resolution::WriteOff);
    assert_eq!(held(&app, TRANSIT), "0.00");
    assert_eq!(held(&app, "expenses:write_offs"), "25.00");
    let steps: Vec<String> = breaks::history(&app, &found.row.id)
        .unwrap()
        .into_iter()
        .map(|event| format!("{} {}", event.action, event.done_by))
        .collect();
    assert_eq!(
        steps,
        [
            "opened avstem",
            "resolved avkey_kim",
            "reopened avkey_lo",
            "resolved avkey_kim"
        ]
    );
    check_ledger(&app);
}

fn resolved_twice(app: &App, id: &str) -> Refused {
    breaks::resolve(app, id, &decide(Resolution::BankFee), &person("kim")).unwrap_err()
}

fn over_the_limit_a_second_person_is_needed(world: &mut World) {
    let app = short(world, "[reconciliation]\nsecond_person_over = \"24.99\"\n");
    let id = one(&app, BreakKind::PayoutAmountMismatch).row.id;
    let ask = |resolution, who: &str| breaks::resolve(&app, &id, &decide(resolution), &person(who));
    let first = ask(Resolution::BankFee, "kim").unwrap();
    assert!(matches!(first, Handled::NeedsSecondPerson(_)), "{first:?}");
    assert_eq!(held(&app, TRANSIT), "25.00");
    let same = ask(Resolution::BankFee, "kim").unwrap_err();
    assert!(matches!(same, Refused::SamePerson(_)), "{same:?}");
    // Another person who decides otherwise is the first one of that.
    let other = ask(Resolution::WriteOff, "lo").unwrap();
    assert!(matches!(other, Handled::NeedsSecondPerson(_)), "{other:?}");
    let done = ask(Resolution::WriteOff, "kim").unwrap();
    assert!(matches!(done, Handled::Done(_)), "{done:?}");
    assert_eq!(held(&app, TRANSIT), "0.00");

    // At the limit one is enough.
    breaks::reopen(&app, &id, "wrong", &person("kim")).unwrap();
    let app = company_with(world, "[reconciliation]\nsecond_person_over = \"25.00\"\n");
    resolved(&app, &id, Resolution::BankFee);
}

fn a_rule_may_take_a_small_difference_for_a_bank_s_fee(world: &mut World) {
    let app = short(world, "[reconciliation]\nbank_fee_below = \"25.01\"\n");
    let view = one(&app, BreakKind::PayoutAmountMismatch);
    assert_eq!(view.last.state, "resolved");
    assert!(
        view.last
            .note
            .unwrap()
            .contains("bank_fee_below = 25.01 SEK")
    );
    assert_eq!(held(&app, TRANSIT), "0.00");
    assert_eq!(held(&app, "expenses:bank_fees"), "25.00");
    check_ledger(&app);
}

fn a_rule_takes_nothing_at_its_limit(world: &mut World) {
    let app = short(world, "[reconciliation]\nbank_fee_below = \"25.00\"\n");
    assert_eq!(
        one(&app, BreakKind::PayoutAmountMismatch).last.state,
        "open"
    );
}

fn what_waits_is_asked_again_after_its_days(world: &mut World) {
    let app = short(world, "");
    world.clock.set(at("2026-10-16T08:00:00Z"));
    let id = one(&app, BreakKind::PayoutAmountMismatch).row.id;
    resolved(&app, &id, Resolution::Wait);
    reconciled(&app, Some("2026-10-21"));
    assert_eq!(
        one(&app, BreakKind::PayoutAmountMismatch).last.state,
        "resolved"
    );
    reconciled(&app, Some("2026-10-22"));
    let view = one(&app, BreakKind::PayoutAmountMismatch);
    assert_eq!(
        (view.last.state.as_str(), view.last.action.as_str()),
        ("open", "reopened")
    );
    // Explained stays explained.
    resolved(&app, &id, Resolution::Explained);
    reconciled(&app, Some("2026-12-22"));
    assert_eq!(
        one(&app, BreakKind::PayoutAmountMismatch).last.state,
        "resolved"
    );
    assert_eq!(held(&app, TRANSIT), "25.00");
}

/// Two sources name different fees, a charge is settled for another amount, and one is settled twice.
fn differences_of_amounts_and_fees_are_told_apart(world: &mut World) {
    let app = company(world);
    tell_what_is_believed(&app);
    let text = String::from_utf8(bytes(ADYEN_ACCOUNTING)).unwrap();
    let other_fee = text.replace("123.60,,1.00,0.15,0.25", "123.50,,1.10,0.15,0.25");
    assert_ne!(other_fee, text);
    hand_in(&app, "adyen", other_fee.as_bytes()).unwrap();
    hand_in(&app, "adyen", &bytes(ADYEN_41)).unwrap();
    let text = String::from_utf8(bytes(PAYPAL_SETTLEMENT)).unwrap();
    let other_amount = text
        .replacen("\"CR\",12500,", "\"CR\",12600,", 1)
        .replace(",87300,", ",87400,");
    assert_ne!(other_amount, text);
    hand_in(&app, "paypal", other_amount.as_bytes()).unwrap();
    let text = String::from_utf8(bytes(STRIPE_HISTORY)).unwrap();
    let row = text
        .lines()
        .find(|line| line.contains("ch_1SmpLA07"))
        .unwrap();
    let twice = format!("{text}{}\n", row.replace("txn_1SmpLA07", "txn_1SmpLZ07"));
    hand_in(&app, "stripe", twice.as_bytes()).unwrap();
    reconciled(&app, None);
    let told: Vec<String> = open_breaks(&app)
        .into_iter()
        .filter(|one| {
            ["fee_mismatch", "amount_mismatch", "duplicate"]
                .iter()
                .any(|kind| one.starts_with(kind))
        })
        .collect();
    assert_eq!(
        told,
        [
            "amount_mismatch 5SM00000000000001 125.00 126.00",
            "duplicate_at_provider ch_1SmpLA070000000000000 0.00 125.00",
            "fee_mismatch 8816SMPL00000001 1.40 1.50",
        ]
    );
    // All of it is in the books, so that the provider's account agrees.
    assert_eq!(held(&app, "assets:provider:paypal"), "1.00");
    assert_eq!(held(&app, "assets:provider:stripe"), "364.78");
    assert_eq!(held(&app, "assets:suspense"), "-251.00");
    check_ledger(&app);
}

fn money_is_not_moved_where_none_stands(world: &mut World) {
    let app = company(world);
    hand_in(&app, "", &bytes(CAMT_08)).unwrap();
    reconciled(&app, None);
    let filter = breaks::Filter::default();
    let all = breaks::list(&app, &filter, 100).unwrap();
    assert_eq!(all.len(), 7);
    for view in &all {
        assert_eq!(view.kind, BreakKind::BankLineUnmatched);
        for resolution in [Resolution::BankFee, Resolution::WriteOff] {
            let refused = breaks::resolve(&app, &view.row.id, &decide(resolution), &person("kim"));
            assert!(
                matches!(refused, Err(Refused::DoesNotFit { .. })),
                "{refused:?}"
            );
        }
    }
    let journals: i64 = app
        .store
        .read::<_, avstem::store::StoreError>(|tx| tx.last_position())
        .unwrap();
    assert_eq!(journals, 0);
    let gone = breaks::resolve(&app, "avbrk_1", &decide(Resolution::Wait), &person("kim"));
    assert!(matches!(gone, Err(Refused::NotFound(_))));
}

on_both_databases! {
    a_bank_s_fee_is_booked_and_taken_back,
    over_the_limit_a_second_person_is_needed,
    a_rule_may_take_a_small_difference_for_a_bank_s_fee,
    a_rule_takes_nothing_at_its_limit,
    what_waits_is_asked_again_after_its_days,
    differences_of_amounts_and_fees_are_told_apart,
    money_is_not_moved_where_none_stands,
}
