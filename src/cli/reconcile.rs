//! `avstem reconcile`

use super::bar::Bar;
use super::error::CliError;
use super::import::BY;
use super::{Ended, Global, day, open};
use crate::app::books::money;
use crate::app::breaks::{self, BreakView};
use crate::app::reconcile::{Proof, ReconcileRequest, ReconciliationView, reconcile};
use crate::app::{App, Failure};
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::io::Write;

/// Breaks that are listed; there may be more.
const LISTED: i64 = 1_000;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only this connection
    #[arg(long, value_name = "NAME")]
    connection: Option<String>,
    /// The last day that counts; without it, the last one that the bank's statements tell of
    #[arg(long, value_name = "DATE", value_parser = day::parse)]
    through: Option<NaiveDate>,
    /// Prints the result as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(global: &Global, arguments: &Arguments) -> Result<Ended, CliError> {
    let app = open::existing(global)?;
    let request = ReconcileRequest {
        connection: arguments.connection.clone(),
        through: arguments.through,
        by: BY.to_owned(),
    };
    let bar = Bar::new(global.noise, "lines");
    let view = reconcile(&app, &request, &mut |progress| bar.show(progress))?;
    drop(bar);
    let open = open_breaks(&app, arguments.connection.as_deref())?;
    let report = if arguments.json {
        format!("{:#}", as_json(&view, &open)?)
    } else {
        as_text(&view, &open)?
    };
    writeln!(std::io::stdout(), "{report}").map_err(CliError::Stdout)?;
    Ok(if view.report.breaks.is_empty() {
        Ended::Done
    } else {
        Ended::Found
    })
}

pub fn open_breaks(app: &App, connection: Option<&str>) -> Result<Vec<BreakView>, Failure> {
    let filter = breaks::Filter {
        state: Some("open".to_owned()),
        ..breaks::Filter::default()
    };
    let mut open = breaks::list(app, &filter, LISTED)?;
    open.retain(|view| connection.is_none_or(|name| view.row.connection.as_deref() == Some(name)));
    open.sort_by(|a, b| (&a.row.opened_on, &a.row.id).cmp(&(&b.row.opened_on, &b.row.id)));
    Ok(open)
}

fn as_text(view: &ReconciliationView, open: &[BreakView]) -> Result<String, Failure> {
    let total: i64 = view.report.breaks.values().sum();
    let state = match total {
        0 => "no open breaks".to_owned(),
        1 => "1 open break".to_owned(),
        total => format!("{total} open breaks"),
    };
    let mut lines = vec![
        format!("Reconciled through {}: {state}.", view.row.through),
        String::new(),
    ];
    lines.extend(table(&view.report.proof)?);
    lines.push(String::new());
    lines.push(format!(
        "{} lines have their counterparts; {} bank lines are none of a provider's; {} payouts are the sum of their lines.",
        view.report.matched, view.report.unrelated, view.report.payouts.proved
    ));
    for incomplete in &view.report.payouts.incomplete {
        lines.push(format!("Payout {incomplete}."));
    }
    for sum in &view.report.expected {
        let amount = money(sum.amount, &sum.currency)?;
        let what = match sum.reason.as_str() {
            "not_in_bank" => "on its way to the bank",
            "not_paid_out" => "not paid out yet",
            "not_reported" => "in no report yet",
            _ => "in no settlement yet",
        };
        lines.push(format!(
            "Expected: {} {amount} {what}, since {}.",
            sum.connection, sum.oldest_on
        ));
    }
    for one in open {
        lines.push(String::new());
        lines.extend(told(one));
    }
    Ok(lines.join("\n"))
}

pub fn told(view: &BreakView) -> Vec<String> {
    let row = &view.row;
    let difference = view.difference.map_or_else(
        || "no common currency".to_owned(),
        |difference| format!("difference {difference}"),
    );
    vec![
        format!(
            "{} {} {} {}",
            row.id,
            view.kind,
            row.connection.as_deref().unwrap_or("-"),
            row.reference
        ),
        format!(
            "  expected {}, found {}: {difference}; {} days old",
            view.expected, view.found, view.age_days
        ),
        format!("  {}", view.kind.suggestion()),
    ]
}

/// Columns as wide as what stands in them; amounts to the right.
fn table(proofs: &[Proof]) -> Result<Vec<String>, Failure> {
    let heads = [
        "connection",
        "currency",
        "provider",
        "ledger",
        "in transit",
        "bank",
        "difference",
    ];
    let mut rows = vec![heads.map(str::to_owned)];
    for proof in proofs {
        let text = |minor: Option<i64>| -> Result<String, Failure> {
            Ok(match minor {
                Some(minor) => proof.money(minor)?.to_decimal_string(),
                None => "-".to_owned(),
            })
        };
        rows.push([
            proof.connection.clone(),
            proof.currency.clone(),
            text(proof.provider)?,
            text(Some(proof.ledger))?,
            text(Some(proof.in_transit))?,
            text(Some(proof.bank))?,
            text(proof.difference)?,
        ]);
    }
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(width).collect();
    let line = |row: &[String; 7]| {
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

/// The same fields as the API's answer, and the open breaks.
fn as_json(view: &ReconciliationView, open: &[BreakView]) -> Result<Value, Failure> {
    let report = &view.report;
    let mut proof = Vec::new();
    for one in &report.proof {
        let text =
            |minor: i64| -> Result<String, Failure> { Ok(one.money(minor)?.to_decimal_string()) };
        proof.push(json!({
            "connection": one.connection,
            "currency": one.currency,
            "ledger": text(one.ledger)?,
            "provider": one.provider.map(text).transpose()?,
            "in_transit": text(one.in_transit)?,
            "bank": text(one.bank)?,
            "difference": one.difference.map(text).transpose()?,
        }));
    }
    let mut expected = Vec::new();
    for sum in &report.expected {
        expected.push(json!({
            "reason": sum.reason,
            "connection": sum.connection,
            "currency": sum.currency,
            "amount": money(sum.amount, &sum.currency)?.to_decimal_string(),
            "count": sum.count,
            "oldest_on": sum.oldest_on,
            "references": sum.references,
        }));
    }
    let open_break = |view: &BreakView| {
        json!({
            "id": view.row.id,
            "kind": view.kind.as_str(),
            "connection": view.row.connection,
            "reference": view.row.reference,
            "currency": view.row.currency,
            "expected": view.expected.to_decimal_string(),
            "found": view.found.to_decimal_string(),
            "difference": view.difference.map(|money| money.to_decimal_string()),
            "opened_on": view.row.opened_on,
            "age_days": view.age_days,
            "owner": view.last.owner,
            "note": view.last.note,
            "suggestion": view.kind.suggestion(),
        })
    };
    Ok(json!({
        "id": view.row.id,
        "state": view.row.state,
        "connection": view.row.connection,
        "through": view.row.through,
        "matched": report.matched,
        "unrelated": report.unrelated,
        "breaks": report.breaks,
        "proof": proof,
        "expected": expected,
        "payouts": { "proved": report.payouts.proved, "incomplete": report.payouts.incomplete },
        "open_breaks": open.iter().map(open_break).collect::<Vec<_>>(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_stand_under_each_other() {
        let proof = |connection: &str, ledger, provider| Proof {
            connection: connection.to_owned(),
            currency: "SEK".to_owned(),
            ledger,
            provider,
            in_transit: 47_923,
            bank: 0,
            difference: provider.map(|told: i64| ledger - told),
        };
        let lines = table(&[proof("stripe", 24_346, Some(24_346)), proof("x", 0, None)]).unwrap();
        assert_eq!(
            lines,
            [
                "connection  currency  provider  ledger  in transit  bank  difference",
                "stripe      SEK         243.46  243.46      479.23  0.00        0.00",
                "x           SEK              -    0.00      479.23  0.00           -",
            ]
        );
    }
}
