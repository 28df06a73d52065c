use super::tests::{classified, in_stripe, lines, refund, sek};
use super::*;
use crate::money::Currency;
use proptest::prelude::*;

fn loss(refunded: i64, before: i64, after: i64, classification: Classification) -> LossOfCharge {
    LossOfCharge {
        gross: sek(24_900),
        refunded: sek(refunded),
        lost_before: sek(before),
        lost_after: sek(after),
        recognised: sek(0),
        classification,
    }
}

fn journal_of(loss: LossOfCharge) -> Option<Journal> {
    in_stripe(|at| dispute_loss(at, loss)).unwrap()
}

#[test]
fn a_withdrawal_takes_amount_and_fee_from_the_provider() {
    let journal = in_stripe(|at| dispute_withdrawn(at, sek(24_900), sek(15_000))).unwrap();
    assert_eq!(
        lines(&journal),
        [
            "assets:disputed:stripe 24900",
            "expenses:dispute_fees 15000",
            "assets:provider:stripe -39900"
        ]
    );
}

#[test]
fn a_fee_in_another_currency_balances_in_that_currency() {
    let fee = Money::from_minor(1_500, Currency::parse("EUR").unwrap());
    let journal = in_stripe(|at| dispute_withdrawn(at, sek(24_900), fee)).unwrap();
    assert_eq!(
        lines(&journal),
        [
            "assets:disputed:stripe 24900",
            "expenses:dispute_fees 1500",
            "assets:provider:stripe -24900",
            "assets:provider:stripe -1500"
        ]
    );
}

#[test]
fn what_is_reinstated_comes_back_with_its_fee_only_where_the_provider_gives_it() {
    let with = in_stripe(|at| dispute_reinstated(at, sek(24_900), sek(-15_000))).unwrap();
    assert_eq!(
        lines(&with),
        [
            "assets:provider:stripe 39900",
            "assets:disputed:stripe -24900",
            "expenses:dispute_fees -15000"
        ]
    );
    let without = in_stripe(|at| dispute_reinstated(at, sek(24_900), sek(0))).unwrap();
    assert_eq!(
        lines(&without),
        [
            "assets:provider:stripe 24900",
            "assets:disputed:stripe -24900"
        ]
    );
}

#[test]
fn a_lost_charge_takes_its_deferred_revenue_and_the_rest_is_a_loss() {
    let deferred = classified(4_980, Income::Deferred);
    let journal = journal_of(loss(0, 0, 24_900, deferred)).unwrap();
    assert_eq!(
        lines(&journal),
        [
            "liabilities:deferred_revenue 19920",
            "expenses:dispute_losses 4980",
            "assets:disputed:stripe -24900"
        ]
    );
    assert_eq!(journal.event(), JournalEvent::DisputeLost);
}

#[test]
fn what_was_earned_at_once_is_lost_whole() {
    for income in [Income::Orders, Income::Subscriptions] {
        let journal = journal_of(loss(0, 0, 24_900, classified(4_980, income))).unwrap();
        assert_eq!(
            lines(&journal),
            [
                "expenses:dispute_losses 24900",
                "assets:disputed:stripe -24900"
            ]
        );
    }
}

#[test]
fn after_a_partial_refund_only_what_is_left_is_in_deferred_revenue() {
    let deferred = classified(4_980, Income::Deferred);
    // 100.00 went back before (80.00 of it net); the bank takes the whole 249.00 all the same.
    let journal = journal_of(loss(10_000, 0, 24_900, deferred)).unwrap();
    assert_eq!(
        lines(&journal),
        [
            "liabilities:deferred_revenue 11920",
            "expenses:dispute_losses 12980",
            "assets:disputed:stripe -24900"
        ]
    );
}

#[test]
fn a_loss_that_does_not_stand_is_turned_back() {
    let deferred = classified(4_980, Income::Deferred);
    let journal = journal_of(loss(0, 24_900, 0, deferred)).unwrap();
    assert_eq!(
        lines(&journal),
        [
            "liabilities:deferred_revenue -19920",
            "expenses:dispute_losses -4980",
            "assets:disputed:stripe 24900"
        ]
    );
    assert_eq!(journal.event(), JournalEvent::DisputeLossReversed);
    assert_eq!(journal_of(loss(0, 100, 100, deferred)), None);
}

#[test]
fn a_payout_goes_in_transit_and_comes_back_when_it_fails() {
    let sent = in_stripe(|at| payout_sent(at, sek(5_000))).unwrap();
    let back = in_stripe(|at| payout_failed(at, sek(5_000))).unwrap();
    let taken = in_stripe(|at| payout_sent(at, sek(-5_000))).unwrap();
    assert_eq!(
        lines(&sent),
        [
            "assets:payouts_in_transit:stripe 5000",
            "assets:provider:stripe -5000"
        ]
    );
    for journal in [back, taken] {
        assert_eq!(
            lines(&journal),
            [
                "assets:payouts_in_transit:stripe -5000",
                "assets:provider:stripe 5000"
            ]
        );
    }
    assert!(in_stripe(|at| payout_sent(at, sek(0))).is_err());
}

/// What happens to one charge, in some order.
#[derive(Debug, Clone, Copy)]
enum Step {
    Refund(i64),
    Lose(i64),
    Win,
    Classify(i64, Income),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let income = prop_oneof![Just(Income::Deferred), Just(Income::Orders)];
    proptest::collection::vec(
        prop_oneof![
            (1i64..24_900).prop_map(Step::Refund),
            (1i64..30_000).prop_map(Step::Lose),
            Just(Step::Win),
            (0i64..=24_900, income).prop_map(|(vat, income)| Step::Classify(vat, income)),
        ],
        0..12,
    )
}

/// A charge's accounts after some steps, and how it stands.
struct Told {
    balances: std::collections::BTreeMap<String, i64>,
    refunded: i64,
    lost: i64,
    classification: Classification,
}

impl Told {
    fn charged(classification: Classification) -> Self {
        let mut told = Self {
            balances: Default::default(),
            refunded: 0,
            lost: 0,
            classification,
        };
        told.add(&in_stripe(|at| charge_succeeded(at, sek(24_900), &classification)).unwrap());
        told
    }

    fn add(&mut self, journal: &Journal) {
        for posting in journal.postings() {
            *self
                .balances
                .entry(posting.account.to_string())
                .or_default() += posting.amount.minor();
        }
        self.balances.retain(|_, amount| *amount != 0);
    }

    fn take(&mut self, step: Step) {
        match step {
            Step::Refund(amount) if self.refunded + amount <= 24_900 => {
                let part = RefundOfCharge {
                    lost: sek(self.lost),
                    ..refund(amount, self.refunded, self.classification)
                };
                self.add(&in_stripe(|at| refund_decided(at, &part)).unwrap());
                self.refunded += amount;
            }
            Step::Refund(_) => {}
            Step::Lose(amount) => self.lose(self.lost + amount),
            Step::Win => self.lose(0),
            Step::Classify(vat, income) => {
                let new = classified(vat, income);
                let booked = BookedCharge {
                    gross: sek(24_900),
                    refunded: sek(self.refunded),
                    lost: sek(self.lost),
                    recognised: sek(0),
                    classification: self.classification,
                };
                if let Some(moved) = in_stripe(|at| reclassified(at, booked, &new)).unwrap() {
                    self.add(&moved);
                }
                self.classification = new;
            }
        }
    }

    fn lose(&mut self, lost: i64) {
        let change = loss(self.refunded, self.lost, lost, self.classification);
        if let Some(journal) = journal_of(change) {
            self.add(&journal);
        }
        self.lost = lost;
    }
}

proptest! {
    /// Whatever came between, the books say what they would had all been known at once.
    #[test]
    fn the_order_of_refunds_losses_and_classifications_does_not_matter(steps in steps()) {
        let mut told = Told::charged(classified(0, Income::Orders));
        for step in steps {
            told.take(step);
        }
        let mut at_once = Told::charged(told.classification);
        if told.refunded > 0 {
            at_once.take(Step::Refund(told.refunded));
        }
        at_once.lose(told.lost);
        prop_assert_eq!(told.balances, at_once.balances);
    }

    /// A charge that went back whole, some of it by refunds and the rest by its bank, leaves nothing deferred.
    #[test]
    fn nothing_stays_deferred_of_a_charge_that_is_gone(refunded in 0i64..24_900, vat in 0i64..=24_900) {
        let mut told = Told::charged(classified(vat, Income::Deferred));
        if refunded > 0 {
            told.take(Step::Refund(refunded));
        }
        told.lose(24_900 - refunded);
        prop_assert_eq!(told.balances.get("liabilities:deferred_revenue"), None);
    }
}
