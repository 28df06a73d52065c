//! The ledger by its sums: what every account got because of one charge, or of one payout.
//!
//! The journals themselves may differ. How many there are, and whether a correction stands with the
//! charge or with its refund, depends on what shared a batch (docs/decisions/0004). A charge together
//! with its refunds and disputes comes to the same in every account.

use super::super::Failure;
use super::projection::{Cell, Line, Names, Parent, Projection};
use crate::store::ReadTx;
use crate::store::rows::Projected;
use avstem_domain::ledger::journal::JournalEvent;
use std::collections::{BTreeMap, BTreeSet};

/// What one account got, in one currency.
pub(super) struct Sum {
    connection: String,
    /// The provider's id of a charge, or whatever else a journal is about.
    about: String,
    account: String,
    currency: String,
    amount: i128,
}

impl Sum {
    fn line(&self) -> Line {
        let Self {
            connection,
            about,
            account,
            currency,
            amount,
        } = self;
        Line {
            key: format!("{connection} {about} {account} {currency}"),
            cells: vec![("amount", Cell::Plain(Some(amount.to_string())))],
        }
    }
}

/// By charge, with its refunds and disputes.
pub(super) struct OfCharges;

impl Projection for OfCharges {
    type Row = Sum;
    const BY: Projected = Projected::Charges;
    const TABLE: &'static str = "postings";
    const PARENT: Parent = Parent::None;

    fn rows(tx: &mut ReadTx<'_>, connection: &str, keys: &[String]) -> Result<Vec<Sum>, Failure> {
        let charges: BTreeMap<String, String> = tx
            .charges_by_provider_ids(connection, keys)?
            .into_iter()
            .map(|charge| (charge.id, charge.provider_id))
            .collect();
        let ids: Vec<String> = charges.keys().cloned().collect();
        let mut about: BTreeMap<String, String> = charges
            .values()
            .map(|charge| (charge.clone(), charge.clone()))
            .collect();
        for refund in tx.refunds_by_charges(&ids)? {
            if let Some(charge) = charges.get(&refund.charge_id) {
                about.insert(refund.id, charge.clone());
                about.extend(refund.provider_id.map(|id| (id, charge.clone())));
            }
        }
        for dispute in tx.disputes_by_charges(&ids)? {
            if let Some(charge) = charges.get(&dispute.charge_id) {
                about.insert(dispute.provider_id, charge.clone());
            }
        }
        sums(tx, connection, &about)
    }

    fn parent(_: &Sum) -> Option<String> {
        None
    }

    fn line(row: &Sum, _: &Names) -> Line {
        row.line()
    }
}

/// What is about no charge, such as payouts.
pub(super) struct OfOthers;

impl Projection for OfOthers {
    type Row = Sum;
    const BY: Projected = Projected::Journals;
    const TABLE: &'static str = "postings";
    const PARENT: Parent = Parent::None;

    fn rows(tx: &mut ReadTx<'_>, connection: &str, keys: &[String]) -> Result<Vec<Sum>, Failure> {
        let mut of_charges = BTreeSet::new();
        let charges = tx.charges_by_provider_ids(connection, keys)?;
        of_charges.extend(charges.into_iter().map(|row| row.provider_id));
        let refunds = tx.refunds_by_ids(keys)?;
        of_charges.extend(refunds.into_iter().map(|row| row.id));
        let refunds = tx.refunds_by_provider_ids(connection, keys)?;
        of_charges.extend(refunds.into_iter().filter_map(|row| row.provider_id));
        let disputes = tx.disputes_by_provider_ids(connection, keys)?;
        of_charges.extend(disputes.into_iter().map(|row| row.provider_id));
        let about = keys
            .iter()
            .filter(|key| !of_charges.contains(*key))
            .map(|key| (key.clone(), key.clone()))
            .collect();
        sums(tx, connection, &about)
    }

    fn parent(_: &Sum) -> Option<String> {
        None
    }

    fn line(row: &Sum, _: &Names) -> Line {
        row.line()
    }
}

/// What matching or a person made of the books: no teller's, and not made again.
fn is_decided(event: &str) -> bool {
    use JournalEvent as Event;
    JournalEvent::parse(event).is_some_and(|event| match event {
        Event::MissingAtProvider
        | Event::FoundAtProvider
        | Event::BankLineMatched
        | Event::BankFeeTaken
        | Event::WrittenOff
        | Event::ResolutionReversed
        | Event::RevenueRecognised => true,
        Event::ChargeSucceeded
        | Event::ChargeReclassified
        | Event::RefundDecided
        | Event::RefundSucceeded
        | Event::RefundFailed
        | Event::RefundAbandoned
        | Event::DisputeWithdrawn
        | Event::DisputeReinstated
        | Event::DisputeLost
        | Event::DisputeLossReversed
        | Event::RevenueGivenBack
        | Event::PayoutSent
        | Event::PayoutFailed
        | Event::ProviderFee
        | Event::SettledInOtherCurrency
        | Event::SuspensePosted
        | Event::SuspenseCleared
        | Event::ReserveHeld
        | Event::ReserveReleased
        | Event::BalanceConverted => false,
    })
}

/// Sums that are zero are left out. `about` says under what a journal's reference is summed.
fn sums(
    tx: &mut ReadTx<'_>,
    connection: &str,
    about: &BTreeMap<String, String>,
) -> Result<Vec<Sum>, Failure> {
    let references: Vec<String> = about.keys().cloned().collect();
    let journals: BTreeMap<String, String> = tx
        .journals_of(connection, &references)?
        .into_iter()
        .filter(|journal| !is_decided(&journal.event))
        .map(|journal| (journal.id, journal.reference))
        .collect();
    let ids: Vec<String> = journals.keys().cloned().collect();
    let mut sums = BTreeMap::<(String, String, String), i128>::new();
    for posting in tx.postings_of(&ids)? {
        let reference = journals.get(&posting.journal_id);
        if let Some(about) = reference.and_then(|reference| about.get(reference)) {
            let sum = sums
                .entry((about.clone(), posting.account, posting.currency))
                .or_default();
            *sum = sum.saturating_add(i128::from(posting.amount));
        }
    }
    Ok(sums
        .into_iter()
        .filter(|(_, amount)| *amount != 0)
        .map(|((about, account, currency), amount)| Sum {
            connection: connection.to_owned(),
            about,
            account,
            currency,
            amount,
        })
        .collect())
}
