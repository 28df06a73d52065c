//! Random histories of a shop: whatever happens and however it is told, the books are those of the
//! provider.

use crate::story::events_in;
use crate::world::{World, monthly};
use avstem::app::cancellation::{self, RequestCancellation};
use avstem::app::trial_balance;
use avstem::store::StoreError;
use avstem_domain::cancellation::RefundChoice;
use avstem_simulator::{Interval, MovementKind, PaymentBehavior, Plan};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::{BTreeMap, BTreeSet};

/// Something that happens. Numbers choose among what there is by then, modulo how many there are.
#[derive(Debug, Clone)]
enum Step {
    Subscribe {
        plan: usize,
        pays: Pays,
    },
    Pays {
        customer: usize,
        pays: Pays,
    },
    OneOff {
        customer: usize,
        amount: i64,
    },
    Upgrade {
        subscription: usize,
        plan: usize,
    },
    RenewEarly {
        subscription: usize,
    },
    Refund(Refund),
    EndInDashboard {
        subscription: usize,
    },
    Cancel {
        subscription: usize,
        refund: RefundChoice,
    },
    PassDays(i64),
    Deliver,
}

/// In the provider's dashboard, and at the customer's bank.
#[derive(Debug, Clone)]
enum Refund {
    Part { charge: usize, percent: i64 },
    Rest { charge: usize },
    ComesBack { refund: usize },
}

#[derive(Debug, Clone, Copy)]
enum Pays {
    Always,
    Never,
    Slowly,
    InTwo,
}

fn step() -> impl Strategy<Value = Step> {
    let pays = || {
        prop_oneof![
            4 => Just(Pays::Always),
            1 => Just(Pays::Never),
            1 => Just(Pays::Slowly),
            2 => Just(Pays::InTwo),
        ]
    };
    let refund = prop_oneof![2 => Just(RefundChoice::Policy), 1 => Just(RefundChoice::None)];
    let any = || 0..100usize;
    prop_oneof![
        3 => (any(), pays()).prop_map(|(plan, pays)| Step::Subscribe { plan, pays }),
        1 => (any(), pays()).prop_map(|(customer, pays)| Step::Pays { customer, pays }),
        1 => (any(), 1..50_000i64).prop_map(|(customer, amount)| Step::OneOff { customer, amount }),
        1 => (any(), any()).prop_map(|(subscription, plan)| Step::Upgrade { subscription, plan }),
        1 => any().prop_map(|subscription| Step::RenewEarly { subscription }),
        2 => (any(), 1..=100i64).prop_map(|(charge, percent)| Step::Refund(Refund::Part { charge, percent })),
        1 => any().prop_map(|charge| Step::Refund(Refund::Rest { charge })),
        1 => any().prop_map(|refund| Step::Refund(Refund::ComesBack { refund })),
        1 => any().prop_map(|subscription| Step::EndInDashboard { subscription }),
        2 => (any(), refund).prop_map(|(subscription, refund)| Step::Cancel { subscription, refund }),
        4 => (1..40i64).prop_map(Step::PassDays),
        3 => Just(Step::Deliver),
    ]
}

fn plans() -> [Plan; 4] {
    let of = |name: &str, amount_minor, tax_minor, interval, trial_days| Plan {
        name: name.to_owned(),
        amount_minor,
        tax_minor,
        interval,
        count: 1,
        trial_days,
    };
    [
        monthly(),
        of("Liten", 9_901, 1_981, Interval::Week, 0),
        of("Stor", 49_900, 9_980, Interval::Month, 0),
        of("Prova", 14_900, 843, Interval::Month, 14),
    ]
}

fn behavior(pays: Pays) -> PaymentBehavior {
    match pays {
        Pays::Always => PaymentBehavior::Succeeds,
        Pays::Never => PaymentBehavior::Fails,
        Pays::Slowly => PaymentBehavior::StaysProcessing,
        Pays::InTwo => PaymentBehavior::SplitsInTwo,
    }
}

/// The provider's ids so far.
#[derive(Default)]
struct Shop {
    customers: Vec<String>,
    subscriptions: Vec<String>,
}

fn pick(from: &[String], number: usize) -> Option<String> {
    (!from.is_empty()).then(|| from[number % from.len()].clone())
}

/// Steps are a second apart: within one second the provider's own snapshots do not tell whether a
/// subscription fell into arrears or got out of them.
fn play(world: &World, shop: &mut Shop, step: &Step) {
    world.pass_seconds(1);
    match step {
        Step::Subscribe { plan, pays } => {
            let mut provider = world.provider();
            let customer =
                provider.create_customer("canary-pii-5@example.test", "Canary Person", "sv");
            provider.set_payment_behavior(&customer, behavior(*pays));
            let subscription = provider.subscribe(&customer, &plans()[plan % 4]);
            shop.customers.push(customer);
            shop.subscriptions.push(subscription);
        }
        Step::Pays { customer, pays } => {
            if let Some(customer) = pick(&shop.customers, *customer) {
                world
                    .provider()
                    .set_payment_behavior(&customer, behavior(*pays));
            }
        }
        Step::OneOff { customer, amount } => {
            if let Some(customer) = pick(&shop.customers, *customer) {
                world.provider().one_off_charge(&customer, *amount);
            }
        }
        Step::Upgrade { subscription, plan } => {
            if let Some(subscription) = pick(&shop.subscriptions, *subscription) {
                world.provider().upgrade(&subscription, &plans()[plan % 3]);
            }
        }
        Step::RenewEarly { subscription } => {
            if let Some(subscription) = pick(&shop.subscriptions, *subscription) {
                let invoice = world.provider().start_renewal(&subscription);
                world.pass_seconds(1);
                world.provider().pay_renewal(&invoice);
            }
        }
        Step::Refund(refund) => play_refund(world, refund),
        Step::EndInDashboard { subscription } => {
            if let Some(subscription) = pick(&shop.subscriptions, *subscription) {
                world.provider().dashboard_cancel(&subscription);
            }
        }
        Step::Cancel {
            subscription,
            refund,
        } => {
            deliver_again(world);
            if let Some(subscription) = pick(&shop.subscriptions, *subscription) {
                let command = RequestCancellation {
                    refund: *refund,
                    ..world.request(&subscription)
                };
                cancellation::request(&world.app, command).unwrap();
                world.work(1).unwrap();
            }
        }
        Step::PassDays(days) => {
            // What was turned away must come again before the provider gives up, after three days.
            deliver_again(world);
            world.pass_days(*days);
        }
        Step::Deliver => deliver_some(world),
    }
}

fn play_refund(world: &World, refund: &Refund) {
    match refund {
        Refund::Part { charge, percent } => {
            if let Some((charge, amount)) = pick_charge(world, *charge) {
                world
                    .provider()
                    .dashboard_refund(&charge, Some((amount * percent / 100).max(1)));
            }
        }
        Refund::Rest { charge } => {
            if let Some((charge, _)) = pick_charge(world, *charge) {
                world.provider().dashboard_refund(&charge, None);
            }
        }
        Refund::ComesBack { refund } => {
            let refunds = moved(world, MovementKind::Refund);
            let refunds: Vec<String> = refunds.into_iter().map(|(id, ..)| id).collect();
            if let Some(refund) = pick(&refunds, *refund) {
                world.provider().fail_refund(&refund);
            }
        }
    }
}

/// Id, charge and amount of what really moved.
fn moved(world: &World, kind: MovementKind) -> Vec<(String, String, i64)> {
    let provider = world.provider();
    let of_kind = provider
        .money_moved()
        .iter()
        .filter(|movement| movement.kind == kind);
    of_kind
        .map(|m| (m.id.clone(), m.charge.clone(), m.amount_minor))
        .collect()
}

fn pick_charge(world: &World, number: usize) -> Option<(String, i64)> {
    let charges = moved(world, MovementKind::Charge);
    (!charges.is_empty())
        .then(|| charges[number % charges.len()].clone())
        .map(|(id, _, amount)| (id, amount))
}

/// Every third delivery is turned away and comes again later; the others are processed in two goes.
fn deliver_some(world: &World) {
    let due = world.provider().deliveries_due();
    let half = due.len() / 2;
    for (number, delivery) in due.iter().enumerate() {
        if number % 3 == 2 {
            world.provider().delivered(delivery.id, 503);
        } else {
            world.receive(delivery);
            world.provider().delivered(delivery.id, 200);
        }
        if number == half {
            world.process();
        }
    }
    world.process();
}

/// Waits until no delivery that was turned away is left.
fn deliver_again(world: &World) {
    loop {
        world.deliver();
        let next = world.provider().next_delivery_at();
        let Some(next) = next else { break };
        world.pass_seconds(next.unix_seconds() - world.clock.now().unix_seconds() + 1);
    }
}

/// Lets everything that is on its way arrive.
fn settle(world: &World) {
    deliver_again(world);
    world.work(3).unwrap();
    deliver_again(world);
    // An old picture of a refund may have made refunds look like more than their charge.
    use avstem::app::replay_events::{Which, replay};
    replay(&world.app, &Which::Failed).unwrap();
    world.process();
}

fn check(world: &World, shop: &Shop) {
    for state in ["received", "parked", "failed"] {
        assert_eq!(events_in(world, state), [], "{state}");
    }
    world.check_books();
    let balance = trial_balance::trial_balance(&world.app, None).unwrap();
    assert!(
        balance
            .currencies
            .values()
            .all(|currency| currency.total.is_zero())
    );
    check_subscriptions(world, shop);
    check_refunds(world);
}

fn check_subscriptions(world: &World, shop: &Shop) {
    let ours = |tx: &mut avstem::store::ReadTx<'_>| {
        tx.subscriptions_by_provider_ids("stripe", &shop.subscriptions)
    };
    let ours: BTreeMap<String, String> = world
        .app
        .store
        .read::<_, StoreError>(ours)
        .unwrap()
        .into_iter()
        .map(|row| (row.provider_id, row.status))
        .collect();
    let provider = world.provider();
    let theirs = |id: &String| {
        let status = provider.subscription_view(id).unwrap().status;
        (id.clone(), status.replace("incomplete_expired", "expired"))
    };
    let theirs: BTreeMap<String, String> = shop.subscriptions.iter().map(theirs).collect();
    assert_eq!(ours, theirs);
}

/// Each charge's refunds are the provider's, and never more than the charge.
fn check_refunds(world: &World) {
    let charges: BTreeSet<String> = moved(world, MovementKind::Charge)
        .into_iter()
        .map(|(id, ..)| id)
        .collect();
    let ids: Vec<String> = charges.into_iter().collect();
    let rows = |tx: &mut avstem::store::ReadTx<'_>| tx.charges_by_provider_ids("stripe", &ids);
    let rows = world.app.store.read::<_, StoreError>(rows).unwrap();
    assert_eq!(rows.len(), ids.len());
    let provider = world.provider();
    for row in rows {
        let theirs = provider.charge_view(&row.provider_id).unwrap();
        assert_eq!(
            (row.amount, row.refunded),
            (theirs.amount_minor, theirs.refunded_minor),
            "{row:?}"
        );
        assert!(
            (0..=row.amount).contains(&row.refunded)
                && (row.refunded..=row.amount).contains(&row.decided),
            "{row:?}"
        );
    }
}

fn another_world(like: &World) -> World {
    match like.app.store.kind() {
        "sqlite" => World::sqlite(),
        _ => World::postgres(),
    }
}

fn whatever_happens_the_books_are_the_providers(world: &mut World) {
    let cases = if world.app.store.kind() == "sqlite" {
        24
    } else {
        8
    };
    let config = Config {
        cases,
        failure_persistence: None,
        max_shrink_iters: 50,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let histories = prop::collection::vec(step(), 4..30);
    let told = TestRunner::new_with_rng(config, rng).run(&histories, |steps| {
        let world = another_world(world);
        world
            .provider()
            .faults()
            .shuffle_deliveries()
            .duplicate_percent(30);
        let mut shop = Shop::default();
        play(
            &world,
            &mut shop,
            &Step::Subscribe {
                plan: 0,
                pays: Pays::Always,
            },
        );
        for step in &steps {
            play(&world, &mut shop, step);
        }
        settle(&world);
        check(&world, &shop);
        Ok(())
    });
    told.unwrap_or_else(|failure| panic!("{failure}"));
}

on_both_databases! { whatever_happens_the_books_are_the_providers }
