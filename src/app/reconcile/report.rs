//! What a reconciliation came to, as it is kept and shown.

use super::super::Failure;
use super::super::books::money;
use avstem_domain::matching::outcome::{Expected, Reason};
use avstem_domain::money::Money;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// References that a sum of expected differences lists; it may have more.
const REFERENCES_LISTED: usize = 10;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Lines of reports and of the bank that have found their counterparts, by now.
    pub matched: i64,
    /// Bank lines that are none of a provider's.
    pub unrelated: i64,
    /// How many are open, by kind.
    pub breaks: BTreeMap<String, i64>,
    pub proof: Vec<Proof>,
    pub expected: Vec<ExpectedSum>,
    pub payouts: PayoutCheck,
}

/// One connection in one currency. Amounts are minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    pub connection: String,
    pub currency: String,
    /// What the provider owes us by our books.
    pub ledger: i64,
    /// By the provider's reports; `None` where there is none.
    pub provider: Option<i64>,
    pub in_transit: i64,
    /// What of its payouts came to the bank.
    pub bank: i64,
    /// What the books have more than the reports, less what no report covers yet.
    pub difference: Option<i64>,
}

/// Differences of one kind that time will settle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedSum {
    pub reason: String,
    pub connection: String,
    pub currency: String,
    pub amount: i64,
    pub count: u64,
    pub oldest_on: String,
    /// The first ones.
    pub references: Vec<String>,
}

/// Payouts against the lines that each took along.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayoutCheck {
    /// The sum of the lines is the payout.
    pub proved: u64,
    /// It is not: lines are missing from the reports.
    pub incomplete: Vec<String>,
}

impl Report {
    pub fn state(&self) -> &'static str {
        let [balanced, breaks] = super::STATES;
        let proved = |proof: &Proof| proof.difference.unwrap_or(0) == 0;
        if self.breaks.is_empty() && self.proof.iter().all(proved) {
            balanced
        } else {
            breaks
        }
    }

    pub fn to_json(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(|e| Failure::unreadable("a reconciliation", e))
    }

    pub fn from_json(text: &str) -> Result<Self, Failure> {
        serde_json::from_str(text).map_err(|e| Failure::unreadable("a reconciliation", e))
    }

    /// Adds a difference that time will settle.
    pub fn expect(&mut self, one: &Expected, reference: &str) {
        self.expect_sum(
            one.reason,
            one.connection.as_str(),
            one.amount,
            &one.on.to_string(),
            reference,
        );
    }

    pub fn expect_sum(
        &mut self,
        reason: Reason,
        connection: &str,
        amount: Money,
        on: &str,
        reference: &str,
    ) {
        let currency = amount.currency();
        let same = |sum: &&mut ExpectedSum| {
            (
                sum.reason.as_str(),
                sum.connection.as_str(),
                sum.currency.as_str(),
            ) == (reason.as_str(), connection, currency.code())
        };
        let sum = match self.expected.iter_mut().find(same) {
            Some(sum) => sum,
            None => {
                self.expected.push(ExpectedSum {
                    reason: reason.as_str().to_owned(),
                    connection: connection.to_owned(),
                    currency: currency.code().to_owned(),
                    amount: 0,
                    count: 0,
                    oldest_on: on.to_owned(),
                    references: Vec::new(),
                });
                match self.expected.last_mut() {
                    Some(sum) => sum,
                    None => return,
                }
            }
        };
        sum.amount = sum.amount.saturating_add(amount.minor());
        sum.count = sum.count.saturating_add(1);
        if on < sum.oldest_on.as_str() {
            on.clone_into(&mut sum.oldest_on);
        }
        if sum.references.len() < REFERENCES_LISTED && !reference.is_empty() {
            sum.references.push(reference.to_owned());
        }
    }

    /// Σ of what is expected for a reason, in minor units.
    pub fn expected_of(&self, reason: Reason, connection: &str, currency: &str) -> i64 {
        self.expected
            .iter()
            .filter(|sum| {
                (
                    sum.reason.as_str(),
                    sum.connection.as_str(),
                    sum.currency.as_str(),
                ) == (reason.as_str(), connection, currency)
            })
            .map(|sum| sum.amount)
            .sum()
    }
}

impl Proof {
    /// An amount of this proof as money.
    pub fn money(&self, minor: i64) -> Result<Money, Failure> {
        money(minor, &self.currency)
    }
}
