//! Whose file it is: what it says itself, against the settings and against earlier files.

use super::ImportError;
use crate::config::{Bank, Connection};
use crate::store::rows::StatementHolder;
use avstem_domain::statement::bank_id::BankAccount;
use avstem_statements::summary::{Holder, Summary};

/// What a holder is, as it is stored, and its name.
pub fn named(holder: &Holder) -> (&'static str, &str) {
    match holder {
        Holder::BankAccount(account) => ("bank account", account.as_str()),
        Holder::Company(name) => ("company", name),
        Holder::MerchantAccount(name) => ("merchant account", name),
        Holder::ProviderAccount(name) => ("account", name),
    }
}

/// Errors when the file says that it is of another account at the provider.
///
/// A company has several merchant accounts, so that a new one is no stranger as long as its company is known.
pub fn check_provider(
    connection: &Connection,
    summary: &Summary,
    earlier: &[StatementHolder],
) -> Result<(), ImportError> {
    let owner = format!("connection {}", connection.name);
    if let Some(wanted) = &connection.account
        && let Some(holder) = summary.holders.first()
        && !summary
            .holders
            .iter()
            .any(|holder| named(holder).1.eq_ignore_ascii_case(wanted))
    {
        let (what, found) = named(holder);
        return Err(ImportError::OfAnother {
            what,
            found: found.to_owned(),
            owner,
            expected: wanted.clone(),
            because: "its `account` in the settings says so",
        });
    }
    for what in ["company", "account"] {
        let known: Vec<&StatementHolder> = earlier.iter().filter(|one| one.what == what).collect();
        let Some(first) = known.first() else { continue };
        let stranger = summary
            .holders
            .iter()
            .map(named)
            .find(|(kind, name)| *kind == what && !known.iter().any(|one| one.name == *name));
        if let Some((what, found)) = stranger {
            return Err(ImportError::OfAnother {
                what,
                found: found.to_owned(),
                owner,
                expected: first.name.clone(),
                because: "earlier files were",
            });
        }
    }
    Ok(())
}

/// Errors when the statement is of another account, or of several.
pub fn check_bank(
    bank: &Bank,
    summary: &Summary,
    earlier: Option<&BankAccount>,
) -> Result<(), ImportError> {
    let Some((wanted, because)) = bank
        .iban
        .as_ref()
        .map(|iban| (iban, "its `iban` in the settings says so"))
        .or(earlier.map(|account| (account, "earlier files were")))
        .or_else(|| {
            let first = accounts(summary).next()?;
            Some((first, "so it begins, and one file is of one account"))
        })
    else {
        return Ok(());
    };
    match accounts(summary).find(|account| !account.is_same_account(wanted)) {
        None => Ok(()),
        Some(stranger) => Err(ImportError::OfAnother {
            what: "bank account",
            found: stranger.to_string(),
            owner: format!("account {}", bank.name),
            expected: wanted.to_string(),
            because,
        }),
    }
}

pub fn accounts(summary: &Summary) -> impl Iterator<Item = &BankAccount> {
    summary.holders.iter().filter_map(|holder| match holder {
        Holder::BankAccount(account) => Some(account),
        Holder::Company(_) | Holder::MerchantAccount(_) | Holder::ProviderAccount(_) => None,
    })
}
