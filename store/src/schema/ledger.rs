//! The ledger and its chain.

diesel::table! {
    journals (position) {
        position -> BigInt,
        id -> Text,
        connection -> Text,
        event -> Text,
        reference -> Text,
        description -> Text,
        booked_on -> Text,
        occurred_at -> BigInt,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    postings (journal_id, line) {
        journal_id -> Text,
        line -> BigInt,
        account -> Text,
        amount -> BigInt,
        currency -> Text,
    }
}

diesel::table! {
    effects (connection, object, effect) {
        connection -> Text,
        object -> Text,
        effect -> Text,
        journal_id -> Text,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    seals (seq) {
        seq -> BigInt,
        position -> BigInt,
        journal_id -> Text,
        hash -> Text,
    }
}

diesel::table! {
    chain_head (id) {
        id -> BigInt,
        count -> BigInt,
        position -> BigInt,
        hash -> Text,
        sealed_at -> BigInt,
    }
}

diesel::table! {
    daily_balances (booked_on, account, currency) {
        booked_on -> Text,
        account -> Text,
        currency -> Text,
        amount -> BigInt,
    }
}
