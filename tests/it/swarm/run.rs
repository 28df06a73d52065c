//! One seed's world: who there is, the processes, and what has been done.

use super::deeds::{self, Deed};
use super::dice::Dice;
use super::weather::Weather;
use crate::world::World;
use avstem::app::seams::Seams;
use avstem::app::{
    App, Failure, cancellation, link_charges, process_events, refund_operation, seal_ledger,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

pub struct Run {
    pub world: World,
    pub dice: Dice,
    pub weather: Weather,
    /// One that dies at a step of its own.
    mortal: Process,
    /// One that stands still at a step of its own.
    slow: Process,
    pause: Arc<Mutex<Pause>>,
    pub mailroom: Mailroom,
    /// The provider's ids.
    pub customers: Vec<String>,
    pub subscriptions: Vec<String>,
    /// What was done, for whoever looks into a failure. No ids of ours: they are never the same.
    pub trace: Vec<String>,
    /// What the rules have seen before.
    pub seen: Seen,
}

#[derive(Default)]
pub struct Seen {
    /// States of refunds by our id.
    pub refunds: BTreeMap<String, String>,
    /// How many requests the provider had seen.
    pub requests: usize,
    pub deeds: usize,
    pub journals: Vec<String>,
}

struct Process {
    app: Arc<App>,
    seams: Seams,
}

/// What happens while the slow process stands still.
#[derive(Clone, Copy, Default)]
struct Pause {
    seconds: i64,
    rounds: usize,
}

/// Takes webhooks in, and knows what was acknowledged.
#[derive(Clone)]
pub struct Mailroom {
    world: World,
    pub acknowledged: Arc<Mutex<BTreeSet<String>>>,
}

impl Mailroom {
    /// Everything that is due, until nothing comes any more.
    pub fn take_in(&self) {
        loop {
            let due = self.world.provider().deliveries_due();
            if due.is_empty() {
                return;
            }
            for delivery in &due {
                self.acknowledge(delivery);
            }
        }
    }

    pub fn acknowledge(&self, delivery: &avstem_simulator::WebhookDelivery) {
        self.world.receive(delivery);
        self.world.provider().delivered(delivery.id, 200);
        let mut acknowledged = self.acknowledged.lock().unwrap();
        acknowledged.insert(delivery.event.clone());
    }
}

impl Run {
    pub fn new(world: World, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let weather = Weather::of(&mut dice);
        weather.begin(&world);
        let mailroom = Mailroom {
            world: world.clone(),
            acknowledged: Arc::default(),
        };
        let pause = Arc::new(Mutex::new(Pause::default()));
        let (others, post, at) = (world.clone(), mailroom.clone(), Arc::clone(&pause));
        let standing = Seams::paused(usize::MAX, move || {
            let pause = *at.lock().unwrap();
            others.pass_seconds(pause.seconds);
            post.take_in();
            for _ in 0..pause.rounds {
                round(&others.app).unwrap();
                others.pass_seconds(5);
            }
        });
        let dying = Seams::scripted(None);
        let process = |seams: &Seams| Process {
            app: world.another_process(seams.clone()),
            seams: seams.clone(),
        };
        Self {
            mortal: process(&dying),
            slow: process(&standing),
            pause,
            mailroom,
            dice,
            trace: vec![format!("{weather:?}")],
            weather,
            world,
            customers: Vec::new(),
            subscriptions: Vec::new(),
            seen: Seen::default(),
        }
    }

    /// Something happens, as likely as the weather has it.
    pub fn deed(&mut self) {
        let weather = self.weather;
        let possible: Vec<&Deed> = deeds::ALL
            .iter()
            .filter(|deed| weather.allows(deed.of))
            .collect();
        let all: usize = possible.iter().map(|deed| deed.weight).sum();
        let mut at = self.dice.below(all);
        let mut chosen = possible[0];
        for deed in possible {
            chosen = deed;
            if at < deed.weight {
                break;
            }
            at -= deed.weight;
        }
        self.seen.deeds += 1;
        self.note(chosen.name);
        (chosen.done)(self);
    }

    pub fn note(&mut self, what: &str) {
        let at = self.world.clock.now();
        self.trace.push(format!("{at} {what}"));
    }

    /// A healthy process does what there is to do.
    pub fn work(&mut self) {
        round(&self.world.app).unwrap();
    }

    /// A process dies at a step. Whoever is next goes on from the database.
    pub fn work_and_die(&mut self) {
        let at = self.dice.below(60);
        self.mortal.seams.count_again(Some(at));
        let ended = round(&self.mortal.app);
        self.mortal.seams.count_again(None);
        match ended {
            Ok(()) => {}
            Err(Failure::Stopped(stopped)) => self.note(&format!("… dies at {at}, {stopped}")),
            Err(error) => panic!("{error:?}"),
        }
    }

    /// A process stands still at a step, while time passes and another one works.
    pub fn work_slowly(&mut self) {
        let at = self.dice.below(60);
        let pause = Pause {
            seconds: self.dice.one_of(&[0, 1, 20, 61, 200, 3_700, 90_000]),
            rounds: self.dice.below(4),
        };
        *self.pause.lock().unwrap() = pause;
        self.slow.seams.count_again(Some(at));
        round(&self.slow.app).unwrap();
        let stood = self.slow.seams.crossed().len() > at;
        self.slow.seams.count_again(None);
        if stood {
            let Pause { seconds, rounds } = pause;
            self.note(&format!(
                "… stood still at {at} for {seconds} s and {rounds} rounds"
            ));
        }
    }
}

/// Everything that a process does in the background, once.
fn round(app: &App) -> Result<(), Failure> {
    process_events::drain(app)?;
    cancellation::run_due(app)?;
    refund_operation::run_due(app)?;
    link_charges::run_due(app)?;
    process_events::drain(app)?;
    seal_ledger::seal(app, "swarm")?;
    Ok(())
}
