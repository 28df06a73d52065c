use super::*;
use crate::app::api_keys::Role;

#[test]
fn every_route_of_the_api_needs_a_key_and_every_other_is_named_here() {
    for entry in ROUTES {
        let open = match entry.path {
            "/healthz" | "/readyz" | "/metrics" => Open,
            "/openapi.json" | "/docs" | "/docs/docs.css" => Open,
            "/webhooks/{connection}" => Signed,
            path => {
                assert!(path.starts_with("/v1/"), "{path}");
                assert!(matches!(entry.access, Key(_)), "{path} is open to everyone");
                continue;
            }
        };
        assert_eq!(entry.access, open, "{}", entry.path);
    }
}

#[test]
fn what_changes_something_needs_more_than_the_role_read() {
    for entry in ROUTES.iter().filter(|entry| entry.method != Method::GET) {
        assert_ne!(
            entry.access,
            Key(Role::Read),
            "{} {}",
            entry.method,
            entry.path
        );
    }
}

#[test]
fn no_route_stands_in_the_table_twice() {
    let mut names: Vec<String> = ROUTES
        .iter()
        .map(|entry| format!("{} {}", entry.method, entry.path))
        .collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), ROUTES.len());
}

#[test]
fn every_route_is_explained_to_users_with_its_role() {
    let docs = include_str!("../../docs/api.md");
    for entry in ROUTES {
        let role = match entry.access {
            Open => "–",
            Signed => "signature",
            Key(role) => role.as_str(),
        };
        let line = format!("| `{} {}` | {role} |", entry.method, entry.path);
        assert!(docs.contains(&line), "docs/api.md has no line {line}");
    }
}
