//! What reads the whole ledger: its audit, and its export beside the database's own.

use crate::arguments::Arguments;
use crate::deliveries::today;
use crate::figure;
use crate::large;
use crate::measure::{Table, alternately, grouped, per_second, share, timed};
use crate::process::{self, Took};
use crate::stage::{Database, Stage, databases};
use std::path::Path;

/// Unless the argument `--journals` says otherwise.
const JOURNALS: usize = 300_000;
/// Of a charge.
const POSTINGS: usize = 3;
/// What `export journal` writes.
const QUERY: &str = "SELECT p.journal_id, j.booked_on, j.occurred_at, p.account, p.amount, p.currency, j.event, \
     j.reference, j.description FROM journals j JOIN postings p ON p.journal_id = j.id ORDER BY j.position, p.line";

pub fn run(arguments: &Arguments) {
    let journals = arguments.number("journals", JOURNALS);
    let title = format!(
        "A ledger of {} journals, {POSTINGS} postings each, as processes",
        grouped(u128::try_from(journals).unwrap())
    );
    let head = ["what", "s", "each second", "of the dump", "MB above idle"];
    let mut table = Table::new(&title, &head);
    for database in databases() {
        let stage = database.stage(today());
        let idle = process::avstem(&stage, &["verify"]).memory_kib;
        let (made, ()) = timed(|| large::ledger(&stage, journals));
        println!("{}: made in {} s", database.name(), made.as_secs());
        measure(database, &stage, journals, idle, &mut table);
    }
    table.print();
}

fn measure(database: Database, stage: &Stage, journals: usize, idle: u64, table: &mut Table) {
    let file = |name: &str| stage.place.folder().join(name);
    let (dumped, exported) = (file("dump.csv"), file("export.csv"));
    let export = [
        "export",
        "journal",
        "--format",
        "csv",
        "-o",
        exported.to_str().unwrap(),
    ];
    let works: [Box<dyn Fn() -> Took + '_>; 3] = [
        Box::new(|| dump(database, stage, &dumped)),
        Box::new(|| process::avstem(stage, &export)),
        Box::new(|| process::avstem(stage, &["verify"])),
    ];
    let names = ["dump", "export", "verify"];
    let took = alternately(&works, |took| took.time);
    let dump_rate = per_second(journals * POSTINGS, took[0].time);
    for (name, took) in names.iter().zip(&took) {
        let (count, unit) = match *name {
            "verify" => (journals, "journals/s"),
            _ => (journals * POSTINGS, "rows/s"),
        };
        let rate = per_second(count, took.time);
        let memory = took.memory_kib.saturating_sub(idle) / 1_024;
        let of_dump = match *name {
            "export" => share(rate, dump_rate),
            _ => String::new(),
        };
        let seconds = format!(
            "{}.{:02}",
            took.time.as_secs(),
            took.time.subsec_millis() / 10
        );
        let what = format!("{}: {name}", database.name());
        table.row(&[
            &what,
            &seconds,
            &grouped(rate),
            &of_dump,
            &memory.to_string(),
        ]);
        let figure_of = |what: &str| format!("{}_{name}_{what}", database.name().to_lowercase());
        figure::print(&figure_of("rate"), rate, unit);
        if *name != "dump" {
            figure::print(&figure_of("memory_above_idle"), u128::from(memory), "MB");
        }
    }
    let per_mille = per_second(journals * POSTINGS, took[1].time) * 100 / dump_rate;
    let name = format!("{}_export_of_dump", database.name().to_lowercase());
    figure::print(&name, per_mille, "%");
}

/// As the database writes a table for other programs.
fn dump(database: Database, stage: &Stage, to: &Path) -> Took {
    match database {
        Database::Sqlite => {
            let path = stage.place.url().trim_start_matches("sqlite://");
            process::program("sqlite3", &["-csv", "-header", path, QUERY], to)
        }
        Database::Postgres => {
            let copy = format!("COPY ({QUERY}) TO STDOUT WITH (FORMAT csv, HEADER)");
            let psql = crate::stage::psql();
            process::program(
                psql.to_str().unwrap(),
                &["-X", "-q", "-d", stage.place.url(), "-c", &copy],
                to,
            )
        }
    }
}
