//! Exports from outside: the same bytes each time and from both sides, whole, balanced, and safe to open.

use crate::company::{Person, ago, serve_provider, simulator, subscriber};
use crate::serving::{Database, Served, now, on_both_served};
use crate::world::{at, monthly};
use avstem::demo::ProviderServer;
use avstem::exports::formats::{FORMATS, Format};
use avstem::exports::kinds::{KINDS, Kind};
use avstem_simulator::Plan;
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeMap;

on_both_served! {
    every_export_is_the_same_each_time_over_http_and_from_the_command_line,
    the_journal_balances_and_agrees_with_the_trial_balance,
    days_are_those_of_stockholm_and_inclusive,
    what_others_wrote_is_no_formula_and_amounts_are_numbers,
    a_range_without_rows_has_its_header,
    what_cannot_be_exported_is_refused_with_what_can,
}

const FORMULA: &str = "=HYPERLINK(\"http://evil.example\",\"x\")";

struct Books {
    served: Served,
    provider: ProviderServer,
    nora: Person,
    /// The day before the one that, in Stockholm, Nora was first charged on.
    day: NaiveDate,
}

/// Nora subscribed half an hour before midnight UTC, was renewed, and has cancelled with a refund.
fn books(database: &Database) -> Books {
    let day = ago(36).to_utc().date_naive();
    let mut past = simulator(60);
    let plan = Plan {
        name: FORMULA.to_owned(),
        ..monthly()
    };
    let nora = subscriber(&mut past, at(&format!("{day}T23:30:00Z")), "Nora", &plan);
    subscriber(&mut past, ago(20), "Olle", &monthly());
    past.pay_out().unwrap();
    past.advance_to(now());
    let mut provider = serve_provider(past);
    let served = Served::beside(database, &provider);
    served.listen_to(&mut provider);
    let target = format!("/v1/subscriptions/{}/cancellation", nora.subscription);
    let asked = served
        .post(
            &target,
            &json!({ "requested_by": "support", "reason": "-2+3" }),
        )
        .expect(202);
    served.until(
        &format!("/v1/cancellations/{}", asked["id"].as_str().unwrap()),
        |at| at["state"] == "completed",
    );
    served.caught_up(&provider);
    Books {
        served,
        provider,
        nora,
        day,
    }
}

/// What only a reconciliation finds.
const A_BREAK: &str = "\
    INSERT INTO breaks VALUES ('avbrk_1', 'payout_not_in_bank', 's', 'stripe', 'po_1', 'SEK', 100, 0, 'SEK', \
    'transit', '2026-10-09', 0); \
    INSERT INTO break_events VALUES ('avbrk_1', 1, 'opened', 'open', NULL, NULL, '-2+3', '2026-10-16', \
    'avstem', NULL, 0)";

fn csv_of(served: &Served, target: &str) -> Vec<BTreeMap<String, String>> {
    let reply = served.get(target);
    assert_eq!(reply.status, 200, "{}", reply.text());
    csv::Reader::from_reader(reply.body.as_slice())
        .deserialize()
        .collect::<Result<_, _>>()
        .unwrap()
}

fn number(text: &str) -> Decimal {
    text.parse()
        .unwrap_or_else(|_| panic!("{text:?} is no number"))
}

fn every_export_is_the_same_each_time_over_http_and_from_the_command_line(database: &Database) {
    let books = books(database);
    database.execute(A_BREAK);
    for kind in KINDS {
        for format in FORMATS.iter().filter(|format| format.fits(kind)) {
            is_the_same_each_time(database, &books.served, kind, format);
        }
        csv_and_json_have_the_same_rows(&books.served, kind);
    }
}

fn is_the_same_each_time(database: &Database, served: &Served, kind: &Kind, format: &Format) {
    let name = format!("{}.{}", kind.name, format.name);
    let first = served.get(&format!("/v1/exports/{name}"));
    assert_eq!(first.status, 200, "{name}: {}", first.text());
    let disposition = format!("attachment; filename=\"{name}\"");
    assert_eq!(
        first.header("content-disposition"),
        Some(disposition.as_str())
    );
    assert_eq!(first.header("content-type"), Some(format.media_type));
    let second = served.get(&format!("/v1/exports/{name}"));
    assert!(first.body == second.body, "{name} differs the second time");
    let command = ["export", kind.name, "--format", format.name];
    let printed = database.program(&command, &[]).output().unwrap();
    let said = String::from_utf8(printed.stderr).unwrap();
    // Whoever imports vouchers must know that these are not new; else there is nothing to say.
    let again = format.name == "sie4";
    assert_eq!(said.contains("left before"), again, "{name}: {said}");
    assert_eq!(said.lines().count(), usize::from(again), "{name}: {said}");
    assert_eq!(printed.status.code(), Some(0), "{name}");
    assert!(
        printed.stdout == first.body,
        "{name} differs on the command line"
    );
    let file = database.folder.path().join(&name);
    let to_file = ["-o", file.to_str().unwrap()];
    let written = database.run(&[&command[..], &to_file[..]].concat());
    assert_eq!(written.code, Some(0), "{written:?}");
    assert!(
        std::fs::read(&file).unwrap() == first.body,
        "{name} differs in a file"
    );
}

fn csv_and_json_have_the_same_rows(served: &Served, kind: &Kind) {
    let rows = csv_of(served, &format!("/v1/exports/{}.csv", kind.name));
    assert!(!rows.is_empty(), "{} has rows", kind.name);
    let lines = served.get(&format!("/v1/exports/{}.jsonl", kind.name));
    let lines: Vec<Value> = lines
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), rows.len(), "{}", kind.name);
    let mut columns: Vec<&str> = kind.columns.iter().map(|column| column.name).collect();
    columns.sort_unstable();
    for line in &lines {
        let fields = line.as_object().unwrap().keys();
        let mut fields: Vec<&str> = fields.map(String::as_str).collect();
        fields.sort_unstable();
        assert_eq!(fields, columns, "{}", kind.name);
    }
}

fn the_journal_balances_and_agrees_with_the_trial_balance(database: &Database) {
    let books = books(database);
    let csv = books.served.get("/v1/exports/journal.csv");
    let header = csv.text().lines().next().unwrap();
    assert_eq!(
        header,
        "journal_id,booked_on,occurred_at,account,amount,currency,event,reference,description"
    );
    let rows = csv_of(&books.served, "/v1/exports/journal.csv");
    let mut accounts = BTreeMap::<&str, Decimal>::new();
    let mut journals = BTreeMap::<&str, Decimal>::new();
    for row in &rows {
        assert_eq!(row["currency"], "SEK");
        let amount = number(&row["amount"]);
        assert_eq!(amount.scale(), 2, "exactly the currency's digits");
        *accounts.entry(&row["account"]).or_default() += amount;
        *journals.entry(&row["journal_id"]).or_default() += amount;
    }
    assert!(journals.values().all(Decimal::is_zero), "{journals:?}");
    // Three charges; a payout; a refund that was decided and has succeeded.
    assert_eq!(journals.len(), 6);
    let api = books.served.read("/v1/ledger/trial-balance");
    let exported = csv_of(&books.served, "/v1/exports/trial-balance.csv");
    for row in &exported {
        assert_eq!(
            number(&row["balance"]),
            accounts[row["account"].as_str()],
            "{row:?}"
        );
        assert_eq!(
            api["currencies"]["SEK"]["accounts"][&row["account"]],
            row["balance"]
        );
    }
    let open = accounts.values().filter(|sum| !sum.is_zero()).count();
    assert!(
        exported.len() >= open,
        "{exported:?} lacks some of {accounts:?}"
    );
    let provider = books.provider.simulator();
    let moved: i64 = provider
        .money_moved()
        .iter()
        .map(avstem_simulator::MoneyMovement::signed_minor)
        .sum();
    assert_eq!(
        accounts["assets:provider:stripe"],
        Decimal::new(moved, 2),
        "the provider agrees"
    );
    drop(provider);
    let refunds = csv_of(&books.served, "/v1/exports/refunds.csv");
    assert_eq!(refunds.len(), 1);
    assert_eq!(
        (refunds[0]["state"].as_str(), refunds[0]["amount"].as_str()),
        ("succeeded", "249.00")
    );
    let decisions = csv_of(&books.served, "/v1/exports/decisions.csv");
    let codes: Vec<&str> = decisions.iter().map(|row| row["code"].as_str()).collect();
    assert_eq!(codes.len(), 2);
    assert!(codes.contains(&"latest_charge") && codes.contains(&"earlier_period"));
}

fn days_are_those_of_stockholm_and_inclusive(database: &Database) {
    let books = books(database);
    let (before, day) = (books.day, books.day.checked_add_days(Days::new(1)).unwrap());
    let after = day.checked_add_days(Days::new(1)).unwrap();
    for (kind, rows_that_day) in [("journal", 3), ("charges", 1), ("subscriptions", 1)] {
        let rows = |from: NaiveDate, to: NaiveDate| {
            csv_of(
                &books.served,
                &format!("/v1/exports/{kind}.csv?from={from}&to={to}"),
            )
            .len()
        };
        assert_eq!(
            rows(day, day),
            rows_that_day,
            "{kind}: 23:30 UTC is the next day in Stockholm"
        );
        assert_eq!(rows(before, before), 0, "{kind}");
        assert_eq!(rows(after, after), 0, "{kind}");
        assert_eq!(rows(before, after), rows_that_day, "{kind}");
        let days = [day.to_string(), day.to_string()];
        let printed = database.run(&[
            "export", kind, "--format", "csv", "--from", &days[0], "--to", &days[1],
        ]);
        assert_eq!(printed.stdout.lines().count(), rows_that_day + 1, "{kind}");
    }
    let rows = csv_of(&books.served, &format!("/v1/exports/journal.csv?to={day}"));
    assert!(
        rows.iter().all(|row| row["booked_on"] == day.to_string()),
        "{rows:?}"
    );
    assert!(
        rows[0]["occurred_at"].starts_with(&format!("{before}T23:30:")),
        "{rows:?}"
    );
    assert_eq!(
        csv_of(
            &books.served,
            &format!("/v1/exports/trial-balance.csv?to={before}")
        )
        .len(),
        0
    );
    let standing = csv_of(
        &books.served,
        &format!("/v1/exports/trial-balance.csv?to={day}"),
    );
    let provider = standing
        .iter()
        .find(|row| row["account"] == "assets:provider:stripe")
        .unwrap();
    assert_eq!(provider["balance"], "249.00");
}

fn what_others_wrote_is_no_formula_and_amounts_are_numbers(database: &Database) {
    let books = books(database);
    let subscriptions = csv_of(&books.served, "/v1/exports/subscriptions.csv");
    let noras = subscriptions
        .iter()
        .find(|row| row["subscription_provider_id"] == books.nora.subscription)
        .unwrap();
    assert_eq!(
        noras["plan"],
        format!("'{FORMULA}"),
        "a spreadsheet must not run it"
    );
    for kind in KINDS {
        let rows = csv_of(&books.served, &format!("/v1/exports/{}.csv", kind.name));
        for (name, value) in rows.iter().flatten() {
            let amount = matches!(
                name.as_str(),
                "amount" | "refunded" | "price" | "balance" | "refund_amount"
            );
            let runs = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert!(amount || !runs, "{} {name}: {value:?}", kind.name);
            if amount && !value.is_empty() {
                number(value);
            }
        }
    }
    let journal = csv_of(&books.served, "/v1/exports/journal.csv");
    assert!(
        journal.iter().any(|row| row["amount"].starts_with('-')),
        "credits are negative numbers"
    );
    // JSON is not run by anything: there the text stands as it is.
    let lines = books.served.get("/v1/exports/subscriptions.jsonl");
    let plans: Vec<Value> = lines
        .text()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["plan"].clone())
        .collect();
    assert!(plans.contains(&json!(FORMULA)), "{plans:?}");
}

fn a_range_without_rows_has_its_header(database: &Database) {
    let served = Served::tracking(database);
    for kind in KINDS {
        let columns: Vec<&str> = kind.columns.iter().map(|column| column.name).collect();
        let header = format!("{}\r\n", columns.join(","));
        let empty = served.get(&format!(
            "/v1/exports/{}.csv?from=2020-01-01&to=2020-01-31",
            kind.name
        ));
        assert_eq!(
            (empty.status, empty.text()),
            (200, header.as_str()),
            "{}",
            kind.name
        );
        assert_eq!(
            database
                .run(&["export", kind.name, "--format", "csv"])
                .stdout,
            header
        );
        let lines = served.get(&format!("/v1/exports/{}.jsonl", kind.name));
        assert_eq!((lines.status, lines.text()), (200, ""));
    }
}

fn what_cannot_be_exported_is_refused_with_what_can(database: &Database) {
    let served = Served::tracking(database);
    for (file, named) in [
        ("ledger.csv", "trial-balance"),
        ("journal.xls", "jsonl"),
        ("disputes.csv", "breaks"),
        ("charges.sie4", "parquet"),
    ] {
        let refused = served.get(&format!("/v1/exports/{file}"));
        assert_eq!(refused.problem(404), "not_found");
        assert!(
            refused.json()["detail"].as_str().unwrap().contains(named),
            "{file}: {}",
            refused.text()
        );
        let (kind, format) = file.split_once('.').unwrap();
        let ran = database.run(&["export", kind, "--format", format]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{file}");
        assert!(ran.stderr.contains(named), "{ran:?}");
    }
    let reversed = database.run(&[
        "export",
        "journal",
        "--format",
        "csv",
        "--from",
        "2026-02-01",
        "--to",
        "2026-01-01",
    ]);
    assert_eq!(
        (reversed.code, reversed.stdout.as_str()),
        (Some(1), ""),
        "{reversed:?}"
    );
    let no_day = database.run(&[
        "export",
        "journal",
        "--format",
        "csv",
        "--from",
        "2026-02-30",
    ]);
    assert_eq!(no_day.code, Some(2), "{no_day:?}");
}
