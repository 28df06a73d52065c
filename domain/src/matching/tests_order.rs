//! Whatever comes in, and in whatever order: the same comes out, and every line once.

use super::input::*;
use super::outcome::{Item, Outcome};
use super::tests::{day, entry, input, line, payout, record, rules, sek, told};
use super::{Rules, run};
use crate::id::ProviderChargeId;
use crate::statement::LineKind;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn lines() -> impl Strategy<Value = Vec<Line>> {
    let kind = prop_oneof![
        Just(LineKind::Charge),
        Just(LineKind::Refund),
        Just(LineKind::RefundFailure),
        Just(LineKind::Payout),
        Just(LineKind::Fee),
        Just(LineKind::DisputeWithdrawn),
        Just(LineKind::Adjustment),
        Just(LineKind::Memo("x".to_owned())),
    ];
    let one = (kind, -3i64..4, 0u32..4, any::<bool>());
    proptest::collection::vec(one, 0..12).prop_map(|drawn| {
        let numbered = drawn.into_iter().enumerate();
        let made = numbered.map(|(number, (kind, gross, source, opinion))| {
            let source = format!("{}{source}", object_of(&kind));
            Line {
                role: if opinion {
                    Role::Opinion
                } else {
                    Role::Movement
                },
                charge: ProviderChargeId::parse(&source).ok(),
                ..line(&format!("t{number}"), kind, gross * 100, &source)
            }
        });
        made.collect()
    })
}

/// Ids of objects of different kinds are different.
const fn object_of(kind: &LineKind) -> &'static str {
    match kind {
        LineKind::Refund | LineKind::RefundFailure => "re",
        LineKind::Payout | LineKind::PayoutReturned => "po",
        LineKind::Charge
        | LineKind::DisputeWithdrawn
        | LineKind::DisputeReinstated
        | LineKind::Fee
        | LineKind::ReserveHeld
        | LineKind::ReserveReleased
        | LineKind::Conversion
        | LineKind::TopUp
        | LineKind::Adjustment
        | LineKind::Memo(_)
        | LineKind::Other(_) => "ch",
    }
}

fn records() -> impl Strategy<Value = Vec<Record>> {
    let kind = prop_oneof![
        Just(RecordKind::Charge),
        Just(RecordKind::Refund),
        Just(RecordKind::Payout),
        Just(RecordKind::DisputeMovement { fee: 0 }),
    ];
    let state = prop_oneof![
        Just(RecordState::Moved),
        Just(RecordState::Unmoved),
        Just(RecordState::CameBack),
    ];
    let one = ((kind, 0u32..4), -3i64..4, state);
    proptest::collection::vec(one, 0..8).prop_map(|drawn| {
        let mut made: BTreeMap<(RecordKind, u32), Record> = BTreeMap::new();
        for ((kind, id), moves, state) in drawn {
            let id_text = match kind {
                RecordKind::DisputeMovement { .. } => format!("t{id}"),
                RecordKind::Charge => format!("ch{id}"),
                RecordKind::Refund => format!("re{id}"),
                RecordKind::Payout => format!("po{id}"),
            };
            let record = Record {
                state,
                ..record(&id_text, kind, moves * 100)
            };
            made.insert((kind, id), record);
        }
        made.into_values().collect()
    })
}

fn payouts() -> impl Strategy<Value = Vec<Payout>> {
    let one = (1i64..5, 1u32..9, any::<bool>(), any::<bool>());
    proptest::collection::vec(one, 0..7).prop_map(|drawn| {
        let numbered = drawn.into_iter().enumerate();
        let made = numbered.map(|(number, (amount, arrival, traced, back))| Payout {
            state: if back {
                PayoutState::CameBack
            } else {
                PayoutState::Sent
            },
            ..payout(
                &format!("po_{number}"),
                amount * 100,
                arrival,
                &if traced {
                    format!("TRACE{number}")
                } else {
                    String::new()
                },
            )
        });
        made.collect()
    })
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let words = prop_oneof![
        Just("STRIPE".to_owned()),
        Just("RENT".to_owned()),
        (0u32..7).prop_map(|number| format!("po_{number}")),
        (0u32..7).prop_map(|number| format!("STRIPE TRACE{number}")),
        (0u32..7, 0u32..7).prop_map(|(one, other)| format!("TRACE{one} TRACE{other}")),
    ];
    let one = (1i64..9, 1u32..20, words, proptest::option::of(1i64..3));
    proptest::collection::vec(one, 0..9).prop_map(|drawn| {
        let numbered = drawn.into_iter().enumerate();
        let made = numbered.map(|(number, (amount, on, words, charges))| Entry {
            charges: charges.map(|minor| sek(minor * 100)),
            ..entry(&format!("b{number}"), amount * 100, on, &words)
        });
        made.collect()
    })
}

fn everything() -> impl Strategy<Value = Input> {
    (lines(), records(), payouts(), entries()).prop_map(|(lines, records, payouts, entries)| {
        Input {
            lines,
            records,
            payouts,
            entries,
            ..input()
        }
    })
}

/// How often each line is told of; a bank line of several payouts once.
fn times_told(outcome: &Outcome) -> BTreeMap<Item, usize> {
    let mut items: Vec<Item> = outcome.matches.iter().map(|one| one.item.clone()).collect();
    items.sort();
    items.dedup();
    items.extend(outcome.findings.iter().map(|one| one.subject.clone()));
    items.extend(outcome.expected.iter().map(|one| one.subject.clone()));
    items.extend(outcome.unrelated.iter().cloned());
    let mut times = BTreeMap::new();
    for item in items {
        *times.entry(item).or_default() += 1;
    }
    times
}

fn reversed(input: &Input) -> Input {
    let mut turned = input.clone();
    turned.lines.reverse();
    turned.records.reverse();
    turned.payouts.reverse();
    turned.entries.reverse();
    turned
}

fn rotated(input: &Input, by: usize) -> Input {
    fn turn<T>(all: &mut [T], by: usize) {
        if !all.is_empty() {
            let by = by % all.len();
            all.rotate_left(by);
        }
    }
    let mut turned = input.clone();
    turn(&mut turned.lines, by);
    turn(&mut turned.records, by);
    turn(&mut turned.payouts, by);
    turn(&mut turned.entries, by);
    turned
}

proptest! {
    #[test]
    fn the_order_of_what_comes_in_does_not_matter(input in everything(), by in 0usize..12) {
        let outcome = told(&run(&input, rules(10)).unwrap());
        prop_assert_eq!(&told(&run(&reversed(&input), rules(10)).unwrap()), &outcome);
        prop_assert_eq!(&told(&run(&rotated(&input, by), rules(10)).unwrap()), &outcome);
    }

    #[test]
    fn every_line_is_told_of_exactly_once(input in everything()) {
        let outcome = run(&input, rules(10)).unwrap();
        let mut times = times_told(&outcome);
        for line in &input.lines {
            let item = Item::Line(line.connection.clone(), line.id.clone());
            prop_assert_eq!(times.remove(&item), Some(1), "{}", item);
        }
        for entry in &input.entries {
            let item = Item::Entry(entry.id.clone());
            prop_assert_eq!(times.remove(&item), Some(1), "{}", item);
        }
        // Payouts and records are told of at most once too.
        for (item, times) in times {
            prop_assert_eq!(times, 1, "{}", item);
        }
    }

    /// What is paired of a bank line is the bank line, and what is left of a payout is what did not come.
    #[test]
    fn no_minor_unit_of_the_bank_is_lost(input in everything()) {
        let outcome = run(&input, rules(10)).unwrap();
        for entry in &input.entries {
            let of_entry = |item: &Item| *item == Item::Entry(entry.id.clone());
            let paired: Vec<i64> = outcome
                .matches
                .iter()
                .filter(|one| of_entry(&one.item))
                .map(|one| one.amount.minor())
                .collect();
            if !paired.is_empty() {
                prop_assert_eq!(paired.iter().sum::<i64>(), entry.amount.minor());
            }
        }
    }

    /// A later day settles nothing by itself: it only turns what was expected into breaks.
    #[test]
    fn time_only_ages(input in everything()) {
        let early = run(&input, rules(10)).unwrap();
        let late = run(&input, Rules { through: day(31), ..rules(10) }).unwrap();
        prop_assert_eq!(&early.matches, &late.matches);
        let total = |outcome: &Outcome| outcome.findings.len() + outcome.expected.len();
        prop_assert_eq!(total(&early), total(&late));
        prop_assert!(early.findings.len() <= late.findings.len());
    }
}
