//! Somebody who owns the database switches its triggers off and changes the books. The audit finds it.

mod changes;

use crate::database::LEDGER;
use crate::world::World;
use avstem::app::verify_ledger::Verification;
use avstem::app::verify_ledger::finding::Finding;
use avstem::app::{seal_ledger, verify_ledger};
use changes::{ADDED, AMOUNTS, CHAIN, GONE, SWAPPED, TEXTS, Tampering};
use std::collections::BTreeSet;

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
            world
                .execute(&format!(
                    "CREATE TABLE kept_{table} AS SELECT * FROM {table}"
                ))
                .unwrap();
        }
        let sealed = world.lines("SELECT journal_id AS line FROM seals ORDER BY seq");
        let rest = "SELECT id AS line FROM journals WHERE id NOT IN (SELECT journal_id FROM seals) ORDER BY position";
        let rest = world.lines(rest);
        assert!(
            sealed.len() >= 4 && rest.len() >= 2,
            "{} sealed, {} not",
            sealed.len(),
            rest.len()
        );
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
        let all = if self.world.is_postgres() {
            sql.to_owned()
        } else {
            format!("PRAGMA foreign_keys = OFF; {sql}")
        };
        self.world
            .execute(&all)
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    fn written_out(&self, sql: &str) -> String {
        let mut sql = sql.to_owned();
        for (name, id) in &self.ids {
            let forget = format!(
                "DELETE FROM postings WHERE journal_id = '{id}'; DELETE FROM journals WHERE id = '{id}'"
            );
            sql = sql
                .replace(&format!("{{forget {name}}}"), &forget)
                .replace(&format!("{{{name}}}"), id);
        }
        for position in ["900", "-900"] {
            let id = &self
                .ids
                .iter()
                .find(|(name, _)| *name == "added")
                .unwrap()
                .1;
            let add = format!(
                "INSERT INTO postings VALUES ('{id}', 1, 'assets:suspense', 5, 'SEK'), ('{id}', 2, 'assets:suspense', -5, 'SEK'); \
                 INSERT INTO journals VALUES ({position}, '{id}', 'stripe', 'e', 'r', 'd', '2026-11-22', 1, 1)"
            );
            sql = sql.replace(&format!("{{add {position}}}"), &add);
        }
        sql
    }

    fn put_back(&self) {
        let all = LEDGER.map(|table| {
            format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_{table}")
        });
        self.execute(&all.join("; "));
    }

    /// The codes of everything the audit finds, which are the same wherever one part ends and the next begins.
    fn found(&self) -> BTreeSet<&'static str> {
        let found = |verification: Verification| -> BTreeSet<&'static str> {
            verification.findings.iter().map(Finding::code).collect()
        };
        let app = &self.world.app;
        let whole = found(verify_ledger::verify(app, &mut |_| {}).unwrap());
        for seals_each in [1, 2, 3] {
            let in_parts = verify_ledger::verify_by(app, seals_each, &mut |_| {}).unwrap();
            assert_eq!(found(in_parts), whole, "in parts of {seals_each}");
        }
        whole
    }
}

/// Tries each change on books that are whole before and after.
fn each_is_found(world: &World, changes: &[Tampering]) {
    let books = Books::unprotected(world);
    assert_eq!(books.found(), BTreeSet::new(), "untouched books");
    for (what, sql, codes) in changes {
        let sql = books.written_out(sql);
        books.execute(&sql);
        assert_eq!(
            books.found(),
            codes.iter().copied().collect(),
            "{what}\n{sql}"
        );
        books.put_back();
        assert_eq!(
            books.found(),
            BTreeSet::new(),
            "books put back after: {what}"
        );
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
