//! What has left for an accounting program.

use super::super::schema::{exported_vouchers, translated_balances};
use diesel::prelude::*;

/// One file of vouchers. Days are as asked, inclusive; `last_position` is the last of the ledger then.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = exported_vouchers, treat_none_as_default_value = false)]
pub struct VoucherBatch {
    pub batch: i64,
    pub first_day: Option<String>,
    pub last_day: Option<String>,
    pub last_position: i64,
    pub voucher_per: String,
    pub series: String,
    pub first_number: i64,
    pub vouchers: i64,
    pub exported_at: i64,
}

/// What an account holds in another currency than the books', and what that stands at in theirs.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = translated_balances, treat_none_as_default_value = false)]
pub struct TranslatedBalance {
    pub batch: i64,
    pub account: String,
    pub currency: String,
    pub amount: i64,
    pub books: i64,
}
