//! A copy of the service over an empty database of its own, which is gone when it is dropped.

use super::super::App;
use super::super::measure::Meters;
use super::super::seams::Seams;
use super::super::signals::Signals;
use super::RebuildError;
use crate::clock::Clock;
use crate::config::{Config, temporary_folder};
use crate::gateway::{CallError, Gateway, Transport};
use crate::store::Store;
use avstem_domain::time::Timestamp;
use avstem_webhooks::outbound::{HttpReply, HttpRequest};
use secrecy::SecretString;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::time::Duration;

pub(super) struct Scratch {
    /// Its clock is moved along with the history.
    pub app: App,
    _folder: Folder,
}

/// Readable by its owner alone, for what is in it is as personal as the database.
struct Folder(PathBuf);

impl Folder {
    fn make(clock: &Clock) -> Result<Self, RebuildError> {
        let folder = temporary_folder().join(format!("avstem-rebuild-{}", clock.uuid().simple()));
        match std::fs::DirBuilder::new().mode(0o700).create(&folder) {
            Ok(()) => Ok(Self(folder)),
            Err(source) => Err(RebuildError::Folder { folder, source }),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            tracing::warn!(error = %error, "Could not remove the scratch copy in {}", self.0.display());
        }
    }
}

/// A rebuild asks nobody.
struct Nobody;

impl Transport for Nobody {
    fn exchange(&self, _: &str, _: &SecretString, _: &HttpRequest) -> Result<HttpReply, CallError> {
        Err(CallError::NotSent(
            "a scratch copy asks no provider".to_owned(),
        ))
    }
}

impl Scratch {
    pub(super) fn set_up(app: &App) -> Result<Self, RebuildError> {
        let folder = Folder::make(&app.clock)?;
        let path = folder.0.join("scratch.db");
        let store = Store::scratch(&path.to_string_lossy()).map_err(RebuildError::Scratch)?;
        store.migrate().map_err(RebuildError::Scratch)?;
        let app = App {
            store,
            clock: Clock::manual(Timestamp::EPOCH),
            gateway: Gateway::new(Nobody),
            config: settings(&app.config),
            policy: app.policy.clone(),
            signals: Signals::default(),
            seams: Seams::default(),
            meters: Meters::new(&app.config, app.clock.now())?,
        };
        Ok(Self {
            app,
            _folder: folder,
        })
    }
}

/// What was not foreign when it came is not foreign now, whatever the settings say today. And nothing
/// waits for a charge here: what cannot be applied is tried again when everything else has been.
fn settings(config: &Config) -> Config {
    let mut config = config.clone();
    for connection in config.connections.values_mut() {
        connection.livemode = None;
        connection.account = None;
    }
    config.park_for = Duration::ZERO;
    config
}
