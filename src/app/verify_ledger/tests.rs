//! Books that were tampered with, each in one way. The database refuses most of this; whoever can
//! switch its triggers off can do it all the same.

use super::met::{Later, Sealing, Walked};
use super::*;
use crate::app::seal_ledger::next_seal;
use crate::store::bulk::views::{EffectView, Viewed};
use crate::store::rows::{ChainHead, DailyBalance, Effect, Journal, Posting, Seal};
use avstem_domain::id::JournalId;
use avstem_domain::ledger::chain::GENESIS;
use std::collections::VecDeque;
use uuid::Uuid;

/// Rows as the tables hold them.
#[derive(Clone)]
struct Books {
    journals: Vec<Journal>,
    postings: Vec<Posting>,
    effects: Vec<Effect>,
    seals: Vec<Seal>,
    head: Option<ChainHead>,
    balances: Vec<DailyBalance>,
}

fn journal(number: u128) -> Journal {
    Journal {
        position: i64::try_from(number).unwrap(),
        id: JournalId::from_uuid(Uuid::from_u128(number)).to_string(),
        connection: "stripe".to_owned(),
        event: "charge_succeeded".to_owned(),
        reference: format!("ch_{number}"),
        description: format!("Charge {number} succeeded"),
        booked_on: "2026-11-22".to_owned(),
        occurred_at: 1_000_000,
        recorded_at: 2_000_000,
    }
}

fn posting(journal: &Journal, line: i64, account: &str, amount: i64) -> Posting {
    Posting {
        journal_id: journal.id.clone(),
        line,
        account: account.to_owned(),
        amount,
        currency: "SEK".to_owned(),
    }
}

/// Five journals, of which three are sealed.
fn books() -> Books {
    let journals: Vec<Journal> = (1..=5).map(journal).collect();
    let mut head = ChainHead {
        id: 1,
        count: 0,
        position: 0,
        hash: GENESIS.to_string(),
        sealed_at: 0,
    };
    let (mut postings, mut seals) = (Vec::new(), Vec::new());
    for journal in &journals {
        let amount = 100 * journal.position;
        postings.push(posting(journal, 1, "assets:provider:stripe", amount));
        postings.push(posting(journal, 2, "income:orders", -amount));
        if journal.position <= 3 {
            let seal = next_seal(&head, journal, &postings[postings.len() - 2..]).unwrap();
            head = ChainHead {
                count: seal.seq,
                position: seal.position,
                hash: seal.hash.clone(),
                ..head
            };
            seals.push(seal);
        }
    }
    let effect = |journal: &Journal| Effect {
        connection: journal.connection.clone(),
        object: journal.reference.clone(),
        effect: journal.event.clone(),
        journal_id: journal.id.clone(),
        recorded_at: journal.recorded_at,
    };
    let effects = journals.iter().map(effect).collect();
    let balance = |account: &str, amount| DailyBalance {
        booked_on: "2026-11-22".to_owned(),
        account: account.to_owned(),
        currency: "SEK".to_owned(),
        amount,
    };
    let balances = vec![
        balance("assets:provider:stripe", 600),
        balance("income:orders", -600),
    ];
    Books {
        journals,
        postings,
        effects,
        seals,
        head: Some(head),
        balances,
    }
}

fn effect_view(effect: &Effect) -> EffectView<'_> {
    EffectView {
        journal_id: &effect.journal_id,
        connection: &effect.connection,
        object: &effect.object,
        effect: &effect.effect,
    }
}

/// What the audit finds, as the walk of [`verify`] does it, and what it looked at.
fn audited(books: &Books) -> (Vec<&'static str>, Counts) {
    let mut audit = Audit::new(books.head.clone());
    let mut seals: VecDeque<Seal> = books.seals.iter().cloned().collect();
    for journal in &books.journals {
        let lines = books.postings.iter().filter(|p| p.journal_id == journal.id);
        let done = books.effects.iter().filter(|e| e.journal_id == journal.id);
        while seals
            .front()
            .is_some_and(|seal| seal.position < journal.position)
        {
            audit.seal_without_journal(&seals.pop_front().unwrap());
        }
        let sealing = match seals.front().map(|seal| seal.position) {
            Some(at) if at == journal.position => Sealing::By(seals.pop_front().unwrap()),
            Some(_) => Sealing::None(Later::Sealed),
            None => Sealing::None(Later::NotSealed),
        };
        audit.journal(&Walked {
            journal: journal.view(),
            lines: lines.map(Viewed::view).collect(),
            effects: done.map(effect_view).collect(),
            sealing,
        });
    }
    for seal in seals {
        audit.seal_without_journal(&seal);
    }
    audit.head();
    audit.balances(books.balances.clone());
    (
        audit.findings.iter().map(Finding::code).collect(),
        audit.counts,
    )
}

/// What the audit finds after `tamper`.
fn found(tamper: impl FnOnce(&mut Books)) -> Vec<&'static str> {
    let mut books = books();
    tamper(&mut books);
    audited(&books).0
}

#[test]
fn whole_books_are_found_whole() {
    let (findings, counts) = audited(&books());
    assert_eq!(findings, Vec::<&str>::new());
    assert_eq!(
        counts,
        Counts {
            journals: 5,
            postings: 10,
            effects: 5,
            sealed: 3
        }
    );
}

#[test]
fn any_change_to_a_sealed_journal_is_found_where_it_is() {
    assert_eq!(
        found(|b| b.journals[1].description.push('!')),
        ["hash_differs"]
    );
    assert_eq!(found(|b| b.journals[1].occurred_at += 1), ["hash_differs"]);
    assert_eq!(found(|b| b.journals[1].recorded_at += 1), ["hash_differs"]);
    assert_eq!(found(|b| b.postings.swap(2, 3)), ["hash_differs"]);
    assert_eq!(
        found(|b| b.postings[3].account = "income:refunds".to_owned()),
        ["hash_differs", "balance_differs", "balance_differs"]
    );
}

#[test]
fn swapping_two_journals_is_found() {
    let swap = |what: fn(&mut Journal) -> &mut String| {
        found(move |b| {
            let (left, right) = b.journals.split_at_mut(1);
            std::mem::swap(what(&mut left[0]), what(&mut right[0]));
        })
    };
    assert!(swap(|journal| &mut journal.id).contains(&"seal_of_another"));
    assert_eq!(
        swap(|journal| &mut journal.description),
        ["hash_differs", "hash_differs"]
    );
    assert!(swap(|journal| &mut journal.reference).contains(&"hash_differs"));
    let postings = found(|b| {
        for posting in &mut b.postings[..4] {
            let other = if posting.journal_id == b.journals[0].id {
                1
            } else {
                0
            };
            posting.journal_id = b.journals[other].id.clone();
        }
    });
    assert_eq!(postings, ["hash_differs", "hash_differs"]);
}

#[test]
fn swapping_two_journals_before_they_are_sealed_is_found_by_their_effects() {
    let ids = found(|b| {
        let (left, right) = b.journals.split_at_mut(4);
        std::mem::swap(&mut left[3].id, &mut right[0].id);
    });
    assert_eq!(ids, ["effect_differs", "effect_differs"]);
}

#[test]
fn journals_that_are_gone_are_found_sealed_or_not() {
    assert_eq!(
        found(|b| drop(b.journals.remove(1))),
        [
            "sealed_journal_missing",
            "balance_differs",
            "balance_differs"
        ]
    );
    let deleted_with_its_seal = found(|b| {
        b.journals.remove(2);
        b.seals.remove(2);
    });
    assert_eq!(
        deleted_with_its_seal,
        [
            "head_differs",
            "head_differs",
            "head_differs",
            "balance_differs",
            "balance_differs"
        ]
    );
}

#[test]
fn seals_that_are_gone_or_changed_are_found() {
    assert_eq!(
        found(|b| drop(b.seals.remove(1))),
        [
            "not_sealed",
            "seals_broken",
            "hash_differs",
            "head_differs",
            "balance_differs",
            "balance_differs"
        ]
    );
    // No later journal has a seal, but the head says that this one had.
    assert_eq!(found(|b| drop(b.seals.pop()))[0], "not_sealed");
    // The changed seal, and the next, which is chained to what it was.
    assert_eq!(
        found(|b| b.seals[1].hash = "0".repeat(64)),
        ["hash_differs", "hash_differs"]
    );
    assert_eq!(
        found(|b| b.seals[2].hash = "x".repeat(64)),
        ["unreadable_seal", "head_differs"]
    );
    assert_eq!(found(|b| b.head = None), ["head_missing"]);
}

#[test]
fn a_journal_slipped_in_before_the_head_is_found() {
    let slipped_in = found(|b| b.seals[2].position = 4);
    assert!(slipped_in.contains(&"not_sealed"), "{slipped_in:?}");
}

#[test]
fn postings_that_do_not_balance_or_cannot_be_read_are_found() {
    assert_eq!(found(|b| b.postings[9].amount -= 1), ["unbalanced"]);
    assert_eq!(
        found(|b| b.postings[9].currency = "EUR".to_owned()),
        ["unbalanced", "unbalanced"]
    );
    assert_eq!(found(|b| b.postings.truncate(8)), ["too_few_postings"]);
    assert_eq!(
        found(|b| b.postings[9].account = "income:gifts".to_owned()),
        ["unknown_account"]
    );
    let unknown = found(|b| {
        b.postings[8..]
            .iter_mut()
            .for_each(|p| p.currency = "XQX".to_owned())
    });
    assert_eq!(unknown, ["unknown_currency", "unknown_currency"]);
}

#[test]
fn a_journal_that_cannot_be_read_is_a_finding_and_the_audit_goes_on() {
    assert_eq!(
        found(|b| b.journals[3].booked_on = "2026-02-30".to_owned()),
        ["unreadable_journal"]
    );
    assert_eq!(
        found(|b| b.journals[3].occurred_at = -1),
        ["unreadable_journal"]
    );
    let capitals = found(|b| b.journals[4].id = b.journals[4].id.replace("avjrn_", "avjrn_A"));
    assert!(capitals.contains(&"unreadable_journal"), "{capitals:?}");
}

#[test]
fn effects_and_journals_are_compared_both_ways() {
    assert_eq!(
        found(|b| drop(b.effects.remove(4))),
        ["journal_without_effect"]
    );
    assert_eq!(
        found(|b| b.effects[4].journal_id = b.journals[3].id.clone()),
        ["several_effects", "journal_without_effect"]
    );
    assert_eq!(
        found(|b| b.effects[4].object = "ch_9".to_owned()),
        ["effect_differs"]
    );
    assert_eq!(
        found(|b| b.effects[4].effect = "charge_succeeded/2".to_owned()),
        Vec::<&str>::new()
    );
    assert_eq!(
        found(|b| b.effects[4].effect = "refund_decided".to_owned()),
        ["effect_differs"]
    );
}

#[test]
fn cached_balances_are_compared_with_their_postings() {
    assert_eq!(found(|b| b.balances[0].amount += 1), ["balance_differs"]);
    assert_eq!(found(|b| drop(b.balances.remove(0))), ["balance_differs"]);
    // Nothing was posted there, and nothing is what the row says.
    let zero = found(|b| {
        let row = DailyBalance {
            account: "income:refunds".to_owned(),
            amount: 0,
            ..b.balances[0].clone()
        };
        b.balances.push(row);
    });
    assert_eq!(zero, Vec::<&str>::new());
}

#[test]
fn findings_are_listed_up_to_a_bound_and_all_counted() {
    let mut audit = Audit::new(None);
    for _ in 0..audit::FINDINGS_MAX {
        audit.found(Finding::HeadMissing);
    }
    assert_eq!(audit.findings.len(), audit::FINDINGS_MAX);
    assert_eq!(
        audit.findings_total,
        u64::try_from(audit::FINDINGS_MAX).unwrap() + 1
    );
}
