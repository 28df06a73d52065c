//! Something happens while a cancellation is carried out: at each of its steps in turn.

use crate::races_rules::{End, assert_nothing_is_left_to_pay, assert_sound};
use crate::saga::{
    Case, Subscribers, assert_a_second_telling_changes_nothing, assert_nothing_is_charged_any_more,
};
use crate::tally::{Tried, tried};
use crate::world::{World, settle};
use avstem::app::seams::Seams;
use avstem::app::{App, cancellation, process_events, refund_operation};
use std::sync::{Arc, Mutex};

pub const PATIENCE_MIN: i64 = 10;

/// A cancellation, and what others do meanwhile.
#[derive(Clone, Copy)]
pub struct Race {
    /// Asks for the cancellation of a subscription.
    pub begin: fn(&World, String) -> Case,
    /// What happens while the process stands still at a step.
    pub meanwhile: fn(&World, &Case),
    /// What happens once the cancellation is at rest; nothing more by default.
    pub afterwards: fn(&World, &Case),
}

/// How many cancellations ended how.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ends {
    pub completed: usize,
    pub attention: usize,
}

/// When webhooks tell of what happened.
#[derive(Clone, Copy)]
enum Told {
    /// While the process still stands, to another one, which looks for work at once.
    AtOnce,
    /// When the cancellation is at rest.
    Later,
}

/// How far apart the steps of a race are. On PostgreSQL, where each takes some ten times as long, every
/// ninth: an odd number, so that both ways of being told take their turns. The code between two
/// steps is the same on both.
pub fn pace(world: &World) -> usize {
    if world.is_postgres() { 9 } else { 1 }
}

pub const fn nothing(_: &World, _: &Case) {}

/// Plays a cancellation by itself, to know its steps; then once for each of them, where it stands still
/// while something happens and then goes on, not knowing of it. Returns how many ended how.
pub fn at_every_step(world: &World, subscribers: &mut Subscribers<'_>, race: Race) -> Ends {
    let counting = Seams::scripted(None);
    let alone = (race.begin)(world, subscribers.next());
    let app = world.another_process(counting.clone());
    settle(&app, world, &alone.cancellation, PATIENCE_MIN).unwrap();
    assert_sound(world, &alone, "without a race");
    let steps = counting.crossed();
    let standing: Arc<Mutex<Option<(Case, Told)>>> = Arc::default();
    let (others, at) = (world.clone(), Arc::clone(&standing));
    let seams = Seams::paused(usize::MAX, move || {
        let (case, told) = at.lock().unwrap().clone().unwrap();
        (race.meanwhile)(&others, &case);
        match told {
            Told::AtOnce => look_for_work(&others),
            Told::Later => {}
        }
    });
    let slow = world.another_process(seams.clone());
    let mut ends = Ends::default();
    let mut cases = vec![alone];
    let mut races = 0;
    for (number, step) in steps.iter().enumerate().step_by(pace(world)) {
        races += 1;
        let case = (race.begin)(world, subscribers.next());
        let told = [Told::AtOnce, Told::Later][number % 2];
        *standing.lock().unwrap() = Some((case.clone(), told));
        seams.count_again(Some(number));
        settle(&slow, world, &case.cancellation, PATIENCE_MIN).unwrap();
        assert!(seams.crossed().len() > number, "step {number} comes again");
        seams.count_again(None);
        let when = format!("while at {number} {step}");
        rest(&slow, world, &case, &when);
        (race.afterwards)(world, &case);
        match rest(&slow, world, &case, &format!("{when}, and later")) {
            End::Completed => ends.completed += 1,
            End::Attention => ends.attention += 1,
        }
        assert_nothing_is_left_to_pay(world, &case, &when);
        cases.push(case);
    }
    assert_nothing_is_charged_any_more(world, &cases);
    assert_a_second_telling_changes_nothing(world);
    for case in &cases {
        assert_sound(world, case, "when all was told again");
    }
    tried(&world.url, Tried::Races, races);
    ends
}

/// Lets webhooks tell everything, and what follows be done.
fn rest(app: &App, world: &World, case: &Case, when: &str) -> End {
    world.deliver();
    settle(app, world, &case.cancellation, PATIENCE_MIN).unwrap();
    assert_sound(world, case, when)
}

/// What another process does as soon as it is told something: what others hold it leaves alone.
pub fn look_for_work(world: &World) {
    world.take_in();
    process_events::drain(&world.app).unwrap();
    cancellation::run_due(&world.app).unwrap();
    refund_operation::run_due(&world.app).unwrap();
}
