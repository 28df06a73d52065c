//! Which line of a bank is which, over the statements of one file.

use crate::context::ReadContext;
use crate::hashes::{Unhashed, hash_of};
use crate::problem::{Problem, ProblemCode};
use avstem_domain::money::Money;
use avstem_domain::statement::bank::EntryState;
use avstem_domain::statement::bank_id::{BankAccount, BankLineId};
use chrono::NaiveDate;
use std::collections::HashMap;

/// Gives every line its identity, and knows those that an earlier statement of the file told already: a
/// statement that was sent again, or one that overlaps.
#[derive(Default)]
pub struct Identities {
    /// By the hash of what the lines have in common.
    alike: HashMap<u64, Alike, Unhashed>,
    statement: u32,
}

/// Lines that differ in their number only.
#[derive(Default)]
struct Alike {
    /// The statement that told the last one, and how many it has told.
    statement: u32,
    count: u32,
    /// How many an earlier statement told at most.
    before: u32,
    /// The hash of the first one's reference as the file writes it.
    reference: u64,
}

/// What it means when a statement has two lines with one reference of the bank.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum SameReference {
    /// Two entries: the statement's balances hold only with both.
    Twins,
    /// One entry, and a row that was repeated: nothing says that it moved money twice.
    Repetition,
}

impl Identities {
    /// Lines that are alike count from 1 again; those of earlier statements stay known.
    pub const fn start_statement(&mut self) {
        self.statement = self.statement.saturating_add(1);
    }

    /// `Err` with the identity when an earlier statement has the line.
    pub fn identify(
        &mut self,
        account: &BankAccount,
        state: EntryState,
        booked_on: NaiveDate,
        amount: Money,
        reference: Option<&str>,
        same_reference: SameReference,
    ) -> Result<BankLineId, BankLineId> {
        let id = |occurrence| {
            BankLineId::new(account, booked_on, amount, reference, occurrence).in_state(state)
        };
        let first = id(1);
        let alike = self.alike.entry(hash_of(&first)).or_default();
        if alike.statement != self.statement {
            alike.statement = self.statement;
            alike.before = alike.before.max(alike.count);
            alike.count = 0;
        }
        if let Some(reference) = reference.filter(|_| same_reference == SameReference::Repetition) {
            let written = hash_of(&reference);
            if alike.count == 0 {
                alike.reference = written;
            } else if alike.reference == written {
                return Err(first);
            }
        }
        alike.count = alike.count.saturating_add(1);
        let id = if alike.count == 1 {
            first
        } else {
            id(alike.count)
        };
        if alike.count > alike.before {
            Ok(id)
        } else {
            Err(id)
        }
    }
}

/// The account by the name that the service knows it by, where a statement uses another.
pub fn known_account(account: BankAccount, context: &ReadContext) -> BankAccount {
    match &context.account {
        Some(known) if known.is_same_account(&account) => known.clone(),
        Some(_) | None => account,
    }
}

pub fn repeated(row: u64, column: &str, id: &BankLineId) -> Problem {
    let expected = "an entry that no earlier statement in the file has";
    Problem::new(row, column, ProblemCode::Repeated, id.as_str(), expected)
}
