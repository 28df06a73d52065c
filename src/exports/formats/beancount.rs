//! A ledger for beancount. Its account names are ours in its spelling: `assets:payouts_in_transit:stripe`
//! is `Assets:PayoutsInTransit:Stripe`.
//!
//! An export from the beginning ends with the trial balance as assertions, so that the file checks
//! itself.

use super::{Format, Out, Writes};
use crate::exports::ExportError;
use crate::exports::kinds::AccountBalance;
use crate::exports::ledger::{self, Booked, LedgerScope, Stretch, one_line};
use crate::store::ReadTx;
use avstem_domain::money::Money;
use chrono::NaiveDate;
use std::collections::BTreeMap;
use std::io::{BufWriter, Write};

pub(super) const FORMAT: Format = Format {
    name: "beancount",
    media_type: "text/plain; charset=utf-8",
    unit: "journals",
    writes: Writes::Journals(write),
};

fn write(
    tx: &mut ReadTx<'_>,
    scope: &mut LedgerScope<'_>,
    out: &mut Out,
) -> Result<(), ExportError> {
    let mut out = BufWriter::new(out);
    let balances = (scope.balances)(tx, scope.days.to)?;
    let names = names(&balances)?;
    writeln!(out, "option \"title\" {}", quoted(scope.company))?;
    writeln!(out, "option \"operating_currency\" \"{}\"", scope.currency)?;
    let stretch = Stretch {
        days: scope.days,
        last_position: i64::MAX,
    };
    let mut opened = false;
    let mut last_day = scope.days.to;
    ledger::read(tx, stretch, &mut |_, page| {
        for booked in &page {
            // The first has the earliest day.
            if !opened {
                open(booked.day, &names, &mut out)?;
                opened = true;
            }
            transaction(booked, &names, &mut out)?;
            last_day = last_day.max(Some(booked.day));
            (scope.written)();
        }
        Ok(())
    })?;
    // An assertion is checked as its day begins.
    let next = last_day.and_then(|day| day.succ_opt());
    if let (None, true, Some(day)) = (scope.days.from, opened, next) {
        writeln!(out)?;
        for AccountBalance { account, balance } in &balances {
            // Without the tilde, a difference of one minor unit would pass.
            let (account, exactly) = (name(&names, account)?, balance.to_decimal_string());
            let (none, currency) = (Money::zero(balance.currency()), balance.currency());
            let none = none.to_decimal_string();
            writeln!(
                out,
                "{day} balance {account}  {exactly} ~ {none} {currency}"
            )?;
        }
    }
    Ok(out.flush()?)
}

/// The spelling of every account that can be met up to the last day, by our name.
fn names(balances: &[AccountBalance]) -> Result<BTreeMap<&str, String>, ExportError> {
    let mut names = BTreeMap::new();
    let mut taken = BTreeMap::new();
    for AccountBalance { account, .. } in balances {
        let spelt = spelling(account);
        let other = *taken.entry(spelt.clone()).or_insert(account.as_str());
        if other != account {
            return Err(ExportError::Missing(format!(
                "beancount cannot tell {account} and {other} apart; export in another format"
            )));
        }
        names.insert(account.as_str(), spelt);
    }
    Ok(names)
}

/// A part of an account begins with a capital or a digit and has letters, digits and dashes.
fn spelling(account: &str) -> String {
    let parts = account.split(':').enumerate().map(|(position, part)| {
        // The last part of three is a name of the user's, which stays as it is where it can.
        let separators: &[char] = if position < 2 { &['_'] } else { &[] };
        let words: String = part.split(separators).map(capitalised).collect();
        let words = words.replace('_', "--");
        if words.starts_with('-') {
            format!("X{words}")
        } else {
            words
        }
    });
    parts.collect::<Vec<_>>().join(":")
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_ascii_uppercase(), chars.as_str())
    })
}

fn name<'n>(names: &'n BTreeMap<&str, String>, account: &str) -> Result<&'n str, ExportError> {
    names.get(account).map(String::as_str).ok_or_else(|| {
        ExportError::unreadable("the balance", account, "it is not in the trial balance")
    })
}

fn open(
    day: NaiveDate,
    names: &BTreeMap<&str, String>,
    out: &mut dyn Write,
) -> std::io::Result<()> {
    writeln!(out)?;
    for name in names.values() {
        writeln!(out, "{day} open {name}")?;
    }
    Ok(())
}

fn transaction(
    booked: &Booked,
    names: &BTreeMap<&str, String>,
    out: &mut dyn Write,
) -> Result<(), ExportError> {
    let journal = &booked.journal;
    writeln!(out)?;
    let description = quoted(&journal.description);
    writeln!(out, "{} * {description} ^{}", booked.day, journal.id)?;
    writeln!(out, "  event: {}", quoted(&journal.event))?;
    writeln!(out, "  reference: {}", quoted(&journal.reference))?;
    for line in &booked.lines {
        let account = name(names, &line.account.to_string())?;
        writeln!(out, "  {account}  {}", line.amount)?;
    }
    Ok(())
}

fn quoted(text: &str) -> String {
    let text = one_line(text, &[])
        .replace('\\', "\\\\")
        .replace('"', "\\\"");
    format!("\"{text}\"")
}
