//! The ledger journal by journal, in the order of its days: what formats of accounting programs are
//! written from.

use super::ExportError;
use super::kinds::{Balances, Days};
use crate::store::ReadTx;
use crate::store::rows::{Journal, Posting};
use avstem_domain::ledger::account::Account;
use avstem_domain::money::{Currency, Money};
use chrono::NaiveDate;

/// Journals in one page.
const PAGE: i64 = 2_000;

/// A journal whose postings balance.
#[derive(Debug, Clone)]
pub struct Booked {
    pub journal: Journal,
    pub day: NaiveDate,
    pub lines: Vec<Line>,
}

/// A posting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub account: Account,
    /// Debit positive.
    pub amount: Money,
}

/// Which journals: booked on these days, and written up to a position.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    pub days: Days,
    pub last_position: i64,
}

/// The ledger as a whole, for a format that writes nothing else.
pub struct LedgerScope<'a> {
    pub days: Days,
    pub company: &'a str,
    pub currency: Currency,
    pub balances: &'a Balances<'a>,
    /// Is told of every journal.
    pub written: &'a mut dyn FnMut(),
}

/// Takes a page, and may read more.
pub type TakePage<'a> = dyn FnMut(&mut ReadTx<'_>, Vec<Booked>) -> Result<(), ExportError> + 'a;

/// Hands over page after page.
pub fn read(
    tx: &mut ReadTx<'_>,
    stretch: Stretch,
    take: &mut TakePage<'_>,
) -> Result<(), ExportError> {
    let from = stretch.days.from.map(|day| day.to_string());
    let to = stretch.days.to.map(|day| day.to_string());
    let mut after = (String::new(), i64::MIN);
    loop {
        let page = tx.journals_by_day(
            (from.as_deref(), to.as_deref()),
            stretch.last_position,
            (&after.0, after.1),
            PAGE,
        )?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = (last.booked_on.clone(), last.position);
        let page = booked(tx, page)?;
        take(tx, page)?;
    }
}

/// Journals with their postings, in the same order.
pub fn booked(tx: &mut ReadTx<'_>, page: Vec<Journal>) -> Result<Vec<Booked>, ExportError> {
    let lines = tx.postings_of_page(&page)?;
    page.into_iter()
        .zip(lines)
        .map(|(journal, own)| {
            require_balance(&journal.id, &own)?;
            let unreadable =
                |problem: String| ExportError::unreadable("the journal", &journal.id, problem);
            let day = NaiveDate::parse_from_str(&journal.booked_on, "%Y-%m-%d")
                .map_err(|error| unreadable(error.to_string()))?;
            let lines = own
                .iter()
                .map(|posting| line(posting).map_err(unreadable))
                .collect::<Result<_, _>>()?;
            Ok(Booked {
                journal,
                day,
                lines,
            })
        })
        .collect()
}

/// Books that were tampered with are not exported.
pub fn require_balance(journal_id: &str, lines: &[Posting]) -> Result<(), ExportError> {
    let problem = |problem: &str| ExportError::unreadable("the postings", journal_id, problem);
    if lines.len() < 2 {
        return Err(problem("fewer than two are there"));
    }
    let comes_to_nothing = |currency: &str| {
        let own = lines.iter().filter(|line| line.currency == currency);
        own.fold(0i128, |sum, line| {
            sum.saturating_add(i128::from(line.amount))
        }) == 0
    };
    if !lines.iter().all(|line| comes_to_nothing(&line.currency)) {
        return Err(problem("they do not balance"));
    }
    Ok(())
}

fn line(posting: &Posting) -> Result<Line, String> {
    let currency = Currency::parse(&posting.currency).map_err(|error| error.to_string())?;
    Ok(Line {
        account: Account::parse(&posting.account).map_err(|error| error.to_string())?,
        amount: Money::from_minor(posting.amount, currency),
    })
}

/// The text on one line, with spaces for control characters and for what means something in a format.
pub fn one_line(text: &str, meaning: &[char]) -> String {
    let plain = |c: char| {
        if c.is_control() || meaning.contains(&c) {
            ' '
        } else {
            c
        }
    };
    text.chars().map(plain).collect()
}
