//! The ledger. Debits are positive.

use super::{Money, time};
use crate::app::Failure;
use crate::app::ledger_views::{AccountView, JournalView};
use crate::app::trial_balance;
use crate::http::problem::Problem;
use crate::http::schema::{self, words};
use crate::store::rows;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// An account that was posted to. Debits are positive.
#[derive(Serialize, JsonSchema)]
pub struct Account {
    #[schemars(example = &"assets:provider:stripe")]
    account: String,
    #[schemars(with = "words::AccountType")]
    r#type: String,
    /// One for each currency.
    balances: Vec<Money>,
}

pub fn account(view: AccountView) -> Account {
    Account {
        // assets, liabilities, income, expenses or equity: the first part of every name.
        r#type: view
            .account
            .split(':')
            .next()
            .unwrap_or_default()
            .to_owned(),
        account: view.account,
        balances: view.balances.into_iter().map(Money::from).collect(),
    }
}

/// An entry that balances in every currency.
#[derive(Serialize, JsonSchema)]
pub struct Journal {
    #[schemars(with = "schema::JournalId")]
    id: String,
    #[schemars(with = "words::JournalEvent")]
    event: String,
    /// The provider's id of the charge or refund, or our own id of a refund that has none yet.
    #[schemars(example = &"ch_1")]
    reference: String,
    #[schemars(example = &"Charge ch_1")]
    description: String,
    /// A connection of the settings.
    #[schemars(example = &"stripe")]
    connection: String,
    #[schemars(with = "schema::Day")]
    booked_on: String,
    #[schemars(with = "schema::Time")]
    occurred_at: String,
    #[schemars(with = "schema::Time")]
    recorded_at: String,
    postings: Vec<Posting>,
}

/// A line of a journal.
#[derive(Serialize, JsonSchema)]
struct Posting {
    #[schemars(example = &"assets:provider:stripe")]
    account: String,
    /// Debit positive, credit negative.
    amount: Money,
}

pub fn journal(view: JournalView) -> Result<Journal, Problem> {
    let row = view.row;
    let posting = |posting: rows::Posting| -> Result<Posting, Failure> {
        Ok(Posting {
            amount: Money::from_minor(posting.amount, &posting.currency)?,
            account: posting.account,
        })
    };
    Ok(Journal {
        occurred_at: time(row.occurred_at)?,
        recorded_at: time(row.recorded_at)?,
        postings: view
            .postings
            .into_iter()
            .map(posting)
            .collect::<Result<_, _>>()?,
        id: row.id,
        event: row.event,
        reference: row.reference,
        description: row.description,
        connection: row.connection,
        booked_on: row.booked_on,
    })
}

/// What every account stands at.
#[derive(Serialize, JsonSchema)]
pub struct TrialBalance {
    /// By ISO 4217 code.
    currencies: BTreeMap<String, CurrencyBalance>,
}

#[derive(Serialize, JsonSchema)]
struct CurrencyBalance {
    /// Amounts by account; debits are positive.
    #[schemars(with = "BTreeMap<String, schema::Decimal>")]
    accounts: BTreeMap<String, String>,
    /// The sum, which is zero.
    #[schemars(with = "schema::Decimal")]
    total: String,
}

pub fn trial_balance(balance: trial_balance::TrialBalance) -> TrialBalance {
    let currency = |balance: trial_balance::CurrencyBalance| CurrencyBalance {
        accounts: balance
            .accounts
            .into_iter()
            .map(|(account, amount)| (account, amount.to_decimal_string()))
            .collect(),
        total: balance.total.to_decimal_string(),
    };
    TrialBalance {
        currencies: balance
            .currencies
            .into_iter()
            .map(|(code, balance)| (code, currency(balance)))
            .collect(),
    }
}
