//! Portal sessions: a link that signs one customer in, once.

use super::receive_webhook::hex;
use super::{App, Failure};
use crate::config::Locale;
use crate::store::rows::PortalSession;
use avstem_domain::time::Timestamp;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

/// How long a link can be opened, in seconds.
pub const LINK_LIFETIME_S: i64 = 600;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPortal {
    /// Our id or the provider's.
    pub customer: String,
    /// Where the page's way back leads. The caller has checked that it is an http(s) address.
    pub return_url: Option<String>,
    /// None: the customer's own language, else the default one.
    pub locale: Option<Locale>,
}

/// A link as its customer opens it. It is nowhere else: the database has the hash of its token.
#[derive(Debug)]
pub struct Link {
    pub url: SecretString,
    pub expires_at: Timestamp,
}

#[derive(Debug, thiserror::Error)]
pub enum PortalError {
    #[error("there is no customer {0}; GET /v1/customers lists them")]
    CustomerNotFound(String),
    #[error(transparent)]
    Failure(#[from] Failure),
}

impl From<crate::store::StoreError> for PortalError {
    fn from(error: crate::store::StoreError) -> Self {
        Self::Failure(error.into())
    }
}

/// Makes a link that can be opened once, within ten minutes.
pub fn open(app: &App, command: &OpenPortal) -> Result<Link, PortalError> {
    let token = app.clock.secret().map_err(Failure::from)?;
    let expires_at = app.clock.now().saturating_add_seconds(LINK_LIFETIME_S);
    app.store.write(|tx| {
        let customer = tx
            .find_customer(&command.customer)?
            .ok_or_else(|| PortalError::CustomerNotFound(command.customer.clone()))?;
        let own = customer.locale.as_deref().and_then(Locale::from_tag);
        let locale = command.locale.or(own).unwrap_or(app.config.default_locale);
        tx.add_portal_session(&PortalSession {
            token_hash: token_hash(&token),
            customer_id: customer.id,
            locale: locale.as_str().to_owned(),
            return_url: command.return_url.clone(),
            expires_at: expires_at.as_micros(),
            used_at: None,
        })?;
        Ok::<_, PortalError>(())
    })?;
    let url = SecretString::from(format!("{}/account/enter/{token}", app.config.public_url));
    Ok(Link { url, expires_at })
}

/// How a token is stored: SHA-256 in hexadecimal.
#[must_use]
pub fn token_hash(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}
