//! The ledger. Debits are positive.

use super::{Money, time};
use crate::app::Failure;
use crate::app::ledger_views::{AccountView, JournalView};
use crate::app::trial_balance;
use crate::http::problem::Problem;
use crate::store::rows;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
pub struct Account {
    account: String,
    r#type: String,
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

#[derive(Serialize)]
pub struct Journal {
    id: String,
    event: String,
    reference: String,
    description: String,
    connection: String,
    booked_on: String,
    occurred_at: String,
    recorded_at: String,
    postings: Vec<Posting>,
}

#[derive(Serialize)]
struct Posting {
    account: String,
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

#[derive(Serialize)]
pub struct TrialBalance {
    currencies: BTreeMap<String, CurrencyBalance>,
}

#[derive(Serialize)]
struct CurrencyBalance {
    accounts: BTreeMap<String, String>,
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
