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
    Number,
}

impl Kind {
    pub fn expected(self) -> &'static str {
        match self {
            Self::Text => "text in quotes",
            Self::List => "a list of texts, such as [\"first\", \"second\"]",
            Self::Flag => "true or false",
            Self::Number => "a whole number, such as 5",
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
    ("keep_bodies_for", Kind::Text),
];
pub const CONNECTION: &[(&str, Kind)] = &[
    ("provider", Kind::Text),
    ("webhook_secrets", Kind::List),
    ("api_key", Kind::Text),
    ("api_base", Kind::Text),
    ("livemode", Kind::Flag),
    ("account", Kind::Text),
    ("bank_text", Kind::Text),
];
pub const BANK: &[(&str, Kind)] = &[
    ("iban", Kind::Text),
    ("csv_booked_on", Kind::Text),
    ("csv_value_date", Kind::Text),
    ("csv_amount", Kind::Text),
    ("csv_amount_in", Kind::Text),
    ("csv_amount_out", Kind::Text),
    ("csv_currency", Kind::Text),
    ("csv_text", Kind::List),
    ("csv_counterparty", Kind::Text),
    ("csv_bank_reference", Kind::Text),
    ("csv_reference", Kind::Text),
    ("csv_balance", Kind::Text),
    ("csv_date_format", Kind::Text),
    ("csv_decimals", Kind::Text),
    ("csv_delimiter", Kind::Text),
    ("csv_encoding", Kind::Text),
];
pub const RECONCILIATION: &[(&str, Kind)] = &[
    ("bank_days", Kind::Number),
    ("second_person_over", Kind::Text),
    ("bank_fee_below", Kind::Text),
];
pub const BOOKS: &[(&str, Kind)] = &[
    ("currency", Kind::Text),
    ("company", Kind::Text),
    ("accounts", Kind::Text),
    ("rates", Kind::Text),
    ("sie_series", Kind::Text),
    ("sie_vouchers", Kind::Text),
    ("signing_key", Kind::Text),
];
pub const EMAIL: &[(&str, Kind)] = &[("smtp_url", Kind::Text), ("from", Kind::Text)];
/// Sections whose settings stand in them directly.
pub const PLAIN_SECTIONS: &[(&str, &[(&str, Kind)])] = &[
    ("email", EMAIL),
    ("reconciliation", RECONCILIATION),
    ("books", BOOKS),
];
/// Sections of sections, each by a name of its own.
pub const NAMED_SECTIONS: &[(&str, &[(&str, Kind)])] =
    &[("connections", CONNECTION), ("bank", BANK)];

/// The names of all sections.
pub fn sections() -> impl Iterator<Item = &'static str> {
    let all = PLAIN_SECTIONS.iter().chain(NAMED_SECTIONS);
    all.map(|(name, _)| *name)
}

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
    if let Some(named) = named_part(path) {
        return kind_in(named.schema, named.key);
    }
    for (section, schema) in PLAIN_SECTIONS {
        if let Some(key) = path
            .strip_prefix(section)
            .and_then(|rest| rest.strip_prefix('.'))
        {
            return kind_in(schema, key);
        }
    }
    kind_in(TOP, path)
}

/// A setting of a section that has a name: `connections.NAME.KEY`.
pub struct Named<'p> {
    pub section: &'static str,
    pub schema: &'static [(&'static str, Kind)],
    pub name: &'p str,
    pub key: &'p str,
}

pub fn named_part(path: &str) -> Option<Named<'_>> {
    NAMED_SECTIONS.iter().find_map(|(section, schema)| {
        let rest = path.strip_prefix(section)?.strip_prefix('.')?;
        let (name, key) = rest.split_once('.')?;
        (!name.is_empty()).then_some(Named {
            section,
            schema,
            name,
            key,
        })
    })
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
    let account = misspelt.split('.').nth(1).unwrap_or("main").to_owned();
    let banks = BANK
        .iter()
        .map(move |(key, _)| format!("bank.{account}.{key}"));
    let plain = PLAIN_SECTIONS
        .iter()
        .flat_map(|(section, schema)| schema.iter().map(move |(key, _)| join(section, key)));
    TOP.iter()
        .map(|(key, _)| (*key).to_owned())
        .chain(plain)
        .chain(connections)
        .chain(banks)
}
