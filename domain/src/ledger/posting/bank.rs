//! What a bank statement tells of payouts, and what persons make of differences.

use super::super::account::{Account, BankAccount};
use super::super::journal::{Journal, JournalEvent, Posting};
use super::{Lines, Occasion, PostingError};
use crate::breaks::Holding;
use crate::money::Money;

/// Debit bank; bank fees for what the bank says that it kept. Credit payouts in transit. The other way
/// round for money that the provider took from the bank.
pub fn bank_line_matched(
    occasion: Occasion<'_>,
    account: &BankAccount,
    came: Money,
    fee: Money,
) -> Result<Journal, PostingError> {
    let transit = || Account::PayoutsInTransit(occasion.connection.clone());
    let mut lines = Lines::default();
    lines.debit(Account::Bank(account.clone()), came)?;
    lines.debit(Account::BankFees, fee)?;
    lines.credit(transit(), came)?;
    lines.credit(transit(), fee)?;
    let text = "Payout on the bank's statement";
    occasion.journal(JournalEvent::BankLineMatched, text, lines)
}

/// Debit bank fees. Credit payouts in transit: what a payout came short by.
pub fn bank_fee_taken(occasion: Occasion<'_>, amount: Money) -> Result<Journal, PostingError> {
    let mut lines = Lines::default();
    lines.debit(Account::BankFees, amount)?;
    let transit = Account::PayoutsInTransit(occasion.connection.clone());
    lines.credit(transit, amount)?;
    let text = "Bank's fee taken from a payout";
    occasion.journal(JournalEvent::BankFeeTaken, text, lines)
}

/// Debit write-offs. Credit the account that holds the difference; `amount` is its balance there.
pub fn written_off(
    occasion: Occasion<'_>,
    from: Holding,
    amount: Money,
) -> Result<Journal, PostingError> {
    let account = match from {
        Holding::Suspense => Account::Suspense,
        Holding::Transit => Account::PayoutsInTransit(occasion.connection.clone()),
    };
    let mut lines = Lines::default();
    lines.debit(Account::WriteOffs, amount)?;
    lines.credit(account, amount)?;
    occasion.journal(JournalEvent::WrittenOff, "Difference written off", lines)
}

/// Every line of a resolution's journal with its sign turned.
pub fn resolution_reversed(
    occasion: Occasion<'_>,
    resolution: &[Posting],
) -> Result<Journal, PostingError> {
    let mut lines = Lines::default();
    for posting in resolution {
        lines.credit(posting.account.clone(), posting.amount)?;
    }
    let text = "Resolution taken back";
    occasion.journal(JournalEvent::ResolutionReversed, text, lines)
}
