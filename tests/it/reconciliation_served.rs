//! The story over the wire and on the command line: the real program, and scripts around it.

use crate::merchant::*;
use crate::serving::{ADMIN_KEY, Database, Ran, Served, on_both_served};
use crate::wire::Reply;
use serde_json::{Value, json};
use std::process::Stdio;

on_both_served! {
    the_story_on_the_command_line,
    files_are_refused_with_one_line,
    the_story_over_the_wire,
    a_large_break_takes_two_people,
    uploads_are_refused_before_anything_is_kept,
    an_upload_with_a_key_is_answered_once,
}

const SETTINGS_AS_VARIABLES: &[(&str, &str)] = &[
    ("AVSTEM_CONNECTIONS__PAYPAL__PROVIDER", "paypal"),
    ("AVSTEM_CONNECTIONS__ADYEN__PROVIDER", "adyen"),
    ("AVSTEM_BANK__MAIN__IBAN", "SE4550000000058398257466"),
    ("AVSTEM_RECONCILIATION__SECOND_PERSON_OVER", "200.00"),
];

fn run(database: &Database, arguments: &[&str]) -> Ran {
    let mut command = database.program(arguments, SETTINGS_AS_VARIABLES);
    Ran::of(&command.output().unwrap())
}

fn upload(served: &Served, target: &str, headers: &[(&str, &str)], file: &[u8]) -> Reply {
    let bearer = format!("Bearer {ADMIN_KEY}");
    let mut all = vec![
        ("authorization", bearer.as_str()),
        ("content-type", "text/csv"),
    ];
    all.extend_from_slice(headers);
    served.send("POST", target, &all, file)
}

/// Every file twice: the second time nothing happens.
fn import_all(database: &Database) {
    assert_eq!(database.run(&["migrate"]).code, Some(0));
    for (connection, name) in FILES {
        let path = path(name).display().to_string();
        let arguments = match *connection {
            "" => vec!["import", "bank", path.as_str()],
            connection => vec!["import", "settlement", "--connection", connection, &path],
        };
        let first = run(database, &arguments);
        assert_eq!(first.code, Some(0), "{name}: {}", first.stderr);
        assert!(first.stdout.starts_with("avfile_"), "{}", first.stdout);
        let again = run(database, &arguments);
        assert_eq!(
            (again.code, &again.stdout),
            (Some(0), &first.stdout),
            "{name}"
        );
        assert!(
            again.stderr.contains("nothing was done"),
            "{}",
            again.stderr
        );
    }
}

/// Without events: what the reports tell alone, and what they miss.
fn the_story_on_the_command_line(database: &Database) {
    import_all(database);
    let told = run(database, &["reconcile"]);
    assert_eq!(told.code, Some(3), "{}", told.stderr);
    for line in [
        "Reconciled through 2026-10-16: ",
        "adyen       SEK           0.00    0.00       25.00  1862.95        0.00",
        "paypal      SEK           0.00    0.00      479.23   230.68        0.00",
        "stripe      SEK         243.46  243.46        0.00  4704.82        0.00",
        "Expected: paypal 479.23 SEK on its way to the bank, since 2026-10-15.",
        "Expected: stripe 243.46 SEK not paid out yet, since 2026-10-16.",
        "payout_amount_mismatch adyen ExempelMediaSE/batch/41",
        "  expected 1142.55 SEK, found 1117.55 SEK: difference -25.00 SEK; 7 days old",
        "missing_in_ledger stripe ch_1SmpLA010000000000000",
    ] {
        assert!(
            told.stdout.contains(line),
            "{line:?} is not in\n{}",
            told.stdout
        );
    }
    let json = run(
        database,
        &[
            "reconcile",
            "--json",
            "--connection",
            "paypal",
            "--through",
            "2026-10-21",
        ],
    );
    assert_eq!(json.code, Some(3), "{}", json.stderr);
    let json: Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(
        json["breaks"],
        json!({ "missing_in_ledger": 4, "payout_not_in_bank": 1 })
    );
    assert_eq!(json["proof"][0]["in_transit"], "479.23");
    assert_eq!(json["open_breaks"].as_array().unwrap().len(), 5);
    let verified = run(database, &["verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
}

fn files_are_refused_with_one_line(database: &Database) {
    assert_eq!(database.run(&["migrate"]).code, Some(0));
    let from_stdin = database
        .program(&["import", "bank", "-"], SETTINGS_AS_VARIABLES)
        .stdin(Stdio::from(std::fs::File::open(path(CAMT_02)).unwrap()))
        .output()
        .unwrap();
    assert_eq!(Ran::of(&from_stdin).code, Some(0));
    let wrong = run(
        database,
        &[
            "import",
            "settlement",
            "--connection",
            "paypal",
            &path(ADYEN_41).display().to_string(),
        ],
    );
    assert_eq!(wrong.code, Some(1));
    assert_eq!(wrong.stderr.lines().count(), 1, "{}", wrong.stderr);
    let gone = run(database, &["import", "bank", "/nowhere.xml"]);
    assert_eq!(gone.code, Some(1));
    assert!(
        gone.stderr.contains("/nowhere.xml cannot be read"),
        "{}",
        gone.stderr
    );
}

/// Every file twice: the second time it is the same one.
fn upload_all(served: &Served) {
    for (connection, name) in FILES {
        let target = match *connection {
            "" => "/v1/bank-statements?account=main".to_owned(),
            connection => format!("/v1/settlements?connection={connection}"),
        };
        let first = upload(served, &target, &[], &bytes(name)).expect(201);
        assert_eq!(first["problems"], json!([]), "{name}");
        let again = upload(served, &target, &[], &bytes(name)).expect(200);
        assert_eq!(again["id"], first["id"], "{name}");
    }
}

fn the_story_over_the_wire(database: &Database) {
    let served = Served::start(database, SETTINGS_AS_VARIABLES);
    upload_all(&served);
    let made = served.post("/v1/reconciliations", &json!({})).expect(201);
    assert_eq!(made["state"], "breaks");
    assert_eq!(made["through"], "2026-10-16");
    assert_eq!(made["unrelated"], 3);
    let stripe = made["proof"]
        .as_array()
        .unwrap()
        .iter()
        .find(|proof| proof["connection"] == "stripe")
        .unwrap();
    assert_eq!(
        (
            &stripe["ledger"],
            &stripe["provider"],
            &stripe["difference"]
        ),
        (&json!("243.46"), &json!("243.46"), &json!("0.00"))
    );
    let kept = format!("/v1/reconciliations/{}", made["id"].as_str().unwrap());
    assert_eq!(served.read(&kept), made);
    a_break_is_worked_on(&served);
}

fn a_break_is_worked_on(served: &Served) {
    let listed = served.read("/v1/breaks?state=open&kind=payout_amount_mismatch");
    let short = &listed["data"][0];
    assert_eq!(short["difference"], "-25.00");
    let target = format!("/v1/breaks/{}", short["id"].as_str().unwrap());
    let note = json!({ "owner": "Kim", "note": "has written to the bank" });
    let assigned = served.post(&format!("{target}/assign"), &note).expect(200);
    assert_eq!(assigned["owner"], "Kim");
    let decision = json!({ "resolution": "bank_fee", "note": "payment from abroad" });
    let resolved = served
        .post(&format!("{target}/resolve"), &decision)
        .expect(200);
    assert_eq!(
        (&resolved["state"], &resolved["owner"]),
        (&json!("resolved"), &json!("Kim"))
    );
    let twice = served.post(&format!("{target}/resolve"), &decision);
    assert_eq!(twice.problem(409), "break_resolved");
    let balances = served.read("/v1/ledger/trial-balance");
    let accounts = &balances["currencies"]["SEK"]["accounts"];
    assert_eq!(accounts["assets:payouts_in_transit:adyen"], "0.00");
    assert_eq!(accounts["expenses:bank_fees"], "25.00");
    let open = served
        .post(&format!("{target}/reopen"), &json!({ "note": "wrong" }))
        .expect(200);
    assert_eq!(open["state"], "open");
    let steps = served.read(&target);
    let steps: Vec<&str> = steps["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["action"].as_str().unwrap())
        .collect();
    assert_eq!(steps, ["opened", "assigned", "resolved", "reopened"]);
}

fn a_large_break_takes_two_people(database: &Database) {
    let served = Served::start(database, SETTINGS_AS_VARIABLES);
    upload_all(&served);
    served.post("/v1/reconciliations", &json!({})).expect(201);
    let large = served.read("/v1/breaks?kind=missing_in_ledger&limit=100");
    let large = large["data"].as_array().unwrap().iter();
    let large = large
        .max_by_key(|one| one["found"].as_str().unwrap().len())
        .unwrap();
    let target = format!("/v1/breaks/{}/resolve", large["id"].as_str().unwrap());
    let explained = json!({ "resolution": "explained", "note": "from before" });
    assert_eq!(
        served.post(&target, &explained).expect(202)["state"],
        "open"
    );
    assert_eq!(
        served.post(&target, &explained).problem(409),
        "second_person_needed"
    );
    let key = database.run(&["keys", "create", "--role", "finance", "--name", "lo"]);
    let second = served.post_as(key.stdout.trim(), &target, &explained.to_string());
    assert_eq!(second.expect(200)["state"], "resolved");
    let fee = json!({ "resolution": "bank_fee", "note": "no" });
    let other = served.read("/v1/breaks?state=open&kind=missing_in_ledger&limit=1");
    let target = format!(
        "/v1/breaks/{}/resolve",
        other["data"][0]["id"].as_str().unwrap()
    );
    assert_eq!(
        served.post(&target, &fee).problem(422),
        "resolution_does_not_fit"
    );
    let target = format!("{}/reopen", target.trim_end_matches("/resolve"));
    let still_open = served.post(&target, &json!({ "note": "no" }));
    assert_eq!(still_open.problem(409), "break_open");
}

fn uploads_are_refused_before_anything_is_kept(database: &Database) {
    let served = Served::start(database, SETTINGS_AS_VARIABLES);
    let file = bytes(ADYEN_41);
    let problem = |target: &str, status| upload(&served, target, &[], &file).problem(status);
    assert_eq!(problem("/v1/settlements", 400), "invalid_parameter");
    assert_eq!(
        problem("/v1/settlements?connection=klarna", 404),
        "not_found"
    );
    assert_eq!(
        problem("/v1/bank-statements?account=savings", 404),
        "not_found"
    );
    assert_eq!(
        problem("/v1/settlements?connection=paypal", 422),
        "file_of_another"
    );
    assert_eq!(problem("/v1/bank-statements", 422), "file_of_another");
    let named = "/v1/settlements?connection=adyen&format=adyen_accounting";
    assert_eq!(problem(named, 422), "unreadable_file");
    let junk = upload(&served, "/v1/settlements?connection=adyen", &[], b"hello");
    assert_eq!(junk.problem(422), "unreadable_file");
    let packed = [("content-encoding", "gzip")];
    let packed = upload(&served, "/v1/settlements?connection=adyen", &packed, &file);
    assert_eq!(packed.problem(415), "unsupported_content_encoding");
    let read = database.run(&["keys", "create", "--role", "support", "--name", "desk"]);
    let bearer = format!("Bearer {}", read.stdout.trim());
    let forbidden = served.send(
        "POST",
        "/v1/settlements?connection=adyen",
        &[("authorization", &bearer)],
        &file,
    );
    assert_eq!(forbidden.problem(403), "forbidden");
    let breaks = served.get_as(read.stdout.trim(), "/v1/breaks");
    assert_eq!(breaks.problem(403), "forbidden");
    // None of it is known afterwards.
    upload(&served, "/v1/settlements?connection=adyen", &[], &file).expect(201);
}

fn an_upload_with_a_key_is_answered_once(database: &Database) {
    let served = Served::start(database, SETTINGS_AS_VARIABLES);
    let target = "/v1/settlements?connection=adyen";
    let key = [("idempotency-key", "4711")];
    let first = upload(&served, target, &key, &bytes(ADYEN_41));
    let again = upload(&served, target, &key, &bytes(ADYEN_41));
    assert_eq!(first.expect(201), again.expect(201));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let other = upload(&served, target, &key, &bytes(ADYEN_42));
    assert_eq!(other.problem(422), "idempotency_key_reused");
}
