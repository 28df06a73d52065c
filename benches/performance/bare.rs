//! What the database alone takes for the same rows: they are inserted again into the same tables of a new
//! database, triggers, keys and indexes and all, as many in a statement and a commit as processing has at most.
//! Nothing is read, decoded or decided, no row is written twice, and all come in the order of their keys.

use crate::fresh::{Aged, Fresh};
use crate::measure::timed;
use crate::stage::Database;
use std::time::Duration;

/// Rows in a statement, each of which is committed by itself.
const ROWS: usize = 2_048;

/// A table, and the columns that its rows are divided and found by.
struct Copied {
    table: &'static str,
    key: &'static str,
    /// Narrows the rows to those that the key is an index of.
    within: &'static str,
}

const fn by(table: &'static str, key: &'static str) -> Copied {
    Copied {
        table,
        key,
        within: "",
    }
}

const fn of_connection(table: &'static str, key: &'static str) -> Copied {
    Copied {
        table,
        key,
        within: "connection = 'stripe' AND ",
    }
}

/// Everything that processing writes, of a backlog of charges: the deliveries' states as well.
const TABLES: [Copied; 7] = [
    by("events", "id"),
    by("customers", "id"),
    by("subscriptions", "id"),
    of_connection("invoices", "provider_id"),
    of_connection("invoice_subscriptions", "invoice"),
    of_connection("invoice_payments", "invoice"),
    by("charges", "id"),
];

/// Of the ledger, postings first, in one transaction.
const LEDGER: [Copied; 4] = [
    by("postings", "journal_id"),
    by("journals", "id"),
    by("effects", "journal_id"),
    by("seals", "journal_id"),
];

/// How long it takes to insert the rows of `aged`, and how many there are.
pub fn inserted(database: Database, aged: &Aged) -> (Duration, usize) {
    let fresh = database.beside(aged);
    let mut took = Duration::ZERO;
    let mut rows = 0;
    for copied in &TABLES {
        let statements = statements(&fresh, copied, std::slice::from_ref(copied));
        took += timed(|| fresh.run(&statements)).0;
        rows += fresh.count(copied.table);
    }
    let journals = &LEDGER[1];
    let statements = statements(&fresh, journals, &LEDGER);
    took += timed(|| fresh.run(&statements)).0;
    rows += LEDGER
        .iter()
        .map(|copied| fresh.count(copied.table))
        .sum::<usize>();
    (took, rows)
}

/// Of each piece of the keys of `divided`, the rows of all of `tables`, in one transaction.
fn statements(fresh: &Fresh, divided: &Copied, tables: &[Copied]) -> Vec<String> {
    let Copied { table, key, .. } = divided;
    let ends = fresh.list(&format!(
        "SELECT key FROM (SELECT {key} AS key, row_number() OVER (ORDER BY {key}) AS n FROM old.{table}) AS numbered \
         WHERE n % {ROWS} = 0 OR n = (SELECT count(*) FROM old.{table}) ORDER BY n"
    ));
    let mut after = String::new();
    let mut all = Vec::new();
    for end in ends {
        let insert = |copied: &Copied| {
            let Copied { table, key, within } = copied;
            format!(
                "INSERT INTO {table} SELECT * FROM old.{table} WHERE {within}{key} > '{after}' AND {key} <= '{end}' ORDER BY {key};"
            )
        };
        let inserts: String = tables.iter().map(insert).collect();
        all.push(format!("BEGIN;{inserts}COMMIT;"));
        after = end;
    }
    all
}
