//! What the amounts of a table come to, by account where there is one, and by currency.

use super::table::{Column, Holds, Value};
use avstem_domain::money::{Currency, Money};
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};

pub struct Totals {
    /// Columns of amounts, by position.
    amounts: Vec<(usize, &'static str)>,
    account: Option<usize>,
    sums: BTreeMap<(&'static str, String, Currency), i128>,
}

impl Totals {
    #[must_use]
    pub fn new(columns: &'static [Column]) -> Self {
        let amounts = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.holds == Holds::Amount)
            .map(|(at, column)| (at, column.name));
        Self {
            amounts: amounts.collect(),
            account: columns.iter().position(|column| column.name == "account"),
            sums: BTreeMap::new(),
        }
    }

    /// Adds a row under the columns.
    pub fn add(&mut self, row: &[Value]) -> std::io::Result<()> {
        let account = match self.account.and_then(|at| row.get(at)) {
            Some(Value::Text(account)) => account.clone(),
            Some(
                Value::Null
                | Value::Id(_)
                | Value::Amount(_)
                | Value::Integer(_)
                | Value::Flag(_)
                | Value::Date(_)
                | Value::Time(_),
            )
            | None => String::new(),
        };
        for (at, name) in &self.amounts {
            if let Some(Value::Amount(amount)) = row.get(*at) {
                let key = (*name, account.clone(), amount.currency());
                let sum = self.sums.entry(key).or_default();
                *sum = sum
                    .checked_add(i128::from(amount.minor()))
                    .ok_or_else(too_much)?;
            }
        }
        Ok(())
    }

    /// Column, account, currency and sum, in that order.
    pub fn rows(&self) -> std::io::Result<Vec<[Value; 4]>> {
        let row = |((name, account, currency), sum): (&(&str, String, Currency), &i128)| {
            let minor = i64::try_from(*sum).map_err(|_| too_much())?;
            let account = match account.as_str() {
                "" => Value::Null,
                account => Value::Text(account.to_owned()),
            };
            Ok([
                Value::Text((*name).to_owned()),
                account,
                Value::Text(currency.code().to_owned()),
                Value::Amount(Money::from_minor(minor, *currency)),
            ])
        };
        self.sums.iter().map(row).collect()
    }
}

fn too_much() -> Error {
    Error::new(
        ErrorKind::InvalidData,
        "a total does not fit in 64 bits of minor units",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] =
        crate::exports::table::columns![account: Text, amount: Amount, refunded: Amount];

    fn row(account: &str, minor: i64, code: &str) -> [Value; 3] {
        let currency = Currency::parse(code).unwrap();
        [
            Value::Text(account.to_owned()),
            Value::Amount(Money::from_minor(minor, currency)),
            Value::Null,
        ]
    }

    #[test]
    fn amounts_are_summed_by_column_account_and_currency() {
        let mut totals = Totals::new(COLUMNS);
        for row in [
            row("b", 1, "SEK"),
            row("a", -24_900, "SEK"),
            row("a", 100, "SEK"),
            row("a", 7, "JPY"),
        ] {
            totals.add(&row).unwrap();
        }
        let text = |value: &Value| {
            if let Value::Text(text) = value {
                return text.clone();
            }
            let Value::Amount(amount) = value else {
                panic!("{value:?}")
            };
            amount.to_decimal_string()
        };
        let rows: Vec<String> = totals
            .rows()
            .unwrap()
            .iter()
            .map(|row| row.each_ref().map(text).join(" "))
            .collect();
        assert_eq!(
            rows,
            [
                "amount a JPY 7",
                "amount a SEK -248.00",
                "amount b SEK 0.01"
            ]
        );
    }

    #[test]
    fn a_total_beyond_64_bits_is_an_error() {
        let mut totals = Totals::new(COLUMNS);
        totals.add(&row("a", i64::MAX, "SEK")).unwrap();
        totals.add(&row("a", 1, "SEK")).unwrap();
        assert!(totals.rows().is_err());
    }
}
