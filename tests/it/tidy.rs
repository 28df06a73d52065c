//! The invariants of ARCHITECTURE.md, as tests over the source tree.
//!
//! A rule is a function from the files to its complaints, each of which says what to do instead.
//! Beside every rule stand an example that breaks it and one that keeps it, and both are tried.

mod examples;
mod layers;
mod licences;
mod registries;
mod text;

use std::fs;
use std::path::Path;
use text::code;

/// A file of the project; the path is relative to the root, with `/` between folders.
pub struct Source {
    pub path: String,
    pub text: String,
}

pub type Check = fn(&[Source]) -> Vec<String>;

/// Every rule, in the order of ARCHITECTURE.md.
const RULES: &[(&str, Check)] = &[
    ("pure_dependencies", layers::pure_dependencies),
    ("pure_code", layers::pure_code),
    (
        "libraries_in_their_places",
        layers::libraries_in_their_places,
    ),
    ("environment_in_config", layers::environment_in_config),
    ("time_in_clock", layers::time_in_clock),
    (
        "lower_layers_name_no_upper_ones",
        layers::lower_layers_name_no_upper_ones,
    ),
    ("http_never_writes", layers::http_never_writes),
    ("registered_files", registries::registered_files),
    ("provider_fixtures", registries::provider_fixtures),
    ("clauses_explained", registries::clauses_explained),
    ("migrations_in_pairs", registries::migrations_in_pairs),
    ("crates_in_the_image", registries::crates_in_the_image),
    ("ledger_only_grows", layers::ledger_only_grows),
    ("short_files", short_files),
    ("nothing_unfinished", nothing_unfinished),
    ("no_machine_paths", no_machine_paths),
];

const LINES_MAX: usize = 400;

fn short_files(files: &[Source]) -> Vec<String> {
    let lines = |file: &Source| file.text.lines().count();
    files
        .iter()
        .filter(|file| is_rust(file) && lines(file) > LINES_MAX)
        .map(|file| {
            format!(
                "{} has {} lines, more than {LINES_MAX}: move one of its subjects to a file of its own",
                file.path,
                lines(file)
            )
        })
        .collect()
}

fn nothing_unfinished(files: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files.iter().filter(|file| is_rust(file)) {
        let code = code(&file.text);
        for name in ["todo", "unimplemented", "dbg"] {
            if text::names(&code, name).any(|rest| rest.starts_with('!')) {
                complaints.push(format!(
                    "{} has {name}!: finish it, or take it out until it can be finished",
                    file.path
                ));
            }
        }
        if code.contains(concat!("#[", "ignore")) {
            complaints.push(format!(
                "{} has an ignored test: make it pass, or delete it with what it tested",
                file.path
            ));
        }
    }
    complaints
}

fn no_machine_paths(files: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in files {
        for path in [concat!("/wo", "rk/"), concat!("/ro", "ot/")] {
            let begins_there = |at: usize| {
                let before = file.text.get(..at).and_then(|before| before.chars().last());
                !before.is_some_and(|before| before.is_alphanumeric() || "._-".contains(before))
            };
            if file
                .text
                .match_indices(path)
                .any(|(at, _)| begins_there(at))
            {
                complaints.push(format!(
                    "{} names {path}, which is on one machine only: use a relative path",
                    file.path
                ));
            }
        }
    }
    complaints
}

pub fn is_rust(file: &Source) -> bool {
    file.path.ends_with(".rs")
}

/// Every text file of the project. What is not UTF-8 is left out, and so is what was built.
fn tree() -> Vec<Source> {
    let mut files = Vec::new();
    collect(Path::new(env!("CARGO_MANIFEST_DIR")), "", &mut files);
    // The fuzz targets are a workspace of their own, with a folder for what it builds and finds.
    let built = |path: &str| {
        let folders = ["target/", "corpus/", "artifacts/", "coverage/"];
        let inside = path.strip_prefix("statements/fuzz/");
        inside.is_some_and(|inside| folders.iter().any(|folder| inside.starts_with(folder)))
    };
    files.retain(|file| !built(&file.path));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let path = entry.path();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        // In a second work tree `.git` is a file.
        if matches!(name.as_str(), "target" | ".git") {
            continue;
        }
        if path.is_dir() {
            collect(&path, &format!("{name}/"), files);
        } else if let Ok(text) = fs::read_to_string(&path) {
            files.push(Source { path: name, text });
        }
    }
}

#[test]
fn the_source_tree_keeps_every_rule() {
    let files = tree();
    let mut complaints = Vec::new();
    for (rule, check) in RULES {
        complaints.extend(
            check(&files)
                .into_iter()
                .map(|what| format!("[{rule}] {what}")),
        );
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn the_whole_project_is_looked_at() {
    let files = tree();
    for path in [
        "Cargo.toml",
        "domain/src/lib.rs",
        "webhooks/src/lib.rs",
        "statements/src/lib.rs",
        "simulator/src/lib.rs",
        "src/config.rs",
        "tests/it/tidy.rs",
    ] {
        assert!(
            files.iter().any(|file| file.path == path),
            "{path} was not read"
        );
    }
}

#[test]
fn every_rule_catches_its_bad_example_and_lets_the_good_one_pass() {
    for (rule, check) in RULES {
        let examples: Vec<_> = examples::EXAMPLES
            .iter()
            .filter(|example| example.rule == *rule)
            .collect();
        assert!(!examples.is_empty(), "{rule} has no example");
        for example in examples {
            let complaints = check(&example.files(example.bad));
            assert_eq!(
                complaints.len(),
                1,
                "{rule} on {:?}: {complaints:?}",
                example.bad
            );
            assert!(
                complaints[0].contains(": "),
                "says no remedy: {}",
                complaints[0]
            );
            let complaints = check(&example.files(example.good));
            assert!(
                complaints.is_empty(),
                "{rule} on {:?}: {complaints:?}",
                example.good
            );
        }
    }
}
