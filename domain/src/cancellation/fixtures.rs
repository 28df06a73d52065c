//! The subscription that the tests start from: 249.00 SEK a month, three charges, the last one paid on
//! 1 November 2026 at 09:00 UTC for the month from 08:00 that day, and a request on 10 November.

use super::*;
use crate::money::Currency;

pub(crate) const PERIOD_STARTS: [&str; 4] = [
    "2026-09-01T08:00:00Z",
    "2026-10-01T08:00:00Z",
    "2026-11-01T08:00:00Z",
    "2026-12-01T08:00:00Z",
];

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

pub(crate) fn sek(minor: i64) -> Money {
    Money::from_minor(minor, Currency::parse("SEK").unwrap())
}

pub(crate) fn id(n: u128) -> ChargeId {
    ChargeId::from_uuid(uuid::Uuid::from_u128(n))
}

pub(crate) fn month(n: usize) -> BillingPeriod {
    BillingPeriod::new(at(PERIOD_STARTS[n]), at(PERIOD_STARTS[n + 1])).unwrap()
}

pub(crate) fn invoice(name: &str) -> Option<ProviderInvoiceId> {
    Some(ProviderInvoiceId::parse(name).unwrap())
}

pub(crate) fn report(ordered: i64, delivered: i64) -> Option<Delivery> {
    Some(Delivery {
        ordered,
        delivered,
        completed: Completion::NotCompleted,
    })
}

/// What a test changes before it asks for the plan.
pub(crate) struct World {
    pub facts: Facts,
    pub policy: Policy,
    pub request: Request,
}

impl World {
    pub(crate) fn new() -> Self {
        let charge = |n: u128, kind, month_index| {
            let period = month(month_index);
            ChargeFacts {
                charge: id(n),
                provider_charge: ProviderChargeId::parse(&format!("ch_{n}")).unwrap(),
                kind,
                status: ChargeStatus::Succeeded,
                amount: sek(24_900),
                refunded: sek(0),
                dispute: DisputeStanding::Undisputed,
                paid_at: Some(period.start().saturating_add_seconds(3_600)),
                invoice: invoice(&format!("in_{n}")),
                period: Some(period),
                coverage: InvoiceCoverage::ThisSubscription,
                delivery: None,
            }
        };
        let subscription = SubscriptionFacts {
            status: SubscriptionStatus::Active,
            current_period: Some(month(2)),
            trial_end: None,
            free_periods: Vec::new(),
            ended_at: None,
            stops_at: None,
        };
        let charges = vec![
            charge(1, ChargeKind::Initial, 0),
            charge(2, ChargeKind::Renewal, 1),
            charge(3, ChargeKind::Renewal, 2),
        ];
        let judged_at = at("2026-11-10T12:00:00Z");
        Self {
            facts: Facts {
                subscription,
                charges,
            },
            policy: Policy::reference().unwrap(),
            request: Request {
                judged_at,
                refund: RefundChoice::Policy,
            },
        }
    }

    /// Charge number `n`, from 1.
    pub(crate) fn charge(&mut self, n: u128) -> &mut ChargeFacts {
        self.facts
            .charges
            .iter_mut()
            .find(|c| c.charge == id(n))
            .unwrap()
    }

    /// Adds charge number `n`, like `like` in everything but its ids.
    pub(crate) fn add(&mut self, n: u128, like: u128) -> &mut ChargeFacts {
        let provider_charge = ProviderChargeId::parse(&format!("ch_{n}")).unwrap();
        let copied = self.charge(like).clone();
        let invoice = invoice(&format!("in_{n}"));
        let added = ChargeFacts {
            charge: id(n),
            provider_charge,
            invoice,
            ..copied
        };
        self.facts.charges.push(added);
        self.charge(n)
    }

    pub(crate) fn ask(&mut self, when: &str) {
        self.request.judged_at = at(when);
    }

    pub(crate) fn plan(&self) -> Plan {
        plan(
            &self.facts,
            self.request,
            &self.policy,
            chrono_tz::Europe::Stockholm,
        )
        .unwrap()
    }
}

/// The plan of the world that `change` makes.
pub(crate) fn planned(change: impl FnOnce(&mut World)) -> Plan {
    let mut world = World::new();
    change(&mut world);
    world.plan()
}
