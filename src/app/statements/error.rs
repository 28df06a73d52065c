//! Why a file was not taken in. Nothing of it was.

use super::super::Failure;
use crate::store::StoreError;
use avstem_statements::error::ReadError;

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error(
        "there is no connection {0:?} in the settings; it needs one, such as [connections.adyen]"
    )]
    UnknownConnection(String),
    #[error("there is no bank account {name:?} in the settings; there is {known}")]
    UnknownAccount { name: String, known: String },
    #[error(
        "the file is of {found}, which is none of the accounts in the settings ({known}); add it there with its IBAN, or name the account that it is of"
    )]
    NoSuchAccount { found: String, known: String },
    #[error(
        "this is {title}, and connection {connection:?} is at {provider}; name the connection that the file is of"
    )]
    OtherProvider {
        title: &'static str,
        connection: String,
        provider: &'static str,
    },
    #[error("this is {title}, not {wanted}; hand it in as {instead}")]
    OtherSide {
        title: &'static str,
        wanted: &'static str,
        instead: &'static str,
    },
    #[error(
        "the file is of {what} {found}, and {owner} is of {expected} ({because}); nothing of it was taken in"
    )]
    OfAnother {
        what: &'static str,
        found: String,
        owner: String,
        expected: String,
        because: &'static str,
    },
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("the file cannot be kept while it is looked at; free space in the temporary folder")]
    Spool(#[from] std::io::Error),
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Failure(error.into())
    }
}
