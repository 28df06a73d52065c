//! What has left for an accounting program.

diesel::table! {
    exported_vouchers (batch) {
        batch -> BigInt,
        first_day -> Nullable<Text>,
        last_day -> Nullable<Text>,
        last_position -> BigInt,
        voucher_per -> Text,
        series -> Text,
        first_number -> BigInt,
        vouchers -> BigInt,
        exported_at -> BigInt,
    }
}

diesel::table! {
    translated_balances (batch, account, currency) {
        batch -> BigInt,
        account -> Text,
        currency -> Text,
        amount -> BigInt,
        books -> BigInt,
    }
}
