//! `avstem sync` from outside: exit codes, what it prints, and what it says when it cannot.

use crate::company::{ago, serve_provider, simulator, subscriber};
use crate::serving::{Database, Ran, now, on_both_served, settings_for};
use crate::world::monthly;

on_both_served! {
    what_was_missed_is_fetched_and_told,
    what_a_person_must_look_at_gives_three,
    what_cannot_be_compared_is_said_in_one_line,
}

fn what_was_missed_is_fetched_and_told(database: &Database) {
    assert_eq!(database.run(&["migrate"]).code, Some(0));
    let mut past = simulator(40);
    subscriber(&mut past, ago(36), "Nora", &monthly());
    past.advance_to(now());
    let provider = serve_provider(past);
    let base = provider.base();
    let settings = settings_for(&base);
    let sync =
        |arguments: &[&str]| Ran::of(&database.program(arguments, &settings).output().unwrap());
    let ran = sync(&["sync", "stripe"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    assert!(
        ran.stdout
            .starts_with("Compared stripe with its provider: nothing for a person to look at.\n"),
        "{ran:?}"
    );
    let of = |ran: &Ran, kind: &str| {
        let line = ran.stdout.lines().find(|line| line.starts_with(kind));
        let words: Vec<String> = line
            .unwrap()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        (words[1].clone(), words[2].clone())
    };
    assert_ne!(of(&ran, "events").1, "0");
    // The first charge is older than events are kept: it is seen in the list.
    assert_eq!(of(&ran, "charges"), ("2".to_owned(), "1".to_owned()));
    let day = ago(5).date_in(chrono_tz::Europe::Stockholm).to_string();
    let again = sync(&["sync", "stripe", "--since", &day, "--quiet"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    assert_eq!(of(&again, "charges").1, "0");
    assert_eq!(
        database.run(&["rebuild", "--check", "--quiet"]).code,
        Some(0)
    );
}

fn what_a_person_must_look_at_gives_three(database: &Database) {
    assert_eq!(database.run(&["migrate"]).code, Some(0));
    let mut past = simulator(50);
    let nora = subscriber(&mut past, ago(46), "Nora", &monthly());
    past.advance_to(now());
    let first = past.charges_of(&nora.subscription)[0].id.clone();
    let refund = past.dashboard_refund(&first, None).unwrap();
    let provider = serve_provider(past);
    let base = provider.base();
    let sync = database
        .program(&["sync", "stripe"], &settings_for(&base))
        .output();
    let ran = Ran::of(&sync.unwrap());
    assert_eq!(ran.code, Some(3), "{ran:?}");
    for said in [
        "1 open break.",
        &format!("refund_outside_policy stripe {refund}"),
        "found 249.00 SEK",
    ] {
        assert!(ran.stdout.contains(said), "{said} is not in {ran:?}");
    }
}

fn what_cannot_be_compared_is_said_in_one_line(database: &Database) {
    assert_eq!(database.run(&["migrate"]).code, Some(0));
    let failed = |settings: &[(&str, &str)], name: &str, hints: &[&str]| {
        let ran = database.program(&["sync", name], settings).output();
        let ran = Ran::of(&ran.unwrap());
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
        assert_eq!(ran.stderr.lines().count(), 1, "{ran:?}");
        for hint in hints {
            assert!(ran.stderr.contains(hint), "{hint} is not in {ran:?}");
        }
    };
    failed(
        &[],
        "stirpe",
        &["no connection \"stirpe\"", "did you mean \"stripe\"?"],
    );
    failed(&[], "stripe", &["\"stripe\" has no api_key"]);
    let paypal = [("AVSTEM_CONNECTIONS__PAYPAL__PROVIDER", "paypal")];
    failed(&paypal, "paypal", &["import its reports"]);
    assert_eq!(database.run(&["sync"]).code, Some(2));
}
