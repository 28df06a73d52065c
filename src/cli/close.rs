//! `avstem close` and `avstem reopen`

use super::bar::Bar;
use super::error::CliError;
use super::import::BY;
use super::{Ended, Global, open};
use crate::app::Failure;
use crate::app::month_end::{self, statement::Statement};
use avstem_domain::ledger::closing::AccountTotal;
use avstem_domain::money::MoneyError;
use avstem_domain::revenue::Month;
use serde_json::{Value, json};
use std::io::Write;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The month, such as 2026-10
    #[arg(value_name = "MONTH", value_parser = month)]
    month: Month,
    /// Prints the closing statement as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
pub struct Reopening {
    /// The month that was closed last, such as 2026-10
    #[arg(value_name = "MONTH", value_parser = month)]
    month: Month,
    /// Why; it stays in the books
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

fn month(text: &str) -> Result<Month, String> {
    Month::parse(text).map_err(|_| "write a month of the calendar, such as 2026-10".to_owned())
}

pub fn run(global: &Global, arguments: &Arguments) -> Result<Ended, CliError> {
    let app = open::existing(global)?;
    let bar = Bar::new(global.noise, "charges");
    let statement = month_end::close(&app, arguments.month, BY, &mut |progress| {
        bar.show(progress);
    })?;
    drop(bar);
    let report = if arguments.json {
        format!("{:#}", as_json(&statement).map_err(Failure::from)?)
    } else {
        as_text(&statement, app.config.time_zone).map_err(Failure::from)?
    };
    writeln!(std::io::stdout(), "{report}").map_err(CliError::Stdout)?;
    Ok(Ended::Done)
}

pub fn reopen(global: &Global, arguments: &Reopening) -> Result<Ended, CliError> {
    let app = open::existing(global)?;
    let event = month_end::reopen(&app, arguments.month, &arguments.reason, BY)?;
    let closed = event.locked_through.map_or_else(
        || "No month is closed now.".to_owned(),
        |day| format!("Every day through {day} is closed still."),
    );
    let told = format!(
        "{} is open again. {closed} What was recognised in it stays; close it again for a new statement.",
        arguments.month
    );
    writeln!(std::io::stdout(), "{told}").map_err(CliError::Stdout)?;
    Ok(Ended::Done)
}

fn as_text(statement: &Statement, zone: chrono_tz::Tz) -> Result<String, MoneyError> {
    let of = &statement.of;
    let closed_at = of.closed_at.to_utc().with_timezone(&zone);
    let mut lines = vec![
        format!(
            "{} is closed, since {} ({}).",
            of.month,
            closed_at.format("%Y-%m-%d %H:%M"),
            zone.name()
        ),
        String::new(),
    ];
    lines.extend(table(&of.totals)?);
    lines.push(String::new());
    lines.push(format!(
        "{} journals with {} postings; revenue was recognised of {} charges.",
        of.journals, of.postings, of.charges
    ));
    lines.push(format!(
        "Closing statement {}, after {} journals in the chain, whose last link is {}.",
        of.number, of.chain_count, of.chain_head
    ));
    lines.push(format!("SHA-256 {}", statement.hash));
    lines.push(match (&of.key, &statement.signature) {
        (Some(key), Some(signature)) => {
            format!("HMAC-SHA256 {signature}, key {}", key.0)
        }
        (None, _) | (_, None) => {
            "Not signed: there was no books.signing_key. Keep the hash somewhere else.".to_owned()
        }
    });
    Ok(lines.join("\n"))
}

/// Columns as wide as what stands in them; amounts to the right.
fn table(totals: &[AccountTotal]) -> Result<Vec<String>, MoneyError> {
    let heads = [
        "account", "currency", "opening", "debits", "credits", "closing",
    ];
    let mut rows = vec![heads.map(str::to_owned)];
    for total in totals {
        rows.push([
            total.account.clone(),
            total.opening.currency().code().to_owned(),
            total.opening.to_decimal_string(),
            total.debits.to_decimal_string(),
            total.credits.to_decimal_string(),
            total.closing()?.to_decimal_string(),
        ]);
    }
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let line = |row: &[String; 6]| {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(column, (cell, width))| {
            if column < 2 {
                format!("{cell:<width$}")
            } else {
                format!("{cell:>width$}")
            }
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    Ok(rows.iter().map(line).collect())
}

fn as_json(statement: &Statement) -> Result<Value, MoneyError> {
    let of = &statement.of;
    let mut totals = Vec::with_capacity(of.totals.len());
    for total in &of.totals {
        totals.push(json!({
            "account": total.account,
            "currency": total.opening.currency().code(),
            "opening": total.opening.to_decimal_string(),
            "debits": total.debits.to_decimal_string(),
            "credits": total.credits.to_decimal_string(),
            "closing": total.closing()?.to_decimal_string(),
        }));
    }
    Ok(json!({
        "number": of.number,
        "month": of.month.to_string(),
        "time_zone": of.time_zone,
        "closed_at": of.closed_at.to_rfc3339(),
        "journals": of.journals,
        "postings": of.postings,
        "charges": of.charges,
        "chain": { "count": of.chain_count, "head": of.chain_head.to_string() },
        "previous": of.previous.to_string(),
        "totals": totals,
        "text": statement.text,
        "sha256": statement.hash,
        "signature": statement.signature,
        "key": of.key.as_ref().map(|key| &key.0),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use avstem_domain::money::{Currency, Money};

    #[test]
    fn amounts_stand_under_each_other_in_their_own_digits() {
        let total = |account: &str, code, opening, debits, credits| {
            let money = |minor| Money::from_minor(minor, Currency::parse(code).unwrap());
            AccountTotal {
                account: account.to_owned(),
                opening: money(opening),
                debits: money(debits),
                credits: money(credits),
            }
        };
        let lines = table(&[
            total("income:orders", "JPY", 0, 0, 1_200),
            total("liabilities:vat", "SEK", -4_980, 100, 4_980),
        ]);
        assert_eq!(
            lines.unwrap(),
            [
                "account          currency  opening  debits  credits  closing",
                "income:orders    JPY             0       0     1200    -1200",
                "liabilities:vat  SEK        -49.80    1.00    49.80   -98.60",
            ]
        );
    }

    #[test]
    fn a_month_is_read_as_one() {
        assert_eq!(month("2026-10").unwrap().to_string(), "2026-10");
        assert!(month("2026-1").is_err());
        assert!(month("october").is_err());
    }
}
