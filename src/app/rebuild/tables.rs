//! Every table of the database and every column of what is rebuilt: what is compared, and what is not
//! and why.

use super::super::Failure;
use super::adopted::Adopted;
use super::projection::{Cell, Line, Names, Parent, Projection, Written, projection};
use crate::store::ReadTx;
use crate::store::rows::{
    Charge, Customer, Dispute, DisputeMovement, Invoice, InvoicePayment, InvoiceSubscription,
    Payout, Projected, Refund, Subscription,
};

/// What a table is to a rebuild.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// What was told: rebuilt from.
    Source,
    /// What follows from what was told: rebuilt, and compared column by column.
    Rebuilt(&'static [(&'static str, Column)]),
    /// The ledger: rebuilt, and compared by its sums.
    Summed,
    /// What we decided or promised: primary, copied as far as it is needed.
    Decided,
    /// Follows from the journals alone: `avstem verify` checks it against them.
    FollowsFromJournals,
    /// How the service works: nothing that anybody told.
    Operating,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Key,
    Compared,
    LeftOut(&'static str),
}

/// By name. A test holds it against the tables that there are.
pub const TABLES: &[(&str, Table)] = &[
    ("account_sessions", Table::Operating),
    ("answers", Table::Source),
    ("api_keys", Table::Operating),
    ("bank_lines", Table::Source),
    ("break_events", Table::Decided),
    ("breaks", Table::Decided),
    // Of others; ours are decided.
    ("cancellations", Table::Rebuilt(Adopted::COLUMNS)),
    ("chain_head", Table::FollowsFromJournals),
    ("charges", Table::Rebuilt(Charges::COLUMNS)),
    ("closing_statements", Table::Decided),
    ("closing_totals", Table::Decided),
    ("customers", Table::Rebuilt(Customers::COLUMNS)),
    ("daily_balances", Table::FollowsFromJournals),
    ("deliveries", Table::Decided),
    (
        "dispute_movements",
        Table::Rebuilt(DisputeMovements::COLUMNS),
    ),
    ("disputes", Table::Rebuilt(Disputes::COLUMNS)),
    ("effects", Table::FollowsFromJournals),
    ("event_bundles", Table::Source),
    ("events", Table::Source),
    ("exported_vouchers", Table::Decided),
    ("file_pieces", Table::Source),
    ("file_problems", Table::Source),
    ("idempotent_requests", Table::Operating),
    ("invoice_payments", Table::Rebuilt(InvoicePayments::COLUMNS)),
    (
        "invoice_subscriptions",
        Table::Rebuilt(InvoiceSubscriptions::COLUMNS),
    ),
    ("invoices", Table::Rebuilt(Invoices::COLUMNS)),
    ("journals", Table::Summed),
    ("leases", Table::Operating),
    ("mails", Table::Operating),
    ("match_runs", Table::Decided),
    ("matches", Table::Decided),
    // What came to the bank was decided by matching; that there is a payout was told.
    ("payout_positions", Table::Decided),
    ("payouts", Table::Rebuilt(Payouts::COLUMNS)),
    ("period_events", Table::Decided),
    ("portal_sessions", Table::Operating),
    ("postings", Table::Summed),
    // Its lines are booked again; how they stand to others is decided.
    ("provider_lines", Table::Source),
    ("receipts", Table::Decided),
    // Copied: what charges have earned follows from it, and how refunds were booked.
    ("recognised_revenue", Table::Decided),
    ("reconciliations", Table::Decided),
    ("refunds", Table::Rebuilt(OurRefunds::COLUMNS)),
    ("refunds", Table::Rebuilt(OtherRefunds::COLUMNS)),
    ("seals", Table::FollowsFromJournals),
    ("statement_files", Table::Source),
    ("statement_holders", Table::Source),
    ("subscriptions", Table::Rebuilt(Subscriptions::COLUMNS)),
    ("sync_cursors", Table::Operating),
    ("syncs", Table::Operating),
    ("translated_balances", Table::Decided),
    // Follows the deliveries by itself.
    ("unprocessed_events", Table::Operating),
    ("verdicts", Table::Decided),
];

projection! {
    Customers of Customer in "customers", by Customers,
        read by |tx, connection, keys| Ok(tx.customers_by_provider_ids(connection, keys)?);
    key { connection, provider_id }
    compared { locale, status, version }
    personal { email, name }
    left out {
        id: "ours, given at random",
    }
}

projection! {
    Subscriptions of Subscription in "subscriptions", by Subscriptions,
        read by |tx, connection, keys| Ok(tx.subscriptions_by_provider_ids(connection, keys)?);
    key { connection, provider_id }
    compared {
        status, plan, price, currency, interval_unit, interval_count, period_start, period_end,
        trial_end, renewal, cancel_at, canceled_at, ended_at, created_at, version, seen_renewing_at,
    }
    through { customer_id: Customer }
    left out {
        id: "ours, given at random",
    }
}

projection! {
    Invoices of Invoice in "invoices", by Invoices,
        read by |tx, connection, keys| Ok(tx.invoices_by_provider_ids(connection, keys)?);
    key { connection, provider_id }
    compared {
        reason, status, period_start, period_end, total, tax, currency, paid_at, created_at,
        subscriptions, version,
    }
    left out {}
}

projection! {
    InvoiceSubscriptions of InvoiceSubscription in "invoice_subscriptions", by InvoiceSubscriptions,
        read by |tx, connection, keys| Ok(tx.invoice_subscriptions_by_invoices(connection, keys)?);
    key { connection, invoice, subscription }
    compared {}
    left out {}
}

projection! {
    InvoicePayments of InvoicePayment in "invoice_payments", by InvoicePayments,
        read by |tx, connection, keys| Ok(tx.invoice_payments_by_invoices(connection, keys)?);
    key { connection, invoice, payment }
    compared { paid_at }
    left out {}
}

projection! {
    Charges of Charge in "charges", by Charges,
        read by |tx, connection, keys| Ok(tx.charges_by_provider_ids(connection, keys)?);
    key { connection, provider_id }
    compared {
        payment, amount, currency, status, dispute, created_at, version, invoice, refunded,
        refunded_hint, decided, booked_as, booked_vat, dispute_hint, lost, recognised,
    }
    through { customer_id: Customer }
    left out {
        id: "ours, given at random",
        bookings: "how often it was reclassified depends on what shared a batch (decision 0004)",
        link_due_at: "when we ask the provider next: operating",
        earned_through: "which month end looked at it last: decided",
        unearned: "whether the next month end looks at it: operating",
    }
}

projection! {
    /// What the provider told of our money operations.
    OurRefunds of Refund in "refunds", by OurRefunds,
        read by |tx, connection, keys| {
            let mut rows = tx.refunds_by_ids(keys)?;
            rows.retain(|row| row.connection == connection && row.origin == "avstem");
            Ok(rows)
        };
    key { connection, id }
    compared {
        provider_id, state, failure_reason, version, pending_reason, state_since, decided,
    }
    left out {
        origin: "what tells ours from those of others: always the same here",
        charge_id: "ours: decided, and copied",
        amount: "ours: decided, and copied; what is told of another amount is not told of it",
        currency: "ours: decided, and copied",
        policy_conform: "ours: decided, and copied",
        judged_in: "ours are judged before they are made: always empty",
        judged_by: "ours are judged before they are made: always empty",
        reason: "ours: the asker's words, copied",
        cancellation_id: "ours: decided, and copied",
        code: "ours: decided, and copied",
        request_ref: "ours: who asked, copied",
        idempotency_key: "ours: fixed when it was decided, copied",
        request_target: "ours: fixed when it was decided, copied",
        request_body: "ours: fixed when it was decided, copied",
        first_sent_at: "when we sent it: operating",
        attempts: "how often we looked: operating",
        due_at: "when we look again: operating",
        lease_until: "who works on it: operating",
        fence: "who works on it: operating",
        attention: "a note to people on how a call went: operating",
        created_at: "ours: decided, and copied",
    }
}

projection! {
    /// What others refunded.
    OtherRefunds of Refund in "refunds", by OtherRefunds,
        read by |tx, connection, keys| {
            let mut rows = tx.refunds_by_provider_ids(connection, keys)?;
            rows.retain(|row| row.origin != "avstem");
            Ok(rows)
        };
    key { connection, provider_id }
    compared {
        amount, currency, state, origin, failure_reason, reason, cancellation_id, request_ref,
        idempotency_key, request_target, first_sent_at, created_at, version, pending_reason,
        state_since, decided, judged_in,
    }
    judged by judged_by { policy_conform, code }
    through { charge_id: Charge }
    left out {
        id: "ours, given at random",
        request_body: "only what we send has one, and it goes with request_target",
        attempts: "how often we looked: operating",
        due_at: "when we look again: operating",
        lease_until: "who works on it: operating",
        fence: "who works on it: operating",
        attention: "a note to people: operating",
    }
}

projection! {
    Disputes of Dispute in "disputes", by Disputes,
        read by |tx, connection, keys| Ok(tx.disputes_by_provider_ids(connection, keys)?);
    key { connection, provider_id }
    compared {
        amount, currency, status, reason, refundable, evidence_due_at, lost, created_at, told_at,
        version,
    }
    through { charge_id: Charge }
    left out {
        id: "ours, given at random",
    }
}

projection! {
    DisputeMovements of DisputeMovement in "dispute_movements", by DisputeMovements,
        read by |tx, connection, keys| Ok(tx.movements_by_provider_ids(connection, keys)?);
    key { connection, provider_id }
    compared { direction, amount, fee, fee_currency, moved_at }
    through { dispute_id: Dispute }
    left out {}
}

projection! {
    Payouts of Payout in "payouts", by Payouts,
        read by |tx, connection, keys| Ok(tx.payouts_by_provider_ids(connection, keys)?);
    key { connection, provider_id }
    compared {
        amount, currency, status, arrival_date, automatic, reconciliation, trace_id,
        statement_descriptor, failure_code, original, reversed_by, created_at, told_at, version,
    }
    left out {
        members_due_at: "when we ask the provider next: operating",
    }
}
