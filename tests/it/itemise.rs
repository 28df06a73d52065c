//! What automatic payouts are made of, asked of the provider: taken in as a report is, once whoever tells it.

use crate::merchant::{hand_in, reconciled};
use crate::reconciliation::open_breaks;
use crate::sync::lose_every_webhook;
use crate::world::{API_KEY, World};
use avstem::app::seams::Seams;
use avstem::app::{App, itemise_payouts};
use avstem_simulator::{CallMatch, ChargeFee, Fault};
use avstem_webhooks::outbound::{HttpRequest, Method};
use serde_json::Value;

/// What a file that tells nothing new must leave alone.
const BOOKS: [&str; 6] = [
    "effects",
    "journals",
    "payout_positions",
    "payouts",
    "postings",
    "provider_lines",
];

/// A payout that has arrived, of charges, a refund and a dispute; the provider's id.
fn arrived(world: &World) -> String {
    world.provider().set_charge_fee(ChargeFee {
        basis_points: 150,
        fixed_minor: 180,
    });
    let (customer, subscription) = world.subscribe();
    for _ in 0..3 {
        world.provider().one_off_charge(&customer, 12_345);
    }
    let charge = world.charges(&subscription)[0].clone();
    world
        .provider()
        .dashboard_refund(&charge, Some(4_900))
        .unwrap();
    let disputed = world.provider().one_off_charge(&customer, 5_000);
    world.provider().open_dispute(&disputed).unwrap();
    world.deliver();
    let payout = world.provider().pay_out().unwrap();
    world.deliver();
    world.pass_days(4);
    payout
}

fn ask(app: &App) {
    while itemise_payouts::run_due(app).unwrap() > 0 {}
}

/// What the provider lists of a payout, without the payout itself.
fn members(world: &World, payout: &str) -> Vec<Value> {
    let request = HttpRequest {
        method: Method::Get,
        target: format!("/v1/balance_transactions?payout={payout}&limit=100"),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let exchange = world
        .provider()
        .handle(&request, Some(&format!("Bearer {API_KEY}")));
    let reply = exchange.read_up_to(8 << 20).unwrap();
    let page: Value = serde_json::from_slice(&reply.body).unwrap();
    let all = page["data"].as_array().unwrap().clone();
    all.into_iter()
        .filter(|one| one["type"] != "payout")
        .collect()
}

/// The provider's report of the same payout.
fn report(world: &World, payout: &str) -> Vec<u8> {
    let mut rows = vec![
        "automatic_payout_id,balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,\
         reporting_category,source_id,description"
            .to_owned(),
    ];
    for member in members(world, payout) {
        let time = |name: &str| {
            let seconds = member[name].as_i64().unwrap();
            let at = avstem_domain::time::Timestamp::from_unix_seconds(seconds).unwrap();
            at.to_utc().format("%Y-%m-%d %H:%M:%S").to_string()
        };
        let money = |name: &str| {
            let minor = member[name].as_i64().unwrap();
            avstem::app::books::money(minor, "SEK")
                .unwrap()
                .to_decimal_string()
        };
        let text = |name: &str| member[name].as_str().unwrap_or_default().to_owned();
        rows.push(
            [
                payout.to_owned(),
                text("id"),
                time("created"),
                time("available_on"),
                text("currency"),
                money("amount"),
                money("fee"),
                money("net"),
                text("reporting_category"),
                text("source"),
                text("description"),
            ]
            .join(","),
        );
    }
    format!("{}\n", rows.join("\n")).into_bytes()
}

fn lines(world: &World) -> usize {
    world.lines("SELECT id AS line FROM provider_lines").len()
}

fn fees(world: &World) -> String {
    world.balance("expenses:provider_fees")
}

fn what_a_payout_is_made_of_is_asked_once_its_list_is_complete(world: &mut World) {
    let payout = arrived(world);
    ask(&world.app);
    assert_eq!(lines(world), 0, "nobody has said that it is complete");
    world.deliver();
    ask(&world.app);
    assert_eq!(lines(world), members(world, &payout).len() + 1);
    assert_ne!(fees(world), "0.00");
    assert_eq!(world.balance("assets:suspense"), "0.00");
    world.check_books();
    let seen = world.provider().requests_seen().len();
    world.pass_days(10);
    ask(&world.app);
    assert_eq!(
        world.provider().requests_seen().len(),
        seen,
        "and never again"
    );
    let app = &world.app;
    let through = reconciled(app, None);
    assert_eq!(through.report.payouts.proved, 1, "{through:?}");
    assert_eq!(through.report.payouts.incomplete, [""; 0]);
    assert!(open_breaks(app).iter().all(|one| !one.contains("missing")));
}

/// From the API and then from a report, and the other way round: each line once, and the same books.
fn the_api_and_a_report_tell_each_line_once(world: &mut World) {
    let payout = arrived(world);
    world.deliver();
    ask(&world.app);
    let before = world.contents(&BOOKS);
    let report = report(world, &payout);
    let file = hand_in(&world.app, "stripe", &report).unwrap().file;
    assert_eq!(
        (file.problems, file.format.as_str()),
        (0, "stripe_payout_reconciliation")
    );
    assert_eq!(world.contents(&BOOKS), before);
    world.check_books();
}

fn a_report_and_then_the_api_tell_each_line_once(world: &mut World) {
    let payout = arrived(world);
    world.deliver();
    let file = hand_in(&world.app, "stripe", &report(world, &payout))
        .unwrap()
        .file;
    assert_eq!(file.problems, 0);
    let (before, told) = (lines(world), fees(world));
    let postings = world.contents(&["postings"]);
    ask(&world.app);
    assert_eq!(lines(world), before + 1, "the payout's own line is new");
    assert_eq!(fees(world), told);
    assert_eq!(world.contents(&["postings"]), postings);
    world.check_books();
}

fn interrupted_anywhere_a_payout_is_taken_in_once(world: &mut World) {
    let (customer, _) = world.subscribe();
    for _ in 0..150 {
        world.provider().one_off_charge(&customer, 1_000);
    }
    world.deliver();
    world.provider().pay_out().unwrap();
    world.pass_days(4);
    world.deliver();
    let mut stops = Vec::new();
    loop {
        // Each place twice: the second time something is there already.
        let seams = Seams::scripted(Some(stops.len().div_ceil(2)));
        let app = world.another_process(seams.clone());
        match itemise_payouts::run_due(&app) {
            Ok(0) => break,
            Ok(_) => {}
            Err(_) => stops.push(*seams.crossed().last().unwrap()),
        }
        assert!(stops.len() < 50, "{stops:?}");
    }
    for seam in ["call:after", "file_row", "file_lines"] {
        assert!(stops.contains(&seam), "{seam} is not among {stops:?}");
    }
    assert_eq!(lines(world), 152);
    let files = world.lines("SELECT state AS line FROM statement_files");
    assert_eq!(files, ["stored"]);
    world.check_books();
}

/// The word that a list is complete is lost with its webhook: hours after the payout was paid we ask.
fn a_lost_word_of_completeness_is_asked_for(world: &mut World) {
    let (customer, _) = world.subscribe();
    world.provider().one_off_charge(&customer, 1_000);
    world.deliver();
    let payout = world.provider().pay_out().unwrap();
    let row = |world: &World| {
        let rows = world.lines("SELECT status || ' ' || reconciliation AS line FROM payouts");
        rows.join(", ")
    };
    for _ in 0..200 {
        if row(world) == "paid in_progress" {
            break;
        }
        world.pass_seconds(1_800);
        world.deliver();
    }
    assert_eq!(row(world), "paid in_progress");
    lose_every_webhook(world);
    world.pass_seconds(3 * 3_600);
    world.deliver();
    ask(&world.app);
    assert_eq!(lines(world), 0);
    world.pass_seconds(4 * 3_600);
    ask(&world.app);
    assert_eq!(row(world), "paid completed");
    assert_eq!(lines(world), members(world, &payout).len() + 1);
    world.check_books();
}

fn a_provider_that_is_busy_is_asked_again(world: &mut World) {
    arrived(world);
    world.deliver();
    world.provider().faults().on(
        CallMatch::next(Method::Get, "/v1/balance_transactions"),
        Fault::RateLimit {
            retry_after_s: Some(90),
        },
    );
    ask(&world.app);
    assert_eq!(lines(world), 0);
    world.pass_seconds(80);
    ask(&world.app);
    assert_eq!(lines(world), 0, "it asked for a minute and a half");
    world.pass_seconds(11);
    ask(&world.app);
    assert!(lines(world) > 0);
}

on_both_databases! {
    what_a_payout_is_made_of_is_asked_once_its_list_is_complete,
    the_api_and_a_report_tell_each_line_once,
    a_report_and_then_the_api_tell_each_line_once,
    interrupted_anywhere_a_payout_is_taken_in_once,
    a_lost_word_of_completeness_is_asked_for,
    a_provider_that_is_busy_is_asked_again,
}
