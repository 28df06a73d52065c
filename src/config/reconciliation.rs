//! Settings of bank accounts and of reconciliation.

use super::books::Books;
use super::error::ConfigError;
use super::schema;
use super::settings::Settings;
use avstem_domain::ledger::account;
use avstem_domain::money::Money;
use avstem_domain::statement::bank_id::BankAccount;
use avstem_statements::context::{
    AmountColumns, BankTable, CurrencyColumn, DateFormat, DecimalStyle, Delimiter, TextEncoding,
};
use std::collections::BTreeMap;

/// Days a payout may take, when nothing is set.
const BANK_DAYS: u32 = 5;
const BANK_DAYS_MAX: u32 = 366;

/// A bank account of ours.
#[derive(Debug, Clone)]
pub struct Bank {
    pub name: account::BankAccount,
    /// Whose statements are taken. Without it, those of the account that the first one names.
    pub iban: Option<BankAccount>,
    /// How its own tables are laid out.
    pub table: Option<BankTable>,
}

#[derive(Debug, Clone)]
pub struct Reconciliation {
    /// Calendar days after its arrival date within which a payout may be missing at the bank.
    pub bank_days: u32,
    /// Resolving a larger difference takes a second person. `None`: it never does.
    pub second_person_over: Option<Money>,
    /// A payout that came short by less is resolved as a bank fee by itself. `None`: none is.
    pub bank_fee_below: Option<Money>,
}

pub fn reconciliation(settings: &Settings, books: &Books) -> Result<Reconciliation, ConfigError> {
    Ok(Reconciliation {
        bank_days: settings.number("reconciliation.bank_days", BANK_DAYS, BANK_DAYS_MAX)?,
        second_person_over: amount(settings, "reconciliation.second_person_over", books)?,
        bank_fee_below: amount(settings, "reconciliation.bank_fee_below", books)?,
    })
}

pub fn banks(settings: &Settings, books: &Books) -> Result<BTreeMap<String, Bank>, ConfigError> {
    settings
        .names_in("bank")
        .iter()
        .map(|name| Ok((name.to_owned(), bank(settings, name, books)?)))
        .collect()
}

fn bank(settings: &Settings, name: &str, books: &Books) -> Result<Bank, ConfigError> {
    let iban = format!("bank.{name}.iban");
    let iban = match settings.text_unless_empty(&iban) {
        Some(_) => Some(settings.parsed(&iban, "", account)?),
        None => None,
    };
    Ok(Bank {
        name: account::BankAccount::parse(name).map_err(|_| ConfigError::Value {
            setting: "bank".to_owned(),
            found: name.to_owned(),
            expected: "a name of 1 to 64 letters, digits, - and _, such as [bank.main]",
        })?,
        iban,
        table: table(settings, name, books)?,
    })
}

/// The layout of a bank's own table, once its column of days is named.
fn table(settings: &Settings, name: &str, books: &Books) -> Result<Option<BankTable>, ConfigError> {
    let key = |last: &str| format!("bank.{name}.csv_{last}");
    let column = |last: &str| settings.text_unless_empty(&key(last)).map(str::to_owned);
    let Some(booked_on) = column("booked_on") else {
        return Ok(None);
    };
    let amount = match (column("amount"), column("amount_in"), column("amount_out")) {
        (Some(signed), None, None) => AmountColumns::Signed(signed),
        (None, Some(money_in), Some(money_out)) => AmountColumns::InAndOut {
            money_in,
            money_out,
        },
        (Some(_) | None, _, _) => {
            return Err(ConfigError::Missing {
                setting: key("amount"),
                variable: schema::env_name(&key("amount")),
                needed_by: "reading the bank's tables; or set csv_amount_in and csv_amount_out instead",
            });
        }
    };
    Ok(Some(BankTable {
        booked_on,
        value_date: column("value_date"),
        amount,
        currency: column("currency").map_or(
            CurrencyColumn::Always(books.currency),
            CurrencyColumn::Column,
        ),
        text: settings.texts(&key("text")),
        counterparty: column("counterparty"),
        bank_reference: column("bank_reference"),
        reference: column("reference"),
        balance: column("balance"),
        date_format: settings.parsed(&key("date_format"), "yyyy-mm-dd", date_format)?,
        decimals: settings.parsed(&key("decimals"), "comma", decimals)?,
        delimiter: settings.parsed(&key("delimiter"), "semicolon", delimiter)?,
        encoding: settings.parsed(&key("encoding"), "utf-8", encoding)?,
    }))
}

fn amount(settings: &Settings, path: &str, books: &Books) -> Result<Option<Money>, ConfigError> {
    let Some(text) = settings.text_unless_empty(path) else {
        return Ok(None);
    };
    Money::parse_decimal(text, books.currency)
        .ok()
        .filter(|amount| amount.minor() >= 0)
        .map(Some)
        .ok_or_else(|| ConfigError::Value {
            setting: settings.name_of(path),
            found: text.to_owned(),
            expected: "an amount in books.currency with its decimals, such as 50.00",
        })
}

fn account(text: &str) -> Result<BankAccount, &'static str> {
    BankAccount::parse(text).map_err(|_| "an IBAN, or the number that the bank gives the account")
}

fn date_format(text: &str) -> Result<DateFormat, &'static str> {
    DateFormat::parse(text).ok_or("yyyy-mm-dd, dd-mm-yyyy, mm-dd-yyyy or yyyymmdd")
}

fn decimals(text: &str) -> Result<DecimalStyle, &'static str> {
    DecimalStyle::parse(text).ok_or("comma or dot")
}

fn delimiter(text: &str) -> Result<Delimiter, &'static str> {
    Delimiter::parse(text).ok_or("comma, semicolon, tab or pipe")
}

fn encoding(text: &str) -> Result<TextEncoding, &'static str> {
    TextEncoding::parse(text).ok_or("utf-8, windows-1252 or utf-16")
}
