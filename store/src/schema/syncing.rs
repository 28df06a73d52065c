//! Comparing connections with their providers' APIs.

diesel::table! {
    syncs (connection) {
        connection -> Text,
        made_from -> Nullable<BigInt>,
        events_from -> BigInt,
        begun_at -> BigInt,
        finished_at -> Nullable<BigInt>,
        due_at -> BigInt,
        attempts -> BigInt,
        trouble -> Nullable<Text>,
    }
}

diesel::table! {
    sync_cursors (connection, kind) {
        connection -> Text,
        kind -> Text,
        after -> Nullable<Text>,
        made_until -> BigInt,
        done -> Bool,
        seen -> BigInt,
        repaired -> BigInt,
    }
}
