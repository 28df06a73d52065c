//! What is set, by whom, under which name: the file and the environment laid over one another and
//! checked against the schema. What the values mean is decided in `value.rs` and `config.rs`.

use super::error::ConfigError;
use super::schema::{self, CONNECTION, ENV_PREFIX, Kind, SECTIONS, TOP};
use super::value::{self, DatabaseUrl};
use secrecy::SecretString;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use toml::Value;

/// Where the log filter stands among the settings. No file can set it: it has no entry in the schema.
pub const LOG_FILTER: &str = "log";

/// Variables of the test suite, which children of a test inherit.
const TEST_PREFIX: &str = "AVSTEM_TEST_";

enum Held {
    Text(String),
    List(Vec<String>),
    Flag(bool),
}

struct Setting {
    held: Held,
    /// As the user wrote it: `connections.stripe.api_key in avstem.toml`, or a variable's name.
    name: String,
}

/// Every value that was set, by its path such as `connections.stripe.api_key`.
#[derive(Default)]
pub struct Settings {
    values: BTreeMap<String, Setting>,
    connections: BTreeSet<String>,
}

impl Settings {
    pub fn add_file(&mut self, file: &str, text: &str) -> Result<(), ConfigError> {
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            let start = error.span().map_or(0, |span| span.start);
            ConfigError::Syntax {
                file: file.to_owned(),
                line: 1 + text
                    .bytes()
                    .take(start)
                    .filter(|byte| *byte == b'\n')
                    .count(),
                problem: error.message().to_owned(),
            }
        })?;
        for (key, value) in &table {
            match key.as_str() {
                "connections" => {
                    for (name, value) in section(value, file, key)? {
                        let path = format!("connections.{name}");
                        self.connections.insert(name.clone());
                        self.add_section(&path, section(value, file, &path)?, file, CONNECTION)?;
                    }
                }
                _ => match schema::single(key) {
                    Some(known) => {
                        self.add_section(key, section(value, file, key)?, file, known)?;
                    }
                    None => self.add_key("", key, value, file, TOP)?,
                },
            }
        }
        Ok(())
    }

    fn add_section(
        &mut self,
        path: &str,
        section: &toml::Table,
        file: &str,
        known: &[(&str, Kind)],
    ) -> Result<(), ConfigError> {
        section
            .iter()
            .try_for_each(|(key, value)| self.add_key(path, key, value, file, known))
    }

    fn add_key(
        &mut self,
        section: &str,
        key: &str,
        value: &Value,
        file: &str,
        known: &[(&str, Kind)],
    ) -> Result<(), ConfigError> {
        let path = schema::join(section, key);
        let name = format!("{path} in {file}");
        let Some(kind) = schema::kind_in(known, key) else {
            let sections = SECTIONS.iter().filter(|_| section.is_empty()).copied();
            let names = known.iter().map(|(known, _)| *known).chain(sections);
            return Err(ConfigError::Unknown {
                setting: name,
                nearest: schema::nearest(
                    key,
                    names.map(|known| (known, schema::join(section, known))),
                ),
            });
        };
        let held = held(value, kind).ok_or_else(|| ConfigError::Kind {
            setting: name.clone(),
            expected: kind.expected(),
        })?;
        self.values.insert(path, Setting { held, name });
        Ok(())
    }

    /// Lays the variables over what the file said.
    pub fn add_environment(&mut self, env: &[(String, String)]) -> Result<(), ConfigError> {
        for (name, value) in env {
            let Some(rest) = name.strip_prefix(ENV_PREFIX) else {
                continue;
            };
            if name.starts_with(TEST_PREFIX) || is_service_link(rest, value) {
                continue;
            }
            let path = rest.to_ascii_lowercase().replace("__", ".");
            let known = if rest == "LOG" {
                Some(Kind::Text)
            } else if rest.bytes().any(|byte| byte.is_ascii_lowercase()) {
                None
            } else {
                schema::kind_of(&path)
            };
            let Some(kind) = known else {
                return Err(ConfigError::Unknown {
                    setting: name.clone(),
                    nearest: schema::nearest_variable(&self.connections, &path),
                });
            };
            if let Some((connection, _)) = schema::connection_part(&path) {
                self.connections.insert(connection.to_owned());
            }
            let held = held_by_variable(name, value, kind)?;
            let name = name.clone();
            self.values.insert(path, Setting { held, name });
        }
        Ok(())
    }

    pub fn connection_names(&self) -> impl Iterator<Item = &str> {
        self.connections.iter().map(String::as_str)
    }

    pub fn has_email(&self) -> bool {
        self.values.keys().any(|path| path.starts_with("email."))
    }

    /// The setting as the user wrote it, or its path when it was not set.
    pub fn name_of(&self, path: &str) -> String {
        self.values
            .get(path)
            .map_or_else(|| path.to_owned(), |setting| setting.name.clone())
    }

    pub fn flag(&self, path: &str) -> Option<bool> {
        match &self.values.get(path)?.held {
            Held::Flag(flag) => Some(*flag),
            Held::Text(_) | Held::List(_) => None,
        }
    }

    /// `""` in the file or the environment is the same as leaving the setting out.
    pub fn text_unless_empty(&self, path: &str) -> Option<&str> {
        self.text(path).filter(|text| !text.is_empty())
    }

    fn text(&self, path: &str) -> Option<&str> {
        match &self.values.get(path)?.held {
            Held::Text(text) => Some(text),
            Held::List(_) | Held::Flag(_) => None,
        }
    }

    /// The value, or the default, through `parse`, which says what was expected when it fails.
    pub fn parsed<T>(
        &self,
        path: &str,
        default: &str,
        parse: fn(&str) -> Result<T, &'static str>,
    ) -> Result<T, ConfigError> {
        let text = self.text(path).unwrap_or(default);
        parse(text).map_err(|expected| {
            let setting = self.name_of(path);
            // What stands before an @ in a URL is a password as often as not.
            if text.contains("://") && text.contains('@') {
                return ConfigError::HiddenValue { setting, expected };
            }
            let found = text.to_owned();
            ConfigError::Value {
                setting,
                found,
                expected,
            }
        })
    }

    pub fn database_url(&self, path: &str, default: &str) -> Result<DatabaseUrl, ConfigError> {
        let secret = match self.secret(path)? {
            Some(secret) => secret,
            None => SecretString::from(default),
        };
        DatabaseUrl::parse_setting(&self.name_of(path), &secret)
    }

    pub fn smtp_url(&self, path: &str) -> Result<Option<SecretString>, ConfigError> {
        let secret = self.secret_unless_empty(path)?;
        if let Some(secret) = &secret {
            value::check_smtp_url(&self.name_of(path), secret)?;
        }
        Ok(secret)
    }

    /// A secret that may be left out, but not left empty.
    pub fn secret(&self, path: &str) -> Result<Option<SecretString>, ConfigError> {
        self.text(path)
            .map(|text| value::secret(&self.name_of(path), text))
            .transpose()
    }

    /// A secret for which `""` is the same as leaving it out. A file that is empty still is an error.
    pub fn secret_unless_empty(&self, path: &str) -> Result<Option<SecretString>, ConfigError> {
        self.text_unless_empty(path)
            .map(|text| value::secret(&self.name_of(path), text))
            .transpose()
    }

    pub fn secrets(&self, path: &str) -> Result<Vec<SecretString>, ConfigError> {
        let Some(setting) = self.values.get(path) else {
            return Ok(Vec::new());
        };
        match &setting.held {
            Held::List(texts) => (1_usize..)
                .zip(texts)
                .map(|(entry, text)| {
                    value::secret(&format!("{} (entry {entry})", setting.name), text)
                })
                .collect(),
            Held::Text(_) | Held::Flag(_) => Ok(Vec::new()),
        }
    }
}

fn section<'a>(value: &'a Value, file: &str, path: &str) -> Result<&'a toml::Table, ConfigError> {
    value.as_table().ok_or_else(|| ConfigError::Kind {
        setting: format!("{path} in {file}"),
        expected: "a section, such as [connections.stripe] or [email]",
    })
}

fn held(value: &Value, kind: Kind) -> Option<Held> {
    match kind {
        Kind::Text => value.as_str().map(|text| Held::Text(text.to_owned())),
        Kind::Flag => value.as_bool().map(Held::Flag),
        Kind::List => value
            .as_array()?
            .iter()
            .map(|entry| entry.as_str().map(str::to_owned))
            .collect::<Option<Vec<String>>>()
            .map(Held::List),
    }
}

fn held_by_variable(name: &str, value: &str, kind: Kind) -> Result<Held, ConfigError> {
    match kind {
        Kind::Text => Ok(Held::Text(value.to_owned())),
        Kind::List => Ok(Held::List(
            value
                .split(',')
                .map(|entry| entry.trim().to_owned())
                .collect(),
        )),
        Kind::Flag => match value {
            "true" => Ok(Held::Flag(true)),
            "false" => Ok(Held::Flag(false)),
            _ => Err(ConfigError::Value {
                setting: name.to_owned(),
                found: value.to_owned(),
                expected: kind.expected(),
            }),
        },
    }
}

/// Kubernetes sets such variables in every container beside a service called `avstem`
/// (`AVSTEM_SERVICE_HOST`, `AVSTEM_PORT=tcp://10.0.0.1:80`, `AVSTEM_PORT_80_TCP_ADDR`, …).
/// Nobody wrote them, so nobody can be asked to correct them.
fn is_service_link(rest: &str, value: &str) -> bool {
    let numbered = |tail: &str| {
        tail.bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_digit())
    };
    rest == "SERVICE_HOST"
        || rest.starts_with("SERVICE_PORT")
        || (rest == "PORT" && value.contains("://"))
        || rest.strip_prefix("PORT_").is_some_and(numbered)
}

impl fmt::Debug for Settings {
    /// Names only: a value may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}
