//! One walk through all lines about something and all booked charges of a connection, side by side, each in the order
//! of the provider's ids: it meets every charge together with the lines about it, reads each row once, and holds a
//! page of both. Most lines agree with their charge; those are kept as runs of numbers. What does not agree is
//! left to `lines`, and charges that no line is about to `records`, which say why.

use super::super::books::money;
use super::super::progress::Progress;
use super::super::statements::rows::counted_until;
use super::super::{App, Failure};
use super::scope::Scope;
use crate::store::ReadTx;
use crate::store::rows::{ComparedCharge, ComparedLine, ComparedStanding, MatchRun, ToCompare};
use avstem_domain::matching::{PROVIDER_OBJECT, pairs_alone};
use avstem_domain::runs::{Run, Runs};
use avstem_domain::statement::allotment::Claim;
use std::ops::Range;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::vec::IntoIter;

/// Rows that are read at once.
const PAGE: i64 = 2_000;
/// Pages of charges that are read ahead of the lines.
const PAGES_AHEAD: usize = 2;
/// Charges without a line that are told at once.
const UNREPORTED_PAGE: usize = 500;
/// Runs that are written in one transaction.
const RUNS_PAGE: usize = 5_000;

/// What the walk found, by the numbers of lines.
#[derive(Default)]
pub struct Compared {
    /// Lines that agree with their charge, and that nothing says so of yet.
    agreeing: Vec<i64>,
    /// Lines that need all passes.
    pub to_judge: Vec<i64>,
    /// Lines that had a counterpart before, of those that are due.
    matched: u64,
}

/// Charges that were made in this time, in microseconds, and which of them no line is about.
pub struct Unreported<'f> {
    pub made: Range<i64>,
    pub tell: &'f mut dyn FnMut(&[String]) -> Result<(), Failure>,
}

/// Walks through a connection.
pub fn walk<'w>(
    scope: &Scope<'_>,
    connection: &'w str,
    unreported: Unreported<'w>,
    progress: &mut dyn FnMut(Progress),
) -> Result<Compared, Failure> {
    let app = scope.app;
    let (sender, receiver) = sync_channel(PAGES_AHEAD);
    std::thread::scope(|threads| {
        let reader = threads.spawn(move || read_charges(app, connection, &sender));
        let walked = app.store.snapshot(|tx| {
            let mut walk = Walk {
                connection,
                through: scope.through.to_string(),
                until: counted_until(tx, connection)?,
                runs: runs_of(tx, connection)?,
                charges: Charges::new(receiver),
                unreported,
                without_line: Vec::new(),
                compared: Compared::default(),
            };
            walk.lines_about_nothing(tx)?;
            walk.lines_and_charges(tx, progress)?;
            Ok::<_, Failure>(walk.compared)
        });
        match reader.join() {
            Ok(read) => read.and(walked),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// Sends all charges that are booked, until they end or nobody takes them any more.
fn read_charges(
    app: &App,
    connection: &str,
    sender: &SyncSender<Vec<ComparedCharge>>,
) -> Result<(), Failure> {
    app.store.snapshot(|tx| {
        let mut after = String::new();
        loop {
            let page = tx.charges_to_compare(connection, &after, PAGE)?;
            let Some(last) = page.last() else {
                return Ok(());
            };
            after.clone_from(&last.provider_id);
            if sender.send(page).is_err() {
                return Ok(());
            }
        }
    })
}

fn runs_of(tx: &mut ReadTx<'_>, connection: &str) -> Result<Runs, Failure> {
    let made = tx.match_runs(connection)?;
    Ok(Runs::made(made.into_iter().map(|run| Run {
        first: run.first_seq,
        last: run.last_seq,
    })))
}

/// Charges as they come, one after the other.
struct Charges {
    receiver: Receiver<Vec<ComparedCharge>>,
    page: IntoIter<ComparedCharge>,
    next: Option<ComparedCharge>,
}

impl Charges {
    fn new(receiver: Receiver<Vec<ComparedCharge>>) -> Self {
        let mut charges = Self {
            receiver,
            page: Vec::new().into_iter(),
            next: None,
        };
        charges.advance();
        charges
    }

    /// Takes the next one, and makes the one after it the next.
    fn advance(&mut self) -> Option<ComparedCharge> {
        let mut following = self.page.next();
        if following.is_none()
            && let Ok(page) = self.receiver.recv()
        {
            self.page = page.into_iter();
            following = self.page.next();
        }
        std::mem::replace(&mut self.next, following)
    }
}

struct Walk<'w> {
    connection: &'w str,
    through: String,
    /// The number of the last line that counts.
    until: i64,
    /// What is matched already.
    runs: Runs,
    charges: Charges,
    unreported: Unreported<'w>,
    /// Charges that are still to be told of.
    without_line: Vec<String>,
    compared: Compared,
}

impl Walk<'_> {
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
            let Some((last, _, _)) = page.last() else {
                return Ok(());
            };
            after = *last;
            for (seq, standing, _) in page.into_iter().filter(|(_, _, is_due)| *is_due) {
                self.note(seq, standing);
            }
        }
    }

    fn lines_and_charges(
        &mut self,
        tx: &mut ReadTx<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<(), Failure> {
        let (mut source, mut seq) = (String::new(), i64::MIN);
        let mut group: Vec<ComparedLine> = Vec::new();
        let mut done = 0u64;
        loop {
            let page = tx.lines_to_compare(self.asked((&source, seq)))?;
            let Some(last) = page.last() else { break };
            source.clone_from(&last.source);
            seq = last.seq;
            done = done.saturating_add(u64::try_from(page.len()).unwrap_or(u64::MAX));
            for line in page {
                if group.first().is_some_and(|one| one.source != line.source) {
                    self.meet(&group)?;
                    group.clear();
                }
                group.push(line);
            }
            progress(Progress { done, total: None });
        }
        self.meet(&group)?;
        while let Some(charge) = self.charges.advance() {
            self.has_no_line(charge)?;
        }
        self.tell()
    }

    /// All lines about one object, and the charge that it is.
    fn meet(&mut self, lines: &[ComparedLine]) -> Result<(), Failure> {
        let Some(first) = lines.first() else {
            return Ok(());
        };
        let mut charge = None;
        while let Some(next) = &self.charges.next {
            match next.provider_id.as_str().cmp(first.source.as_str()) {
                std::cmp::Ordering::Less => {
                    if let Some(earlier) = self.charges.advance() {
                        self.has_no_line(earlier)?;
                    }
                }
                std::cmp::Ordering::Equal => {
                    charge = self.charges.advance();
                    break;
                }
                std::cmp::Ordering::Greater => break,
            }
        }
        let is_alone = lines.iter().filter(|line| line.is_movement).count() == 1;
        for line in lines {
            let is_new = line.standing.is_new && line.is_due && !self.runs.contains(line.seq);
            let comparable = is_alone && line.is_movement && line.is_charge && line.suspense == 0;
            match &charge {
                Some(charge) if is_new && comparable && agrees(line, charge)? => {
                    self.compared.agreeing.push(line.seq);
                }
                _ if line.is_due => self.note(line.seq, line.standing),
                _ => {}
            }
        }
        let is_told = |line: &ComparedLine| line.is_movement && line.is_charge && line.is_due;
        match charge {
            Some(charge) if !lines.iter().any(is_told) => self.has_no_line(charge),
            _ => Ok(()),
        }
    }

    /// A line that is due and does not agree with a charge, or was compared before.
    fn note(&mut self, seq: i64, standing: ComparedStanding) {
        if standing.is_matched || (standing.is_new && self.runs.contains(seq)) {
            self.compared.matched = self.compared.matched.saturating_add(1);
        } else if standing.is_new || standing.is_open {
            self.compared.to_judge.push(seq);
        }
    }

    fn has_no_line(&mut self, charge: ComparedCharge) -> Result<(), Failure> {
        if self.unreported.made.contains(&charge.created_at) {
            self.without_line.push(charge.provider_id);
        }
        if self.without_line.len() >= UNREPORTED_PAGE {
            self.tell()?;
        }
        Ok(())
    }

    fn tell(&mut self) -> Result<(), Failure> {
        if self.without_line.is_empty() {
            return Ok(());
        }
        (self.unreported.tell)(&std::mem::take(&mut self.without_line))
    }
}

/// A line that is alone, and its charge.
fn agrees(line: &ComparedLine, charge: &ComparedCharge) -> Result<bool, Failure> {
    // Nearly all: `pairs_alone` says the same of them, and no money has to be made of texts to see it.
    if (line.gross, &line.currency) == (charge.amount, &charge.currency) {
        return Ok(true);
    }
    let facing = line.facing.zip(line.facing_currency.as_deref());
    let facing = facing.map(|(minor, currency)| money(minor, currency));
    let claim = Claim {
        gross: money(line.gross, &line.currency)?,
        customer_facing: facing.transpose()?,
    };
    Ok(pairs_alone(claim, money(charge.amount, &charge.currency)?)?)
}

impl Compared {
    /// Makes it last that lines agree, and returns how many of the connection's have a counterpart now. Runs that
    /// another process has made since are left as they are.
    pub fn pair(self, scope: &Scope<'_>, connection: &str) -> Result<u64, Failure> {
        let found = u64::try_from(self.agreeing.len()).unwrap_or(u64::MAX);
        let runs = Runs::of(self.agreeing);
        for page in runs.as_slice().chunks(RUNS_PAGE) {
            scope.app.store.write(|tx| {
                let made = runs_of(tx, connection)?;
                let new = Runs::made(page.iter().copied()).without(&made);
                let rows: Vec<MatchRun> = new
                    .as_slice()
                    .iter()
                    .map(|run| MatchRun {
                        connection: connection.to_owned(),
                        last_seq: run.last,
                        first_seq: run.first,
                        pass: PROVIDER_OBJECT.to_owned(),
                        reconciliation_id: scope.id.clone(),
                    })
                    .collect();
                Ok::<_, Failure>(tx.add_match_runs(&rows)?)
            })?;
        }
        Ok(self.matched.saturating_add(found))
    }
}
