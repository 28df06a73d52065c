//! Webhooks as a company's subscribers cause them, signed.

use avstem::clock::Clock;
use avstem_domain::time::Timestamp;
use avstem_simulator::{Interval, Plan, Settings, Shape, Simulator, WebhookDelivery};
use std::ops::Range;

pub const SECRET: &str = "whsec_of_the_benches";

/// What happened to so many subscribers in the months before `now`: each subscribes, and pays every
/// month. About nine events for the start and eight for each month.
pub fn deliveries(
    shape: Shape,
    subscribers: usize,
    months: i64,
    now: Timestamp,
) -> Vec<WebhookDelivery> {
    deliveries_of(shape, 0..subscribers, months, now)
}

/// The same for some of them by number. Those of two calls have nothing in common.
pub fn deliveries_of(
    shape: Shape,
    subscribers: Range<usize>,
    months: i64,
    now: Timestamp,
) -> Vec<WebhookDelivery> {
    let settings = Settings {
        seed: 7 + u64::try_from(subscribers.start).unwrap(),
        webhook_secret: SECRET.to_owned(),
        api_key: "sk_test_of_the_benches".to_owned(),
        shape,
        currency: "sek",
    };
    // Not all in one second: over the first day.
    let start = now.saturating_add_seconds(-(months * 31 + 1) * 86_400);
    let mut provider = Simulator::new(settings, start);
    let plan = Plan {
        name: "Bas".to_owned(),
        amount_minor: 24_900,
        tax_minor: 4_980,
        interval: Interval::Month,
        count: 1,
        trial_days: 0,
    };
    let (first, count) = (subscribers.start, subscribers.len());
    for number in subscribers {
        let seconds = 86_400 * (number - first) / count;
        provider.advance_to(start.saturating_add_seconds(i64::try_from(seconds).unwrap()));
        let address = format!("subscriber-{number}@example.test");
        let customer = provider.create_customer(&address, "Kim Lindqvist", "sv");
        provider.subscribe(&customer, &plan);
    }
    provider.advance_to(now);
    provider.all_events()
}

/// The time of the deliveries; the benches' clocks stand there, so that no signature grows old.
pub fn today() -> Timestamp {
    Clock::system().now()
}
