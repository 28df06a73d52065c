//! When what customers paid ahead is earned: the schedule of everything that was ever deferred.
//!
//! It follows from the charges, their periods and what went back of them, and does not ask which months are
//! closed. What closings have recognised is the months behind; what stands in the books is the rest.

use super::picture::{Outcome, Panel, Picture, Row, Standing, Tone};
use super::{Span, of_connection};
use crate::i18n::Speech;
use avstem_domain::money::{Currency, Money, MoneyError};
use avstem_domain::revenue::{Month, schedule};
use avstem_domain::time::BillingPeriod;
use std::collections::BTreeMap;

/// Months that a picture shows; what is later is one row.
const MONTHS_SHOWN: usize = 36;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revenue {
    pub span: Span,
    pub connection: Option<String>,
    pub currencies: BTreeMap<Currency, Schedule>,
}

/// In one currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// Earned in the months before those asked for.
    pub before: Money,
    /// Months in which something is earned, in their order.
    pub months: BTreeMap<Month, Money>,
    /// Earned in the months after those asked for.
    pub after: Money,
    /// All of it.
    pub scheduled: Money,
    /// What stands in deferred revenue; `None` when it is not known of one connection alone.
    pub standing: Option<Money>,
}

impl Schedule {
    const fn nothing(currency: Currency) -> Self {
        let none = Money::zero(currency);
        Self {
            before: none,
            months: BTreeMap::new(),
            after: none,
            scheduled: none,
            standing: None,
        }
    }

    /// What closings have made income of it, less what they took back.
    pub fn recognised(&self) -> Result<Option<Money>, MoneyError> {
        let earned = |standing| self.scheduled.checked_sub(standing);
        self.standing.map(earned).transpose()
    }
}

impl Revenue {
    #[must_use]
    pub const fn new(span: Span, connection: Option<String>) -> Self {
        Self {
            span,
            connection,
            currencies: BTreeMap::new(),
        }
    }

    /// Adds what a charge left in deferred revenue.
    pub fn add(
        &mut self,
        deferred: Money,
        period: BillingPeriod,
        zone: chrono_tz::Tz,
    ) -> Result<(), MoneyError> {
        let [from, to] = [self.span.from, self.span.to].map(|day| day.map(Month::of));
        for (month, part) in schedule(deferred, period, None, zone)? {
            let schedule = self.of(deferred.currency());
            schedule.scheduled = schedule.scheduled.checked_add(part)?;
            let none = Money::zero(part.currency());
            let sum = if from.is_some_and(|from| month < from) {
                &mut schedule.before
            } else if to.is_some_and(|to| to < month) {
                &mut schedule.after
            } else {
                schedule.months.entry(month).or_insert(none)
            };
            *sum = sum.checked_add(part)?;
        }
        Ok(())
    }

    /// Says what stands in deferred revenue.
    pub fn stands(&mut self, amount: Money) {
        if !amount.is_zero() || self.currencies.contains_key(&amount.currency()) {
            self.of(amount.currency()).standing = Some(amount);
        }
    }

    fn of(&mut self, currency: Currency) -> &mut Schedule {
        self.currencies
            .entry(currency)
            .or_insert_with(|| Schedule::nothing(currency))
    }

    #[must_use]
    pub fn picture(&self, speech: Speech) -> Picture {
        let panels = self.currencies.iter();
        let panels = panels
            .filter_map(|(currency, schedule)| schedule.panel(*currency, speech).ok().flatten());
        Picture {
            name: "revenue",
            language: speech.locale.as_str(),
            title: speech.text("report-revenue"),
            scope: format!(
                "{}, {}",
                self.span.told(speech),
                of_connection(self.connection.as_deref(), speech)
            ),
            legend: Vec::new(),
            panels: panels.collect(),
            notes: Vec::new(),
            nothing: speech.text("report-nothing-deferred"),
        }
    }
}

impl Schedule {
    fn panel(&self, currency: Currency, speech: Speech) -> Result<Option<Panel>, MoneyError> {
        let row = |label: String, amount: Money, tone: Tone| {
            Row::from_zero(label, amount.minor(), tone, speech.figure(amount))
        };
        let mut rows = Vec::new();
        if !self.before.is_zero() {
            rows.push(row(
                speech.text("revenue-before"),
                self.before,
                Tone::Hollow,
            ));
        }
        let mut after = self.after;
        let none = Money::zero(currency);
        let last = self.months.keys().next_back().copied();
        let mut month = self.months.keys().next().copied();
        let mut shown = 0usize;
        while let Some(one) = month.filter(|one| last.is_some_and(|last| *one <= last)) {
            let earned = self.months.get(&one).copied().unwrap_or(none);
            if shown < MONTHS_SHOWN {
                rows.push(row(one.to_string(), earned, Tone::Whole));
            } else {
                after = after.checked_add(earned)?;
            }
            shown = shown.saturating_add(1);
            month = Some(one.next()).filter(|next| *next > one);
        }
        if !after.is_zero() {
            rows.push(row(speech.text("revenue-after"), after, Tone::Hollow));
        }
        if rows.is_empty() {
            return Ok(None);
        }
        let outcome = self.outcome(speech)?;
        Ok(Some(Panel::fitted(
            currency.code().to_owned(),
            outcome,
            rows,
        )))
    }

    fn outcome(&self, speech: Speech) -> Result<Option<Outcome>, MoneyError> {
        let (Some(standing), Some(recognised)) = (self.standing, self.recognised()?) else {
            return Ok(None);
        };
        let values = [
            ("earned", speech.figure(recognised)),
            ("left", speech.figure(standing)),
        ];
        let values: Vec<(&str, &str)> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        Ok(Some(Outcome {
            standing: Standing::Neutral,
            text: speech.with("revenue-standing", &values),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use avstem_domain::time::Timestamp;

    const ZONE: chrono_tz::Tz = chrono_tz::Europe::Stockholm;

    fn sek(minor: i64) -> Money {
        Money::from_minor(minor, Currency::parse("SEK").unwrap())
    }

    fn year() -> BillingPeriod {
        let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
        BillingPeriod::new(at("2026-10-15T22:00:00Z"), at("2027-10-15T22:00:00Z")).unwrap()
    }

    #[test]
    fn months_outside_those_asked_for_are_sums_and_nothing_is_lost() {
        let day = |text: &str| Some(text.parse().unwrap());
        let span = Span {
            from: day("2026-12-31"),
            to: day("2027-02-01"),
        };
        let mut revenue = Revenue::new(span, None);
        revenue.add(sek(365_000), year(), ZONE).unwrap();
        revenue.stands(sek(300_000));
        let schedule = revenue.currencies.values().next().unwrap();
        let months: Vec<String> = schedule.months.keys().map(Month::to_string).collect();
        assert_eq!(months, ["2026-12", "2027-01", "2027-02"]);
        let within: i64 = schedule.months.values().map(Money::minor).sum();
        assert_eq!(
            schedule.before.minor() + within + schedule.after.minor(),
            365_000
        );
        assert_eq!(schedule.recognised().unwrap(), Some(sek(65_000)));
    }

    #[test]
    fn a_month_in_which_nothing_is_earned_has_a_row_between_others() {
        let mut revenue = Revenue::new(Span::default(), None);
        let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
        for (start, end) in [
            ("2026-01-05T00:00:00Z", "2026-01-20T00:00:00Z"),
            ("2026-03-05T00:00:00Z", "2026-03-20T00:00:00Z"),
        ] {
            let period = BillingPeriod::new(at(start), at(end)).unwrap();
            revenue.add(sek(100), period, ZONE).unwrap();
        }
        let speech = Speech {
            locale: crate::config::Locale::En,
            zone: ZONE,
        };
        let picture = revenue.picture(speech);
        let rows: Vec<&str> = picture.panels[0]
            .rows
            .iter()
            .map(|row| row.label.as_str())
            .collect();
        assert_eq!(rows, ["2026-01", "2026-02", "2026-03"]);
    }
}
