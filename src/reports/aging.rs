//! How old the open breaks are, by kind.

use super::picture::{Bar, Panel, Picture, Row, Tone, Weight};
use super::{named, of_connection};
use crate::i18n::Speech;
use avstem_domain::breaks::BreakKind;
use avstem_domain::money::{Currency, Money, MoneyError};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// The last day of each group but the last, counted from the day of the money.
pub const LAST_DAYS: [i64; 4] = [7, 30, 60, 90];
const GROUPS: usize = LAST_DAYS.len().saturating_add(1);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aging {
    /// The day that ages count to; `None` while nothing was reconciled.
    pub through: Option<NaiveDate>,
    pub connection: Option<String>,
    /// Kinds that have open breaks, in the order of [`BreakKind::ALL`].
    pub kinds: Vec<KindAges>,
}

/// The open breaks of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KindAges {
    pub kind: BreakKind,
    /// Days; of the oldest.
    pub oldest: i64,
    /// By age: up to each of [`LAST_DAYS`], and older.
    pub groups: [Group; GROUPS],
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    pub breaks: u64,
    /// What they differ by, each currency's whichever way. Differences between currencies have none.
    pub amounts: BTreeMap<Currency, Money>,
}

/// An open break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBreak {
    pub kind: BreakKind,
    pub age_days: i64,
    /// `None` when two currencies stand against each other.
    pub difference: Option<Money>,
}

impl Aging {
    #[must_use]
    pub const fn new(through: Option<NaiveDate>, connection: Option<String>) -> Self {
        Self {
            through,
            connection,
            kinds: Vec::new(),
        }
    }

    pub fn add(&mut self, one: &OpenBreak) -> Result<(), MoneyError> {
        if !self.kinds.iter().any(|known| known.kind == one.kind) {
            self.kinds.push(KindAges {
                kind: one.kind,
                oldest: 0,
                groups: Default::default(),
            });
            self.kinds.sort_by_key(|known| known.kind);
        }
        for known in self.kinds.iter_mut().filter(|known| known.kind == one.kind) {
            known.add(one)?;
        }
        Ok(())
    }

    #[must_use]
    pub fn picture(&self, speech: Speech) -> Picture {
        let total: u64 = self.kinds.iter().map(KindAges::breaks).sum();
        let rows = self.kinds.iter().map(|kind| kind.row(speech)).collect();
        let through = match self.through {
            Some(day) => speech.with("report-through", &[("day", &day.to_string())]),
            None => speech.text("report-never-reconciled"),
        };
        let count = speech.with("report-open-breaks", &[("count", &total.to_string())]);
        let panels = if self.kinds.is_empty() {
            Vec::new()
        } else {
            vec![Panel::fitted(count, None, rows)]
        };
        Picture {
            name: "breaks",
            language: speech.locale.as_str(),
            title: speech.text("report-breaks"),
            scope: format!(
                "{through}, {}",
                of_connection(self.connection.as_deref(), speech)
            ),
            legend: legend(speech),
            panels,
            notes: Vec::new(),
            nothing: speech.text("report-no-breaks"),
        }
    }
}

impl KindAges {
    #[must_use]
    pub fn breaks(&self) -> u64 {
        self.groups.iter().map(|group| group.breaks).sum()
    }

    /// What all of them differ by.
    pub fn amounts(&self) -> Result<BTreeMap<Currency, Money>, MoneyError> {
        let mut sums = BTreeMap::new();
        for amount in self.groups.iter().flat_map(|group| group.amounts.values()) {
            add_to(&mut sums, *amount)?;
        }
        Ok(sums)
    }

    fn add(&mut self, one: &OpenBreak) -> Result<(), MoneyError> {
        self.oldest = self.oldest.max(one.age_days);
        let younger = |last: &&i64| one.age_days > **last;
        let place = LAST_DAYS.iter().filter(younger).count();
        for group in self.groups.iter_mut().skip(place).take(1) {
            group.breaks = group.breaks.saturating_add(1);
            if let Some(difference) = one.difference {
                let size = if difference.is_positive() {
                    difference
                } else {
                    difference.checked_neg()?
                };
                add_to(&mut group.amounts, size)?;
            }
        }
        Ok(())
    }

    fn row(&self, speech: Speech) -> Row {
        let mut bars = Vec::new();
        let mut reached = 0i64;
        for (step, group) in (0u8..).zip(&self.groups) {
            let begin = reached;
            reached = reached.saturating_add(i64::try_from(group.breaks).unwrap_or(i64::MAX));
            if reached > begin {
                bars.push(Bar {
                    from: begin,
                    to: reached,
                    tone: Tone::Step(step),
                });
            }
        }
        // Sums that do not fit are left out of the picture; the JSON fails on them.
        let amounts = self.amounts().unwrap_or_default();
        let amounts = amounts.values().map(|amount| named(*amount, speech));
        let days = self.oldest.to_string();
        let mut detail = vec![speech.with("report-oldest", &[("days", &days)])];
        detail.extend(amounts);
        Row {
            label: kind_label(self.kind, speech),
            weight: Weight::Plain,
            bars,
            figure: self.breaks().to_string(),
            detail: detail.join(" · "),
            leads_to: None,
        }
    }
}

fn add_to(sums: &mut BTreeMap<Currency, Money>, amount: Money) -> Result<(), MoneyError> {
    let sum = sums
        .entry(amount.currency())
        .or_insert_with(|| Money::zero(amount.currency()));
    *sum = sum.checked_add(amount)?;
    Ok(())
}

/// `0–7 days` and so on.
fn legend(speech: Speech) -> Vec<(Tone, String)> {
    let mut first = 0i64;
    let mut legend = Vec::new();
    for (step, last) in (0u8..).zip(LAST_DAYS) {
        let days = format!("{first}–{last}");
        legend.push((
            Tone::Step(step),
            speech.with("report-days", &[("days", &days)]),
        ));
        first = last.saturating_add(1);
    }
    let last = LAST_DAYS.last().copied().unwrap_or_default().to_string();
    legend.push((
        Tone::Step(4),
        speech.with("report-older", &[("days", &last)]),
    ));
    legend
}

/// What a kind of break is called among people.
fn kind_label(kind: BreakKind, speech: Speech) -> String {
    match kind {
        BreakKind::MissingInLedger => speech.text("break-missing-in-ledger"),
        BreakKind::MissingAtProvider => speech.text("break-missing-at-provider"),
        BreakKind::AmountMismatch => speech.text("break-amount-mismatch"),
        BreakKind::FeeMismatch => speech.text("break-fee-mismatch"),
        BreakKind::CurrencyMismatch => speech.text("break-currency-mismatch"),
        BreakKind::DuplicateAtProvider => speech.text("break-duplicate-at-provider"),
        BreakKind::PayoutNotInBank => speech.text("break-payout-not-in-bank"),
        BreakKind::PayoutAmountMismatch => speech.text("break-payout-amount-mismatch"),
        BreakKind::BankLineUnmatched => speech.text("break-bank-line-unmatched"),
        BreakKind::StatusMismatch => speech.text("break-status-mismatch"),
        BreakKind::RefundOutsidePolicy => speech.text("break-refund-outside-policy"),
        BreakKind::ChargedAfterCancellation => speech.text("break-charged-after-cancellation"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_break_is_in_the_group_of_its_age_and_moves_on_the_day_after_its_last() {
        let mut aging = Aging::new(None, None);
        for age_days in [0, 7, 8, 30, 31, 60, 61, 90, 91, 4_000] {
            let one = OpenBreak {
                kind: BreakKind::AmountMismatch,
                age_days,
                difference: Some(Money::from_minor(-100, Currency::parse("SEK").unwrap())),
            };
            aging.add(&one).unwrap();
        }
        let [kind] = aging.kinds.as_slice() else {
            panic!("one kind");
        };
        assert_eq!(kind.groups.clone().map(|group| group.breaks), [2; 5]);
        assert_eq!(kind.oldest, 4_000);
        let sums: Vec<i64> = kind.amounts().unwrap().values().map(Money::minor).collect();
        assert_eq!(sums, [1_000]);
    }

    #[test]
    fn a_break_between_currencies_counts_and_has_no_amount() {
        let mut aging = Aging::new(None, None);
        let one = OpenBreak {
            kind: BreakKind::CurrencyMismatch,
            age_days: 1,
            difference: None,
        };
        aging.add(&one).unwrap();
        let kind = &aging.kinds[0];
        assert_eq!(kind.breaks(), 1);
        assert!(kind.amounts().unwrap().is_empty());
    }
}
