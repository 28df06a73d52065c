//! One statement: whose it is, its balances, and that its entries lead from one to the other.

use super::Reading;
use crate::amount;
use crate::bank::known_account;
use crate::dates;
use crate::error::ReadError;
use crate::summary::{ControlKind, Holder, Statement};
use crate::table::clean;
use crate::tally::sum;
use crate::xml::Xml;
use avstem_domain::money::{Currency, Money};
use avstem_domain::statement::bank::StatementPage;
use avstem_domain::statement::bank_id::BankAccount;
use chrono::NaiveDate;

/// What makes a page of a statement the page that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    account: BankAccount,
    page: StatementPage,
}

/// A statement while it is read. Its header comes before its entries.
pub struct Open {
    pub account: Option<BankAccount>,
    pub currency: Option<Currency>,
    pub page: StatementPage,
    pub started: bool,
    opening: Option<Money>,
    closing: Option<Money>,
    said: Said,
    /// Σ of what is booked, above zero for credits, and without signs on either side.
    pub booked: Option<Money>,
    pub credits: Figures,
    pub debits: Figures,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct Figures {
    pub count: u64,
    pub total: Option<Money>,
}

/// `TxsSummry`: what the statement says of its own entries.
#[derive(Default)]
struct Said {
    entries: Option<u64>,
    credits: (Option<u64>, Option<String>),
    debits: (Option<u64>, Option<String>),
}

/// A balance by its code.
struct Balance {
    code: String,
    amount: Option<Money>,
    day: Option<NaiveDate>,
}

impl Reading<'_, '_> {
    pub fn statement(&mut self) -> Result<(), ReadError> {
        let mut open = Open {
            account: None,
            currency: None,
            page: StatementPage {
                id: String::new(),
                sequence: None,
                page: self.page,
            },
            started: false,
            opening: None,
            closing: None,
            said: Said::default(),
            booked: None,
            credits: Figures::default(),
            debits: Figures::default(),
        };
        while let Some(name) = self.xml.child()? {
            match name {
                "Id" => open.page.id = clean(self.xml.text()?, 80),
                "ElctrncSeqNb" => open.page.sequence = self.xml.text()?.parse().ok(),
                "LglSeqNb" if open.page.sequence.is_none() => {
                    open.page.sequence = self.xml.text()?.parse().ok();
                }
                "StmtPgntn" => open.page.page = page_number(&mut self.xml)?,
                "FrToDt" => self.period()?,
                "Acct" => self.account(&mut open)?,
                "Bal" => {
                    let balance = balance(&mut self.xml)?;
                    open.keep(&balance);
                    if let Some(day) = balance.day.filter(|_| balance.code == "CLBD") {
                        self.tally.cover(day);
                    }
                }
                "TxsSummry" => open.said = said(&mut self.xml)?,
                "Ntry" => self.entry(&mut open)?,
                _ => self.xml.skip()?,
            }
        }
        self.close(open)
    }

    /// Called before the first entry: what comes after the header names it.
    pub fn start(&mut self, open: &mut Open) -> Result<BankAccount, ReadError> {
        let Some(account) = open.account.clone() else {
            return Err(self.xml.malformed(
                "the statement does not name its account (Acct/Id) before its entries",
            ));
        };
        if !open.started {
            open.started = true;
            let key = Key {
                account: account.clone(),
                page: open.page.clone(),
            };
            if !self.continues(&key) {
                self.identities.start_statement();
            }
            if self.pages.len() >= self.context.bounds.listed_max {
                return Err(ReadError::TooMany {
                    what: "statements",
                    max: u64::try_from(self.context.bounds.listed_max).unwrap_or(u64::MAX),
                });
            }
            self.pages.push(key);
        }
        Ok(account)
    }

    /// Another page of the statement that was read last is no new statement.
    fn continues(&self, key: &Key) -> bool {
        let same_statement = |last: &Key| {
            last.account == key.account
                && last.page.id == key.page.id
                && last.page.sequence == key.page.sequence
                && last.page.page != key.page.page
        };
        self.pages.last().is_some_and(same_statement) && !self.pages.contains(key)
    }

    fn period(&mut self) -> Result<(), ReadError> {
        while let Some(name) = self.xml.child()? {
            let bound = matches!(name, "FrDtTm" | "ToDtTm" | "FrDt" | "ToDt");
            if bound {
                let day = dates::xml_day(self.xml.text()?);
                if let Some(day) = day {
                    self.tally.cover(day);
                }
            } else {
                self.xml.skip()?;
            }
        }
        Ok(())
    }

    fn account(&mut self, open: &mut Open) -> Result<(), ReadError> {
        let mut written = String::new();
        while let Some(name) = self.xml.child()? {
            match name {
                "Id" => written = account_number(&mut self.xml)?,
                "Ccy" => open.currency = Currency::parse(self.xml.text()?).ok(),
                _ => self.xml.skip()?,
            }
        }
        let account =
            BankAccount::parse(&written).map_err(|why| self.xml.malformed(&why.to_string()))?;
        let account = known_account(account, self.context);
        self.tally.holder(Holder::BankAccount(account.clone()))?;
        open.account = Some(account);
        Ok(())
    }

    fn close(&mut self, mut open: Open) -> Result<(), ReadError> {
        let account = self.start(&mut open)?;
        let of = format!("statement {:?} of {account}", open.page.id);
        if let (Some(opening), Some(closing)) = (open.opening, open.closing) {
            let found = match open.booked {
                Some(booked) => sum(opening, booked)?,
                None => opening,
            };
            self.tally.control(
                ControlKind::Balance,
                &of,
                &closing.to_string(),
                &found.to_string(),
            )?;
        }
        self.check_counts(&open, &of)?;
        self.tally.statement(Statement {
            account,
            page: open.page,
            opening: open.opening,
            closing: open.closing,
            booked: open.credits.count.saturating_add(open.debits.count),
        })
    }

    fn check_counts(&mut self, open: &Open, of: &str) -> Result<(), ReadError> {
        let all = open.credits.count.saturating_add(open.debits.count);
        let counts = [
            (open.said.entries, all),
            (open.said.credits.0, open.credits.count),
            (open.said.debits.0, open.debits.count),
        ];
        for (said, found) in counts {
            if let Some(said) = said {
                let (said, found) = (said.to_string(), found.to_string());
                self.tally.control(ControlKind::Count, of, &said, &found)?;
            }
        }
        let sums = [
            (
                ControlKind::Credits,
                &open.said.credits.1,
                open.credits.total,
            ),
            (ControlKind::Debits, &open.said.debits.1, open.debits.total),
        ];
        for (what, said, found) in sums {
            let currency = found.map(|total| total.currency()).or(open.currency);
            let (Some(said), Some(currency)) = (said, currency) else {
                continue;
            };
            // Shown as it was written where it is no amount: it then differs.
            let said = amount::dotted_unsigned(said, currency).map_or_else(
                || said.clone(),
                |minor| Money::from_minor(minor, currency).to_string(),
            );
            let found = found.unwrap_or(Money::zero(currency)).to_string();
            self.tally.control(what, of, &said, &found)?;
        }
        Ok(())
    }
}

impl Open {
    /// The first of an interim pair opens a page, the second closes it.
    fn keep(&mut self, balance: &Balance) {
        match balance.code.as_str() {
            "OPBD" => self.opening = balance.amount,
            "PRCD" => self.opening = self.opening.or(balance.amount),
            "CLBD" => self.closing = balance.amount,
            "ITBD" if self.opening.is_none() => self.opening = balance.amount,
            "ITBD" => self.closing = self.closing.or(balance.amount),
            _ => {}
        }
        if self.currency.is_none() {
            self.currency = balance.amount.map(|amount| amount.currency());
        }
    }

    /// Adds a booked entry, whatever else is wrong with it.
    pub fn add(&mut self, amount: Money) -> Result<(), ReadError> {
        self.booked = Some(match self.booked {
            Some(booked) => sum(booked, amount)?,
            None => amount,
        });
        let size = Money::from_minor(amount.minor().saturating_abs(), amount.currency());
        let side = if amount.minor() < 0 {
            &mut self.debits
        } else {
            &mut self.credits
        };
        side.count = side.count.saturating_add(1);
        side.total = Some(match side.total {
            Some(total) => sum(total, size)?,
            None => size,
        });
        Ok(())
    }
}

pub fn page_number(xml: &mut Xml<'_>) -> Result<Option<u64>, ReadError> {
    let mut page = None;
    while let Some(name) = xml.child()? {
        match name {
            "PgNb" => page = xml.text()?.parse().ok(),
            _ => xml.skip()?,
        }
    }
    Ok(page)
}

fn account_number(xml: &mut Xml<'_>) -> Result<String, ReadError> {
    let mut number = String::new();
    while let Some(name) = xml.child()? {
        match name {
            "IBAN" => number = clean(xml.text()?, 80),
            "Othr" => {
                while let Some(name) = xml.child()? {
                    match name {
                        "Id" => number = clean(xml.text()?, 80),
                        _ => xml.skip()?,
                    }
                }
            }
            _ => xml.skip()?,
        }
    }
    Ok(number)
}

fn balance(xml: &mut Xml<'_>) -> Result<Balance, ReadError> {
    let mut code = String::new();
    let mut money = None;
    let mut sign = 1_i64;
    let mut day = None;
    while let Some(name) = xml.child()? {
        match name {
            "Tp" => code = first_code(xml)?,
            "Amt" => money = amount_of(xml)?,
            "CdtDbtInd" => sign = if xml.text()? == "DBIT" { -1 } else { 1 },
            "Dt" => day = date_of(xml)?,
            _ => xml.skip()?,
        }
    }
    let amount =
        money.map(|money| Money::from_minor(money.minor().saturating_mul(sign), money.currency()));
    if amount.is_none() {
        return Err(xml.malformed("a balance (Bal) has no readable amount"));
    }
    Ok(Balance { code, amount, day })
}

fn said(xml: &mut Xml<'_>) -> Result<Said, ReadError> {
    let mut said = Said::default();
    while let Some(name) = xml.child()? {
        match name {
            "TtlNtries" => said.entries = entries(xml)?.0,
            "TtlCdtNtries" => said.credits = entries(xml)?,
            "TtlDbtNtries" => said.debits = entries(xml)?,
            _ => xml.skip()?,
        }
    }
    Ok(said)
}

fn entries(xml: &mut Xml<'_>) -> Result<(Option<u64>, Option<String>), ReadError> {
    let mut said = (None, None);
    while let Some(name) = xml.child()? {
        match name {
            "NbOfNtries" => said.0 = xml.text()?.parse().ok(),
            "Sum" => said.1 = Some(clean(xml.text()?, 40)),
            _ => xml.skip()?,
        }
    }
    Ok(said)
}

/// The first code at any depth: `CdOrPrtry/Cd`, `Domn/Cd`, or a bank's own.
pub fn first_code(xml: &mut Xml<'_>) -> Result<String, ReadError> {
    let mut code = String::new();
    while let Some(name) = xml.child()? {
        match name {
            "CdOrPrtry" => code = first_code(xml)?,
            "Cd" | "Prtry" if code.is_empty() => code = clean(xml.text()?, 40),
            _ => xml.skip()?,
        }
    }
    Ok(code)
}

/// An amount with its currency; `None` where it is none.
pub fn amount_of(xml: &mut Xml<'_>) -> Result<Option<Money>, ReadError> {
    let currency = xml
        .currency()
        .and_then(|code| Currency::parse(std::str::from_utf8(&code).ok()?).ok());
    let text = xml.text()?;
    Ok(currency.and_then(|currency| {
        let minor = amount::dotted_unsigned(text, currency)?;
        Some(Money::from_minor(minor, currency))
    }))
}

/// `Dt/Dt` or `Dt/DtTm`.
pub fn date_of(xml: &mut Xml<'_>) -> Result<Option<NaiveDate>, ReadError> {
    let mut day = None;
    while let Some(name) = xml.child()? {
        match name {
            "Dt" | "DtTm" => day = dates::xml_day(xml.text()?),
            _ => xml.skip()?,
        }
    }
    Ok(day)
}
