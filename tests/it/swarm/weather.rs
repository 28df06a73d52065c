//! What can go wrong in a run: each class of mishaps in half of them, so that each is met alone too.

use super::dice::Dice;
use super::run::Run;
use crate::world::World;
use avstem_simulator::{CallMatch, Fault, Outage, RefundStart};
use avstem_webhooks::outbound::Method;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// In every run.
    Daily,
    Dashboard,
    Banks,
    Payouts,
    /// Refunds that wait, fail, or come back.
    Refunds,
    Answers,
    Outages,
    Lag,
    Deaths,
    Pauses,
}

#[derive(Debug, Clone, Copy)]
pub struct Weather {
    classes: u16,
    duplicates_percent: u8,
    disorder: usize,
}

impl Weather {
    pub fn of(dice: &mut Dice) -> Self {
        Self {
            classes: u16::try_from(dice.below(1 << 10)).unwrap(),
            duplicates_percent: u8::try_from(dice.one_of(&[0, 20, 50])).unwrap(),
            disorder: dice.one_of(&[0, 3, 100]),
        }
    }

    pub const fn allows(self, class: Class) -> bool {
        let bit = match class {
            Class::Daily => return true,
            Class::Dashboard => 0,
            Class::Banks => 1,
            Class::Payouts => 2,
            Class::Refunds => 3,
            Class::Answers => 4,
            Class::Outages => 5,
            Class::Lag => 6,
            Class::Deaths => 7,
            Class::Pauses => 8,
        };
        self.classes >> bit & 1 == 1
    }

    /// How webhooks come, from the start.
    pub fn begin(self, world: &World) {
        let mut provider = world.provider();
        let faults = provider.faults();
        faults.duplicate_percent(self.duplicates_percent);
        if self.disorder > 0 {
            faults.shuffle_deliveries_within(self.disorder);
        }
    }
}

const FAULTS: [Fault; 16] = [
    Fault::LoseAnswerAfterEffect,
    Fault::LoseAnswerAfterEffect,
    Fault::LoseBeforeEffect,
    Fault::ServerErrorAfterEffect,
    Fault::ServerErrorBeforeEffect { status: 500 },
    Fault::RateLimit {
        retry_after_s: Some(30),
    },
    Fault::RateLimit {
        retry_after_s: Some(u64::MAX),
    },
    Fault::KeyInUse,
    Fault::Html,
    Fault::CutBody,
    Fault::WrongKey,
    Fault::Redirect,
    Fault::StoredError,
    Fault::StoredErrorAfterEffect,
    Fault::LockConflict,
    Fault::Huge { bytes: 9 << 20 },
];

const CALLS: [(Method, &str); 9] = [
    (Method::Get, "/v1/subscriptions/*"),
    (Method::Get, "/v1/invoices"),
    (Method::Get, "/v1/charges"),
    (Method::Get, "/v1/refunds"),
    (Method::Post, "/v1/subscriptions/*"),
    (Method::Delete, "/v1/subscriptions/*"),
    (Method::Post, "/v1/invoices/*/void"),
    (Method::Post, "/v1/refunds"),
    (Method::Post, "/v1/refunds"),
];

/// Something goes wrong with one of the next calls.
pub fn an_answer_goes_wrong(run: &mut Run) {
    let fault = run.dice.one_of(&FAULTS);
    let (method, path) = run.dice.one_of(&CALLS);
    let nth = u32::try_from(1 + run.dice.below(3)).unwrap();
    run.note(&format!("… {fault:?} at {method:?} {path}, {nth}"));
    let call = CallMatch::nth(nth, method, path);
    run.world.provider().faults().on(call, fault);
}

pub fn the_provider_goes_away(run: &mut Run) {
    run.world.provider().faults().outage(Outage::Down);
}

pub fn the_provider_comes_back(run: &mut Run) {
    run.world.provider().faults().outage(Outage::Up);
}

pub fn lists_lag(run: &mut Run) {
    let seconds = run.dice.one_of(&[0, 10, 60]);
    run.world.provider().faults().lists_lag(seconds);
}

pub fn refunds_begin_otherwise(run: &mut Run) {
    let start = run.dice.one_of(&[
        RefundStart::Succeeded,
        RefundStart::Processing { after_s: 7_200 },
        RefundStart::InsufficientFunds,
        RefundStart::ChargePending { after_s: 600 },
        RefundStart::RequiresAction,
    ]);
    run.note(&format!("… {start:?}"));
    run.world.provider().refunds_start(start);
}
