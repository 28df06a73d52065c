//! Objects: a page of a list beside our records. What differs is taken in; what still differs is a break.

use super::super::Failure;
use super::super::books::{Comparison, Contradiction, absorb, compare, unknown_there};
use super::super::breaks::Raising;
use super::super::provider::{Page, Unread};
use super::lost::{Lost, lost};
use super::step::{At, Went};
use crate::store::WriteTx;
use avstem_domain::breaks::BreakKind;
use avstem_domain::event::Fact;
use avstem_domain::id::{ProviderChargeId, ProviderObjectId};
use avstem_domain::ledger::account::Connection;
use avstem_domain::matching::outcome::{Finding, Item};
use avstem_domain::time::Timestamp;
use avstem_webhooks::Observation;
use avstem_webhooks::outbound::{Ask, Listed};
use std::collections::BTreeSet;

pub(super) fn page(at: &At<'_>, of: Listed) -> Result<Result<Went, Unread>, Failure> {
    let made_from = at
        .run
        .made_from
        .map(super::super::books::time)
        .transpose()?;
    let ask = Ask::ListAll {
        of,
        made_from,
        after: at.cursor.after.clone(),
    };
    let mut page = match at.call(&ask)? {
        Ok(page) => page,
        Err(unread) => return Ok(Err(unread)),
    };
    let listed: Vec<(String, Timestamp)> = page
        .observations
        .iter()
        .filter_map(|observation| listed_as(of, &observation.fact))
        .collect();
    let lost = match lost(at, of, &listed, page.next.as_ref())? {
        Ok(lost) => lost,
        Err(unread) => return Ok(Err(unread)),
    };
    page.observations.extend(lost.found.iter().cloned());
    if let Err(unread) = with_their_charges(at, &mut page)? {
        return Ok(Err(unread));
    }
    let went = Went {
        seen: listed.len(),
        repaired: 0,
        made_until: listed.iter().map(|(_, at)| at.as_micros()).min(),
        next: page.next.clone(),
    };
    at.deal(|tx| {
        let repaired = take_in(tx, at, of, &page, &lost)?;
        Ok(Went {
            repaired,
            ..went.clone()
        })
    })
    .map(Ok)
}

/// The id of an object of a list, and when it was made.
fn listed_as(of: Listed, fact: &Fact) -> Option<(String, Timestamp)> {
    match (of, fact) {
        (Listed::Subscriptions, Fact::Subscription(fact)) => {
            Some((fact.id.to_string(), fact.created))
        }
        (Listed::Charges, Fact::Charge(fact)) => Some((fact.id.to_string(), fact.created)),
        (Listed::Refunds, Fact::Refund(fact)) => Some((fact.id.to_string(), fact.created)),
        (Listed::Disputes, Fact::Dispute(fact)) => Some((fact.id.to_string(), fact.created)),
        (Listed::Payouts, Fact::Payout(fact)) => Some((fact.id.to_string(), fact.created)),
        // What comes along with another object, such as the refunds of a charge.
        (
            Listed::Subscriptions
            | Listed::Charges
            | Listed::Refunds
            | Listed::Disputes
            | Listed::Payouts,
            Fact::Customer(_)
            | Fact::Subscription(_)
            | Fact::Invoice(_)
            | Fact::InvoicePayment(_)
            | Fact::Charge(_)
            | Fact::Refund(_)
            | Fact::Dispute(_)
            | Fact::Payout(_),
        ) => None,
    }
}

/// Fetches the charges of refunds and disputes that are of charges nobody told us of, such as older ones
/// than are compared.
fn with_their_charges(at: &At<'_>, page: &mut Page) -> Result<Result<(), Unread>, Failure> {
    let comparison = at
        .app
        .store
        .write(|tx| compare(tx, at.app.keeping(), at.name(), &page.observations))?;
    let charges: BTreeSet<ProviderChargeId> = comparison.unknown.into_iter().collect();
    for charge in charges {
        match at.call(&Ask::FetchCharge(charge))? {
            Ok(found) => page.observations.extend(found.observations),
            // Money of a charge that is not there waits for it, as its webhook does.
            Err(Unread::NotFound) => {}
            Err(unread) => return Ok(Err(unread)),
        }
    }
    Ok(Ok(()))
}

/// Takes in what differs, and says what still does. How many objects were behind.
fn take_in(
    tx: &mut WriteTx<'_>,
    at: &At<'_>,
    of: Listed,
    page: &Page,
    lost: &Lost,
) -> Result<usize, Failure> {
    let keeping = at.app.keeping();
    let Comparison {
        behind,
        mut contradictions,
        ..
    } = compare(tx, keeping, at.name(), &page.observations)?;
    if !behind.is_empty() {
        absorb(tx, keeping, at.name(), &behind)?;
        at.app.signals.cancellations.ring();
        at.app.signals.sealer.ring();
    }
    contradictions.extend(unknown_there(tx, at.name(), word(of), &lost.gone)?);
    let today = at.app.clock.now().date_in(at.app.config.time_zone);
    let raising = Raising::of(at.app, today);
    let connection = super::super::statements::rows::connection(at.name())?;
    for contradiction in &contradictions {
        let note = format!(
            "our records have it as {}, and the provider {}",
            contradiction.ours, contradiction.theirs
        );
        let finding = finding(at, &connection, contradiction)?;
        raising.raise_with_note(tx, &finding, note)?;
    }
    let differing: BTreeSet<&str> = contradictions.iter().map(|one| one.id.as_str()).collect();
    let agreed = page
        .observations
        .iter()
        .filter_map(|observation| listed_as(of, &observation.fact))
        .filter(|(id, _)| !differing.contains(id.as_str()))
        .map(|(id, _)| item(&connection, &id).map(|item| item.to_string()))
        .collect::<Result<Vec<String>, Failure>>()?;
    raising.settle(tx, agreed)?;
    Ok(objects(&behind))
}

/// Of how many objects there are observations.
fn objects(observations: &[Observation]) -> usize {
    let subjects: BTreeSet<String> = observations
        .iter()
        .map(|observation| observation.fact.subject())
        .collect();
    subjects.len()
}

pub(super) const fn word(of: Listed) -> &'static str {
    match of {
        Listed::Subscriptions => "subscription",
        Listed::Charges => "charge",
        Listed::Refunds => "refund",
        Listed::Disputes => "dispute",
        Listed::Payouts => "payout",
    }
}

fn item(connection: &Connection, id: &str) -> Result<Item, Failure> {
    let id = ProviderObjectId::parse(id).map_err(|e| Failure::unreadable("object", e))?;
    Ok(Item::Object(
        connection.clone(),
        BreakKind::StatusMismatch,
        id,
    ))
}

fn finding(
    at: &At<'_>,
    connection: &Connection,
    contradiction: &Contradiction,
) -> Result<Finding, Failure> {
    let made_at = super::super::books::time(contradiction.made_at)?;
    Ok(Finding {
        kind: BreakKind::StatusMismatch,
        subject: item(connection, &contradiction.id)?,
        connection: Some(connection.clone()),
        reference: contradiction.id.clone(),
        expected: contradiction.expected,
        found: contradiction.found,
        holding: None,
        on: made_at.date_in(at.app.config.time_zone),
    })
}
