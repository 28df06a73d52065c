//! What a person does with a break: resolve it, open it again, give it to somebody.

use super::super::api_keys::Principal;
use super::super::books::money;
use super::super::statements::rows::connection;
use super::super::{App, Failure};
use super::{BreakView, Desk, difference, holding, kind, next, resolution, view};
use crate::store::rows::{Break, BreakEvent, PayoutPosition};
use crate::store::{StoreError, WriteTx};
use avstem_domain::breaks::{BreakKind, Holding, Resolution};
use avstem_domain::ledger::account::Account;
use avstem_domain::ledger::journal::Posting;
use avstem_domain::ledger::posting::{self, Occasion};
use avstem_domain::money::Money;

/// What a person decided.
#[derive(Debug, Clone)]
pub struct Resolve {
    pub resolution: Resolution,
    pub note: String,
}

/// How it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handled {
    Done(Box<BreakView>),
    /// The amount is over the limit: another person must say the same.
    NeedsSecondPerson(Box<BreakView>),
}

#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("there is no break {0}")]
    NotFound(String),
    #[error("break {0} is resolved already; open it again to resolve it otherwise")]
    AlreadyResolved(String),
    #[error("break {0} is open")]
    NotResolved(String),
    #[error("a break of kind {kind} cannot be resolved as {}: {why}", .resolution.as_str())]
    DoesNotFit {
        kind: BreakKind,
        resolution: Resolution,
        why: &'static str,
    },
    #[error(
        "the difference is over reconciliation.second_person_over, and you proposed this resolution yourself; somebody else must resolve break {0} in the same way"
    )]
    SamePerson(String),
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Failure(error.into())
    }
}

/// Resolves a break, or proposes to where the amount takes a second person.
pub fn resolve(
    app: &App,
    id: &str,
    decision: &Resolve,
    by: &Principal,
) -> Result<Handled, Refused> {
    let desk = desk(app);
    app.store.write(|tx| {
        let (row, last) = found(tx, id)?;
        if last.state != "open" {
            return Err(Refused::AlreadyResolved(row.id));
        }
        check_fit(&row, decision.resolution)?;
        if is_over_limit(app, &row, decision.resolution)? {
            let proposed =
                last.action == "proposed" && resolution(&last) == Some(decision.resolution);
            if !proposed {
                let event = BreakEvent {
                    action: "proposed".to_owned(),
                    resolution: Some(decision.resolution.as_str().to_owned()),
                    note: Some(decision.note.clone()),
                    done_by: by.key.clone(),
                    ..next(&last, desk.clock, &desk.today())
                };
                tx.add_break_events(std::slice::from_ref(&event))?;
                let view = view(row, event, None)?;
                return Ok(Handled::NeedsSecondPerson(Box::new(view)));
            }
            if last.done_by == by.key {
                return Err(Refused::SamePerson(row.id));
            }
        }
        let note = decision.note.clone();
        let event = settle(tx, &desk, (&row, &last), decision.resolution, note, &by.key)?;
        Ok(Handled::Done(Box::new(view(row, event, None)?)))
    })
}

/// Opens a break that a person resolved; what its resolution booked is taken back.
pub fn reopen(app: &App, id: &str, note: &str, by: &Principal) -> Result<BreakView, Refused> {
    let desk = desk(app);
    app.store.write(|tx| {
        let (row, last) = found(tx, id)?;
        if last.state != "resolved" {
            return Err(Refused::NotResolved(row.id));
        }
        let mut event = BreakEvent {
            action: "reopened".to_owned(),
            state: "open".to_owned(),
            note: Some(note.to_owned()),
            done_by: by.key.clone(),
            ..next(&last, desk.clock, &desk.today())
        };
        event.journal_id = take_back(tx, &desk, &row, &last, event.seq)?;
        tx.add_break_events(std::slice::from_ref(&event))?;
        Ok(view(row, event, None)?)
    })
}

/// Says who looks after an open break.
pub fn assign(
    app: &App,
    id: &str,
    owner: Option<String>,
    note: Option<String>,
    by: &Principal,
) -> Result<BreakView, Refused> {
    let desk = desk(app);
    app.store.write(|tx| {
        let (row, last) = found(tx, id)?;
        if last.state != "open" {
            return Err(Refused::AlreadyResolved(row.id));
        }
        let event = BreakEvent {
            action: "assigned".to_owned(),
            owner: owner.clone(),
            note: note.clone().or_else(|| last.note.clone()),
            done_by: by.key.clone(),
            ..next(&last, desk.clock, &desk.today())
        };
        tx.add_break_events(std::slice::from_ref(&event))?;
        Ok(view(row, event, None)?)
    })
}

fn desk(app: &App) -> Desk<'_> {
    Desk {
        clock: &app.clock,
        zone: app.config.time_zone,
    }
}

fn found(tx: &mut WriteTx<'_>, id: &str) -> Result<(Break, BreakEvent), Refused> {
    tx.find_break(id)?
        .ok_or_else(|| Refused::NotFound(id.to_owned()))
}

fn check_fit(row: &Break, resolution: Resolution) -> Result<(), Refused> {
    let kind = kind(row)?;
    let refused = |why| Refused::DoesNotFit {
        kind,
        resolution,
        why,
    };
    if !resolution.fits(kind, holding(row)) {
        return Err(refused(
            "the books hold nothing of it that could be moved; explain it instead",
        ));
    }
    let came_short = row.expected > row.found;
    if resolution == Resolution::BankFee && !came_short {
        return Err(refused("more came than was sent, and no fee does that"));
    }
    Ok(())
}

/// Waiting moves nothing and comes back by itself; everything else is for two over the limit. Amounts of
/// other currencies than the books' have no limit to be under.
fn is_over_limit(app: &App, row: &Break, resolution: Resolution) -> Result<bool, Failure> {
    let Some(limit) = app.config.reconciliation.second_person_over else {
        return Ok(false);
    };
    if resolution == Resolution::Wait {
        return Ok(false);
    }
    Ok(match difference(row)? {
        Some(difference) if difference.currency() == limit.currency() => {
            difference.minor().saturating_abs() > limit.minor()
        }
        Some(_) | None => true,
    })
}

/// Writes the resolution and books it.
pub(super) fn settle(
    tx: &mut WriteTx<'_>,
    desk: &Desk<'_>,
    (row, last): (&Break, &BreakEvent),
    resolution: Resolution,
    note: String,
    by: &str,
) -> Result<BreakEvent, Failure> {
    let mut event = BreakEvent {
        action: "resolved".to_owned(),
        state: "resolved".to_owned(),
        resolution: Some(resolution.as_str().to_owned()),
        note: Some(note),
        done_by: by.to_owned(),
        ..next(last, desk.clock, &desk.today())
    };
    event.journal_id = match resolution {
        Resolution::BankFee | Resolution::WriteOff => book(tx, desk, row, event.seq, resolution)?,
        Resolution::Wait | Resolution::Explained => None,
    };
    tx.add_break_events(std::slice::from_ref(&event))?;
    Ok(event)
}

fn book(
    tx: &mut WriteTx<'_>,
    desk: &Desk<'_>,
    row: &Break,
    seq: i64,
    resolution: Resolution,
) -> Result<Option<String>, Failure> {
    let (Some(held), Some(name)) = (holding(row), row.connection.as_deref()) else {
        return Ok(None);
    };
    let amount = balance(tx, row, held)?;
    if amount.is_zero() {
        return Ok(None);
    }
    let connection = connection(name)?;
    let occasion = Occasion {
        connection: &connection,
        reference: &row.reference,
        occurred_at: desk.clock.now(),
    };
    let journal = if resolution == Resolution::BankFee {
        posting::bank_fee_taken(occasion, amount)?
    } else {
        posting::written_off(occasion, held, amount)?
    };
    if held == Holding::Transit {
        move_rest(tx, row, amount.minor())?;
    }
    desk.book(tx, row, seq, &journal).map(Some)
}

/// What the account that holds the difference has of it: debit positive.
fn balance(tx: &mut WriteTx<'_>, row: &Break, held: Holding) -> Result<Money, Failure> {
    let expected = money(row.expected, &row.currency)?;
    let line = row
        .subject
        .strip_prefix("line/")
        .zip(row.connection.as_deref());
    match (held, line) {
        (Holding::Suspense, Some((rest, name))) => {
            let id = rest
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix('/'))
                .unwrap_or(rest);
            let line = tx.provider_lines_by_ids(name, &[id.to_owned()])?.pop();
            let line =
                line.ok_or_else(|| Failure::Unreadable(format!("break {} has no line", row.id)))?;
            Ok(money(line.suspense, &line.currency)?.checked_neg()?)
        }
        (Holding::Suspense, None) | (Holding::Transit, _) => {
            let found = money(row.found, &row.currency)?;
            Ok(expected.checked_sub(found)?)
        }
    }
}

/// Counts `minor` of a payout as decided.
fn move_rest(tx: &mut WriteTx<'_>, row: &Break, minor: i64) -> Result<(), Failure> {
    let Some(name) = row.connection.as_deref() else {
        return Ok(());
    };
    let ids = std::slice::from_ref(&row.reference);
    let mut positions: Vec<PayoutPosition> = tx.payout_positions_by_ids(name, ids)?;
    for position in &mut positions {
        position.resolved = position.resolved.saturating_add(minor);
    }
    Ok(tx.save_payout_positions(&positions)?)
}

/// Books the resolution's journal with its signs turned; `None` when it had none.
pub(super) fn take_back(
    tx: &mut WriteTx<'_>,
    desk: &Desk<'_>,
    row: &Break,
    last: &BreakEvent,
    seq: i64,
) -> Result<Option<String>, Failure> {
    // A journal without a resolution took one back already.
    let booked = last
        .journal_id
        .as_ref()
        .filter(|_| resolution(last).is_some());
    let (Some(journal_id), Some(name)) = (booked, row.connection.as_deref()) else {
        return Ok(None);
    };
    let mut postings = Vec::new();
    let mut of_transit = 0i64;
    for posting in tx.postings_of(std::slice::from_ref(journal_id))? {
        let account =
            Account::parse(&posting.account).map_err(|e| Failure::unreadable("account", e))?;
        if let Account::PayoutsInTransit(_) = account {
            of_transit = of_transit.saturating_add(posting.amount);
        }
        postings.push(Posting {
            account,
            amount: money(posting.amount, &posting.currency)?,
        });
    }
    let connection = connection(name)?;
    let occasion = Occasion {
        connection: &connection,
        reference: &row.reference,
        occurred_at: desk.clock.now(),
    };
    let journal = posting::resolution_reversed(occasion, &postings)?;
    move_rest(tx, row, of_transit)?;
    desk.book(tx, row, seq, &journal).map(Some)
}
