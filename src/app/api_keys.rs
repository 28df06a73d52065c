//! API keys: made, listed, revoked, and recognised.
//!
//! A key is `avkey_<32 hex>_<64 hex>`: its id, by which the row is found, and a secret of 256 random
//! bits. Only the secret's SHA-256 is stored; a fast hash is right for a secret that nobody can guess.

use super::receive_webhook::hex;
use super::{App, Failure};
use crate::store::rows::ApiKey;
use avstem_domain::id::ApiKeyId;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The longest name of a key, in characters.
pub const NAME_CHARS_MAX: usize = 100;

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Look at customers, subscriptions, cancellations, refunds and the inbox.
    Read,
    /// Also cancel, refund, report deliveries, replay, and open a customer's account page.
    Support,
    /// Also see the ledger and export.
    Finance,
    /// Everything.
    Admin,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Read, Self::Support, Self::Finance, Self::Admin];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Support => "support",
            Self::Finance => "finance",
            Self::Admin => "admin",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether a key with this role may do what needs the role `needed`. Support and finance each
    /// also read; neither does what the other may.
    #[must_use]
    pub const fn may(self, needed: Self) -> bool {
        match (self, needed) {
            (Self::Admin, Self::Read | Self::Support | Self::Finance | Self::Admin)
            | (Self::Read | Self::Support | Self::Finance, Self::Read)
            | (Self::Support, Self::Support)
            | (Self::Finance, Self::Finance) => true,
            (Self::Read, Self::Support | Self::Finance | Self::Admin)
            | (Self::Support, Self::Finance | Self::Admin)
            | (Self::Finance, Self::Support | Self::Admin) => false,
        }
    }
}

/// A new key. The secret is nowhere else.
#[derive(Debug)]
pub struct Created {
    pub row: ApiKey,
    pub key: SecretString,
}

#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    #[error(
        "a key's name is 1 to {NAME_CHARS_MAX} characters without line breaks, such as \"shop backend\""
    )]
    BadName,
    #[error(transparent)]
    Failure(#[from] Failure),
}

/// Makes a key.
pub fn create(app: &App, role: Role, name: &str) -> Result<Created, CreateError> {
    let name = name.trim();
    let fits = (1..=NAME_CHARS_MAX).contains(&name.chars().count());
    if !fits || name.chars().any(char::is_control) {
        return Err(CreateError::BadName);
    }
    let id = ApiKeyId::from_uuid(app.clock.uuid());
    let secret = app.clock.secret().map_err(Failure::from)?;
    let row = ApiKey {
        id: id.to_string(),
        name: name.to_owned(),
        role: role.as_str().to_owned(),
        secret_hash: hash(&secret),
        created_at: app.clock.now().as_micros(),
        revoked_at: None,
    };
    app.store
        .write::<_, Failure>(|tx| Ok(tx.add_api_key(&row)?))?;
    let key = SecretString::from(format!("{id}_{secret}"));
    Ok(Created { row, key })
}

/// Every key, oldest first, the revoked ones too.
pub fn list(app: &App) -> Result<Vec<ApiKey>, Failure> {
    app.store.read(|tx| Ok(tx.list_api_keys()?))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    Now,
    /// It had been before.
    Before,
    NoSuchKey,
}

/// Revokes a key by its id (`avkey_` and 32 hex digits). It stops working at once.
pub fn revoke(app: &App, id: &str) -> Result<Revoked, Failure> {
    let now = app.clock.now().as_micros();
    app.store.write(|tx| {
        if tx.revoke_api_key(id, now)? > 0 {
            return Ok(Revoked::Now);
        }
        Ok(match tx.api_key(id)? {
            Some(_) => Revoked::Before,
            None => Revoked::NoSuchKey,
        })
    })
}

/// Whoever presented a key that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// The key's id; [`ADMIN_KEY`] for the one in the settings.
    pub key: String,
    pub role: Role,
}

/// What the settings' `admin_key` is called where a key's id is recorded.
pub const ADMIN_KEY: &str = "admin_key";

/// Recognises a key; None for one that does not exist, is revoked or has another secret.
pub fn authenticate(app: &App, presented: &str) -> Result<Option<Principal>, Failure> {
    let admin = app.config.admin_key.as_ref();
    if admin.is_some_and(|key| equal(&hash(key.expose_secret()), &hash(presented))) {
        return Ok(Some(Principal {
            key: ADMIN_KEY.to_owned(),
            role: Role::Admin,
        }));
    }
    let Some((id, secret)) = split(presented) else {
        return Ok(None);
    };
    let Some(row) = app
        .store
        .read::<_, Failure>(|tx| Ok(tx.api_key(&id.to_string())?))?
    else {
        return Ok(None);
    };
    if !equal(&row.secret_hash, &hash(secret)) || row.revoked_at.is_some() {
        return Ok(None);
    }
    let role = Role::parse(&row.role).ok_or_else(|| Failure::unreadable("role", &row.role))?;
    Ok(Some(Principal { key: row.id, role }))
}

fn split(key: &str) -> Option<(ApiKeyId, &str)> {
    let (id, secret) = key.rsplit_once('_')?;
    Some((ApiKeyId::parse(id).ok()?, secret))
}

/// SHA-256 in hexadecimal. Keys are compared by it, so that a comparison tells nothing of the key.
fn hash(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

fn equal(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn support_and_finance_read_and_do_not_do_each_other_s_work() {
        let may = |role: Role| Role::ALL.map(|needed| role.may(needed));
        assert_eq!(may(Role::Read), [true, false, false, false]);
        assert_eq!(may(Role::Support), [true, true, false, false]);
        assert_eq!(may(Role::Finance), [true, false, true, false]);
        assert_eq!(may(Role::Admin), [true; 4]);
    }

    #[test]
    fn a_key_is_its_id_and_its_secret() {
        let id = "avkey_0198aaaabbbb7cccaddd000000000001";
        let secret = "ab".repeat(32);
        let key = format!("{id}_{secret}");
        let (found, rest) = split(&key).unwrap();
        assert_eq!((found.to_string().as_str(), rest), (id, secret.as_str()));
        for bad in [
            "",
            "avkey",
            id,
            "avkey_12_34",
            &format!("avch_{}_x", "0".repeat(32)),
        ] {
            assert!(split(bad).is_none(), "{bad}");
        }
    }
}
