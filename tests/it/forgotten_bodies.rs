//! The bytes of deliveries go when they are old and nobody needs them; what they did stays.

use crate::story::{check_ledger, receive_all, signed};
use crate::world::World;
use avstem::app::rebuild::{self, Part, RebuildError, Watch, finding::Finding};
use avstem::app::receive_webhook::Intake;
use avstem::app::replay_events::{self, ReplayError, Which};
use avstem::app::seams::Seams;
use avstem::app::{App, forget_bodies, process_events, seal_ledger, verify_ledger};
use std::sync::Arc;

/// Forty days after a subscriber's events, all of which were processed, and one that failed.
fn forty_days_later(world: &World) -> Arc<App> {
    world.subscribe();
    world.deliver();
    receive_all(world, &[b"no event"]);
    world.process();
    world.pass_days(40);
    world.another_process_with(Seams::default(), "keep_bodies_for = \"30d\"")
}

fn count(world: &World, what: &str) -> i64 {
    world.lines(
        &format!("SELECT count(*) AS line FROM {what}")
            .replace("count(*)", "CAST(count(*) AS TEXT)"),
    )[0]
    .parse()
    .unwrap()
}

/// The body of an event of the first subscriber.
fn first_body(world: &World) -> Vec<u8> {
    world.provider().all_events()[0].body.clone()
}

fn only_what_is_old_and_done_with_is_forgotten(world: &mut World) {
    let app = forty_days_later(world);
    let (events, before) = (count(world, "events"), count(world, "event_bundles"));
    assert_eq!(
        forget_bodies::run_due(&world.app).unwrap(),
        0,
        "without the setting everything is kept"
    );
    // What comes now is younger.
    receive_all(world, &[b"no event either"]);
    let forgotten = forget_bodies::run_due(&app).unwrap();
    assert_eq!(i64::try_from(forgotten).unwrap(), before - 1);
    // Of the failed one, and of the new one.
    assert_eq!(count(world, "event_bundles"), 2);
    assert_eq!(count(world, "events"), events + 1);
    assert_eq!(forget_bodies::run_due(&app).unwrap(), 0);
    // Up to the day itself it is kept: the new one is thirty days old, and then older.
    world.process();
    world
        .execute("UPDATE events SET state = 'ignored'")
        .unwrap();
    world.pass_days(29);
    assert_eq!(forget_bodies::run_due(&app).unwrap(), 1);
    world.pass_days(2);
    assert_eq!(forget_bodies::run_due(&app).unwrap(), 1);
    seal_ledger::seal(&app, "test").unwrap();
    let verified = verify_ledger::verify(&app, &mut |_| {}).unwrap();
    assert_eq!(verified.findings, []);
}

fn an_event_that_comes_again_is_a_duplicate_without_its_bytes_too(world: &mut World) {
    let app = forty_days_later(world);
    forget_bodies::run_due(&app).unwrap();
    let body = first_body(world);
    assert_eq!(world.receive(&signed(world, &body)), Intake::Duplicate);
    let conflicts = "events WHERE conflict IS NOT NULL";
    assert_eq!(
        count(world, conflicts),
        0,
        "there is nothing to compare it with"
    );
}

fn what_is_forgotten_is_not_processed_again(world: &mut World) {
    let app = forty_days_later(world);
    forget_bodies::run_due(&app).unwrap();
    let processed = count(world, "events WHERE state = 'processed'");
    assert!(processed > 0);
    let id = world.lines("SELECT min(id) AS line FROM events WHERE state = 'processed'");
    let refused = replay_events::replay(&app, &Which::These(id.clone())).unwrap_err();
    assert!(
        matches!(&refused, ReplayError::Forgotten(named) if *named == id[0]),
        "{refused}"
    );
    // Of all, only the one that failed still has what it takes.
    assert_eq!(replay_events::replay(&app, &Which::All).unwrap(), 1);
    process_events::drain(&app).unwrap();
    assert_eq!(count(world, "events WHERE state = 'processed'"), processed);
    assert_eq!(count(world, "events WHERE state = 'failed'"), 1);
}

/// Tells nobody.
struct Unwatched;

impl Watch for Unwatched {
    fn found(&mut self, _: Finding) {}
    fn progress(&mut self, _: Part, _: avstem::app::progress::Progress) {}
}

fn a_rebuild_says_that_it_cannot_be_made_any_more(world: &mut World) {
    let app = forty_days_later(world);
    check_ledger(world);
    forget_bodies::run_due(&app).unwrap();
    let refused = rebuild::check(&app, &mut Unwatched).unwrap_err();
    assert!(matches!(refused, RebuildError::Forgotten(_)), "{refused}");
}

on_both_databases! {
    only_what_is_old_and_done_with_is_forgotten,
    an_event_that_comes_again_is_a_duplicate_without_its_bytes_too,
    what_is_forgotten_is_not_processed_again,
    a_rebuild_says_that_it_cannot_be_made_any_more,
}
