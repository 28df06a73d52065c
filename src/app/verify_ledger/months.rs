//! What is checked of month ends: that nothing was booked in a closed month, that every statement says
//! what the books said then, and that what was recognised is whose it says.

use super::super::month_end::standing::{Kind, kind_of};
use super::super::month_end::statement::{self, Statement, Sums};
use super::super::{App, Failure};
use super::booked::{Booked, Count};
use super::calendar::Calendar;
use super::finding::Finding;
use crate::store::ReadTx;
use crate::store::rows::ClosingStatement;
use avstem_domain::ledger::chain::GENESIS;
use avstem_domain::ledger::closing::{AccountTotal, hash};
use secrecy::SecretString;
use std::collections::BTreeMap;

/// Charges in one page.
const PAGE: i64 = 1_000;

/// What was looked at of month ends.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Statements {
    pub checked: u64,
    /// Of those, signed with the key of the settings.
    pub signed: u64,
    /// Signed, and there is no key to check them with.
    pub not_checkable: u64,
}

/// By currency and account.
type ByCurrency = BTreeMap<String, BTreeMap<String, Sums>>;

/// Changes what a map has under a name, which is only copied where it is new.
fn change<T: Default>(map: &mut BTreeMap<String, T>, name: &str, change: impl FnOnce(&mut T)) {
    if let Some(known) = map.get_mut(name) {
        change(known);
    } else {
        change(map.entry(name.to_owned()).or_default());
    }
}

/// The state of a walk over the ledger, as far as months go.
pub struct Months<'a> {
    key: Option<&'a SecretString>,
    calendar: &'a Calendar,
    /// How many of the calendar's events the walk has come to.
    reached: usize,
    statements: BTreeMap<i64, ClosingStatement>,
    /// The hash of the last statement.
    previous: String,
    /// The links of the chain that statements name, by their number in it.
    links: BTreeMap<i64, String>,
    /// By month.
    months: BTreeMap<String, (Count, ByCurrency)>,
    pub looked_at: Statements,
}

impl<'a> Months<'a> {
    pub fn new(app: &'a App, calendar: &'a Calendar, statements: Vec<ClosingStatement>) -> Self {
        let statements = statements.into_iter().map(|row| (row.number, row));
        Self {
            key: app.config.books.signing_key.as_ref(),
            calendar,
            reached: 0,
            statements: statements.collect(),
            previous: GENESIS.to_string(),
            links: BTreeMap::from([(0, GENESIS.to_string())]),
            months: BTreeMap::new(),
            looked_at: Statements::default(),
        }
    }

    /// The links of the chain that a part of the walk met.
    pub fn links(&mut self, links: Vec<(i64, String)>) {
        self.links.extend(links);
    }

    /// What was booked next, in the order of writing.
    pub fn booked(&mut self, booked: &Booked) {
        for (day, count) in booked.counts() {
            change(&mut self.months, month(day), |(counted, _)| {
                counted.add(count);
            });
        }
        for line in booked.lines() {
            change(&mut self.months, month(line.day), |(_, currencies)| {
                change(
                    currencies,
                    line.currency,
                    |accounts: &mut BTreeMap<String, Sums>| {
                        change(accounts, line.account, |sums| sums.join(line.sum.booked));
                    },
                );
            });
        }
    }

    /// After the walk: what is left of the events, and what charges say of themselves.
    pub fn finish(&mut self, tx: &mut ReadTx<'_>) -> Result<Vec<Finding>, Failure> {
        let mut found = self.come_to(tx, usize::MAX)?;
        for row in std::mem::take(&mut self.statements).into_values() {
            found.push(Finding::StatementAlone {
                number: row.number,
                month: row.month,
            });
        }
        charges(tx, &mut found)?;
        Ok(found)
    }

    /// Comes to what happened to months, up to so many events; what is wrong with their statements.
    pub fn come_to(
        &mut self,
        tx: &mut ReadTx<'_>,
        reached: usize,
    ) -> Result<Vec<Finding>, Failure> {
        let mut found = Vec::new();
        while let Some(event) = self.calendar.event(self.reached) {
            if self.reached >= reached {
                break;
            }
            self.reached = self.reached.saturating_add(1);
            if kind_of(event)? == Kind::Closed {
                self.closed(tx, &mut found, event.number)?;
            }
        }
        Ok(found)
    }

    /// A month was closed for good: its statement says what has been walked over so far.
    fn closed(
        &mut self,
        tx: &mut ReadTx<'_>,
        found: &mut Vec<Finding>,
        number: i64,
    ) -> Result<(), Failure> {
        let Some(row) = self.statements.remove(&number) else {
            found.push(Finding::StatementMissing { number });
            return Ok(());
        };
        self.looked_at.checked = self.looked_at.checked.saturating_add(1);
        let stored = match statement::read(tx, &row) {
            Ok(stored) => stored,
            Err(Failure::Store(error)) => return Err(error.into()),
            Err(error) => {
                found.push(Finding::UnreadableStatement {
                    number,
                    problem: error.to_string(),
                });
                return Ok(());
            }
        };
        let mut differ = Differences { found, number };
        let link = self.links.get(&row.chain_count).cloned();
        differ.if_not(
            "link of the chain",
            &row.chain_head,
            &link.unwrap_or_default(),
        );
        differ.if_not("previous statement", &row.previous, &self.previous);
        differ.if_not("hash", &row.hash, &hash(&stored.text).to_string());
        self.previous.clone_from(&row.hash);
        let count = self.months.get(&row.month).map(|(count, _)| *count);
        let count = count.unwrap_or_default();
        differ.if_not("number of journals", &row.journals, &count.journals);
        differ.if_not("number of postings", &row.postings, &count.postings);
        let before = self.reached.checked_sub(2);
        let begun = before.and_then(|at| self.calendar.event(at));
        let begun = begun.map(|event| event.number);
        let charges = tx.charges_recognised(begun.unwrap_or_default())?;
        differ.if_not("number of charges", &row.charges, &charges);
        let walked = self.totals(&row.month)?;
        differ.in_totals(&stored.of.totals, &walked);
        self.check_signature(found, &stored)
    }

    /// What the month comes to by the journals walked over so far.
    fn totals(&self, month: &str) -> Result<Vec<AccountTotal>, Failure> {
        let mut totals = BTreeMap::<(String, String), Sums>::new();
        let through = self.months.range(..=month.to_owned());
        let by_account = through.flat_map(|(of, (_, currencies))| {
            let accounts = currencies.iter();
            accounts.flat_map(move |(currency, accounts)| {
                accounts
                    .iter()
                    .map(move |(account, sums)| (of, currency, account, sums))
            })
        });
        for (of, currency, account, sums) in by_account {
            let total = totals
                .entry((currency.clone(), account.clone()))
                .or_default();
            if of == month {
                total.debits = sums.debits;
                total.credits = sums.credits;
            } else {
                let moved = sums.debits.saturating_sub(sums.credits);
                total.opening = total.opening.saturating_add(moved);
            }
        }
        statement::totals(totals)
    }

    fn check_signature(
        &mut self,
        found: &mut Vec<Finding>,
        stored: &Statement,
    ) -> Result<(), Failure> {
        let number = i64::try_from(stored.of.number).unwrap_or(i64::MAX);
        let (Some(named), Some(signature)) = (&stored.of.key, &stored.signature) else {
            return Ok(());
        };
        let Some(key) = self.key.filter(|key| statement::key_name(key) == *named) else {
            self.looked_at.not_checkable = self.looked_at.not_checkable.saturating_add(1);
            return Ok(());
        };
        if statement::is_signed(key, &stored.text, signature)? {
            self.looked_at.signed = self.looked_at.signed.saturating_add(1);
        } else {
            found.push(Finding::SignatureWrong { number });
        }
        Ok(())
    }
}

fn month(day: &str) -> &str {
    day.get(..7).unwrap_or(day)
}

/// Tells what a statement and the books disagree about.
struct Differences<'a> {
    found: &'a mut Vec<Finding>,
    number: i64,
}

impl Differences<'_> {
    fn if_not(
        &mut self,
        what: &str,
        statement: &impl std::fmt::Display,
        books: &impl std::fmt::Display,
    ) {
        let (statement, books) = (statement.to_string(), books.to_string());
        if statement != books {
            self.found.push(Finding::StatementDiffers {
                number: self.number,
                what: what.to_owned(),
                statement,
                books,
            });
        }
    }

    /// Both by currency and account.
    fn in_totals(&mut self, stored: &[AccountTotal], walked: &[AccountTotal]) {
        type Told = BTreeMap<(String, String), String>;
        let told = |totals: &[AccountTotal]| -> Told {
            let one = |total: &AccountTotal| {
                let key = (
                    total.opening.currency().code().to_owned(),
                    total.account.clone(),
                );
                let sums = [total.opening, total.debits, total.credits];
                (key, sums.map(|sum| sum.to_decimal_string()).join(" "))
            };
            totals.iter().map(one).collect()
        };
        let (stored, mut walked) = (told(stored), told(walked));
        for ((currency, account), sums) in stored {
            let books = walked.remove(&(currency.clone(), account.clone()));
            let what = format!("{account} in {currency}");
            self.if_not(&what, &sums, &books.unwrap_or_default());
        }
        for ((currency, account), books) in walked {
            self.if_not(&format!("{account} in {currency}"), &"", &books);
        }
    }
}

/// What month ends recognised of each charge is the sum of its rows.
fn charges(tx: &mut ReadTx<'_>, found: &mut Vec<Finding>) -> Result<(), Failure> {
    let mut after = String::new();
    loop {
        let page = tx.charges_earned_after(&after, PAGE)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after.clone_from(&last.id);
        let ids: Vec<String> = page.iter().map(|charge| charge.id.clone()).collect();
        let mut sums = BTreeMap::<String, i64>::new();
        for row in tx.recognised_of_charges(&ids)? {
            let sum = sums.entry(row.charge_id).or_default();
            *sum = sum.saturating_add(row.amount);
        }
        for charge in page {
            let told = sums.get(&charge.id).copied().unwrap_or_default();
            if told != charge.recognised {
                found.push(Finding::RecognisedDiffers {
                    what: format!("charge {}", charge.id),
                    booked: charge.recognised,
                    told,
                });
            }
        }
    }
}
