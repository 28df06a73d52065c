//! Asks the provider what its automatic payouts are made of, and takes that in as a report is.
//!
//! The list is complete once the provider has said so. It is spooled to disk as it was written, so that memory
//! stays bounded, and handed in like any file: what it tells counts once, whatever reports tell it too.

use super::backoff::wait_s;
use super::books::absorb;
use super::provider::{Link, Unread, link};
use super::statements::ImportError;
use super::statements::import::{ImportRequest, Target, import};
use super::statements::spool::{Spool, Spooled};
use super::{App, Failure};
use crate::store::rows::Payout;
use avstem_domain::id::ProviderPayoutId;
use avstem_statements::error::ReadError;
use avstem_statements::formats::{Format, stripe_balance_transactions as members};
use avstem_webhooks::outbound::Ask;
use std::time::Duration;

/// A payout whose list is complete says so.
pub const COMPLETED: &str = "completed";
/// How long a list may take to be complete before it is asked for again.
pub const AGAIN_S: i64 = 6 * 3_600;
/// When the provider cannot be asked now.
const ASK_AGAIN_S: i64 = 600;
const ROUND_MAX: i64 = 5;
/// Before each page.
const PAUSE: Duration = Duration::from_millis(100);

/// Asks for every payout that is due; returns how many there were.
pub fn run_due(app: &App) -> Result<usize, Failure> {
    let now = app.clock.now().as_micros();
    let due = app
        .store
        .read(|tx| tx.payouts_to_itemise(now, ROUND_MAX).map_err(Failure::from))?;
    for payout in &due {
        ask(app, payout)?;
    }
    Ok(due.len())
}

fn ask(app: &App, payout: &Payout) -> Result<(), Failure> {
    let Ok(link) = link(app, &payout.connection) else {
        return due(app, payout, None);
    };
    if link.connection.api_key.is_none() {
        return due(app, payout, None);
    }
    let id = ProviderPayoutId::parse(&payout.provider_id)
        .map_err(|e| Failure::unreadable("payout", e))?;
    if payout.reconciliation != COMPLETED {
        return ask_whether_complete(app, &link, payout, id);
    }
    match fetch(app, &link, &id)? {
        Ok(Some(list)) => take_in(app, payout, &list),
        // No list is as long as nothing: it is not ready.
        Ok(None) => due(app, payout, Some(AGAIN_S)),
        Err(Fetch::Unread(unread)) => not_now(app, payout, &unread),
        Err(Fetch::Disk(error)) => {
            tracing::warn!(payout.id = %id, %error, "Could not keep what payout {id} is made of; free space in the temporary folder");
            due(app, payout, Some(ASK_AGAIN_S))
        }
    }
}

/// Takes in what the provider says of the payout now: once its list is complete, it is due at once.
fn ask_whether_complete(
    app: &App,
    link: &Link<'_>,
    payout: &Payout,
    id: ProviderPayoutId,
) -> Result<(), Failure> {
    let page = match link.read_page(&Ask::FetchPayout(id))? {
        Ok(page) => page,
        Err(unread) => return not_now(app, payout, &unread),
    };
    let again = app.clock.now().saturating_add_seconds(AGAIN_S).as_micros();
    app.store.write(|tx| {
        // First, so that a fact that says otherwise has the last word.
        tx.set_members_due(&payout.connection, &payout.provider_id, Some(again))?;
        absorb(tx, app.keeping(), &payout.connection, &page.observations).map(drop)
    })
}

/// Why there is no list.
enum Fetch {
    Unread(Unread),
    Disk(std::io::Error),
}

/// All pages, on disk; `None` where the list is empty.
fn fetch(
    app: &App,
    link: &Link<'_>,
    id: &ProviderPayoutId,
) -> Result<Result<Option<Spooled>, Fetch>, Failure> {
    let mut spool = match Spool::create(&app.clock) {
        Ok(spool) => spool,
        Err(error) => return Ok(Err(Fetch::Disk(error))),
    };
    let mut lines = vec![members::heading(id).into_bytes()];
    let (mut after, mut told) = (None, 0usize);
    loop {
        app.clock.pause(PAUSE);
        let ask = Ask::ListPayoutMembers {
            payout: id.clone(),
            after: after.take(),
        };
        let page = match link.read_page(&ask)? {
            Ok(page) => page,
            Err(unread) => return Ok(Err(Fetch::Unread(unread))),
        };
        told = told.saturating_add(page.documents.len());
        lines.extend(page.documents);
        for line in lines.drain(..) {
            let written = spool.write(&line).and_then(|()| spool.write(b"\n"));
            if let Err(error) = written {
                return Ok(Err(Fetch::Disk(error)));
            }
        }
        match page.next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    if told == 0 {
        return Ok(Ok(None));
    }
    Ok(spool.finish().map(Some).map_err(Fetch::Disk))
}

fn take_in(app: &App, payout: &Payout, list: &Spooled) -> Result<(), Failure> {
    let request = ImportRequest {
        target: Target::Settlement {
            connection: payout.connection.clone(),
        },
        format: Format::named("stripe_balance_transactions"),
        by: super::breaks::BY_ITSELF.to_owned(),
    };
    let id = &payout.provider_id;
    match import(app, &request, list, &mut |_| ()) {
        Ok(imported) => {
            tracing::info!(file.id = %imported.file.id, "Took in what payout {id} is made of: {} lines", imported.file.data_rows);
            app.signals.sealer.ring();
            due(app, payout, None)
        }
        Err(ImportError::Failure(failure)) => Err(failure),
        Err(error @ ImportError::Read(ReadError::ControlTotal { .. })) => {
            tracing::warn!(%error, "What payout {id} is made of is not complete; it is asked for again");
            due(app, payout, Some(AGAIN_S))
        }
        Err(error) => {
            tracing::error!(%error, "Could not take in what payout {id} is made of; it is asked for again");
            due(app, payout, Some(AGAIN_S))
        }
    }
}

fn not_now(app: &App, payout: &Payout, unread: &Unread) -> Result<(), Failure> {
    let wait = match unread {
        Unread::NotFound => return due(app, payout, None),
        Unread::Later { retry_after_s, .. } => wait_s(i64::MAX, *retry_after_s),
        Unread::NeedsPerson { .. } => ASK_AGAIN_S,
    };
    tracing::warn!(payout.id = %payout.provider_id, "Could not ask what payout {} is made of", payout.provider_id);
    due(app, payout, Some(wait))
}

/// When the payout is asked for next, in seconds from now.
fn due(app: &App, payout: &Payout, in_s: Option<i64>) -> Result<(), Failure> {
    let due = in_s.map(|wait| app.clock.now().saturating_add_seconds(wait).as_micros());
    app.store
        .write(|tx| Ok(tx.set_members_due(&payout.connection, &payout.provider_id, due)?))
}
