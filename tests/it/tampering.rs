//! Somebody who owns the database switches its triggers off and changes the books. The audit finds it.

use crate::database::LEDGER;
use crate::world::World;
use avstem::app::{seal_ledger, verify_ledger};
use std::collections::BTreeSet;

/// What was done, in SQL, and the codes of all that the audit finds. `{first}`, `{second}` and `{last}`
/// are ids of sealed journals, `{unsealed}` and `{newest}` of those that are not sealed yet.
type Tampering = (&'static str, &'static str, &'static [&'static str]);

const AMOUNTS: &[Tampering] = &[
    (
        "one amount of a sealed journal",
        "UPDATE postings SET amount = amount + 1 WHERE journal_id = '{second}' AND line = 1",
        &["balance_differs", "hash_differs", "unbalanced"],
    ),
    (
        "one amount of a journal that is not sealed",
        "UPDATE postings SET amount = amount + 1 WHERE journal_id = '{newest}' AND line = 1",
        &["unbalanced"],
    ),
    (
        "an amount and its counter-postings",
        "UPDATE postings SET amount = amount * 2 WHERE journal_id = '{second}'",
        &["balance_differs", "hash_differs"],
    ),
    (
        "a currency of all postings",
        "UPDATE postings SET currency = 'EUR' WHERE journal_id = '{second}'",
        &["balance_differs", "hash_differs"],
    ),
    (
        "an account",
        "UPDATE postings SET account = 'assets:suspense' WHERE journal_id = '{second}' AND line = 1",
        &["balance_differs", "hash_differs"],
    ),
    (
        "an account that is none",
        "UPDATE postings SET account = 'income:gifts' WHERE journal_id = '{newest}' AND line = 1",
        &["unknown_account"],
    ),
    ("the order of lines", "UPDATE postings SET line = 10 - line WHERE journal_id = '{second}'", &["hash_differs"]),
    ("a posting that is gone", "DELETE FROM postings WHERE journal_id = '{newest}' AND line = 1", &["unbalanced"]),
    ("all postings that are gone", "DELETE FROM postings WHERE journal_id = '{newest}'", &["too_few_postings"]),
    (
        "postings of no journal",
        "INSERT INTO postings VALUES ('avjrn_none', 1, 'assets:suspense', 5, 'SEK')",
        &["orphan_postings"],
    ),
];

const GONE: &[Tampering] = &[
    (
        "the last sealed journal",
        "{forget last}",
        &["balance_differs", "effect_without_journal", "sealed_journal_missing"],
    ),
    (
        "the last sealed journal and its effect",
        "{forget last}; DELETE FROM effects WHERE journal_id = '{last}'",
        &["balance_differs", "sealed_journal_missing"],
    ),
    ("the newest journal, before it was sealed", "{forget newest}", &["effect_without_journal"]),
    (
        "a journal in the middle",
        "{forget second}; DELETE FROM effects WHERE journal_id = '{second}'",
        &["balance_differs", "sealed_journal_missing"],
    ),
    (
        "a journal in the middle and its seal",
        "{forget second}; DELETE FROM effects WHERE journal_id = '{second}'; DELETE FROM seals WHERE journal_id = '{second}'",
        &["balance_differs", "hash_differs", "head_differs", "seals_broken"],
    ),
    (
        "the first journal",
        "{forget first}; DELETE FROM effects WHERE journal_id = '{first}'",
        &["balance_differs", "sealed_journal_missing"],
    ),
    (
        "every journal",
        "DELETE FROM journals; DELETE FROM postings; DELETE FROM effects",
        &["balance_differs", "sealed_journal_missing"],
    ),
    (
        "every journal and seal",
        "DELETE FROM journals; DELETE FROM postings; DELETE FROM effects; DELETE FROM seals",
        &["balance_differs", "head_differs"],
    ),
];

const SWAPPED: &[Tampering] = &[
    (
        "the ids of two journals",
        "UPDATE journals SET id = 'x' WHERE id = '{first}'; UPDATE journals SET id = '{first}' WHERE id = '{last}'; \
         UPDATE journals SET id = '{last}' WHERE id = 'x'",
        &["balance_differs", "effect_differs", "hash_differs", "seal_of_another"],
    ),
    (
        "the ids of two journals that are not sealed",
        "UPDATE journals SET id = 'x' WHERE id = '{unsealed}'; UPDATE journals SET id = '{unsealed}' WHERE id = '{newest}'; \
         UPDATE journals SET id = '{newest}' WHERE id = 'x'",
        &["effect_differs"],
    ),
    (
        "the positions of two journals",
        "UPDATE journals SET position = -position WHERE id IN ('{first}', '{last}'); \
         UPDATE journals SET position = (SELECT position FROM seals WHERE journal_id = '{last}') WHERE id = '{first}'; \
         UPDATE journals SET position = (SELECT position FROM seals WHERE journal_id = '{first}') WHERE id = '{last}'",
        &["hash_differs", "seal_of_another"],
    ),
    (
        "the descriptions of two journals",
        "UPDATE journals SET description = (SELECT description FROM journals AS other WHERE other.id = '{last}') WHERE id = '{first}'; \
         UPDATE journals SET description = (SELECT description FROM kept_journals AS other WHERE other.id = '{first}') WHERE id = '{last}'",
        &["hash_differs"],
    ),
    (
        "the postings of two journals",
        "UPDATE postings SET journal_id = 'x' WHERE journal_id = '{first}'; \
         UPDATE postings SET journal_id = '{first}' WHERE journal_id = '{last}'; \
         UPDATE postings SET journal_id = '{last}' WHERE journal_id = 'x'",
        &["balance_differs", "hash_differs"],
    ),
    (
        "the effects of two journals",
        "UPDATE effects SET journal_id = 'x' WHERE journal_id = '{first}'; \
         UPDATE effects SET journal_id = '{first}' WHERE journal_id = '{newest}'; \
         UPDATE effects SET journal_id = '{newest}' WHERE journal_id = 'x'",
        &["effect_differs"],
    ),
];

const TEXTS: &[Tampering] = &[
    (
        "a reference, sealed",
        "UPDATE journals SET reference = 'ch_other' WHERE id = '{second}'",
        &["effect_differs", "hash_differs"],
    ),
    ("a reference", "UPDATE journals SET reference = 'ch_other' WHERE id = '{newest}'", &["effect_differs"]),
    ("a connection", "UPDATE journals SET connection = 'another' WHERE id = '{second}'", &["effect_differs"]),
    (
        "a letter from one text to the next",
        "UPDATE journals SET reference = reference || substr(description, 1, 1), description = substr(description, 2) \
         WHERE id = '{second}'",
        &["effect_differs", "hash_differs"],
    ),
    ("a description", "UPDATE journals SET description = description || ' ' WHERE id = '{second}'", &["hash_differs"]),
    (
        "a booked day",
        "UPDATE journals SET booked_on = '2020-01-01' WHERE id = '{second}'",
        &["balance_differs", "hash_differs"],
    ),
    ("a time", "UPDATE journals SET occurred_at = occurred_at + 1 WHERE id = '{second}'", &["hash_differs"]),
    ("a time of writing", "UPDATE journals SET recorded_at = recorded_at + 1 WHERE id = '{second}'", &["hash_differs"]),
    ("an impossible time", "UPDATE journals SET occurred_at = -1 WHERE id = '{newest}'", &["unreadable_journal"]),
];

const ADDED: &[Tampering] = &[
    ("a journal of no effect", "{add 900}", &["journal_without_effect"]),
    ("a journal before all others", "{add -900}", &["journal_without_effect", "not_sealed"]),
    (
        "a journal with an effect, before all others",
        "{add -900}; INSERT INTO effects VALUES ('stripe', 'r', 'e', '{added}', 1)",
        &["not_sealed"],
    ),
    ("an effect that is gone", "DELETE FROM effects WHERE journal_id = '{newest}'", &["journal_without_effect"]),
    (
        "an effect without a journal",
        "INSERT INTO effects VALUES ('stripe', 'ch_1', 'charge_succeeded', 'avjrn_none', 1)",
        &["effect_without_journal"],
    ),
    ("an effect of another object", "UPDATE effects SET object = 'ch_other' WHERE journal_id = '{newest}'", &["effect_differs"]),
];

const CHAIN: &[Tampering] = &[
    (
        "the hash of a seal",
        "UPDATE seals SET hash = (SELECT hash FROM chain_head) WHERE journal_id = '{second}'",
        &["hash_differs"],
    ),
    (
        "the hashes of two seals",
        "UPDATE seals SET hash = (SELECT hash FROM kept_seals AS other WHERE other.journal_id = '{last}') WHERE journal_id = '{first}'; \
         UPDATE seals SET hash = (SELECT hash FROM kept_seals AS other WHERE other.journal_id = '{first}') WHERE journal_id = '{last}'",
        &["hash_differs", "head_differs"],
    ),
    ("the last seal", "DELETE FROM seals WHERE journal_id = '{last}'", &["balance_differs", "head_differs", "not_sealed"]),
    (
        "the last seal, with the head set back to fit",
        "DELETE FROM seals WHERE journal_id = '{last}'; UPDATE chain_head SET (count, position, hash) = \
         (SELECT seq, position, hash FROM seals ORDER BY seq DESC LIMIT 1)",
        &["balance_differs"],
    ),
    (
        "the whole chain, with a head at its beginning",
        "DELETE FROM seals; UPDATE chain_head SET count = 0, position = 0, \
         hash = '0000000000000000000000000000000000000000000000000000000000000000'",
        &["balance_differs"],
    ),
    ("the head's hash", "UPDATE chain_head SET hash = (SELECT hash FROM seals WHERE seq = 1)", &["head_differs"]),
    ("the head's count", "UPDATE chain_head SET count = count + 1", &["head_differs"]),
    ("the head", "DELETE FROM chain_head", &["head_missing"]),
    (
        "a cached balance",
        "UPDATE daily_balances SET amount = amount + 1 WHERE account = 'assets:provider:stripe'",
        &["balance_differs"],
    ),
    ("all cached balances", "DELETE FROM daily_balances", &["balance_differs"]),
    (
        "a cached balance of nothing",
        "INSERT INTO daily_balances VALUES ('2026-11-22', 'assets:suspense', 'SEK', 1)",
        &["balance_differs"],
    ),
];

/// Two subscriptions: the first one's history is sealed, the second one's is not yet.
struct Books<'a> {
    world: &'a World,
    ids: Vec<(&'static str, String)>,
}

impl<'a> Books<'a> {
    fn unprotected(world: &'a World) -> Self {
        let (_, subscription) = world.subscribe();
        world.pass_days(35);
        world.deliver();
        let cancellation = world.cancel(&subscription);
        world.work(2).unwrap();
        world.deliver();
        assert_eq!(world.view(&cancellation).row.state, "completed");
        seal_ledger::seal(&world.app, "test").unwrap();
        world.subscribe();
        world.pass_days(35);
        world.deliver();

        world.switch_triggers_off(&LEDGER);
        for table in LEDGER {
            world.execute(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).unwrap();
        }
        let sealed = world.lines("SELECT journal_id AS line FROM seals ORDER BY seq");
        let rest = "SELECT id AS line FROM journals WHERE id NOT IN (SELECT journal_id FROM seals) ORDER BY position";
        let rest = world.lines(rest);
        assert!(sealed.len() >= 4 && rest.len() >= 2, "{} sealed, {} not", sealed.len(), rest.len());
        let ids = vec![
            ("first", sealed[0].clone()),
            ("second", sealed[1].clone()),
            ("last", sealed[sealed.len() - 1].clone()),
            ("unsealed", rest[0].clone()),
            ("newest", rest[rest.len() - 1].clone()),
            ("added", format!("avjrn_{}", "1".repeat(32))),
        ];
        Self { world, ids }
    }

    fn execute(&self, sql: &str) {
        let all = if self.world.is_postgres() { sql.to_owned() } else { format!("PRAGMA foreign_keys = OFF; {sql}") };
        self.world.execute(&all).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    fn written_out(&self, sql: &str) -> String {
        let mut sql = sql.to_owned();
        for (name, id) in &self.ids {
            let forget = format!("DELETE FROM postings WHERE journal_id = '{id}'; DELETE FROM journals WHERE id = '{id}'");
            sql = sql.replace(&format!("{{forget {name}}}"), &forget).replace(&format!("{{{name}}}"), id);
        }
        for position in ["900", "-900"] {
            let id = &self.ids.iter().find(|(name, _)| *name == "added").unwrap().1;
            let add = format!(
                "INSERT INTO postings VALUES ('{id}', 1, 'assets:suspense', 5, 'SEK'), ('{id}', 2, 'assets:suspense', -5, 'SEK'); \
                 INSERT INTO journals VALUES ({position}, '{id}', 'stripe', 'e', 'r', 'd', '2026-11-22', 1, 1)"
            );
            sql = sql.replace(&format!("{{add {position}}}"), &add);
        }
        sql
    }

    fn put_back(&self) {
        let all = LEDGER.map(|table| format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}"));
        self.execute(&all.join("; "));
    }

    /// The codes of everything the audit finds.
    fn found(&self) -> BTreeSet<&'static str> {
        let verification = verify_ledger::verify(&self.world.app, &mut |_| {}).unwrap();
        verification.findings.iter().map(verify_ledger::finding::Finding::code).collect()
    }
}

/// Tries each change on books that are whole before and after.
fn each_is_found(world: &World, changes: &[Tampering]) {
    let books = Books::unprotected(world);
    assert_eq!(books.found(), BTreeSet::new(), "untouched books");
    for (what, sql, codes) in changes {
        let sql = books.written_out(sql);
        books.execute(&sql);
        assert_eq!(books.found(), codes.iter().copied().collect(), "{what}\n{sql}");
        books.put_back();
        assert_eq!(books.found(), BTreeSet::new(), "books put back after: {what}");
    }
}

fn a_changed_posting_is_found(world: &mut World) {
    each_is_found(world, AMOUNTS);
}

fn a_journal_that_is_gone_is_found(world: &mut World) {
    each_is_found(world, GONE);
}

fn journals_that_were_swapped_are_found(world: &mut World) {
    each_is_found(world, SWAPPED);
}

fn a_changed_text_or_time_is_found(world: &mut World) {
    each_is_found(world, TEXTS);
}

fn a_journal_or_effect_too_many_or_too_few_is_found(world: &mut World) {
    each_is_found(world, ADDED);
}

fn a_changed_chain_or_cached_balance_is_found(world: &mut World) {
    each_is_found(world, CHAIN);
}

on_both_databases! {
    a_changed_posting_is_found,
    a_journal_that_is_gone_is_found,
    journals_that_were_swapped_are_found,
    a_changed_text_or_time_is_found,
    a_journal_or_effect_too_many_or_too_few_is_found,
    a_changed_chain_or_cached_balance_is_found,
}
