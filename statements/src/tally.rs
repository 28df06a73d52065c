//! Counts what a file says, watches for what it says twice, and hands lines on.

use crate::context::{Bounds, ReadContext};
use crate::error::ReadError;
use crate::formats::Format;
use crate::hashes::{Unhashed, hash_of};
use crate::problem::{Problem, ProblemCode};
use crate::sink::Sink;
use crate::summary::{Control, ControlKind, Days, Holder, PayoutTotal, Statement, Summary, Total};
use avstem_domain::id::ProviderPayoutId;
use avstem_domain::money::Money;
use avstem_domain::statement::bank::BankLine;
use avstem_domain::statement::{LineKind, ProviderLine};
use avstem_domain::time::Timestamp;
use chrono::NaiveDate;
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::ControlFlow;

pub struct Tally<'s> {
    sink: &'s mut dyn Sink,
    bounds: Bounds,
    zone: Tz,
    data_rows: u64,
    lines: u64,
    problems: u64,
    /// Hashes of the identities that came.
    seen: HashSet<u64, Unhashed>,
    totals: Vec<Total>,
    payouts: BTreeMap<ProviderPayoutId, (Money, u64)>,
    holders: BTreeSet<Holder>,
    controls: Vec<Control>,
    statements: Vec<Statement>,
    instants: Option<(Timestamp, Timestamp)>,
    days: Option<Days>,
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    Line,
    Problem,
    /// The file has it already: it must not be summed again.
    Repeated,
}

impl<'s> Tally<'s> {
    pub fn new(sink: &'s mut dyn Sink, context: &ReadContext) -> Self {
        Self {
            sink,
            bounds: context.bounds,
            zone: context.time_zone,
            data_rows: 0,
            lines: 0,
            problems: 0,
            seen: HashSet::default(),
            totals: Vec::new(),
            payouts: BTreeMap::new(),
            holders: BTreeSet::new(),
            controls: Vec::new(),
            statements: Vec::new(),
            instants: None,
            days: None,
        }
    }

    /// Hands on a provider's line, or what kept the row from becoming one.
    pub fn provider(&mut self, row: Result<ProviderLine, Problem>) -> Result<Taken, ReadError> {
        self.count_row()?;
        let line = match row {
            Ok(line) => line,
            Err(problem) => {
                self.hand_on(problem)?;
                return Ok(Taken::Problem);
            }
        };
        if !self.seen.insert(hash_of(&line.id)) {
            let expected = "an identity that no earlier row has";
            let id = line.id.as_str();
            self.hand_on(Problem::new(
                line.row,
                "identity",
                ProblemCode::Repeated,
                id,
                expected,
            ))?;
            return Ok(Taken::Repeated);
        }
        self.add(&line)?;
        self.lines = self.lines.saturating_add(1);
        go_on(self.sink.provider_line(line))?;
        Ok(Taken::Line)
    }

    /// Hands on a bank's line, or what kept the row from becoming one.
    pub fn bank(&mut self, row: Result<BankLine, Problem>) -> Result<(), ReadError> {
        self.count_row()?;
        match row {
            Ok(line) => {
                self.cover(line.booked_on);
                self.lines = self.lines.saturating_add(1);
                go_on(self.sink.bank_line(line))
            }
            Err(problem) => self.hand_on(problem),
        }
    }

    pub fn holder(&mut self, holder: Holder) -> Result<(), ReadError> {
        if !self.holders.contains(&holder) {
            self.refuse_many("accounts", self.holders.len())?;
            self.holders.insert(holder);
        }
        Ok(())
    }

    pub fn statement(&mut self, statement: Statement) -> Result<(), ReadError> {
        self.refuse_many("statements", self.statements.len())?;
        self.statements.push(statement);
        Ok(())
    }

    /// Checks what the file says of its rows against them.
    pub fn control(
        &mut self,
        what: ControlKind,
        of: &str,
        said: &str,
        found: &str,
    ) -> Result<(), ReadError> {
        if said != found {
            return Err(ReadError::ControlTotal {
                what: format!("{} of {of}", what.as_str()),
                expected: said.to_owned(),
                found: found.to_owned(),
            });
        }
        self.refuse_many("control totals", self.controls.len())?;
        self.controls.push(Control {
            what,
            of: of.to_owned(),
            figure: said.to_owned(),
        });
        Ok(())
    }

    pub fn cover(&mut self, day: NaiveDate) {
        let days = self.days.get_or_insert(Days {
            first: day,
            last: day,
        });
        days.first = days.first.min(day);
        days.last = days.last.max(day);
    }

    pub fn cover_instant(&mut self, at: Timestamp) {
        let (first, last) = self.instants.get_or_insert((at, at));
        *first = (*first).min(at);
        *last = (*last).max(at);
    }

    pub fn finish(mut self, format: Format) -> Summary {
        if let Some((first, last)) = self.instants {
            self.cover(first.date_in(self.zone));
            self.cover(last.date_in(self.zone));
        }
        Summary {
            format,
            data_rows: self.data_rows,
            lines: self.lines,
            problems: self.problems,
            controls: self.controls,
            period: self.days,
            holders: self.holders.into_iter().collect(),
            totals: self.totals,
            payouts: self
                .payouts
                .into_iter()
                .map(|(payout, (net, lines))| PayoutTotal { payout, net, lines })
                .collect(),
            statements: self.statements,
        }
    }

    fn count_row(&mut self) -> Result<(), ReadError> {
        self.data_rows = self.data_rows.saturating_add(1);
        if self.data_rows > self.bounds.rows_max {
            return Err(ReadError::TooMany {
                what: "rows",
                max: self.bounds.rows_max,
            });
        }
        Ok(())
    }

    fn hand_on(&mut self, problem: Problem) -> Result<(), ReadError> {
        self.problems = self.problems.saturating_add(1);
        go_on(self.sink.problem(problem))
    }

    fn add(&mut self, line: &ProviderLine) -> Result<(), ReadError> {
        self.cover_instant(line.occurred_at);
        let amounts = line.amounts;
        let currency = amounts.net().currency();
        let same = |total: &&mut Total| total.net.currency() == currency;
        match self.totals.iter_mut().find(same) {
            Some(total) => {
                total.gross = sum(total.gross, amounts.gross())?;
                total.fee = sum(total.fee, amounts.fee())?;
                total.net = sum(total.net, amounts.net())?;
                total.lines = total.lines.saturating_add(1);
            }
            None => self.totals.push(Total {
                gross: amounts.gross(),
                fee: amounts.fee(),
                net: amounts.net(),
                lines: 1,
            }),
        }
        if line.kind == LineKind::Payout {
            return Ok(());
        }
        let Some(payout) = &line.payout else {
            return Ok(());
        };
        if let Some((net, lines)) = self.payouts.get_mut(payout) {
            *net = sum(*net, amounts.net())?;
            *lines = lines.saturating_add(1);
            return Ok(());
        }
        self.refuse_many("payouts", self.payouts.len())?;
        self.payouts.insert(payout.clone(), (amounts.net(), 1));
        Ok(())
    }

    fn refuse_many(&self, what: &'static str, held: usize) -> Result<(), ReadError> {
        if held < self.bounds.listed_max {
            return Ok(());
        }
        Err(ReadError::TooMany {
            what,
            max: u64::try_from(self.bounds.listed_max).unwrap_or(u64::MAX),
        })
    }
}

impl ControlKind {
    /// What is compared, in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Balance => "opening balance and entries against the closing balance",
            Self::RunningBalance => "the balances, row by row,",
            Self::Count => "number of rows",
            Self::Credits => "sum of credits",
            Self::Debits => "sum of debits",
            Self::FeeCredits => "sum of fees given back",
            Self::FeeDebits => "sum of fees",
            Self::BatchIsZero => "sum of all rows with the payout",
        }
    }
}

/// Σ that a file cannot make wrap around: it would be no sum any more.
pub fn sum(left: Money, right: Money) -> Result<Money, ReadError> {
    left.checked_add(right)
        .map_err(|_| ReadError::ControlTotal {
            what: "a sum over the file".to_owned(),
            expected: "an amount in one currency that fits in 64 bits".to_owned(),
            found: format!("{left} and {right}"),
        })
}

fn go_on(flow: ControlFlow<()>) -> Result<(), ReadError> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(ReadError::Stopped),
    }
}
