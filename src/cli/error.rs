//! Why a command failed, as one line for a person.

use crate::app::Failure;
use crate::app::api_keys::CreateError;
use crate::app::measure::MeterError;
use crate::app::month_end::{CloseError, ReopenError};
use crate::app::rebuild::RebuildError;
use crate::app::reconcile::ReconcileError;
use crate::app::replay_events::ReplayError;
use crate::app::statements::ImportError;
use crate::app::sync::SyncError;
use crate::config::ConfigError;
use crate::exports::ExportError;
use crate::store::StoreError;
use avstem_domain::refund_policy::PolicyError;
use std::error::Error;
use std::io::ErrorKind;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Failure(#[from] Failure),
    #[error(transparent)]
    Key(#[from] CreateError),
    #[error(transparent)]
    Rebuild(#[from] RebuildError),
    #[error(transparent)]
    Replay(#[from] ReplayError),
    #[error(transparent)]
    Export(#[from] ExportError),
    #[error(transparent)]
    Import(#[from] ImportError),
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
    #[error(transparent)]
    Close(#[from] CloseError),
    #[error(transparent)]
    Reopen(#[from] ReopenError),
    #[error(transparent)]
    Sync(#[from] SyncError),
    #[error(transparent)]
    Meters(#[from] MeterError),
    #[error("there is no database at {}; run `avstem migrate` to make one, or check database_url", .0.display())]
    NoDatabase(PathBuf),
    #[error("there is no API key {0}; `avstem keys list` shows them all")]
    NoSuchKey(String),
    #[error(
        "the log filter {filter:?} (AVSTEM_LOG) cannot be read; write one such as info or avstem=debug"
    )]
    LogFilter {
        filter: String,
        source: Box<dyn Error + Send + Sync>,
    },
    #[error("the refund policy {} cannot be read; correct the setting `policy`", path.display())]
    PolicyFile {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("the refund policy {from} cannot be used")]
    Policy { from: String, source: PolicyError },
    #[error("no HTTPS client can be made; check the system's certificates")]
    Https(#[source] Box<dyn Error + Send + Sync>),
    #[error("cannot listen on {bind}; stop what listens there, or set `bind` to another address")]
    Bind {
        bind: std::net::SocketAddr,
        source: std::io::Error,
    },
    #[error("the service at {base} is not ready: {why}")]
    NotReady { base: String, why: String },
    #[error("the server stopped")]
    Server(#[source] std::io::Error),
    #[error("{} cannot be written; check the path and its permissions", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{} cannot be read; check the path and its permissions", path.display())]
    Input {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("standard output cannot be written")]
    Stdout(#[source] std::io::Error),
    #[error(transparent)]
    Demo(#[from] crate::demo::DemoError),
}

impl CliError {
    /// The error and its causes. A cause that its effect quotes already is not said twice.
    pub fn one_line(&self) -> String {
        let mut line = String::new();
        let mut next: Option<&dyn Error> = Some(self);
        while let Some(error) = next {
            let said = error.to_string();
            let said = said.trim_end().trim_end_matches('.');
            if line.is_empty() {
                line.push_str(said);
            } else if !line.contains(said) {
                line.push_str(": ");
                line.push_str(said);
            }
            next = error.source();
        }
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Whether the command was asked for something that does not go together.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Export(ExportError::JournalOnly { .. }))
    }

    /// Whether nobody reads what is written any more, so that there is nothing to say.
    pub fn is_broken_pipe(&self) -> bool {
        match self {
            Self::Export(ExportError::Output(error)) | Self::Stdout(error) => {
                error.kind() == ErrorKind::BrokenPipe
            }
            Self::Config(_)
            | Self::Store(_)
            | Self::Failure(_)
            | Self::Key(_)
            | Self::Rebuild(_)
            | Self::Replay(_)
            | Self::Export(_)
            | Self::NoDatabase(_)
            | Self::NoSuchKey(_)
            | Self::LogFilter { .. }
            | Self::PolicyFile { .. }
            | Self::Policy { .. }
            | Self::Https(_)
            | Self::Bind { .. }
            | Self::NotReady { .. }
            | Self::Server(_)
            | Self::File { .. }
            | Self::Input { .. }
            | Self::Import(_)
            | Self::Reconcile(_)
            | Self::Close(_)
            | Self::Reopen(_)
            | Self::Sync(_)
            | Self::Meters(_)
            | Self::Demo(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_line_with_its_causes() {
        let source = std::io::Error::new(ErrorKind::AddrInUse, "address\nin use.");
        let error = CliError::Bind {
            bind: "127.0.0.1:80".parse().unwrap(),
            source,
        };
        assert_eq!(
            error.one_line(),
            "cannot listen on 127.0.0.1:80; stop what listens there, or set `bind` to another address: address in use"
        );
    }

    #[test]
    fn only_a_closed_pipe_on_stdout_is_nothing_to_say() {
        let closed = || std::io::Error::from(ErrorKind::BrokenPipe);
        assert!(CliError::Stdout(closed()).is_broken_pipe());
        assert!(CliError::Export(ExportError::Output(closed())).is_broken_pipe());
        let full = std::io::Error::from(ErrorKind::StorageFull);
        assert!(!CliError::Stdout(full).is_broken_pipe());
        // A lost database is not a closed pipe.
        assert!(!CliError::Server(closed()).is_broken_pipe());
    }
}
