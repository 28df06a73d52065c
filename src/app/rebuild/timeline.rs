//! What came between deliveries, in the order in which it came.

use super::super::Failure;
use crate::store::rows::{Cancellation, Delivery, StoredAnswer};
use crate::store::{ReadTx, StoreError};
use std::collections::{BTreeSet, VecDeque};

/// Rows that are read at once.
const PAGE: i64 = 500;

/// Where in the history something stands: when it was taken in and, within a microsecond, by the order
/// in which our ids were given.
pub(super) type Moment = (i64, String);

pub(super) fn moment(at: i64, id: &str) -> Moment {
    let number = id.split_once('_').map_or(id, |(_, number)| number);
    (at, number.to_owned())
}

/// Something that is not a delivery.
pub(super) enum Happening {
    Answer(StoredAnswer),
    /// One of ours is asked for.
    Cancellation(Box<Cancellation>),
    /// Something becomes of one that was asked for.
    Change {
        at: i64,
        cancellation: String,
    },
    Report(Delivery),
}

/// Every happening of the database, a page of each kind in memory.
#[derive(Default)]
pub(super) struct Timeline {
    answers: Pages<StoredAnswer>,
    cancellations: Pages<Cancellation>,
    reports: Pages<Delivery>,
    /// Of cancellations that were asked for, when something becomes of them.
    changes: BTreeSet<(i64, String)>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Answer,
    Cancellation,
    Report,
    Change,
}

impl Timeline {
    pub(super) fn next(
        &mut self,
        live: &mut ReadTx<'_>,
    ) -> Result<Option<(Moment, Happening)>, Failure> {
        let answer = self
            .answers
            .first(|row| &row.id, |after| live.answers_after(after, PAGE))?
            .map(|row| (moment(row.absorbed_at, &row.id), Kind::Answer));
        let cancellation = self
            .cancellations
            .first(
                |row| &row.id,
                |after| live.our_cancellations_after(after, PAGE),
            )?
            .map(|row| (moment(row.received_at, &row.id), Kind::Cancellation));
        let report = self
            .reports
            .first(|row| &row.id, |after| live.deliveries_after(after, PAGE))?
            .map(|row| (moment(row.reported_at, &row.id), Kind::Report));
        // After everything else that happened in its microsecond.
        let change = self
            .changes
            .first()
            .map(|(at, _)| ((*at, "~".to_owned()), Kind::Change));
        let all = [answer, cancellation, report, change];
        let Some((moment, kind)) = all.into_iter().flatten().min() else {
            return Ok(None);
        };
        let happening = match kind {
            Kind::Answer => self.answers.page.pop_front().map(Happening::Answer),
            Kind::Cancellation => {
                let cancellation = self.cancellations.page.pop_front();
                cancellation.map(|row| Happening::Cancellation(Box::new(row)))
            }
            Kind::Report => self.reports.page.pop_front().map(Happening::Report),
            Kind::Change => self
                .changes
                .pop_first()
                .map(|(at, cancellation)| Happening::Change { at, cancellation }),
        };
        if let Some(Happening::Cancellation(row)) = &happening {
            self.expect_changes(row);
        }
        Ok(happening.map(|happening| (moment, happening)))
    }

    fn expect_changes(&mut self, row: &Cancellation) {
        let times = [row.stop_done_at, row.undone_at];
        let later = times
            .into_iter()
            .flatten()
            .filter(|at| *at > row.received_at);
        self.changes.extend(later.map(|at| (at, row.id.clone())));
    }
}

/// Rows in the order of their ids.
struct Pages<T> {
    page: VecDeque<T>,
    after: String,
    end: End,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    NotSeen,
    Seen,
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self {
            page: VecDeque::new(),
            after: String::new(),
            end: End::NotSeen,
        }
    }
}

impl<T> Pages<T> {
    /// The next row, which stays so until it is taken from the page.
    fn first(
        &mut self,
        id: impl Fn(&T) -> &String,
        read: impl FnOnce(&str) -> Result<Vec<T>, StoreError>,
    ) -> Result<Option<&T>, StoreError> {
        if self.page.is_empty() && self.end == End::NotSeen {
            self.page = read(&self.after)?.into();
            match self.page.back() {
                Some(last) => self.after.clone_from(id(last)),
                None => self.end = End::Seen,
            }
        }
        Ok(self.page.front())
    }
}
