//! Compares the log of what was acknowledged with what the database holds: every acknowledged event is stored
//! once and done with, nothing is stored that was refused, and the books hold the money of exactly those events.
//! What the events should come to is worked out from the simulator's world, not by Avstem's own code.

use crate::acknowledged::{self, Outcome};
use crate::lifecycles::{Event, Lifecycles, Money, in_world, split};
use crate::outside::Outside;
use std::collections::{HashMap, HashSet};
use std::path::Path;

/// What was found; all that is wrong is named in `faults`.
#[derive(Debug, Default)]
pub struct Checked {
    /// Different events that were acknowledged.
    pub acknowledged: usize,
    pub stored: usize,
    /// Journals of charges and of refunds that succeeded.
    pub booked: usize,
    pub faults: Vec<String>,
}

/// More faults than these are counted, not named.
const NAMED_MAX: usize = 10;

struct Checker<'a> {
    lifecycles: &'a Lifecycles,
    /// Numbers of events by their ids in the first world.
    numbers: HashMap<&'a str, usize>,
    /// By world and event.
    said: HashMap<(usize, usize), Said>,
    found: Checked,
}

/// What was said of an event, and whether it was seen in the database.
#[derive(Debug, Clone, Copy, Default)]
struct Said {
    acknowledged: bool,
    uncertain: bool,
    seen: bool,
}

pub fn check(database: &str, lifecycles: &Lifecycles, log: &Path) -> Checked {
    let events = lifecycles.events.iter().enumerate();
    let mut checker = Checker {
        lifecycles,
        numbers: events
            .map(|(number, event)| (event.id.as_str(), number))
            .collect(),
        said: HashMap::new(),
        found: Checked::default(),
    };
    acknowledged::read(log, |event, outcome| checker.hear(event, outcome));
    checker.found.acknowledged = checker
        .said
        .values()
        .filter(|said| said.acknowledged)
        .count();
    let mut database = Outside::open(database);
    checker.look_at_events(&mut database);
    checker.look_for_lost();
    checker.look_at_books(&mut database);
    checker.found
}

impl Checker<'_> {
    fn hear(&mut self, id: &str, outcome: Outcome) {
        let Some(key) = self.key(id) else { return };
        let said = self.said.entry(key).or_default();
        match outcome {
            Outcome::Taken | Outcome::Duplicate => said.acknowledged = true,
            Outcome::Uncertain => said.uncertain = true,
            Outcome::Overloaded | Outcome::Refused => {}
        }
    }

    /// None: not an event that any world has.
    fn key(&self, id: &str) -> Option<(usize, usize)> {
        let (kept, world) = split(id)?;
        Some((world, *self.numbers.get(kept.as_str())?))
    }

    fn fault(&mut self, fault: String) {
        self.found.faults.push(fault);
    }

    fn look_at_events(&mut self, database: &mut Outside) {
        let sql = "SELECT dedupe_key || ' ' || state AS line FROM events";
        database.each(sql, |line| {
            let (id, state) = line.split_once(' ').unwrap();
            self.found.stored += 1;
            let key = self.key(id);
            let said = key.and_then(|key| self.said.get_mut(&key));
            let Some((key, said)) = key.zip(said) else {
                return self.fault(format!("{id} is stored and was never sent"));
            };
            let (twice, answered) = (said.seen, said.acknowledged || said.uncertain);
            said.seen = true;
            if twice {
                self.fault(format!("{id} is stored twice"));
            }
            if !answered {
                self.fault(format!(
                    "{id} is stored, though it was answered that it is not"
                ));
            }
            let done = match state {
                "processed" | "ignored" => true,
                "parked" => !self.knows_charge(key),
                _ => false,
            };
            if !done {
                self.fault(format!("{id} is {state}"));
            }
        });
    }

    /// Whether the charge of a refund was told by an event that is stored.
    fn knows_charge(&self, (world, event): (usize, usize)) -> bool {
        let Money::Refunded { charge, .. } = &self.lifecycles.events[event].money else {
            return true;
        };
        let tells = |event: &Event| matches!(&event.money, Money::Charged { charge: of, .. } if of == charge);
        let events = self.lifecycles.events.iter().enumerate();
        events.filter(|(_, event)| tells(event)).any(|(number, _)| {
            self.said
                .get(&(world, number))
                .is_some_and(|said| said.seen)
        })
    }

    fn look_for_lost(&mut self) {
        let lost: Vec<String> = self
            .said
            .iter()
            .filter(|(_, said)| said.acknowledged && !said.seen)
            .map(|((world, event), _)| in_world(&self.lifecycles.events[*event].id, *world))
            .collect();
        for id in lost {
            self.fault(format!("{id} was acknowledged and is LOST"));
        }
    }

    /// One journal for each charge and each refund that a stored event tells, and the account of the provider.
    fn look_at_books(&mut self, database: &mut Outside) {
        let mut owed: HashMap<(String, &str), i64> = HashMap::new();
        let mut charges = HashSet::new();
        for ((world, event), said) in &self.said {
            if let (true, Money::Charged { charge, minor }) =
                (said.seen, &self.lifecycles.events[*event].money)
            {
                let charge = in_world(charge, *world);
                owed.insert((charge.clone(), "charge_succeeded"), *minor);
                charges.insert(charge);
            }
        }
        for ((world, event), said) in &self.said {
            if let (
                true,
                Money::Refunded {
                    refund,
                    charge,
                    minor,
                },
            ) = (said.seen, &self.lifecycles.events[*event].money)
                && charges.contains(&in_world(charge, *world))
            {
                owed.insert((in_world(refund, *world), "refund_succeeded"), -*minor);
            }
        }
        let wanted: i64 = owed.values().sum();
        let mut faults = Vec::new();
        let sql = "SELECT object || ' ' || effect AS line FROM effects
                   WHERE effect IN ('charge_succeeded', 'refund_succeeded')";
        database.each(sql, |line| {
            let (object, effect) = line.split_once(' ').unwrap();
            let effect = if effect == "charge_succeeded" {
                "charge_succeeded"
            } else {
                "refund_succeeded"
            };
            self.found.booked += 1;
            if owed.remove(&(object.to_owned(), effect)).is_none() {
                faults.push(format!(
                    "{effect} of {object} is booked, and nothing stored tells it"
                ));
            }
        });
        faults.extend(
            owed.into_keys()
                .map(|(object, effect)| format!("{effect} of {object} is NOT BOOKED")),
        );
        let sql = "SELECT CAST(COALESCE(SUM(amount), 0) AS TEXT) AS line FROM postings
                   WHERE account = 'assets:provider:stripe'";
        let balance = database.number(sql);
        if balance != wanted {
            faults.push(format!(
                "the provider's account has {balance} where the events come to {wanted}"
            ));
        }
        self.found.faults.append(&mut faults);
    }
}

impl Checked {
    /// Stops where anything is wrong, and says what.
    pub fn require(&self) {
        if self.faults.is_empty() {
            return;
        }
        for fault in self.faults.iter().take(NAMED_MAX) {
            eprintln!("  {fault}");
        }
        panic!(
            "{} faults in what is stored; nothing that was measured counts",
            self.faults.len()
        );
    }
}
