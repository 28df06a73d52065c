//! The tables as diesel sees them: one description for both databases, checked by a test that writes
//! and reads every table on each.

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

diesel::allow_tables_to_appear_in_same_query!(
    cancellations,
    charges,
    customers,
    deliveries,
    effects,
    invoice_payments,
    invoice_subscriptions,
    invoices,
    journals,
    postings,
    refunds,
    seals,
    subscriptions,
    verdicts
);
