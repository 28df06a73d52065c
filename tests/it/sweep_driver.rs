//! A process that dies at one of its steps, and another that dies at one of the steps of going on: at
//! every step, and at every pair of steps, whoever comes next brings it to its end.

use crate::saga::Subscribers;
use crate::tally::{Tried, tried};
use crate::world::World;
use avstem::app::seams::Seams;
use avstem::app::{App, Failure};

/// Longer than any lease.
pub const LEASE_OVER_S: i64 = 61;

/// Something that processes carry through, each run about a subscription of its own.
pub struct Work<R> {
    /// Makes ready, and lets happen what comes before the first step that may be the last.
    pub begin: fn(&World, String) -> R,
    /// What one process does until nothing is left to do. The error says where it died.
    pub carry: fn(&App, &World, &R) -> Result<(), Failure>,
    /// What holds in the end, whatever happened.
    pub check: fn(&World, &R, &str),
}

/// How far apart the second stops of a sweep are: with 1 it is every pair. With more, the first of them
/// moves on with every first stop, so that each step is the second stop of some pair.
pub type Stride = usize;

/// Plays the work without a stop, to know its steps. Then, for each of them, once for every step that the
/// process which goes on comes to: the first dies at the one, the second at the other, a third goes on.
pub fn stops_at_every_pair<R>(
    world: &World,
    subscribers: &mut Subscribers<'_>,
    work: &Work<R>,
    stride: Stride,
) {
    let seams = Seams::scripted(None);
    let dying = world.another_process(seams.clone());
    let run = (work.begin)(world, subscribers.next());
    seams.count_again(None);
    (work.carry)(&dying, world, &run).unwrap();
    (work.check)(world, &run, "without a stop");
    let steps = seams.crossed();
    let stride = stride.max(coarsest(world));
    let mut pairs = 0;
    for (first, step) in steps.iter().enumerate() {
        for second in (first % stride..).step_by(stride) {
            let run = (work.begin)(world, subscribers.next());
            let when = format!("stopped at {first} {step}, then at {second}");
            seams.count_again(Some(first));
            assert!(dies((work.carry)(&dying, world, &run)), "{when}");
            let went_on = |stop_at| {
                world.pass_seconds(LEASE_OVER_S);
                world.take_in();
                seams.count_again(stop_at);
                !dies((work.carry)(&dying, world, &run))
            };
            let is_done = went_on(Some(second));
            assert!(is_done || went_on(None), "{when}");
            (work.check)(world, &run, &when);
            if is_done {
                break;
            }
            pairs += 1;
        }
    }
    let least = steps.len().div_ceil(stride);
    assert!(
        pairs >= least,
        "{pairs} pairs of {} steps, every {stride}th",
        steps.len()
    );
    world.check_books();
    tried(&world.url, Tried::Seams, steps.len());
    tried(&world.url, Tried::Pairs, pairs);
}

/// On PostgreSQL every 83rd second stop, which is one for each first: a pair takes some ten times as long
/// there, and the code between two stops is the same.
fn coarsest(world: &World) -> Stride {
    if world.is_postgres() { 83 } else { 1 }
}

fn dies(outcome: Result<(), Failure>) -> bool {
    match outcome {
        Ok(()) => false,
        Err(Failure::Stopped(_)) => true,
        Err(error) => panic!("{error:?}"),
    }
}
