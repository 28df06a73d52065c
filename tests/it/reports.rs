//! What reports say, against figures that were worked out by hand from the samples' story and from two
//! subscriptions.

use crate::merchant::*;
use crate::world::World;
use avstem::app::App;
use avstem::app::breaks::{Resolve, list, resolve};
use avstem::app::reports::{self, Asked};
use avstem::app::reports::{breaks, reconciliation, refunds, revenue, waterfall};
use avstem::reports::Span;
use avstem::reports::aging::Aging;
use avstem::reports::refunds::Refunds;
use avstem::reports::waterfall::{Fall, Step};
use avstem_domain::breaks::Resolution;
use avstem_domain::money::Money;

on_both_databases! {
    the_story_falls_from_gross_to_bank,
    each_connection_falls_to_what_its_files_say,
    a_day_s_waterfall_begins_and_ends_with_that_day,
    the_last_reconciliation_is_what_is_shown,
    breaks_age_to_the_day_that_is_asked_for,
    a_resolved_break_has_no_age,
    nothing_known_is_nothing_reported,
    verdicts_and_refunds_are_counted_by_clause,
    revenue_is_spread_over_the_months_that_were_paid,
}

fn all() -> Asked {
    Asked::default()
}

fn of(connection: &str) -> Asked {
    Asked {
        connection: Some(connection.to_owned()),
        ..all()
    }
}

fn during(from: &str, to: &str) -> Asked {
    let day = |text: &str| Some(text.parse().unwrap());
    Asked {
        span: Span {
            from: day(from),
            to: day(to),
        },
        ..all()
    }
}

fn through(day: &str) -> Asked {
    Asked {
        through: Some(day.parse().unwrap()),
        ..all()
    }
}

/// The company of the samples, with everything that it knows, reconciled.
pub fn told_story(world: &World) -> std::sync::Arc<App> {
    let app = company(world);
    tell_what_is_believed(&app);
    hand_in_all(&app, FILES);
    reconciled(&app, None);
    app
}

fn steps(fall: &Fall) -> Vec<String> {
    let told = |(step, amount): &(Step, Money)| {
        format!("{} {}", step.as_str(), amount.to_decimal_string())
    };
    let mut told: Vec<String> = fall.earned.iter().chain(&fall.withheld).map(told).collect();
    told.push(format!("bank {}", fall.bank.to_decimal_string()));
    told
}

fn falls(app: &App, asked: &Asked) -> Vec<(String, Vec<String>)> {
    let found = waterfall(app, asked).unwrap();
    let told = found.falls.iter();
    told.map(|fall| (fall.currency.code().to_owned(), steps(fall)))
        .collect()
}

fn the_story_falls_from_gross_to_bank(world: &mut World) {
    let app = told_story(world);
    let [(eur, euros), (sek, kronor)] = &falls(&app, &all())[..] else {
        panic!("two currencies");
    };
    assert_eq!((eur.as_str(), sek.as_str()), ("EUR", "SEK"));
    // The refund of 20.00 came back, and the charge of 99.00 was settled in kronor.
    assert_eq!(euros, &["charges 99.00", "conversion -99.00", "bank 0.00"]);
    // What the merchant believes: charges of 4747, 873 and 2123; refunds of 750, 125 and 125, one of
    // which (125.00) no provider knows: it is in suspense. 243.46 are in no payout yet, 479.23 and 25.00
    // are on their way.
    assert_eq!(
        kronor,
        &[
            "charges 7743.00",
            "refunds -1000.00",
            "disputes -150.00",
            "provider_fees -284.08",
            "conversion 1112.22",
            "suspense 125.00",
            "at_provider -243.46",
            "in_transit -504.23",
            "bank 6798.45",
        ]
    );
}

/// Stripe's reports say 4948.28 of activity, PayPal's 873.00 in and 38.09 of fees, Adyen's two batches
/// 1142.55 and 745.40.
fn each_connection_falls_to_what_its_files_say(world: &mut World) {
    let app = told_story(world);
    let net = |connection: &str| {
        let found = waterfall(&app, &of(connection)).unwrap();
        let sek = found.falls.into_iter().last().unwrap();
        (sek.net.to_decimal_string(), sek.bank.to_decimal_string())
    };
    let pair = |net: &str, bank: &str| (net.to_owned(), bank.to_owned());
    assert_eq!(net("stripe"), pair("4948.28", "4704.82"));
    assert_eq!(net("paypal"), pair("709.91", "230.68"));
    assert_eq!(net("adyen"), pair("1887.95", "1862.95"));
    let paypal = &falls(&app, &of("paypal"))[0].1;
    assert_eq!(
        paypal,
        &[
            "charges 873.00",
            "refunds -125.00",
            "provider_fees -38.09",
            "in_transit -479.23",
            "bank 230.68",
        ]
    );
}

fn a_day_s_waterfall_begins_and_ends_with_that_day(world: &mut World) {
    let app = told_story(world);
    // Two of Stripe's charges, by the days of Stockholm; the one at 22:58 UTC is of the next day.
    let first = falls(&app, &during("2026-10-01", "2026-10-01"));
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!(first[0].1[0], "charges 374.00");
    assert_eq!(first[0].1.last().unwrap(), "bank 0.00");
    let before = falls(&app, &during("2026-09-01", "2026-09-30"));
    assert!(before.is_empty(), "{before:?}");
    // Days side by side are the whole.
    let sum = |asked: &Asked| {
        let found = waterfall(&app, asked).unwrap();
        let sek = found.falls.into_iter().last().unwrap();
        sek.bank.minor()
    };
    let parts = sum(&during("2026-10-01", "2026-10-09")) + sum(&during("2026-10-10", "2026-10-31"));
    assert_eq!(parts, sum(&all()));
}

fn the_last_reconciliation_is_what_is_shown(world: &mut World) {
    let app = told_story(world);
    let last = reconciliation(&app, &all()).unwrap().last.unwrap();
    assert_eq!(last.through.to_string(), "2026-10-16");
    assert_eq!(last.breaks, 3);
    let told: Vec<String> = last
        .balances
        .iter()
        .filter(|one| one.ledger.currency().code() == "SEK")
        .map(|one| {
            let amounts = [one.provider.unwrap(), one.ledger, one.in_transit, one.bank];
            let amounts = amounts.map(|amount| amount.to_decimal_string());
            format!("{} {}", one.connection, amounts.join(" "))
        })
        .collect();
    assert_eq!(
        told,
        [
            "adyen 0.00 0.00 25.00 1862.95",
            "paypal 0.00 0.00 479.23 230.68",
            "stripe 243.46 243.46 0.00 4704.82",
        ]
    );
    assert_eq!(last.expected.len(), 2);
    // A run of one connection is not of all of them.
    let paypal = avstem::app::reconcile::ReconcileRequest {
        connection: Some("paypal".to_owned()),
        through: Some("2026-10-17".parse().unwrap()),
        by: "test".to_owned(),
    };
    avstem::app::reconcile::reconcile(&app, &paypal, &mut |_| ()).unwrap();
    let still = reconciliation(&app, &all()).unwrap().last.unwrap();
    assert_eq!(still.id, last.id);
    let own = reconciliation(&app, &of("paypal")).unwrap().last.unwrap();
    assert_eq!(own.through.to_string(), "2026-10-17");
    let adyen = reconciliation(&app, &of("adyen")).unwrap().last.unwrap();
    assert_eq!(adyen.id, last.id);
    assert!(adyen.balances.iter().all(|one| one.connection == "adyen"));
    let never = reconciliation(&app, &through("2026-10-02")).unwrap();
    assert!(never.last.is_none());
}

/// `kind` and how many are in each group of ages.
fn ages(aging: &Aging) -> Vec<String> {
    let kinds = aging.kinds.iter().map(|kind| {
        let groups: Vec<String> = kind
            .groups
            .iter()
            .map(|group| group.breaks.to_string())
            .collect();
        format!("{} {} oldest {}", kind.kind, groups.join(" "), kind.oldest)
    });
    kinds.collect()
}

fn breaks_age_to_the_day_that_is_asked_for(world: &mut World) {
    let app = told_story(world);
    // The refund that no provider knows is of 11 October; the payout was to arrive, and the other refund
    // came back, on the 9th: they are 5, 7 and 7 days old on the 16th.
    assert_eq!(
        ages(&breaks(&app, &all()).unwrap()),
        [
            "missing_at_provider 1 0 0 0 0 oldest 5",
            "payout_amount_mismatch 1 0 0 0 0 oldest 7",
            "status_mismatch 1 0 0 0 0 oldest 7",
        ]
    );
    assert_eq!(
        ages(&breaks(&app, &through("2026-11-10")).unwrap()),
        [
            "missing_at_provider 0 1 0 0 0 oldest 30",
            "payout_amount_mismatch 0 0 1 0 0 oldest 32",
            "status_mismatch 0 0 1 0 0 oldest 32",
        ]
    );
    // On the 10th two of them were a day old.
    assert_eq!(
        ages(&breaks(&app, &through("2026-10-10")).unwrap()),
        [
            "payout_amount_mismatch 1 0 0 0 0 oldest 1",
            "status_mismatch 1 0 0 0 0 oldest 1",
        ]
    );
    assert_eq!(
        ages(&breaks(&app, &of("adyen")).unwrap()),
        ["payout_amount_mismatch 1 0 0 0 0 oldest 7"]
    );
    let short = breaks(&app, &of("adyen")).unwrap();
    let amounts = short.kinds[0].amounts().unwrap();
    let amounts: Vec<String> = amounts.values().map(Money::to_string).collect();
    assert_eq!(amounts, ["25.00 SEK"]);
}

fn a_resolved_break_has_no_age(world: &mut World) {
    let app = told_story(world);
    let filter = avstem::app::breaks::Filter {
        kind: Some("payout_amount_mismatch".to_owned()),
        ..Default::default()
    };
    let short = list(&app, &filter, 1).unwrap().remove(0);
    let decision = Resolve {
        resolution: Resolution::BankFee,
        note: "from abroad".to_owned(),
    };
    let kim = crate::breaks::person("kim");
    resolve(&app, &short.row.id, &decision, &kim).unwrap();
    assert!(breaks(&app, &of("adyen")).unwrap().kinds.is_empty());
    // What the bank kept is a step of its own then, and nothing of it is on its way any more.
    let adyen = &falls(&app, &of("adyen"))[0].1;
    assert_eq!(
        adyen[adyen.len() - 2..],
        ["shortfalls -25.00", "bank 1862.95"]
    );
}

fn nothing_known_is_nothing_reported(world: &mut World) {
    let app = company(world);
    assert!(falls(&app, &all()).is_empty());
    assert!(reconciliation(&app, &all()).unwrap().last.is_none());
    let none = breaks(&app, &all()).unwrap();
    assert!(none.kinds.is_empty() && none.through.is_none());
    let none = refunds(&app, &all()).unwrap();
    assert!(none.verdicts.is_empty() && none.made.is_empty());
    assert!(revenue(&app, &all()).unwrap().currencies.is_empty());
}

/// Two subscriptions from 22 November at noon, renewed on 22 December. The first is canceled then, and the
/// charge of its second month goes back; a part of the other's first month is given back by others.
pub fn two_subscriptions(world: &World) {
    let (_, first) = world.subscribe();
    let (_, second) = world.subscribe();
    world.deliver();
    world.pass_days(31);
    world.deliver();
    let canceled = world.cancel(&first);
    crate::world::settle(&world.app, world, &canceled, 10).unwrap();
    let charge = world.charges(&second)[0].clone();
    world
        .provider()
        .dashboard_refund(&charge, Some(12_450))
        .unwrap();
    world.deliver();
}

fn told(refunds: &Refunds) -> (Vec<String>, Vec<String>) {
    let verdicts = refunds.verdicts.iter().map(|one| {
        let amounts = [one.charged, one.granted, one.waived].map(|one| one.to_decimal_string());
        format!(
            "{} {} {} {} of {}",
            one.verdicts,
            one.clause.as_str(),
            one.code.as_str(),
            one.decision.as_str(),
            amounts.join(" ")
        )
    });
    let made = refunds.made.iter().map(|one| {
        let amount = one.amount.to_decimal_string();
        format!("{:?} {} {} {amount}", one.maker, one.state, one.refunds)
    });
    (verdicts.collect(), made.collect())
}

fn verdicts_and_refunds_are_counted_by_clause(world: &mut World) {
    two_subscriptions(world);
    let (verdicts, made) = told(&refunds(&world.app, &all()).unwrap());
    assert_eq!(
        verdicts,
        [
            "1 R2 latest_charge refund of 249.00 249.00 0.00",
            "1 R3 earlier_period reject of 249.00 0.00 0.00",
        ]
    );
    assert_eq!(
        made,
        [
            "Us succeeded 1 249.00",
            "OthersOutsidePolicy succeeded 1 124.50",
        ]
    );
    // Who keeps the paid period has a right that is not used.
    let (_, third) = world.subscribe();
    world.deliver();
    let keeps = avstem::app::cancellation::RequestCancellation {
        refund: avstem_domain::cancellation::RefundChoice::None,
        ..world.request(&third)
    };
    let kept = avstem::app::cancellation::request(&world.app, keeps).unwrap();
    crate::world::settle(&world.app, world, &kept.cancellation.id, 10).unwrap();
    let (verdicts, _) = told(&refunds(&world.app, &all()).unwrap());
    assert_eq!(
        verdicts[0],
        "2 R2 latest_charge refund of 498.00 249.00 249.00"
    );
    // Taken back, it counts no more.
    avstem::app::cancellation::undo(&world.app, &kept.cancellation.id).unwrap();
    crate::world::settle(&world.app, world, &kept.cancellation.id, 10).unwrap();
    let (verdicts, _) = told(&refunds(&world.app, &all()).unwrap());
    assert_eq!(
        verdicts[0],
        "1 R2 latest_charge refund of 249.00 249.00 0.00"
    );
    let earlier = refunds(&world.app, &during("2026-11-01", "2026-12-22")).unwrap();
    assert_eq!(told(&earlier), (vec![], vec![]));
    let other = refunds(&world.app, &of("paypal")).unwrap();
    assert_eq!(told(&other), (vec![], vec![]));
}

/// A month of 199.20 from 22 November at noon is 8.5 of 30 days in November: 56.44, and 142.76 in December;
/// the next one 9.5 of 31 days in December: 61.05, and 138.15 in January.
fn revenue_is_spread_over_the_months_that_were_paid(world: &mut World) {
    two_subscriptions(world);
    let report = revenue(&world.app, &all()).unwrap();
    let schedule = report.currencies.values().next().unwrap();
    let months: Vec<String> = schedule
        .months
        .iter()
        .map(|(month, amount)| format!("{month} {}", amount.to_decimal_string()))
        .collect();
    // The first of one whole, of the other half; the second of the one that goes on.
    assert_eq!(
        months,
        ["2026-11 84.66", "2026-12 275.19", "2027-01 138.15"]
    );
    assert_eq!(schedule.scheduled.to_decimal_string(), "498.00");
    let deferred = world.balance("liabilities:deferred_revenue");
    assert_eq!(deferred, "-498.00");
    assert_eq!(schedule.standing.unwrap().to_decimal_string(), "498.00");
    assert!(schedule.recognised().unwrap().unwrap().is_zero());
    // December alone, with what is before and after it.
    let december = revenue(&world.app, &during("2026-12-24", "2026-12-24")).unwrap();
    let schedule = december.currencies.values().next().unwrap();
    let around = [schedule.before, schedule.after].map(|one| one.to_decimal_string());
    assert_eq!(around, ["84.66", "138.15"]);
    assert_eq!(schedule.months.len(), 1);
    // Deferred revenue is one account for all connections.
    let own = reports::revenue(&world.app, &of("stripe")).unwrap();
    let schedule = own.currencies.values().next().unwrap();
    assert_eq!(
        (schedule.standing, schedule.scheduled.minor()),
        (None, 49_800)
    );
}
