//! How far comparing with a provider has come, written and read back; and what it looks for here.

use crate::store_tables::{MAX, MIN, read, text, write};
use crate::world::World;
use avstem::store::rows::{Made, SyncCursor, SyncRun};

fn runs_and_cursors_come_back_and_are_replaced(world: &mut World) {
    let run = SyncRun {
        connection: text(),
        made_from: Some(MIN),
        events_from: MAX,
        begun_at: MIN,
        finished_at: None,
        due_at: MAX,
        attempts: MAX,
        trouble: Some(text()),
    };
    let cursor = |kind: &str, after: Option<String>| SyncCursor {
        connection: text(),
        kind: kind.to_owned(),
        done: after.is_none(),
        after,
        made_until: MAX,
        seen: MIN,
        repaired: MAX,
    };
    let cursors = [cursor("", Some(text())), cursor("b", None)];
    write(world, |tx| {
        tx.save_sync_run(&run)?;
        Ok(tx.save_sync_cursors(&cursors)?)
    });
    assert_eq!(
        read(world, |tx| Ok(tx.sync_run(&run.connection)?)),
        Some(run.clone())
    );
    assert_eq!(
        read(world, |tx| Ok(tx.sync_cursors(&run.connection)?)),
        cursors
    );
    let later = SyncRun {
        made_from: None,
        finished_at: Some(MAX),
        trouble: None,
        ..run
    };
    let further = [cursor("", None)];
    write(world, |tx| {
        tx.save_sync_run(&later)?;
        Ok(tx.save_sync_cursors(&further)?)
    });
    let found = read(world, |tx| Ok(tx.sync_cursors(&later.connection)?));
    assert_eq!(found[0], further[0]);
    assert_eq!(
        read(world, |tx| Ok(tx.sync_run(&later.connection)?)),
        Some(later)
    );
    assert_eq!(read(world, |tx| Ok(tx.sync_run("another")?)), None);
}

/// Both ends of the time count, and only what the provider must have is looked for.
fn what_was_made_in_a_time_is_found_where_it_should_be_there(world: &mut World) {
    let (_, subscription) = world.subscribe();
    world.deliver();
    let charge = world.charges(&subscription)[0].clone();
    let at = world.clock.now().as_micros();
    let made = |from, to| Made {
        connection: "stripe",
        from,
        to,
        limit: 10,
    };
    let charges = |from, to| read(world, |tx| Ok(tx.charges_made(made(from, to))?));
    assert_eq!(charges(at, at), [charge.as_str()]);
    assert_eq!(charges(at + 1, MAX), [""; 0]);
    assert_eq!(charges(0, at - 1), [""; 0]);
    let refund = world.provider().dashboard_refund(&charge, None).unwrap();
    let dispute = world.provider().open_dispute(&charge);
    let payout = world.provider().pay_out();
    world.provider().dashboard_cancel(&subscription);
    world.deliver();
    let all = made(0, MAX);
    assert_eq!(
        read(world, |tx| Ok(tx.refunds_made(all)?)),
        std::slice::from_ref(&refund)
    );
    let found = read(world, |tx| Ok(tx.disputes_made(all)?));
    assert_eq!(found.first(), dispute.as_ref());
    let found = read(world, |tx| Ok(tx.payouts_made(all)?));
    assert_eq!(found.first(), payout.as_ref());
    let over = read(world, |tx| Ok(tx.subscriptions_made(all)?));
    assert_eq!(over, [""; 0], "it is over");
    world.pass_seconds(60);
    world.provider().fail_refund(&refund);
    world.deliver();
    assert_eq!(
        read(world, |tx| Ok(tx.refunds_made(all)?)),
        [""; 0],
        "it came back"
    );
}

on_both_databases! {
    runs_and_cursors_come_back_and_are_replaced,
    what_was_made_in_a_time_is_found_where_it_should_be_there,
}
