//! What belongs to a page of journals that were written one after the other.
//!
//! Their ids are of one time, so that their postings lie together: read from the first to the last, they come in
//! one go, where finding those of each journal would take longer than reading them. What other journals have
//! between them is left out. Where that does not hold (clocks that were set, rows that somebody wrote), they are
//! looked for one by one.

use super::rows::{EffectOf, Journal, Posting};
use super::{ReadTx, StoreError};

/// Rows for each journal before it is taken that the ids do not lie together.
const ROWS_EACH_MAX: usize = 16;

/// Rows of journals with ids from one to another, so many at most.
type Between<Tx, T> = fn(&mut Tx, &str, &str, i64) -> Result<Vec<T>, StoreError>;
/// Rows of some journals.
type Of<Tx, T> = fn(&mut Tx, &[String]) -> Result<Vec<T>, StoreError>;

impl ReadTx<'_> {
    /// The postings of each journal, by line.
    pub fn postings_of_page(&mut self, page: &[Journal]) -> Result<Vec<Vec<Posting>>, StoreError> {
        self.of_page(
            page,
            |posting| &posting.journal_id,
            Self::postings_between,
            Self::postings_of,
        )
    }

    /// Which effect each journal is.
    pub fn effects_of_page(&mut self, page: &[Journal]) -> Result<Vec<Vec<EffectOf>>, StoreError> {
        self.of_page(
            page,
            |effect| &effect.journal_id,
            Self::effects_between,
            Self::effects_by_journals,
        )
    }

    fn of_page<T>(
        &mut self,
        page: &[Journal],
        journal_id: for<'t> fn(&'t T) -> &'t str,
        between: Between<Self, T>,
        of: Of<Self, T>,
    ) -> Result<Vec<Vec<T>>, StoreError> {
        let ids = || page.iter().map(|journal| journal.id.as_str());
        let (Some(first), Some(last)) = (ids().min(), ids().max()) else {
            return Ok(Vec::new());
        };
        let limit = page.len().saturating_mul(ROWS_EACH_MAX);
        let found = between(self, first, last, i64::try_from(limit).unwrap_or(i64::MAX))?;
        let is_all = found.len() < limit;
        let grouped = by_journal(page, found, journal_id);
        if is_all && !grouped.iter().any(Vec::is_empty) {
            return Ok(grouped);
        }
        let ids: Vec<String> = ids().map(str::to_owned).collect();
        Ok(by_journal(page, of(self, &ids)?, journal_id))
    }
}

/// Rows by the journal that they belong to, in the order of the journals.
fn by_journal<T>(
    page: &[Journal],
    rows: Vec<T>,
    journal_id: for<'t> fn(&'t T) -> &'t str,
) -> Vec<Vec<T>> {
    let places = page.iter().enumerate();
    let mut places: Vec<(&str, usize)> = places
        .map(|(place, journal)| (journal.id.as_str(), place))
        .collect();
    places.sort_unstable();
    let mut grouped: Vec<Vec<T>> = page.iter().map(|_| Vec::new()).collect();
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
