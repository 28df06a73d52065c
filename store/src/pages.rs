//! What belongs to a page of journals that were written one after the other.
//!
//! Their ids are of one time, so that their postings lie together: read from the first to the last, they come in
//! one go, where finding those of each journal would take longer than reading them. What other journals have
//! between them is left out. Where that does not hold (clocks that were set, rows that somebody wrote), they are
//! looked for one by one.

use super::rows::{Journal, Posting};
use super::{ReadTx, StoreError};

/// Rows for each journal before it is taken that the ids do not lie together.
const ROWS_EACH_MAX: usize = 16;

impl ReadTx<'_> {
    /// The postings of each journal, by line.
    pub fn postings_of_page(&mut self, page: &[Journal]) -> Result<Vec<Vec<Posting>>, StoreError> {
        let ids: Vec<&str> = page.iter().map(|journal| journal.id.as_str()).collect();
        let Some((first, last, limit)) = bounds(&ids) else {
            return Ok(Vec::new());
        };
        let journal_id: for<'p> fn(&'p Posting) -> &'p str = |posting| &posting.journal_id;
        let found = self.postings_between(first, last, limit)?;
        if let Some(grouped) = all_by_journal(&ids, found, journal_id) {
            return Ok(grouped);
        }
        Ok(by_journal(
            &ids,
            self.postings_of(&owned(&ids))?,
            journal_id,
        ))
    }
}

/// The first of a page's ids, the last one, and how many rows between them are read at most.
pub(super) fn bounds<'i>(ids: &[&'i str]) -> Option<(&'i str, &'i str, i64)> {
    let (first, last) = ids.iter().min().zip(ids.iter().max())?;
    Some((
        first,
        last,
        i64::try_from(rows_max(ids)).unwrap_or(i64::MAX),
    ))
}

const fn rows_max(ids: &[&str]) -> usize {
    ids.len().saturating_mul(ROWS_EACH_MAX)
}

/// Rows that were read between [`bounds`] by their journals, unless there may be more of these.
pub(super) fn all_by_journal<T>(
    ids: &[&str],
    between: Vec<T>,
    journal_id: for<'t> fn(&'t T) -> &'t str,
) -> Option<Vec<Vec<T>>> {
    let is_all = between.len() < rows_max(ids);
    let grouped = by_journal(ids, between, journal_id);
    (is_all && !grouped.iter().any(Vec::is_empty)).then_some(grouped)
}

/// As they are asked for when each is looked up.
pub(super) fn owned(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

/// Rows by the journal that they belong to, in the order of the journals.
pub(super) fn by_journal<T>(
    ids: &[&str],
    rows: Vec<T>,
    journal_id: for<'t> fn(&'t T) -> &'t str,
) -> Vec<Vec<T>> {
    let places = ids.iter().enumerate();
    let mut places: Vec<(&str, usize)> = places.map(|(place, id)| (*id, place)).collect();
    places.sort_unstable();
    let mut grouped: Vec<Vec<T>> = ids.iter().map(|_| Vec::new()).collect();
    let mut at = 0usize;
    for row in rows {
        let id = journal_id(&row);
        let is_at = |at: usize| places.get(at).is_some_and(|(known, _)| *known == id);
        // Rows come in the order of ids: most are of the same journal as the one before, or of the next.
        if !is_at(at) {
            let next = at.saturating_add(1);
            at = if is_at(next) {
                next
            } else {
                places.partition_point(|(known, _)| *known < id)
            };
        }
        let place = places.get(at).filter(|(known, _)| *known == id);
        if let Some(own) = place.and_then(|(_, place)| grouped.get_mut(*place)) {
            own.push(row);
        }
    }
    grouped
}
