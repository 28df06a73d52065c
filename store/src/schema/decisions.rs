//! Cancellations and everything that follows from one.

diesel::table! {
    cancellations (id) {
        id -> Text,
        subscription_id -> Text,
        origin -> Text,
        state -> Text,
        step -> Text,
        requested_by -> Text,
        refund -> Text,
        reason -> Nullable<Text>,
        received_at -> BigInt,
        judged_at -> BigInt,
        stop_mode -> Nullable<Text>,
        stop_effective_at -> Nullable<BigInt>,
        stop_done_at -> Nullable<BigInt>,
        policy_version -> Nullable<Text>,
        attention -> Nullable<Text>,
        trouble -> Nullable<Text>,
        attempts -> BigInt,
        due_at -> Nullable<BigInt>,
        lease_until -> BigInt,
        fence -> BigInt,
        stop_asked_at -> Nullable<BigInt>,
        undo_requested_at -> Nullable<BigInt>,
        undone_at -> Nullable<BigInt>,
        version -> Text,
    }
}

diesel::table! {
    verdicts (cancellation_id, position) {
        cancellation_id -> Text,
        position -> BigInt,
        charge_id -> Text,
        charge_provider_id -> Text,
        kind -> Text,
        amount -> BigInt,
        currency -> Text,
        period_start -> Nullable<BigInt>,
        period_end -> Nullable<BigInt>,
        decision -> Text,
        refund_amount -> Nullable<BigInt>,
        code -> Text,
        clause -> Text,
        explanation_sv -> Text,
        explanation_en -> Text,
        decided_at -> BigInt,
    }
}

diesel::table! {
    refunds (id) {
        id -> Text,
        connection -> Text,
        provider_id -> Nullable<Text>,
        charge_id -> Text,
        amount -> BigInt,
        currency -> Text,
        state -> Text,
        origin -> Text,
        policy_conform -> Nullable<Bool>,
        failure_reason -> Nullable<Text>,
        reason -> Nullable<Text>,
        cancellation_id -> Nullable<Text>,
        code -> Nullable<Text>,
        request_ref -> Nullable<Text>,
        idempotency_key -> Nullable<Text>,
        request_target -> Nullable<Text>,
        request_body -> Nullable<Binary>,
        first_sent_at -> Nullable<BigInt>,
        attempts -> BigInt,
        due_at -> Nullable<BigInt>,
        lease_until -> BigInt,
        fence -> BigInt,
        attention -> Nullable<Text>,
        created_at -> BigInt,
        version -> Text,
        pending_reason -> Nullable<Text>,
        state_since -> BigInt,
        decided -> BigInt,
        judged_in -> Nullable<Text>,
        judged_by -> Nullable<Text>,
    }
}

diesel::table! {
    receipts (cancellation_id, number, locale) {
        cancellation_id -> Text,
        number -> BigInt,
        locale -> Text,
        subject -> Text,
        body -> Text,
        issued_at -> BigInt,
    }
}

diesel::table! {
    mails (dedupe_key) {
        dedupe_key -> Text,
        recipient -> Text,
        subject -> Text,
        body -> Text,
        state -> Text,
        attempts -> BigInt,
        error -> Nullable<Text>,
        due_at -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}
