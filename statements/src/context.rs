//! What a reader must be told, because no file says it.

use avstem_domain::money::Currency;
use avstem_domain::statement::bank_id::BankAccount;
use chrono_tz::Tz;

#[derive(Debug, Clone)]
pub struct ReadContext {
    /// The zone of times that a report writes without one, and of the days in the summary.
    pub time_zone: Tz,
    /// The account that the file was handed in for. A table of a bank names none, so it needs this; a
    /// statement that names the same account by another number gets this name.
    pub account: Option<BankAccount>,
    /// How the bank's tables are laid out.
    pub bank_table: Option<BankTable>,
    /// The order in dates like 02/10/2026, where the file's own signs do not settle it.
    pub date_order: Option<DateOrder>,
    pub bounds: Bounds,
}

impl ReadContext {
    #[must_use]
    pub fn new(time_zone: Tz) -> Self {
        Self {
            time_zone,
            account: None,
            bank_table: None,
            date_order: None,
            bounds: Bounds::default(),
        }
    }
}

/// What no file may exceed. Memory follows `row_bytes_max` and, by a few bytes a row, `rows_max`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub file_bytes_max: u64,
    /// Of one row, line or XML token.
    pub row_bytes_max: usize,
    pub rows_max: u64,
    pub columns_max: usize,
    /// Of XML elements inside each other.
    pub depth_max: usize,
    /// Of parts in one collective entry.
    pub transactions_max: usize,
    /// Of accounts, payouts and statements that a summary lists.
    pub listed_max: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            file_bytes_max: 16 * 1024 * 1024 * 1024,
            row_bytes_max: 1024 * 1024,
            rows_max: 20_000_000,
            columns_max: 1000,
            depth_max: 64,
            transactions_max: 100_000,
            listed_max: 100_000,
        }
    }
}

/// The layout of a bank's own table, from the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BankTable {
    pub booked_on: String,
    pub value_date: Option<String>,
    pub amount: AmountColumns,
    pub currency: CurrencyColumn,
    /// Joined by spaces, in this order.
    pub text: Vec<String>,
    pub counterparty: Option<String>,
    /// The bank's own reference of the entry.
    pub bank_reference: Option<String>,
    /// What the payer gave along.
    pub reference: Option<String>,
    /// The balance after the entry. Where it is named, the balances must add up.
    pub balance: Option<String>,
    pub date_format: DateFormat,
    pub decimals: DecimalStyle,
    pub delimiter: Delimiter,
    pub encoding: TextEncoding,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AmountColumns {
    /// One column; below zero is money out.
    Signed(String),
    /// Two columns, each without a sign.
    InAndOut { money_in: String, money_out: String },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CurrencyColumn {
    Column(String),
    /// The account's currency, where the table does not say it.
    Always(Currency),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateOrder {
    DayFirst,
    MonthFirst,
}

/// How a table writes days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateFormat {
    /// 2026-10-02
    YearMonthDay,
    /// 02/10/2026, 2.10.2026, 02-10-2026
    DayMonthYear,
    /// 10/02/2026
    MonthDayYear,
    /// 20261002
    Compact,
}

/// Which sign begins the decimals. The other one, spaces and apostrophes may group thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DecimalStyle {
    Dot,
    Comma,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delimiter {
    Comma,
    Semicolon,
    Tab,
    Pipe,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEncoding {
    Utf8,
    /// What Windows calls ANSI, and most tools mean by Latin-1.
    Windows1252,
    Utf16,
}

macro_rules! words {
    ($($name:ident { $($variant:ident $word:literal)* })*) => {$(
        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The word for it in the settings.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }

            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == text)
            }
        }
    )*};
}

words! {
    DateOrder { DayFirst "day-first" MonthFirst "month-first" }
    DateFormat { YearMonthDay "yyyy-mm-dd" DayMonthYear "dd-mm-yyyy" MonthDayYear "mm-dd-yyyy" Compact "yyyymmdd" }
    DecimalStyle { Dot "dot" Comma "comma" }
    Delimiter { Comma "comma" Semicolon "semicolon" Tab "tab" Pipe "pipe" }
    TextEncoding { Utf8 "utf-8" Windows1252 "windows-1252" Utf16 "utf-16" }
}

impl Delimiter {
    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }
}
