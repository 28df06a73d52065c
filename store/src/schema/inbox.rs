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
        bundle -> Text,
        bytes_at -> BigInt,
        headers_bytes -> BigInt,
        body_bytes -> BigInt,
        lane -> BigInt,
    }
}

// On SQLite a view.
diesel::table! {
    unprocessed_events (id) {
        id -> Text,
        state -> Text,
        due_at -> BigInt,
        received_at -> BigInt,
        lane -> BigInt,
    }
}

diesel::table! {
    event_bundles (id) {
        id -> Text,
        packing -> Text,
        unpacked_bytes -> BigInt,
        bytes -> Binary,
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
