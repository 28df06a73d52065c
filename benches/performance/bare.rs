//! What the database alone takes for the same rows: they are inserted again into the same tables of a new
//! database, triggers, keys and indexes and all, as many in a commit as processing has at most. Nothing is decoded or
//! decided, no row is written twice, and all come in the order of their keys.

use crate::client::{Client, Selected};
use crate::fresh::{Aged, Fresh};
use crate::measure::timed;
use crate::stage::Database;
use std::time::Duration;

/// Rows in a commit.
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
static TABLES: [Copied; 7] = [
    by("events", "id"),
    by("customers", "id"),
    by("subscriptions", "id"),
    of_connection("invoices", "provider_id"),
    of_connection("invoice_subscriptions", "invoice"),
    of_connection("invoice_payments", "invoice"),
    by("charges", "id"),
];

/// Of the ledger, postings first, in one transaction.
static LEDGER: [Copied; 4] = [
    by("postings", "journal_id"),
    by("journals", "id"),
    by("effects", "journal_id"),
    by("seals", "journal_id"),
];

/// What it takes to have the same rows once more.
pub struct Bare {
    /// Of a client that has them at hand.
    pub inserted: Duration,
    /// Of the database by itself, from one of its tables to another.
    pub copied: Duration,
    pub rows: usize,
}

pub fn bare(database: Database, aged: &Aged) -> Bare {
    let fresh = database.beside(aged, "copied");
    let copying: Vec<String> = all_pieces(&fresh).map(|piece| piece.copying()).collect();
    let (copied, ()) = timed(|| fresh.run(&copying));
    let rows = rows(&fresh);
    drop(fresh);
    let fresh = database.beside(aged, "inserted");
    let mut client = Client::of(&fresh);
    let inserted = all_pieces(&fresh).map(|piece| client.insert(&piece.selects()));
    let inserted = inserted.sum();
    assert_eq!(self::rows(&fresh), rows);
    Bare {
        inserted,
        copied,
        rows,
    }
}

fn rows(fresh: &Fresh) -> usize {
    let tables = TABLES.iter().chain(&LEDGER);
    tables.map(|copied| fresh.count(copied.table)).sum()
}

/// Rows that one transaction inserts: of some tables, those with keys after one and up to another.
struct Piece {
    tables: &'static [Copied],
    after: String,
    end: String,
}

impl Piece {
    /// Tables, and which rows of the old ones.
    fn selects(&self) -> Vec<Selected> {
        let Self { after, end, .. } = self;
        let select = |copied: &Copied| {
            let Copied { table, key, within } = copied;
            let select = format!(
                "SELECT * FROM old.{table} WHERE {within}{key} > '{after}' AND {key} <= '{end}' ORDER BY {key}"
            );
            (*table, select)
        };
        self.tables.iter().map(select).collect()
    }

    fn copying(&self) -> String {
        let insert = |(table, select)| format!("INSERT INTO {table} {select};");
        let inserts: String = self.selects().into_iter().map(insert).collect();
        format!("BEGIN;{inserts}COMMIT;")
    }
}

fn all_pieces(fresh: &Fresh) -> impl Iterator<Item = Piece> {
    let by_itself = |copied| pieces(fresh, copied, std::slice::from_ref(copied));
    let journals = &LEDGER[1];
    TABLES
        .iter()
        .flat_map(by_itself)
        .chain(pieces(fresh, journals, &LEDGER))
}

/// Of each piece of the keys of `divided`, the rows of all of `tables`.
fn pieces(fresh: &Fresh, divided: &Copied, tables: &'static [Copied]) -> Vec<Piece> {
    let Copied { table, key, .. } = divided;
    let ends = fresh.list(&format!(
        "SELECT key FROM (SELECT {key} AS key, row_number() OVER (ORDER BY {key}) AS n FROM old.{table}) AS numbered \
         WHERE n % {ROWS} = 0 OR n = (SELECT count(*) FROM old.{table}) ORDER BY n"
    ));
    let mut after = String::new();
    let mut all = Vec::new();
    for end in ends {
        let after = std::mem::replace(&mut after, end.clone());
        all.push(Piece { tables, after, end });
    }
    all
}
