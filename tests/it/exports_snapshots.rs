//! What small books look like in each format that is text, to the byte. A change here is one that every
//! reader of exports sees: it needs a line in the changelog.

use crate::exports_books::{ALL, Entry, book, days, export, with};
use crate::world::World;
use avstem::store::StoreError;
use avstem::store::rows::{Break, BreakEvent, Reconciliation};

on_both_databases! {
    the_journal_in_each_format_is_as_it_was,
    a_part_of_the_journal_has_no_balances_to_check,
    empty_books_are_files_too,
    payouts_are_as_they_were,
    breaks_are_as_they_were,
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

/// One open, one resolved, and one between currencies; with a note that a spreadsheet would run.
fn breaks_are_as_they_were(world: &mut World) {
    let app = &world.app;
    let stored = app.store.write::<_, StoreError>(|tx| {
        tx.add_breaks(&[
            found(1, "payout_amount_mismatch", (111_755, "SEK"), "2026-10-09"),
            found(2, "payout_amount_mismatch", (111_755, "SEK"), "2026-10-09"),
            found(3, "currency_mismatch", (9_900, "EUR"), "2026-10-10"),
        ])?;
        tx.add_break_events(&[
            happened(1, 1, "open", "=1+1"),
            happened(2, 1, "open", "asked"),
            happened(2, 2, "resolved", "from abroad"),
            happened(3, 1, "open", "asked"),
        ])?;
        // What is open goes on ageing to the day of the last one.
        tx.add_reconciliation(&Reconciliation {
            id: "avrec_1".to_owned(),
            connection: None,
            through: "2026-10-16".to_owned(),
            state: "breaks".to_owned(),
            report: "{}".to_owned(),
            made_by: "test".to_owned(),
            made_at: 0,
        })
    });
    stored.unwrap();
    same("breaks.csv", &export(app, "breaks.csv", ALL));
    let ninth = export(app, "breaks.jsonl", days("2026-10-09", "2026-10-09"));
    assert_eq!(String::from_utf8(ninth).unwrap().lines().count(), 2);
}

fn found(number: u32, kind: &str, found: (i64, &str), opened_on: &str) -> Break {
    Break {
        id: format!("avbrk_{number}"),
        kind: kind.to_owned(),
        subject: format!("subject {number}"),
        connection: (number < 3).then(|| "stripe".to_owned()),
        reference: format!("ref_{number}"),
        currency: "SEK".to_owned(),
        expected: 114_255,
        found: found.0,
        found_currency: found.1.to_owned(),
        holding: None,
        opened_on: opened_on.to_owned(),
        created_at: 0,
    }
}

fn happened(number: u32, seq: i64, state: &str, note: &str) -> BreakEvent {
    BreakEvent {
        break_id: format!("avbrk_{number}"),
        seq,
        action: if seq == 1 { "opened" } else { "resolved" }.to_owned(),
        state: state.to_owned(),
        resolution: (state == "resolved").then(|| "bank_fee".to_owned()),
        owner: Some("Kim".to_owned()),
        note: Some(note.to_owned()),
        through: "2026-10-12".to_owned(),
        done_by: "avstem".to_owned(),
        journal_id: None,
        done_at: crate::world::at("2026-10-16T10:00:00Z").as_micros(),
    }
}
