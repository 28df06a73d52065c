//! Makes a world to reconcile: books with so many charges, and the provider's report of them, of which one
//! line in a thousand does not agree. scripts/bench-reconciliation calls it, and says what comes of it.
//!
//!   world DATABASE-URL FOLDER ROWS FEES      FEES: each-line, apart
//!   statement FOLDER ENTRIES                 a bank's statement (camt.053) with so many entries
#![cfg(test)]

mod books;
mod camt;
mod report;
mod row;

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

/// Where the provider's fee stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fees {
    /// On each line, as Stripe has it by default: a journal for each.
    EachLine,
    /// On lines of their own, once a payout.
    Apart,
}

fn main() {
    // Cargo itself passes `--bench`.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["world", url, folder, rows, fees] => {
            let rows = rows.parse().unwrap();
            let fees = match *fees {
                "each-line" => Fees::EachLine,
                "apart" => Fees::Apart,
                other => panic!("fees are each-line or apart, not {other}"),
            };
            books::make(url, rows);
            report::write(create(folder, "settlement.csv"), rows, fees).unwrap();
            books::write(create(folder, "ledger.csv"), rows).unwrap();
        }
        ["statement", folder, entries] => {
            let entries = entries.parse().unwrap();
            camt::write(create(folder, "camt.xml"), entries).unwrap();
        }
        // `cargo bench` runs all benches; this one is run by its script.
        [] => println!("reconciliation: run scripts/bench-reconciliation"),
        other => panic!("{other:?} is not known; see benches/reconciliation/main.rs"),
    }
}

fn create(folder: &str, name: &str) -> BufWriter<File> {
    BufWriter::new(File::create(Path::new(folder).join(name)).unwrap())
}
