//! What `/metrics` shows of what waits and of what was done, with a clock that the test moves.

pub mod page;

use crate::saga::{self, Case, Right};
use crate::world::World;
use avstem::app::{cancellation, measure, process_events, refund_operation, seal_ledger};
use avstem::store::WriteTx;
use avstem::store::rows::Mail;
use avstem_simulator::{CallMatch, Fault};
use avstem_webhooks::outbound::Method;
use page::Metrics;
use std::collections::BTreeSet;

on_both_databases! {
    what_waits_is_counted_with_its_age,
    a_refund_without_an_answer_shows_how_long_it_has_been_unknown,
    a_parked_delivery_and_an_unsealed_journal_show_their_age,
    calls_to_a_provider_are_counted_by_what_came_of_them,
    a_replay_says_nothing_of_how_fast_we_are,
    without_its_database_the_process_still_tells_of_itself,
    what_waits_is_read_from_indexes_only,
}

const STRIPE: &str = "connection=\"stripe\"";

fn what_waits_is_counted_with_its_age(world: &mut World) {
    let quiet = Metrics::of(&world.app);
    for name in [
        "events",
        "refunds",
        "cancellations",
        "events_oldest_seconds",
        "refunds_oldest_seconds",
    ] {
        assert_eq!(quiet.sum(name), 0, "{name}");
    }
    // In this state a refund rests for ever: the age of the oldest would say nothing.
    assert!(
        !quiet
            .series
            .contains_key("avstem_refunds_oldest_seconds{state=\"succeeded\"}")
    );
    let subscription = saga::in_the_second_month(world);
    world.deliver();
    world.cancel(&subscription);
    world.pass_seconds(90);
    let asked = Metrics::of(&world.app);
    assert_eq!(asked.get("cancellations{state=\"requested\"}"), 1);
    assert_eq!(
        asked.get("cancellations_oldest_seconds{state=\"requested\"}"),
        90
    );
    assert_eq!(asked.get("job_age_seconds{job=\"inbox\"}"), 3);
    post_a_letter(world);
    world.pass_seconds(30);
    let posted = Metrics::of(&world.app);
    assert_eq!(
        (
            posted.get("mails_waiting"),
            posted.get("mails_overdue_seconds")
        ),
        (1, 30)
    );
    world.work(5).unwrap();
    let done = Metrics::of(&world.app);
    assert_eq!(done.get("cancellations{state=\"requested\"}"), 0);
    assert_eq!(done.get("cancellations{state=\"completed\"}"), 1);
    assert_eq!(done.get("refunds{state=\"succeeded\"}"), 1);
    assert_eq!(done.sum("cancellations_oldest_seconds"), 0);
}

fn post_a_letter(world: &World) {
    let now = world.clock.now().as_micros();
    let mail = Mail {
        dedupe_key: "letter".to_owned(),
        recipient: "canary-pii@example.test".to_owned(),
        subject: "Canary".to_owned(),
        body: "Canary".to_owned(),
        state: "waiting".to_owned(),
        attempts: 0,
        error: None,
        due_at: Some(now),
        created_at: now,
    };
    let post = |tx: &mut WriteTx<'_>| tx.post_mail(&mail);
    world.app.store.write(post).unwrap();
}

fn a_refund_without_an_answer_shows_how_long_it_has_been_unknown(world: &mut World) {
    let case = Case::ask(world, saga::in_the_second_month(world), Right::LatestCharge);
    world.provider().faults().on(
        CallMatch::next(Method::Post, "/v1/refunds"),
        Fault::LoseAnswerAfterEffect,
    );
    cancellation::run_due(&world.app).unwrap();
    refund_operation::run_due(&world.app).unwrap();
    assert_eq!(world.view(&case.cancellation).refunds[0].state, "unknown");
    world.pass_seconds(600);
    let metrics = Metrics::of(&world.app);
    assert_eq!(metrics.get("refunds{state=\"unknown\"}"), 1);
    assert_eq!(
        metrics.get("refunds_oldest_seconds{state=\"unknown\"}"),
        600
    );
    assert_eq!(metrics.get("cancellations{state=\"refunding\"}"), 1);
    let lost = format!("provider_call_seconds_count{{{STRIPE},outcome=\"no_answer\"}}");
    assert_eq!(metrics.get(&lost), 1);
    world.work(5).unwrap();
    let settled = Metrics::of(&world.app);
    assert_eq!(settled.get("refunds{state=\"unknown\"}"), 0);
    assert_eq!(settled.get("refunds_oldest_seconds{state=\"unknown\"}"), 0);
    assert_eq!(settled.get("refunds{state=\"succeeded\"}"), 1);
}

fn a_parked_delivery_and_an_unsealed_journal_show_their_age(world: &mut World) {
    let (_, subscription) = world.subscribe();
    let charge = world.latest_charge(&subscription);
    world.provider().dashboard_refund(&charge, None).unwrap();
    let due = world.provider().deliveries_due();
    let text = |delivery: &avstem_simulator::WebhookDelivery| {
        String::from_utf8(delivery.body.clone()).unwrap()
    };
    let (refunds, others): (Vec<_>, Vec<_>) = due
        .into_iter()
        .partition(|delivery| text(delivery).contains("\"refund.created\""));
    assert_eq!(refunds.len(), 1);
    world.receive(&refunds[0]);
    assert_eq!(Metrics::of(&world.app).get("events{state=\"received\"}"), 1);
    world.process();
    world.pass_seconds(40);
    let parked = Metrics::of(&world.app);
    assert_eq!(parked.get("events{state=\"parked\"}"), 1);
    assert_eq!(parked.get("events_oldest_seconds{state=\"parked\"}"), 40);
    assert_eq!(parked.get("events_processed_total{state=\"parked\"}"), 1);
    assert_eq!(parked.get("processing_lag_seconds_count"), 0);
    for delivery in &others {
        world.receive(delivery);
    }
    world.process();
    world.pass_seconds(7);
    let booked = Metrics::of(&world.app);
    assert_eq!(booked.get("events{state=\"parked\"}"), 0);
    assert!(booked.get("ledger_unsealed_journals") >= 2);
    assert_eq!(booked.get("ledger_unsealed_oldest_seconds"), 7);
    // The refund waited for its charge, and that is how long it took.
    assert_eq!(booked.get("processing_lag_seconds_sum"), 40);
    let unsealed = booked.get("ledger_unsealed_journals");
    seal_ledger::seal(&world.app, "test").unwrap();
    let sealed = Metrics::of(&world.app);
    assert_eq!(sealed.get("ledger_unsealed_journals"), 0);
    assert_eq!(sealed.get("ledger_sealed_journals"), unsealed);
}

fn calls_to_a_provider_are_counted_by_what_came_of_them(world: &mut World) {
    let count = |outcome: &str| {
        let series = format!("provider_call_seconds_count{{{STRIPE},outcome=\"{outcome}\"}}");
        let metrics = Metrics::of(&world.app);
        let known = metrics.series.contains_key(&format!("avstem_{series}"));
        if known { metrics.get(&series) } else { 0 }
    };
    for (fault, outcome) in [
        (
            Fault::RateLimit {
                retry_after_s: None,
            },
            "rate_limited",
        ),
        (Fault::WrongKey, "wrong_key"),
        (Fault::ServerErrorBeforeEffect { status: 503 }, "unknown"),
        (Fault::LoseBeforeEffect, "no_answer"),
    ] {
        let subscription = saga::in_the_second_month(world);
        world.deliver();
        world.cancel(&subscription);
        let before = count(outcome);
        world.provider().faults().on(
            CallMatch::next(Method::Delete, "/v1/subscriptions/*"),
            fault,
        );
        cancellation::run_due(&world.app).unwrap();
        assert_eq!(count(outcome), before + 1, "{outcome}");
        assert!(count("executed") >= 1);
        world.work(10).unwrap();
    }
}

fn a_replay_says_nothing_of_how_fast_we_are(world: &mut World) {
    use avstem::app::replay_events::{Which, replay};
    world.subscribe();
    world.deliver();
    let before = Metrics::of(&world.app);
    let lags = before.get("processing_lag_seconds_count");
    assert!(lags > 0);
    world.pass_days(3);
    let ids: Vec<String> = world
        .app
        .store
        .read(|tx| tx.event_ids(Some("processed"), "", 100))
        .unwrap();
    replay(&world.app, &Which::These(ids.clone())).unwrap();
    assert_eq!(
        process_events::drain(&world.app).unwrap().processed,
        ids.len()
    );
    let after = Metrics::of(&world.app);
    assert_eq!(after.get("processing_lag_seconds_count"), lags);
    assert_eq!(
        after.sum("events_processed_total"),
        before.sum("events_processed_total") + i64::try_from(ids.len()).unwrap()
    );
}

fn without_its_database_the_process_still_tells_of_itself(world: &mut World) {
    world.subscribe();
    world.deliver();
    let page = measure::page(&world.app, None, &[]).unwrap();
    let metrics = Metrics::parse(&page);
    assert_eq!(metrics.get("database_up"), 0);
    assert!(metrics.sum("events_processed_total") > 0);
    let names: BTreeSet<&str> = metrics.series.keys().map(String::as_str).collect();
    assert!(
        !names.iter().any(|name| name.starts_with("avstem_refunds")),
        "{names:?}"
    );
    assert_eq!(
        metrics.get(&format!(
            "build_info{{version=\"{}\"}}",
            env!("CARGO_PKG_VERSION")
        )),
        1
    );
    let started = &metrics.series["process_start_time_seconds"];
    assert_eq!(
        started.parse::<i64>().unwrap(),
        world.clock.now().unix_seconds()
    );
}

fn what_waits_is_read_from_indexes_only(world: &mut World) {
    use avstem::store::gauges::{CANCELLATIONS, EVENTS, JOURNALS, MAILS, REFUNDS};
    // Once to count, and once for the first, unless one index tells both.
    for (sql, first, reads) in [
        (EVENTS, "'received'", 1),
        (REFUNDS, "'unknown'", 2),
        (CANCELLATIONS, "'attention'", 2),
        (MAILS, "100", 2),
        (JOURNALS, "0", 2),
    ] {
        let sql = sql.replace("$1", first).replace("$2", "100");
        let plan = world.plan(&sql);
        let indexed = |step: &&String| {
            [
                "Index Scan",
                "Index Only Scan",
                "USING INDEX",
                "USING COVERING INDEX",
                "USING INTEGER PRIMARY KEY",
            ]
            .iter()
            .any(|how| step.contains(how))
        };
        let found = plan.iter().filter(indexed).count();
        assert_eq!(found, reads, "{sql}: {plan:#?}");
        for step in &plan {
            let whole_table = step.contains("Seq Scan")
                || step.contains("SCAN")
                    && !indexed(&step)
                    && !step.contains("counted")
                    && !step.contains("CONSTANT ROW");
            let sorts = step.contains("Sort") || step.contains("TEMP B-TREE");
            assert!(!whole_table && !sorts, "{sql}: {plan:#?}");
        }
    }
}
