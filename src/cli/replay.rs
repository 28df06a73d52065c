//! `avstem replay`

use super::bar::Bar;
use super::error::CliError;
use super::{Ended, Global, Noise, open};
use crate::app::App;
use crate::app::process_events::{Processed, process_due};
use crate::app::progress::Progress;
use crate::app::replay_events::{Which, replay};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only the dead letters: events whose state is failed
    #[arg(long, conflicts_with = "events")]
    failed: bool,
    /// Events by our ids or the provider's; without any, all of them
    #[arg(value_name = "EVENT_ID")]
    events: Vec<String>,
}

pub fn run(global: &Global, arguments: &Arguments) -> Result<Ended, CliError> {
    let app = open::existing(global)?;
    let which = match (arguments.failed, arguments.events.as_slice()) {
        (true, _) => Which::Failed,
        (false, []) => Which::All,
        (false, ids) => Which::These(ids.to_vec()),
    };
    let requeued = replay(&app, &which)?;
    // Here and now, so that the outcome can be told; a service that runs beside us may take its share.
    let done = process(&app, global.noise, requeued)?;
    eprintln!(
        "Put {requeued} events back. Processed {}, ignored {}, parked {}, foreign {}, failed {}.",
        done.processed, done.ignored, done.parked, done.foreign, done.failed
    );
    Ok(Ended::Done)
}

fn process(app: &App, noise: Noise, requeued: usize) -> Result<Processed, CliError> {
    let bar = Bar::new(noise, "events");
    let count = |events: usize| u64::try_from(events).unwrap_or(u64::MAX);
    let mut done = Processed::default();
    loop {
        let batch = process_due(app)?;
        if batch.total() == 0 {
            return Ok(done);
        }
        done = Processed {
            processed: done.processed + batch.processed,
            ignored: done.ignored + batch.ignored,
            parked: done.parked + batch.parked,
            failed: done.failed + batch.failed,
            foreign: done.foreign + batch.foreign,
        };
        // What waited already is processed along the way.
        let total = count(requeued.max(done.total()));
        bar.show(Progress {
            done: count(done.total()),
            total: Some(total),
        });
    }
}
