//! Every query that reads, with arguments of every shape that makes a statement of its own.

use super::{Call, calls};
use avstem::store::bulk::select;
use avstem::store::rows::{Made, Projected, Reported, ToCompare, Unreported};

const MADE: Made<'_> = Made {
    connection: "stripe",
    from: 1,
    to: 9,
    limit: 9,
};
const REPORTED: Reported<'_> = Reported {
    connection: Some("stripe"),
    days: ("2026-11-01", "2026-11-30"),
    instants: (1, 9),
};
const COMPARED: ToCompare<'static> = ToCompare {
    connection: "stripe",
    through: "2026-11-30",
    after: ("x", 1),
    until: 1_000,
    limit: 9,
};

const UNREPORTED: Unreported<'_> = Unreported {
    connection: "stripe",
    from: 1,
    to: 9,
    through: "2026-11-30",
    after: "x",
    limit: 9,
};

fn ids() -> Vec<String> {
    vec!["1".to_owned(), "2".to_owned()]
}

/// What is copied of the ledger.
pub fn copied() -> [String; 4] {
    [
        select::journals_after(1, 9),
        select::postings_between("1", "9", 9),
        select::effects_between("1", "9", 9),
        select::seals_after(1, 9),
    ]
}

pub const INBOX: &[Call] = calls! {
    events_waiting(1, None, 9);
    events_waiting(1, Some((1, "x")), 9);
    more_wait_than(9, 1, 9);
    events_by_ids(&ids());
    event_ids(None, "x", 9);
    event_ids(Some("failed"), "x", 9);
    find_event("1");
    list_events(None, None, None, None, 9);
    list_events(None, None, None, Some("x"), 9);
    list_events(None, Some("stripe"), None, Some("x"), 9);
    list_events(None, None, Some("charge.succeeded"), Some("x"), 9);
    list_events(Some("processed"), None, None, None, 9);
    list_events(Some("received"), None, None, Some("x"), 9);
    list_events(Some("failed"), None, None, Some("x"), 9);
    list_events(Some("ignored"), Some("stripe"), Some("charge.succeeded"), Some("x"), 9);
    count_events("failed");
    count_events("received");
    answers_after("x", 9);
    events_applied("x", 9);
    events_in_state("received", 9);
    bundles_needed(1);
    bundles_between("1", "9", 9);
    events_without_bytes(&ids());
    first_applied_without_bytes();
};

pub const BILLING: &[Call] = calls! {
    customers_by_provider_ids("stripe", &ids());
    customers_by_ids(&ids());
    subscriptions_by_provider_ids("stripe", &ids());
    subscriptions_by_ids(&ids());
    invoices_by_provider_ids("stripe", &ids());
    invoice_subscriptions_by_invoices("stripe", &ids());
    invoice_subscriptions_by_subscriptions("stripe", &ids());
    invoice_payments_by_payments("stripe", &ids());
    invoice_payments_by_invoices("stripe", &ids());
    charges_by_provider_ids("stripe", &ids());
    charges_by_payments("stripe", &ids());
    charges_by_invoices("stripe", &ids());
    charges_by_ids(&ids());
    charges_to_link(1, 9);
    refunds_by_provider_ids("stripe", &ids());
    refunds_by_ids(&ids());
    refunds_by_charges(&ids());
    deliveries_by_charges(&ids());
    disputes_by_charges(&ids());
    disputes_by_provider_ids("stripe", &ids());
    disputes_by_ids(&ids());
    movements_of_disputes(&ids());
    movements_by_provider_ids("stripe", &ids());
    movements_by_ids("stripe", &ids());
    payouts_by_provider_ids("stripe", &ids());
    payouts_to_itemise(1, 9);
    find_dispute("1");
    list_disputes(None, None, None, 9);
    list_disputes(Some("lost"), None, Some("x"), 9);
    list_disputes(None, Some("1"), Some("x"), 9);
    find_customer("1");
    list_customers(None, Some("x"), 9);
    list_customers(Some("kim@example.test"), Some("x"), 9);
    find_subscription("1");
    list_subscriptions(None, None, None, 9);
    list_subscriptions(Some("1"), None, Some("x"), 9);
    list_subscriptions(None, Some("active"), Some("x"), 9);
    list_subscriptions(Some("1"), Some("active"), Some("x"), 9);
    find_charge("1");
};

pub const DECISIONS: &[Call] = calls! {
    refunds_due(1, 9);
    refunds_of_cancellations(&ids());
    refund_by_request("1");
    find_refund("1");
    refunds_of_others("stripe", &ids());
    list_refunds(None, None, None, None, None, 9);
    list_refunds(Some("failed"), None, None, None, Some("x"), 9);
    list_refunds(None, None, None, Some(false), Some("x"), 9);
    list_refunds(None, Some(1), Some(9), None, Some("x"), 9);
    list_refunds(Some("failed"), Some(1), Some(9), None, Some("x"), 9);
    refunds_in_state("unknown", 9);
    cancellation_by_id("1");
    cancellations_by_ids(&ids());
    standing_cancellation("1");
    standing_cancellations(&ids());
    cancellations_of_subscriptions(&ids());
    cancellations_of_customer("1", 9);
    cancellations_due(1, 9);
    cancellations_in_state("attention", 9);
    list_cancellations(None, None, 9);
    list_cancellations(Some("attention"), Some("x"), 9);
    verdicts_of(&ids());
    receipts_of(&ids());
    mails_due(1, 9);
    mails_waiting(9);
};

pub const LEDGER: &[Call] = calls! {
    effects_of("stripe", &ids());
    effects_after(("stripe", "x", "x"), 9);
    effects_by_journals(&ids());
    journals_by_ids(&ids());
    journals_after(1, 9);
    journals_behind(1, 9);
    list_journals(None, None, None, None, 9);
    list_journals(Some("1"), None, None, Some(9), 9);
    list_journals(None, Some("2026-11-01"), Some("2026-11-30"), Some(9), 9);
    list_journals(Some("1"), Some("2026-11-01"), Some("2026-11-30"), Some(9), 9);
    journals_about(&ids(), None, None, Some(9), 9);
    journals_of("stripe", &ids());
    journals_of_references("stripe", &ids());
    journals_by_day((Some("2026-11-01"), Some("2026-11-30")), 9, ("2026-11-02", 1), 9);
    journal_at(1);
    postings_of(&ids());
    postings_between("1", "9", 9);
    effects_between("1", "9", 9);
    rows_booked();
    chain_head();
    chain_head_if_any();
    seals_after(1, 9);
    last_position();
    first_day_booked_after("2026-11-01");
    recognised_of_charges(&ids());
    recognised_in_journal("1");
    charges_recognised(1);
    charges_to_earn("2026-11", "x", 9);
    charges_earned_after("x", 9);
    daily_balances();
    last_period_event();
    period_events();
    closing_statement(1);
    closing_statements();
    closing_totals(1);
    voucher_batches();
    last_voucher_batch();
    translated_balances_before(9);
    orphan_postings("x", 9);
    orphan_effects("x", 9);
};

pub const ACCESS: &[Call] = calls! {
    api_key("1");
    list_api_keys();
    idempotent_request("1", "1");
    account_session("1");
};

pub const WHOLE: &[Call] = calls! {
    positions_between(None, None);
    positions_between(Some("2026-11-01"), Some("2026-11-30"));
    charges_after(Some(1), Some(9), "x", 9);
    subscriptions_after(Some(1), Some(9), "x", 9);
    refunds_after(Some(1), Some(9), "x", 9);
    verdicts_after(Some(1), Some(9), ("x", 1), 9);
    payouts_after(Some(1), Some(9), ("x", "x"), 9);
    our_refunds_after("x", 9);
    our_cancellations_after("x", 9);
    deliveries_after("x", 9);
    next_connection(Projected::Customers, "x");
    next_connection(Projected::Journals, "x");
    next_connection(Projected::OtherRefunds, "x");
    keys_after(Projected::Customers, "stripe", "x", 9);
    keys_after(Projected::Subscriptions, "stripe", "x", 9);
    keys_after(Projected::Invoices, "stripe", "x", 9);
    keys_after(Projected::InvoiceSubscriptions, "stripe", "x", 9);
    keys_after(Projected::InvoicePayments, "stripe", "x", 9);
    keys_after(Projected::Charges, "stripe", "x", 9);
    keys_after(Projected::OurRefunds, "stripe", "x", 9);
    keys_after(Projected::OtherRefunds, "stripe", "x", 9);
    keys_after(Projected::Disputes, "stripe", "x", 9);
    keys_after(Projected::DisputeMovements, "stripe", "x", 9);
    keys_after(Projected::Payouts, "stripe", "x", 9);
    keys_after(Projected::Journals, "stripe", "x", 9);
    subscriptions_made(MADE);
    charges_made(MADE);
    refunds_made(MADE);
    disputes_made(MADE);
    payouts_made(MADE);
    others_refunds_after("stripe", "x", 9);
    stops_after("stripe", "x", 9);
    sync_run("stripe");
    sync_cursors("stripe");
    money_moved(REPORTED);
    verdict_sums(REPORTED);
    refund_sums(REPORTED);
    deferred_charges(Some("stripe"), "x", 9);
};

pub const RECONCILIATION: &[Call] = calls! {
    file_by_hash("bank", "1", "1");
    statement_file("1");
    statement_files_of("bank");
    unfinished_files();
    file_piece("1", 1);
    problems_of_file("1", 9);
    holders_of("bank", "1");
    charge_lines_to_post("stripe", 1, 9);
    booked_charges("stripe", &["1", "2"]);
    lines_to_compare(COMPARED);
    lines_about_nothing(COMPARED);
    charges_to_compare("stripe", "x", 9);
    sources_by_seqs("stripe", &[1, 2]);
    match_runs("stripe");
    sources_told("stripe", &["1", "2"]);
    last_line_seq();
    lines_by_seqs(&[1, 2]);
    provider_lines_by_ids("stripe", &ids());
    lines_by_sources("stripe", &ids());
    lines_by_charges("stripe", &ids());
    sources_in_suspense("stripe", &ids());
    lines_to_post("stripe", 9);
    lines_posted("stripe", 1, 9);
    first_line_at("stripe");
    provider_totals("stripe", "2026-11-30", 1_000);
    payout_traces("stripe");
    bank_lines_by_ids("1", &ids());
    bank_lines_to_judge("2026-11-01", "2026-11-30");
    last_bank_day();
    bank_lines_standing("open", "2026-11-30");
    payout_positions_by_ids("stripe", &ids());
    payout_positions_of("stripe");
    payouts_of("stripe");
    charges_unreported(UNREPORTED);
    charges_unreported_of(UNREPORTED, &ids());
    refunds_unreported(UNREPORTED);
    movements_unreported(UNREPORTED);
    breaks_by_subjects(&ids());
    find_break("1");
    list_breaks(None, None, None, 9);
    list_breaks(Some("open"), None, Some("x"), 9);
    list_breaks(Some("open"), Some("fee_difference"), Some("x"), 9);
    has_breaks("stripe", "fee_difference");
    open_breaks(None);
    open_breaks(Some("stripe"));
    events_of_break("1");
    bank_totals("stripe", "2026-11-30");
    find_reconciliation("1");
    last_reconciliation();
    breaks_after(Some("open"), Some("stripe"), (Some("2026-11-01"), None), "x", 9);
    reconciliation_covering(Some("stripe"), Some("2026-11-30"));
};
