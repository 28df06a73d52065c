//! A payment provider that behaves, and misbehaves, like Stripe: a pure state machine.
//!
//! No I/O, no clock, no threads. Time and seed are arguments, so the same calls give the same ids,
//! events and answers byte for byte. [`Simulator::handle`] is the API, [`Simulator::deliveries_due`]
//! the webhooks, [`Simulator::faults`] what goes wrong, and [`Simulator::money_moved`] the truth that
//! a test compares its own books with.
//!
//! Not modelled: proration credits on cancelling, coupons, payment methods,
//! `ending_before`, search. Unknown parameters are refused, as Stripe refuses them.

mod actions;
mod answer;
mod api;
mod api_balance;
mod api_invoices;
mod api_lists;
mod api_refunds;
mod api_subscriptions;
mod balance;
mod billing;
mod calendar;
mod deliveries;
mod dispute_rules;
mod disputes;
mod endings;
mod events;
mod expand;
mod faults;
mod handle;
mod idempotency;
mod ids;
mod objects;
mod objects_money;
mod oracle;
mod params;
mod pauses;
mod payments;
mod payouts;
mod refunds;
mod render;
mod render_classic;
mod render_money;
mod render_newer;
mod render_prices;
mod reports;
mod rng;
mod scenario;
mod table;
mod timeline;

use avstem_domain::time::Timestamp;
use avstem_webhooks::outbound::HttpReply;

pub use actions::Action;
pub use balance::ChargeFee;
pub use deliveries::WebhookDelivery;
pub use disputes::DisputeTerms;
pub use faults::{CallMatch, Fault, Faults, Outage};
pub use oracle::{
    ChargeView, DisputeView, InvoiceView, MoneyMovement, MovementKind, PayoutView, RefundView,
    SeenRequest, SubscriptionView,
};
pub use pauses::DunningEnd;
pub use refunds::{RefundFailure, RefundStart};
pub use reports::{ActivityRow, PayoutRow, activity_csv, payouts_csv};

use deliveries::Deliveries;
use dispute_rules::WhenDisputed;
use events::RequestMark;
use idempotency::KeyStore;
use ids::Ids;
use objects::{Charge, Customer, Event, Invoice, InvoicePayment, PaymentIntent, Subscription};
use objects_money::{BalanceTransaction, Dispute, Payout, Refund};
use rng::SplitMix64;
use table::Table;
use timeline::Timeline;

/// Which generation of Stripe's objects events and answers have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Before 2025-03-31 (basil); API answers too, whatever version a request names.
    Classic,
    /// From 2025-03-31 on.
    Newer,
    /// Events alternate, starting with the newer shape.
    Mixed,
}

#[derive(Debug, Clone)]
pub struct Settings {
    pub seed: u64,
    /// The whole `whsec_…` text.
    pub webhook_secret: String,
    /// Requests must carry `Bearer <api_key>`.
    pub api_key: String,
    pub shape: Shape,
    /// Lower case, such as `sek`.
    pub currency: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    Day,
    Week,
    Month,
    Year,
}

/// What a subscription costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub name: String,
    /// What the customer pays each period, tax included.
    pub amount_minor: i64,
    /// The part of `amount_minor` that is tax.
    pub tax_minor: i64,
    pub interval: Interval,
    /// Intervals in a period; 0 counts as 1.
    pub count: u32,
    /// Free days before the first period; 0 for none.
    pub trial_days: u32,
}

/// What happens when a customer's payment method is charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentBehavior {
    Succeeds,
    Fails,
    /// As a bank debit does: pending until [`Simulator::pay_renewal`].
    StaysProcessing,
    /// Two payments for each invoice; the classic shape shows only the first.
    SplitsInTwo,
}

/// What came back from a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exchange {
    Reply(HttpReply),
    /// No answer comes, and the effect may have happened: the caller sees a dropped connection.
    Lost,
    /// An answer that nobody should hold whole: its body is that of `beginning`, and then [`FILLER`] until
    /// there are `bytes` bytes.
    Huge {
        beginning: HttpReply,
        bytes: u64,
    },
}

/// What a huge answer is made of.
pub const FILLER: u8 = b'x';

impl Exchange {
    /// What a caller hears that reads no more than `bytes_max` bytes of a body; nothing when no answer
    /// comes.
    #[must_use]
    pub fn read_up_to(self, bytes_max: usize) -> Option<HttpReply> {
        match self {
            Self::Reply(mut reply) => {
                reply.body.truncate(bytes_max);
                Some(reply)
            }
            Self::Lost => None,
            Self::Huge { beginning, bytes } => {
                let bytes = usize::try_from(bytes).unwrap_or(usize::MAX).min(bytes_max);
                let mut reply = beginning;
                reply.body.resize(bytes, FILLER);
                Some(reply)
            }
        }
    }
}

/// One simulated Stripe account with one webhook endpoint.
#[derive(Debug)]
pub struct Simulator {
    settings: Settings,
    now: Timestamp,
    ids: Ids,
    request_ids: SplitMix64,
    /// The request being handled, which events it causes name.
    request: Option<RequestMark>,
    catalog: Vec<CatalogEntry>,
    customers: Table<Customer>,
    subscriptions: Table<Subscription>,
    invoices: Table<Invoice>,
    invoice_payments: Table<InvoicePayment>,
    payment_intents: Table<PaymentIntent>,
    charges: Table<Charge>,
    refunds: Table<Refund>,
    disputes: Table<Dispute>,
    balance_transactions: Table<BalanceTransaction>,
    payouts: Table<Payout>,
    events: Table<Event>,
    timeline: Timeline,
    deliveries: Deliveries,
    keys: KeyStore,
    faults: Faults,
    money_moved: Vec<MoneyMovement>,
    seen: Vec<SeenRequest>,
    refund_start: RefundStart,
    charge_fee: ChargeFee,
    when_disputed: WhenDisputed,
    dunning_end: DunningEnd,
}

/// The price and product that stand for a plan.
#[derive(Debug, Clone)]
struct CatalogEntry {
    plan: Plan,
    price: String,
    product: String,
}

impl Simulator {
    #[must_use]
    pub fn new(settings: Settings, now: Timestamp) -> Self {
        let stream = |number| SplitMix64::new(settings.seed, number);
        Self {
            now,
            ids: Ids::new(stream(1)),
            request_ids: stream(2),
            deliveries: Deliveries::new(stream(3)),
            request: None,
            catalog: Vec::new(),
            customers: Table::default(),
            subscriptions: Table::default(),
            invoices: Table::default(),
            invoice_payments: Table::default(),
            payment_intents: Table::default(),
            charges: Table::default(),
            refunds: Table::default(),
            disputes: Table::default(),
            balance_transactions: Table::default(),
            payouts: Table::default(),
            events: Table::default(),
            timeline: Timeline::default(),
            keys: KeyStore::default(),
            faults: Faults::default(),
            money_moved: Vec::new(),
            seen: Vec::new(),
            refund_start: RefundStart::Succeeded,
            charge_fee: ChargeFee::default(),
            when_disputed: WhenDisputed::GoesOn,
            dunning_end: DunningEnd::Cancels,
            settings,
        }
    }

    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What goes wrong from now on.
    pub fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// Now, in whole seconds: the resolution of every time Stripe tells.
    fn second(&self) -> Timestamp {
        Timestamp::from_unix_seconds(self.now.unix_seconds()).unwrap_or(self.now)
    }

    fn new_id(&mut self, prefix: &str) -> String {
        self.ids.next(prefix, self.now)
    }
}
