//! Keys, sessions, and leases.

diesel::table! {
    api_keys (id) {
        id -> Text,
        name -> Text,
        role -> Text,
        secret_hash -> Text,
        created_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    idempotent_requests (api_key, key) {
        api_key -> Text,
        key -> Text,
        fingerprint -> Text,
        status -> Nullable<BigInt>,
        body -> Nullable<Text>,
        created_at -> BigInt,
        lease_until -> BigInt,
    }
}

diesel::table! {
    portal_sessions (token_hash) {
        token_hash -> Text,
        customer_id -> Text,
        locale -> Text,
        return_url -> Nullable<Text>,
        expires_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    account_sessions (token_hash) {
        token_hash -> Text,
        customer_id -> Text,
        locale -> Text,
        return_url -> Nullable<Text>,
        form_token -> Text,
        last_seen_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        holder -> Text,
        until -> BigInt,
    }
}
