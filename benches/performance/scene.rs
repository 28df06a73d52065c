//! The real program over an empty database, a generator that sends to it, and the check of all that came of it.

use crate::checker::check;
use crate::deliveries::today;
use crate::generator::{Generator, Tally};
use crate::lifecycles::{Lifecycles, Mix};
use crate::measure::now;
use crate::outside::Outside;
use crate::program::{self, Program};
use crate::quota::Quota;
use crate::sender::Pace;
use crate::stage::{Database, Place};
use std::sync::Arc;
use std::time::Duration;

/// As in the table of intake.
const CONNECTIONS: usize = 64;
/// How often it is asked whether everything is booked.
const LOOK_EVERY: Duration = Duration::from_millis(20);

pub struct Scene {
    pub program: Program,
    pub generator: Generator,
    pub lifecycles: Arc<Lifecycles>,
    pub place: Place,
    database: Database,
}

impl Scene {
    pub fn open(database: Database, mix: Mix) -> Self {
        let place = database.place();
        program::run(&place, &["migrate"]);
        let lifecycles = Arc::new(Lifecycles::new(mix, today()));
        Self {
            program: Program::start(&place),
            generator: Generator::new(Arc::clone(&lifecycles), &place.folder().join("acks")),
            lifecycles,
            place,
            database,
        }
    }

    /// Lets whoever writes to the database write no more than so many bytes a second, until what is given is dropped. None
    /// where that cannot be.
    pub fn on_a_slow_disk(&self, bytes_a_second: u64) -> Option<Quota> {
        let quota = Quota::of_the_disk("disk", self.place.folder(), bytes_a_second)?;
        let server = self.database.cpu().server_processes();
        for process in server.into_iter().chain([self.program.id()]) {
            quota.hold(process);
        }
        Some(quota)
    }

    /// How many new deliveries a second the service takes while it works on them, asked as fast as it answers.
    pub fn most_a_second(&mut self, lasts: Duration) -> usize {
        let start = now();
        let pace = Pace::Closed { time_max: lasts };
        let tally = self
            .generator
            .send(self.program.address, CONNECTIONS, pace, |_, _| {});
        let took = usize::try_from(start.elapsed().as_micros()).unwrap();
        tally.taken * 1_000_000 / took
    }

    pub fn send_steadily(&mut self, per_second: usize, count: usize) -> Tally {
        let pace = Pace::Steady { per_second, count };
        self.generator
            .send(self.program.address, CONNECTIONS, pace, |_, _| {})
    }

    /// Waits until nothing is left to be worked on, and says how long that took.
    pub fn drain(&self) -> Duration {
        let (mut database, start) = (Outside::beside(self.place.url()), now());
        while anything_waits(&mut database) {
            std::thread::sleep(LOOK_EVERY);
        }
        start.elapsed()
    }

    /// Stops the service, and checks everything that it said and stored.
    pub fn close(self) {
        self.drain();
        self.program.stop();
        self.generator.close();
        let checked = check(
            self.place.url(),
            &self.lifecycles,
            &self.place.folder().join("acks"),
        );
        checked.require();
        program::run(&self.place, &["verify"]);
        println!(
            "  checked: {} events acknowledged, {} stored, {} journals of charges and refunds",
            checked.acknowledged, checked.stored, checked.booked
        );
    }
}

/// Whether there is a delivery that nobody has worked on. The first is looked up, as the service does: to count them all,
/// again and again, kept half a core of the server busy while it was measured.
pub fn anything_waits(database: &mut Outside) -> bool {
    let mut waits = false;
    let first = "SELECT id AS line FROM unprocessed_events \
        WHERE state NOT IN ('processed', 'ignored') AND state = 'received' ORDER BY due_at, id LIMIT 1";
    database.each(first, |_| waits = true);
    waits
}
