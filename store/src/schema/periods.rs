//! Months of the books, and what was recognised at their ends.

diesel::table! {
    period_events (number) {
        number -> BigInt,
        month -> Text,
        kind -> Text,
        locked_through -> Nullable<Text>,
        position -> BigInt,
        reason -> Nullable<Text>,
        done_by -> Text,
        done_at -> BigInt,
    }
}

diesel::table! {
    closing_statements (number) {
        number -> BigInt,
        month -> Text,
        time_zone -> Text,
        closed_at -> BigInt,
        journals -> BigInt,
        postings -> BigInt,
        charges -> BigInt,
        chain_count -> BigInt,
        chain_head -> Text,
        previous -> Text,
        key -> Nullable<Text>,
        hash -> Text,
        signature -> Nullable<Text>,
    }
}

diesel::table! {
    closing_totals (number, currency, account) {
        number -> BigInt,
        currency -> Text,
        account -> Text,
        opening -> BigInt,
        debits -> BigInt,
        credits -> BigInt,
    }
}

diesel::table! {
    recognised_revenue (charge_id, number) {
        charge_id -> Text,
        number -> BigInt,
        month -> Text,
        amount -> BigInt,
        journal_id -> Text,
    }
}
