//! The weather clears, everything that is on its way arrives, and everybody does what there is to do.

use super::deeds::deliver_all;
use super::run::Run;
use crate::world::work;
use avstem_simulator::RefundStart;

/// Longer than a refund under way is left alone.
const DAY_MIN: i64 = 24 * 60;

pub fn come_to_rest(run: &mut Run) {
    run.note("the weather clears");
    {
        let mut provider = run.world.provider();
        provider.faults().clear();
        provider.refunds_start(RefundStart::Succeeded);
        provider.top_up();
    }
    every_refund_arrives(run);
    for _ in 0..3 {
        deliver_all(run);
        run.work();
        work_for(run, 5);
    }
    // What is asked for at long intervals, a day on.
    run.world.pass_seconds(DAY_MIN * 60);
    deliver_all(run);
    work_for(run, 5);
    run.note("all is at rest");
}

/// Customers name their accounts, and banks do their work.
fn every_refund_arrives(run: &Run) {
    let mut provider = run.world.provider();
    for subscription in &run.subscriptions {
        for charge in provider.charges_of(subscription) {
            for refund in provider.refunds_of(&charge.id) {
                provider.act_on_refund(&refund.id);
                provider.settle_refund(&refund.id);
            }
        }
    }
}

fn work_for(run: &mut Run, minutes: i64) {
    work(&run.world.app, &run.world, minutes).unwrap();
    run.work();
}
