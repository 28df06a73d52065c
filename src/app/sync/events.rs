//! Events that webhooks never brought: into the inbox, as if they had come late.

use super::super::Failure;
use super::super::process_events;
use super::super::provider::Unread;
use super::super::receive_webhook::{Intake, fetched, store};
use super::step::{At, Went};
use crate::store::rows::Event;
use avstem_webhooks::outbound::Ask;

pub(super) fn page(at: &At<'_>) -> Result<Result<Went, Unread>, Failure> {
    let ask = Ask::ListEvents {
        made_from: super::super::books::time(at.run.events_from)?,
        after: at.cursor.after.clone(),
    };
    let page = match at.call(&ask)? {
        Ok(page) => page,
        Err(unread) => return Ok(Err(unread)),
    };
    let seen = page.documents.len();
    let (connection, provider) = (at.link.connection, at.link.provider);
    let events: Vec<Event> = page
        .documents
        .into_iter()
        .map(|document| fetched(at.app, connection, provider, document))
        .collect();
    // The inbox has its own door. A page that is stored, and its cursor not, is all duplicates next time.
    let stored = store(at.app, &events)?;
    let repaired = stored.iter().filter(|one| **one == Intake::New).count();
    at.app.seams.cross("sync:events")?;
    // Here and now, so that objects are compared with what the events tell.
    process_events::drain(at.app)?;
    let went = Went {
        seen,
        repaired,
        next: page.next,
        made_until: None,
    };
    at.deal(|_| Ok(went.clone())).map(Ok)
}
