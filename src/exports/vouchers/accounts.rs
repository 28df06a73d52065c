//! The numbers that accounts have in an accounting program.

use avstem_domain::ledger::account::Account;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The Swedish standard chart.
const BUILT_IN: &str = include_str!("../../../accounts/bas.toml");

/// Which number and name each account has. Complete: an account that no entry names is an error when
/// the built-in chart is read, which a test does.
#[derive(Debug, Clone)]
pub struct Chart(BTreeMap<String, NumberedAccount>);

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberedAccount {
    /// Three to six digits.
    pub number: String,
    pub name: String,
}

impl Chart {
    /// The built-in chart.
    pub fn built_in() -> Result<Self, String> {
        read(BUILT_IN).map(Self)
    }

    /// The built-in chart with entries of a file in their places. An error says which entry is wrong
    /// and how.
    pub fn with(file: &str) -> Result<Self, String> {
        let mut chart = Self::built_in()?;
        chart.0.extend(read(file)?);
        Ok(chart)
    }

    /// By an account's own name, or by its name without the last part.
    #[must_use]
    pub fn of(&self, account: &Account) -> Option<&NumberedAccount> {
        let name = account.to_string();
        let group = name.rsplit_once(':').map_or("", |(group, _)| group);
        self.0.get(&name).or_else(|| self.0.get(group))
    }
}

impl NumberedAccount {
    /// In SIE: T for assets, S for liabilities and equity, I for income, K for costs, as the first digit
    /// has it.
    #[must_use]
    pub fn class(&self) -> char {
        match self.number.chars().next() {
            Some('1') => 'T',
            Some('2') => 'S',
            Some('3') => 'I',
            Some(_) | None => 'K',
        }
    }
}

fn read(file: &str) -> Result<BTreeMap<String, NumberedAccount>, String> {
    let chart: BTreeMap<String, NumberedAccount> =
        toml::from_str(file).map_err(|error| error.to_string())?;
    for (account, entry) in &chart {
        let known =
            Account::parse(account).is_ok() || Account::parse(&format!("{account}:x")).is_ok();
        if !known {
            return Err(format!(
                "{account:?} is not an account of the ledger; docs/ledger.md lists them"
            ));
        }
        let digits = entry.number.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || !(3..=6).contains(&entry.number.len()) {
            return Err(format!(
                "the number of {account:?} is {:?}, not three to six digits",
                entry.number
            ));
        }
        let shown = |c: char| !c.is_control() && !"\"\\".contains(c);
        if entry.name.trim().is_empty() || !entry.name.chars().all(shown) {
            return Err(format!(
                "the name of {account:?} must be one line without quotes and backslashes"
            ));
        }
    }
    Ok(chart)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(chart: &Chart, account: &str) -> String {
        let account = Account::parse(account).unwrap();
        chart.of(&account).unwrap().number.clone()
    }

    #[test]
    fn every_account_has_a_number() {
        let chart = Chart::built_in().unwrap();
        for account in [
            "assets:provider:stripe",
            "assets:provider_reserve:stripe",
            "assets:payouts_in_transit:stripe",
            "assets:bank:main",
            "assets:disputed:stripe",
            "assets:suspense",
            "liabilities:deferred_revenue",
            "liabilities:refunds_payable",
            "liabilities:vat",
            "liabilities:customer_credit",
            "income:subscriptions",
            "income:orders",
            "income:refunds",
            "expenses:provider_fees",
            "expenses:dispute_fees",
            "expenses:dispute_losses",
            "expenses:bank_fees",
            "expenses:fx",
            "equity:conversion",
            "equity:opening",
        ] {
            assert_eq!(number(&chart, account).len(), 4, "{account}");
        }
    }

    #[test]
    fn a_file_comes_before_what_is_built_in_and_an_account_before_its_group() {
        let chart = Chart::with(
            "\"assets:provider\" = { number = \"1580\", name = \"Kortfordringar\" }\n\
             \"assets:provider:paypal\" = { number = \"1581\", name = \"PayPal\" }\n",
        )
        .unwrap();
        assert_eq!(number(&chart, "assets:provider:stripe"), "1580");
        assert_eq!(number(&chart, "assets:provider:paypal"), "1581");
        assert_eq!(number(&chart, "assets:payouts_in_transit:paypal"), "1686");
        assert_eq!(number(&chart, "liabilities:vat"), "2611");
    }

    #[test]
    fn a_wrong_entry_is_refused_with_its_name() {
        for (file, said) in [
            (
                "\"assets:cash\" = { number = \"1910\", name = \"Kassa\" }",
                "assets:cash",
            ),
            ("\"income\" = { number = \"3000\", name = \"x\" }", "income"),
            (
                "\"liabilities:vat\" = { number = \"26x1\", name = \"Moms\" }",
                "26x1",
            ),
            (
                "\"liabilities:vat\" = { number = \"2\", name = \"Moms\" }",
                "digits",
            ),
            (
                "\"liabilities:vat\" = { number = \"2611\", name = \"\" }",
                "name",
            ),
            (
                "\"liabilities:vat\" = { number = \"2611\", name = \"a\\nb\" }",
                "name",
            ),
            ("\"liabilities:vat\" = { number = \"2611\" }", "name"),
            (
                "\"liabilities:vat\" = { number = 2611, name = \"Moms\" }",
                "number",
            ),
            (
                "\"liabilities:vat\" = { number = \"2611\", name = \"Moms\", code = 1 }",
                "code",
            ),
            ("liabilities:vat = 1", "line 1"),
        ] {
            let problem = Chart::with(file).unwrap_err();
            assert!(problem.contains(said), "{file}: {problem}");
        }
    }

    #[test]
    fn a_number_tells_what_an_account_is() {
        let class = |number: &str| {
            NumberedAccount {
                number: number.to_owned(),
                name: String::new(),
            }
            .class()
        };
        assert_eq!(
            ["1686", "2611", "3001", "6570", "7960"].map(class),
            ['T', 'S', 'I', 'K', 'K']
        );
    }
}
