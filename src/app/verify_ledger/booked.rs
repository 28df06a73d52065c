//! What journals come to by day, account and currency.

use super::form::read_day;
use super::texts::Texts;
use crate::app::month_end::statement::Sums;
use avstem_domain::ledger::account::{Account, AccountError};
use avstem_domain::money::{Currency, MoneyError};
use chrono::NaiveDate;
use std::collections::HashMap;

/// By the numbers of days, accounts and currencies, each of which is read once.
#[derive(Debug, Default)]
pub struct Booked {
    days: Texts<Option<NaiveDate>>,
    accounts: Texts<Option<AccountError>>,
    currencies: Texts<Option<MoneyError>>,
    counts: HashMap<usize, Count>,
    sums: HashMap<Place, Sum>,
}

/// Where something is booked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    day: usize,
    account: usize,
    currency: usize,
}

/// How much was booked.
#[derive(Debug, Default, Clone, Copy)]
pub struct Count {
    pub journals: u64,
    pub postings: u64,
}

#[derive(Debug, Default, Clone, Copy)]
pub struct Sum {
    pub booked: Sums,
    /// Of sealed journals alone.
    pub sealed: i128,
}

/// A sum and its place by name.
pub struct Line<'a> {
    pub day: &'a str,
    pub account: &'a str,
    pub currency: &'a str,
    pub sum: Sum,
}

/// A posting's place, and what is wrong with its account and its currency.
pub struct Placed {
    pub place: Place,
    pub account: Option<AccountError>,
    pub currency: Option<MoneyError>,
}

impl Booked {
    /// A journal's day, and its number.
    pub fn day(&mut self, text: &str) -> (usize, Option<NaiveDate>) {
        self.days.get(text, read_day)
    }

    pub fn place(&mut self, day: usize, account: &str, currency: &str) -> Placed {
        let (account, no_account) = self
            .accounts
            .get(account, |text| Account::parse(text).err());
        let (currency, no_currency) = self
            .currencies
            .get(currency, |text| Currency::parse(text).err());
        Placed {
            place: Place {
                day,
                account,
                currency,
            },
            account: no_account,
            currency: no_currency,
        }
    }

    pub fn journal(&mut self, day: usize, postings: usize) {
        self.counts.entry(day).or_default().add(Count {
            journals: 1,
            postings: u64::try_from(postings).unwrap_or(u64::MAX),
        });
    }

    pub fn posting(&mut self, place: Place, amount: i64, sealed: Sealed) {
        let sum = self.sums.entry(place).or_default();
        sum.booked.add(amount);
        match sealed {
            Sealed::Yes => sum.sealed = sum.sealed.saturating_add(i128::from(amount)),
            Sealed::No => {}
        }
    }

    /// Adds what others came to.
    pub fn add(&mut self, others: &Self) {
        for (day, count) in others.counts() {
            let (day, _) = self.day(day);
            self.counts.entry(day).or_default().add(count);
        }
        for line in others.lines() {
            let (day, _) = self.day(line.day);
            let place = self.place(day, line.account, line.currency).place;
            let sum = self.sums.entry(place).or_default();
            sum.booked.join(line.sum.booked);
            sum.sealed = sum.sealed.saturating_add(line.sum.sealed);
        }
    }

    /// Days, and how much was booked on each.
    pub fn counts(&self) -> impl Iterator<Item = (&str, Count)> {
        let days = self.days.texts();
        self.counts
            .iter()
            .map(move |(day, count)| (named(&days, *day), *count))
    }

    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let days = self.days.texts();
        let accounts = self.accounts.texts();
        let currencies = self.currencies.texts();
        self.sums.iter().map(move |(place, sum)| Line {
            day: named(&days, place.day),
            account: named(&accounts, place.account),
            currency: named(&currencies, place.currency),
            sum: *sum,
        })
    }
}

fn named<'a>(texts: &HashMap<usize, &'a str>, number: usize) -> &'a str {
    texts.get(&number).copied().unwrap_or_default()
}

impl Count {
    pub fn add(&mut self, other: Self) {
        self.journals = self.journals.saturating_add(other.journals);
        self.postings = self.postings.saturating_add(other.postings);
    }
}

/// Whether a posting's journal is part of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    Yes,
    No,
}
