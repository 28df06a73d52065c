//! What every account stands at, per currency.

use super::books::money;
use super::{App, Failure};
use crate::store::ReadTx;
use crate::store::rows::Journal;
use avstem_domain::money::{Money, MoneyError};
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};

/// Journals in one page.
const PAGE: i64 = 2_000;

/// Every account that was ever posted to, by currency code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialBalance {
    pub currencies: BTreeMap<String, CurrencyBalance>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrencyBalance {
    /// By account name; debit positive.
    pub accounts: BTreeMap<String, Money>,
    /// The sum of all accounts: zero, or the books are broken.
    pub total: Money,
}

/// The balances of everything booked up to `as_of`, that day included; of everything without a day.
pub fn trial_balance(app: &App, as_of: Option<NaiveDate>) -> Result<TrialBalance, Failure> {
    app.store.snapshot(|tx| trial_balance_in(tx, as_of))
}

/// The same inside a transaction, which must be a snapshot.
///
/// What is sealed comes from the cached sums by day, what is not yet from the journals themselves.
pub fn trial_balance_in(
    tx: &mut ReadTx<'_>,
    as_of: Option<NaiveDate>,
) -> Result<TrialBalance, Failure> {
    // Days are stored as text that sorts as they do.
    let last_day = as_of.map(|day| day.to_string());
    let counts = |booked_on: &str| last_day.as_deref().is_none_or(|last| booked_on <= last);
    let mut sums = Sums::default();
    for day in tx
        .daily_balances()?
        .into_iter()
        .filter(|day| counts(&day.booked_on))
    {
        sums.add(day.currency, day.account, day.amount)?;
    }
    let mut position = tx.chain_head()?.position;
    loop {
        let page = tx.journals_after(position, PAGE)?;
        let Some(last) = page.last() else { break };
        position = last.position;
        add_journals(
            tx,
            &mut sums,
            page.iter().filter(|journal| counts(&journal.booked_on)),
        )?;
    }
    sums.balance()
}

fn add_journals<'a>(
    tx: &mut ReadTx<'_>,
    sums: &mut Sums,
    journals: impl Iterator<Item = &'a Journal>,
) -> Result<(), Failure> {
    let ids: BTreeSet<String> = journals.map(|journal| journal.id.clone()).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    for posting in tx.postings_of(&ids)? {
        sums.add(posting.currency, posting.account, posting.amount)?;
    }
    Ok(())
}

/// Minor units by currency and account.
#[derive(Default)]
struct Sums(BTreeMap<String, BTreeMap<String, i128>>);

impl Sums {
    fn add(&mut self, currency: String, account: String, minor: i64) -> Result<(), MoneyError> {
        let sum = self
            .0
            .entry(currency)
            .or_default()
            .entry(account)
            .or_default();
        *sum = sum
            .checked_add(i128::from(minor))
            .ok_or(MoneyError::Overflow)?;
        Ok(())
    }

    fn balance(self) -> Result<TrialBalance, Failure> {
        let mut currencies = BTreeMap::new();
        for (code, accounts) in self.0 {
            currencies.insert(code.clone(), currency_balance(&code, accounts)?);
        }
        Ok(TrialBalance { currencies })
    }
}

fn currency_balance(
    code: &str,
    accounts: BTreeMap<String, i128>,
) -> Result<CurrencyBalance, Failure> {
    let amount = |minor: i128| {
        let minor = i64::try_from(minor).map_err(|_| MoneyError::Overflow)?;
        money(minor, code)
    };
    let total = accounts
        .values()
        .try_fold(0i128, |sum, minor| sum.checked_add(*minor))
        .ok_or(MoneyError::Overflow)?;
    let accounts = accounts
        .into_iter()
        .map(|(account, minor)| Ok((account, amount(minor)?)));
    Ok(CurrencyBalance {
        accounts: accounts.collect::<Result<_, Failure>>()?,
        total: amount(total)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(postings: &[(&str, &str, i64)]) -> Sums {
        let mut sums = Sums::default();
        for (currency, account, minor) in postings {
            sums.add((*currency).to_owned(), (*account).to_owned(), *minor)
                .unwrap();
        }
        sums
    }

    #[test]
    fn currencies_are_balanced_apart_and_print_their_own_digits() {
        let balance = sums(&[
            ("SEK", "assets:provider:stripe", 24_900),
            ("SEK", "liabilities:vat", -4_980),
            ("SEK", "liabilities:deferred_revenue", -19_920),
            ("JPY", "assets:provider:stripe", 1_200),
            ("JPY", "income:orders", -1_200),
        ])
        .balance()
        .unwrap();
        let sek = &balance.currencies["SEK"];
        assert_eq!(sek.total.to_decimal_string(), "0.00");
        assert_eq!(
            sek.accounts["assets:provider:stripe"].to_decimal_string(),
            "249.00"
        );
        assert_eq!(balance.currencies["JPY"].total.to_decimal_string(), "0");
    }

    #[test]
    fn sums_pass_64_bits_on_the_way_but_not_at_the_end() {
        let there_and_back = sums(&[
            ("SEK", "a", i64::MAX),
            ("SEK", "a", i64::MAX),
            ("SEK", "a", -i64::MAX),
        ]);
        assert_eq!(
            there_and_back.balance().unwrap().currencies["SEK"]
                .total
                .minor(),
            i64::MAX
        );
        let too_much = sums(&[("SEK", "a", i64::MAX), ("SEK", "a", 1)]);
        assert!(matches!(
            too_much.balance(),
            Err(Failure::Money(MoneyError::Overflow))
        ));
    }

    #[test]
    fn a_currency_nobody_knows_is_an_error_and_not_left_out() {
        assert!(matches!(
            sums(&[("XQX", "a", 1)]).balance(),
            Err(Failure::Unreadable(_))
        ));
    }
}
