//! `avstem serve`

use super::error::CliError;
use super::{Ended, Global, logging, open};
use crate::config::Config;
use std::net::TcpListener;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Refuses to start if migrations are pending, instead of applying them
    #[arg(long)]
    no_migrate: bool,
}

pub fn run(global: &Global, arguments: &Arguments) -> Result<Ended, CliError> {
    let config = Config::load(global.config.as_deref())?;
    logging::start_service(&config.log_filter)?;
    let bind = config.bind;
    let app = open::app(config)?;
    if arguments.no_migrate {
        open::require_migrated(&app.store)?;
    } else {
        for name in app.store.migrate()?.0 {
            tracing::info!(migration = %name, "Applied migration {name}");
        }
    }
    let listener = TcpListener::bind(bind).map_err(|source| CliError::Bind { bind, source })?;
    let address = listener
        .local_addr()
        .map_err(|source| CliError::Bind { bind, source })?;
    tracing::info!(address = %address, "Avstem listens on http://{address}");
    crate::server::run(Arc::new(app), listener).map_err(CliError::Server)?;
    Ok(Ended::Done)
}
