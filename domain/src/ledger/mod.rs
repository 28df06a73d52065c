//! Double-entry bookkeeping: accounts, balanced journals, posting rules, the hash chain.
//!
//! Amounts are signed: a debit is positive, a credit negative. [`journal::Journal`] cannot be made
//! unbalanced; [`posting`] says which journal follows from which business event; [`chain`] makes a
//! change to a stored journal visible, and [`closing`] what a closed month came to. `docs/ledger.md` tells
//! the same with T-accounts.

pub mod account;
pub mod chain;
pub mod closing;
pub mod journal;
pub mod posting;

#[cfg(test)]
mod tests_histories;
