//! A cancellation decided: the plan alone, from facts in memory; and the preview that a customer looks at,
//! which reads everything about the subscription from the database first.

use crate::deliveries::{deliveries, today};
use crate::measure::{Table, each, grouped, per_second, share, times};
use crate::stage::{Database, Stage, databases};
use avstem::app::{cancellation, process_events};
use avstem_domain::cancellation::{
    ChargeFacts, Facts, InvoiceCoverage, RefundChoice, Request, SubscriptionFacts, plan,
};
use avstem_domain::charge::{ChargeKind, ChargeStatus};
use avstem_domain::event::DisputeStanding;
use avstem_domain::id::{ChargeId, ProviderChargeId, ProviderInvoiceId};
use avstem_domain::money::{Currency, Money};
use avstem_domain::refund_policy::Policy;
use avstem_domain::subscription::SubscriptionStatus;
use avstem_domain::time::{BillingPeriod, Timestamp};
use avstem_simulator::Shape;
use std::hint::black_box;

/// Of one round.
const DECISIONS: usize = 2_000;
const SUBSCRIBERS: usize = 500;
/// Of a subscription: a year of months.
const CHARGES: usize = 12;
const DAY_S: i64 = 86_400;

pub fn run() {
    let now = today();
    let stages: Vec<_> = databases()
        .into_iter()
        .map(|database| (database.name(), Subscribers::of(database, now)))
        .collect();
    let mut names = vec![format!("plan, {CHARGES} charges")];
    let mut works: Vec<Box<dyn Fn() + '_>> = vec![plans(CHARGES, now)];
    for charges in [1, 10 * CHARGES] {
        names.push(format!("plan, {charges} charges"));
        works.push(plans(charges, now));
    }
    for (name, subscribers) in &stages {
        names.push(format!("{name}: preview, {CHARGES} charges"));
        works.push(Box::new(|| subscribers.preview()));
    }
    let took = times(&works);
    let mut table = Table::new(
        "A cancellation decided, one thread",
        &["what", "µs each", "decisions/s", "of the plan"],
    );
    for (name, one) in names.iter().zip(&took) {
        let nanos = each(DECISIONS, *one);
        table.row(&[
            name,
            &format!("{}.{}", grouped(nanos / 1_000), nanos % 1_000 / 100),
            &grouped(per_second(DECISIONS, *one)),
            &share(per_second(DECISIONS, *one), per_second(DECISIONS, took[0])),
        ]);
    }
    table.print();
}

/// Plans the cancellation of a subscription that was charged so many times, last a week ago.
fn plans(charges: usize, now: Timestamp) -> Box<dyn Fn()> {
    let facts = facts(charges, now);
    let policy = Policy::reference().unwrap();
    let request = Request {
        judged_at: now,
        refund: RefundChoice::Policy,
    };
    Box::new(move || {
        for _ in 0..DECISIONS {
            let plan = plan(&facts, request, &policy, chrono_tz::Europe::Stockholm).unwrap();
            assert_eq!(black_box(plan).verdicts.len(), facts.charges.len());
        }
    })
}

fn facts(charges: usize, now: Timestamp) -> Facts {
    let period = |age: usize| {
        let start = -7 - 30 * i64::try_from(age).unwrap();
        let day = |days: i64| now.saturating_add_seconds(days * DAY_S);
        BillingPeriod::new(day(start), day(start + 30)).unwrap()
    };
    let charge = |age: usize| ChargeFacts {
        charge: ChargeId::from_uuid(uuid::Uuid::from_u128(u128::try_from(age).unwrap())),
        provider_charge: ProviderChargeId::parse(&format!("ch_{age}")).unwrap(),
        kind: if age + 1 == charges {
            ChargeKind::Initial
        } else {
            ChargeKind::Renewal
        },
        status: ChargeStatus::Succeeded,
        amount: sek(24_900),
        refunded: sek(0),
        dispute: DisputeStanding::Undisputed,
        paid_at: Some(period(age).start()),
        invoice: Some(ProviderInvoiceId::parse(&format!("in_{age}")).unwrap()),
        period: Some(period(age)),
        coverage: InvoiceCoverage::ThisSubscription,
        delivery: None,
    };
    Facts {
        subscription: SubscriptionFacts {
            status: SubscriptionStatus::Active,
            current_period: Some(period(0)),
            trial_end: None,
            free_periods: Vec::new(),
            ended_at: None,
            stops_at: None,
        },
        charges: (0..charges).map(charge).collect(),
    }
}

fn sek(minor: i64) -> Money {
    Money::from_minor(minor, Currency::parse("SEK").unwrap())
}

/// Everything about some subscriptions, in a database, and the provider's ids of them.
struct Subscribers {
    stage: Stage,
    subscriptions: Vec<String>,
}

impl Subscribers {
    fn of(database: Database, now: Timestamp) -> Self {
        let months = i64::try_from(CHARGES).unwrap() - 1;
        let deliveries = deliveries(Shape::Mixed, SUBSCRIBERS, months, now);
        let stage = database.stage(now);
        stage.store(&deliveries);
        process_events::drain(&stage.app).unwrap();
        let started = deliveries
            .iter()
            .filter(|delivery| delivery.kind == "customer.subscription.created");
        let subscriptions: Vec<String> = started
            .map(|delivery| {
                let event: serde_json::Value = serde_json::from_slice(&delivery.body).unwrap();
                event["data"]["object"]["id"].as_str().unwrap().to_owned()
            })
            .collect();
        assert_eq!(subscriptions.len(), SUBSCRIBERS);
        Self {
            stage,
            subscriptions,
        }
    }

    /// Looks at one after the other.
    fn preview(&self) {
        for subscription in self.subscriptions.iter().cycle().take(DECISIONS) {
            let choice = RefundChoice::Policy;
            let previewed = cancellation::preview(&self.stage.app, subscription, choice).unwrap();
            assert_eq!(black_box(previewed).plan.verdicts.len(), CHARGES);
        }
    }
}
