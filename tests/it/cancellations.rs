//! The main job: a cancellation from the click to the refund.

use crate::saga::{self, Case, Right};
use crate::world::{World, monthly, settle};
use avstem::app::cancellation::CancellationView;
use avstem::app::deliveries::{self, Completed, ReportDelivery};
use avstem_simulator::{PaymentBehavior, Plan};

const PATIENCE_MIN: i64 = 10;

fn settled(world: &World, case: &Case) -> CancellationView {
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap()
}

fn codes(view: &CancellationView) -> Vec<&str> {
    view.verdicts
        .iter()
        .map(|verdict| verdict.code.as_str())
        .collect()
}

fn a_cancellation_refunds_only_the_latest_charge(world: &mut World) {
    let (_, subscription) = world.subscribe();
    world.pass_days(65);
    world.deliver();
    let charges = world.charges(&subscription);
    assert_eq!(charges.len(), 3);
    world.check_books();

    let cancellation = world.cancel(&subscription);
    world.work(2).unwrap();
    world.deliver();

    let view = world.view(&cancellation);
    assert_eq!(view.row.state, "completed", "{:?}", view.row);
    assert_eq!(view.row.stop_mode.as_deref(), Some("immediate"));
    assert_eq!(
        codes(&view),
        ["latest_charge", "earlier_period", "earlier_period"]
    );
    let paid: Vec<usize> = charges
        .iter()
        .map(|charge| world.refunds_paid(charge))
        .collect();
    assert_eq!(paid, [0, 0, 1]);
    assert_eq!(
        world
            .provider()
            .subscription_view(&subscription)
            .unwrap()
            .status,
        "canceled"
    );
    assert_eq!(world.balance("liabilities:refunds_payable"), "0.00");
    world.check_books();
}

fn earlier_charges_are_rejected_with_clause_and_sentences(world: &mut World) {
    let (_, subscription) = world.subscribe();
    world.pass_days(95);
    let case = Case::ask(world, subscription, Right::LatestCharge);
    let view = settled(world, &case);
    case.assert_completed(world, "three earlier charges");
    let charges = world.charges(&case.subscription);
    let judged: Vec<&str> = view
        .verdicts
        .iter()
        .map(|v| v.charge_provider_id.as_str())
        .collect();
    let newest_first: Vec<&str> = charges.iter().rev().map(String::as_str).collect();
    assert_eq!(judged, newest_first);
    let kinds: Vec<&str> = view
        .verdicts
        .iter()
        .map(|verdict| verdict.kind.as_str())
        .collect();
    assert_eq!(kinds, ["renewal", "renewal", "renewal", "initial"]);
    let latest = &view.verdicts[0];
    assert_eq!(
        (latest.decision.as_str(), latest.clause.as_str()),
        ("refund", "R2")
    );
    assert_eq!(latest.refund_amount, Some(24_900));
    for earlier in &view.verdicts[1..] {
        assert_eq!(
            (earlier.decision.as_str(), earlier.code.as_str()),
            ("reject", "earlier_period")
        );
        assert_eq!(earlier.clause, "R3");
        assert_eq!((earlier.amount, earlier.refund_amount), (24_900, None));
        assert!(
            earlier.explanation_sv.contains("249,00"),
            "{}",
            earlier.explanation_sv
        );
        assert!(
            earlier.explanation_sv.contains("tidigare period"),
            "{}",
            earlier.explanation_sv
        );
        assert!(
            earlier.explanation_en.contains("earlier period"),
            "{}",
            earlier.explanation_en
        );
    }
    assert!(view.row.policy_version.is_some());
    world.deliver();
    world.check_books();
}

fn the_receipt_tells_in_both_languages_what_came_of_it(world: &mut World) {
    let case = Case::ask(world, saga::in_the_second_month(world), Right::LatestCharge);
    let view = settled(world, &case);
    let found: Vec<(i64, &str)> = view
        .receipts
        .iter()
        .map(|r| (r.number, r.locale.as_str()))
        .collect();
    assert_eq!(found, [(1, "en"), (1, "sv")]);
    let refund = &view.refunds[0];
    assert_eq!(refund.state, "succeeded");
    for receipt in &view.receipts {
        assert!(receipt.body.contains(&view.row.id), "{}", receipt.body);
        for verdict in &view.verdicts {
            let sentence = if receipt.locale == "sv" {
                &verdict.explanation_sv
            } else {
                &verdict.explanation_en
            };
            let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                flat(&receipt.body).contains(&flat(sentence)),
                "{sentence}: {}",
                receipt.body
            );
        }
    }
}

/// The boundary second: fourteen days to the second are inside.
fn the_window_ends_with_its_last_second(world: &mut World) {
    for (late_s, right) in [(0, Right::LatestCharge), (1, Right::Nothing)] {
        let (_, subscription) = world.subscribe();
        world.pass_seconds(14 * 86_400 + late_s);
        let case = Case::ask(world, subscription, right);
        settled(world, &case);
        case.assert_completed(world, &format!("{late_s} s late"));
    }
}

fn two_payments_of_one_invoice_are_two_refunds(world: &mut World) {
    let plan = Plan {
        amount_minor: 24_901,
        ..monthly()
    };
    let (_, subscription) = world.subscribe_to(&plan, PaymentBehavior::SplitsInTwo);
    world.pass_days(33);
    world.deliver();
    let cancellation = world.cancel(&subscription);
    let view = settle(&world.app, world, &cancellation, PATIENCE_MIN).unwrap();
    assert_eq!(view.row.state, "completed", "{:?}", view.row);
    assert_eq!(
        codes(&view),
        [
            "latest_charge",
            "latest_charge",
            "earlier_period",
            "earlier_period"
        ]
    );
    let mut amounts: Vec<i64> = view.refunds.iter().map(|refund| refund.amount).collect();
    amounts.sort_unstable();
    assert_eq!(amounts, [12_450, 12_451]);
    let charges = world.charges(&subscription);
    let paid: Vec<usize> = charges
        .iter()
        .map(|charge| world.refunds_paid(charge))
        .collect();
    assert_eq!(paid, [0, 0, 1, 1]);
    world.deliver();
    world.check_books();
}

/// A subscription in its second month of which `delivered` of four units of the latest period came.
fn with_delivery(world: &World, delivered: i64) -> String {
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    let report = ReportDelivery {
        subscription: subscription.clone(),
        charge: world.latest_charge(&subscription),
        ordered: 4,
        delivered,
        completed: Completed::No,
        reported_by: "key".to_owned(),
    };
    deliveries::report(&world.app, &report).unwrap();
    subscription
}

fn what_was_delivered_of_the_latest_period_is_kept(world: &mut World) {
    let expected = [
        (0, "latest_charge", Some(24_900)),
        (1, "latest_charge_partly_delivered", Some(18_675)),
        (4, "period_delivered", None),
    ];
    for (delivered, code, refund) in expected {
        let subscription = with_delivery(world, delivered);
        let cancellation = world.cancel(&subscription);
        let view = settle(&world.app, world, &cancellation, PATIENCE_MIN).unwrap();
        assert_eq!(view.row.state, "completed");
        assert_eq!(codes(&view), [code, "earlier_period"]);
        assert_eq!(view.verdicts[0].refund_amount, refund);
        let paid: Vec<i64> = view.refunds.iter().map(|refund| refund.amount).collect();
        assert_eq!(paid, Vec::from_iter(refund), "{delivered} of 4");
        let mode = if refund.is_some() {
            "immediate"
        } else {
            "at_period_end"
        };
        assert_eq!(view.row.stop_mode.as_deref(), Some(mode));
    }
    world.deliver();
    world.check_books();
}

/// Staff refunded it in the dashboard: it stays the latest, and no older charge takes its place.
fn a_latest_charge_refunded_before_promotes_no_older_one(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    let latest = world.charges(&subscription).pop().unwrap();
    world.provider().dashboard_refund(&latest, None).unwrap();
    let case = Case::ask(world, subscription, Right::Nothing);
    let view = settled(world, &case);
    case.assert_completed(world, "refunded before");
    assert_eq!(codes(&view), ["already_refunded", "earlier_period"]);
    world.deliver();
    world.check_books();
}

fn a_disputed_latest_charge_is_left_to_the_bank(world: &mut World) {
    let subscription = saga::in_the_second_month(world);
    let latest = world.charges(&subscription).pop().unwrap();
    world.provider().open_dispute(&latest);
    let case = Case::ask(world, subscription, Right::Nothing);
    let view = settled(world, &case);
    case.assert_completed(world, "disputed");
    assert_eq!(codes(&view), ["disputed", "earlier_period"]);
    assert_eq!(view.verdicts[0].clause, "D3");
    world.deliver();
    world.check_books();
}

on_both_databases! {
    a_cancellation_refunds_only_the_latest_charge,
    earlier_charges_are_rejected_with_clause_and_sentences,
    the_receipt_tells_in_both_languages_what_came_of_it,
    the_window_ends_with_its_last_second,
    two_payments_of_one_invoice_are_two_refunds,
    what_was_delivered_of_the_latest_period_is_kept,
    a_latest_charge_refunded_before_promotes_no_older_one,
    a_disputed_latest_charge_is_left_to_the_bank,
}
