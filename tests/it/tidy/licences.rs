//! What the program is built from anybody may use: permissive licences, from crates.io, as `deny.toml` has
//! it. `cargo deny` looks closer (at licence texts, at other platforms' crates); this runs everywhere.

use serde_json::Value;
use std::path::Path;
use std::process::Command;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Licences that ask for more than a notice begin so.
const COPYLEFT: &[&str] = &[
    "AGPL", "CDDL", "EPL", "EUPL", "GPL", "LGPL", "MPL", "OSL", "SSPL",
];

fn cargo(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {stderr}");
    output.stdout
}

/// Every package that is built on this machine, for tests and benches too.
fn packages() -> Vec<Value> {
    let version = String::from_utf8(cargo(&["-vV"])).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    // Other platforms' packages need not be on this machine, and no network is asked for them.
    let metadata = cargo(&[
        "metadata",
        "--format-version=1",
        "--locked",
        "--offline",
        "--filter-platform",
        host.unwrap(),
    ]);
    let mut metadata: Value = serde_json::from_slice(&metadata).unwrap();
    let Value::Array(packages) = metadata["packages"].take() else {
        panic!("cargo metadata lists no packages")
    };
    packages
}

fn allowed() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml");
    let deny: toml::Table = std::fs::read_to_string(path).unwrap().parse().unwrap();
    let allow = deny["licenses"]["allow"].as_array().unwrap();
    allow
        .iter()
        .map(|licence| licence.as_str().unwrap().to_owned())
        .collect()
}

/// Whether an SPDX expression leaves a choice of which every part is allowed. `MIT/Apache-2.0` is an older
/// way to write `OR`. An exception only ever permits more.
fn permits(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let permitted = any_of(&mut rest, allowed);
    permitted && rest.is_empty()
}

fn any_of(rest: &mut &[&str], allowed: &[String]) -> bool {
    let mut permitted = all_of(rest, allowed);
    while take(rest, "OR") {
        permitted |= all_of(rest, allowed);
    }
    permitted
}

fn all_of(rest: &mut &[&str], allowed: &[String]) -> bool {
    let mut permitted = one(rest, allowed);
    while take(rest, "AND") {
        permitted &= one(rest, allowed);
    }
    permitted
}

fn one(rest: &mut &[&str], allowed: &[String]) -> bool {
    if take(rest, "(") {
        let permitted = any_of(rest, allowed);
        return take(rest, ")") && permitted;
    }
    let Some((name, after)) = rest.split_first() else {
        return false;
    };
    *rest = after;
    if take(rest, "WITH") {
        *rest = rest.get(1..).unwrap_or_default();
    }
    allowed.iter().any(|known| known == name)
}

fn take(rest: &mut &[&str], word: &str) -> bool {
    let found = rest.first() == Some(&word);
    if found {
        *rest = &rest[1..];
    }
    found
}

#[test]
fn every_package_is_permissive_and_from_crates_io_or_ours() {
    let allowed = allowed();
    let packages = packages();
    assert!(packages.len() > 100, "{} packages", packages.len());
    let mut complaints = Vec::new();
    for package in &packages {
        let text = |field: &str| package[field].as_str().unwrap_or_default();
        let name = format!("{} {}", text("name"), text("version"));
        let licence = text("license");
        if !permits(licence, &allowed) {
            complaints.push(format!(
                "{name} has the licence {licence:?}, which deny.toml does not allow: do without it"
            ));
        }
        let source = text("source");
        if !source.is_empty() && source != CRATES_IO {
            complaints.push(format!(
                "{name} comes from {source}: take it from crates.io"
            ));
        }
    }
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn no_copyleft_is_allowed() {
    for licence in allowed() {
        let copyleft = COPYLEFT.iter().any(|begin| licence.starts_with(begin));
        assert!(!copyleft, "deny.toml allows {licence}");
    }
}

#[test]
fn an_expression_is_permitted_if_one_choice_is_in_all_its_parts() {
    let allowed = ["MIT", "Apache-2.0", "Unicode-3.0"].map(str::to_owned);
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0-only", false),
        ("Apache-2.0 OR GPL-2.0-only", true),
        ("GPL-2.0-only OR Apache-2.0", true),
        ("MIT AND GPL-3.0-only", false),
        ("GPL-3.0-only AND MIT", false),
        ("MIT AND GPL-3.0-only OR MPL-2.0", false),
        ("MPL-2.0 OR MIT AND Apache-2.0", true),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("(MIT OR Apache-2.0) AND ISC", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("GPL-2.0-only WITH Classpath-exception-2.0", false),
        ("MIT/GPL-3.0-only", true),
        ("MIT Apache-2.0", false),
        ("(MIT", false),
        ("", false),
    ] {
        assert_eq!(permits(expression, &allowed), expected, "{expression}");
    }
}
