//! Everything at once, by chance: customers, staff, banks, bad weather, and three processes, of which one
//! dies and one stands still now and then. The seed decides all of it, so that what fails can be played
//! again. After every deed some promises are looked at, and all of them when everything has come to rest.
//!
//! `AVSTEM_TEST_SEEDS` names other seeds: `17`, or `100..300`.

mod deeds;
mod dice;
mod rest;
mod rules;
mod run;
mod weather;

use crate::tally::{Tried, tried};
use crate::world::World;
use run::Run;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

const DEEDS_MIN: usize = 30;
const DEEDS_MAX: usize = 90;

/// Plays one seed to its end. What it says in the end is the same whenever the seed is played.
fn play(like: &World, seed: u64) -> Vec<String> {
    let mut run = Run::new(another_world(like), seed);
    let played = catch_unwind(AssertUnwindSafe(|| {
        let deeds = DEEDS_MIN + run.dice.below(DEEDS_MAX - DEEDS_MIN);
        for _ in 0..deeds {
            run.deed();
            rules::after_every_deed(&mut run);
        }
        rest::come_to_rest(&mut run);
        rules::at_rest(&mut run);
    }));
    if let Err(panic) = played {
        let last = run.trace.len().saturating_sub(60);
        eprintln!("seed {seed}, the last deeds:");
        run.trace[last..]
            .iter()
            .for_each(|line| eprintln!("  {line}"));
        let kind = like.app.store.kind();
        eprintln!("again: AVSTEM_TEST_SEEDS={seed} cargo test --test it swarm::{kind}");
        resume_unwind(panic);
    }
    run.trace
}

fn another_world(like: &World) -> World {
    match like.app.store.kind() {
        "sqlite" => World::sqlite(),
        _ => World::postgres(),
    }
}

/// Those that are always played, or those that somebody wants.
#[expect(
    clippy::disallowed_methods,
    reason = "which seeds the tests play is no setting of the service"
)]
fn seeds(always: Range<u64>) -> Vec<u64> {
    let Ok(wanted) = std::env::var("AVSTEM_TEST_SEEDS") else {
        return always.collect();
    };
    match wanted.split_once("..") {
        Some((from, to)) => (from.parse().unwrap()..to.parse().unwrap()).collect(),
        None => vec![wanted.parse().unwrap()],
    }
}

fn whatever_happens_every_promise_is_kept(world: &mut World) {
    let always = if world.is_postgres() { 0..6 } else { 0..50 };
    let seeds = seeds(always);
    for seed in &seeds {
        play(world, *seed);
    }
    tried(&world.url, Tried::Races, seeds.len());
}

/// Without this a failure could not be looked into.
fn the_same_seed_plays_the_same(world: &mut World) {
    let seed = seeds(3..4)[0];
    let [once, again] = [play(world, seed), play(world, seed)];
    let differs = once.iter().zip(&again).find(|(a, b)| a != b);
    assert_eq!(differs, None);
    assert_eq!(once.len(), again.len());
}

on_both_databases! {
    whatever_happens_every_promise_is_kept,
    the_same_seed_plays_the_same,
}
