//! Breaks that begin, end and begin again by what comes: the rest of a payout, an event, a report.

use crate::breaks::{TRANSIT, held, one, person, resolved, sek, short};
use crate::merchant::*;
use crate::reconciliation::{balance, check_ledger, open_breaks};
use crate::world::{World, at};
use avstem::app::App;
use avstem::app::breaks;
use avstem::app::reconcile::Proof;
use avstem_domain::breaks::{BreakKind, Resolution};
use avstem_domain::event::ProviderRefundStatus;
use avstem_domain::money::{Currency, Money};

fn the_rest_of_a_payout_ends_its_break(world: &mut World) {
    let app = short(world, "");
    let view = one(&app, BreakKind::PayoutAmountMismatch);
    breaks::assign(&app, &view.row.id, Some("Kim".into()), None, &person("kim")).unwrap();
    let later = "{1:F01ESSESESSAXXX0000000000}{4:\n:20:SMPL940-011\n:25:SE4550000000058398257466\n:28C:11/1\n\
                 :60F:C261017SEK55671,45\n:61:2610191019C25,00NTRFTX8816SMPL41XT//20261019001\n\
                 :86:TX8816SMPL41XT REST\n:62F:C261019SEK55696,45\n-}\n";
    hand_in(&app, "", later.as_bytes()).unwrap();
    reconciled(&app, None);
    let view = one(&app, BreakKind::PayoutAmountMismatch);
    assert_eq!(view.last.state, "resolved");
    assert_eq!(
        (view.last.done_by.as_str(), view.last.owner.as_deref()),
        ("avstem", Some("Kim"))
    );
    assert_eq!(held(&app, TRANSIT), "0.00");
    check_ledger(&app);
}

fn a_payout_ages_into_a_break_by_the_day_that_is_asked_for(world: &mut World) {
    let app = company(world);
    tell_what_is_believed(&app);
    hand_in_all(&app, &[("paypal", PAYPAL_SETTLEMENT), ("", CAMT_08)]);
    // The service's clock stands weeks later: it does not count.
    reconciled(&app, Some("2026-10-20"));
    let late = |app: &App| {
        let all = open_breaks(app).into_iter();
        all.filter(|one| one.starts_with("payout_not_in_bank"))
            .collect::<Vec<_>>()
    };
    assert_eq!(late(&app), Vec::<String>::new());
    reconciled(&app, Some("2026-10-21"));
    assert_eq!(
        late(&app),
        ["payout_not_in_bank 5SM00000000000006 479.23 0.00"]
    );
    // Asked for the day before, nothing is forgotten.
    reconciled(&app, Some("2026-10-20"));
    assert_eq!(late(&app).len(), 1);
}

/// What only a report knows stands in suspense until its event comes.
fn an_event_that_comes_late_clears_suspense_and_ends_the_break(world: &mut World) {
    let app = company(world);
    hand_in(&app, "paypal", &bytes(PAYPAL_SETTLEMENT)).unwrap();
    assert_eq!(held(&app, "assets:suspense"), "-748.00");
    assert_eq!(held(&app, "assets:provider:paypal"), "0.00");
    // The last day on which the first withdrawal may be on its way.
    reconciled(&app, Some("2026-10-13"));
    assert_eq!(
        open_breaks(&app),
        [
            "missing_in_ledger 5SM00000000000001 0.00 125.00",
            "missing_in_ledger 5SM00000000000002 0.00 249.00",
            "missing_in_ledger 5SM00000000000003 0.00 -125.00",
            "missing_in_ledger 5SM00000000000005 0.00 499.00",
        ]
    );
    // One is written off meanwhile: what came of it is taken back when the charge comes.
    let filter = breaks::Filter::default();
    let all = breaks::list(&app, &filter, 10).unwrap();
    let third = all.iter().find(|view| view.found == sek(49_900)).unwrap();
    resolved(&app, &third.row.id, Resolution::WriteOff);
    assert_eq!(held(&app, "expenses:write_offs"), "-499.00");
    assert_eq!(held(&app, "assets:suspense"), "-249.00");

    tell_what_is_believed(&app);
    assert_eq!(held(&app, "assets:suspense"), "0.00");
    assert_eq!(held(&app, "expenses:write_offs"), "0.00");
    assert_eq!(held(&app, "assets:provider:paypal"), "0.00");
    assert_eq!(open_breaks(&app), Vec::<String>::new());
    let view = reconciled(&app, Some("2026-10-13"));
    assert_eq!(view.row.state, "balanced");
    check_ledger(&app);
}

fn a_report_that_comes_late_ends_what_was_missing_at_the_provider(world: &mut World) {
    let app = company(world);
    tell_what_is_believed(&app);
    let text = String::from_utf8(bytes(STRIPE_HISTORY)).unwrap();
    let without: Vec<&str> = text
        .lines()
        .filter(|line| !line.contains("re_1SmpLR01"))
        .collect();
    hand_in(&app, "stripe", (without.join("\n") + "\n").as_bytes()).unwrap();
    reconciled(&app, None);
    let missing = |app: &App| {
        let all = open_breaks(app).into_iter();
        all.filter(|one| one.starts_with("missing_at_provider"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        missing(&app),
        [
            "missing_at_provider re_1SmpLR010000000000000 -125.00 0.00",
            "missing_at_provider re_1SmpLR090000000000000 -125.00 0.00",
        ]
    );
    assert_eq!(held(&app, "assets:suspense"), "-250.00");
    hand_in(&app, "stripe", &bytes(STRIPE_HISTORY)).unwrap();
    assert_eq!(held(&app, "assets:suspense"), "-125.00");
    assert_eq!(missing(&app).len(), 1);
    // The other one fails: it never moved the money.
    let told = refund_fact(
        "re_1SmpLR090000000000000",
        "ch_1SmpLA010000000000000",
        sek(12_500),
        ProviderRefundStatus::Failed,
        at("2026-10-11T08:00:00Z"),
        at("2026-10-17T08:00:00Z"),
    );
    tell(&app, "stripe", &[told]);
    let view = reconciled(&app, None);
    assert_eq!(missing(&app), Vec::<String>::new());
    assert_eq!(held(&app, "assets:suspense"), "0.00");
    assert_eq!(held(&app, "assets:provider:stripe"), "243.46");
    let differs = |proof: &Proof| proof.difference.unwrap_or(0) != 0;
    assert!(!view.report.proof.iter().any(differs), "{view:?}");
    check_ledger(&app);
}

/// Our records say that the customer has the money; the report says that it came back.
fn a_refund_that_came_back_reopens_until_its_event_comes(world: &mut World) {
    let app = company(world);
    tell_what_is_believed(&app);
    hand_in(&app, "stripe", &bytes(STRIPE_HISTORY)).unwrap();
    reconciled(&app, None);
    assert_eq!(one(&app, BreakKind::StatusMismatch).last.state, "open");
    let refund = |app: &App| {
        let ids = ["re_1SmpLR030000000000000".to_owned()];
        let rows = app
            .store
            .read::<_, avstem::store::StoreError>(|tx| tx.refunds_by_provider_ids("stripe", &ids));
        rows.unwrap().remove(0)
    };
    let attention = refund(&app).attention.unwrap();
    assert!(attention.contains("20.00 EUR is still owed"), "{attention}");
    assert_eq!(
        balance(&app, "liabilities:refunds_payable", "EUR"),
        "-20.00"
    );
    let euros = Money::from_minor(2_000, Currency::parse("EUR").unwrap());
    let told = refund_fact(
        "re_1SmpLR030000000000000",
        "ch_1SmpLA030000000000000",
        euros,
        ProviderRefundStatus::Failed,
        at("2026-10-07T09:30:00Z"),
        at("2026-10-09T12:00:00Z"),
    );
    tell(&app, "stripe", &[told]);
    reconciled(&app, None);
    assert_eq!(one(&app, BreakKind::StatusMismatch).last.state, "resolved");
    assert_eq!(
        balance(&app, "liabilities:refunds_payable", "EUR"),
        "-20.00"
    );
    assert_eq!(balance(&app, "assets:provider:stripe", "EUR"), "0.00");
    check_ledger(&app);
}

on_both_databases! {
    the_rest_of_a_payout_ends_its_break,
    a_payout_ages_into_a_break_by_the_day_that_is_asked_for,
    an_event_that_comes_late_clears_suspense_and_ends_the_break,
    a_report_that_comes_late_ends_what_was_missing_at_the_provider,
    a_refund_that_came_back_reopens_until_its_event_comes,
}
