//! `avstem demo`

use super::error::CliError;
use super::{Ended, logging};
use crate::demo;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The same world again
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Runs the whole story once, prints what happened, and exits 0 only if everything held
    #[arg(long)]
    exit_after_check: bool,
}

pub fn run(arguments: &Arguments) -> Result<Ended, CliError> {
    logging::start_command("warn")?;
    let mode = if arguments.exit_after_check {
        demo::Mode::ExitAfterCheck
    } else {
        demo::Mode::Serve
    };
    demo::run(demo::Options {
        seed: arguments.seed,
        mode,
    })?;
    Ok(Ended::Done)
}
