//! What the API refuses, in which words, and what a repeated request does.

use crate::serving::{ADMIN_KEY, Database, Served, on_both_served};
use crate::wire::{self, Reply};
use avstem::app::api_keys::Role;
use avstem::http::{Access, Entry, ROUTES};
use serde_json::json;

on_both_served! {
    every_route_lets_in_exactly_the_roles_of_the_table,
    a_key_is_taken_only_whole_from_its_header_and_until_it_is_revoked,
    what_a_route_does_not_know_is_refused_by_name,
    values_that_cannot_be_are_refused,
    other_paths_and_methods_are_refused_as_problems,
    bodies_that_cannot_be_read_are_refused,
    every_answer_names_the_request,
}

/// The path with an id that nothing has.
fn path(entry: &Entry) -> String {
    entry
        .path
        .replace("{id}", "nobodys")
        .replace("{kind}.{format}", "journal.csv")
        .replace(".{format}", ".json")
        .replace("{connection}", "stripe")
}

fn ask(served: &Served, entry: &Entry, key: Option<&str>) -> Reply {
    let bearer = key.map(|key| format!("Bearer {key}"));
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
    let body: &[u8] = if entry.method == "POST" { b"{}" } else { b"" };
    served.send(entry.method.as_str(), &path(entry), &headers, body)
}

fn every_route_lets_in_exactly_the_roles_of_the_table(database: &Database) {
    let served = Served::tracking(database);
    let mut keys: Vec<(Role, String)> = Role::ALL
        .into_iter()
        .map(|role| (role, served.key(database, role.as_str())))
        .collect();
    keys.push((Role::Admin, ADMIN_KEY.to_owned()));
    let mut guarded = 0;
    for entry in ROUTES {
        let name = format!("{} {}", entry.method, entry.path);
        let Access::Key(needed) = entry.access else {
            let open = ask(&served, entry, None);
            let expected = if entry.access == Access::Signed {
                400
            } else {
                200
            };
            assert_eq!(open.status, expected, "{name}");
            continue;
        };
        guarded += 1;
        let without = ask(&served, entry, None);
        assert_eq!(without.problem(401), "unauthorized", "{name}");
        assert!(without.header("www-authenticate").is_some(), "{name}");
        for (role, key) in &keys {
            let reply = ask(&served, entry, Some(key));
            let name = format!("{name} as {}", role.as_str());
            // Written out, and not by asking the code under test.
            let may = match role {
                Role::Admin => true,
                Role::Read => needed == Role::Read,
                Role::Support => needed == Role::Read || needed == Role::Support,
                Role::Finance => needed == Role::Read || needed == Role::Finance,
            };
            if may {
                // The id is nobody's, and the body of a POST lacks what it needs.
                assert!(
                    // A file that cannot be read is 422; a reconciliation needs nothing.
                    matches!(reply.status, 200 | 201 | 400 | 404 | 422),
                    "{name}: {}",
                    reply.text()
                );
            } else {
                assert_eq!(reply.problem(403), "forbidden", "{name}");
            }
        }
    }
    assert_eq!(
        guarded, 38,
        "a route was added or taken away: look at its role"
    );
}

fn a_key_is_taken_only_whole_from_its_header_and_until_it_is_revoked(database: &Database) {
    let served = Served::tracking(database);
    let key = served.key(database, "read");
    assert_eq!(served.get_as(&key, "/v1/events").status, 200);
    let cut = &key[..key.len() - 1];
    let longer = format!("{key}0");
    let (id, _) = key.rsplit_once('_').unwrap();
    for wrong in [
        cut,
        &longer,
        id,
        &key.to_uppercase(),
        "avkey_",
        "x",
        &ADMIN_KEY[..20],
        "",
    ] {
        assert_eq!(
            served.get_as(wrong, "/v1/events").problem(401),
            "unauthorized",
            "{wrong:?}"
        );
    }
    let basic = format!("Basic {key}");
    assert_eq!(
        served
            .send("GET", "/v1/events", &[("authorization", &basic)], b"")
            .problem(401),
        "unauthorized"
    );
    assert_eq!(
        served
            .send("GET", &format!("/v1/events?key={key}"), &[], b"")
            .problem(401),
        "unauthorized"
    );

    let revoked = database.run(&["keys", "revoke", id]);
    assert_eq!(revoked.code, Some(0), "{revoked:?}");
    assert_eq!(
        served.get_as(&key, "/v1/events").problem(401),
        "unauthorized"
    );
}

fn what_a_route_does_not_know_is_refused_by_name(database: &Database) {
    let served = Served::tracking(database);
    for entry in ROUTES
        .iter()
        .filter(|entry| matches!(entry.access, Access::Key(_)))
    {
        let name = format!("{} {}", entry.method, entry.path);
        // The body of these is a file.
        let takes_file = ["/v1/settlements", "/v1/bank-statements"].contains(&entry.path);
        let asked = if takes_file {
            served.post(&format!("{}?nonsense=1", path(entry)), &json!({}))
        } else if entry.method == "POST" {
            served.post(&path(entry), &json!({ "nonsense": 1 }))
        } else {
            served.get(&format!("{}?nonsense=1", path(entry)))
        };
        // A replay and an undo have no body, so that there is no field to name.
        if ["/replay", "/undo"]
            .iter()
            .any(|end| entry.path.ends_with(end))
        {
            assert_eq!(asked.problem(404), "not_found", "{name}");
            continue;
        }
        let code = asked.problem(400);
        assert!(
            matches!(code.as_str(), "invalid_body" | "invalid_parameter"),
            "{name}: {code}"
        );
        assert!(
            asked.json()["detail"]
                .as_str()
                .unwrap()
                .contains("nonsense"),
            "{name}: {}",
            asked.text()
        );
        if entry.method == "POST" {
            let in_query = served.post(&format!("{}?nonsense=1", path(entry)), &json!({}));
            assert!(
                in_query.json()["detail"]
                    .as_str()
                    .unwrap()
                    .contains("nonsense"),
                "{name}"
            );
        }
    }
}

fn values_that_cannot_be_are_refused(database: &Database) {
    let served = Served::tracking(database);
    for query in [
        "state=dreamt",
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=ten",
        "limit=1&limit=2",
        "state=%00",
    ] {
        let refused = served.get(&format!("/v1/events?{query}"));
        assert_eq!(refused.problem(400), "invalid_parameter", "{query}");
    }
    for query in [
        "from=2026-2-3",
        "to=2026-02-30",
        "from=2026-11-02&to=2026-11-01",
        "from=yesterday",
    ] {
        for route in [
            "/v1/refunds",
            "/v1/ledger/journals",
            "/v1/exports/journal.csv",
        ] {
            assert_eq!(
                served.get(&format!("{route}?{query}")).problem(400),
                "invalid_parameter",
                "{route}?{query}"
            );
        }
    }
    for target in [
        "/v1/subscriptions?status=dreamt",
        "/v1/cancellations?state=dreamt",
        "/v1/refunds?state=dreamt",
    ] {
        assert_eq!(
            served.get(target).problem(400),
            "invalid_parameter",
            "{target}"
        );
    }
}

fn other_paths_and_methods_are_refused_as_problems(database: &Database) {
    let served = Served::tracking(database);
    for target in [
        "/",
        "/v1",
        "/v1/nonsense",
        "/v2/events",
        "/v1/events/",
        "/v1/events/evt_1/replays",
        "/webhooks",
        "/v1/exports/journal",
    ] {
        assert_eq!(served.get(target).problem(404), "not_found", "{target}");
    }
    for target in [
        "/v1/exports/ledger.csv",
        "/v1/exports/journal.xls",
        "/v1/exports/disputes.csv",
        "/v1/reports/disputes.svg",
        "/v1/reports/breaks.csv",
        "/v1/exports/charges.sie4",
    ] {
        let refused = served.get(target);
        assert_eq!(refused.problem(404), "not_found", "{target}");
    }
    for (method, target, allowed) in [
        ("DELETE", "/v1/events", "GET"),
        ("GET", "/v1/portal-sessions", "POST"),
        ("PUT", "/v1/refunds", "POST, GET"),
        ("GET", "/webhooks/stripe", "POST"),
        ("POST", "/healthz", "GET"),
    ] {
        let refused = served.send(method, target, &[], b"");
        assert_eq!(
            refused.problem(405),
            "method_not_allowed",
            "{method} {target}"
        );
        assert_eq!(refused.header("allow"), Some(allowed), "{method} {target}");
    }
}

fn bodies_that_cannot_be_read_are_refused(database: &Database) {
    let served = Served::tracking(database);
    let portal = |body: &str| served.post_as(ADMIN_KEY, "/v1/portal-sessions", body);
    for body in [
        "",
        "{",
        "[]",
        "null",
        "1",
        "\"x\"",
        "{\"customer\":\"a\",\"customer\":\"b\"}",
        "{\"customer\":1}",
        "{\"customer\":\"\"}",
        "{\"customer\":\"a\"} x",
    ] {
        assert_eq!(portal(body).problem(400), "invalid_body", "{body}");
    }
    assert_eq!(
        portal("{\"customer\":\"a\\u0000b\"}").problem(400),
        "invalid_parameter"
    );
    assert_eq!(
        portal(&format!("{{\"customer\":\"{}\"}}", "x".repeat(2_001))).problem(400),
        "invalid_body"
    );
    assert_eq!(
        portal(&format!(
            "{{\"customer\":{}1{}}}",
            "[".repeat(20_000),
            "]".repeat(20_000)
        ))
        .problem(400),
        "invalid_body"
    );
    assert_eq!(
        portal(&" ".repeat(64 * 1024 + 1)).problem(413),
        "payload_too_large"
    );
    for (header, value, code) in [
        ("content-type", "text/plain", "unsupported_media_type"),
        ("content-encoding", "gzip", "unsupported_content_encoding"),
    ] {
        let bearer = format!("Bearer {ADMIN_KEY}");
        let refused = served.send(
            "POST",
            "/v1/refunds",
            &[("authorization", &bearer), (header, value)],
            b"{}",
        );
        assert_eq!(refused.problem(415), code);
    }
    assert_eq!(
        portal("{\"customer\":\"cus_nobodys\"}").problem(404),
        "not_found"
    );
    assert_eq!(
        portal("{\"customer\":\"c\",\"locale\":\"de\"}").problem(400),
        "invalid_parameter"
    );
    assert_eq!(
        portal("{\"customer\":\"c\",\"return_url\":\"javascript:alert(1)\"}").problem(400),
        "invalid_parameter"
    );
}

fn every_answer_names_the_request(database: &Database) {
    let served = Served::tracking(database);
    assert_eq!(served.read("/healthz"), json!({ "status": "ok" }));
    served.until("/readyz", |at| *at == json!({ "status": "ready" }));
    let named = |id: &str| {
        let bytes = wire::request("GET", "/v1/events", &[("x-request-id", id)], b"");
        wire::exchange(&served.address, &bytes).unwrap()
    };
    let own = named("shop-4711.a_b");
    own.problem(401);
    assert_eq!(own.header("x-request-id"), Some("shop-4711.a_b"));
    for unsafe_id in ["a b", "{}", "x\"y", &"x".repeat(65)] {
        let reply = named(unsafe_id);
        reply.problem(401);
        assert_ne!(reply.header("x-request-id"), Some(unsafe_id));
    }
    let (one, two) = (served.get("/v1/events"), served.get("/v1/events"));
    assert_ne!(
        one.header("x-request-id").unwrap(),
        two.header("x-request-id").unwrap()
    );
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(one.header(name), Some(value));
    }
}
