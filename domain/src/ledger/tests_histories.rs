//! Random histories of one charge: whatever happens in whatever order, the books end where they would
//! have ended had everything been known from the start.

use super::account::{Account, Connection};
use super::journal::Journal;
use super::posting::{
    BookedCharge, Classification, Income, Occasion, PostingError, RefundOfCharge, charge_succeeded,
    reclassified, refund_abandoned, refund_decided, refund_failed, refund_succeeded,
};
use crate::money::{Currency, Money};
use crate::time::Timestamp;
use proptest::prelude::*;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Copy)]
enum Step {
    Decide(i64),
    Succeed(usize),
    Fail(usize),
    Abandon(usize),
    Reclassify(Classification),
}

#[derive(Clone, Copy, PartialEq)]
enum RefundState {
    Decided,
    Succeeded,
    Abandoned,
}

fn sek(minor: i64) -> Money {
    Money::from_minor(minor, Currency::parse("SEK").unwrap())
}

fn classification(gross: i64) -> impl Strategy<Value = Classification> {
    let income = prop_oneof![
        Just(Income::Deferred),
        Just(Income::Subscriptions),
        Just(Income::Orders)
    ];
    (0..=gross, income).prop_map(|(vat, income)| Classification {
        vat: sek(vat),
        income,
    })
}

fn step(gross: i64) -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1..=gross).prop_map(Step::Decide),
        2 => (0usize..4).prop_map(Step::Succeed),
        1 => (0usize..4).prop_map(Step::Fail),
        1 => (0usize..4).prop_map(Step::Abandon),
        3 => classification(gross).prop_map(Step::Reclassify),
    ]
}

type History = (i64, Classification, Vec<Step>);

fn history() -> impl Strategy<Value = History> {
    (1i64..100_000).prop_flat_map(|gross| {
        (
            Just(gross),
            classification(gross),
            proptest::collection::vec(step(gross), 0..16),
        )
    })
}

struct Books {
    totals: BTreeMap<Account, i64>,
    gross: i64,
    now: Classification,
    refunds: Vec<(i64, RefundState)>,
}

impl Books {
    fn standing(&self) -> i64 {
        self.refunds
            .iter()
            .filter(|r| r.1 != RefundState::Abandoned)
            .map(|r| r.0)
            .sum()
    }

    fn post(&mut self, journal: &Journal) {
        assert_eq!(
            journal
                .postings()
                .iter()
                .map(|p| p.amount.minor())
                .sum::<i64>(),
            0
        );
        for posting in journal.postings() {
            *self.totals.entry(posting.account.clone()).or_default() += posting.amount.minor();
        }
        self.totals.retain(|_, total| *total != 0);
    }

    fn refund(&self, amount: i64, decided_before: i64) -> RefundOfCharge {
        RefundOfCharge {
            amount: sek(amount),
            decided_before: sek(decided_before),
            lost: sek(0),
            gross: sek(self.gross),
            classification: self.now,
            recognised: sek(0),
        }
    }

    fn decide(&mut self, at: Occasion<'_>, amount: i64) {
        let before = self.standing();
        let decided = refund_decided(at, &self.refund(amount, before));
        if before + amount > self.gross {
            assert!(matches!(
                decided,
                Err(PostingError::RefundsExceedCharge { .. })
            ));
        } else {
            self.post(&decided.unwrap());
            self.refunds.push((amount, RefundState::Decided));
        }
    }

    fn take(&mut self, at: Occasion<'_>, step: Step) {
        let state_of = |n: usize| self.refunds.get(n).copied();
        match step {
            Step::Decide(amount) => self.decide(at, amount),
            Step::Succeed(n) => {
                if let Some((amount, RefundState::Decided)) = state_of(n) {
                    self.post(&refund_succeeded(at, sek(amount)).unwrap());
                    self.refunds[n].1 = RefundState::Succeeded;
                }
            }
            Step::Fail(n) => {
                if let Some((amount, RefundState::Succeeded)) = state_of(n) {
                    self.post(&refund_failed(at, sek(amount)).unwrap());
                    self.refunds[n].1 = RefundState::Decided;
                }
            }
            Step::Abandon(n) => {
                if let Some((amount, RefundState::Decided)) = state_of(n) {
                    let others = self.standing() - amount;
                    self.post(&refund_abandoned(at, &self.refund(amount, others)).unwrap());
                    self.refunds[n].1 = RefundState::Abandoned;
                }
            }
            Step::Reclassify(new) => {
                let charge = BookedCharge {
                    gross: sek(self.gross),
                    refunded: sek(self.standing()),
                    lost: sek(0),
                    recognised: sek(0),
                    classification: self.now,
                };
                if let Some(journal) = reclassified(at, charge, &new).unwrap() {
                    self.post(&journal);
                }
                self.now = new;
            }
        }
    }
}

fn run(gross: i64, from: Classification, steps: &[Step]) -> Books {
    let connection = Connection::parse("stripe").unwrap();
    let occurred_at = Timestamp::from_unix_seconds(0).unwrap();
    let at = Occasion {
        connection: &connection,
        reference: "ch_1",
        occurred_at,
    };
    let mut books = Books {
        totals: BTreeMap::new(),
        gross,
        now: from,
        refunds: Vec::new(),
    };
    books.post(&charge_succeeded(at, sek(gross), &from).unwrap());
    for step in steps {
        books.take(at, *step);
    }
    books
}

proptest! {
    #[test]
    fn a_history_ends_in_the_books_of_its_last_classification((gross, first, steps) in history()) {
        let lived = run(gross, first, &steps);
        let known_at_once: Vec<Step> =
            steps.into_iter().filter(|s| !matches!(s, Step::Reclassify(_))).collect();
        let straight = run(gross, lived.now, &known_at_once);
        prop_assert_eq!(lived.totals, straight.totals);
    }

    #[test]
    fn a_history_owes_what_was_decided_and_did_not_leave((gross, first, steps) in history()) {
        let books = run(gross, first, &steps);
        let sum = |state| books.refunds.iter().filter(|r| r.1 == state).map(|r| r.0).sum::<i64>();
        let total = |name| books.totals.get(&Account::parse(name).unwrap()).copied().unwrap_or(0);
        prop_assert!(books.standing() <= gross);
        prop_assert_eq!(-total("liabilities:refunds_payable"), sum(RefundState::Decided));
        prop_assert_eq!(total("assets:provider:stripe"), gross - sum(RefundState::Succeeded));
        if books.standing() == gross {
            prop_assert_eq!(total("liabilities:vat"), 0);
            prop_assert_eq!(total("liabilities:deferred_revenue"), 0);
        }
    }
}
