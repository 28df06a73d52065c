//! Where the log goes: stderr, as lines of JSON for machines and as text for a person.

use super::error::CliError;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// What a command shows of the log: one that ends by itself says what matters in its own words.
/// What `config` gives when nothing is set.
const DEFAULT_FILTER: &str = "info";
const COMMAND_FILTER: &str = "warn";

/// The log of a running service.
pub fn start_service(filter: &str) -> Result<(), CliError> {
    let registry = tracing_subscriber::registry().with(parse(filter)?);
    let stderr = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        // A program that embeds us may have its own log.
        let _ = registry.with(stderr).try_init();
    } else {
        let _ = registry.with(stderr.json().flatten_event(true)).try_init();
    }
    Ok(())
}

/// The log of a command: `filter` where it was set, warnings where it was not.
pub fn start_command(filter: &str) -> Result<(), CliError> {
    let filter = if filter == DEFAULT_FILTER {
        COMMAND_FILTER
    } else {
        filter
    };
    let stderr = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let _ = tracing_subscriber::registry()
        .with(parse(filter)?)
        .with(stderr)
        .try_init();
    Ok(())
}

fn parse(filter: &str) -> Result<EnvFilter, CliError> {
    EnvFilter::try_new(filter).map_err(|source| CliError::LogFilter {
        filter: filter.to_owned(),
        source: Box::new(source),
    })
}
