//! The reports that the provider offers for download, as rows that a story can spoil and as the CSV
//! files of them: "balance change from activity" and "payouts", both itemised.

use std::fmt::Write;

use avstem_domain::money::{Currency, Money};
use avstem_domain::time::Timestamp;

use crate::Simulator;
use crate::objects_money::{BalanceKind, BalanceTransaction, PayoutStatus};

/// A balance transaction other than a payout's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityRow {
    pub transaction: String,
    /// Such as `charge` or `dispute_reversal`.
    pub category: &'static str,
    /// The charge, refund or dispute.
    pub source: String,
    /// Gross and signed; positive in the account's favour.
    pub amount_minor: i64,
    /// Negative when a fee is given back.
    pub fee_minor: i64,
    /// Lower case, such as `sek`.
    pub currency: String,
    /// What the customer was charged or given back in; otherwise as `currency`.
    pub customer_currency: String,
    /// The automatic payout that it is part of, once there is one.
    pub payout: Option<String>,
    pub created: Timestamp,
}

/// A payout, or the return of one that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayoutRow {
    pub payout: String,
    pub transaction: String,
    pub category: &'static str,
    /// Negative when it leaves the balance.
    pub amount_minor: i64,
    /// Lower case, such as `sek`.
    pub currency: String,
    pub status: &'static str,
    /// What the bank statement shows; nothing before it has reached a bank.
    pub trace: Option<String>,
    /// The day it is expected at the bank, at midnight UTC.
    pub arrives: Timestamp,
    pub created: Timestamp,
}

impl Simulator {
    /// Oldest first.
    #[must_use]
    pub fn activity(&self) -> Vec<ActivityRow> {
        let row = |transaction: &BalanceTransaction| ActivityRow {
            transaction: transaction.id.clone(),
            category: transaction.kind.reporting_category(),
            source: transaction.source.clone(),
            amount_minor: transaction.amount_minor,
            fee_minor: transaction.fee_minor,
            currency: self.settings.currency.to_owned(),
            customer_currency: self.settings.currency.to_owned(),
            payout: transaction.payout.clone(),
            created: transaction.created,
        };
        let all = self.balance_transactions.oldest_first();
        all.filter(|transaction| !is_of_payout(transaction.kind))
            .map(row)
            .collect()
    }

    /// Oldest first.
    #[must_use]
    pub fn payout_activity(&self) -> Vec<PayoutRow> {
        let row = |transaction: &BalanceTransaction| {
            let payout = self.payouts.get(&transaction.source)?;
            let reached_bank = payout.status == PayoutStatus::Paid || payout.failure_code.is_some();
            Some(PayoutRow {
                payout: payout.id.clone(),
                transaction: transaction.id.clone(),
                category: transaction.kind.reporting_category(),
                amount_minor: transaction.amount_minor,
                currency: self.settings.currency.to_owned(),
                status: payout.status.as_str(),
                trace: reached_bank.then(|| payout.trace.clone()),
                arrives: payout.arrives,
                created: transaction.created,
            })
        };
        let all = self.balance_transactions.oldest_first();
        all.filter(|transaction| is_of_payout(transaction.kind))
            .filter_map(row)
            .collect()
    }
}

const fn is_of_payout(kind: BalanceKind) -> bool {
    match kind {
        BalanceKind::Payout | BalanceKind::PayoutFailure | BalanceKind::PayoutCancel => true,
        BalanceKind::Charge
        | BalanceKind::Refund
        | BalanceKind::RefundFailure
        | BalanceKind::DisputeWithdrawal
        | BalanceKind::DisputeReversal => false,
    }
}

/// The file "balance change from activity, itemised".
#[must_use]
pub fn activity_csv(rows: &[ActivityRow]) -> String {
    let mut file = String::from(
        "balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,reporting_category,\
         source_id,customer_facing_amount,customer_facing_currency,automatic_payout_id\n",
    );
    for row in rows {
        let currency = &row.currency;
        let created = report_time(row.created);
        line(
            &mut file,
            &[
                &row.transaction,
                &created,
                &created,
                currency,
                &decimal(row.amount_minor, currency),
                &decimal(row.fee_minor, currency),
                &decimal(row.amount_minor - row.fee_minor, currency),
                row.category,
                &row.source,
                &decimal(row.amount_minor, &row.customer_currency),
                &row.customer_currency,
                row.payout.as_deref().unwrap_or_default(),
            ],
        );
    }
    file
}

/// The file "payouts, itemised".
#[must_use]
pub fn payouts_csv(rows: &[PayoutRow]) -> String {
    let mut file = String::from(
        "payout_id,effective_at_utc,currency,balance_transaction_id,gross,fee,net,reporting_category,\
         payout_expected_arrival_date,payout_status,trace_id,trace_id_status\n",
    );
    for row in rows {
        let currency = &row.currency;
        let amount = decimal(row.amount_minor, currency);
        let trace_status = match row.trace {
            Some(_) => "supported",
            None => "pending",
        };
        line(
            &mut file,
            &[
                &row.payout,
                &report_time(row.created),
                currency,
                &row.transaction,
                &amount,
                &decimal(0, currency),
                &amount,
                row.category,
                &row.arrives.to_utc().format("%Y-%m-%d").to_string(),
                row.status,
                row.trace.as_deref().unwrap_or_default(),
                trace_status,
            ],
        );
    }
    file
}

/// No field of ours needs quotes: ids, numbers, times and words.
fn line(file: &mut String, fields: &[&str]) {
    // Writing to a String cannot fail.
    let _ = writeln!(file, "{}", fields.join(","));
}

fn report_time(at: Timestamp) -> String {
    at.to_utc().format("%Y-%m-%d %H:%M:%S").to_string()
}

/// In major units; as the bare number where nobody knows the currency.
fn decimal(minor: i64, currency: &str) -> String {
    Currency::parse(&currency.to_uppercase()).map_or_else(
        |_| minor.to_string(),
        |currency| Money::from_minor(minor, currency).to_decimal_string(),
    )
}
