//! Imported files, what they say, and how it compares with the books.

diesel::table! {
    statement_files (id) {
        id -> Text,
        side -> Text,
        owner -> Text,
        format -> Text,
        sha256 -> Text,
        bytes -> BigInt,
        data_rows -> BigInt,
        problems -> BigInt,
        first_day -> Nullable<Text>,
        last_day -> Nullable<Text>,
        covers_until -> Nullable<BigInt>,
        state -> Text,
        received_by -> Text,
        received_at -> BigInt,
        covers_from -> Nullable<BigInt>,
        lines_before -> BigInt,
    }
}

diesel::table! {
    file_pieces (file_id, position) {
        file_id -> Text,
        position -> BigInt,
        bytes -> Binary,
        packing -> Text,
    }
}

diesel::table! {
    file_problems (file_id, position) {
        file_id -> Text,
        position -> BigInt,
        row_number -> BigInt,
        column_name -> Text,
        code -> Text,
        found -> Text,
        expected -> Text,
    }
}

diesel::table! {
    statement_holders (side, owner, what, name) {
        side -> Text,
        owner -> Text,
        what -> Text,
        name -> Text,
        file_id -> Text,
    }
}

diesel::table! {
    provider_lines (seq) {
        seq -> BigInt,
        connection -> Text,
        id -> Text,
        file_id -> Text,
        row_number -> BigInt,
        role -> Text,
        kind -> Text,
        gross -> BigInt,
        fee -> BigInt,
        net -> BigInt,
        currency -> Text,
        facing -> Nullable<BigInt>,
        facing_currency -> Nullable<Text>,
        source -> Nullable<Text>,
        charge -> Nullable<Text>,
        payout -> Nullable<Text>,
        trace_id -> Nullable<Text>,
        merchant_reference -> Nullable<Text>,
        occurred_at -> BigInt,
        day -> Text,
        available_on -> Nullable<Text>,
        text -> Text,
        posted -> Bool,
        suspense -> BigInt,
        standing -> Text,
    }
}

diesel::table! {
    bank_lines (account, id) {
        account -> Text,
        id -> Text,
        file_id -> Text,
        row_number -> BigInt,
        booked_on -> Text,
        value_date -> Nullable<Text>,
        amount -> BigInt,
        currency -> Text,
        bank_reference -> Nullable<Text>,
        charges -> Nullable<BigInt>,
        counterparty -> Nullable<Text>,
        text -> Text,
        words -> Text,
        standing -> Text,
    }
}

diesel::table! {
    payout_positions (connection, provider_id) {
        connection -> Text,
        provider_id -> Text,
        amount -> BigInt,
        currency -> Text,
        sent_on -> Text,
        arrival_on -> Text,
        traces -> Text,
        came_back -> Bool,
        came -> BigInt,
        resolved -> BigInt,
    }
}

diesel::table! {
    reconciliations (id) {
        id -> Text,
        connection -> Nullable<Text>,
        through -> Text,
        state -> Text,
        report -> Text,
        made_by -> Text,
        made_at -> BigInt,
    }
}

diesel::table! {
    matches (side, owner, line_id, counterpart) {
        side -> Text,
        owner -> Text,
        line_id -> Text,
        counterpart -> Text,
        counterpart_kind -> Text,
        connection -> Text,
        amount -> BigInt,
        bank_fee -> BigInt,
        currency -> Text,
        day -> Text,
        pass -> Text,
        reconciliation_id -> Text,
    }
}

diesel::table! {
    breaks (id) {
        id -> Text,
        kind -> Text,
        subject -> Text,
        connection -> Nullable<Text>,
        reference -> Text,
        currency -> Text,
        expected -> BigInt,
        found -> BigInt,
        found_currency -> Text,
        holding -> Nullable<Text>,
        opened_on -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    break_events (break_id, seq) {
        break_id -> Text,
        seq -> BigInt,
        action -> Text,
        state -> Text,
        resolution -> Nullable<Text>,
        owner -> Nullable<Text>,
        note -> Nullable<Text>,
        through -> Text,
        done_by -> Text,
        journal_id -> Nullable<Text>,
        done_at -> BigInt,
    }
}

diesel::table! {
    match_runs (connection, last_seq) {
        connection -> Text,
        last_seq -> BigInt,
        first_seq -> BigInt,
        pass -> Text,
        reconciliation_id -> Text,
    }
}
