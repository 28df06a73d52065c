//! `[books]`: how the ledger is handed to an accounting program.

use super::error::ConfigError;
use super::settings::Settings;
use avstem_domain::money::Currency;
use secrecy::SecretString;
use std::path::PathBuf;

#[derive(Debug, Clone)]
pub struct Books {
    /// The currency that the company keeps its accounts in.
    pub currency: Currency,
    /// The company's name in files for accounting programs. Never empty.
    pub company: String,
    /// A file of account numbers, relative to the working directory. `None`: the built-in ones alone.
    pub accounts: Option<PathBuf>,
    /// A file of exchange rates, relative to the working directory.
    pub rates: Option<PathBuf>,
    /// The series that vouchers are numbered in. Letters and digits, never empty.
    pub sie_series: String,
    pub sie_vouchers: VoucherPer,
    /// What closing statements are signed with. `None`: they are hashed, and not signed.
    pub signing_key: Option<SecretString>,
}

/// What one voucher of a SIE file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoucherPer {
    /// All that was booked on one day.
    Day,
    /// What a connection booked up to a payout of its own, within a month.
    Payout,
}

impl VoucherPer {
    /// As in settings and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Payout => "payout",
        }
    }

    /// Reads that word; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Day, Self::Payout]
            .into_iter()
            .find(|per| per.as_str() == text)
    }
}

impl Books {
    pub(super) fn read(settings: &Settings) -> Result<Self, ConfigError> {
        let file = |key| settings.text_unless_empty(key).map(PathBuf::from);
        Ok(Self {
            currency: settings.parsed("books.currency", "SEK", currency)?,
            company: settings.parsed("books.company", "Avstem", company)?,
            accounts: file("books.accounts"),
            rates: file("books.rates"),
            sie_series: settings.parsed("books.sie_series", "K", series)?,
            sie_vouchers: settings.parsed("books.sie_vouchers", "day", |text| {
                VoucherPer::parse(text).ok_or("day or payout")
            })?,
            signing_key: settings.secret_unless_empty("books.signing_key")?,
        })
    }
}

fn currency(text: &str) -> Result<Currency, &'static str> {
    Currency::parse(text).map_err(|_| "an ISO 4217 currency code, such as SEK")
}

/// It stands on one line, between quotes.
fn company(text: &str) -> Result<String, &'static str> {
    let plain =
        !text.contains(|character: char| character.is_control() || "\"\\".contains(character));
    if plain && !text.trim().is_empty() {
        Ok(text.trim().to_owned())
    } else {
        Err("a name on one line, without quotes and backslashes")
    }
}

fn series(text: &str) -> Result<String, &'static str> {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain && (1..=10).contains(&text.len()) {
        Ok(text.to_owned())
    } else {
        Err("1 to 10 letters and digits, such as K")
    }
}
