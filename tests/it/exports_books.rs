//! Books with fixed ids and times, written into a world as they are, and exported.

use crate::world::World;
use avstem::app::App;
use avstem::app::export::{self, ExportRequest, Exported};
use avstem::app::seams::Seams;
use avstem::exports::ExportError;
use avstem::exports::formats::Format;
use avstem::exports::kinds::Kind;
use avstem::store::StoreError;
use avstem::store::rows::{NewJournal, Posting};
use chrono::NaiveDate;
use std::sync::Arc;

/// A journal, by its last two digits.
pub struct Entry<'a> {
    pub number: u32,
    pub day: &'a str,
    pub event: &'a str,
    pub reference: &'a str,
    pub lines: &'a [(&'a str, i64, &'a str)],
}

impl Entry<'_> {
    fn journal(&self) -> NewJournal {
        let noon = crate::world::at(&format!("{}T12:00:00Z", self.day)).as_micros();
        NewJournal {
            id: format!("avjrn_{:02}", self.number),
            connection: "stripe".to_owned(),
            event: self.event.to_owned(),
            reference: self.reference.to_owned(),
            description: format!("What happened, {}", self.number),
            booked_on: self.day.to_owned(),
            occurred_at: noon,
            recorded_at: noon + 1_000_000,
        }
    }

    fn postings(&self) -> impl Iterator<Item = Posting> {
        let journal_id = self.journal().id;
        (1..)
            .zip(self.lines)
            .map(move |(line, (account, amount, currency))| Posting {
                journal_id: journal_id.clone(),
                line,
                account: (*account).to_owned(),
                amount: *amount,
                currency: (*currency).to_owned(),
            })
    }
}

pub fn book(app: &App, entries: &[Entry<'_>]) {
    let journals: Vec<NewJournal> = entries.iter().map(Entry::journal).collect();
    let postings: Vec<Posting> = entries.iter().flat_map(Entry::postings).collect();
    app.store
        .write::<_, StoreError>(|tx| tx.add_journals(&journals, &postings, &[]))
        .unwrap();
}

/// A sale, for days on which something must be.
pub fn sale(number: u32, day: &str) -> [Entry<'_>; 1] {
    [Entry {
        number,
        day,
        event: "charge_succeeded",
        reference: "ch_sale",
        lines: &[
            ("assets:provider:stripe", 24_900, "SEK"),
            ("liabilities:vat", -4_980, "SEK"),
            ("liabilities:deferred_revenue", -19_920, "SEK"),
        ],
    }]
}

/// The world's service with more settings.
pub fn with(world: &World, settings: &str) -> Arc<App> {
    world.another_process_with(Seams::default(), settings)
}

pub fn days(from: &str, to: &str) -> (Option<NaiveDate>, Option<NaiveDate>) {
    (Some(from.parse().unwrap()), Some(to.parse().unwrap()))
}

pub const ALL: (Option<NaiveDate>, Option<NaiveDate>) = (None, None);

/// An export and what is said of it.
pub fn try_export(
    app: &App,
    file: &str,
    (from, to): (Option<NaiveDate>, Option<NaiveDate>),
) -> Result<(Vec<u8>, Exported), ExportError> {
    let (kind, format) = file.split_once('.').unwrap();
    let request = ExportRequest {
        kind: Kind::parse(kind).unwrap(),
        format: Format::parse(format).unwrap(),
        from,
        to,
    };
    let mut bytes = Vec::new();
    let exported = export::export(app, &request, &mut bytes, &mut |_| ())?;
    Ok((bytes, exported))
}

pub fn export(app: &App, file: &str, days: (Option<NaiveDate>, Option<NaiveDate>)) -> Vec<u8> {
    try_export(app, file, days).unwrap().0
}
