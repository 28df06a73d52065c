//! What came in.

diesel::table! {
    events (id) {
        id -> Text,
        connection -> Text,
        dedupe_key -> Text,
        provider_event_id -> Nullable<Text>,
        kind -> Nullable<Text>,
        state -> Text,
        attempts -> BigInt,
        error -> Nullable<Text>,
        conflict -> Nullable<Text>,
        received_at -> BigInt,
        processed_at -> Nullable<BigInt>,
        due_at -> BigInt,
        headers -> Text,
        body -> Binary,
        body_sha256 -> Text,
    }
}

diesel::table! {
    answers (id) {
        id -> Text,
        connection -> Text,
        told -> Text,
        absorbed_at -> BigInt,
    }
}
