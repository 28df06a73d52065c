//! One walk through the lines about something and the booked charges of a stretch of the provider's ids, side by side,
//! each in the order of those ids: it meets every charge together with the lines about it, reads each row once, and
//! holds a page of both.

use super::super::Failure;
use super::super::books::money;
use super::super::statements::rows::counted_until;
use super::compare::Compared;
use super::scope::Scope;
use crate::store::ReadTx;
use crate::store::rows::{ComparedCharge, ComparedLine, LineFlags, ToCompare};
use avstem_domain::matching::pairs_alone;
use avstem_domain::runs::{Run, Runs};
use avstem_domain::statement::allotment::Claim;
use std::cmp::Ordering;
use std::ops::Range;
use std::sync::mpsc::SyncSender;
use std::vec::IntoIter;

/// Rows that are read at once.
const PAGE: i64 = 2_000;
/// Charges without a line that are told at once.
const UNREPORTED_PAGE: usize = 500;

/// Ids after one, up to the last.
pub struct Stretch {
    /// Empty: from the first on, and lines that are about nothing.
    pub after: String,
    /// Included; `None`: to the end.
    pub last: Option<String>,
}

impl Stretch {
    fn holds(&self, id: &str) -> bool {
        self.last.as_deref().is_none_or(|last| id <= last)
    }
}

/// What is told while a walk goes on.
pub enum Found {
    /// So many lines more were looked at.
    Lines(usize),
    /// Charges that no line is about, by the provider's ids.
    WithoutLine(Vec<String>),
}

/// Runs that were made by now.
pub fn runs_of(tx: &mut ReadTx<'_>, connection: &str) -> Result<Runs, Failure> {
    let made = tx.match_runs(connection)?;
    Ok(Runs::made(made.into_iter().map(|run| Run {
        first: run.first_seq,
        last: run.last_seq,
    })))
}

/// Charges of a stretch as they come, one after the other.
struct Charges<'w> {
    connection: &'w str,
    stretch: &'w Stretch,
    page: IntoIter<ComparedCharge>,
    next: Option<ComparedCharge>,
}

impl<'w> Charges<'w> {
    fn of(tx: &mut ReadTx<'_>, connection: &'w str, stretch: &'w Stretch) -> Result<Self, Failure> {
        let mut charges = Self {
            connection,
            stretch,
            page: Vec::new().into_iter(),
            next: None,
        };
        charges.read_after(tx, &stretch.after)?;
        Ok(charges)
    }

    /// Takes the next one, and makes the one after it the next.
    fn advance(&mut self, tx: &mut ReadTx<'_>) -> Result<Option<ComparedCharge>, Failure> {
        let Some(taken) = self.next.take() else {
            return Ok(None);
        };
        self.next = self.page.next();
        if self.next.is_none() {
            self.read_after(tx, &taken.provider_id)?;
        }
        Ok(Some(taken))
    }

    fn read_after(&mut self, tx: &mut ReadTx<'_>, id: &str) -> Result<(), Failure> {
        let mut page = tx.charges_to_compare(self.connection, id, PAGE)?;
        page.truncate(page.partition_point(|charge| self.stretch.holds(&charge.provider_id)));
        self.page = page.into_iter();
        self.next = self.page.next();
        Ok(())
    }
}

/// A walk that goes on.
pub struct Walk<'w> {
    connection: &'w str,
    stretch: &'w Stretch,
    through: String,
    /// The number of the last line that counts.
    until: i64,
    /// What is matched already.
    runs: Runs,
    charges: Charges<'w>,
    /// When charges were made that a line must be about, in microseconds.
    made: Range<i64>,
    /// Charges that are still to be told of.
    without_line: Vec<String>,
    compared: Compared,
    sender: SyncSender<Found>,
}

impl<'w> Walk<'w> {
    /// Walks through a stretch, in a snapshot of its own.
    pub fn through(
        scope: &Scope<'_>,
        connection: &'w str,
        stretch: &'w Stretch,
        made: Range<i64>,
        sender: SyncSender<Found>,
    ) -> Result<Compared, Failure> {
        scope.app.store.snapshot(|tx| {
            let mut walk = Walk {
                connection,
                stretch,
                through: scope.through.to_string(),
                until: counted_until(tx, connection)?,
                runs: runs_of(tx, connection)?,
                charges: Charges::of(tx, connection, stretch)?,
                made,
                without_line: Vec::new(),
                compared: Compared::default(),
                sender,
            };
            if stretch.after.is_empty() {
                walk.lines_about_nothing(tx)?;
            }
            walk.lines_and_charges(tx)?;
            Ok(walk.compared)
        })
    }

    fn asked<'a>(&'a self, after: (&'a str, i64)) -> ToCompare<'a> {
        ToCompare {
            connection: self.connection,
            through: &self.through,
            after,
            until: self.until,
            limit: PAGE,
        }
    }

    /// Fees and the like: there is no object to meet them with.
    fn lines_about_nothing(&mut self, tx: &mut ReadTx<'_>) -> Result<(), Failure> {
        let mut after = i64::MIN;
        loop {
            let page = tx.lines_about_nothing(self.asked(("", after)))?;
            let Some((last, _)) = page.last() else {
                return Ok(());
            };
            after = *last;
            for (seq, flags) in page.into_iter().filter(|(_, flags)| flags.is_due()) {
                self.note(seq, flags);
            }
        }
    }

    fn lines_and_charges(&mut self, tx: &mut ReadTx<'_>) -> Result<(), Failure> {
        let (mut source, mut seq) = (self.stretch.after.clone(), i64::MAX);
        let mut group: Vec<ComparedLine> = Vec::new();
        loop {
            let mut page = tx.lines_to_compare(self.asked((&source, seq)))?;
            page.truncate(page.partition_point(|line| self.stretch.holds(&line.source)));
            let Some(last) = page.last() else { break };
            source.clone_from(&last.source);
            seq = last.seq;
            self.say(Found::Lines(page.len()));
            for line in page {
                if group.first().is_some_and(|one| one.source != line.source) {
                    self.meet(tx, &group)?;
                    group.clear();
                }
                group.push(line);
            }
        }
        self.meet(tx, &group)?;
        while let Some(charge) = self.charges.advance(tx)? {
            self.has_no_line(charge);
        }
        self.tell();
        Ok(())
    }

    /// All lines about one object, and the charge that it is.
    fn meet(&mut self, tx: &mut ReadTx<'_>, lines: &[ComparedLine]) -> Result<(), Failure> {
        let Some(first) = lines.first() else {
            return Ok(());
        };
        let mut charge = None;
        while let Some(next) = &self.charges.next {
            match next.provider_id.as_str().cmp(first.source.as_str()) {
                Ordering::Less => {
                    if let Some(earlier) = self.charges.advance(tx)? {
                        self.has_no_line(earlier);
                    }
                }
                Ordering::Equal => {
                    charge = self.charges.advance(tx)?;
                    break;
                }
                Ordering::Greater => break,
            }
        }
        let is_alone = lines.iter().filter(|line| line.flags.is_movement()).count() == 1;
        for line in lines {
            let flags = line.flags;
            let is_new = flags.is_new() && flags.is_due() && !self.runs.contains(line.seq);
            let comparable =
                is_alone && flags.is_movement() && flags.is_charge() && flags.is_clear();
            match &charge {
                Some(charge) if is_new && comparable && agrees(line, charge)? => {
                    self.compared.agreeing.push(line.seq);
                }
                _ if flags.is_due() => self.note(line.seq, flags),
                _ => {}
            }
        }
        let is_told = |line: &ComparedLine| {
            line.flags.is_movement() && line.flags.is_charge() && line.flags.is_due()
        };
        if let Some(charge) = charge
            && !lines.iter().any(is_told)
        {
            self.has_no_line(charge);
        }
        Ok(())
    }

    /// A line that is due and does not agree with a charge, or was compared before.
    fn note(&mut self, seq: i64, flags: LineFlags) {
        if flags.is_matched() || (flags.is_new() && self.runs.contains(seq)) {
            self.compared.matched = self.compared.matched.saturating_add(1);
        } else if flags.is_new() || flags.is_open() {
            self.compared.to_judge.push(seq);
        }
    }

    fn has_no_line(&mut self, charge: ComparedCharge) {
        if self.made.contains(&charge.created_at) {
            self.without_line.push(charge.provider_id);
        }
        if self.without_line.len() >= UNREPORTED_PAGE {
            self.tell();
        }
    }

    fn tell(&mut self) {
        if !self.without_line.is_empty() {
            let charges = std::mem::take(&mut self.without_line);
            self.say(Found::WithoutLine(charges));
        }
    }

    fn say(&self, found: Found) {
        // Nobody hears it only where writing what was heard before has failed, and that is the failure that counts.
        let _ = self.sender.send(found);
    }
}

/// A line that is alone, and its charge.
fn agrees(line: &ComparedLine, charge: &ComparedCharge) -> Result<bool, Failure> {
    // Nearly all: `pairs_alone` says the same of them, and no money has to be made of texts to see it.
    if (line.gross, line.currency) == (charge.amount, charge.currency) {
        return Ok(true);
    }
    let facing = line.facing.zip(line.facing_currency.as_deref());
    let facing = facing.map(|(minor, currency)| money(minor, currency));
    let claim = Claim {
        gross: money(line.gross, line.currency.as_str())?,
        customer_facing: facing.transpose()?,
    };
    Ok(pairs_alone(
        claim,
        money(charge.amount, charge.currency.as_str())?,
    )?)
}
