//! `avstem rebuild --check` from outside: exit codes, its report, and what it leaves behind.

use crate::company::company;
use crate::serving::{Database, Ran, Served, on_both_served};
use serde_json::{Value, json};
use std::path::Path;

on_both_served! {
    it_exits_with_three_and_says_what_differs,
    wrong_usage_and_a_folder_that_is_not_there_are_told,
}

/// A database with a company's past and a cancellation, which nobody serves any more.
fn with_history(database: &Database) {
    let mut company = company();
    let served = Served::beside(database, &company.provider);
    served.listen_to(&mut company.provider);
    let target = format!(
        "/v1/subscriptions/{}/cancellation",
        company.ada.subscription
    );
    let asked = served
        .post(&target, &json!({ "requested_by": "support" }))
        .expect(202);
    served.until(
        &format!("/v1/cancellations/{}", asked["id"].as_str().unwrap()),
        |at| at["state"] == "completed",
    );
    served.caught_up(&company.provider);
}

/// Runs it with a folder of its own for the scratch copy.
fn check(database: &Database, temporary: &Path, more: &[&str]) -> Ran {
    let arguments = [&["rebuild", "--check"], more].concat();
    let mut program = database.program(&arguments, &[]);
    Ran::of(&program.env("TMPDIR", temporary).output().unwrap())
}

fn it_exits_with_three_and_says_what_differs(database: &Database) {
    with_history(database);
    let temporary = tempfile::tempdir().unwrap();
    let clean = check(database, temporary.path(), &[]);
    assert_eq!(
        (clean.code, clean.stderr.as_str()),
        (Some(0), ""),
        "{clean:?}"
    );
    assert!(
        clean.stdout.starts_with("Took in ") && clean.stdout.ends_with("is what was told.\n"),
        "{clean:?}"
    );
    let report = |ran: &Ran| serde_json::from_str::<Value>(&ran.stdout).unwrap();
    let clean = check(database, temporary.path(), &["--json"]);
    assert_eq!(clean.code, Some(0));
    let clean = report(&clean);
    assert_eq!(
        (&clean["ok"], &clean["findings"], &clean["findings_total"]),
        (&Value::Bool(true), &json!([]), &json!(0))
    );
    let took = |what: &str| clean[what].as_u64().unwrap();
    assert!(
        took("events") > 20 && took("answers") > 2 && took("rows") > 20,
        "{clean:#}"
    );

    database.execute("UPDATE charges SET amount = amount + 1");
    let text = check(database, temporary.path(), &[]);
    assert_eq!((text.code, text.stderr.as_str()), (Some(3), ""));
    let lines: Vec<&str> = text.stdout.lines().collect();
    let told =
        |line: &&&str| line.contains("amount is \"24901\", and what was told makes it \"24900\"");
    let charges = lines.iter().filter(told).count();
    assert!(charges > 2 && lines.len() == charges + 2, "{text:?}");
    assert!(lines[lines.len() - 1].starts_with(&format!("There are {charges} differences.")));
    let json = check(database, temporary.path(), &["--json", "--quiet"]);
    assert_eq!(json.code, Some(3));
    let json = report(&json);
    assert_eq!(
        (&json["ok"], &json["findings_total"]),
        (&Value::Bool(false), &json!(charges))
    );
    let first = &json["findings"][0];
    assert_eq!(
        (
            &first["code"],
            &first["table"],
            &first["live"],
            &first["rebuilt"]
        ),
        (
            &json!("differs"),
            &json!("charges"),
            &json!("24901"),
            &json!("24900")
        )
    );
    let left = std::fs::read_dir(temporary.path()).unwrap().count();
    assert_eq!(left, 0, "the scratch copies are gone");
}

fn wrong_usage_and_a_folder_that_is_not_there_are_told(database: &Database) {
    assert_eq!(database.run(&["migrate"]).code, Some(0));
    for wrong in [
        &["rebuild"][..],
        &["rebuild", "--json"],
        &["rebuild", "--check", "all"],
    ] {
        assert_eq!(database.run(wrong).code, Some(2), "{wrong:?}");
    }
    let nowhere = check(database, Path::new("/nowhere/at/all"), &[]);
    assert_eq!((nowhere.code, nowhere.stdout.as_str()), (Some(1), ""));
    assert_eq!(nowhere.stderr.lines().count(), 1, "{nowhere:?}");
    assert!(
        nowhere.stderr.contains("/nowhere/at/all") && nowhere.stderr.contains("TMPDIR"),
        "{nowhere:?}"
    );
}
