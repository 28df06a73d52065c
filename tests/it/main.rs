//! The outer tests: whole flows, on both databases, and the rules of the tree.
#![cfg(test)]

/// Runs each test on SQLite and on PostgreSQL. A test is a function over a world.
macro_rules! on_both_databases {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test(&mut crate::world::World::sqlite()); })*
        }
        mod postgres {
            $(#[test] fn $test() { super::$test(&mut crate::world::World::postgres()); })*
        }
    };
}

mod cancellations;
mod cluster;
mod config;
mod config_errors;
mod crash_recovery;
mod bad_deliveries;
mod event_orders;
mod lost_answers;
mod histories;
mod inbox;
mod story;
mod saga;
mod tidy;
mod world;
mod database;
mod ledger_inserts;
mod ledger_triggers;
mod tampering;
mod sealing;
mod store_tables;
mod store_schema;
