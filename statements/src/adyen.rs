//! What Adyen's reports have in common: their words, and whose they are.

use crate::error::ReadError;
use crate::header::Column;
use crate::summary::Holder;
use crate::table::{DataRow, clean};
use crate::tally::Tally;
use avstem_domain::money::Money;
use avstem_domain::statement::LineKind;

/// The kind of a row by its journal type. The list is open: an unknown word stays itself.
pub fn kind_of_type(journal: &str, net: Money) -> LineKind {
    match journal {
        "Settled" => LineKind::Charge,
        "Refunded" => LineKind::Refund,
        "RefundedReversed" | "RefundFailed" => LineKind::RefundFailure,
        "Chargeback" | "SecondChargeback" => LineKind::DisputeWithdrawn,
        "ChargebackReversed" => LineKind::DisputeReinstated,
        "Fee" | "PaymentCost" | "MiscCosts" | "InvoiceDeduction" => LineKind::Fee,
        "MerchantPayout" => LineKind::Payout,
        "BankInstructionReturned" => LineKind::PayoutReturned,
        "DepositCorrection" | "ReserveAdjustment" if net.minor() < 0 => LineKind::ReserveHeld,
        "DepositCorrection" | "ReserveAdjustment" => LineKind::ReserveReleased,
        "Balancetransfer" | "ManualCorrected" | "MatchedStatement" => LineKind::Adjustment,
        other => LineKind::Other(other.to_owned()),
    }
}

/// Whose rows they are: one company, and any of its merchant accounts.
pub struct Accounts {
    company: Column,
    merchant: Column,
    /// What was told last, so that most rows tell nothing new.
    told: (String, String),
}

impl Accounts {
    pub const fn new(company: Column, merchant: Column) -> Self {
        Self {
            company,
            merchant,
            told: (String::new(), String::new()),
        }
    }

    pub fn tell(&mut self, row: &DataRow<'_>, tally: &mut Tally<'_>) -> Result<(), ReadError> {
        let (company, merchant) = (row.text(self.company), row.text(self.merchant));
        if (company, merchant) == (self.told.0.as_str(), self.told.1.as_str()) {
            return Ok(());
        }
        self.told = (company.to_owned(), merchant.to_owned());
        if !company.is_empty() {
            tally.holder(Holder::Company(clean(company, 80)))?;
        }
        if !merchant.is_empty() {
            tally.holder(Holder::MerchantAccount(clean(merchant, 80)))?;
        }
        Ok(())
    }
}
