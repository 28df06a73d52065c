//! Who lives in the demo's company, and what they did before the curtain rises.

use avstem_domain::time::Timestamp;
use avstem_simulator::{Interval, PaymentBehavior, Plan, Simulator};
use chrono::{Days, Months};

/// Someone with a subscription.
pub struct Person {
    pub name: &'static str,
    pub customer: String,
    pub subscription: String,
}

/// The people of the story, each here for one thing.
pub struct Cast {
    /// Charged five days ago, and four times before that.
    pub astrid: Person,
    /// Charged twenty days ago: too long for a refund. Her provider renews while she cancels.
    pub bodil: Person,
    /// Charged eight days ago, and half of it is delivered.
    pub cornelius: Person,
    /// Her card has stopped working.
    pub disa: Person,
    /// Still in his trial.
    pub edvin: Person,
    /// Asks her bank for the money instead of us.
    pub frida: Person,
    /// Staff refund his first charge in the provider's dashboard.
    pub gustaf: Person,
    /// As Disa; a debit of her bank account is under way when she cancels.
    pub malva: Person,
    /// Subscribers who go on.
    pub others: Vec<Person>,
}

const OTHERS: [(&str, &str); 7] = [
    ("Frida", "sv"),
    ("Gustaf", "sv"),
    ("Hedda", "en"),
    ("Ivar", "sv"),
    ("Jorun", "en"),
    ("Kerstin", "sv"),
    ("Love", "sv"),
];

/// When the company begins.
pub fn curtain(now: Timestamp) -> Timestamp {
    ago(now, 5, 10)
}

/// So many calendar months and days before `now`, to the second.
fn ago(now: Timestamp, months: u32, days: u64) -> Timestamp {
    let then = now
        .to_utc()
        .checked_sub_days(Days::new(days))
        .and_then(|day| day.checked_sub_months(Months::new(months)));
    then.and_then(|then| Timestamp::from_unix_seconds(then.timestamp()).ok())
        .unwrap_or(now)
}

fn monthly(name: &str, amount_minor: i64) -> Plan {
    Plan {
        name: name.to_owned(),
        amount_minor,
        tax_minor: amount_minor / 5,
        interval: Interval::Month,
        count: 1,
        trial_days: 0,
    }
}

/// A subscriber in the making.
struct Arrival {
    name: &'static str,
    locale: &'static str,
    at: Timestamp,
    plan: Plan,
}

impl Cast {
    /// Lets the provider live from the curtain to `now`.
    pub fn live_through_the_past(provider: &mut Simulator, now: Timestamp, seed: u64) -> Self {
        let mut arrivals = vec![
            arrival("Astrid", ago(now, 4, 5), monthly("Bas", 24_900)),
            arrival("Bodil", ago(now, 3, 20), monthly("Plus", 49_900)),
            arrival("Cornelius", ago(now, 2, 8), monthly("Plus", 49_900)),
            arrival("Malva", ago(now, 1, 6), monthly("Bas", 24_900)),
            arrival("Disa", ago(now, 2, 3), monthly("Bas", 24_900)),
            arrival(
                "Edvin",
                ago(now, 0, 4),
                Plan {
                    trial_days: 14,
                    ..monthly("Bas", 24_900)
                },
            ),
        ];
        for (number, (name, locale)) in (0u64..).zip(OTHERS) {
            // Spread over the months by the seed; days past the first of a month, so that each differs.
            let spread = seed.wrapping_mul(31).wrapping_add(number.wrapping_mul(17)) % 26;
            let months = u32::try_from(number % 5).unwrap_or(0);
            let plan = if number == 3 {
                Plan {
                    interval: Interval::Year,
                    ..monthly("År", 249_000)
                }
            } else {
                monthly("Bas", 24_900)
            };
            arrivals.push(Arrival {
                name,
                locale,
                at: ago(now, months, spread + 1),
                plan,
            });
        }
        arrivals.sort_by_key(|arrival| (arrival.at, arrival.name));
        let mut people: Vec<Person> = Vec::new();
        // Disa's and Malva's cards stop working before their last renewals, and after all earlier ones.
        let card_stops = ago(now, 0, 10);
        for arrival in arrivals {
            if arrival.at > card_stops {
                stop_card(provider, &people, card_stops);
            }
            provider.advance_to(arrival.at);
            let address = format!("{}@kund.example", arrival.name.to_lowercase());
            let customer = provider.create_customer(&address, arrival.name, arrival.locale);
            let subscription = provider.subscribe(&customer, &arrival.plan);
            people.push(Person {
                name: arrival.name,
                customer,
                subscription,
            });
        }
        stop_card(provider, &people, card_stops);
        provider.advance_to(now);
        Self::assign(people)
    }

    fn assign(mut people: Vec<Person>) -> Self {
        let mut take = |name: &str| {
            let nobody = || Person {
                name: "nobody",
                customer: String::new(),
                subscription: String::new(),
            };
            let position = people.iter().position(|person| person.name == name);
            position.map_or_else(nobody, |position| people.remove(position))
        };
        Self {
            astrid: take("Astrid"),
            bodil: take("Bodil"),
            cornelius: take("Cornelius"),
            disa: take("Disa"),
            edvin: take("Edvin"),
            frida: take("Frida"),
            gustaf: take("Gustaf"),
            malva: take("Malva"),
            others: people,
        }
    }
}

fn stop_card(provider: &mut Simulator, people: &[Person], at: Timestamp) {
    provider.advance_to(at);
    let poor = |person: &&Person| matches!(person.name, "Disa" | "Malva");
    for person in people.iter().filter(poor) {
        provider.set_payment_behavior(&person.customer, PaymentBehavior::Fails);
    }
}

fn arrival(name: &'static str, at: Timestamp, plan: Plan) -> Arrival {
    Arrival {
        name,
        locale: "sv",
        at,
        plan,
    }
}
