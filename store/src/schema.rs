//! The tables as diesel sees them: one description for both databases, a file for each migration's
//! subject, checked by a test that writes and reads every table on each.

mod access;
mod billing;
mod decisions;
mod inbox;
mod ledger;
mod periods;
mod provider_balance;
mod reconciliation;
mod syncing;
mod vouchers;

pub use access::{account_sessions, api_keys, idempotent_requests, leases, portal_sessions};
pub use billing::{
    charges, customers, deliveries, invoice_payments, invoice_subscriptions, invoices,
    subscriptions,
};
pub use decisions::{cancellations, mails, receipts, refunds, verdicts};
pub use inbox::{answers, event_bundles, events, unprocessed_events};
pub use ledger::{chain_head, daily_balances, effects, journals, postings, seals};
pub use periods::{closing_statements, closing_totals, period_events, recognised_revenue};
pub use provider_balance::{dispute_movements, disputes, payouts};
pub use reconciliation::{
    bank_lines, break_events, breaks, file_pieces, file_problems, match_runs, matches,
    payout_positions, provider_lines, reconciliations, statement_files, statement_holders,
};
pub use syncing::{sync_cursors, syncs};
pub use vouchers::{exported_vouchers, translated_balances};

diesel::allow_tables_to_appear_in_same_query!(
    bank_lines,
    break_events,
    breaks,
    cancellations,
    charges,
    customers,
    deliveries,
    dispute_movements,
    disputes,
    effects,
    invoice_payments,
    invoice_subscriptions,
    invoices,
    journals,
    match_runs,
    payouts,
    period_events,
    postings,
    provider_lines,
    recognised_revenue,
    refunds,
    seals,
    statement_files,
    subscriptions,
    verdicts
);

diesel::allow_tables_to_appear_in_same_query!(event_bundles, events, unprocessed_events);
