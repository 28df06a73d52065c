//! `avstem sync`: what webhooks missed is healed, page by page, and a second time changes nothing.

use crate::rebuild::eventful::eventful;
use crate::world::{World, monthly};
use avstem::app::link_charges;
use avstem::app::receive_webhook::Intake;
use avstem::app::seams::Seams;
use avstem::app::sync::{self, KindReport, SyncError, SyncReport, SyncRequest};
use avstem::app::{App, process_events};
use avstem_domain::time::Timestamp;
use avstem_simulator::{CallMatch, Fault, PaymentBehavior};
use avstem_webhooks::outbound::Method;

/// Everything but how far comparing has come.
const TABLES: [&str; 17] = [
    "answers",
    "break_events",
    "breaks",
    "cancellations",
    "charges",
    "customers",
    "dispute_movements",
    "disputes",
    "effects",
    "events",
    "invoice_payments",
    "invoices",
    "journals",
    "payouts",
    "postings",
    "refunds",
    "subscriptions",
];

pub fn request(made_from: Option<Timestamp>) -> SyncRequest {
    SyncRequest {
        connection: "stripe".to_owned(),
        made_from,
        holder: "test".to_owned(),
    }
}

pub fn sync_in(app: &App) -> Result<SyncReport, SyncError> {
    sync::sync(app, &request(None), &mut |_| ())
}

/// Compares everything; what a real service does meanwhile is done as well.
pub fn sync_all(world: &World) -> SyncReport {
    let report = sync_in(&world.app).unwrap();
    world.pass_seconds(60);
    while link_charges::run_due(&world.app).unwrap() > 0 {}
    world.process();
    report
}

pub fn of<'r>(report: &'r SyncReport, kind: &str) -> &'r KindReport {
    report.kinds.iter().find(|one| one.kind == kind).unwrap()
}

fn repaired(report: &SyncReport) -> i64 {
    report.kinds.iter().map(|kind| kind.repaired).sum()
}

pub fn lose_every_webhook(world: &World) {
    world.provider().faults().drop_deliveries(100);
}

/// Our standing of everything that the provider has, against the provider's own.
fn assert_everything_is_known(world: &World) {
    let provider = world.provider();
    let (mut here, mut there) = (Vec::new(), Vec::new());
    let known = |table: &str, state: &str| {
        world.lines(&format!(
            "SELECT provider_id || ' ' || {state} AS line FROM {table}"
        ))
    };
    for (table, state) in [
        ("subscriptions", "status"),
        ("charges", "status"),
        ("refunds", "state"),
        ("disputes", "status"),
        ("payouts", "status"),
    ] {
        here.extend(known(table, state));
    }
    for subscription in provider.subscriptions() {
        there.push(format!("{} {}", subscription.id, subscription.status));
        for charge in provider.charges_of(&subscription.id) {
            there.push(format!("{} {}", charge.id, charge.status));
            for refund in provider.refunds_of(&charge.id) {
                there.push(format!("{} {}", refund.id, refund.status));
            }
            for dispute in provider.disputes_of(&charge.id) {
                there.push(format!("{} {}", dispute.id, dispute.status));
            }
        }
    }
    for payout in provider.payouts() {
        there.push(format!("{} {}", payout.id, payout.status));
    }
    drop(provider);
    here.sort();
    there.sort();
    assert_eq!(here, there);
}

/// Nothing of what happens is told: a renewal, refunds in the dashboard, one that comes back, a dispute that
/// is lost, a payout, a subscription that ends and one that begins.
fn unheard_of(world: &World) {
    let (_, renews) = world.subscribe();
    let (_, ends) = world.subscribe();
    let (_, split) = world.subscribe_to(&monthly(), PaymentBehavior::SplitsInTwo);
    world.deliver();
    lose_every_webhook(world);
    world.pass_days(20);
    let (_, begins) = world.subscribe();
    world.pass_days(15);
    let first = world.charges(&renews)[0].clone();
    let back = world.charges(&ends)[0].clone();
    let taken = world.charges(&split)[0].clone();
    let mut provider = world.provider();
    provider.dashboard_refund(&first, Some(10_000)).unwrap();
    let refund = provider.dashboard_refund(&back, None).unwrap();
    let dispute = provider.open_dispute(&taken).unwrap();
    drop(provider);
    world.pass_days(2);
    let mut provider = world.provider();
    assert!(provider.fail_refund(&refund));
    assert!(provider.lose_dispute(&dispute));
    provider.dashboard_cancel(&ends);
    assert!(provider.dashboard_cancel_at_period_end(&begins));
    provider.pay_out().unwrap();
    drop(provider);
    world.pass_days(8);
    world.deliver();
}

fn what_no_webhook_told_is_healed(world: &mut World) {
    unheard_of(world);
    let before = world.balance("assets:provider:stripe");
    let report = sync_all(world);
    // All of it happened within thirty days and comes as events: the objects have nothing to add.
    assert!(of(&report, "events").repaired > 0, "{report:?}");
    assert_eq!(repaired(&report), of(&report, "events").repaired);
    assert_ne!(world.balance("assets:provider:stripe"), before);
    assert_everything_is_known(world);
    world.check_books();
}

/// Forty days later no event is left to fetch: the objects alone tell everything.
fn what_is_older_than_events_are_kept_is_healed_from_the_objects(world: &mut World) {
    unheard_of(world);
    world.pass_days(31);
    let report = sync_all(world);
    for kind in ["subscriptions", "charges", "disputes", "payouts"] {
        assert!(of(&report, kind).repaired > 0, "{kind}: {report:?}");
    }
    assert_everything_is_known(world);
    world.check_books();
    let again = sync_all(world);
    assert_eq!(repaired(&again), 0, "{again:?}");
}

fn a_webhook_that_comes_after_all_is_a_duplicate(world: &mut World) {
    lose_every_webhook(world);
    world.subscribe();
    let report = sync_all(world);
    let events = world.provider().all_events();
    let count = i64::try_from(events.len()).unwrap();
    assert_eq!(
        (of(&report, "events").seen, of(&report, "events").repaired),
        (count, count)
    );
    let before = world.contents(&TABLES);
    for delivery in events {
        assert_eq!(world.receive(&delivery), Intake::Duplicate);
    }
    world.process();
    assert_eq!(
        world.contents(&TABLES),
        before,
        "no conflict is noted either"
    );
    world.check_books();
}

fn where_webhooks_told_everything_nothing_is_repaired(world: &mut World) {
    eventful(world);
    let before = world.contents(&TABLES);
    let report = sync_in(&world.app).unwrap();
    assert_eq!(repaired(&report), 0, "{report:?}");
    assert!(report.kinds.iter().all(|kind| kind.seen > 0), "{report:?}");
    let raised = ["break_events ", "breaks "];
    let without_breaks = |lines: Vec<String>| -> Vec<String> {
        let raised = |line: &String| raised.iter().any(|table| line.starts_with(table));
        lines.into_iter().filter(|line| !raised(line)).collect()
    };
    assert_eq!(
        without_breaks(world.contents(&TABLES)),
        without_breaks(before)
    );
    let before = world.contents(&TABLES);
    world.pass_seconds(600);
    sync_in(&world.app).unwrap();
    assert_eq!(world.contents(&TABLES), before, "a second time");
    world.check_books();
}

/// More than two pages of charges and four of events, a second apart.
fn many_charges(world: &World) {
    let (customer, _) = world.subscribe();
    lose_every_webhook(world);
    for _ in 0..210 {
        world.provider().one_off_charge(&customer, 1_000);
        world.pass_seconds(1);
    }
}

fn pages_asked_for(world: &World, list: &str) -> usize {
    let asked = format!("/v1/{list}?");
    let provider = world.provider();
    let seen = provider.requests_seen().iter();
    seen.filter(|request| request.target.starts_with(&asked))
        .count()
}

fn interrupted_anywhere_it_goes_on_from_its_page(world: &mut World) {
    many_charges(world);
    let mut stops = Vec::new();
    let report = loop {
        // At every step of a page, and at another page each time.
        let seams = Seams::scripted(Some(stops.len() % 6));
        let app = world.another_process(seams.clone());
        match sync_in(&app) {
            Ok(report) => break report,
            Err(error) => {
                assert!(error.to_string().starts_with("stopped at"), "{error}");
                stops.push(*seams.crossed().last().unwrap());
            }
        }
        assert!(stops.len() < 100, "it gets nowhere: {stops:?}");
    };
    for seam in ["call:before", "call:after", "sync:events", "tx:sync:before"] {
        assert!(stops.contains(&seam), "{seam} is not among {stops:?}");
    }
    // Each page counted once, and none read more often than it was interrupted.
    let charges = of(&report, "charges");
    assert_eq!(charges.seen, 211, "{report:?}");
    let events = world.provider().all_events().len();
    assert_eq!(of(&report, "events").seen, i64::try_from(events).unwrap());
    let asked = pages_asked_for(world, "charges") + pages_asked_for(world, "events");
    let pages = 3 + events.div_ceil(100);
    assert!(asked <= pages + stops.len(), "{asked} for {pages}");
    world.process();
    world.check_books();
}

fn a_rate_limit_is_heeded_within_bounds(world: &mut World) {
    many_charges(world);
    let limit = |n, retry_after_s| {
        world.provider().faults().on(
            CallMatch::nth(n, Method::Get, "/v1/charges"),
            Fault::RateLimit { retry_after_s },
        );
    };
    limit(2, Some(45));
    limit(3, Some(100_000));
    let begun = world.clock.now();
    let report = sync_in(&world.app).unwrap();
    assert_eq!(of(&report, "charges").seen, 211);
    let provider = world.provider();
    let requests = provider.requests_seen();
    let took: Vec<i64> = requests
        .windows(2)
        .map(|pair| pair[1].at.micros_since(pair[0].at) / 1_000)
        .collect();
    assert!(took.iter().all(|millis| *millis >= 100), "{took:?}");
    let waits: Vec<i64> = took.into_iter().filter(|millis| *millis > 1_000).collect();
    assert_eq!(
        waits,
        [45_100, 120_100],
        "as asked, and no more than two minutes"
    );
    let whole = world.clock.now().micros_since(begun) / 1_000_000;
    assert!((165..180).contains(&whole), "{whole} s");
}

fn a_provider_that_stays_away_is_told_and_the_rest_is_done_later(world: &mut World) {
    many_charges(world);
    world.provider().faults().on(
        CallMatch::every(Method::Get, "/v1/charges"),
        Fault::ServerErrorBeforeEffect { status: 503 },
    );
    let error = sync_in(&world.app).unwrap_err();
    let SyncError::NoAnswer { why, .. } = &error else {
        panic!("{error}");
    };
    assert!(why.contains("503"), "{why}");
    assert!(error.to_string().contains("goes on from where it was"));
    world.provider().faults().clear();
    let events = pages_asked_for(world, "events");
    world.pass_seconds(120);
    let report = sync_in(&world.app).unwrap();
    assert_eq!(of(&report, "charges").seen, 211);
    assert_eq!(pages_asked_for(world, "events"), events, "they are done");
    world.check_books();
}

/// A refund of today, of a charge that is older than what is compared and that nobody told us of.
fn only_what_was_made_since_a_day_is_compared(world: &mut World) {
    lose_every_webhook(world);
    let (customer, subscription) = world.subscribe();
    world.pass_days(40);
    let since = world.clock.now();
    world.pass_seconds(60);
    world.provider().one_off_charge(&customer, 5_000);
    let old = world.charges(&subscription)[0].clone();
    world.provider().dashboard_refund(&old, None).unwrap();
    let report = sync::sync(&world.app, &request(Some(since)), &mut |_| ()).unwrap();
    assert_eq!(of(&report, "charges").seen, 1, "{report:?}");
    assert_eq!(of(&report, "refunds").seen, 1, "{report:?}");
    let known = world.lines("SELECT provider_id AS line FROM charges");
    assert!(known.contains(&old), "the refund's charge was fetched");
    assert_eq!(known.len(), 2, "{known:?}");
    // One that covers less than is asked for is not gone on with.
    let all = sync_all(world);
    assert_eq!(of(&all, "charges").seen, 3);
    process_events::drain(&world.app).unwrap();
    world.check_books();
}

on_both_databases! {
    what_no_webhook_told_is_healed,
    what_is_older_than_events_are_kept_is_healed_from_the_objects,
    a_webhook_that_comes_after_all_is_a_duplicate,
    where_webhooks_told_everything_nothing_is_repaired,
    interrupted_anywhere_it_goes_on_from_its_page,
    a_rate_limit_is_heeded_within_bounds,
    a_provider_that_stays_away_is_told_and_the_rest_is_done_later,
    only_what_was_made_since_a_day_is_compared,
}
