//! Lines that agree with their charge are booked and paired by the page, and end as all others do.

use crate::merchant::*;
use crate::plain_rows::charge;
use crate::reconciliation::{balance, check_ledger, open_breaks};
use crate::world::{World, at};
use avstem::app::{App, Failure};
use avstem::store::rows::Charge;
use avstem_domain::money::{Currency, Money};
use std::collections::BTreeMap;

const HEADER: &str = "balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,reporting_category,source_id,description,customer_facing_amount,customer_facing_currency\n";

/// Lines of charges on days of October: number, day, charge, gross and fee in öre.
type Told = (u32, u32, &'static str, i64, i64);

fn report(lines: &[Told]) -> String {
    let major = |minor: i64| format!("{}.{:02}", minor / 100, minor % 100);
    let mut text = HEADER.to_owned();
    for (number, day, charge, gross, fee) in lines {
        let time = format!("2026-10-{day:02} 09:00:00");
        let [net, gross, fee] = [gross - fee, *gross, *fee].map(major);
        text.push_str(&format!(
            "txn_{number},{time},{time},sek,{gross},{fee},{net},charge,{charge},Subscription update,{gross},sek\n"
        ));
    }
    text
}

/// Charges of 100.00 each, on the first of October.
fn charged(app: &App, ids: &[&str]) {
    let hundred = Money::from_minor(10_000, Currency::parse("SEK").unwrap());
    for id in ids {
        tell(
            app,
            "stripe",
            &[charge_fact(id, hundred, at("2026-10-01T09:00:00Z"))],
        );
    }
}

fn standings(world: &World) -> Vec<String> {
    world.lines(
        "SELECT id || ' ' || CASE WHEN EXISTS (SELECT 1 FROM line_matches m WHERE m.line_id = l.id) AND standing = 'new' \
         THEN 'matched' ELSE standing END || ' ' || suspense || ' ' \
         || CASE WHEN posted THEN 'posted' ELSE 'waits' END AS line FROM provider_lines l ORDER BY id",
    )
}

fn every_line_is_matched_or_one_break(world: &mut World) {
    let app = company(world);
    charged(&app, &["ch_1", "ch_2", "ch_3", "ch_4", "ch_5"]);
    let lines = [
        (1, 1, "ch_1", 10_000, 0),
        (2, 1, "ch_2", 10_000, 330),
        (3, 1, "ch_3", 10_100, 330),
        (4, 1, "ch_4", 10_000, 330),
        (5, 2, "ch_4", 10_000, 330),
        (6, 2, "ch_6", 10_000, 330),
        (7, 20, "ch_7", 10_000, 330),
    ];
    hand_in(&app, "stripe", report(&lines).as_bytes()).unwrap();
    let fees = "SELECT effect AS line FROM effects WHERE effect LIKE 'provider_fee/%' ORDER BY 1";
    let booked = [2, 3, 4, 5, 6, 7].map(|number| format!("provider_fee/txn_{number}"));
    assert_eq!(world.lines(fees), booked);
    charged(&app, &["ch_7"]);
    reconciled(&app, Some("2026-10-20"));
    assert_eq!(
        standings(world),
        [
            "txn_1 matched 0 posted",
            "txn_2 matched 0 posted",
            "txn_3 open 100 posted",
            "txn_4 matched 0 posted",
            "txn_5 open 10000 posted",
            "txn_6 open 10000 posted",
            "txn_7 matched 0 posted",
        ]
    );
    assert_eq!(
        open_breaks(&app),
        [
            "amount_mismatch ch_3 100.00 101.00",
            "duplicate_at_provider ch_4 0.00 100.00",
            "missing_at_provider ch_5 100.00 0.00",
            "missing_in_ledger ch_6 0.00 100.00",
        ]
    );
    let matched = "SELECT line_id || ' ' || counterpart_kind || ' ' || counterpart || ' ' || amount || ' ' || pass AS line \
         FROM line_matches ORDER BY 1";
    assert_eq!(
        world.lines(matched),
        [
            "txn_1 record ch_1 10000 provider_object",
            "txn_2 record ch_2 9670 provider_object",
            "txn_4 record ch_4 9670 provider_object",
            "txn_7 record ch_7 9670 provider_object",
        ]
    );
    let before = (standings(world), world.lines(matched));
    reconciled(&app, Some("2026-10-20"));
    assert_eq!((standings(world), world.lines(matched)), before);
    check_ledger(&app);
}

fn what_was_missed_at_the_provider_is_taken_back(world: &mut World) {
    let app = company(world);
    charged(&app, &["ch_1", "ch_2"]);
    let first = [(1, 1, "ch_1", 10_000, 0), (9, 20, "ch_9", 5_000, 0)];
    hand_in(&app, "stripe", report(&first).as_bytes()).unwrap();
    reconciled(&app, Some("2026-10-20"));
    assert!(open_breaks(&app).contains(&"missing_at_provider ch_2 100.00 0.00".to_owned()));
    hand_in(
        &app,
        "stripe",
        report(&[(2, 1, "ch_2", 10_000, 0)]).as_bytes(),
    )
    .unwrap();
    reconciled(&app, Some("2026-10-20"));
    assert_eq!(open_breaks(&app), ["missing_in_ledger ch_9 0.00 50.00"]);
    assert_eq!(balance(&app, "assets:provider:stripe", "SEK"), "250.00");
    check_ledger(&app);
}

/// Charges by number, of 100.00 and so many öre, in books that were made in one go.
fn books(app: &App, numbers: impl Iterator<Item = i64>) {
    let rows: Vec<Charge> = numbers
        .map(|number| Charge {
            provider_id: format!("ch_{number:05}"),
            amount: 10_000 + number,
            currency: "SEK".to_owned(),
            status: "succeeded".to_owned(),
            created_at: at("2026-10-01T09:00:00Z").as_micros(),
            booked_as: Some("orders".to_owned()),
            ..charge(&number.to_string())
        })
        .collect();
    app.store
        .write::<_, Failure>(|tx| Ok(tx.save_charges(&rows)?))
        .unwrap();
}

/// More lines than are read at once, or written: one in a thousand of each kind does not agree, and more where one
/// page meets the next.
fn many_lines_and_charges_meet_side_by_side(world: &mut World) {
    const MANY: i64 = 5_300;
    let app = company(world);
    let is_unknown = |number: i64| number % 1_000 == 499;
    books(&app, (0..MANY).filter(|number| !is_unknown(*number)));
    let mut lines = Vec::new();
    for number in (0..MANY).filter(|number| number % 1_000 != 100) {
        let differs = if number % 1_000 == 999 { 50 } else { 0 };
        let times = if matches!(number, 1_998..=2_002 | 4_001) {
            2
        } else {
            1
        };
        for _ in 0..times {
            lines.push((format!("ch_{number:05}"), 10_000 + number + differs));
        }
    }
    let mut text = HEADER.to_owned();
    for (position, (charge, minor)) in lines.iter().enumerate() {
        let day = if position + 1 == lines.len() { 20 } else { 1 };
        let (time, major) = (
            format!("2026-10-{day:02} 09:00:00"),
            format!("{}.{:02}", minor / 100, minor % 100),
        );
        text.push_str(&format!(
            "txn_{position},{time},{time},sek,{major},0.00,{major},charge,{charge},Subscription update,{major},sek\n"
        ));
    }
    hand_in(&app, "stripe", text.as_bytes()).unwrap();
    let view = reconciled(&app, Some("2026-10-20"));
    let kinds = |app: &App| {
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for one in open_breaks(app) {
            *kinds
                .entry(one.split(' ').next().unwrap().to_owned())
                .or_default() += 1;
        }
        kinds
    };
    let found = [
        ("amount_mismatch", 5),
        ("duplicate_at_provider", 6),
        ("missing_at_provider", 6),
        ("missing_in_ledger", 5),
    ];
    let expected = found.map(|(kind, times)| (kind.to_owned(), times));
    assert_eq!(kinds(&app), BTreeMap::from(expected.clone()));
    let open = 5 + 6 + 5;
    let matched = i64::try_from(lines.len()).unwrap() - open;
    assert_eq!(view.report.matched, matched);
    let seen =
        "SELECT CAST(COUNT(*) AS TEXT) AS line FROM line_matches WHERE pass = 'provider_object'";
    assert_eq!(world.lines(seen), [matched.to_string()]);
    let runs = "SELECT CAST(COUNT(*) AS TEXT) AS line FROM match_runs";
    let before = world.lines(runs);

    let again = reconciled(&app, Some("2026-10-20"));
    assert_eq!(again.report.matched, matched);
    assert_eq!(kinds(&app), BTreeMap::from(expected));
    assert_eq!(world.lines(runs), before);

    let late = [(90_000, 2, "ch_03000", 13_000, 0)];
    hand_in(&app, "stripe", report(&late).as_bytes()).unwrap();
    let held = "SELECT CAST(suspense AS TEXT) AS line FROM provider_lines WHERE id = 'txn_90000'";
    assert_eq!(
        world.lines(held),
        ["13000"],
        "what it says is booked, and not ours"
    );
    let last = reconciled(&app, Some("2026-10-20"));
    assert_eq!(kinds(&app).get("duplicate_at_provider"), Some(&7));
    assert_eq!(last.report.matched, matched);
}

/// Not by looking through all rows of a connection for each. PostgreSQL counts its rows itself.
#[test]
fn sqlite_finds_the_rows_of_an_object_by_it() {
    let world = World::sqlite();
    for (table, column) in [
        ("provider_lines", "id"),
        ("provider_lines", "source"),
        ("provider_lines", "charge <> source AND charge"),
        ("provider_lines", "payout"),
        ("charges", "provider_id"),
        ("charges", "payment"),
        ("charges", "invoice"),
        ("invoice_payments", "payment"),
        ("invoice_payments", "invoice"),
        ("invoice_subscriptions", "invoice"),
        ("effects", "object"),
    ] {
        let plan = world.plan(&format!(
            "SELECT * FROM {table} WHERE connection = 'stripe' AND {column} IN ('1', '2')"
        ));
        let name = column.rsplit(' ').next().unwrap();
        let by_it = |step: &String| step.contains(&format!("AND {name}=?"));
        assert!(plan.iter().any(by_it), "{table}.{column}: {plan:#?}");
    }
}

on_both_databases! {
    every_line_is_matched_or_one_break,
    what_was_missed_at_the_provider_is_taken_back,
    many_lines_and_charges_meet_side_by_side,
}
