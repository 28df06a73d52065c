//! Journals into vouchers.

use super::translation::Translated;
use crate::config::VoucherPer;
use crate::exports::ExportError;
use crate::exports::ledger::Booked;
use avstem_domain::ledger::account::Account;
use avstem_domain::ledger::journal::JournalEvent;
use chrono::{Datelike, NaiveDate};
use std::collections::BTreeMap;

/// Some journals as one, its debits and credits summed by account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voucher {
    /// The last of its journals'.
    pub day: NaiveDate,
    pub about: About,
    pub journals: u64,
    /// Debits before credits, by account.
    pub rows: Vec<Row>,
}

/// What the journals of a voucher have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// They were booked on its day.
    Day,
    /// They came before a payout of their connection, or are it.
    Payout { connection: String, payout: String },
    /// No payout of their connection followed in their month, as far as the batch goes.
    Rest { connection: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub account: Account,
    /// Whose money or cost it is, where accounts tell connections apart.
    pub connection: Option<String>,
    /// Minor units of the books' currency, debit positive.
    pub amount: i64,
}

/// Takes journals in the order of their days.
pub(super) struct Grouping {
    per: VoucherPer,
    /// By connection; of vouchers by day, under no name.
    open: BTreeMap<String, Open>,
    done: Vec<Voucher>,
}

struct Open {
    day: NaiveDate,
    journals: u64,
    sums: BTreeMap<(Side, Account, Option<String>), i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Debit,
    Credit,
}

impl Grouping {
    pub fn new(per: VoucherPer) -> Self {
        Self {
            per,
            open: BTreeMap::new(),
            done: Vec::new(),
        }
    }

    pub fn add(&mut self, booked: &Booked, rows: &[Translated]) -> Result<(), ExportError> {
        let journal = &booked.journal;
        self.close_before(booked.day);
        let name = match self.per {
            VoucherPer::Day => String::new(),
            VoucherPer::Payout => journal.connection.clone(),
        };
        let open = self.open.entry(name.clone()).or_insert_with(|| Open {
            day: booked.day,
            journals: 0,
            sums: BTreeMap::new(),
        });
        open.day = booked.day;
        open.journals = open.journals.saturating_add(1);
        for row in rows {
            let side = if row.amount < 0 {
                Side::Credit
            } else {
                Side::Debit
            };
            let key = (side, row.account.clone(), told_apart(row, booked));
            let sum = open.sums.entry(key).or_default();
            *sum = sum.checked_add(row.amount).ok_or_else(|| {
                ExportError::Missing(format!(
                    "what was booked on {} is too much for one voucher",
                    booked.day
                ))
            })?;
        }
        let is_payout = journal.event == JournalEvent::PayoutSent.as_str();
        if self.per == VoucherPer::Payout && is_payout {
            let payout = journal.reference.clone();
            let connection = name.clone();
            self.close(&name, About::Payout { connection, payout });
        }
        Ok(())
    }

    pub fn finish(mut self) -> Vec<Voucher> {
        self.close_all();
        self.done
    }

    /// A voucher holds one day, or days of one month: what a month came to does not move to the next.
    fn close_before(&mut self, day: NaiveDate) {
        let ended = |open: &Open| match self.per {
            VoucherPer::Day => open.day != day,
            VoucherPer::Payout => (open.day.year(), open.day.month()) != (day.year(), day.month()),
        };
        if self.open.values().any(ended) {
            self.close_all();
        }
    }

    fn close_all(&mut self) {
        let names: Vec<String> = self.open.keys().cloned().collect();
        for name in names {
            let about = match self.per {
                VoucherPer::Day => About::Day,
                VoucherPer::Payout => About::Rest {
                    connection: name.clone(),
                },
            };
            self.close(&name, about);
        }
    }

    fn close(&mut self, name: &str, about: About) {
        // Journals that only converted come to nothing here.
        let Some(open) = self.open.remove(name).filter(|open| !open.sums.is_empty()) else {
            return;
        };
        let row = |((_, account, connection), amount)| Row {
            account,
            connection,
            amount,
        };
        self.done.push(Voucher {
            day: open.day,
            about,
            journals: open.journals,
            rows: open.sums.into_iter().map(row).collect(),
        });
    }
}

/// The connection of a row, on accounts that are of one and on what connections cost.
fn told_apart(row: &Translated, booked: &Booked) -> Option<String> {
    match &row.account {
        Account::Provider(connection)
        | Account::ProviderReserve(connection)
        | Account::PayoutsInTransit(connection)
        | Account::Disputed(connection) => Some(connection.to_string()),
        Account::ProviderFees | Account::DisputeFees | Account::DisputeLosses => {
            Some(booked.journal.connection.clone())
        }
        Account::Bank(_)
        | Account::Suspense
        | Account::DeferredRevenue
        | Account::RefundsPayable
        | Account::Vat
        | Account::CustomerCredit
        | Account::IncomeSubscriptions
        | Account::IncomeOrders
        | Account::IncomeRefunds
        | Account::BankFees
        | Account::WriteOffs
        | Account::Fx
        | Account::Conversion
        | Account::Opening => None,
    }
}
