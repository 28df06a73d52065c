//! Exchange rates, from the file that `books.rates` names.

use avstem_domain::money::{Currency, Money};
use chrono::{Days, NaiveDate};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;

/// For how long a rate holds when there is no newer one, in days. Inclusive. Banks publish none on
/// holidays, and some companies keep one rate a month.
const RATE_HOLDS_DAYS: u64 = 31;

/// The price of one major unit of a currency in the books' own, by day.
#[derive(Debug, Clone, Default)]
pub struct Rates(BTreeMap<Currency, BTreeMap<NaiveDate, Decimal>>);

impl Rates {
    /// Reads a CSV file with the columns `date`, `currency` and `rate`, in that order:
    /// `2026-10-01,EUR,11.0535`. An error says which line is wrong and how.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rates = Self::default();
        let mut rows = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let header = rows.headers().map_err(|error| error.to_string())?;
        if header != &csv::StringRecord::from(vec!["date", "currency", "rate"]) {
            return Err("line 1: the columns must be date,currency,rate".to_owned());
        }
        for row in rows.records() {
            let row = row.map_err(|error| error.to_string())?;
            let line = row.position().map_or(0, csv::Position::line);
            let [Some(day), Some(currency), Some(rate)] = [row.get(0), row.get(1), row.get(2)]
            else {
                return Err(format!("line {line}: three values are needed"));
            };
            rates
                .add(day, currency, rate)
                .map_err(|problem| format!("line {line}: {problem}"))?;
        }
        Ok(rates)
    }

    fn add(&mut self, day: &str, currency: &str, rate: &str) -> Result<(), String> {
        let day = NaiveDate::parse_from_str(day, "%Y-%m-%d")
            .map_err(|_| format!("{day:?} is no day such as 2026-10-01"))?;
        let currency = Currency::parse(currency).map_err(|error| error.to_string())?;
        let rate = Decimal::from_str_exact(rate)
            .ok()
            .filter(|rate| *rate > Decimal::ZERO)
            .ok_or_else(|| format!("{rate:?} is no rate such as 11.0535"))?;
        let known = self.0.entry(currency).or_default();
        match known.insert(day, rate) {
            None => Ok(()),
            Some(_) => Err(format!("there is another rate of {currency} on {day}")),
        }
    }

    /// The rate of a day: its own, or the newest of the days before.
    fn on(&self, currency: Currency, day: NaiveDate) -> Option<Decimal> {
        let oldest = day
            .checked_sub_days(Days::new(RATE_HOLDS_DAYS))
            .unwrap_or(NaiveDate::MIN);
        self.0
            .get(&currency)?
            .range(oldest..=day)
            .next_back()
            .map(|(_, rate)| *rate)
    }

    /// The amount in another currency at the rate of a day, rounded once, half away from zero; `None`
    /// without a rate, or when it does not fit.
    pub(super) fn exchange(&self, amount: Money, into: Currency, day: NaiveDate) -> Option<i64> {
        let rate = self.on(amount.currency(), day)?;
        let exact = amount.to_decimal().checked_mul(rate)?;
        let digits = into.exponent();
        let mut rounded =
            exact.round_dp_with_strategy(digits, RoundingStrategy::MidpointAwayFromZero);
        rounded.rescale(digits);
        i64::try_from(rounded.mantissa()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn exchanged(rates: &Rates, minor: i64, code: &str, on: &str) -> Option<i64> {
        let amount = Money::from_minor(minor, currency(code));
        rates.exchange(amount, currency("SEK"), day(on))
    }

    #[test]
    fn a_rate_holds_until_the_next_and_for_a_month() {
        let file = "date,currency,rate\n2026-10-01,EUR,11.00\n2026-10-05, EUR ,11.50\n2026-10-01,JPY,0.0635\n2026-10-01,KWD,31\n";
        let rates = Rates::parse(file).unwrap();
        for (minor, code, on, into) in [
            (10_000, "EUR", "2026-10-01", Some(110_000)),
            (10_000, "EUR", "2026-10-04", Some(110_000)),
            (10_000, "EUR", "2026-10-05", Some(115_000)),
            (10_000, "EUR", "2026-11-05", Some(115_000)),
            (10_000, "EUR", "2026-11-06", None),
            (10_000, "EUR", "2026-09-30", None),
            (10_000, "USD", "2026-10-01", None),
            // 1000 yen, one and a half fils, and half an öre either way.
            (1_000, "JPY", "2026-10-01", Some(6_350)),
            (1_500, "KWD", "2026-10-01", Some(4_650)),
            (-1, "JPY", "2026-10-01", Some(-6)),
            (i64::MAX, "KWD", "2026-10-01", None),
        ] {
            assert_eq!(
                exchanged(&rates, minor, code, on),
                into,
                "{minor} {code} {on}"
            );
        }
        let half = Rates::parse("date,currency,rate\n2026-10-01,EUR,0.5\n").unwrap();
        assert_eq!(exchanged(&half, 1, "EUR", "2026-10-01"), Some(1));
        assert_eq!(exchanged(&half, -1, "EUR", "2026-10-01"), Some(-1));
    }

    #[test]
    fn a_wrong_file_is_refused_with_its_line() {
        for (file, said) in [
            ("", "line 1"),
            ("currency,date,rate\n", "line 1"),
            (
                "date,currency,rate\n2026-10-01,EUR,11\n2026-13-01,EUR,11\n",
                "line 3",
            ),
            ("date,currency,rate\n2026-10-01,XYZ,11\n", "XYZ"),
            ("date,currency,rate\n2026-10-01,EUR,0\n", "line 2"),
            ("date,currency,rate\n2026-10-01,EUR,-1\n", "line 2"),
            ("date,currency,rate\n2026-10-01,EUR,\"11,05\"\n", "11,05"),
            ("date,currency,rate\n2026-10-01,EUR\n", "line: 2"),
            (
                "date,currency,rate\n2026-10-01,EUR,11\n2026-10-01,EUR,12\n",
                "another rate",
            ),
        ] {
            let problem = Rates::parse(file).unwrap_err();
            assert!(problem.contains(said), "{file:?}: {problem}");
        }
    }
}
