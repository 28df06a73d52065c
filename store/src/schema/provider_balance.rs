//! Disputes with what they moved, and payouts.

diesel::table! {
    disputes (id) {
        id -> Text,
        connection -> Text,
        provider_id -> Text,
        charge_id -> Text,
        amount -> BigInt,
        currency -> Text,
        status -> Text,
        reason -> Nullable<Text>,
        refundable -> Bool,
        evidence_due_at -> Nullable<BigInt>,
        lost -> BigInt,
        created_at -> BigInt,
        told_at -> BigInt,
        version -> Text,
    }
}

diesel::table! {
    dispute_movements (connection, provider_id) {
        connection -> Text,
        provider_id -> Text,
        dispute_id -> Text,
        direction -> Text,
        amount -> BigInt,
        fee -> BigInt,
        fee_currency -> Text,
        moved_at -> BigInt,
    }
}

diesel::table! {
    payouts (connection, provider_id) {
        connection -> Text,
        provider_id -> Text,
        amount -> BigInt,
        currency -> Text,
        status -> Text,
        arrival_date -> Text,
        automatic -> Bool,
        reconciliation -> Text,
        trace_id -> Nullable<Text>,
        statement_descriptor -> Nullable<Text>,
        failure_code -> Nullable<Text>,
        original -> Nullable<Text>,
        reversed_by -> Nullable<Text>,
        created_at -> BigInt,
        told_at -> BigInt,
        version -> Text,
        members_due_at -> Nullable<BigInt>,
    }
}
