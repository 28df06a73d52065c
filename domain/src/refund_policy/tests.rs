//! The policy as a table of clauses. The rows stand in `tests_money`, `tests_latest` and
//! `tests_delivery`; here they are judged, and counted.

use super::*;
use crate::cancellation::fixtures::{World, id, planned};
use crate::cancellation::{ChargeFacts, Completion, Delivery};
use crate::charge::ChargeStatus;
use crate::event::DisputeStanding;
use crate::refund_policy::{tests_delivery, tests_latest, tests_money};
use proptest::prelude::*;

/// Why a row is in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shows {
    /// The rule applies.
    Applies,
    /// It does not, and another rule does.
    Fails,
    /// The last second, the last öre, on either side.
    Boundary,
    /// Two rules apply, and the order decides.
    Precedence,
}

/// One row: a change to the usual subscription, and the verdict on one of its charges.
pub(super) struct Row {
    pub code: Code,
    pub shows: Shows,
    pub when: &'static str,
    pub charge: u128,
    pub change: fn(&mut World),
    /// `code clause decision amount`.
    pub expect: &'static str,
}

fn rows() -> impl Iterator<Item = &'static Row> {
    tests_money::ROWS
        .iter()
        .chain(tests_latest::ROWS)
        .chain(tests_delivery::ROWS)
}

fn verdict_line(verdict: &Verdict) -> String {
    let amount = verdict
        .decision
        .refund_amount()
        .map(|m| format!(" {}", m.to_decimal_string()));
    let decision = verdict.decision.as_str();
    format!(
        "{} {} {decision}{}",
        verdict.code,
        verdict.clause,
        amount.unwrap_or_default()
    )
}

#[test]
fn every_row_of_the_table_is_judged_as_it_says() {
    let mut wrong = Vec::new();
    for row in rows() {
        let plan = planned(row.change);
        let verdict = plan
            .verdicts
            .iter()
            .find(|v| v.charge == id(row.charge))
            .unwrap();
        let line = verdict_line(verdict);
        if line != row.expect {
            wrong.push(format!(
                "{} {:?}, {}:\n  {line}\n  not {}",
                row.code, row.shows, row.when, row.expect
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_code_has_a_row_that_applies_one_that_fails_a_boundary_and_a_precedence() {
    for code in Code::ALL {
        for shows in [
            Shows::Applies,
            Shows::Fails,
            Shows::Boundary,
            Shows::Precedence,
        ] {
            let found = rows().any(|row| row.code == code && row.shows == shows);
            assert!(found, "{code} has no row for {shows:?}");
        }
        let applies = rows().filter(|row| row.code == code && row.shows == Shows::Applies);
        for row in applies {
            assert!(row.expect.starts_with(code.as_str()), "{}", row.when);
        }
        let fails = rows().filter(|row| row.code == code && row.shows == Shows::Fails);
        for row in fails {
            assert_ne!(
                row.expect.split(' ').next(),
                Some(code.as_str()),
                "{}",
                row.when
            );
        }
    }
    assert!(rows().count() >= 45, "{}", rows().count());
}

#[test]
fn the_rules_stand_in_the_order_of_the_codes_with_the_contract_s_clauses() {
    let clauses = ["R2", "D3", "R2", "R6", "R2", "R3", "R5", "R4", "R4", "R2"];
    for ((rule, code), clause) in RULES.iter().zip(Code::ALL).zip(clauses) {
        assert_eq!((rule.code, rule.clause.as_str()), (code, clause));
    }
    assert!(Code::ALL.is_sorted());
}

#[test]
fn codes_and_clauses_are_read_back_from_the_words_they_print() {
    for code in Code::ALL {
        assert_eq!(Code::parse(code.as_str()), Some(code));
    }
    for clause in Clause::ALL {
        assert_eq!(Clause::parse(clause.as_str()), Some(clause));
    }
    assert_eq!((Code::parse("latest"), Clause::parse("r1")), (None, None));
}

fn any_charge() -> impl Strategy<Value = fn(&mut ChargeFacts)> {
    let changes: [fn(&mut ChargeFacts); 12] = [
        |c| c.status = ChargeStatus::Failed,
        |c| c.paid_at = None,
        |c| c.dispute = DisputeStanding::Blocks,
        |c| c.refunded = c.amount,
        |c| c.refunded = Money::from_minor(c.amount.minor() - 1, c.amount.currency()),
        |c| c.kind = ChargeKind::Other,
        |c| c.kind = ChargeKind::Initial,
        |c| c.period = None,
        |c| c.paid_at = c.paid_at.map(|t| t.saturating_add_seconds(40 * 86_400)),
        |c| {
            c.delivery = Some(Delivery {
                ordered: 3,
                delivered: 1,
                completed: Completion::NotCompleted,
            });
        },
        |c| {
            c.delivery = Some(Delivery {
                ordered: 3,
                delivered: 3,
                completed: Completion::Completed,
            });
        },
        |c| c.invoice = None,
    ];
    proptest::sample::select(changes.to_vec())
}

proptest! {
    #[test]
    fn whatever_is_known_of_a_charge_it_gets_one_verdict_that_never_pays_too_much(
        changes in proptest::collection::vec((1u128..4, any_charge()), 0..8),
        reversed in any::<bool>(),
    ) {
        let mut world = World::new();
        for (n, change) in changes {
            change(world.charge(n));
        }
        let plan = world.plan();
        prop_assert_eq!(plan.verdicts.len(), 3);
        for verdict in &plan.verdicts {
            let charge = world.facts.charges.iter().find(|c| c.charge == verdict.charge).unwrap();
            let left = charge.amount.minor() - charge.refunded.minor();
            if let Some(amount) = verdict.decision.refund_amount() {
                prop_assert!(amount.minor() > 0 && amount.minor() <= left);
            }
            // No older charge is ever promoted, whatever became of the latest.
            let granted = verdict.decision.refund_amount().is_some();
            let late = verdict.code == Code::ChargedAfterRequest;
            prop_assert!(!granted || late || plan.latest_charges.contains(&verdict.charge));
        }
        if reversed {
            world.facts.charges.reverse();
        }
        prop_assert_eq!(plan, world.plan());
    }
}
