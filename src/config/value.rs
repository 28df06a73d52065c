//! What the text of a setting means. A parser's error says what was expected; the caller adds which
//! setting it was, and its value unless that may be secret.

use super::Locale;
use super::error::ConfigError;
use chrono_tz::Tz;
use secrecy::{ExposeSecret, SecretString};
use std::io::Read;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The longest secret that is read from a file, in bytes. Inclusive. A URL with every option fits;
/// a device or a log that was named by mistake does not fill the memory.
const SECRET_FILE_BYTES_MAX: u64 = 64 * 1024;

/// The longest `park_for`, in seconds. Inclusive; a year, as longer can only be a slip.
const PARK_FOR_SECONDS_MAX: u64 = 366 * 86_400;

const DATABASE_EXPECTED: &str =
    "sqlite://PATH (such as sqlite://avstem.db) or postgres://user:password@host/database";

/// Where everything is stored.
#[derive(Debug, Clone)]
pub enum DatabaseUrl {
    /// A file, relative to the working directory unless the path begins with `/`.
    Sqlite(PathBuf),
    /// A whole `postgres://` URL, which may carry a password.
    Postgres(SecretString),
}

impl DatabaseUrl {
    /// Reads what a setting or a command line says.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        Self::parse_setting("the database URL", &SecretString::from(text))
    }

    pub(super) fn parse_setting(setting: &str, url: &SecretString) -> Result<Self, ConfigError> {
        let text = url.expose_secret();
        let wrong = |expected| ConfigError::HiddenValue {
            setting: setting.to_owned(),
            expected,
        };
        if text.starts_with("sqlite:") && text.contains(":memory:") {
            return Err(ConfigError::InMemory {
                setting: setting.to_owned(),
            });
        }
        if let Some(path) = text.strip_prefix("sqlite://") {
            return if path.is_empty() || path.contains(['?', '#']) || path.ends_with('/') {
                Err(wrong("sqlite:// and the path of a file, without options"))
            } else {
                Ok(Self::Sqlite(PathBuf::from(path)))
            };
        }
        match text
            .strip_prefix("postgres://")
            .or_else(|| text.strip_prefix("postgresql://"))
        {
            Some(rest) if !rest.is_empty() => Ok(Self::Postgres(url.clone())),
            Some(_) | None => Err(wrong(DATABASE_EXPECTED)),
        }
    }
}

pub fn bind(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_| "an address and a port, such as 127.0.0.1:8080 or [::1]:8080")
}

pub fn locale(text: &str) -> Result<Locale, &'static str> {
    match text {
        "sv" => Ok(Locale::Sv),
        "en" => Ok(Locale::En),
        _ => Err("sv or en"),
    }
}

pub fn time_zone(text: &str) -> Result<Tz, &'static str> {
    text.parse()
        .map_err(|_| "a time zone's IANA name, such as Europe/Stockholm or UTC")
}

/// A whole number and its unit: `45s`, `30m`, `24h`, `7d`. More than zero, at most a year.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    const EXPECTED: &str = "a whole number and a unit (s, m, h or d), such as 24h, from 1s to 366d";
    let unit = match text.bytes().last() {
        Some(b's') => 1,
        Some(b'm') => 60,
        Some(b'h') => 3_600,
        Some(b'd') => 86_400,
        Some(_) | None => return Err(EXPECTED),
    };
    let digits = text.get(..text.len() - 1).unwrap_or_default();
    // `parse` alone would also take a leading plus sign.
    let number = Some(digits)
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse::<u64>().ok());
    number
        .and_then(|number| number.checked_mul(unit))
        .filter(|seconds| (1..=PARK_FOR_SECONDS_MAX).contains(seconds))
        .map(Duration::from_secs)
        .ok_or(EXPECTED)
}

/// What is kept for ever.
pub const FOREVER: &str = "forever";

/// `forever`, or a whole number of days: `400d`. More than zero, at most a hundred years.
pub fn days_kept(text: &str) -> Result<Option<u32>, &'static str> {
    const EXPECTED: &str = "forever, or a whole number of days such as 400d, from 1d to 36500d";
    if text == FOREVER {
        return Ok(None);
    }
    let digits = text.strip_suffix('d').ok_or(EXPECTED)?;
    // `parse` alone would also take a leading plus sign.
    Some(digits)
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse().ok())
        .filter(|days| (1..=36_500).contains(days))
        .map(Some)
        .ok_or(EXPECTED)
}

/// An address to which paths are appended: no query, no fragment, no credentials. Trailing slashes go.
pub fn http_url(text: &str) -> Result<String, &'static str> {
    const EXPECTED: &str = "a URL that begins with http:// or https://, names a host, and has no user, query or fragment";
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))
        .ok_or(EXPECTED)?;
    let authority = rest.split('/').next().unwrap_or_default();
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if !plain || text.contains(['?', '#', '@', '\\']) || !is_host_and_port(authority) {
        return Err(EXPECTED);
    }
    Ok(text.trim_end_matches('/').to_owned())
}

fn is_host_and_port(authority: &str) -> bool {
    let (host, port) = match authority.rsplit_once(':') {
        // The last colon of a bare `[::1]` stands inside the brackets.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        Some(_) | None => (authority, None),
    };
    !host.is_empty() && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// An address for the From line, bare or as `Name <address>`.
pub fn mailbox(text: &str) -> Result<String, &'static str> {
    let one_line = !text.contains(|character: char| character.is_control());
    let has_both_sides = text
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    if one_line && has_both_sides {
        Ok(text.to_owned())
    } else {
        Err("an e-mail address, such as billing@example.com")
    }
}

pub fn check_smtp_url(setting: &str, url: &SecretString) -> Result<(), ConfigError> {
    let text = url.expose_secret();
    let host = text
        .strip_prefix("smtp://")
        .or_else(|| text.strip_prefix("smtps://"));
    match host {
        Some(host) if !host.is_empty() => Ok(()),
        Some(_) | None => Err(ConfigError::HiddenValue {
            setting: setting.to_owned(),
            expected: "smtp://host:port or smtps://user:password@host:port",
        }),
    }
}

/// The secret itself, or `file:/path` to read it from. Never empty, never with a line break in it.
pub fn secret(setting: &str, text: &str) -> Result<SecretString, ConfigError> {
    let secret = match text.strip_prefix("file:") {
        Some(path) => read_secret(setting, Path::new(path))?,
        None => text.to_owned(),
    };
    if secret.trim().is_empty() {
        return Err(ConfigError::EmptySecret {
            setting: setting.to_owned(),
        });
    }
    if secret.contains(|character: char| character.is_control()) {
        return Err(ConfigError::HiddenValue {
            setting: setting.to_owned(),
            expected: "one line without control characters",
        });
    }
    Ok(SecretString::from(secret))
}

/// The file's text less one line break at its end, which editors and `echo` add.
fn read_secret(setting: &str, path: &Path) -> Result<String, ConfigError> {
    let failed = |source| ConfigError::SecretFile {
        setting: setting.to_owned(),
        path: path.to_path_buf(),
        source,
    };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    let read = file
        .take(SECRET_FILE_BYTES_MAX + 1)
        .read_to_string(&mut text);
    if u64::try_from(read.map_err(failed)?).unwrap_or(u64::MAX) > SECRET_FILE_BYTES_MAX {
        return Err(failed(std::io::Error::new(
            std::io::ErrorKind::FileTooLarge,
            "the file is longer than 64 KiB",
        )));
    }
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}
