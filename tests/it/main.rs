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

mod cancellation_requests;
mod cancellation_stops;
mod cancellations;
mod cluster;
mod concurrency;
mod config;
mod config_errors;
mod crash_recovery;
mod bad_deliveries;
mod event_orders;
mod late_renewals;
mod lost_answers;
mod money_operations;
mod histories;
mod inbox;
mod story;
mod saga;
mod tidy;
mod unknown_refunds;
mod world;
mod database;
mod ledger_inserts;
mod ledger_triggers;
mod tampering;
mod sealing;
mod store_tables;
mod store_schema;
mod store_transactions;
mod plain_rows;
mod account_page;
mod browser;
mod command_line;
mod company;
mod exports;
mod http_api;
mod http_cancellations;
mod http_errors;
mod http_repeats;
mod http_webhooks;
mod leaks;
mod serving;
mod wire;
