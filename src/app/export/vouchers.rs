//! The journal as vouchers, which leave once: what leaves is recorded before a byte of it does.

use super::super::App;
use super::super::progress::Progress;
use super::{Exported, ROWS_PER_PROGRESS};
use crate::exports::ExportError;
use crate::exports::formats::{Out, sie4};
use crate::exports::kinds::Days;
use crate::exports::vouchers::{self, Batch, Chart, News, Rates, Wanted};
use crate::store::StoreError;
use crate::store::rows::TranslatedBalance;
use std::path::Path;

/// How often to begin again when others export at the same time.
const ATTEMPTS: u32 = 5;

pub fn export(
    app: &App,
    days: Days,
    out: &mut Out,
    progress: &mut dyn FnMut(Progress),
) -> Result<Exported, ExportError> {
    let books = &app.config.books;
    let chart = chart(books.accounts.as_deref())?;
    let rates = rates(books.rates.as_deref())?;
    for _ in 0..ATTEMPTS {
        let mut done = 0u64;
        let mut read = || {
            done = done.saturating_add(1);
            if done.is_multiple_of(ROWS_PER_PROGRESS) {
                progress(Progress { done, total: None });
            }
        };
        let mut wanted = Wanted {
            days,
            currency: books.currency,
            rates: &rates,
            per: books.sie_vouchers,
            series: &books.sie_series,
            now: app.clock.now(),
            read: &mut read,
        };
        let batch = app
            .store
            .snapshot(|tx| vouchers::vouchers(tx, &mut wanted))?;
        // Whatever is missing is missed here, before anything is recorded.
        let book = sie4::Book {
            company: &books.company,
            currency: books.currency,
            chart: &chart,
            zone: app.config.time_zone,
        };
        let file = sie4::file(&batch, &book)?;
        if record(app, &batch)? == Recorded::OthersWereFaster {
            continue;
        }
        out.write_all(&file.bytes)?;
        out.flush()?;
        return Ok(Exported {
            count: u64::try_from(batch.vouchers.len()).unwrap_or(u64::MAX),
            notes: notes(&batch, file.replaced),
        });
    }
    Err(ExportError::Busy)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recorded {
    /// Now, or before.
    ItIs,
    OthersWereFaster,
}

fn record(app: &App, batch: &Batch) -> Result<Recorded, StoreError> {
    let balances: &[TranslatedBalance] = match &batch.news {
        News::First(balances) => balances,
        News::Again | News::Nothing => return Ok(Recorded::ItIs),
    };
    app.store.write(|tx| {
        let last = tx.last_voucher_batch()?;
        if last.saturating_add(1) != batch.row.batch {
            return Ok(Recorded::OthersWereFaster);
        }
        tx.add_voucher_batch(&batch.row, balances)?;
        Ok(Recorded::ItIs)
    })
}

/// What whoever imports the file should know.
fn notes(batch: &Batch, replaced: u64) -> Vec<String> {
    let mut notes = Vec::new();
    match &batch.news {
        News::First(_) => {}
        News::Again => notes.push(format!(
            "These vouchers left before, as file {}: nothing new was booked on those days since. Do not import them twice.",
            batch.row.batch
        )),
        News::Nothing => notes.push(format!(
            "There is nothing to import: {} journals of those days left in other files.",
            batch.journals_before
        )),
    }
    if replaced > 0 {
        notes.push(format!(
            "{replaced} characters that SIE cannot write were replaced by others."
        ));
    }
    notes
}

fn chart(file: Option<&Path>) -> Result<Chart, ExportError> {
    let chart = match file {
        Some(path) => Chart::with(&text("books.accounts", path)?),
        None => Chart::built_in(),
    };
    chart.map_err(|problem| ExportError::Setting {
        setting: "books.accounts",
        problem,
    })
}

fn rates(file: Option<&Path>) -> Result<Rates, ExportError> {
    let Some(path) = file else {
        return Ok(Rates::default());
    };
    Rates::parse(&text("books.rates", path)?).map_err(|problem| ExportError::Setting {
        setting: "books.rates",
        problem,
    })
}

fn text(setting: &'static str, path: &Path) -> Result<String, ExportError> {
    std::fs::read_to_string(path).map_err(|error| ExportError::Setting {
        setting,
        problem: error.to_string(),
    })
}
