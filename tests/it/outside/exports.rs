//! What other programs read in our exports: hledger, beancount, a spreadsheet's library and DuckDB.

use super::{NO_PYTHON, program, python};
use crate::exports_books::{ALL, export};
use crate::exports_vouchers::live;
use crate::merchant::{ADYEN_41, MT940, company, hand_in_all, reconciled};
use crate::world::{World, monthly};
use avstem::app::trial_balance;
use avstem::exports::kinds::KINDS;
use avstem::exports::table::Holds;
use avstem_simulator::{PaymentBehavior, Plan};
use rust_decimal::Decimal;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

on_both_databases! {
    hledger_accepts_the_journal_and_comes_to_the_same_balances,
    beancount_accepts_the_ledger_and_misses_no_change,
    a_spreadsheet_has_every_cell_and_runs_none,
    duckdb_has_every_cell_and_comes_to_the_same_balances,
    vouchers_are_in_the_code_page_that_python_knows,
}

const FORMULA: &str = "=HYPERLINK(\"http://evil.example\",\"Å\")";

/// Books with everything in them, and one plan whose name is a formula.
fn books(world: &World) -> tempfile::TempDir {
    live(world);
    let plan = Plan {
        name: FORMULA.to_owned(),
        ..monthly()
    };
    world.subscribe_to(&plan, PaymentBehavior::Succeeds);
    world.deliver();
    // A payout that came short, and money that no event told of.
    let company = company(world);
    hand_in_all(&company, &[("adyen", ADYEN_41), ("", MT940)]);
    reconciled(&company, None);
    tempfile::tempdir().unwrap()
}

/// Exports into a file of that name.
fn file(world: &World, folder: &tempfile::TempDir, name: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, export(&world.app, name, ALL)).unwrap();
    path
}

/// Currency and account → what it stands at, without accounts that are empty.
fn standing(world: &World) -> BTreeMap<(String, String), Decimal> {
    let balances = trial_balance::trial_balance(&world.app, None).unwrap();
    let mut standing = BTreeMap::new();
    for (currency, balance) in balances.currencies {
        for (account, money) in balance.accounts {
            if !money.is_zero() {
                standing.insert((currency.clone(), account), money.to_decimal());
            }
        }
    }
    standing
}

fn number(text: &str) -> Decimal {
    text.parse()
        .unwrap_or_else(|_| panic!("{text:?} is no number"))
}

/// What `tests/outside/books.py` reads.
fn reading(command: &str, file: &Path) -> Value {
    let output = python("books.py").arg(command).arg(file).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {said}\n{NO_PYTHON}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "where the machine keeps hledger is no setting of the service"
)]
fn hledger(file: &Path, arguments: &[&str]) -> Output {
    let told = std::env::var_os("AVSTEM_TEST_HLEDGER").map(PathBuf::from);
    let program = told.unwrap_or_else(|| PathBuf::from("/usr/bin/hledger"));
    Command::new(&program)
        .env_clear()
        .env("LANG", "C.UTF-8")
        .arg("--file")
        .arg(file)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| {
            panic!("{}: {error}. Run ./scripts/test, which installs hledger or says how; ./scripts/test --no-outside tests without.", program.display())
        })
}

fn hledger_accepts_the_journal_and_comes_to_the_same_balances(world: &mut World) {
    let folder = books(world);
    let journal = file(world, &folder, "journal.hledger");
    let checks = [
        "check",
        "--strict",
        "ordereddates",
        "balancednoautoconversion",
    ];
    let checked = hledger(&journal, &checks);
    assert!(checked.status.success(), "{checked:?}");
    let columns = [
        "balance",
        "--flat",
        "--no-total",
        "--layout=bare",
        "--output-format=csv",
    ];
    let printed = hledger(&journal, &columns);
    assert!(printed.status.success(), "{printed:?}");
    let mut balances = BTreeMap::new();
    for row in csv::Reader::from_reader(printed.stdout.as_slice()).records() {
        let row = row.unwrap();
        balances.insert((row[1].to_owned(), row[0].to_owned()), number(&row[2]));
    }
    assert_eq!(balances, standing(world));
    // It would not accept an amount that is not ours.
    let changed = std::fs::read_to_string(&journal)
        .unwrap()
        .replacen("249.00", "249.01", 1);
    std::fs::write(&journal, changed).unwrap();
    assert!(!hledger(&journal, &checks).status.success());
}

fn beancount_accepts_the_ledger_and_misses_no_change(world: &mut World) {
    let folder = books(world);
    let ledger = file(world, &folder, "journal.beancount");
    let check = |file: &Path| {
        let program = program().with_file_name("bean-check");
        Command::new(program)
            .env_clear()
            .arg("--no-cache")
            .arg(file)
            .output()
            .unwrap()
    };
    let checked = check(&ledger);
    assert!(checked.status.success(), "{checked:?}\n{NO_PYTHON}");
    let text = std::fs::read_to_string(&ledger).unwrap();
    // What it checked is what our books stand at.
    let spelt = |account: &str| account.to_lowercase().replace('_', "");
    let asserted: BTreeMap<(String, String), Decimal> = text
        .lines()
        .filter_map(|line| line.split_once(" balance "))
        .map(|(_, what)| {
            let words: Vec<&str> = what.split_whitespace().collect();
            let [account, amount, "~", _, currency] = words.as_slice() else {
                panic!("{what}")
            };
            (
                ((*currency).to_owned(), account.to_lowercase()),
                number(amount),
            )
        })
        .filter(|(_, amount)| !amount.is_zero())
        .collect();
    let standing = standing(world).into_iter();
    let expected =
        standing.map(|((currency, account), amount)| ((currency, spelt(&account)), amount));
    assert_eq!(asserted, expected.collect());
    // One öre on both sides of a journal, which still balances.
    let moved =
        text.replacen(" 249.00 SEK", " 249.01 SEK", 1)
            .replacen(" -199.20 SEK", " -199.21 SEK", 1);
    std::fs::write(&ledger, moved).unwrap();
    let said = String::from_utf8(check(&ledger).stderr).unwrap();
    assert!(said.contains("Balance failed for"), "{said}");
}

/// Compares what was read with an export in JSON, cell by cell.
fn compare(world: &World, kind: &str, holds: &[Holds], rows: &[Value]) {
    let jsonl = String::from_utf8(export(&world.app, &format!("{kind}.jsonl"), ALL)).unwrap();
    assert_eq!(rows.len(), jsonl.lines().count(), "{kind}");
    assert!(!rows.is_empty(), "{kind} has rows");
    for (line, row) in jsonl.lines().zip(rows) {
        let object: serde_json::Map<String, Value> = serde_json::from_str(line).unwrap();
        let columns = KINDS
            .iter()
            .find(|known| known.name == kind)
            .unwrap()
            .columns;
        for ((column, holds), read) in columns.iter().zip(holds).zip(row.as_array().unwrap()) {
            let (word, value) = (read[0].as_str().unwrap(), &read[1]);
            let ours = &object[column.name];
            let at = format!("{kind} {}: {read} for {ours}", column.name);
            if ours.is_null() {
                assert_eq!(word, "null", "{at}");
                continue;
            }
            let expected = match holds {
                Holds::Text | Holds::Id => "text",
                Holds::Amount | Holds::Integer => "number",
                Holds::Flag => "flag",
                Holds::Date => "day",
                Holds::Time => "time",
            };
            assert_eq!(word, expected, "{at}");
            match holds {
                Holds::Text | Holds::Id | Holds::Flag | Holds::Date => {
                    assert_eq!(value, ours, "{at}")
                }
                Holds::Amount | Holds::Integer => {
                    let ours = ours
                        .as_str()
                        .map_or_else(|| ours.to_string(), str::to_owned);
                    assert_eq!(number(value.as_str().unwrap()), number(&ours), "{at}");
                }
                Holds::Time => {
                    let [read, ours] =
                        [value, ours].map(|one| crate::world::at(one.as_str().unwrap()));
                    // A cell of a spreadsheet keeps milliseconds.
                    assert!(read.micros_since(ours).abs() < 1_000, "{at}");
                }
            }
        }
    }
}

fn a_spreadsheet_has_every_cell_and_runs_none(world: &mut World) {
    let folder = books(world);
    for kind in KINDS {
        let read = reading(
            "xlsx",
            &file(world, &folder, &format!("{}.xlsx", kind.name)),
        );
        let rows = read["sheets"][kind.name].as_array().unwrap();
        let header: Vec<&str> = rows[0]
            .as_array()
            .unwrap()
            .iter()
            .map(|cell| cell[1].as_str().unwrap())
            .collect();
        let columns: Vec<&str> = kind.columns.iter().map(|column| column.name).collect();
        assert_eq!(header, columns);
        let holds: Vec<Holds> = kind.columns.iter().map(|column| column.holds).collect();
        compare(world, kind.name, &holds, &rows[1..]);
        for (format, holds) in read["formats"][kind.name]
            .as_array()
            .unwrap()
            .iter()
            .zip(&holds)
        {
            let shown = match holds {
                Holds::Amount => ["#,##0.00", "General"],
                Holds::Date => ["yyyy-mm-dd", "General"],
                Holds::Time => ["yyyy-mm-dd hh:mm:ss", "General"],
                Holds::Text | Holds::Id | Holds::Integer | Holds::Flag => ["General", "0"],
            };
            assert!(
                shown.contains(&format.as_str().unwrap()),
                "{} {format}",
                kind.name
            );
        }
        assert_eq!(read["created"], "2000-01-01T00:00:00");
    }
    let read = reading("xlsx", &file(world, &folder, "subscriptions.xlsx"));
    assert!(
        read.to_string().contains("=HYPERLINK"),
        "as it was written, and a text"
    );
    // The totals of the journal are the trial balance.
    let read = reading("xlsx", &file(world, &folder, "journal.xlsx"));
    let about = read["sheets"]["About"].as_array().unwrap();
    let mut totals = BTreeMap::new();
    for row in &about[7..] {
        let text = |at: usize| row[at][1].as_str().unwrap().to_owned();
        let total = number(&text(3));
        if !total.is_zero() {
            totals.insert((text(2), text(1)), total);
        }
    }
    assert_eq!(totals, standing(world));
}

fn duckdb_has_every_cell_and_comes_to_the_same_balances(world: &mut World) {
    let folder = books(world);
    for kind in KINDS {
        let read = reading(
            "parquet",
            &file(world, &folder, &format!("{}.parquet", kind.name)),
        );
        let columns: Vec<&str> = kind.columns.iter().map(|column| column.name).collect();
        assert_eq!(read["columns"], serde_json::json!(columns));
        let types = kind.columns.iter().map(|column| match column.holds {
            Holds::Text | Holds::Id => "VARCHAR",
            Holds::Amount => "DECIMAL(38,4)",
            Holds::Integer => "BIGINT",
            Holds::Flag => "BOOLEAN",
            Holds::Date => "DATE",
            Holds::Time => "TIMESTAMP WITH TIME ZONE",
        });
        assert_eq!(read["types"], serde_json::json!(types.collect::<Vec<_>>()));
        let holds: Vec<Holds> = kind.columns.iter().map(|column| column.holds).collect();
        compare(world, kind.name, &holds, read["rows"].as_array().unwrap());
    }
    let read = reading("parquet", &file(world, &folder, "journal.parquet"));
    let mut balances = BTreeMap::<(String, String), Decimal>::new();
    for row in read["rows"].as_array().unwrap() {
        let text = |at: usize| row[at][1].as_str().unwrap().to_owned();
        *balances.entry((text(5), text(3))).or_default() += number(&text(4));
    }
    balances.retain(|_, amount| !amount.is_zero());
    assert_eq!(balances, standing(world));
}

fn vouchers_are_in_the_code_page_that_python_knows(world: &mut World) {
    let folder = books(world);
    let read = reading("cp437", &file(world, &folder, "journal.sie4"));
    let text = read.as_str().unwrap();
    for word in ["Förutbetalda intäkter", "Utgående moms", "Betalleverantör"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}
