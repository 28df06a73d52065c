//! What must hold once a cancellation is at rest, whatever went wrong on the way.

use crate::database::LEDGER;
use crate::world::{World, monthly, work};
use avstem::app::cancellation::{self, RequestCancellation};
use avstem::app::deliveries::{self, Completed, ReportDelivery};
use avstem::app::replay_events::{self, Which};
use avstem_domain::time::Timestamp;
use avstem_simulator::{ChargeView, MoneyMovement, MovementKind, PaymentBehavior, SeenRequest};
use avstem_webhooks::outbound::Method;
use std::collections::BTreeSet;

/// One customer's cancellation, just asked for.
#[derive(Clone)]
pub struct Case {
    pub subscription: String,
    pub cancellation: String,
    pub asked_at: Timestamp,
    pub right: Right,
}

/// What deliveries tell of, and what is done about it.
const TOLD: [&str; 11] = [
    "customers",
    "subscriptions",
    "invoices",
    "invoice_payments",
    "charges",
    "refunds",
    "disputes",
    "dispute_movements",
    "payouts",
    "verdicts",
    "receipts",
];

/// What the customer has a right to. What was taken after the request always goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Right {
    /// The latest charge, or what is left of it.
    LatestCharge,
    /// Half of it: the other half of its period was delivered.
    HalfOfLatestCharge,
    Nothing,
}

/// Subscriptions with a past, made by the dozen: one delivery of much costs less than many of little, and
/// with those that nobody needs more is told and checked to the end.
pub struct Subscribers<'w> {
    world: &'w World,
    /// What they have behind them.
    days: i64,
    at_once: usize,
    waiting: Vec<String>,
}

impl<'w> Subscribers<'w> {
    const DOZEN: usize = 12;

    /// Of two charges, the last one a few days old.
    pub const fn in_the_second_month(world: &'w World) -> Self {
        Self::after(world, 33)
    }

    /// Of one charge that is too old to go back.
    pub const fn outside_the_window(world: &'w World) -> Self {
        Self::after(world, 20)
    }

    const fn after(world: &'w World, days: i64) -> Self {
        Self {
            world,
            days,
            at_once: Self::DOZEN,
            waiting: Vec::new(),
        }
    }

    /// Made when they are needed, where much time passes with each.
    pub const fn one_by_one(mut self) -> Self {
        self.at_once = 1;
        self
    }

    /// The provider's id of one more.
    pub fn next(&mut self) -> String {
        if self.waiting.is_empty() {
            let subscribe = |_| self.world.subscribe().1;
            self.waiting = (0..self.at_once).map(subscribe).collect();
            self.world.pass_days(self.days);
            self.world.deliver();
        }
        self.waiting.pop().unwrap()
    }
}

/// A subscription of two charges, the last one a few days old. The provider's id.
pub fn in_the_second_month(world: &World) -> String {
    let (_, subscription) = world.subscribe();
    world.pass_days(33);
    subscription
}

/// A subscription whose only charge is too old to go back. The provider's id.
pub fn outside_the_window(world: &World) -> String {
    let (_, subscription) = world.subscribe_to(&monthly(), PaymentBehavior::Succeeds);
    world.pass_days(20);
    subscription
}

/// A subscription of two charges: half of the last one's period was delivered, so that half of it goes
/// back. The provider's id.
pub fn half_delivered(world: &World) -> String {
    let subscription = in_the_second_month(world);
    world.deliver();
    report_half_delivered(world, &subscription);
    subscription
}

pub fn report_half_delivered(world: &World, subscription: &str) {
    let half = ReportDelivery {
        subscription: subscription.to_owned(),
        charge: world.latest_charge(subscription),
        ordered: 2,
        delivered: 1,
        completed: Completed::No,
        reported_by: "key".to_owned(),
    };
    deliveries::report(&world.app, &half).unwrap();
}

impl Case {
    /// Asks for a cancellation once everything from before is known and at rest. Two seconds pass:
    /// the provider counts whole ones, and what is paid from now on is paid after the request.
    pub fn ask(world: &World, subscription: String, right: Right) -> Self {
        let request = world.request(&subscription);
        Self::ask_so(world, subscription, right, request)
    }

    pub fn ask_so(
        world: &World,
        subscription: String,
        right: Right,
        request: RequestCancellation,
    ) -> Self {
        world.deliver();
        work(&world.app, world, 0).unwrap();
        let asked_at = world.clock.now();
        let requested = cancellation::request(&world.app, request).unwrap();
        world.pass_seconds(2);
        Self {
            subscription,
            cancellation: requested.cancellation.id,
            asked_at,
            right,
        }
    }

    /// Completed, billing stopped, every right paid once and nothing else.
    pub fn assert_completed(&self, world: &World, when: &str) {
        let view = world.view(&self.cancellation);
        let row = &view.row;
        assert_eq!(row.state, "completed", "{when}: {row:?} {:?}", view.refunds);
        assert_eq!(row.attention, None, "{when}");
        assert!(row.stop_done_at.is_some(), "{when}");
        self.assert_stopped(world, when);
        let paid = self.assert_rights_paid_once(world, when);
        let states: Vec<&str> = view.refunds.iter().map(|r| r.state.as_str()).collect();
        assert_eq!(states, vec!["succeeded"; paid], "{when}");
        let languages: Vec<&str> = view.receipts.iter().map(|r| r.locale.as_str()).collect();
        assert_eq!(languages[languages.len() - 2..], ["en", "sv"], "{when}");
    }

    /// Nothing is billed any more: the provider has the stop, and no renewal is left to be paid.
    pub fn assert_stopped(&self, world: &World, when: &str) {
        let provider = world.provider();
        let found = provider.subscription_view(&self.subscription).unwrap();
        let stops = found.cancel_at_period_end || found.cancel_at.is_some();
        assert!(found.status == "canceled" || stops, "{when}: {found:?}");
        for invoice in provider.invoices_of(&self.subscription) {
            let settled = matches!(invoice.status, "paid" | "void");
            assert!(settled, "{when}: {invoice:?} may still be paid");
        }
    }

    /// Looks at the money that really moved. Returns how many refunds the customer had a right to.
    pub fn assert_rights_paid_once(&self, world: &World, when: &str) -> usize {
        let provider = world.provider();
        let charges = provider.charges_of(&self.subscription);
        let succeeded: Vec<&ChargeView> = charges
            .iter()
            .filter(|charge| charge.status == "succeeded")
            .collect();
        let latest = succeeded
            .iter()
            .rfind(|charge| charge.created <= self.asked_at);
        let mut rights = 0;
        for charge in &succeeded {
            let is_latest = latest.is_some_and(|latest| latest.id == charge.id);
            let late = charge.created > self.asked_at;
            let of_latest = match self.right {
                Right::LatestCharge => charge.amount_minor,
                Right::HalfOfLatestCharge => charge.amount_minor / 2,
                Right::Nothing => 0,
            };
            let whole = match (late, is_latest) {
                (true, _) => charge.amount_minor,
                (false, true) => of_latest,
                (false, false) => 0,
            };
            let right = whole > 0;
            rights += usize::from(right);
            let back = |m: &&MoneyMovement| m.kind == MovementKind::Refund && m.charge == charge.id;
            let all = provider.money_moved().iter().filter(back);
            let ours = all
                .clone()
                .filter(|movement| !movement.metadata.is_empty())
                .count();
            assert_eq!(ours, usize::from(right), "{when}: refunds of {charge:?}");
            let sum: i64 = all.map(|movement| movement.amount_minor).sum();
            let whole = if right { whole } else { sum };
            assert_eq!(sum, whole, "{when}: money back of {charge:?}");
        }
        rights
    }

    /// Every refund of ours that the provider made for this subscription.
    pub fn refunds_made(&self, world: &World) -> usize {
        let charges = world.charges(&self.subscription);
        charges
            .iter()
            .map(|charge| world.refunds_paid(charge))
            .sum()
    }
}

/// Months pass, and nobody is charged any more; the books agree with the provider to the end.
pub fn assert_nothing_is_charged_any_more(world: &World, cases: &[Case]) {
    world.provider().faults().clear();
    let count = || -> Vec<usize> {
        cases
            .iter()
            .map(|case| world.charges(&case.subscription).len())
            .collect()
    };
    let before = count();
    world.pass_days(70);
    world.deliver();
    work(&world.app, world, 0).unwrap();
    assert_eq!(count(), before);
    let all = cancellation::list(&world.app, None, None, 10_000).unwrap();
    for case in cases {
        let others = all.iter().filter(|view| {
            view.subscription.provider_id == case.subscription && view.row.origin == "provider"
        });
        assert_eq!(others.count(), 0, "what we stopped was nobody else's doing");
    }
    world.check_books();
}

/// Every delivery is processed once more, and nothing comes of it.
pub fn assert_a_second_telling_changes_nothing(world: &World) {
    let before = told(world);
    replay_events::replay(&world.app, &Which::All).unwrap();
    world.process();
    work(&world.app, world, 0).unwrap();
    let after = told(world);
    let gone: Vec<&String> = before.difference(&after).collect();
    let new: Vec<&String> = after.difference(&before).collect();
    assert!(gone.is_empty() && new.is_empty(), "{gone:#?} {new:#?}");
}

/// All rows, but of cancellations what they show: one that a person must look at may be looked at again.
fn told(world: &World) -> BTreeSet<String> {
    let mut rows: BTreeSet<String> = world
        .contents(&[&TOLD[..], &LEDGER[..]].concat())
        .into_iter()
        .collect();
    rows.extend(world.lines(
        "SELECT id || ' ' || step || ' ' || state || ' ' || coalesce(stop_mode, '') || ' ' ||
         coalesce(attention, '') || CASE WHEN trouble IS NULL THEN '.' ELSE ', trouble.' END AS line
         FROM cancellations",
    ));
    rows
}

/// Every request for one refund carries the same key and the same bytes.
pub fn assert_keys_and_bytes_are_for_life(world: &World, case: &Case, when: &str) {
    for refund in world.view(&case.cancellation).refunds {
        let sent = posts_of(world, &refund.id);
        assert!(!sent.is_empty(), "{when}");
        for request in &sent {
            assert_eq!(request.idempotency_key, refund.idempotency_key, "{when}");
            assert_eq!(Some(&request.body), refund.request_body.as_ref(), "{when}");
        }
    }
}

/// The requests that asked for one refund of ours.
pub fn posts_of(world: &World, refund: &str) -> Vec<SeenRequest> {
    let provider = world.provider();
    // Of all that a sweep has sent, thousands: the cheapest look first.
    let posts = provider
        .requests_seen()
        .iter()
        .filter(|r| r.method == Method::Post && r.target == "/v1/refunds");
    posts
        .filter(|r| String::from_utf8_lossy(&r.body).contains(refund))
        .cloned()
        .collect()
}

/// Whether a request is such a call; `*` stands for any one segment of the path.
pub fn is(request: &SeenRequest, method: Method, path: &str) -> bool {
    let target = request.target.split('?').next().unwrap();
    let same = |(wanted, found): (&str, &str)| wanted == "*" || wanted == found;
    request.method == method
        && path.split('/').count() == target.split('/').count()
        && path.split('/').zip(target.split('/')).all(same)
}
