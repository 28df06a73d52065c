//! Who may know what: libraries, the environment, the clock, the layers above, the ledger's tables.

use super::text::{code, code_without_tests, first_argument, names, names_path};
use super::{Source, is_rust};

/// None of these can do I/O, read a clock or roll dice.
const PURE: &[(&str, &[&str])] = &[
    (
        "domain/Cargo.toml",
        &[
            "chrono",
            "chrono-tz",
            "rust_decimal",
            "serde",
            "sha2",
            "thiserror",
            "toml",
            "uuid",
        ],
    ),
    (
        "webhooks/Cargo.toml",
        &[
            "avstem-domain",
            "form_urlencoded",
            "hmac",
            "secrecy",
            "serde",
            "serde_json",
            "sha2",
            "subtle",
            "thiserror",
        ],
    ),
    (
        "statements/Cargo.toml",
        &[
            "avstem-domain",
            "chrono",
            "chrono-tz",
            "encoding_rs",
            "memchr",
            "quick-xml",
            "rust_decimal",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
        ],
    ),
    (
        "simulator/Cargo.toml",
        &[
            "avstem-domain",
            "avstem-webhooks",
            "form_urlencoded",
            "hmac",
            "serde_json",
            "sha2",
        ],
    ),
];

const PURE_FOLDERS: &[&str] = &[
    "domain/src/",
    "webhooks/src/",
    "statements/src/",
    "simulator/src/",
];

/// (library, where it may be named, what to do instead)
const LIBRARIES: &[(&str, &[&str], &str)] = &[
    (
        "actix_web",
        &[
            "src/http/",
            "src/http.rs",
            "src/demo/",
            "src/demo.rs",
            "src/cli/demo",
            "src/main.rs",
        ],
        "let src/http translate to and from plain values",
    ),
    (
        "diesel",
        &["store/src/"],
        "add a query to store/src/queries and call that",
    ),
    (
        "diesel_async",
        &["store/src/"],
        "connections are made in store/src",
    ),
    (
        "diesel_migrations",
        &["store/src/"],
        "migrations are applied in store/src",
    ),
    (
        "prometheus",
        &["src/app/measure.rs"],
        "record through src/app/measure.rs, which names every meter",
    ),
    (
        "schemars",
        &["src/http/"],
        "describe what goes over the wire in src/http/api, and copy values into that",
    ),
    (
        "reqwest",
        &["src/gateway.rs"],
        "describe the request as a value and send it through the gateway",
    ),
];

const LEDGER_TABLES: &[&str] = &["journals", "postings", "effects", "seals"];

/// The service's own code and the store's, without the tests and the pure crates.
fn service(files: &[Source]) -> impl Iterator<Item = &Source> {
    files
        .iter()
        .filter(|file| is_rust(file) && is_in(file, &["src/", "store/src/"]))
}

fn is_in(file: &Source, places: &[&str]) -> bool {
    places.iter().any(|place| file.path.starts_with(place))
}

pub fn pure_dependencies(files: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (path, allowed) in PURE {
        let Some(file) = files.iter().find(|file| file.path == *path) else {
            continue;
        };
        let manifest: toml::Table = file.text.parse().unwrap();
        for section in ["dependencies", "build-dependencies", "target"] {
            let Some(toml::Value::Table(listed)) = manifest.get(section) else {
                continue;
            };
            let unknown =
                |name: &&String| section != "dependencies" || !allowed.contains(&name.as_str());
            complaints.extend(listed.keys().filter(unknown).map(|name| {
                format!("{path} has {name} under [{section}]: this crate is pure; do it in src/ and hand over values")
            }));
        }
    }
    complaints
}

pub fn pure_code(files: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    let pure = files
        .iter()
        .filter(|file| is_rust(file) && is_in(file, PURE_FOLDERS));
    for file in pure.filter(|file| !file.path.contains("tests")) {
        let code = code_without_tests(&file.text);
        for part in ["fs", "net", "env", "process", "thread"] {
            if names_path(&code, "std", part) {
                complaints.push(format!(
                    "{} names std::{part}: this crate is pure; do it in src/ and hand over values",
                    file.path
                ));
            }
        }
    }
    complaints
}

pub fn libraries_in_their_places(files: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in service(files) {
        let code = code(&file.text);
        for (library, places, instead) in LIBRARIES {
            if !is_in(file, places) && names(&code, library).next().is_some() {
                complaints.push(format!("{} names {library}: {instead}", file.path));
            }
        }
    }
    complaints
}

pub fn environment_in_config(files: &[Source]) -> Vec<String> {
    service(files)
        .filter(|file| !is_in(file, &["src/config.rs", "src/config/"]))
        .filter(|file| names_path(&code(&file.text), "std", "env"))
        .map(|file| {
            format!(
                "{} names std::env: make it a setting in src/config.rs and pass the value on",
                file.path
            )
        })
        .collect()
}

pub fn time_in_clock(files: &[Source]) -> Vec<String> {
    const READS: &[&str] = &[
        "Utc::now",
        "Local::now",
        "SystemTime::now",
        "Instant::now",
        "now_v7",
    ];
    let mut complaints = Vec::new();
    let everywhere = files.iter().filter(|file| is_rust(file));
    for file in everywhere.filter(|file| !is_in(file, &["src/clock.rs", "tests/", "benches/"])) {
        let code = code(&file.text);
        for read in READS
            .iter()
            .filter(|read| names(&code, read).next().is_some())
        {
            complaints.push(format!(
                "{} calls {read}: take the time (or the id) as an argument; src/clock.rs gives it",
                file.path
            ));
        }
    }
    complaints
}

pub fn lower_layers_name_no_upper_ones(files: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    // The store is a crate of its own, which knows none of ours.
    for file in service(files).filter(|file| is_in(file, &["src/imports/", "src/exports/"])) {
        let code = code(&file.text);
        for upper in ["app", "http"] {
            if names_path(&code, "crate", upper) {
                complaints.push(format!(
                    "{} names crate::{upper}: take what it needs as an argument, or move the code up",
                    file.path
                ));
            }
        }
    }
    complaints
}

pub fn http_never_writes(files: &[Source]) -> Vec<String> {
    service(files)
        .filter(|file| is_in(file, &["src/http/", "src/http.rs"]))
        .filter(|file| {
            let code = code(&file.text);
            // `io::Write` has a `write` too: only the store's counts.
            let dense: String = code.split_whitespace().collect();
            dense.contains("store.write(") || names(&code, "WriteTx").next().is_some()
        })
        .map(|file| {
            format!(
                "{} writes to the store: call a use case of src/app, which does",
                file.path
            )
        })
        .collect()
}

/// Corrections are new journals. The databases refuse too; this says so before a test must.
pub fn ledger_only_grows(files: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in service(files) {
        let code = code(&file.text);
        let sql = code
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .to_lowercase();
        for table in LEDGER_TABLES {
            let in_sql = ["update", "delete from", "replace into", "truncate"]
                .iter()
                .any(|verb| names(&sql, &format!("{verb} {table}")).next().is_some());
            let in_rust = ["update", "delete", "replace_into"].iter().any(|verb| {
                names(&code, verb)
                    .filter_map(|rest| rest.strip_prefix('('))
                    .any(|rest| first_argument(rest).contains(table))
            });
            if in_sql || in_rust {
                complaints.push(format!(
                    "{} changes or deletes rows of {table}: history is only added to; write a correcting journal",
                    file.path
                ));
            }
        }
    }
    complaints
}
