//! Webhook deliveries: signed when they are handed out, repeated until a 2xx answer.

use std::fmt::Write;

use avstem_domain::time::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::Simulator;
use crate::faults::{DeliveryFaults, Order};
use crate::objects::Event;
use crate::rng::SplitMix64;

/// Stripe does not publish its intervals, only that they grow and end after three days.
const FIRST_RETRY_S: i64 = 60;
const RETRY_S_MAX: i64 = 12 * 3_600;
const GIVE_UP_S: i64 = 3 * 86_400;

/// One POST to the webhook endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookDelivery {
    /// Names the delivery to [`Simulator::delivered`]. The same in every retry.
    pub id: u64,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The event's id.
    pub event: String,
    /// The event's type, such as `invoice.paid`.
    pub kind: String,
}

#[derive(Debug)]
struct Queued {
    id: u64,
    event: String,
    first_tried: Option<Timestamp>,
    due: Timestamp,
    attempts: u32,
}

#[derive(Debug)]
pub(crate) struct Deliveries {
    queue: Vec<Queued>,
    next: u64,
    rng: SplitMix64,
}

impl Deliveries {
    pub(crate) fn new(rng: SplitMix64) -> Self {
        Self {
            queue: Vec::new(),
            next: 1,
            rng,
        }
    }

    pub(crate) fn enqueue(&mut self, event: &str, now: Timestamp, faults: DeliveryFaults) {
        if self.rng.happens(faults.drop_percent) {
            return;
        }
        let extra = u32::from(self.rng.happens(faults.duplicate_percent));
        for _ in 0..=faults.duplicates.saturating_add(extra) {
            self.queue.push(Queued {
                id: self.next,
                event: event.to_owned(),
                first_tried: None,
                due: now,
                attempts: 0,
            });
            self.next += 1;
        }
    }

    /// What is due, already planned again as if it will fail: a delivery nobody reports on is repeated.
    fn take_due(&mut self, now: Timestamp, order: Order) -> Vec<(u64, String)> {
        self.queue.retain(|queued| {
            let tried = queued.first_tried;
            tried.is_none_or(|first| now <= first.saturating_add_seconds(GIVE_UP_S))
        });
        let mut due: Vec<(Timestamp, u64, String)> = Vec::new();
        for queued in self.queue.iter_mut().filter(|queued| queued.due <= now) {
            due.push((queued.due, queued.id, queued.event.clone()));
            queued.due = now.saturating_add_seconds(retry_after_s(queued.attempts));
            queued.attempts = queued.attempts.saturating_add(1);
            queued.first_tried.get_or_insert(now);
        }
        due.sort();
        let mut due: Vec<(u64, String)> = due.into_iter().map(|(_, id, ev)| (id, ev)).collect();
        match order {
            Order::AsMade => {}
            Order::Shuffled { window } => {
                for part in due.chunks_mut(window.max(1)) {
                    self.rng.shuffle(part);
                }
            }
        }
        due
    }
}

fn retry_after_s(attempts: u32) -> i64 {
    let growth = 4_i64.saturating_pow(attempts);
    FIRST_RETRY_S.saturating_mul(growth).min(RETRY_S_MAX)
}

impl Simulator {
    /// The deliveries to make now, each signed with `t` = now. One that is handed out comes again
    /// after a minute, then after growing intervals for three days from the first, until [`Self::delivered`] reports
    /// a 2xx status. Empty during an outage.
    pub fn deliveries_due(&mut self) -> Vec<WebhookDelivery> {
        if self.faults.is_down() {
            return Vec::new();
        }
        let order = self.faults.delivery_faults().order;
        let due = self.deliveries.take_due(self.now, order);
        due.into_iter()
            .filter_map(|(id, event)| Some(self.sign(id, self.events.get(&event)?)))
            .collect()
    }

    /// Reports the receiver's answer. Anything but 2xx is repeated later in simulated time. Unknown
    /// ids, such as those of [`Self::all_events`], are ignored.
    pub fn delivered(&mut self, delivery: u64, status: u16) {
        if (200..300).contains(&status) {
            self.deliveries.queue.retain(|queued| queued.id != delivery);
        }
    }

    /// Deliveries without a 2xx answer yet.
    #[must_use]
    pub fn pending_deliveries(&self) -> usize {
        self.deliveries.queue.len()
    }

    /// When the next delivery falls due, if any is waiting.
    #[must_use]
    pub fn next_delivery_at(&self) -> Option<Timestamp> {
        self.deliveries.queue.iter().map(|queued| queued.due).min()
    }

    /// Every event once, oldest first, signed with `t` = now; for tests that choose their own order.
    #[must_use]
    pub fn all_events(&self) -> Vec<WebhookDelivery> {
        (0..u64::MAX)
            .zip(self.events.oldest_first())
            .map(|(number, event)| self.sign(u64::MAX - number, event))
            .collect()
    }

    fn sign(&self, id: u64, event: &Event) -> WebhookDelivery {
        let time = self.now.unix_seconds();
        let signature = signature(&self.settings.webhook_secret, time, &event.body);
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        WebhookDelivery {
            id,
            headers: vec![
                header("content-type", "application/json; charset=utf-8"),
                header(
                    "user-agent",
                    "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
                ),
                header("stripe-signature", &format!("t={time},v1={signature}")),
            ],
            body: event.body.clone(),
            event: event.id.clone(),
            kind: event.kind.to_owned(),
        }
    }
}

/// Lower-case hex of HMAC-SHA256 over `{time}.{body}`; the key is the secret's text as it stands.
fn signature(secret: &str, time: i64, body: &[u8]) -> String {
    // HMAC takes keys of any length, so this never fails; an empty signature verifies nowhere.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return String::new();
    };
    mac.update(format!("{time}.").as_bytes());
    mac.update(body);
    let mut hex = String::new();
    for byte in mac.finalize().into_bytes() {
        // Writing to a string can not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}
