//! What providers told of customers and their money.

diesel::table! {
    customers (id) {
        id -> Text,
        connection -> Text,
        provider_id -> Text,
        email -> Nullable<Text>,
        name -> Nullable<Text>,
        locale -> Nullable<Text>,
        status -> Text,
        version -> Text,
    }
}

diesel::table! {
    subscriptions (id) {
        id -> Text,
        connection -> Text,
        provider_id -> Text,
        customer_id -> Text,
        status -> Text,
        plan -> Nullable<Text>,
        price -> Nullable<BigInt>,
        currency -> Nullable<Text>,
        interval_unit -> Nullable<Text>,
        interval_count -> Nullable<BigInt>,
        period_start -> Nullable<BigInt>,
        period_end -> Nullable<BigInt>,
        trial_end -> Nullable<BigInt>,
        renewal -> Text,
        cancel_at -> Nullable<BigInt>,
        canceled_at -> Nullable<BigInt>,
        ended_at -> Nullable<BigInt>,
        created_at -> BigInt,
        version -> Text,
        seen_renewing_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    invoices (connection, provider_id) {
        connection -> Text,
        provider_id -> Text,
        reason -> Text,
        status -> Text,
        period_start -> Nullable<BigInt>,
        period_end -> Nullable<BigInt>,
        total -> BigInt,
        tax -> BigInt,
        currency -> Text,
        paid_at -> Nullable<BigInt>,
        created_at -> BigInt,
        subscriptions -> BigInt,
        version -> Text,
    }
}

diesel::table! {
    invoice_subscriptions (connection, subscription, invoice) {
        connection -> Text,
        subscription -> Text,
        invoice -> Text,
    }
}

diesel::table! {
    invoice_payments (connection, payment, invoice) {
        connection -> Text,
        payment -> Text,
        invoice -> Text,
        paid_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    charges (id) {
        id -> Text,
        connection -> Text,
        provider_id -> Text,
        customer_id -> Nullable<Text>,
        payment -> Nullable<Text>,
        amount -> BigInt,
        currency -> Text,
        status -> Text,
        dispute -> Text,
        created_at -> BigInt,
        version -> Text,
        invoice -> Nullable<Text>,
        refunded -> BigInt,
        refunded_hint -> BigInt,
        decided -> BigInt,
        booked_as -> Nullable<Text>,
        booked_vat -> BigInt,
        bookings -> BigInt,
        link_due_at -> Nullable<BigInt>,
        dispute_hint -> Text,
        lost -> BigInt,
        recognised -> BigInt,
        earned_through -> Nullable<Text>,
        unearned -> Bool,
    }
}

diesel::table! {
    deliveries (id) {
        id -> Text,
        subscription_id -> Text,
        charge_id -> Text,
        ordered -> BigInt,
        delivered -> BigInt,
        completed -> Bool,
        reported_by -> Text,
        reported_at -> BigInt,
    }
}
