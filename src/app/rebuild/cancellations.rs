//! Our own cancellations and what was reported as delivered: nobody at the provider tells that, so it is
//! copied, each when it happened. What was told of a subscription's end meant something else before and
//! after a cancellation (`books/adopt.rs`), so they also change when they did.

use super::super::Failure;
use super::super::process_events::with_causes;
use super::replay::{Replay, is_about_facts};
use crate::store::rows::{Cancellation, Delivery, Subscription};

/// Cancellations read at once.
const PAGE: i64 = 200;

/// What came of copying one.
enum Copied {
    Done,
    /// Its subscription is not there, or not yet.
    NoSubscription,
    Impossible(String),
}

impl Replay<'_, '_, '_> {
    /// One that cannot be copied now is tried again when everything else is there.
    pub(super) fn ask_for(&mut self, cancellation: &Cancellation) -> Result<(), Failure> {
        self.copy(cancellation, cancellation.received_at)?;
        Ok(())
    }

    pub(super) fn change_cancellation(&mut self, id: String, at: i64) -> Result<(), Failure> {
        for cancellation in self.live.cancellations_by_ids(&[id])? {
            self.copy(&cancellation, at)?;
        }
        Ok(())
    }

    /// Delivery reports, by which refunds of others are judged. One whose charge is not there reports on
    /// nothing.
    pub(super) fn report(&mut self, report: &Delivery) -> Result<(), Failure> {
        let subscription = self.subscription_here(&report.subscription_id)?;
        let charge = self.charge_here(&report.charge_id)?;
        if let (Some(subscription), Some(charge)) = (subscription, charge) {
            let copy = Delivery {
                subscription_id: subscription.id,
                charge_id: charge.id,
                ..report.clone()
            };
            let store = &self.scratch.app.store;
            store.write(|tx| tx.add_delivery(&copy))?;
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
        let Some(subscription) = self.subscription_here(&cancellation.subscription_id)? else {
            return Ok(Copied::NoSubscription);
        };
        let copy = Cancellation {
            subscription_id: subscription.id,
            ..as_of(cancellation, at)
        };
        let store = &self.scratch.app.store;
        let saved = store.write(|tx| tx.save_cancellation(&copy).map_err(Failure::from));
        match saved {
            Ok(()) => Ok(Copied::Done),
            Err(error) if is_about_facts(&error) => Ok(Copied::Impossible(with_causes(&error))),
            Err(error) => Err(error),
        }
    }

    /// The scratch copy's row of a subscription of the database.
    fn subscription_here(&mut self, id: &str) -> Result<Option<Subscription>, Failure> {
        let Some(known) = self.live.subscriptions_by_ids(&[id.to_owned()])?.pop() else {
            return Ok(None);
        };
        let ids = [known.provider_id];
        let store = &self.scratch.app.store;
        Ok(store
            .read(|tx| tx.subscriptions_by_provider_ids(&known.connection, &ids))?
            .pop())
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
