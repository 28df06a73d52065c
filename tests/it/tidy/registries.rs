//! What must stand in two places: files and registries, providers and fixtures, clauses and their
//! explanations, migrations of both databases.

use super::text::{code, names};
use super::{Source, is_rust};
use std::collections::BTreeSet;

struct Registry {
    folder: &'static str,
    /// The constant that lists the entries; where it is not known, the whole of `mod.rs`.
    list: &'static str,
    /// Files of the folder that are no entries.
    support: &'static [&'static str],
}

const REGISTRIES: &[Registry] = &[
    Registry {
        folder: "webhooks/src/providers",
        list: "",
        support: &[],
    },
    Registry {
        folder: "statements/src/formats",
        list: "const FORMATS",
        support: &[],
    },
    Registry {
        folder: "domain/src/refund_policy",
        list: "const RULES",
        support: &["case", "policy", "wording"],
    },
    Registry {
        folder: "domain/src/matching",
        list: "const PASSES",
        support: &["input", "leftovers", "outcome", "workspace"],
    },
    Registry {
        folder: "src/imports",
        list: "",
        support: &[],
    },
    Registry {
        folder: "src/exports/kinds",
        list: "const KINDS",
        support: &[],
    },
    Registry {
        folder: "src/exports/formats",
        list: "const FORMATS",
        support: &[],
    },
    Registry {
        folder: "src/jobs",
        list: "",
        support: &[],
    },
];

impl Registry {
    /// The names of the files and folders beside `mod.rs`, tests apart.
    fn entries<'a>(&self, files: &'a [Source]) -> BTreeSet<&'a str> {
        files
            .iter()
            .filter(|file| is_rust(file))
            .filter_map(|file| file.path.strip_prefix(self.folder)?.strip_prefix('/'))
            .map(|path| path.split('/').next().unwrap().trim_end_matches(".rs"))
            .filter(|name| {
                *name != "mod" && !name.starts_with("tests") && !self.support.contains(name)
            })
            .collect()
    }
}

pub fn registered_files(files: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for registry in REGISTRIES {
        let path = format!("{}/mod.rs", registry.folder);
        let beside = format!("{}.rs", registry.folder);
        let registrar = files
            .iter()
            .find(|file| file.path == path || file.path == beside);
        let all = registrar.map_or_else(String::new, |file| code(&file.text));
        let list = match all.find(registry.list) {
            Some(start) if !registry.list.is_empty() => {
                let rest = &all[start..];
                &rest[..rest.find("];").unwrap_or(rest.len())]
            }
            Some(_) | None => all.as_str(),
        };
        for name in registry.entries(files) {
            if !names(list, name).any(|rest| rest.starts_with("::")) {
                complaints.push(format!(
                    "{}/{name} is not registered: add its line to the list in {path}",
                    registry.folder
                ));
            }
        }
    }
    complaints
}

pub fn provider_fixtures(files: &[Source]) -> Vec<String> {
    REGISTRIES[0]
        .entries(files)
        .into_iter()
        .filter(|provider| {
            let folder = format!("webhooks/fixtures/{provider}/");
            !files.iter().any(|file| file.path.starts_with(&folder))
        })
        .map(|provider| {
            format!(
                "provider {provider} has no fixtures: put real-shaped deliveries into webhooks/fixtures/{provider}/"
            )
        })
        .collect()
}

pub fn clauses_explained(files: &[Source]) -> Vec<String> {
    let clauses = files
        .iter()
        .filter(|file| file.path.starts_with("domain/src/"))
        .find_map(|file| {
            let code = code(&file.text);
            let (_, rest) = code.split_once("enum Clause {")?;
            let (variants, _) = rest.split_once('}')?;
            let ids = variants
                .split(',')
                .map(str::trim)
                .filter(|id| !id.is_empty());
            Some(ids.map(str::to_owned).collect::<Vec<_>>())
        })
        .unwrap_or_default();
    let explained: Vec<String> = files
        .iter()
        .filter(|file| file.path == "docs/refund-policy.md")
        .flat_map(|file| file.text.lines())
        .filter(|line| line.starts_with('#'))
        .filter_map(|line| {
            let words = line.split(|c: char| !c.is_ascii_alphanumeric());
            words.into_iter().find(|word| !word.is_empty())
        })
        .filter(|word| is_clause_id(word))
        .map(str::to_owned)
        .collect();
    if clauses == explained {
        return Vec::new();
    }
    vec![format!(
        "domain's Clause is {clauses:?}, and docs/refund-policy.md has headings for {explained:?}: \
         give every clause one heading that begins with its id, in the same order"
    )]
}

/// A capital letter and a number, such as `R2`.
fn is_clause_id(word: &str) -> bool {
    let (letter, number) = word.split_at(1);
    letter.chars().all(|c| c.is_ascii_uppercase())
        && !number.is_empty()
        && number.chars().all(|c| c.is_ascii_digit())
}

pub fn migrations_in_pairs(files: &[Source]) -> Vec<String> {
    let names = |folder: &str| -> BTreeSet<&str> {
        let inside = files
            .iter()
            .filter_map(|file| file.path.strip_prefix(folder));
        inside.collect()
    };
    let (sqlite, postgres) = (names("migrations/sqlite/"), names("migrations/postgres/"));
    sqlite
        .symmetric_difference(&postgres)
        .map(|name| {
            let (has, lacks) = if sqlite.contains(name) {
                ("sqlite", "postgres")
            } else {
                ("postgres", "sqlite")
            };
            format!("migrations/{has}/{name} has no partner: write migrations/{lacks}/{name}")
        })
        .collect()
}

/// The image is built from what these two files let in: a crate that one of them leaves out breaks only there.
pub fn crates_in_the_image(files: &[Source]) -> Vec<String> {
    let text = |path: &str| files.iter().find(|file| file.path == path);
    let Some(members) = text("Cargo.toml")
        .and_then(|manifest| manifest.text.split_once("members = ["))
        .and_then(|(_, rest)| rest.split_once(']'))
    else {
        return Vec::new();
    };
    let mut complaints = Vec::new();
    for member in members.0.split(',') {
        let member = member.trim().trim_matches('"');
        for (path, line) in [
            ("Dockerfile", format!("COPY {member}/Cargo.toml {member}/")),
            (".dockerignore", format!("!{member}")),
        ] {
            let has = |file: &Source| file.text.lines().any(|one| one == line);
            if !member.is_empty() && !text(path).is_some_and(has) {
                complaints.push(format!("{path} leaves {member} out: add the line `{line}`"));
            }
        }
    }
    complaints
}
