//! What can be asked of the service: one file for each thing. Everything here is synchronous, and keeps
//! no state between one transaction or call and the next but in the database.

pub mod account;
pub mod api_keys;
pub mod backlog;
pub mod backoff;
pub mod books;
pub mod breaks;
pub mod cancellation;
pub mod customers;
pub mod deliveries;
pub mod disputes;
pub mod events;
pub mod export;
pub mod facts;
pub mod forget_bodies;
pub mod group_commit;
pub mod idempotent_requests;
pub mod itemise_payouts;
pub mod lane;
pub mod ledger_views;
pub mod link_charges;
pub mod measure;
pub mod month_end;
pub mod portal;
pub mod post_mail;
pub mod process_events;
pub mod progress;
pub mod provider;
pub mod rebuild;
pub mod receipt;
pub mod receive_webhook;
pub mod reconcile;
pub mod refund_operation;
pub mod refunds;
pub mod replay_events;
pub mod reports;
pub mod request_refund;
pub mod seal_ledger;
pub mod seams;
pub mod signals;
pub mod statements;
pub mod subscriptions;
pub mod sync;
pub mod trial_balance;
pub mod verify_ledger;

use crate::clock::Clock;
use crate::config::Config;
use crate::gateway::{Gateway, NoKey};
use crate::store::{Store, StoreError};
use avstem_domain::ledger::posting::PostingError;
use avstem_domain::money::MoneyError;
use avstem_domain::refund_policy::Policy;
use measure::Meters;
use seams::{Seams, Stopped};
use signals::Signals;

/// The service's world: everything it can touch.
pub struct App {
    pub store: Store,
    pub clock: Clock,
    pub gateway: Gateway,
    pub config: Config,
    pub policy: Policy,
    pub signals: Signals,
    pub seams: Seams,
    pub meters: Meters,
}

impl App {
    /// What the books are kept by.
    #[must_use]
    pub fn keeping(&self) -> books::Keeping<'_> {
        books::Keeping {
            clock: &self.clock,
            zone: self.config.time_zone,
            policy: &self.policy,
        }
    }
}

/// Why something asked for could not be done, through no fault of whoever asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("the database did not do it")]
    Store(#[from] StoreError),
    #[error("a stored row cannot be read: {0}")]
    Unreadable(String),
    #[error("an amount cannot be computed")]
    Money(#[from] MoneyError),
    #[error("an event cannot be booked")]
    Posting(#[from] PostingError),
    #[error("connection {0:?} has no api_key: set it to let Avstem cancel and refund")]
    NoKey(String),
    #[error("connection {0:?} is not in the settings any more; put it back to go on")]
    UnknownConnection(String),
    #[error("{}", .0)]
    Stopped(#[from] Stopped),
    #[error("deliveries of one group of customers are about what belongs to others too")]
    OtherLanes,
    #[error("the system gave no randomness")]
    Randomness(#[from] std::io::Error),
}

impl Failure {
    pub(crate) fn unreadable(what: &str, error: impl std::fmt::Display) -> Self {
        Self::Unreadable(format!("{what}: {error}"))
    }

    pub(crate) fn no_key(connection: &str) -> impl FnOnce(NoKey) -> Self {
        let connection = connection.to_owned();
        move |NoKey| Self::NoKey(connection)
    }
}
