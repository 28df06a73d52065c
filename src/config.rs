//! The settings, and the only reader of the environment.
//!
//! `avstem.toml` first, then every variable that starts with `AVSTEM_`: the variable wins. Both are
//! checked against one schema, so that a misspelt name stops the start with the
//! nearest known one instead of being silently without effect. Two kinds of variables are no
//! settings: `AVSTEM_LOG` is the log filter, and `AVSTEM_TEST_…` belongs to the test suite.

mod books;
mod error;
mod reconciliation;
mod schema;
mod settings;
mod value;

pub use books::{Books, VoucherPer};
pub use error::ConfigError;
pub use reconciliation::{Bank, Reconciliation};
pub use value::DatabaseUrl;

use chrono_tz::Tz;
use secrecy::SecretString;
use settings::Settings;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The file that is read when no `--config` is given. It need not exist.
pub const DEFAULT_FILE: &str = "avstem.toml";

/// The tracing filter when `AVSTEM_LOG` is not set.
const DEFAULT_LOG_FILTER: &str = "info";

const DEFAULT_DATABASE_URL: &str = "sqlite://avstem.db";
const DEFAULT_BIND: &str = "127.0.0.1:8080";
const DEFAULT_TIME_ZONE: &str = "Europe/Stockholm";
const DEFAULT_PARK_FOR: &str = "24h";

/// Everything that is set from outside. Printing it with `{:?}` shows no secret.
#[derive(Debug, Clone)]
pub struct Config {
    pub database_url: DatabaseUrl,
    /// Where to listen. Port 0 lets the operating system choose.
    pub bind: SocketAddr,
    /// How browsers reach this service, without a trailing slash. When it is not set: `http://` and
    /// `bind`, with 127.0.0.1 in the place of an address that means "every interface".
    pub public_url: String,
    /// A key with role admin that exists without being created, for the first steps.
    pub admin_key: Option<SecretString>,
    /// A refund policy file, relative to the working directory. `None`: the built-in policy.
    pub policy: Option<PathBuf>,
    pub default_locale: Locale,
    /// Decides the calendar days and months of books, exports and letters. Instants are UTC.
    pub time_zone: Tz,
    /// How long an event waits for its parent before it turns from parked to failed. Never zero.
    pub park_for: Duration,
    /// How many days the bytes of deliveries are kept that are done with. `None`: for ever.
    pub keep_bodies_days: Option<u32>,
    /// By name, which is the last part of the webhook URL.
    pub connections: BTreeMap<String, Connection>,
    /// By name, which is the last part of the account's name in the ledger.
    pub banks: BTreeMap<String, Bank>,
    pub reconciliation: Reconciliation,
    pub books: Books,
    pub email: Option<Email>,
    /// A `tracing` filter such as `info` or `avstem=debug,info`; `AVSTEM_LOG`.
    pub log_filter: String,
}

/// One account at one payment provider.
#[derive(Debug, Clone)]
pub struct Connection {
    /// 1 to 32 of `a`–`z`, `0`–`9`, `-` and `_`.
    pub name: String,
    /// The provider's name in the registry of providers.
    pub provider: &'static str,
    /// Any of these may have signed a delivery. Empty only for a provider whose reports are imported.
    pub webhook_secrets: Vec<SecretString>,
    /// Without it the connection tracks what webhooks say, and can cancel and refund nothing.
    pub api_key: Option<SecretString>,
    /// Without a trailing slash. Empty when it is not set and the provider is never called.
    pub api_base: String,
    /// When set, events of the other mode are foreign: stored, without effect.
    pub livemode: Option<bool>,
    /// The provider's id of our account; events of another account are foreign.
    pub account: Option<String>,
    /// What bank statements call the provider.
    pub bank_text: String,
}

/// How letters leave the house.
#[derive(Debug, Clone)]
pub struct Email {
    /// `smtp://` or `smtps://`; secret because it may carry a password.
    pub smtp_url: SecretString,
    pub from: String,
}

/// A language in which the service speaks to customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Locale {
    Sv,
    En,
}

impl Locale {
    /// As in settings and URLs: `sv` or `en`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sv => "sv",
            Self::En => "en",
        }
    }

    /// The language of a tag such as `sv`, `en-GB` or `sv_SE`; case does not matter.
    #[must_use]
    pub fn from_tag(tag: &str) -> Option<Self> {
        let language = tag.split(['-', '_']).next().unwrap_or(tag);
        [Self::Sv, Self::En]
            .into_iter()
            .find(|locale| language.eq_ignore_ascii_case(locale.as_str()))
    }
}

/// What this version can do with a provider.
enum Support {
    /// Webhooks and requests; the address is where requests go unless `api_base` says otherwise.
    Webhooks { api_base: &'static str },
    /// Only its reports are imported, so that nothing needs a webhook secret.
    Imports,
    /// Known by name, and refused until a version brings it.
    Later,
}

/// Every provider a setting may name.
const PROVIDERS: &[(&str, Support)] = &[
    (
        "stripe",
        Support::Webhooks {
            api_base: "https://api.stripe.com",
        },
    ),
    ("adyen", Support::Imports),
    ("paypal", Support::Imports),
    ("paddle", Support::Later),
    ("gocardless", Support::Later),
    ("mollie", Support::Later),
    ("braintree", Support::Later),
    ("standard", Support::Later),
];

impl Config {
    /// The name of a connection that a wrong one most likely meant; empty when there is none.
    #[must_use]
    pub fn nearest_connection(&self, wrong: &str) -> String {
        let known = self.connections.keys().map(|name| (name, name.clone()));
        schema::nearest(wrong, known)
    }

    /// Reads the file, then the environment. Without `file`, [`DEFAULT_FILE`] is read if it exists;
    /// a `file` that is given must exist.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        let path = file.unwrap_or(Path::new(DEFAULT_FILE));
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
                String::new()
            }
            Err(source) => {
                return Err(ConfigError::File {
                    path: path.to_path_buf(),
                    source,
                });
            }
        };
        Self::from_named_file(&path.display().to_string(), &text, &environment()?)
    }

    /// The same from values at hand: the text of a file and the environment's variables.
    pub fn from_parts(toml_text: &str, env: &[(String, String)]) -> Result<Self, ConfigError> {
        Self::from_named_file(DEFAULT_FILE, toml_text, env)
    }

    fn from_named_file(
        file: &str,
        text: &str,
        env: &[(String, String)],
    ) -> Result<Self, ConfigError> {
        let mut settings = Settings::default();
        settings.add_file(file, text)?;
        settings.add_environment(env)?;
        let bind = settings.parsed("bind", DEFAULT_BIND, value::bind)?;
        let public_url = settings.parsed("public_url", &reachable_at(bind), value::http_url)?;
        let books = Books::read(&settings)?;
        Ok(Self {
            database_url: settings.database_url("database_url", DEFAULT_DATABASE_URL)?,
            bind,
            public_url,
            admin_key: settings.secret_unless_empty("admin_key")?,
            policy: settings.text_unless_empty("policy").map(PathBuf::from),
            default_locale: settings.parsed(
                "default_locale",
                Locale::Sv.as_str(),
                value::locale,
            )?,
            time_zone: settings.parsed("time_zone", DEFAULT_TIME_ZONE, value::time_zone)?,
            park_for: settings.parsed("park_for", DEFAULT_PARK_FOR, value::duration)?,
            keep_bodies_days: settings.parsed(
                "keep_bodies_for",
                value::FOREVER,
                value::days_kept,
            )?,
            connections: connections(&settings)?,
            banks: reconciliation::banks(&settings, &books)?,
            reconciliation: reconciliation::reconciliation(&settings, &books)?,
            books,
            email: email(&settings)?,
            log_filter: settings
                .text_unless_empty(settings::LOG_FILTER)
                .unwrap_or(DEFAULT_LOG_FILTER)
                .to_owned(),
        })
    }
}

/// Our variables. `vars_os`, because `vars` would end the program over a foreign variable that is
/// not UTF-8.
fn environment() -> Result<Vec<(String, String)>, ConfigError> {
    std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
        .filter(|(name, _)| name.starts_with(schema::ENV_PREFIX))
        .map(|(name, value)| match value.into_string() {
            Ok(value) => Ok((name, value)),
            Err(_) => Err(ConfigError::NotUnicode { setting: name }),
        })
        .collect()
}

/// Where files that nobody keeps belong, such as the demo's database. The environment may say so
/// (`TMPDIR`), so it is asked for here.
#[must_use]
pub fn temporary_folder() -> PathBuf {
    std::env::temp_dir()
}

/// The address that a client on this machine can open for a server bound there.
#[must_use]
pub fn reachable_at(bind: SocketAddr) -> String {
    match bind {
        SocketAddr::V4(address) if address.ip().is_unspecified() => {
            format!("http://127.0.0.1:{}", address.port())
        }
        SocketAddr::V6(address) if address.ip().is_unspecified() => {
            format!("http://[::1]:{}", address.port())
        }
        SocketAddr::V4(_) | SocketAddr::V6(_) => format!("http://{bind}"),
    }
}

fn connections(settings: &Settings) -> Result<BTreeMap<String, Connection>, ConfigError> {
    settings
        .names_in("connections")
        .iter()
        .map(|name| Ok((name.to_owned(), connection(settings, name)?)))
        .collect()
}

fn connection(settings: &Settings, name: &str) -> Result<Connection, ConfigError> {
    let key = |last: &str| format!("connections.{name}.{last}");
    if !is_connection_name(name) {
        return Err(ConfigError::ConnectionName {
            name: name.to_owned(),
        });
    }
    let (provider, support) = provider(settings, name)?;
    let webhook_secrets = settings.secrets(&key("webhook_secrets"))?;
    let default_base = match support {
        Support::Webhooks { api_base } => api_base,
        Support::Imports => "",
        Support::Later => {
            return Err(ConfigError::ProviderNotYet {
                connection: name.to_owned(),
                provider,
                supported: provider_names(),
            });
        }
    };
    if webhook_secrets.is_empty() && matches!(support, Support::Webhooks { .. }) {
        return Err(ConfigError::NoWebhookSecret {
            connection: name.to_owned(),
            variable: schema::env_name(&key("webhook_secrets")),
        });
    }
    Ok(Connection {
        name: name.to_owned(),
        provider,
        webhook_secrets,
        api_key: settings.secret(&key("api_key"))?,
        api_base: match settings.text_unless_empty(&key("api_base")) {
            Some(_) => settings.parsed(&key("api_base"), default_base, value::http_url)?,
            None => default_base.to_owned(),
        },
        livemode: settings.flag(&key("livemode")),
        account: settings
            .text_unless_empty(&key("account"))
            .map(str::to_owned),
        bank_text: settings
            .text_unless_empty(&key("bank_text"))
            .unwrap_or(provider)
            .to_owned(),
    })
}

/// The name is part of a URL, of account names in the ledger and of environment variables.
fn is_connection_name(name: &str) -> bool {
    (1..=32).contains(&name.len())
        && name
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'))
}

fn provider(
    settings: &Settings,
    connection: &str,
) -> Result<(&'static str, &'static Support), ConfigError> {
    let key = format!("connections.{connection}.provider");
    let wanted = settings.text_unless_empty(&key).unwrap_or(connection);
    PROVIDERS
        .iter()
        .find(|(name, _)| *name == wanted)
        .map(|(name, support)| (*name, support))
        .ok_or_else(|| ConfigError::UnknownProvider {
            connection: connection.to_owned(),
            setting: settings.name_of(&key),
            provider: wanted.to_owned(),
            supported: provider_names(),
        })
}

/// The providers that a connection may have today, for an error message.
fn provider_names() -> String {
    let usable = |support: &Support| match support {
        Support::Webhooks { .. } | Support::Imports => true,
        Support::Later => false,
    };
    let names: Vec<&str> = PROVIDERS
        .iter()
        .filter(|(_, support)| usable(support))
        .map(|(name, _)| *name)
        .collect();
    names.join(", ")
}

fn email(settings: &Settings) -> Result<Option<Email>, ConfigError> {
    if !settings.has_email() {
        return Ok(None);
    }
    let missing = |key: &str| ConfigError::Missing {
        setting: key.to_owned(),
        variable: schema::env_name(key),
        needed_by: "sending e-mail",
    };
    let smtp_url = settings
        .smtp_url("email.smtp_url")?
        .ok_or_else(|| missing("email.smtp_url"))?;
    let from = match settings.text_unless_empty("email.from") {
        Some(_) => settings.parsed("email.from", "", value::mailbox)?,
        None => return Err(missing("email.from")),
    };
    Ok(Some(Email { smtp_url, from }))
}
