//! The service's world, as the settings describe it.

use super::error::CliError;
use super::{Global, logging};
use crate::app::App;
use crate::app::measure::Meters;
use crate::app::seams::Seams;
use crate::app::signals::Signals;
use crate::clock::Clock;
use crate::config::{Config, DatabaseUrl};
use crate::gateway::Gateway;
use crate::store::{Store, StoreError};
use avstem_domain::refund_policy::Policy;
use secrecy::ExposeSecret;
use std::path::Path;

/// Settings for a command that ends by itself, with its log started.
pub fn settings(global: &Global) -> Result<Config, CliError> {
    let config = Config::load(global.config.as_deref())?;
    logging::start_command(&config.log_filter)?;
    Ok(config)
}

/// Opens a database that is there and has every migration; nothing is created and nothing applied.
pub fn existing(global: &Global) -> Result<App, CliError> {
    let config = settings(global)?;
    if let Some(path) = missing_file(&config.database_url) {
        return Err(CliError::NoDatabase(path.to_path_buf()));
    }
    let app = app(config)?;
    require_migrated(&app.store)?;
    Ok(app)
}

/// Errors when migrations wait, which says what to do.
pub fn require_migrated(store: &Store) -> Result<(), StoreError> {
    match store.pending_migrations()?.0.len() {
        0 => Ok(()),
        waiting => Err(StoreError::MigrationsPending(waiting)),
    }
}

/// Opens everything; an SQLite file that is not there is made, empty.
pub fn app(config: Config) -> Result<App, CliError> {
    let policy = policy(config.policy.as_deref())?;
    let clock = Clock::system();
    Ok(App {
        store: store(&config.database_url)?,
        meters: Meters::new(&config, clock.now())?,
        clock,
        gateway: Gateway::https().map_err(|error| CliError::Https(Box::new(error)))?,
        policy,
        signals: Signals::default(),
        seams: Seams::default(),
        config,
    })
}

pub fn store(url: &DatabaseUrl) -> Result<Store, StoreError> {
    match url {
        DatabaseUrl::Sqlite(path) => Store::open(&format!("sqlite://{}", path.display())),
        DatabaseUrl::Postgres(url) => Store::open(url.expose_secret()),
    }
}

/// The SQLite file of `url`, if it is one and is not there.
pub fn missing_file(url: &DatabaseUrl) -> Option<&Path> {
    match url {
        DatabaseUrl::Sqlite(path) => Some(path.as_path()).filter(|path| !path.exists()),
        DatabaseUrl::Postgres(_) => None,
    }
}

fn policy(file: Option<&Path>) -> Result<Policy, CliError> {
    let Some(path) = file else {
        return Policy::reference().map_err(|source| CliError::Policy {
            from: "that is built in".to_owned(),
            source,
        });
    };
    let text = std::fs::read_to_string(path).map_err(|source| CliError::PolicyFile {
        path: path.to_path_buf(),
        source,
    })?;
    Policy::parse(&text).map_err(|source| CliError::Policy {
        from: path.display().to_string(),
        source,
    })
}
