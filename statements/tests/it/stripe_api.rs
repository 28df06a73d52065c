//! A payout as Stripe's API tells it, and as its reports do.

use crate::desk::{fixture, read, stockholm, text};
use avstem_domain::money::Money;
use avstem_domain::statement::{LineKind, ProviderLine};
use avstem_statements::error::ReadError;
use avstem_statements::formats::{Format, stripe_balance_transactions::heading};
use avstem_statements::problem::ProblemCode;
use avstem_statements::summary::ControlKind;

const API: &str = "stripe_balance_transactions.jsonl";
const PAYOUT: &str = "po_1SmpL0100000000000000";

/// What any two tellings of a line must agree on.
fn told(line: &ProviderLine) -> impl PartialEq + std::fmt::Debug + use<> {
    (
        line.id.clone(),
        line.kind.clone(),
        line.amounts,
        line.source.clone(),
        line.payout.clone(),
        line.charge.clone(),
        line.occurred_at,
    )
}

#[test]
fn the_api_and_the_reports_tell_the_same_lines() {
    let api = read(&fixture(API)).unwrap();
    assert_eq!(api.problems, []);
    let report = read(&fixture("stripe_payout_reconciliation_itemized_5.csv")).unwrap();
    let payouts = read(&fixture("stripe_payouts_itemized_3.csv")).unwrap();
    let mut theirs: Vec<ProviderLine> = report.lines;
    theirs.retain(|line| line.payout.as_ref().is_some_and(|id| id.as_str() == PAYOUT));
    let payout = payouts.lines.into_iter().find(|line| {
        line.kind == LineKind::Payout
            && line.source.as_ref().is_some_and(|id| id.as_str() == PAYOUT)
    });
    let payout = payout.unwrap();
    assert_eq!(told(&api.lines[0]), told(&payout));
    assert_eq!(api.lines[0].trace_id.as_deref(), Some("SMPLTRACE1"));
    assert_eq!(api.lines[0].available_on, payout.available_on);
    assert_eq!(api.lines.len(), theirs.len() + 1);
    for (line, report) in api.lines[1..].iter().zip(&theirs) {
        assert_eq!(told(line), told(report));
        assert_eq!(line.customer_facing, report.customer_facing);
    }
    let seen: Vec<Money> = api
        .lines
        .iter()
        .filter_map(|line| line.customer_facing)
        .collect();
    assert_eq!(seen.last().unwrap().to_string(), "99.00 EUR");
    let control = &api.summary.controls[0];
    assert_eq!(control.what, ControlKind::BatchIsZero);
    assert!(control.of.contains(PAYOUT));
}

#[test]
fn a_list_that_lacks_a_line_is_not_the_payout() {
    let all = text(API);
    let rows: Vec<&str> = all.lines().collect();
    let without = [&rows[..2], &rows[3..]].concat().join("\n");
    let error = read(without.as_bytes()).unwrap_err();
    assert!(matches!(error, ReadError::ControlTotal { .. }), "{error}");
    // Without the payout's own line there is nothing to hold the rest against.
    let members = [&rows[..1], &rows[2..]].concat().join("\n");
    assert_eq!(read(members.as_bytes()).unwrap().summary.controls, []);
}

#[test]
fn a_document_with_nonsense_in_it_is_a_problem_and_a_broken_one_an_error() {
    let all = text(API);
    let first = all.lines().next().unwrap();
    let document = |from: &str, to: &str| {
        let line = all.lines().nth(2).unwrap();
        assert!(line.contains(from), "{line}");
        read(format!("{first}\n{}\n", line.replace(from, to)).as_bytes())
    };
    for (from, to, code) in [
        ("\"sek\"", "\"kronor\"", ProblemCode::NotACurrency),
        ("\"fee\": ", "\"fee\": 1", ProblemCode::DoesNotAddUp),
        ("\"id\": \"txn_", "\"id\": \" txn_", ProblemCode::NotAnId),
        (
            "\"created\": ",
            "\"created\": 99999999",
            ProblemCode::NotATime,
        ),
        ("\"sek\"", "\"isk\"", ProblemCode::NotAnAmount),
    ] {
        let read = document(from, to).unwrap();
        let codes: Vec<ProblemCode> = read.problems.iter().map(|one| one.code).collect();
        assert_eq!(
            (codes.as_slice(), read.lines.len()),
            (&[code][..], 0),
            "{to}"
        );
        assert_eq!(read.problems[0].row, 2);
    }
    for (from, to) in [("\"amount\": ", "\"amount\": 0."), ("{", "[")] {
        let error = document(from, to).unwrap_err();
        assert!(
            matches!(error, ReadError::Malformed { row: 2, .. }),
            "{error}"
        );
    }
    let cut = &all[..all.len() - 9];
    let error = read(cut.as_bytes()).unwrap_err();
    assert!(matches!(error, ReadError::Cut { .. }), "{error}");
}

#[test]
fn the_first_line_says_what_it_is() {
    let payout = avstem_domain::id::ProviderPayoutId::parse(PAYOUT).unwrap();
    assert_eq!(heading(&payout), text(API).lines().next().unwrap());
    let format = Format::named("stripe_balance_transactions").unwrap();
    let other = br#"{"object":"list","payout":"po_1"}"#;
    let error = crate::desk::read_as(format, other, &stockholm()).unwrap_err();
    assert!(matches!(error, ReadError::NotThisFormat { .. }), "{error}");
    assert!(read(other).is_err());
}
