//! Every table that only grows, and what is tried on it.

use super::{HASH, Protected};

pub(super) const PROTECTED: &[Protected] = &[
    Protected {
        name: "journals",
        columns: "position, id, connection, event, reference, description, booked_on, occurred_at, recorded_at",
        keys: &["position", "id"],
        column: "description",
        value: "'changed'",
    },
    Protected {
        name: "postings",
        columns: "journal_id, line, account, amount, currency",
        keys: &["journal_id, line"],
        column: "account",
        value: "'assets:suspense'",
    },
    Protected {
        name: "effects",
        columns: "connection, object, effect, journal_id, recorded_at",
        keys: &["connection, object, effect", "journal_id"],
        column: "recorded_at",
        value: "1",
    },
    Protected {
        name: "seals",
        columns: "seq, position, journal_id, hash",
        keys: &["seq", "position", "journal_id"],
        column: "hash",
        value: HASH,
    },
    Protected {
        name: "chain_head",
        columns: "id, count, position, hash, sealed_at",
        keys: &["id"],
        column: "hash",
        value: HASH,
    },
    Protected {
        name: "deliveries",
        columns: "id, subscription_id, charge_id, ordered, delivered, completed, reported_by, reported_at",
        keys: &["id"],
        column: "delivered",
        value: "2",
    },
    Protected {
        name: "verdicts",
        columns: "cancellation_id, position, charge_id, charge_provider_id, kind, amount, currency, period_start, \
                  period_end, decision, refund_amount, code, clause, explanation_sv, explanation_en, decided_at",
        keys: &["cancellation_id, position"],
        column: "amount",
        value: "1",
    },
    Protected {
        name: "receipts",
        columns: "cancellation_id, number, locale, subject, body, issued_at",
        keys: &["cancellation_id, number, locale"],
        column: "body",
        value: "'changed'",
    },
    Protected {
        name: "answers",
        columns: "id, connection, told, absorbed_at",
        keys: &["id"],
        column: "told",
        value: "'[]'",
    },
    Protected {
        name: "matches",
        columns: "side, owner, line_id, counterpart, counterpart_kind, connection, amount, bank_fee, currency, day, \
                  pass, reconciliation_id",
        keys: &["side, owner, line_id, counterpart"],
        column: "amount",
        value: "1",
    },
    Protected {
        name: "match_runs",
        columns: "connection, last_seq, first_seq, pass, reconciliation_id",
        keys: &["connection, last_seq"],
        column: "pass",
        value: "'other'",
    },
    Protected {
        name: "breaks",
        columns: "id, kind, subject, connection, reference, currency, expected, found, found_currency, holding, \
                  opened_on, created_at",
        keys: &["id"],
        column: "found",
        value: "1",
    },
    Protected {
        name: "break_events",
        columns: "break_id, seq, action, state, resolution, owner, note, through, done_by, journal_id, done_at",
        keys: &["break_id, seq"],
        column: "state",
        value: "'resolved'",
    },
    Protected {
        name: "reconciliations",
        columns: "id, connection, through, state, report, made_by, made_at",
        keys: &["id"],
        column: "report",
        value: "'changed'",
    },
    Protected {
        name: "period_events",
        columns: "number, month, kind, locked_through, position, reason, done_by, done_at",
        keys: &["number"],
        column: "done_by",
        value: "'changed'",
    },
    Protected {
        name: "closing_statements",
        columns: "number, month, time_zone, closed_at, journals, postings, charges, chain_count, chain_head, previous, \
                  key, hash, signature",
        keys: &["number"],
        column: "journals",
        value: "1000",
    },
    Protected {
        name: "closing_totals",
        columns: "number, currency, account, opening, debits, credits",
        keys: &["number, currency, account"],
        column: "debits",
        value: "1",
    },
    Protected {
        name: "recognised_revenue",
        columns: "charge_id, number, month, amount, journal_id",
        keys: &["charge_id, number"],
        column: "amount",
        value: "1",
    },
    Protected {
        name: "exported_vouchers",
        columns: "batch, first_day, last_day, last_position, voucher_per, series, first_number, vouchers, exported_at",
        keys: &["series, first_number", "batch"],
        column: "last_position",
        value: "1",
    },
    Protected {
        name: "translated_balances",
        columns: "batch, account, currency, amount, books",
        keys: &["batch, account, currency"],
        column: "books",
        value: "1",
    },
];
