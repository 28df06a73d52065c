//! `avstem healthcheck` asks the service that runs with the same settings, as a container does.

use crate::serving::{Database, Ran, Served, on_both_served};

on_both_served! {
    the_health_check_holds_while_the_service_is_ready_and_not_after,
}

fn check(database: &Database, address: &str) -> Ran {
    let settings = [
        ("AVSTEM_BIND", address),
        // Which nobody must be asked.
        ("HTTP_PROXY", "http://127.0.0.1:9"),
        ("http_proxy", "http://127.0.0.1:9"),
    ];
    let mut command = database.program(&["healthcheck"], &settings);
    Ran::of(&command.output().unwrap())
}

fn the_health_check_holds_while_the_service_is_ready_and_not_after(database: &Database) {
    let served = Served::tracking(database);
    let address = served.address.clone();
    let (_, port) = address.rsplit_once(':').unwrap();
    served.until("/readyz", |answer| answer["status"] == "ready");
    for bind in [address.clone(), format!("0.0.0.0:{port}")] {
        let ran = check(database, &bind);
        assert_eq!(
            (ran.code, ran.stdout.as_str(), ran.stderr.as_str()),
            (Some(0), "", ""),
            "{bind}"
        );
    }
    drop(served);
    let ran = check(database, &address);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    assert!(
        ran.stderr.starts_with("avstem: the service at http://")
            && ran.stderr.contains(&address)
            && ran.stderr.lines().count() == 1,
        "{ran:?}"
    );
}
