//! From facts to rows: the projections, and the journals that follow from them.
//!
//! [`Books`] is a working copy of every row that a batch of facts touches. It is loaded in a few
//! steps, changed in memory by pure functions, and written a table at a time, all inside one write
//! transaction. What a webhook says and what an API answer says go through the same door.

mod absorb;
mod adopt;
mod apply;
mod book;
mod book_refund;
mod classify;
mod compare;
mod dispute;
mod entry;
mod judge;
mod lane;
mod load;
mod of_charges;
mod payout;
mod refund;
mod rows;
mod save;
mod settle;
mod settle_objects;
mod table;
mod wake;

pub use absorb::{absorb, kept, take_in};
pub use book::{numbered, standing};
pub use classify::booked_classification;
pub use compare::{Comparison, Contradiction, compare, unknown_there};
pub use entry::{EffectKey, JournalRows};
pub use refund::came_back;
pub use rows::{money, optional_time, period, time};
pub use settle_objects::{add_trace, traces};

use crate::clock::Clock;
use crate::store::WriteTx;
use crate::store::rows::{
    Charge, Customer, Dispute, DisputeMovement, Invoice, InvoicePayment, Payout, PayoutPosition,
    ProviderLine, Refund, Subscription,
};
use avstem_domain::ledger::account::Connection;
use avstem_domain::refund_policy::Policy;
use avstem_domain::time::Timestamp;
use avstem_webhooks::Observation;
use std::collections::{BTreeMap, BTreeSet};
use table::Table;

use super::Failure;

/// What books are kept by: the time, the days of whose calendar, and the policy that judges what others
/// gave back.
#[derive(Clone, Copy)]
pub struct Keeping<'a> {
    pub clock: &'a Clock,
    pub zone: chrono_tz::Tz,
    pub policy: &'a Policy,
}

/// Rows that belong together, by the provider's ids.
pub struct Books<'a> {
    connection: Connection,
    clock: &'a Clock,
    now: Timestamp,
    zone: chrono_tz::Tz,
    policy: &'a Policy,
    customers: Table<String, Customer>,
    subscriptions: Table<String, Subscription>,
    invoices: Table<String, Invoice>,
    /// Subscriptions by invoice.
    billed: BTreeMap<String, BTreeSet<String>>,
    /// Of these, what is not stored yet: by invoice and subscription.
    newly_billed: BTreeSet<(String, String)>,
    /// By payment (or charge) and invoice.
    links: Table<(String, String), InvoicePayment>,
    charges: Table<String, Charge>,
    /// By our id.
    refunds: Table<String, Refund>,
    disputes: Table<String, Dispute>,
    /// By the provider's id of the line.
    movements: Table<String, DisputeMovement>,
    payouts: Table<String, Payout>,
    /// Lines of reports, by id.
    lines: Table<String, ProviderLine>,
    /// Where payouts stand on their way to the bank.
    positions: Table<String, PayoutPosition>,
    /// Effects of these objects that are booked already.
    booked: BTreeSet<(String, String)>,
    /// Our ids of refunds that came back, and of which a late snapshot told that they had been paid.
    paid_before: BTreeSet<String>,
    /// Our ids of refunds whose money left when they succeeded, not when they were made.
    paid_late: BTreeSet<String>,
    /// Charges (the provider's ids) of which something changed, or of their invoices, links or refunds.
    touched: BTreeSet<String>,
    /// Ends that snapshots told of, late ones too.
    stops: Vec<adopt::StopTold>,
    /// Subscriptions (the provider's ids) that stopped and were seen to go on.
    resumed: BTreeSet<String>,
    journals: JournalRows,
    happened: Happened,
}

/// What a batch brought that others wait for.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Happened {
    /// Our ids of charges that are booked for the first time.
    pub charges: Vec<String>,
    /// Our ids of cancellations with a refund whose state changed.
    pub cancellations: BTreeSet<String>,
    /// Ids of lines whose money was in suspense, and is not any more.
    pub arrived: Vec<String>,
    /// The provider's ids of objects that no report knew, until now.
    pub found: Vec<String>,
}

impl<'a> Books<'a> {
    /// Loads what `observations` touch.
    pub fn open<'o>(
        tx: &mut WriteTx<'_>,
        keeping: Keeping<'a>,
        connection: &str,
        observations: impl IntoIterator<Item = &'o Observation>,
    ) -> Result<Self, Failure> {
        let mut books = Self::empty(keeping, connection)?;
        books.load_named(tx, &load::Named::of(observations))?;
        books.keep_to_lane(tx)?;
        Ok(books)
    }

    fn empty(keeping: Keeping<'a>, connection: &str) -> Result<Self, Failure> {
        let Keeping {
            clock,
            zone,
            policy,
        } = keeping;
        let connection =
            Connection::parse(connection).map_err(|e| Failure::unreadable("connection name", e))?;
        Ok(Self {
            connection,
            clock,
            now: clock.now(),
            zone,
            policy,
            customers: Table::default(),
            subscriptions: Table::default(),
            invoices: Table::default(),
            billed: BTreeMap::new(),
            newly_billed: BTreeSet::new(),
            links: Table::default(),
            charges: Table::default(),
            refunds: Table::default(),
            disputes: Table::default(),
            movements: Table::default(),
            payouts: Table::default(),
            lines: Table::default(),
            positions: Table::default(),
            booked: BTreeSet::new(),
            paid_before: BTreeSet::new(),
            paid_late: BTreeSet::new(),
            touched: BTreeSet::new(),
            stops: Vec::new(),
            resumed: BTreeSet::new(),
            journals: JournalRows::default(),
            happened: Happened::default(),
        })
    }

    /// Loads what belongs to some charges.
    pub fn of_charges<'c>(
        tx: &mut WriteTx<'_>,
        keeping: Keeping<'a>,
        connection: &str,
        charges: impl Iterator<Item = &'c Charge>,
    ) -> Result<Self, Failure> {
        let mut books = Self::empty(keeping, connection)?;
        books.load_named(tx, &load::Named::charges(charges))?;
        Ok(books)
    }

    /// Loads what belongs to some lines of reports: they are booked when the books are closed.
    pub fn of_lines(
        tx: &mut WriteTx<'_>,
        keeping: Keeping<'a>,
        connection: &str,
        lines: Vec<ProviderLine>,
    ) -> Result<Self, Failure> {
        let mut books = Self::empty(keeping, connection)?;
        books.load_lines(tx, lines)?;
        Ok(books)
    }

    /// Puts a new money operation in the books: its decision is booked when they are closed.
    pub fn decide_refund(&mut self, refund: Refund) {
        self.refunds.put(refund.id.clone(), refund);
    }

    /// One of the loaded refunds, changed by us and not by the provider.
    pub fn change_refund(&mut self, id: &str, change: impl FnOnce(&mut Refund)) {
        if let Some(refund) = self.refunds.change(id) {
            let before = refund.state.clone();
            change(refund);
            if refund.state != before {
                refund.state_since = self.now.as_micros();
            }
            if refund.state != before || refund.attention.is_some() {
                self.happened
                    .cancellations
                    .extend(refund.cancellation_id.clone());
            }
        }
    }

    /// Applies facts in memory. Money whose charge is unknown is an error of the caller, who asks
    /// [`Self::knows_charge_of`] first.
    pub fn apply(&mut self, observations: &[Observation]) -> Result<(), Failure> {
        for observation in observations {
            self.apply_one(observation)?;
        }
        Ok(())
    }

    /// Books what follows, writes every changed row, and wakes the cancellations that wait for it.
    pub fn close(mut self, tx: &mut WriteTx<'_>) -> Result<Happened, Failure> {
        self.book()?;
        self.load_suspended(tx)?;
        self.settle()?;
        self.save(tx)?;
        self.adopt(tx)?;
        self.judge_others(tx)?;
        self.wake(tx)?;
        // Late, for others who book wait from here on until this is committed (docs/decisions/0022).
        self.journals.write(tx)?;
        self.close_breaks(tx)?;
        Ok(self.happened)
    }
}
