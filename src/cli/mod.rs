//! The command line: one file a command.
//!
//! Exit codes: 0 done; 1 failed, with one line on stderr that says what to do; 2 wrong usage; 3 done, and
//! something was found that a person must look at. Results go to stdout, everything else to stderr.

mod bar;
mod close;
mod day;
mod demo;
mod error;
mod export;
mod healthcheck;
mod import;
mod keys;
mod logging;
mod migrate;
mod open;
mod rebuild;
mod reconcile;
mod replay;
mod serve;
mod sync;
mod verify;

use clap::{Parser, Subcommand};
use error::CliError;
use std::path::PathBuf;
use std::process::ExitCode;

/// Subscription billing, reconciled: webhooks in, one refund out, books that balance.
#[derive(Debug, Parser)]
#[command(name = "avstem", version, max_term_width = 100)]
struct Cli {
    /// The settings file [default: avstem.toml, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Shows no progress
    #[arg(long, global = true)]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves webhooks, API and account page, and runs the workers
    Serve(serve::Arguments),
    /// Shows everything with a simulated provider and nothing to configure
    Demo(demo::Arguments),
    /// Applies what the database lacks for this version
    Migrate(migrate::Arguments),
    /// Asks the service that runs with these settings whether it is ready; for health checks
    Healthcheck,
    /// Makes, lists and revokes API keys
    #[command(subcommand)]
    Keys(keys::Command),
    /// Audits the whole ledger
    Verify(verify::Arguments),
    /// Makes the projections once more from what was told, and compares
    Rebuild(rebuild::Arguments),
    /// Processes stored events again; what they caused is not caused twice
    Replay(replay::Arguments),
    /// Writes a table for other programs
    Export(export::Arguments),
    /// Takes a settlement report or a bank statement in
    #[command(subcommand)]
    Import(import::Command),
    /// Matches ledger, provider and bank, and tells what disagrees
    Reconcile(reconcile::Arguments),
    /// Recognises a month's revenue, locks it, and states what it came to
    Close(close::Arguments),
    /// Opens the month that was closed last
    Reopen(close::Reopening),
    /// Compares everything with the provider, and heals what webhooks missed
    Sync(sync::Arguments),
}

/// What every command is told.
#[derive(Debug)]
struct Global {
    config: Option<PathBuf>,
    noise: Noise,
}

/// Whether progress may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Noise {
    Quiet,
    Normal,
}

/// How a command ended that did what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Done,
    /// Done, and a person must look at what was found.
    Found,
}

/// Reads the arguments, runs the command, and gives its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => {
            // Help is asked for and goes to stdout; there is nobody to tell if that is closed.
            let _ = usage.print();
            return ExitCode::from(if usage.use_stderr() { 2 } else { 0 });
        }
    };
    match run(cli) {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Found) => ExitCode::from(3),
        Err(error) => {
            if !error.is_broken_pipe() {
                eprintln!("avstem: {}", error.one_line());
            }
            if error.is_usage() {
                ExitCode::from(2)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}

fn run(cli: Cli) -> Result<Ended, CliError> {
    let noise = if cli.quiet {
        Noise::Quiet
    } else {
        Noise::Normal
    };
    let global = Global {
        config: cli.config,
        noise,
    };
    match cli.command {
        Command::Serve(arguments) => serve::run(&global, &arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Migrate(arguments) => migrate::run(&global, &arguments),
        Command::Healthcheck => healthcheck::run(&global),
        Command::Keys(command) => keys::run(&global, &command),
        Command::Verify(arguments) => verify::run(&global, &arguments),
        Command::Rebuild(arguments) => rebuild::run(&global, &arguments),
        Command::Replay(arguments) => replay::run(&global, &arguments),
        Command::Export(arguments) => export::run(&global, &arguments),
        Command::Import(command) => import::run(&global, &command),
        Command::Reconcile(arguments) => reconcile::run(&global, &arguments),
        Command::Close(arguments) => close::run(&global, &arguments),
        Command::Reopen(arguments) => close::reopen(&global, &arguments),
        Command::Sync(arguments) => sync::run(&global, &arguments),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn every_command_is_understood() {
        for line in [
            "avstem serve",
            "avstem serve --no-migrate --config a.toml",
            "avstem demo --seed 7 --exit-after-check",
            "avstem --quiet migrate --check",
            "avstem healthcheck",
            "avstem keys create --role finance --name books",
            "avstem keys list",
            "avstem keys revoke avkey_1",
            "avstem verify --json --quiet",
            "avstem rebuild --check",
            "avstem rebuild --check --json --quiet",
            "avstem replay --failed",
            "avstem replay evt_1 avevt_2",
            "avstem import settlement --connection stripe report.csv",
            "avstem import bank --account main --format mt940 -",
            "avstem reconcile --connection stripe --through 2026-10-16 --json",
            "avstem sync stripe",
            "avstem sync stripe --since 2026-10-01 --quiet",
            "avstem export journal --format csv --from 2026-10-01 --to 2026-10-31 -o journal.csv",
            "avstem export journal --format sie4 -o journal.si",
            "avstem close 2026-10 --json",
            "avstem reopen 2026-10 --reason late",
        ] {
            assert!(parse(line).is_ok(), "{line}");
        }
    }

    #[test]
    fn wrong_usage_is_refused_with_what_would_be_right() {
        let refused = |line| parse(line).unwrap_err().to_string();
        assert!(refused("avstem export ledger --format csv").contains("journal, trial-balance"));
        assert!(refused("avstem export journal --format xls").contains("csv, jsonl"));
        assert!(
            refused("avstem export journal --format csv --from 2026-02-30").contains("2026-11-22")
        );
        assert!(
            refused("avstem keys create --role root --name x")
                .contains("read, support, finance, admin")
        );
        assert!(refused("avstem replay --failed evt_1").contains("--failed"));
        assert!(refused("avstem import bank --format pdf x").contains("mt940"));
        for line in [
            "avstem",
            "avstem nonsense",
            "avstem export journal",
            "avstem keys",
            "avstem import settlement report.csv",
            "avstem rebuild",
            "avstem close 2026-13",
            "avstem close",
            "avstem reopen 2026-10",
            "avstem sync",
            "avstem sync stripe --since yesterday",
        ] {
            assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
        }
    }
}
