//! What happens to so many customers, again and again: the events of one world of the simulator, then those of
//! a second one that differs from it in its ids, and so on without end. The same mix makes the same requests.

use crate::deliveries::SECRET;
use avstem_domain::time::Timestamp;
use avstem_simulator::{Interval, Plan, Settings, Shape, Simulator, WebhookDelivery};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt::Write;
use std::ops::Range;

/// What is sent. Shares are in per cent of the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix {
    pub customers: usize,
    /// Each pays so often.
    pub months: i64,
    pub seed: u64,
    /// Customers who are paid their first charge back.
    pub refunded: usize,
    /// Sent again, soon after.
    pub duplicates: usize,
    /// Sent later than events that came after them.
    pub disorder: usize,
    /// Sent as well under an id of their own, with a signature that does not hold.
    pub forged: usize,
}

impl Mix {
    /// Half a thousand customers with everything that goes wrong on the way.
    pub const ORDINARY: Self = Self {
        customers: 500,
        months: 2,
        seed: 7,
        refunded: 10,
        duplicates: 5,
        disorder: 10,
        forged: 2,
    };
}

/// One event of the first world.
pub struct Event {
    pub id: String,
    body: Vec<u8>,
    /// Where the letters stand in ids that are different in every world.
    tags: Vec<usize>,
    pub money: Money,
}

/// What an event says of money that moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Money {
    None,
    /// A charge succeeded.
    Charged {
        charge: String,
        minor: i64,
    },
    /// A refund of this charge succeeded.
    Refunded {
        refund: String,
        charge: String,
        minor: i64,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Genuine(usize),
    Forged(usize),
}

pub struct Lifecycles {
    pub events: Vec<Event>,
    /// What is sent of each world, in this order.
    steps: Vec<Step>,
}

/// How much later something is sent that comes late or again, in steps at most.
const LATE_MAX: usize = 200;
/// Letters behind the first of an id tell its world, so that a later world's ids come after an earlier one's, as later ids
/// of the provider's do: every world has the same two months. For them the last three are left out, of eight by chance.
const TAG_LETTERS: usize = 3;
/// In the order of their bytes.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Worlds whose events are only forged are counted from here on.
const FORGED_FROM: usize = 62 * 62 * 31;

impl Lifecycles {
    pub fn new(mix: Mix, now: Timestamp) -> Self {
        let events: Vec<Event> = world(mix, now).into_iter().map(Event::of).collect();
        let steps = steps(mix, events.len());
        Self { events, steps }
    }

    /// Requests of one world.
    pub fn requests(&self) -> usize {
        self.steps.len()
    }

    /// The event of a request, the world it is in, and how it is to be signed.
    pub fn event(&self, number: usize) -> (&Event, usize, Signed) {
        let world = number / self.steps.len();
        match self.steps[number % self.steps.len()] {
            Step::Genuine(event) => (&self.events[event], world, Signed::Well),
            Step::Forged(event) => (&self.events[event], world + FORGED_FROM, Signed::Badly),
        }
    }

    /// Appends the body of a request, and says how it is to be signed.
    pub fn body(&self, number: usize, body: &mut Vec<u8>) -> Signed {
        let (event, world, signed) = self.event(number);
        let (tag, start) = (tag(world), body.len());
        body.extend_from_slice(&event.body);
        for at in &event.tags {
            let at = start + at;
            body[at..at + TAG_LETTERS].copy_from_slice(&tag);
        }
        signed
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    Well,
    Badly,
}

/// The value of the header `stripe-signature`.
pub fn signature(signed: Signed, now: Timestamp, body: &[u8]) -> String {
    let time = now.unix_seconds();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{time}.").as_bytes());
    mac.update(body);
    let mut text = format!("t={time},v1=");
    for byte in mac.finalize().into_bytes() {
        let byte = match signed {
            Signed::Well => byte,
            Signed::Badly => !byte,
        };
        write!(text, "{byte:02x}").unwrap();
    }
    text
}

/// An id of the first world as it is in another.
pub fn in_world(id: &str, world: usize) -> String {
    let (before, after) = around_tag(id).unwrap();
    format!(
        "{before}{}{after}",
        std::str::from_utf8(&tag(world)).unwrap()
    )
}

/// An id as it is in the first world, and its own world. None where no world has such an id.
pub fn split(id: &str) -> Option<(String, usize)> {
    let (before, _) = around_tag(id)?;
    let digit = |letter: u8| DIGITS.iter().position(|digit| *digit == letter);
    let mut letters = id[before.len()..].bytes().take(TAG_LETTERS);
    let world = letters.try_fold(0, |world, letter| {
        Some(world * DIGITS.len() + digit(letter)?)
    })?;
    Some((in_world(id, 0), world))
}

/// What stands before the letters that tell its world, and what behind them.
fn around_tag(id: &str) -> Option<(&str, &str)> {
    let (before, rest) = id.split_at_checked(id.find('_')? + 2)?;
    Some((before, rest.get(TAG_LETTERS..)?))
}

/// An id of the simulator's as it is in the first world.
fn in_first_world(id: &str) -> String {
    let (before, rest) = id.split_at(id.find('_').unwrap() + 2);
    let kept = &rest[..rest.len() - TAG_LETTERS];
    format!("{before}{}{kept}", std::str::from_utf8(&tag(0)).unwrap())
}

fn tag(world: usize) -> [u8; TAG_LETTERS] {
    let mut tag = [b'0'; TAG_LETTERS];
    let mut rest = world;
    for letter in tag.iter_mut().rev() {
        *letter = DIGITS[rest % DIGITS.len()];
        rest /= DIGITS.len();
    }
    assert_eq!(rest, 0, "there are no more than 62³ worlds");
    tag
}

/// All that happened to the customers until `now`.
fn world(mix: Mix, now: Timestamp) -> Vec<WebhookDelivery> {
    let settings = Settings {
        seed: mix.seed,
        webhook_secret: SECRET.to_owned(),
        api_key: "sk_test_of_the_benches".to_owned(),
        shape: Shape::Mixed,
        currency: "sek",
    };
    let start = now.saturating_add_seconds(-(mix.months * 31 + 1) * 86_400);
    let mut provider = Simulator::new(settings, start);
    let plan = Plan {
        name: "Bas".to_owned(),
        amount_minor: 24_900,
        tax_minor: 4_980,
        interval: Interval::Month,
        count: 1,
        trial_days: 0,
    };
    let subscriptions: Vec<String> = (0..mix.customers)
        .map(|number| {
            // Not all in one second: over the first day.
            let seconds = 86_400 * number / mix.customers;
            provider.advance_to(start.saturating_add_seconds(i64::try_from(seconds).unwrap()));
            let address = format!("subscriber-{number}@example.test");
            let customer = provider.create_customer(&address, "Kim Lindqvist", "sv");
            provider.subscribe(&customer, &plan)
        })
        .collect();
    provider.advance_to(start.saturating_add_seconds(3 * 86_400));
    for subscription in subscriptions
        .iter()
        .take(mix.customers * mix.refunded / 100)
    {
        let charge = provider.charges_of(subscription).remove(0).id;
        provider.dashboard_refund(&charge, None).unwrap();
    }
    provider.advance_to(now);
    provider.all_events()
}

impl Event {
    fn of(delivery: WebhookDelivery) -> Self {
        let mut body = delivery.body;
        let mut tags = Vec::new();
        for id in ids(&body) {
            let text = in_first_world(std::str::from_utf8(&body[id.clone()]).unwrap());
            tags.push(id.start + around_tag(&text).unwrap().0.len());
            body[id].copy_from_slice(text.as_bytes());
        }
        let document: serde_json::Value = serde_json::from_slice(&body).unwrap();
        Self {
            id: in_first_world(&delivery.event),
            money: Money::of(&document["data"]["object"]),
            body,
            tags,
        }
    }
}

impl Money {
    fn of(object: &serde_json::Value) -> Self {
        let text = |field: &str| object[field].as_str().unwrap_or_default().to_owned();
        let minor = object["amount"].as_i64();
        match (text("object").as_str(), text("status").as_str(), minor) {
            ("charge", "succeeded", Some(minor)) => Self::Charged {
                charge: text("id"),
                minor,
            },
            ("refund", "succeeded", Some(minor)) => Self::Refunded {
                refund: text("id"),
                charge: text("charge"),
                minor,
            },
            _ => Self::None,
        }
    }
}

/// Where each text stands that looks like an id: a word, an underscore, and letters with a digit among them.
fn ids(body: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut quotes = (0..)
        .zip(body)
        .filter(|(_, byte)| **byte == b'"')
        .map(|(at, _)| at);
    let mut start: usize = quotes.next().unwrap_or_default();
    for end in quotes {
        let text = std::str::from_utf8(&body[start + 1..end]).unwrap_or_default();
        if let Some((word, rest)) = text.split_once('_')
            && word.bytes().all(|byte| byte.is_ascii_lowercase())
            && rest.len() >= 14
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && rest
                .bytes()
                .any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
        {
            found.push(start + 1..end);
        }
        start = end;
    }
    found
}

/// In which order the events of a world are sent, with what else is sent between them.
fn steps(mix: Mix, events: usize) -> Vec<Step> {
    let mut chance = Chance(mix.seed);
    // Each is sent at its place in the queue, or later.
    let mut planned: Vec<(usize, Step)> = Vec::new();
    for event in 0..events {
        let at = event + chance.late(mix.disorder);
        planned.push((at, Step::Genuine(event)));
        if chance.happens(mix.duplicates) {
            planned.push((at + 1 + chance.below(LATE_MAX), Step::Genuine(event)));
        }
        if chance.happens(mix.forged) {
            planned.push((at, Step::Forged(event)));
        }
    }
    planned.sort_by_key(|(at, _)| *at);
    planned.into_iter().map(|(_, step)| step).collect()
}

/// A linear congruential generator (Knuth's MMIX): good enough to mix up a queue.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn happens(&mut self, per_cent: usize) -> bool {
        self.below(100) < per_cent
    }

    fn late(&mut self, per_cent: usize) -> usize {
        if self.happens(per_cent) {
            1 + self.below(LATE_MAX)
        } else {
            0
        }
    }
}
