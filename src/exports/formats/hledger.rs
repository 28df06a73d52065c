//! A journal for hledger, which strict checking accepts: every account and commodity is declared.
//!
//! An export from the beginning ends with the trial balance as assertions, so that the file checks
//! itself.

use super::{Format, Out, Writes};
use crate::exports::ExportError;
use crate::exports::kinds::AccountBalance;
use crate::exports::ledger::{self, Booked, LedgerScope, Stretch, one_line};
use crate::store::ReadTx;
use avstem_domain::money::{Currency, Money};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::io::{BufWriter, Write};

pub(super) const FORMAT: Format = Format {
    name: "hledger",
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
    declare(&balances, &mut out)?;
    let stretch = Stretch {
        days: scope.days,
        last_position: i64::MAX,
    };
    let mut last_day = scope.days.to;
    ledger::read(tx, stretch, &mut |_, page| {
        for booked in &page {
            transaction(booked, &mut out)?;
            last_day = last_day.max(Some(booked.day));
            (scope.written)();
        }
        Ok(())
    })?;
    if let (None, Some(day)) = (scope.days.from, last_day) {
        assertions(day, &balances, &mut out)?;
    }
    Ok(out.flush()?)
}

/// Every account and commodity that can be met up to the last day.
fn declare(balances: &[AccountBalance], out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "decimal-mark .")?;
    if balances.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let currencies: BTreeSet<Currency> =
        balances.iter().map(|row| row.balance.currency()).collect();
    for currency in currencies {
        let unit = 1_000i64.saturating_mul(10i64.saturating_pow(currency.exponent()));
        let sample = Money::from_minor(unit, currency).to_decimal_string();
        let mark = if currency.exponent() == 0 { "." } else { "" };
        writeln!(out, "commodity {sample}{mark} {currency}")?;
    }
    writeln!(out)?;
    let accounts: BTreeSet<&str> = balances.iter().map(|row| row.account.as_str()).collect();
    for account in accounts {
        writeln!(out, "account {account}")?;
    }
    Ok(())
}

fn transaction(booked: &Booked, out: &mut dyn Write) -> Result<(), ExportError> {
    let journal = &booked.journal;
    // A semicolon begins a comment, a bar parts payee and note, a comma ends a tag's value.
    let description = one_line(&journal.description, &[';', '|']);
    let reference = one_line(&journal.reference, &[',']);
    writeln!(out)?;
    writeln!(out, "{} * ({}) {description}", booked.day, journal.id)?;
    writeln!(out, "    ; event:{}, reference:{reference}", journal.event)?;
    for line in &booked.lines {
        writeln!(out, "    {}  {}", line.account, line.amount)?;
    }
    Ok(())
}

fn assertions(
    day: NaiveDate,
    balances: &[AccountBalance],
    out: &mut dyn Write,
) -> std::io::Result<()> {
    if balances.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    writeln!(out, "{day} * Trial balance")?;
    for AccountBalance { account, balance } in balances {
        let nothing = Money::zero(balance.currency());
        writeln!(out, "    {account}  {nothing} = {balance}")?;
    }
    Ok(())
}
