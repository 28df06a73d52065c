//! Which settings there are, and which one a misspelt name meant.

use std::collections::BTreeSet;

/// Variables that start so are ours; all others are none of our business.
pub const ENV_PREFIX: &str = "AVSTEM_";

/// What a setting holds. The schema, not the look of a value, decides.
#[derive(Clone, Copy)]
pub enum Kind {
    Text,
    List,
    Flag,
}

impl Kind {
    pub fn expected(self) -> &'static str {
        match self {
            Self::Text => "text in quotes",
            Self::List => "a list of texts, such as [\"first\", \"second\"]",
            Self::Flag => "true or false",
        }
    }
}

pub const TOP: &[(&str, Kind)] = &[
    ("database_url", Kind::Text),
    ("bind", Kind::Text),
    ("public_url", Kind::Text),
    ("admin_key", Kind::Text),
    ("policy", Kind::Text),
    ("default_locale", Kind::Text),
    ("time_zone", Kind::Text),
    ("park_for", Kind::Text),
];
pub const CONNECTION: &[(&str, Kind)] = &[
    ("provider", Kind::Text),
    ("webhook_secrets", Kind::List),
    ("api_key", Kind::Text),
    ("api_base", Kind::Text),
    ("livemode", Kind::Flag),
    ("account", Kind::Text),
];
pub const EMAIL: &[(&str, Kind)] = &[("smtp_url", Kind::Text), ("from", Kind::Text)];
pub const BOOKS: &[(&str, Kind)] = &[
    ("currency", Kind::Text),
    ("company", Kind::Text),
    ("accounts", Kind::Text),
    ("rates", Kind::Text),
    ("sie_series", Kind::Text),
    ("sie_vouchers", Kind::Text),
];
/// The sections that there is one of, with their keys.
pub const SINGLE: &[(&str, &[(&str, Kind)])] = &[("email", EMAIL), ("books", BOOKS)];
pub const SECTIONS: &[&str] = &["connections", "email", "books"];

/// `AVSTEM_CONNECTIONS__STRIPE__API_KEY` for `connections.stripe.api_key`.
pub fn env_name(path: &str) -> String {
    format!(
        "{ENV_PREFIX}{}",
        path.to_ascii_uppercase().replace('.', "__")
    )
}

pub fn join(section: &str, key: &str) -> String {
    if section.is_empty() {
        key.to_owned()
    } else {
        format!("{section}.{key}")
    }
}

pub fn kind_in(schema: &[(&str, Kind)], key: &str) -> Option<Kind> {
    schema
        .iter()
        .find(|(known, _)| *known == key)
        .map(|(_, kind)| *kind)
}

pub fn kind_of(path: &str) -> Option<Kind> {
    if let Some((_, key)) = connection_part(path) {
        return kind_in(CONNECTION, key);
    }
    let in_single = SINGLE.iter().find_map(|(section, keys)| {
        let key = path.strip_prefix(section)?.strip_prefix('.')?;
        Some(kind_in(keys, key))
    });
    in_single.unwrap_or_else(|| kind_in(TOP, path))
}

/// The keys of a section that there is one of.
pub fn single(section: &str) -> Option<&'static [(&'static str, Kind)]> {
    SINGLE
        .iter()
        .find(|(known, _)| *known == section)
        .map(|(_, keys)| *keys)
}

/// The name and the key of `connections.NAME.KEY`.
pub fn connection_part(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix("connections.")?
        .split_once('.')
        .filter(|(name, _)| !name.is_empty())
}

/// Of the candidates (what to compare with, how to say it) the one with the fewest letters changed.
pub fn nearest<C: AsRef<str>>(wrong: &str, known: impl Iterator<Item = (C, String)>) -> String {
    known
        .min_by_key(|(candidate, _)| {
            let candidate = candidate.as_ref();
            // A section where a setting was wanted: something in that section is meant.
            let elsewhere = !candidate
                .strip_prefix(wrong)
                .is_some_and(|rest| rest.starts_with('.'));
            (elsewhere, strsim::damerau_levenshtein(wrong, candidate))
        })
        .map_or_else(String::new, |(_, name)| name)
}

/// The variable that a misspelt one most likely meant; `path` is what it stood for.
pub fn nearest_variable(connections: &BTreeSet<String>, path: &str) -> String {
    let known = known_paths(connections, path);
    nearest(path, known.map(|known| (known.clone(), env_name(&known))))
}

/// Every path that a misspelt variable could have meant.
fn known_paths(connections: &BTreeSet<String>, misspelt: &str) -> impl Iterator<Item = String> {
    let mut names = connections.clone();
    names.insert("stripe".to_owned());
    names.extend(misspelt.split('.').nth(1).map(str::to_owned));
    let connections = names.into_iter().flat_map(|name| {
        let path = move |(key, _): &(&str, Kind)| format!("connections.{name}.{key}");
        CONNECTION.iter().map(path)
    });
    let single = SINGLE
        .iter()
        .flat_map(|(section, keys)| keys.iter().map(|(key, _)| join(section, key)));
    TOP.iter()
        .map(|(key, _)| (*key).to_owned())
        .chain(single)
        .chain(connections)
}
