//! What is still without a counterpart, in a fixed order, and what has come out so far.

use super::Rules;
use super::input::{Entry, Input, Line, Name, Payout, PayoutState, Record};
use super::outcome::{Counterpart, Item, Match, Outcome};
use crate::ledger::account::Connection;
use crate::money::{Money, MoneyError};
use chrono::NaiveDate;
use std::collections::BTreeSet;

pub struct Workspace<'i> {
    pub rules: Rules,
    pub input: &'i Input,
    pub lines: Vec<&'i Line>,
    pub records: Vec<&'i Record>,
    pub payouts: Vec<OpenPayout<'i>>,
    pub entries: Vec<OpenEntry<'i>>,
    pub outcome: Outcome,
}

pub struct OpenPayout<'i> {
    pub payout: &'i Payout,
    /// What has not come to the bank; zero when all has.
    pub rest: Money,
}

pub struct OpenEntry<'i> {
    pub entry: &'i Entry,
    /// In upper case.
    tokens: BTreeSet<String>,
    /// Those that the line names.
    pub connections: Vec<&'i Connection>,
}

/// MT940 cuts references to this many characters.
const REFERENCE_CHARS_MAX: usize = 16;

/// A bank line can stand a few days before the arrival date that a provider promised, or after.
const DAYS_BEFORE: i64 = 3;
const DAYS_AFTER: i64 = 14;

impl<'i> Workspace<'i> {
    pub fn new(input: &'i Input, rules: Rules) -> Self {
        let mut lines: Vec<&Line> = input.lines.iter().collect();
        lines.sort_by_key(|line| (&line.connection, line.occurred_at, &line.id));
        let mut records: Vec<&Record> = input.records.iter().collect();
        records.sort_by_key(|record| (&record.connection, record.kind, &record.id));
        let mut payouts: Vec<OpenPayout<'_>> = input.payouts.iter().map(OpenPayout::new).collect();
        payouts.sort_by_key(|open| {
            let payout = open.payout;
            (payout.arrival, &payout.connection, &payout.id)
        });
        let mut entries: Vec<OpenEntry<'_>> = input
            .entries
            .iter()
            .map(|entry| OpenEntry::new(entry, &input.names))
            .collect();
        entries.sort_by_key(|open| (open.entry.booked_on, &open.entry.id));
        Self {
            rules,
            input,
            lines,
            records,
            payouts,
            entries,
            outcome: Outcome::default(),
        }
    }

    /// Pairs a bank line with payouts, each for what is left of it.
    pub fn pair(
        &mut self,
        pass: &'static str,
        open: &OpenEntry<'i>,
        indices: &[usize],
    ) -> Result<(), MoneyError> {
        for index in indices {
            let Some(payout) = self.payouts.get(*index) else {
                continue;
            };
            let rest = payout.rest;
            self.take(pass, open, *index, rest, Money::zero(rest.currency()))?;
        }
        Ok(())
    }

    /// Pairs a bank line with one payout for `amount`, and for what the bank kept of it.
    pub fn take(
        &mut self,
        pass: &'static str,
        open: &OpenEntry<'i>,
        index: usize,
        amount: Money,
        bank_fee: Money,
    ) -> Result<(), MoneyError> {
        let Some(payout) = self.payouts.get_mut(index) else {
            return Ok(());
        };
        payout.rest = payout.rest.checked_sub(amount)?.checked_sub(bank_fee)?;
        self.outcome.matches.push(Match {
            pass,
            item: Item::Entry(open.entry.id.clone()),
            counterpart: Counterpart::Payout(
                payout.payout.connection.clone(),
                payout.payout.id.clone(),
            ),
            amount,
            bank_fee,
        });
        Ok(())
    }

    /// Payouts on their way that could be `open` by name, currency and day; never one that the line's own
    /// reference excludes.
    pub fn candidates(&self, open: &OpenEntry<'i>) -> Vec<usize> {
        if self.names_a_payout(open) {
            return Vec::new();
        }
        let fits = |payout: &OpenPayout<'_>| {
            payout.is_on_its_way()
                && payout.rest.currency() == open.entry.amount.currency()
                && open.connections.contains(&&payout.payout.connection)
                && is_near(open.entry.booked_on, payout.payout.arrival)
        };
        self.indices(fits)
    }

    pub fn indices(&self, fits: impl Fn(&OpenPayout<'_>) -> bool) -> Vec<usize> {
        let found = self.payouts.iter().enumerate();
        found
            .filter(|(_, payout)| fits(payout))
            .map(|(index, _)| index)
            .collect()
    }

    /// Σ of what is left of payouts; `None` when there are none.
    pub fn sum(&self, indices: &[usize]) -> Result<Option<Money>, MoneyError> {
        let rests = indices.iter().filter_map(|index| self.payouts.get(*index));
        rests
            .map(|payout| payout.rest)
            .try_fold(None, |sum: Option<Money>, rest| {
                sum.map_or(Ok(rest), |sum| sum.checked_add(rest)).map(Some)
            })
    }

    /// Whether the line refers to some payout, be it one that came long ago.
    pub fn names_a_payout(&self, open: &OpenEntry<'i>) -> bool {
        self.payouts
            .iter()
            .any(|payout| open.names(payout.payout) || open.shows_trace_of(payout.payout))
    }
}

impl<'i> OpenPayout<'i> {
    fn new(payout: &'i Payout) -> Self {
        Self {
            payout,
            rest: payout
                .amount
                .checked_sub(payout.came)
                .unwrap_or(payout.amount),
        }
    }

    /// Whether the bank is still to show some of it.
    pub fn is_on_its_way(&self) -> bool {
        match self.payout.state {
            PayoutState::Sent => !self.rest.is_zero(),
            PayoutState::CameBack => false,
        }
    }
}

impl<'i> OpenEntry<'i> {
    fn new(entry: &'i Entry, names: &'i [Name]) -> Self {
        let tokens: BTreeSet<String> = entry.words.iter().flat_map(|text| tokens(text)).collect();
        let spoken: Vec<String> = entry.words.iter().map(|text| spaced(text)).collect();
        let mut connections: Vec<&Connection> = names
            .iter()
            .filter(|name| {
                let wanted = spaced(&name.text);
                wanted.trim() != "" && spoken.iter().any(|text| text.contains(&wanted))
            })
            .map(|name| &name.connection)
            .collect();
        connections.sort();
        Self {
            entry,
            tokens,
            connections,
        }
    }

    /// Whether the line carries the payout's own id, whole or as MT940 cuts it.
    pub fn names(&self, payout: &Payout) -> bool {
        let id = payout.id.as_str().to_uppercase();
        let cut: Option<&str> = id.get(..REFERENCE_CHARS_MAX);
        self.tokens.contains(&id) || cut.is_some_and(|cut| self.tokens.contains(cut))
    }

    pub fn shows_trace_of(&self, payout: &Payout) -> bool {
        payout
            .traces
            .iter()
            .any(|trace| self.tokens.contains(&trace.to_uppercase()))
    }
}

pub fn is_near(booked_on: NaiveDate, arrival: NaiveDate) -> bool {
    let days = booked_on.signed_duration_since(arrival).num_days();
    (-DAYS_BEFORE..=DAYS_AFTER).contains(&days)
}

/// Words in upper case, without the punctuation around them.
fn tokens(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '/' | ':' | '(' | ')'))
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .map(str::to_uppercase)
}

/// Upper-case words with one space before and behind each, so that only whole words are found.
fn spaced(text: &str) -> String {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_uppercase)
        .collect();
    format!(" {} ", words.join(" "))
}
