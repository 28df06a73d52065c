//! What small books look like in each format that is text, to the byte. A change here is one that every
//! reader of exports sees: it needs a line in the changelog.

use crate::exports_books::{ALL, Entry, book, days, export, with};
use crate::world::World;

on_both_databases! {
    the_journal_in_each_format_is_as_it_was,
    a_part_of_the_journal_has_no_balances_to_check,
    empty_books_are_files_too,
    payouts_are_as_they_were,
}

/// A charge with VAT, one in a currency without decimals, a refund with a text that means something in
/// every format, and a payout that was written before what came earlier.
const BOOKS: &[Entry<'static>] = &[
    Entry {
        number: 1,
        day: "2026-10-02",
        event: "payout_sent",
        reference: "po_1",
        lines: &[
            ("assets:payouts_in_transit:stripe", 20_000, "SEK"),
            ("assets:provider:stripe", -20_000, "SEK"),
        ],
    },
    Entry {
        number: 2,
        day: "2026-10-01",
        event: "charge_succeeded",
        reference: "ch_1",
        lines: &[
            ("assets:provider:stripe", 24_900, "SEK"),
            ("liabilities:vat", -4_980, "SEK"),
            ("liabilities:deferred_revenue", -19_920, "SEK"),
        ],
    },
    Entry {
        number: 3,
        day: "2026-10-01",
        event: "charge_succeeded",
        reference: "ch_yen",
        lines: &[
            ("assets:provider:stripe", 1_200, "JPY"),
            ("income:orders", -1_200, "JPY"),
        ],
    },
    Entry {
        number: 4,
        day: "2026-10-03",
        event: "refund_decided",
        reference: "=re,1; \"x\" | \\ å\n2026-10-04 open",
        lines: &[
            ("liabilities:deferred_revenue", 1, "SEK"),
            ("liabilities:refunds_payable", -1, "SEK"),
        ],
    },
];

#[track_caller]
fn same(name: &str, bytes: &[u8]) {
    let path = format!(
        "{}/tests/it/exports_snapshots/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    let expected = std::fs::read(&path).unwrap_or_default();
    assert!(
        bytes == expected,
        "{name} is another:\n{}",
        String::from_utf8_lossy(bytes)
    );
}

fn the_journal_in_each_format_is_as_it_was(world: &mut World) {
    let folder = tempfile::tempdir().unwrap();
    let rates = folder.path().join("rates.csv");
    std::fs::write(&rates, "date,currency,rate\n2026-10-01,JPY,0.0635\n").unwrap();
    let settings = format!(
        "[books]\ncompany = \"Åsas Böcker AB\"\nrates = \"{}\"",
        rates.display()
    );
    let app = with(world, &settings);
    book(&app, BOOKS);
    for format in ["csv", "jsonl", "hledger", "beancount", "sie4"] {
        let name = format!("journal.{format}");
        same(&name, &export(&app, &name, ALL));
    }
}

fn a_part_of_the_journal_has_no_balances_to_check(world: &mut World) {
    book(&world.app, BOOKS);
    let october = days("2026-10-02", "2026-10-31");
    for format in ["hledger", "beancount"] {
        let bytes = export(&world.app, &format!("journal.{format}"), october);
        same(&format!("part.{format}"), &bytes);
    }
}

fn empty_books_are_files_too(world: &mut World) {
    for format in ["hledger", "beancount", "sie4"] {
        let bytes = export(&world.app, &format!("journal.{format}"), ALL);
        same(&format!("empty.{format}"), &bytes);
    }
}

fn payouts_are_as_they_were(world: &mut World) {
    let payout = |id: &str, made: &str, amount: i64| avstem::store::rows::Payout {
        connection: "stripe".to_owned(),
        provider_id: id.to_owned(),
        amount,
        currency: "SEK".to_owned(),
        status: "paid".to_owned(),
        arrival_date: "2026-10-05".to_owned(),
        automatic: amount > 0,
        reconciliation: "completed".to_owned(),
        trace_id: Some("00123".to_owned()),
        statement_descriptor: None,
        failure_code: None,
        original: None,
        reversed_by: None,
        created_at: crate::world::at(made).as_micros(),
        told_at: 0,
        version: String::new(),
        members_due_at: None,
    };
    let rows = [
        payout("po_2", "2026-10-02T21:59:59Z", -39_900),
        payout("po_1", "2026-10-01T22:00:00Z", 20_000),
        payout("po_3", "2026-10-02T22:00:00Z", 1),
    ];
    world
        .app
        .store
        .write::<_, avstem::store::StoreError>(|tx| tx.save_payouts(&rows))
        .unwrap();
    // The second of October in Stockholm.
    let day = days("2026-10-02", "2026-10-02");
    same("payouts.csv", &export(&world.app, "payouts.csv", day));
    let all = export(&world.app, "payouts.jsonl", ALL);
    assert_eq!(String::from_utf8(all).unwrap().lines().count(), 3);
}
