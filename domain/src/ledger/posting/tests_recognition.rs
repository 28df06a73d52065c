use super::tests::{classified, in_stripe, lines, refund, sek};
use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn booked(refunded: i64, recognised: i64, classification: Classification) -> BookedCharge {
    BookedCharge {
        gross: sek(24_900),
        refunded: sek(refunded),
        lost: sek(0),
        recognised: sek(recognised),
        classification,
    }
}

#[test]
fn a_month_end_moves_what_was_earned_from_deferred_revenue_to_income() {
    let journal = in_stripe(|at| revenue_recognised(at, sek(9_960))).unwrap();
    assert_eq!(
        lines(&journal),
        [
            "liabilities:deferred_revenue 9960",
            "income:subscriptions -9960"
        ]
    );
    assert!(in_stripe(|at| revenue_recognised(at, sek(0))).is_err());
}

#[test]
fn a_refund_takes_what_is_deferred_and_the_rest_from_income() {
    let half_earned = RefundOfCharge {
        recognised: sek(9_960),
        ..refund(24_900, 0, classified(4_980, Income::Deferred))
    };
    assert_eq!(
        lines(&in_stripe(|at| refund_decided(at, &half_earned)).unwrap()),
        [
            "liabilities:deferred_revenue 9960",
            "income:refunds 9960",
            "liabilities:vat 4980",
            "liabilities:refunds_payable -24900"
        ]
    );
    // The half that was not delivered is all deferred, to the last öre.
    let the_rest = RefundOfCharge {
        amount: sek(12_450),
        ..half_earned
    };
    assert_eq!(
        lines(&in_stripe(|at| refund_decided(at, &the_rest)).unwrap()),
        [
            "liabilities:deferred_revenue 9960",
            "liabilities:vat 2490",
            "liabilities:refunds_payable -12450"
        ]
    );
    let all_earned = RefundOfCharge {
        recognised: sek(19_920),
        ..half_earned
    };
    assert_eq!(
        lines(&in_stripe(|at| refund_decided(at, &all_earned)).unwrap()),
        [
            "income:refunds 19920",
            "liabilities:vat 4980",
            "liabilities:refunds_payable -24900"
        ]
    );
}

#[test]
fn a_lost_dispute_takes_what_is_deferred_and_the_rest_is_a_loss() {
    let loss = LossOfCharge {
        gross: sek(24_900),
        refunded: sek(0),
        lost_before: sek(0),
        lost_after: sek(24_900),
        recognised: sek(9_960),
        classification: classified(4_980, Income::Deferred),
    };
    let journal = in_stripe(|at| dispute_loss(at, loss)).unwrap().unwrap();
    assert_eq!(
        lines(&journal),
        [
            "liabilities:deferred_revenue 9960",
            "expenses:dispute_losses 14940",
            "assets:disputed:stripe -24900"
        ]
    );
}

#[test]
fn what_was_given_back_before_its_month_was_closed_is_taken_from_income_then() {
    let gone = booked(24_900, 0, classified(4_980, Income::Deferred));
    let journal = in_stripe(|at| revenue_given_back(at, gone, sek(9_960))).unwrap();
    assert_eq!(
        lines(&journal.unwrap()),
        ["liabilities:deferred_revenue -9960", "income:refunds 9960"]
    );
    // Nothing was given back of this one: the month end's own journal says it all.
    let whole = booked(0, 0, classified(4_980, Income::Deferred));
    assert_eq!(
        in_stripe(|at| revenue_given_back(at, whole, sek(9_960))),
        Ok(None)
    );
    assert_eq!(
        in_stripe(|at| revenue_given_back(at, whole, sek(-1))),
        Err(PostingError::RecognisedBelowZero(sek(-1)))
    );
}

#[test]
fn a_charge_that_turns_out_to_be_an_order_takes_back_what_was_recognised() {
    let earned = booked(0, 9_960, classified(4_980, Income::Deferred));
    let moved = in_stripe(|at| reclassified(at, earned, &classified(4_980, Income::Orders)));
    assert_eq!(
        lines(&moved.unwrap().unwrap()),
        [
            "income:orders -19920",
            "liabilities:deferred_revenue 9960",
            "income:subscriptions 9960"
        ]
    );
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Refund(i64),
    Lose(i64),
    Recognise(i64),
    Classify(i64, Income),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let income = prop_oneof![
        Just(Income::Deferred),
        Just(Income::Deferred),
        Just(Income::Subscriptions),
        Just(Income::Orders)
    ];
    let step = prop_oneof![
        (1i64..20_000).prop_map(Step::Refund),
        (0i64..30_000).prop_map(Step::Lose),
        (1i64..15_000).prop_map(Step::Recognise),
        (0i64..=24_900, income).prop_map(|(vat, income)| Step::Classify(vat, income)),
    ];
    proptest::collection::vec(step, 0..12)
}

struct Told {
    now: BookedCharge,
    balances: BTreeMap<String, i64>,
}

impl Told {
    fn charged(classification: Classification) -> Self {
        let mut told = Self {
            now: booked(0, 0, classification),
            balances: BTreeMap::new(),
        };
        let charged = in_stripe(|at| charge_succeeded(at, sek(24_900), &classification));
        told.add(&charged.unwrap());
        told
    }

    fn add(&mut self, journal: &Journal) {
        for posting in journal.postings() {
            let account = posting.account.to_string();
            *self.balances.entry(account).or_default() += posting.amount.minor();
        }
        self.balances.retain(|_, amount| *amount != 0);
    }

    fn take(&mut self, step: Step) {
        let now = self.now;
        match step {
            Step::Refund(amount) => {
                if now.refunded.minor() + amount > 24_900 {
                    return;
                }
                let part = RefundOfCharge {
                    lost: now.lost,
                    recognised: now.recognised,
                    ..refund(amount, now.refunded.minor(), now.classification)
                };
                self.add(&in_stripe(|at| refund_decided(at, &part)).unwrap());
                self.now.refunded = sek(now.refunded.minor() + amount);
            }
            Step::Lose(lost) => {
                let loss = LossOfCharge {
                    gross: now.gross,
                    refunded: now.refunded,
                    lost_before: now.lost,
                    lost_after: sek(lost),
                    recognised: now.recognised,
                    classification: now.classification,
                };
                if let Some(journal) = in_stripe(|at| dispute_loss(at, loss)).unwrap() {
                    self.add(&journal);
                }
                self.now.lost = sek(lost);
            }
            Step::Recognise(amount) => {
                let after = sek(now.recognised.minor() + amount);
                self.add(&in_stripe(|at| revenue_recognised(at, sek(amount))).unwrap());
                if let Some(journal) = in_stripe(|at| revenue_given_back(at, now, after)).unwrap() {
                    self.add(&journal);
                }
                self.now.recognised = after;
            }
            Step::Classify(vat, income) => {
                let new = classified(vat, income);
                if let Some(journal) = in_stripe(|at| reclassified(at, now, &new)).unwrap() {
                    self.add(&journal);
                }
                self.now.classification = new;
            }
        }
    }
}

proptest! {
    /// Closed before or after a refund, a loss or a late invoice: the books end the same, and never owe
    /// less than nothing.
    #[test]
    fn the_order_of_month_ends_and_everything_else_does_not_matter(steps in steps()) {
        let mut told = Told::charged(classified(0, Income::Orders));
        for step in steps {
            told.take(step);
        }
        let mut at_once = Told::charged(told.now.classification);
        if told.now.recognised.minor() > 0 {
            at_once.take(Step::Recognise(told.now.recognised.minor()));
        }
        if told.now.refunded.minor() > 0 {
            at_once.take(Step::Refund(told.now.refunded.minor()));
        }
        at_once.take(Step::Lose(told.now.lost.minor()));
        prop_assert_eq!(&told.balances, &at_once.balances);
        let deferred = told.balances.get("liabilities:deferred_revenue").copied();
        prop_assert!(deferred.unwrap_or(0) <= 0, "{deferred:?}");
    }
}
