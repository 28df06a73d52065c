//! Closing statements that somebody changed, and signed ones.

use super::{close_by, month};
use crate::database::LEDGER;
use crate::world::World;
use avstem::app::App;
use avstem::app::seams::Seams;
use avstem::app::verify_ledger::{Verification, verify};
use avstem_domain::ledger::closing::hash;
use std::collections::BTreeSet;

on_both_databases! {
    the_audit_finds_whatever_was_changed_of_a_closed_month,
    statements_are_signed_with_the_key_of_the_settings,
}

const SIGNED: &str = "[books]\nsigning_key = \"CANARY_signing_key\"";

fn verified(app: &App) -> Verification {
    verify(app, &mut |_| {}).unwrap()
}

fn codes(app: &App) -> BTreeSet<&'static str> {
    let findings = verified(app).findings;
    findings.iter().map(|finding| finding.code()).collect()
}

/// Two closed months, signed, and nothing that protects them.
fn unprotected(world: &World) -> std::sync::Arc<App> {
    let app = world.another_process_with(Seams::default(), SIGNED);
    world.subscribe();
    world.pass_days(10);
    for closed in ["2026-11", "2026-12"] {
        world.deliver();
        close_by(&app, month(closed)).unwrap();
        world.pass_days(31);
    }
    world.deliver();
    world.check_ledger();
    let mut tables = LEDGER.to_vec();
    tables.extend([
        "period_events",
        "closing_statements",
        "closing_totals",
        "recognised_revenue",
    ]);
    world.switch_triggers_off(&tables);
    app
}

fn the_audit_finds_whatever_was_changed_of_a_closed_month(world: &mut World) {
    let app = unprotected(world);
    assert_eq!(codes(&app), BTreeSet::new());
    let first = "WHERE number = 2";
    let totals = "AND account = 'liabilities:vat'";
    for (change, back, code) in [
        (
            format!("UPDATE closing_totals SET debits = debits + 1 {first} {totals}"),
            format!("UPDATE closing_totals SET debits = debits - 1 {first} {totals}"),
            "statement_differs",
        ),
        (
            format!("UPDATE closing_statements SET journals = journals + 1 {first}"),
            format!("UPDATE closing_statements SET journals = journals - 1 {first}"),
            "statement_differs",
        ),
        (
            format!("UPDATE closing_statements SET closed_at = closed_at + 1 {first}"),
            format!("UPDATE closing_statements SET closed_at = closed_at - 1 {first}"),
            "signature_wrong",
        ),
        (
            format!("UPDATE closing_statements SET chain_count = chain_count - 1 {first}"),
            format!("UPDATE closing_statements SET chain_count = chain_count + 1 {first}"),
            "statement_differs",
        ),
        (
            "UPDATE recognised_revenue SET amount = amount + 1 WHERE number = 1".to_owned(),
            "UPDATE recognised_revenue SET amount = amount - 1 WHERE number = 1".to_owned(),
            "recognised_differs",
        ),
        (
            "UPDATE charges SET recognised = recognised + 1 WHERE recognised > 0".to_owned(),
            "UPDATE charges SET recognised = recognised - 1 WHERE recognised > 0".to_owned(),
            "recognised_differs",
        ),
    ] {
        world.execute(&change).unwrap();
        assert!(codes(&app).contains(code), "{change}: {:?}", codes(&app));
        world.execute(&back).unwrap();
        assert_eq!(codes(&app), BTreeSet::new(), "{back}");
    }
    added_to_a_closed_month(world);
    assert!(codes(&app).contains("booked_in_closed_month"));
    world
        .execute("DELETE FROM closing_totals; DELETE FROM closing_statements")
        .unwrap();
    assert!(codes(&app).contains("statement_missing"));
}

/// A journal that balances, with its effect, after everything that is sealed.
fn added_to_a_closed_month(world: &World) {
    let id = format!("avjrn_{}", "1".repeat(32));
    world
        .execute(&format!(
            "BEGIN; INSERT INTO postings VALUES ('{id}', 1, 'assets:suspense', 5, 'SEK'), ('{id}', 2, 'assets:suspense', -5, 'SEK'); \
             INSERT INTO journals (id, connection, event, reference, description, booked_on, occurred_at, recorded_at) \
             VALUES ('{id}', 'stripe', 'provider_fee', 'r', 'd', '2026-11-30', 1, 1); \
             INSERT INTO effects VALUES ('stripe', 'r', 'provider_fee', '{id}', 1); COMMIT"
        ))
        .unwrap();
}

fn statements_are_signed_with_the_key_of_the_settings(world: &mut World) {
    let app = world.another_process_with(Seams::default(), SIGNED);
    world.subscribe();
    world.pass_days(10);
    world.deliver();
    let statement = close_by(&app, month("2026-11")).unwrap();
    assert!(statement.signature.is_some());
    assert_eq!(statement.hash, hash(&statement.text).to_string());
    let named = &statement.of.key.as_ref().unwrap().0;
    assert!(
        statement
            .text
            .contains(&format!("\nsigned hmac-sha256 {named}\n"))
    );
    assert!(!statement.text.contains("CANARY"), "the key stays a secret");
    let looked_at = |app: &App| {
        let verification = verified(app);
        assert!(
            verification.findings.is_empty(),
            "{:?}",
            verification.findings
        );
        let statements = verification.statements;
        (
            statements.checked,
            statements.signed,
            statements.not_checkable,
        )
    };
    assert_eq!(looked_at(&app), (1, 1, 0));
    assert_eq!(looked_at(&world.app), (1, 0, 1), "without the key");
    let other = world.another_process_with(Seams::default(), "[books]\nsigning_key = \"other\"");
    assert_eq!(looked_at(&other), (1, 0, 1), "with another one");
}
