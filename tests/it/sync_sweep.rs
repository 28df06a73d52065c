//! The daily comparison that the workers make by themselves.

use crate::sync::{lose_every_webhook, request};
use crate::world::World;
use avstem::app::App;
use avstem::app::sync::{self, SyncError};
use avstem_simulator::{CallMatch, Fault};
use avstem_webhooks::outbound::Method;

const HOUR_S: i64 = 3_600;

/// Lets one process's worker work until it has nothing to do; how many pages it dealt with.
fn sweep(app: &App, holder: &str) -> usize {
    let mut pages = 0;
    loop {
        match sync::run_due(app, holder).unwrap() {
            0 => return pages,
            more => pages += more,
        }
    }
}

fn charges(world: &World) -> usize {
    world.lines("SELECT id AS line FROM charges").len()
}

fn each_connection_is_compared_once_a_day(world: &mut World) {
    lose_every_webhook(world);
    world.subscribe();
    assert_eq!(sweep(&world.app, "a"), 0, "not as soon as it is set up");
    world.pass_seconds(HOUR_S + 1);
    assert_eq!(sweep(&world.app, "a"), 8, "a page of each kind");
    assert_eq!(charges(world), 1);
    world.subscribe();
    world.pass_seconds(23 * HOUR_S);
    assert_eq!(sweep(&world.app, "a"), 0);
    world.pass_seconds(HOUR_S);
    assert_eq!(sweep(&world.app, "a"), 8);
    assert_eq!(charges(world), 2);
    // Without a key there is nobody to ask.
    let settings = "[connections.other]\nprovider = \"stripe\"\nwebhook_secrets = [\"whsec_x\"]\n";
    let app = world.another_process_with(avstem::app::seams::Seams::default(), settings);
    world.pass_days(2);
    assert_eq!(sweep(&app, "a"), 8);
    let compared = world.lines("SELECT connection AS line FROM syncs");
    assert_eq!(compared, ["stripe"]);
}

fn one_process_at_a_time_compares_and_another_goes_on_when_it_dies(world: &mut World) {
    lose_every_webhook(world);
    world.subscribe();
    sweep(&world.app, "a");
    world.pass_seconds(HOUR_S + 1);
    assert_eq!(sync::run_due(&world.app, "a").unwrap(), 1);
    assert_eq!(sweep(&world.app, "b"), 0, "a has it");
    let error = sync::sync(&world.app, &request(None), &mut |_| ()).unwrap_err();
    assert!(matches!(error, SyncError::Busy(_)), "{error}");
    // Then a dies: its first page is done, and the rest is taken up.
    world.pass_seconds(61);
    assert_eq!(sweep(&world.app, "b"), 7);
    assert_eq!(charges(world), 1);
}

fn what_a_person_must_mend_is_tried_again_in_an_hour(world: &mut World) {
    sweep(&world.app, "a");
    world.pass_seconds(HOUR_S + 1);
    let every = CallMatch::every(Method::Get, "/v1/events");
    world.provider().faults().on(every, Fault::WrongKey);
    assert_eq!(sweep(&world.app, "a"), 0);
    let asked = world.provider().requests_seen().len();
    assert_eq!(sweep(&world.app, "a"), 0);
    assert_eq!(world.provider().requests_seen().len(), asked);
    let trouble = world.lines("SELECT trouble AS line FROM syncs").remove(0);
    assert!(trouble.contains("api_key"), "{trouble}");
    world.provider().faults().clear();
    world.pass_seconds(HOUR_S + 1);
    assert_eq!(sweep(&world.app, "a"), 8);
    assert_eq!(
        world.lines("SELECT coalesce(trouble, '-') AS line FROM syncs"),
        ["-"]
    );
}

on_both_databases! {
    each_connection_is_compared_once_a_day,
    one_process_at_a_time_compares_and_another_goes_on_when_it_dies,
    what_a_person_must_mend_is_tried_again_in_an_hour,
}
