//! Our own cancellations: decided by us, so they are copied, each when it was asked for. What was told of
//! a subscription's end meant something else before and after (`books/adopt.rs`), so they also change
//! when they did.

use super::super::Failure;
use super::super::process_events::with_causes;
use super::replay::{Moment, Replay, is_about_facts, moment};
use crate::store::rows::Cancellation;
use std::collections::BTreeSet;

/// Cancellations read at once.
const PAGE: i64 = 200;

/// What is still to happen to cancellations that came already.
#[derive(Default)]
pub(super) struct Changes(BTreeSet<(i64, String)>);

impl Changes {
    /// After everything else that happened in its microsecond.
    pub(super) fn first(&self) -> Option<Moment> {
        let (at, _) = self.0.first()?;
        Some((*at, "~".to_owned()))
    }
}

/// What came of copying one.
enum Copied {
    Done,
    /// Its subscription is not there, or not yet.
    NoSubscription,
    Impossible(String),
}

pub(super) fn asked_at(cancellation: &Cancellation) -> Moment {
    moment(cancellation.received_at, &cancellation.id)
}

impl Replay<'_, '_, '_> {
    pub(super) fn ask_for(&mut self, cancellation: &Cancellation) -> Result<(), Failure> {
        for at in [cancellation.stop_done_at, cancellation.undone_at] {
            let later = at.filter(|at| *at > cancellation.received_at);
            self.changes
                .0
                .extend(later.map(|at| (at, cancellation.id.clone())));
        }
        // One that cannot be copied now is tried again when everything else is there.
        self.copy(cancellation, cancellation.received_at)?;
        Ok(())
    }

    pub(super) fn change_cancellation(&mut self) -> Result<(), Failure> {
        let Some((at, id)) = self.changes.0.pop_first() else {
            return Ok(());
        };
        for cancellation in self.live.cancellations_by_ids(&[id])? {
            self.copy(&cancellation, at)?;
        }
        Ok(())
    }

    /// After everything that was told.
    pub(super) fn ask_for_the_rest(&mut self) -> Result<(), Failure> {
        let mut after = String::new();
        loop {
            let page = self.live.our_cancellations_after(&after, PAGE)?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after.clone_from(&last.id);
            let ids: Vec<String> = page.iter().map(|row| row.id.clone()).collect();
            let store = &self.scratch.app.store;
            let found = store.read(|tx| tx.cancellations_by_ids(&ids))?;
            let is_missing = |row: &&Cancellation| !found.iter().any(|other| other.id == row.id);
            for cancellation in page.iter().filter(is_missing) {
                let why = match self.copy(cancellation, i64::MAX)? {
                    Copied::Done => continue,
                    Copied::NoSubscription => "its subscription is not there".to_owned(),
                    Copied::Impossible(why) => why,
                };
                self.not_applied("cancellations", cancellation.id.clone(), why);
            }
        }
    }

    fn copy(&mut self, cancellation: &Cancellation, at: i64) -> Result<Copied, Failure> {
        let ids = std::slice::from_ref(&cancellation.subscription_id);
        let Some(known) = self.live.subscriptions_by_ids(ids)?.pop() else {
            return Ok(Copied::NoSubscription);
        };
        let store = &self.scratch.app.store;
        let ids = [known.provider_id];
        let here = store.read(|tx| tx.subscriptions_by_provider_ids(&known.connection, &ids))?;
        let Some(subscription) = here.first() else {
            return Ok(Copied::NoSubscription);
        };
        let copy = Cancellation {
            subscription_id: subscription.id.clone(),
            ..as_of(cancellation, at)
        };
        let saved = store.write(|tx| tx.save_cancellation(&copy).map_err(Failure::from));
        match saved {
            Ok(()) => Ok(Copied::Done),
            Err(error) if is_about_facts(&error) => Ok(Copied::Impossible(with_causes(&error))),
            Err(error) => Err(error),
        }
    }
}

/// The row as far as its own times tell what it was at `at`. Nothing is due: no saga runs here.
fn as_of(row: &Cancellation, at: i64) -> Cancellation {
    let undone = row.undone_at.filter(|undone| *undone <= at);
    let still_stood = row.undone_at.is_some() && undone.is_none();
    let stop_done_at = row.stop_done_at.filter(|done| *done <= at);
    let stop_asked_at = match (undone, stop_done_at) {
        (None, None) => None,
        // Taking it back raised the time; before that it was no later than the confirmation.
        (None, Some(done)) if still_stood => row.stop_asked_at.map(|asked| asked.min(done)),
        (_, _) => row.stop_asked_at,
    };
    Cancellation {
        state: if still_stood {
            "completed".to_owned()
        } else {
            row.state.clone()
        },
        stop_done_at,
        stop_asked_at,
        undone_at: undone,
        undo_requested_at: row.undo_requested_at.filter(|_| !still_stood),
        due_at: None,
        lease_until: 0,
        ..row.clone()
    }
}
