//! The ledger, for what reads all of it: rows of a page are looked at where they lie, and not each by itself.
//!
//! PostgreSQL sends a row as a message, and whoever loads it makes a value of each of its columns. Where every row
//! there is has to be read, that takes more of the processor than what is done with them. So a page is asked for as a
//! copy of it, the bytes of which are kept as they came; what looks at a row borrows its texts from there. SQLite has no
//! such thing: its rows are loaded, and looked at all the same.

pub mod copied;
pub mod select;
pub mod views;

use super::pages::{all_by_journal, bounds, by_journal, owned};
use super::postgres::copier::Copier;
use super::rows::{EffectOf, Journal, Posting, Seal};
use super::{ReadTx, StoreError};
use std::ops::{Deref, DerefMut};
use views::{EffectView, JournalView, PostingView, SealView, Viewed};

/// A transaction that reads, with a way to read much of the ledger as it stands at the same instant.
pub struct BulkTx<'a> {
    tx: ReadTx<'a>,
    copier: Option<Copier>,
}

/// A page of journals, and what belongs to each of them.
#[derive(Debug)]
pub struct Page<'k> {
    pub journals: Vec<JournalView<'k>>,
    /// Of each journal, by line.
    pub postings: Vec<Vec<PostingView<'k>>>,
    /// Which effect each journal is.
    pub effects: Vec<Vec<EffectView<'k>>>,
}

/// The rows of a page as they came, until the next page comes in their place.
#[derive(Debug, Default)]
pub struct PageKept {
    journals: Kept<Journal>,
    postings: KeptOfPage<Posting>,
    effects: KeptOfPage<EffectOf>,
}

#[derive(Debug)]
enum Kept<R> {
    Loaded(Vec<R>),
    Copied(Vec<u8>),
}

/// All that lies between the first journal of a page and the last, or else what was looked for of each.
#[derive(Debug)]
struct KeptOfPage<R> {
    between: Kept<R>,
    looked_up: Kept<R>,
}

type Between<R> = fn(&mut ReadTx<'_>, &str, &str, i64) -> Result<Vec<R>, StoreError>;

/// How rows are found that belong to journals: those between two ids, so many at most, copied or loaded; or those of
/// some journals.
struct Found<R> {
    copied: fn(&str, &str, i64) -> String,
    between: Between<R>,
    looked_up: fn(&mut ReadTx<'_>, &[String]) -> Result<Vec<R>, StoreError>,
}

const POSTINGS: Found<Posting> = Found {
    copied: select::postings_between,
    between: |tx, first, last, limit| tx.postings_between(first, last, limit),
    looked_up: |tx, ids| tx.postings_of(ids),
};

const EFFECTS: Found<EffectOf> = Found {
    copied: select::effects_between,
    between: |tx, first, last, limit| tx.effects_between(first, last, limit),
    looked_up: |tx, ids| tx.effects_by_journals(ids),
};

impl<R> Default for Kept<R> {
    fn default() -> Self {
        Self::Loaded(Vec::new())
    }
}

impl<R> Default for KeptOfPage<R> {
    fn default() -> Self {
        Self {
            between: Kept::default(),
            looked_up: Kept::default(),
        }
    }
}

impl<R: Viewed> Kept<R> {
    fn views(&self) -> Result<Vec<R::View<'_>>, StoreError> {
        match self {
            Self::Loaded(rows) => Ok(rows.iter().map(R::view).collect()),
            Self::Copied(bytes) => {
                copied::rows::<R>(bytes).map_err(|malformed| StoreError::Copy(Box::new(malformed)))
            }
        }
    }

    fn copy(&mut self, copier: &Copier, select: &str) -> Result<(), StoreError> {
        let mut bytes = match std::mem::take(self) {
            Self::Loaded(_) => Vec::new(),
            Self::Copied(bytes) => bytes,
        };
        bytes.clear();
        copier.copy(select, &mut bytes)?;
        *self = Self::Copied(bytes);
        Ok(())
    }
}

impl<'a> BulkTx<'a> {
    pub(super) const fn loading(tx: ReadTx<'a>) -> Self {
        Self { tx, copier: None }
    }

    /// `copier` reads as of the same instant as the transaction.
    pub(super) const fn copying(tx: ReadTx<'a>, copier: Copier) -> Self {
        Self {
            tx,
            copier: Some(copier),
        }
    }

    /// Journals after one position and through another, so many at most, in the order of writing.
    pub fn page<'k>(
        &mut self,
        after: i64,
        through: i64,
        limit: i64,
        kept: &'k mut PageKept,
    ) -> Result<Page<'k>, StoreError> {
        match &self.copier {
            Some(copier) => kept
                .journals
                .copy(copier, &select::journals_after(after, limit))?,
            None => kept.journals = Kept::Loaded(self.tx.journals_after(after, limit)?),
        }
        let mut journals = kept.journals.views()?;
        journals.retain(|journal| journal.position <= through);
        let ids: Vec<&str> = journals.iter().map(|journal| journal.id).collect();
        let postings = self.of_page(&ids, &mut kept.postings, &POSTINGS, |row| row.journal_id)?;
        let effects = self.of_page(&ids, &mut kept.effects, &EFFECTS, |row| row.journal_id)?;
        Ok(Page {
            journals,
            postings,
            effects,
        })
    }

    /// What each journal has: of all that lies between the first and the last, or else looked for.
    fn of_page<'k, R: Viewed>(
        &mut self,
        ids: &[&str],
        kept: &'k mut KeptOfPage<R>,
        found: &Found<R>,
        journal_id: for<'v> fn(&'v R::View<'k>) -> &'v str,
    ) -> Result<Vec<Vec<R::View<'k>>>, StoreError> {
        let Some((first, last, limit)) = bounds(ids) else {
            return Ok(Vec::new());
        };
        match &self.copier {
            Some(copier) => kept
                .between
                .copy(copier, &(found.copied)(first, last, limit))?,
            None => {
                kept.between = Kept::Loaded((found.between)(&mut self.tx, first, last, limit)?);
            }
        }
        if let Some(grouped) = all_by_journal(ids, kept.between.views()?, journal_id) {
            return Ok(grouped);
        }
        kept.looked_up = Kept::Loaded((found.looked_up)(&mut self.tx, &owned(ids))?);
        Ok(by_journal(ids, kept.looked_up.views()?, journal_id))
    }

    /// Seals after a number, in their order.
    pub fn seals_page(&mut self, seq: i64, limit: i64) -> Result<Vec<Seal>, StoreError> {
        let Some(copier) = &self.copier else {
            return self.tx.seals_after(seq, limit);
        };
        let mut kept = Kept::<Seal>::default();
        kept.copy(copier, &select::seals_after(seq, limit))?;
        let views = kept.views()?;
        Ok(views.iter().map(SealView::stored).collect())
    }
}

impl<'a> Deref for BulkTx<'a> {
    type Target = ReadTx<'a>;
    fn deref(&self) -> &ReadTx<'a> {
        &self.tx
    }
}

impl<'a> DerefMut for BulkTx<'a> {
    fn deref_mut(&mut self) -> &mut ReadTx<'a> {
        &mut self.tx
    }
}
