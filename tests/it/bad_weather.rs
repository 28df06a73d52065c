//! Weather that lasts: lists that lag, many refunds on one charge, and a provider that is away while many
//! customers wait.

use crate::saga::{Case, Right, Subscribers, assert_nothing_is_charged_any_more, is, posts_of};
use crate::tally::{Tried, tried};
use crate::world::{World, settle, work};
use avstem::app::receive_webhook::Intake;
use avstem::app::{cancellation, refund_operation};
use avstem_simulator::{CallMatch, Fault, Outage};
use avstem_webhooks::outbound::Method;

const PATIENCE_MIN: i64 = 10;
const REFUNDS: &str = "/v1/refunds";
const MINUTE_S: i64 = 60;

/// What was just made is missing from every list for a minute, the refund whose answer was lost too.
fn lists_that_lag_make_no_second_refund(world: &mut World) {
    let mut subscribers = Subscribers::in_the_second_month(world);
    let mut cases = Vec::new();
    for lost in [
        Fault::LoseAnswerAfterEffect,
        Fault::ServerErrorAfterEffect,
        Fault::CutBody,
        Fault::LoseBeforeEffect,
    ] {
        let case = Case::ask(world, subscribers.next(), Right::LatestCharge);
        {
            let mut provider = world.provider();
            let faults = provider.faults();
            faults.lists_lag(MINUTE_S);
            faults.on(CallMatch::next(Method::Post, REFUNDS), lost);
        }
        settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
        case.assert_completed(world, &format!("{lost:?}, and lists that lag"));
        cases.push(case);
        world.provider().faults().clear();
    }
    assert_nothing_is_charged_any_more(world, &cases);
    tried(&world.url, Tried::Answers, cases.len());
}

/// Staff gave a part back in 250 steps: three pages of refunds, and ours is on the first of them.
fn a_lost_refund_is_found_among_three_pages(world: &mut World) {
    let mut subscribers = Subscribers::in_the_second_month(world);
    let subscription = subscribers.next();
    let latest = world.latest_charge(&subscription);
    world.provider().dashboard_refund_in_parts(&latest, 250, 10);
    let case = Case::ask(world, subscription, Right::LatestCharge);
    world.provider().faults().on(
        CallMatch::next(Method::Post, REFUNDS),
        Fault::LoseAnswerAfterEffect,
    );
    settle(&world.app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    case.assert_completed(world, "three pages of refunds");
    let refund = world.view(&case.cancellation).refunds.remove(0);
    assert_eq!(
        posts_of(world, &refund.id).len(),
        1,
        "found, and not asked for again"
    );
    let pages = world
        .provider()
        .requests_seen()
        .iter()
        .filter(|call| is(call, Method::Get, REFUNDS))
        .count();
    assert!(pages >= 3, "{pages} pages were read");
    assert_nothing_is_charged_any_more(world, &[case]);
    tried(&world.url, Tried::Answers, 1);
}

/// For two hours every call fails, while a hundred customers ask (on PostgreSQL, where a try takes four times
/// as long, forty) and their provider goes on telling us of others. What was asked for when it went away, and
/// all that came since, is done once it is back.
fn many_requests_wait_for_a_provider_that_is_away_for_two_hours(world: &mut World) {
    let customers = if world.is_postgres() { 40 } else { 100 };
    let mut subscriptions: Vec<String> = (0..customers).map(|_| world.subscribe().1).collect();
    world.pass_days(33);
    world.deliver();
    let mut ask = || {
        let subscription = subscriptions.pop().unwrap();
        Case::ask(world, subscription, Right::LatestCharge)
    };
    let under_way: Vec<Case> = (0..10).map(|_| ask()).collect();
    cancellation::run_due(&world.app).unwrap();
    world.provider().faults().on(
        CallMatch::every(Method::Post, REFUNDS),
        Fault::LoseAnswerAfterEffect,
    );
    refund_operation::run_due(&world.app).unwrap();
    world.provider().faults().clear();
    world.provider().faults().outage(Outage::Down);
    let waiting: Vec<Case> = (under_way.len()..customers).map(|_| ask()).collect();
    for _ in 0..12 {
        // A call that failed is tried again after minutes.
        for _ in 0..10 {
            work(&world.app, world, 0).unwrap();
            world.pass_seconds(MINUTE_S);
        }
        // Intake and reading go on.
        world.subscribe();
        let told = world.provider().deliveries_due();
        assert!(told.iter().all(|d| world.receive(d) == Intake::New));
        let shown = world.view(&waiting[0].cancellation);
        assert_eq!(shown.row.state, "requested");
    }
    world.provider().faults().outage(Outage::Up);
    work(&world.app, world, 2).unwrap();
    for case in &under_way {
        case.assert_completed(
            world,
            "unknown when the provider went away, within two minutes",
        );
    }
    work(&world.app, world, 8).unwrap();
    for case in &waiting {
        case.assert_completed(world, "asked for while the provider was away");
    }
    let cases: Vec<Case> = under_way.into_iter().chain(waiting).collect();
    world.deliver();
    world.check_books();
    tried(&world.url, Tried::Answers, cases.len());
}

on_both_databases! {
    lists_that_lag_make_no_second_refund,
    a_lost_refund_is_found_among_three_pages,
    many_requests_wait_for_a_provider_that_is_away_for_two_hours,
}
