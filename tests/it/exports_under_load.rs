//! Exports while others book: each shows one instant, whole.

use crate::exports_books::{ALL, Entry, book, export, sale};
use crate::world::World;
use avstem::app::App;
use avstem::app::export::{self as exporting, ExportRequest};
use avstem::exports::formats::Format;
use avstem::exports::kinds::JOURNAL;
use std::io::Write;
use std::sync::Arc;

on_both_databases! {
    what_is_booked_while_an_export_is_written_is_not_in_it,
}

/// More than one page of journals.
const JOURNALS: u32 = 2_100;

/// Books on the last day as soon as something is written: behind the page that is being written, and
/// before the next is read.
struct Meanwhile {
    app: Arc<App>,
    number: u32,
    bytes: Vec<u8>,
}

impl Write for Meanwhile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.bytes.is_empty() {
            book(&self.app, &sale(self.number, "2026-10-31"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn what_is_booked_while_an_export_is_written_is_not_in_it(world: &mut World) {
    let entries: Vec<Entry<'_>> = (1..=JOURNALS)
        .flat_map(|number| sale(number, "2026-10-01"))
        .collect();
    book(&world.app, &entries);
    for (number, name) in (JOURNALS + 1..).zip(["csv", "jsonl", "hledger", "beancount"]) {
        let before = export(&world.app, &format!("journal.{name}"), ALL);
        let request = ExportRequest {
            kind: JOURNAL,
            format: Format::parse(name).unwrap(),
            from: None,
            to: None,
        };
        let mut out = Meanwhile {
            app: Arc::clone(&world.app),
            number,
            bytes: Vec::new(),
        };
        exporting::export(&world.app, &request, &mut out, &mut |_| ()).unwrap();
        assert!(out.bytes == before, "{name} shows what came later");
        let after = export(&world.app, &format!("journal.{name}"), ALL);
        assert!(after != before, "{name}: it was booked");
    }
}
