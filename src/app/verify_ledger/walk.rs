//! A walk over one part of the ledger: journals by position, side by side with their seals.

use super::super::Failure;
use super::audit::Audit;
use super::booked::Booked;
use super::calendar::Calendar;
use super::met::{Later, Sealing, Walked};
use crate::store::bulk::views::JournalView;
use crate::store::bulk::{BulkTx, PageKept};
use crate::store::rows::{ChainHead, Seal};
use std::collections::VecDeque;

/// Journals or seals in one page.
pub const PAGE: i64 = 2_000;

/// What follows one seal, up to and with another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// `None`: from the beginning.
    pub after: Option<Seal>,
    /// `None`: to the end, with what is not sealed.
    pub through: Option<Seal>,
}

/// What every part goes by.
pub struct Rules<'a> {
    pub head: Option<&'a ChainHead>,
    pub calendar: &'a Calendar,
}

/// What a walk over a part came to.
pub struct Outcome {
    pub audit: Audit,
    pub stretches: Vec<Stretch>,
}

/// What lies between one event of the calendar and the next.
pub struct Stretch {
    /// How many events come before it.
    pub reached: usize,
    pub booked: Booked,
    /// The links of the chain that closing statements name.
    pub links: Vec<(i64, String)>,
}

impl Part {
    fn ends_at(&self, of: fn(&Seal) -> i64) -> i64 {
        self.through.as_ref().map_or(i64::MAX, of)
    }

    fn begins_after(&self, of: fn(&Seal) -> i64) -> i64 {
        self.after.as_ref().map_or(i64::MIN, of)
    }
}

/// Walks over a part, and tells how many journals each page had.
pub fn walk(
    tx: &mut BulkTx<'_>,
    rules: &Rules<'_>,
    part: &Part,
    progress: &mut dyn FnMut(usize),
) -> Result<Outcome, Failure> {
    let mut seals = Seals::new(rules.calendar, part);
    let mut walk = Walk {
        audit: Audit::after(rules.head.cloned(), part.after.as_ref()),
        calendar: rules.calendar,
        reached: 0,
        stretches: Vec::new(),
    };
    let (mut position, end) = (
        part.begins_after(|seal| seal.position),
        part.ends_at(|seal| seal.position),
    );
    let mut kept = PageKept::default();
    while position < end {
        let page = tx.page(position, end, PAGE, &mut kept)?;
        let Some(last) = page.journals.last() else {
            break;
        };
        position = last.position;
        progress(page.journals.len());
        let of_each = page.postings.into_iter().zip(page.effects);
        for (journal, (lines, effects)) in page.journals.into_iter().zip(of_each) {
            let sealing = sealing_of(tx, &mut seals, &journal, &mut walk.audit)?;
            let walked = Walked {
                journal,
                lines,
                effects,
                sealing,
            };
            walk.journal(tx, &mut seals, &walked)?;
        }
    }
    while let Some(seal) = seals.take(tx)? {
        walk.audit.seal_without_journal(&seal);
    }
    walk.end_stretch(&mut seals);
    Ok(Outcome {
        audit: walk.audit,
        stretches: walk.stretches,
    })
}

struct Walk<'a> {
    audit: Audit,
    calendar: &'a Calendar,
    reached: usize,
    stretches: Vec<Stretch>,
}

impl Walk<'_> {
    fn journal(
        &mut self,
        tx: &mut BulkTx<'_>,
        seals: &mut Seals<'_>,
        walked: &Walked<'_>,
    ) -> Result<(), Failure> {
        let reached = self.calendar.reached(self.reached, walked.journal.position);
        if reached != self.reached {
            self.end_stretch(seals);
            self.reached = reached;
        }
        self.audit.journal(walked);
        let found = self
            .calendar
            .journal(tx, reached, &walked.journal, &walked.lines)?;
        for finding in found {
            self.audit.found(finding);
        }
        Ok(())
    }

    fn end_stretch(&mut self, seals: &mut Seals<'_>) {
        self.stretches.push(Stretch {
            reached: self.reached,
            booked: self.audit.take_booked(),
            links: std::mem::take(&mut seals.links),
        });
    }
}

/// The seal of a journal; those before it that sealed none are met on the way.
fn sealing_of(
    tx: &mut BulkTx<'_>,
    seals: &mut Seals<'_>,
    journal: &JournalView<'_>,
    audit: &mut Audit,
) -> Result<Sealing, Failure> {
    while let Some(position) = seals.next_position(tx)? {
        if position > journal.position {
            return Ok(Sealing::None(Later::Sealed));
        }
        let Some(seal) = seals.take(tx)? else {
            break;
        };
        if position == journal.position {
            return Ok(Sealing::By(seal));
        }
        audit.seal_without_journal(&seal);
    }
    Ok(Sealing::None(seals.later))
}

/// The seals of a part by number, a page at a time.
struct Seals<'a> {
    calendar: &'a Calendar,
    page: VecDeque<Seal>,
    last: i64,
    end: i64,
    /// What follows those of this part.
    later: Later,
    links: Vec<(i64, String)>,
}

impl<'a> Seals<'a> {
    fn new(calendar: &'a Calendar, part: &Part) -> Self {
        Self {
            calendar,
            page: VecDeque::new(),
            last: part.begins_after(|seal| seal.seq),
            end: part.ends_at(|seal| seal.seq),
            later: match part.through {
                Some(_) => Later::Sealed,
                None => Later::NotSealed,
            },
            links: Vec::new(),
        }
    }

    fn fill(&mut self, tx: &mut BulkTx<'_>) -> Result<(), Failure> {
        if self.page.is_empty() && self.last < self.end {
            self.page = tx.seals_page(self.last, PAGE)?.into();
            self.last = self.page.back().map_or(self.end, |seal| seal.seq);
            self.page.retain(|seal| seal.seq <= self.end);
        }
        Ok(())
    }

    fn next_position(&mut self, tx: &mut BulkTx<'_>) -> Result<Option<i64>, Failure> {
        self.fill(tx)?;
        Ok(self.page.front().map(|seal| seal.position))
    }

    fn take(&mut self, tx: &mut BulkTx<'_>) -> Result<Option<Seal>, Failure> {
        self.fill(tx)?;
        let seal = self.page.pop_front();
        if let Some(seal) = &seal
            && self.calendar.names(seal.seq)
        {
            self.links.push((seal.seq, seal.hash.clone()));
        }
        Ok(seal)
    }
}
