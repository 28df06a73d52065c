//! The ledger, looked at: accounts with their balances, and journals with their postings.

use super::trial_balance::trial_balance;
use super::{App, Failure};
use crate::store::ReadTx;
use crate::store::rows::{Journal, Posting, Stretch};
use avstem_domain::money::Money;
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// An account and what it holds, one amount a currency; debits are positive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountView {
    pub account: String,
    pub balances: Vec<Money>,
}

/// Every account that was ever posted to, by name.
pub fn accounts(app: &App) -> Result<Vec<AccountView>, Failure> {
    let mut accounts: BTreeMap<String, Vec<Money>> = BTreeMap::new();
    for currency in trial_balance(app, None)?.currencies.into_values() {
        for (account, balance) in currency.accounts {
            accounts.entry(account).or_default().push(balance);
        }
    }
    let view = |(account, balances)| AccountView { account, balances };
    Ok(accounts.into_iter().map(view).collect())
}

/// What a list of journals is narrowed to. Days are inclusive and those of the books' time zone.
#[derive(Debug, Default)]
pub struct Filter {
    /// What the journals are about: an id of ours or the provider's.
    pub reference: Option<String>,
    pub from: Option<NaiveDate>,
    pub to: Option<NaiveDate>,
    /// A journal's id: only older ones follow.
    pub before: Option<String>,
}

/// A journal with its postings in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JournalView {
    pub row: Journal,
    pub postings: Vec<Posting>,
}

#[derive(Debug, thiserror::Error)]
pub enum JournalsError {
    /// `before` names no journal.
    #[error("there is no journal {0}")]
    NoSuchJournal(String),
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<crate::store::StoreError> for JournalsError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Failure(error.into())
    }
}

/// Newest first.
pub fn journals(
    app: &App,
    filter: &Filter,
    limit: i64,
) -> Result<Stretch<JournalView, String>, JournalsError> {
    let day = |date: Option<NaiveDate>| date.map(|date| date.to_string());
    app.store.snapshot(|tx| {
        let before = match &filter.before {
            None => None,
            Some(id) => {
                let found = tx.journals_by_ids(std::slice::from_ref(id))?.pop();
                let found = found.ok_or_else(|| JournalsError::NoSuchJournal(id.clone()))?;
                Some(found.position)
            }
        };
        let (from, to) = (day(filter.from), day(filter.to));
        let (from, to) = (from.as_deref(), to.as_deref());
        let Stretch { rows, looked_to } = match &filter.reference {
            None => tx.list_journals(None, from, to, before, limit)?,
            Some(id) => {
                let references = references_of(tx, id)?;
                Stretch {
                    rows: tx.journals_about(&references, from, to, before, limit)?,
                    looked_to: None,
                }
            }
        };
        let last = match looked_to {
            Some(position) => tx.journal_at(position)?,
            None => None,
        };
        let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
        let mut postings: BTreeMap<String, Vec<Posting>> = BTreeMap::new();
        for posting in tx.postings_of(&ids)? {
            postings
                .entry(posting.journal_id.clone())
                .or_default()
                .push(posting);
        }
        let view = |row: Journal| JournalView {
            postings: postings.remove(&row.id).unwrap_or_default(),
            row,
        };
        Ok(Stretch {
            rows: rows.into_iter().map(view).collect(),
            looked_to: last.map(|journal| journal.id),
        })
    })
}

/// Every id under which something is booked: a charge by the provider's, a refund by ours when it was
/// decided and by the provider's when its money moved.
fn references_of(tx: &mut ReadTx<'_>, id: &str) -> Result<Vec<String>, Failure> {
    let mut references = vec![id.to_owned()];
    references.extend(tx.find_charge(id)?.map(|charge| charge.provider_id));
    if let Some(refund) = tx.find_refund(id)? {
        references.push(refund.id);
        references.extend(refund.provider_id);
    }
    references.sort_unstable();
    references.dedup();
    Ok(references)
}
