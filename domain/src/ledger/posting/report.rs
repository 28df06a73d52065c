//! What only a provider's report tells: fees, settlement in another currency, reserves, and money whose
//! object is not known yet.

use super::super::account::Account;
use super::super::journal::{Journal, JournalEvent};
use super::{Lines, Occasion, PostingError};
use crate::money::Money;

/// Debit provider fees. Credit provider. The other way round for a fee given back, which is below zero.
pub fn provider_fee(occasion: Occasion<'_>, fee: Money) -> Result<Journal, PostingError> {
    let mut lines = Lines::default();
    lines.debit(Account::ProviderFees, fee)?;
    lines.credit(Account::Provider(occasion.connection.clone()), fee)?;
    occasion.journal(JournalEvent::ProviderFee, "Provider's fee", lines)
}

/// Money that its object booked as `charged` reached our balance as `settled`; both signed as the balance
/// moved. Per currency, what the object did to the provider's account goes to conversion, and what the
/// balance really did comes from there.
pub fn settled_in_other_currency(
    occasion: Occasion<'_>,
    charged: Money,
    settled: Money,
) -> Result<Journal, PostingError> {
    let provider = || Account::Provider(occasion.connection.clone());
    let mut lines = Lines::default();
    lines.debit(Account::Conversion, charged)?;
    lines.credit(provider(), charged)?;
    lines.debit(provider(), settled)?;
    lines.credit(Account::Conversion, settled)?;
    let text = "Settled in another currency";
    occasion.journal(JournalEvent::SettledInOtherCurrency, text, lines)
}

/// A step in what the suspense account holds for one line or object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuspenseChange {
    /// What the provider's balance moved by that nothing else accounts for, signed as it moved.
    pub before: Money,
    pub after: Money,
}

/// Debit provider. Credit suspense. By the step from before to after; `None` when there is none.
pub fn suspense_changed(
    occasion: Occasion<'_>,
    change: SuspenseChange,
) -> Result<Option<Journal>, PostingError> {
    let step = change.after.checked_sub(change.before)?;
    if step.is_zero() {
        return Ok(None);
    }
    let mut lines = Lines::default();
    lines.debit(Account::Provider(occasion.connection.clone()), step)?;
    lines.credit(Account::Suspense, step)?;
    let (event, text) = if change.after.is_zero() {
        (
            JournalEvent::SuspenseCleared,
            "Suspense: what the money belongs to became known",
        )
    } else {
        (
            JournalEvent::SuspensePosted,
            "Suspense: only the provider's report knows of this money",
        )
    };
    occasion.journal(event, text, lines).map(Some)
}

/// Takes what an object moved by our records (signed as the balance would have moved) off the provider's
/// account, for no report knows of it, and onto suspense.
pub fn missing_at_provider(occasion: Occasion<'_>, moves: Money) -> Result<Journal, PostingError> {
    let mut lines = Lines::default();
    lines.debit(Account::Suspense, moves)?;
    lines.credit(Account::Provider(occasion.connection.clone()), moves)?;
    let text = "Only our records know of this money";
    occasion.journal(JournalEvent::MissingAtProvider, text, lines)
}

/// The other way round: a report knows of it, or it was taken back.
pub fn found_at_provider(occasion: Occasion<'_>, moves: Money) -> Result<Journal, PostingError> {
    let mut lines = Lines::default();
    lines.debit(Account::Provider(occasion.connection.clone()), moves)?;
    lines.credit(Account::Suspense, moves)?;
    let text = "Not missing at the provider any more";
    occasion.journal(JournalEvent::FoundAtProvider, text, lines)
}

/// Debit provider reserve, credit provider for what is held back: `net` is below zero then, as the balance
/// moved. The other way round for what is released.
pub fn reserve_changed(occasion: Occasion<'_>, net: Money) -> Result<Journal, PostingError> {
    let mut lines = Lines::default();
    lines.debit(Account::Provider(occasion.connection.clone()), net)?;
    lines.credit(Account::ProviderReserve(occasion.connection.clone()), net)?;
    let (event, text) = if net.minor() < 0 {
        (JournalEvent::ReserveHeld, "Held back by the provider")
    } else {
        (JournalEvent::ReserveReleased, "Released by the provider")
    };
    occasion.journal(event, text, lines)
}

/// Debit provider. Credit conversion. One side of an exchange between two of our balances; the other side
/// is a line, and a journal, of its own.
pub fn balance_converted(occasion: Occasion<'_>, net: Money) -> Result<Journal, PostingError> {
    let mut lines = Lines::default();
    lines.debit(Account::Provider(occasion.connection.clone()), net)?;
    lines.credit(Account::Conversion, net)?;
    let text = "Converted between balances at the provider";
    occasion.journal(JournalEvent::BalanceConverted, text, lines)
}
