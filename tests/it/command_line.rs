//! The program's commands from outside: exit codes, what goes to stdout, and what a failure says.

use crate::company::{ago, serve_provider, simulator, subscriber};
use crate::serving::{Database, Ran, Served, now, on_both_served};
use crate::world::monthly;
use serde_json::Value;

on_both_served! {
    migrations_are_looked_at_applied_and_demanded,
    a_key_is_printed_alone_works_is_listed_and_revoked,
    the_audit_exits_with_three_when_an_amount_was_changed,
    the_audit_exits_with_three_when_the_last_journal_is_gone,
    an_export_that_fails_leaves_no_file_and_keeps_the_old_one,
    events_are_replayed_without_a_second_effect,
    wrong_usage_exits_with_two_and_help_with_none,
    a_setting_that_cannot_be_used_stops_the_start_with_its_name,
}

/// A failure: code 1, nothing on stdout, and one line that says `hint`.
#[track_caller]
fn assert_failed(ran: &Ran, hint: &str) {
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
    assert!(
        ran.stderr.starts_with("avstem: ") && ran.stderr.contains(hint),
        "{hint:?} is not in {ran:?}"
    );
}

#[track_caller]
fn assert_done(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

/// A database in which two charges are booked and sealed.
fn with_books(database: &Database) {
    let mut past = simulator(40);
    subscriber(&mut past, ago(36), "Nora", &monthly());
    past.advance_to(now());
    let mut provider = serve_provider(past);
    let served = Served::beside(database, &provider);
    served.listen_to(&mut provider);
    // The sealer looks every second.
    let sealed =
        || -> Value { serde_json::from_str(&database.run(&["verify", "--json"]).stdout).unwrap() };
    let patient = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        sealed()["sealed"] == 2
    });
    assert!(patient, "{:#}", sealed());
}

fn migrations_are_looked_at_applied_and_demanded(database: &Database) {
    let pending = database.run(&["migrate", "--check"]);
    assert_eq!(
        (pending.code, pending.stdout.as_str()),
        (Some(3), ""),
        "{pending:?}"
    );
    assert_failed(&database.run(&["serve", "--no-migrate"]), "avstem migrate");
    for command in [
        &["keys", "list"][..],
        &["verify"],
        &["rebuild", "--check"],
        &["replay"],
        &["export", "journal", "--format", "csv"],
    ] {
        assert_failed(&database.run(command), "avstem migrate");
    }
    assert_eq!(
        database.run(&["migrate", "--check"]).code,
        Some(3),
        "looking applied nothing"
    );
    let applied = database.run(&["migrate"]);
    assert_done(&applied);
    assert!(applied.stderr.contains("Applied"), "{applied:?}");
    assert_done(&database.run(&["migrate", "--check"]));
    let again = database.run(&["migrate"]);
    assert_done(&again);
    assert!(!again.stderr.contains("Applied"), "{again:?}");
    assert_done(&database.run(&["verify"]));
}

fn a_key_is_printed_alone_works_is_listed_and_revoked(database: &Database) {
    assert_done(&database.run(&["migrate"]));
    let made = database.run(&["keys", "create", "--role", "finance", "--name", "the books"]);
    assert_done(&made);
    let key = made.stdout.strip_suffix('\n').unwrap();
    assert!(
        key.starts_with("avkey_") && !key.contains(char::is_whitespace),
        "{made:?}"
    );
    assert!(
        !made.stderr.contains(key),
        "the secret goes to stdout alone"
    );
    let (id, secret) = key.rsplit_once('_').unwrap();

    let served = Served::tracking(database);
    assert_eq!(served.get_as(key, "/v1/ledger/trial-balance").status, 200);
    assert_eq!(served.post_as(key, "/v1/portal-sessions", "{}").status, 403);
    let listed = database.run(&["keys", "list"]);
    assert_done(&listed);
    let line = listed
        .stdout
        .lines()
        .find(|line| line.contains(id))
        .unwrap();
    assert!(
        line.contains("finance") && line.ends_with("the books"),
        "{line}"
    );
    assert!(!listed.stdout.contains(secret));

    let revoked = database.run(&["keys", "revoke", id]);
    assert_done(&revoked);
    assert_eq!(served.get_as(key, "/v1/ledger/trial-balance").status, 401);
    assert_done(&database.run(&["keys", "revoke", id]));
    assert_failed(
        &database.run(&["keys", "revoke", "avkey_nobodys"]),
        "keys list",
    );
    assert_failed(
        &database.run(&["keys", "create", "--role", "read", "--name", " "]),
        "name",
    );
    assert_eq!(
        database
            .run(&["keys", "create", "--role", "root", "--name", "x"])
            .code,
        Some(2)
    );
}

/// What the audit says of a broken ledger, in both forms.
#[track_caller]
fn assert_broken(database: &Database, code: &str) {
    let text = database.run(&["verify"]);
    assert_eq!(text.code, Some(3), "{text:?}");
    assert!(text.stdout.contains("The ledger is broken"), "{text:?}");
    let json = database.run(&["verify", "--json"]);
    assert_eq!(json.code, Some(3));
    let report: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(report["ok"], false);
    let codes: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["code"].as_str().unwrap())
        .collect();
    assert!(codes.contains(&code), "{report:#}");
    assert_eq!(report["findings_total"], codes.len());
}

/// The audit finds nothing, in both forms.
#[track_caller]
fn assert_whole(database: &Database) {
    let text = database.run(&["verify"]);
    assert_eq!((text.code, text.stderr.as_str()), (Some(0), ""), "{text:?}");
    let report: Value = serde_json::from_str(&database.run(&["verify", "--json"]).stdout).unwrap();
    assert_eq!(
        (&report["ok"], &report["journals"], &report["findings"]),
        (&Value::Bool(true), &2.into(), &serde_json::json!([]))
    );
}

const LAST: &str = "(SELECT id FROM journals ORDER BY position DESC LIMIT 1)";

fn the_audit_exits_with_three_when_an_amount_was_changed(database: &Database) {
    with_books(database);
    assert_whole(database);
    database.unprotect("postings", &["postings_no_update"]);
    database.execute(&format!(
        "UPDATE postings SET amount = amount + 1 WHERE line = 1 AND journal_id = {LAST}"
    ));
    assert_broken(database, "unbalanced");
}

fn the_audit_exits_with_three_when_the_last_journal_is_gone(database: &Database) {
    with_books(database);
    assert_whole(database);
    database.unprotect("postings", &["postings_no_delete"]);
    database.unprotect("journals", &["journals_no_delete"]);
    database.execute(&format!("DELETE FROM postings WHERE journal_id = {LAST}"));
    database.execute(&format!("DELETE FROM journals WHERE id = {LAST}"));
    assert_broken(database, "sealed_journal_missing");
}

fn an_export_that_fails_leaves_no_file_and_keeps_the_old_one(database: &Database) {
    with_books(database);
    let folder = database.folder.path();
    let kept = folder.join("kept.csv");
    let export = |file: &str| database.run(&["export", "journal", "--format", "csv", "-o", file]);
    assert_done(&export("kept.csv"));
    let before = std::fs::read(&kept).unwrap();
    let files = || {
        let entries = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = entries
            .filter(|name| !name.starts_with("avstem.db"))
            .collect();
        names.sort();
        names
    };
    let standing = files();
    database.unprotect("postings", &["postings_no_update"]);
    database.execute(&format!(
        "UPDATE postings SET amount = amount + 1 WHERE line = 1 AND journal_id = {LAST}"
    ));
    for file in ["kept.csv", "new.csv"] {
        assert_failed(&export(file), "verify");
        assert_eq!(files(), standing, "{file}");
    }
    assert_eq!(std::fs::read(&kept).unwrap(), before);
    assert_eq!(
        database.run(&["export", "journal", "--format", "csv"]).code,
        Some(1),
        "it never looks whole"
    );
    assert_failed(&export("nowhere/x.csv"), "nowhere");

    let served = Served::tracking(database);
    let bytes = crate::wire::request(
        "GET",
        "/v1/exports/journal.csv",
        &[(
            "authorization",
            &format!("Bearer {}", crate::serving::ADMIN_KEY),
        )],
        b"",
    );
    // Short enough to fail before its first byte; else the connection would break off.
    if let Ok(reply) = crate::wire::exchange(&served.address, &bytes) {
        assert_eq!(reply.problem(500), "internal_error");
    }
}

fn events_are_replayed_without_a_second_effect(database: &Database) {
    with_books(database);
    let export = || {
        database
            .run(&["export", "journal", "--format", "csv"])
            .stdout
    };
    let before = export();
    assert_eq!(before.lines().count(), 7);
    let served = Served::tracking(database);
    assert_eq!(served.webhook(b"garbage").status, 200);
    served.quiet();
    drop(served);
    let failed = database.run(&["replay", "--failed"]);
    assert_done(&failed);
    assert!(
        failed.stderr.contains("Put 1 events back") && failed.stderr.contains("failed 1"),
        "{failed:?}"
    );
    let all = database.run(&["replay"]);
    assert_done(&all);
    assert!(all.stdout.is_empty());
    assert_eq!(export(), before);
    assert_failed(&database.run(&["replay", "evt_nobodys"]), "evt_nobodys");
    assert_done(&database.run(&["verify"]));
}

fn wrong_usage_exits_with_two_and_help_with_none(database: &Database) {
    for usage in [
        &[][..],
        &["nonsense"],
        &["export", "journal"],
        &["keys"],
        &["replay", "--failed", "evt_1"],
        &["serve", "--port", "1"],
    ] {
        let ran = database.run(usage);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{usage:?}");
        assert!(!ran.stderr.is_empty());
    }
    for command in [
        "serve", "demo", "migrate", "keys", "verify", "replay", "export",
    ] {
        let help = database.run(&[command, "--help"]);
        assert_eq!(
            (help.code, help.stderr.as_str()),
            (Some(0), ""),
            "{command}"
        );
        assert!(
            help.stdout.contains("--config"),
            "{command}: {}",
            help.stdout
        );
    }
}

fn a_setting_that_cannot_be_used_stops_the_start_with_its_name(database: &Database) {
    let with = |settings: &[(&str, &str)]| {
        Ran::of(&database.program(&["serve"], settings).output().unwrap())
    };
    assert_failed(&with(&[("AVSTEM_TIMEZONE", "UTC")]), "AVSTEM_TIME_ZONE");
    assert_failed(
        &with(&[("AVSTEM_CONNECTIONS__STRIPE__WEBHOOK_SECRET", "whsec_x")]),
        "WEBHOOK_SECRETS",
    );
    assert_failed(
        &with(&[("AVSTEM_CONNECTIONS__STRIPE__WEBHOOK_SECRETS", "")]),
        "AVSTEM_CONNECTIONS__STRIPE__WEBHOOK_SECRETS",
    );
    assert_failed(
        &with(&[("AVSTEM_CONNECTIONS__STRIPE__API_KEY", "")]),
        "AVSTEM_CONNECTIONS__STRIPE__API_KEY",
    );
    assert_failed(&with(&[("AVSTEM_POLICY", "nowhere.toml")]), "nowhere.toml");
    assert_failed(&with(&[("AVSTEM_LOG", "avstem=loud")]), "AVSTEM_LOG");
    let file = database.folder.path().join("avstem.toml");
    std::fs::write(
        &file,
        "time_zone = \"UTC\"\npublik_url = \"http://127.0.0.1\"\n",
    )
    .unwrap();
    assert_failed(&database.run(&["migrate"]), "public_url");
    let missing = database.run(&["migrate", "--config", "other.toml"]);
    assert_failed(&missing, "other.toml");
    std::fs::write(&file, "time_zone = \"UTC\"\n").unwrap();
    assert_done(&database.run(&["migrate"]));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let refused = with(&[("AVSTEM_BIND", &address), ("AVSTEM_LOG", "off")]);
    assert_failed(&refused, &address);
}
