//! Our bank accounts: those of the settings, and what their statements have said so far.

use super::super::{App, Failure};
use super::{ImportError, holders};
use crate::config::Bank;
use crate::store::rows::StatementHolder;
use avstem_domain::ledger::account::BankAccount as AccountName;
use avstem_domain::statement::bank_id::BankAccount;
use avstem_statements::context::ReadContext;
use avstem_statements::summary::Summary;

/// The account whose statements are taken when the settings name none.
const MAIN: &str = "main";

/// The accounts of the settings; one called `main` when they name none.
pub fn banks(app: &App) -> Vec<Bank> {
    let all: Vec<Bank> = app.config.banks.values().cloned().collect();
    if all.is_empty() {
        let name = AccountName::parse(MAIN).ok();
        return name
            .into_iter()
            .map(|name| Bank {
                name,
                iban: None,
                table: None,
            })
            .collect();
    }
    all
}

fn names(app: &App) -> String {
    let names: Vec<String> = banks(app)
        .iter()
        .map(|bank| bank.name.to_string())
        .collect();
    names.join(", ")
}

pub fn bank_named(app: &App, name: &str) -> Result<Bank, ImportError> {
    let named = |bank: &Bank| bank.name.as_str() == name;
    banks(app)
        .into_iter()
        .find(named)
        .ok_or_else(|| ImportError::UnknownAccount {
            name: name.chars().take(64).collect(),
            known: names(app),
        })
}

/// Of several accounts, the one that a statement says it is of.
pub fn bank_of(app: &App, summary: &Summary) -> Result<Bank, ImportError> {
    let unknown = || ImportError::NoSuchAccount {
        found: holders::accounts(summary).next().map_or_else(
            || "no account that it names".to_owned(),
            ToString::to_string,
        ),
        known: names(app),
    };
    let account = holders::accounts(summary).next().ok_or_else(unknown)?;
    for bank in banks(app) {
        let known = match &bank.iban {
            Some(iban) => Some(iban.clone()),
            None => earlier_account(app, &bank)?,
        };
        if known.is_some_and(|known| known.is_same_account(account)) {
            return Ok(bank);
        }
    }
    Err(unknown())
}

/// How statements of an account are read.
pub fn context_of(app: &App, bank: &Bank) -> Result<ReadContext, ImportError> {
    let mut context = ReadContext::new(app.config.time_zone);
    context.account = match &bank.iban {
        Some(iban) => Some(iban.clone()),
        None => earlier_account(app, bank)?,
    };
    context.bank_table.clone_from(&bank.table);
    Ok(context)
}

/// The account that the first statement named.
pub fn earlier_account(app: &App, bank: &Bank) -> Result<Option<BankAccount>, ImportError> {
    let holders: Vec<StatementHolder> = app.store.read(|tx| {
        tx.holders_of("bank", bank.name.as_str())
            .map_err(Failure::from)
    })?;
    let first = holders
        .first()
        .map(|holder| BankAccount::parse(&holder.name));
    Ok(first
        .transpose()
        .map_err(|e| Failure::unreadable("bank account", e))?)
}
