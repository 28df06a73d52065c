//! The ledger, for what reads all of it: rows of a page are looked at where they lie, and not each by itself.
//!
//! PostgreSQL sends a row as a message, and whoever loads it makes a value of each of its columns. Where every row
//! there is has to be read, that takes more of the processor than what is done with them. So a page is asked for as a
//! copy of it, the bytes of which are kept as they came; what looks at a row borrows its texts from there. SQLite has no
//! such thing: its rows are loaded, and looked at all the same.

mod copied;
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
        let postings = self.postings(&ids, &mut kept.postings)?;
        let effects = self.effects(&ids, &mut kept.effects)?;
        Ok(Page {
            journals,
            postings,
            effects,
        })
    }

    fn postings<'k>(
        &mut self,
        ids: &[&str],
        kept: &'k mut KeptOfPage<Posting>,
    ) -> Result<Vec<Vec<PostingView<'k>>>, StoreError> {
        let Some((first, last, limit)) = bounds(ids) else {
            return Ok(Vec::new());
        };
        let between = &mut kept.between;
        match &self.copier {
            Some(copier) => between.copy(copier, &select::postings_between(first, last, limit))?,
            None => *between = Kept::Loaded(self.tx.postings_between(first, last, limit)?),
        }
        kept.of_each(
            ids,
            |posting| posting.journal_id,
            |ids| self.tx.postings_of(ids),
        )
    }

    fn effects<'k>(
        &mut self,
        ids: &[&str],
        kept: &'k mut KeptOfPage<EffectOf>,
    ) -> Result<Vec<Vec<EffectView<'k>>>, StoreError> {
        let Some((first, last, limit)) = bounds(ids) else {
            return Ok(Vec::new());
        };
        let between = &mut kept.between;
        match &self.copier {
            Some(copier) => between.copy(copier, &select::effects_between(first, last, limit))?,
            None => *between = Kept::Loaded(self.tx.effects_between(first, last, limit)?),
        }
        kept.of_each(
            ids,
            |effect| effect.journal_id,
            |ids| self.tx.effects_by_journals(ids),
        )
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

impl<R: Viewed> KeptOfPage<R> {
    /// What each journal has of what was read between them, or what is found when each is looked up.
    fn of_each<'k>(
        &'k mut self,
        ids: &[&str],
        journal_id: for<'v> fn(&'v R::View<'k>) -> &'v str,
        look_up: impl FnOnce(&[String]) -> Result<Vec<R>, StoreError>,
    ) -> Result<Vec<Vec<R::View<'k>>>, StoreError> {
        let between = self.between.views()?;
        if let Some(grouped) = all_by_journal(ids, between, journal_id) {
            return Ok(grouped);
        }
        self.looked_up = Kept::Loaded(look_up(&owned(ids))?);
        Ok(by_journal(ids, self.looked_up.views()?, journal_id))
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
