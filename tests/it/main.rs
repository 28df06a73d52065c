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

/// Of the tests' PostgreSQL: many small databases at a time.
const SERVER_SETTINGS: &[(&str, &str)] = &[("shared_buffers", "32MB")];

mod account_page;
mod account_refunds;
mod adopted_cancellations;
mod adopted_refunds;
mod agreeing;
mod backlog;
mod bad_deliveries;
mod bad_weather;
mod breaks;
mod breaks_ended;
mod browser;
mod cancellation_requests;
mod cancellation_stops;
mod cancellations;
mod cluster;
mod command_line;
mod company;
mod concurrency;
mod config;
mod config_books;
mod config_errors;
mod config_reconciliation;
mod database;
mod described;
mod disputes;
mod event_orders;
mod exports;
mod exports_books;
mod exports_snapshots;
mod exports_under_load;
mod exports_vouchers;
mod failed_refunds;
mod faults_calls;
mod faults_cluster;
mod faults_gateway;
mod forgotten_bodies;
mod healthcheck;
mod histories;
mod http_api;
mod http_cancellations;
mod http_description;
mod http_errors;
mod http_metrics;
mod http_repeats;
mod http_undo;
mod http_webhooks;
mod imports;
mod inbox;
mod itemise;
mod lanes;
mod late_renewals;
mod leaks;
mod ledger_inserts;
mod ledger_triggers;
mod links;
mod merchant;
mod metrics;
mod money_operations;
mod month_end;
mod outside;
mod overload;
mod payouts;
mod pictures;
mod plain_rows;
mod plans;
mod races_dashboard;
mod races_disputes;
mod races_driver;
mod races_invoices;
mod races_pauses;
mod races_renewals;
mod races_rules;
mod rebuild;
mod reconciliation;
mod reconciliation_served;
mod reports;
mod reports_served;
mod saga;
mod sealing;
mod serving;
mod shared_backlog;
mod sie;
mod stops_turned_off;
mod store_answers;
mod store_bundles;
mod store_checkpoints;
mod store_connections;
mod store_dictionaries;
mod store_disputes;
mod store_lines;
mod store_pages;
mod store_periods;
mod store_prepared;
mod store_reconciliation;
mod store_schema;
mod store_syncs;
mod store_tables;
mod store_transactions;
mod store_vouchers;
mod story;
mod stretches;
mod swarm;
mod sweep_cancellations;
mod sweep_driver;
mod sweep_refunds;
mod sync;
mod sync_breaks;
mod sync_command;
mod sync_sweep;
mod tally;
mod tampering;
mod tellings;
mod tidy;
mod undo;
mod undo_races;
mod unknown_refunds;
mod unprocessed;
mod waiting_refunds;
mod wire;
mod world;
