//! `avstem reconcile`

mod text;

pub use text::one_break;

use super::bar::Bar;
use super::error::CliError;
use super::import::BY;
use super::{Ended, Global, day, open};
use crate::app::books::money;
use crate::app::breaks::{self, BreakView};
use crate::app::reconcile::{ReconcileRequest, ReconciliationView, reconcile};
use crate::app::reports::{self, Asked};
use crate::app::{App, Failure};
use crate::reports::Span;
use crate::reports::terminal::Bars;
use chrono::NaiveDate;
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};

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
        let asked = asked(&view)?;
        let told = text::Told {
            view: &view,
            open: &open,
            aging: &reports::breaks(&app, &asked)?,
            waterfall: &reports::waterfall(&app, &asked)?,
            zone: app.config.time_zone,
        };
        let bars = if std::io::stdout().is_terminal() {
            Bars::Drawn
        } else {
            Bars::LeftOut
        };
        told.as_text(bars)?
    };
    writeln!(std::io::stdout(), "{report}").map_err(CliError::Stdout)?;
    Ok(if view.report.breaks.is_empty() {
        Ended::Done
    } else {
        Ended::Found
    })
}

/// The reports that belong to a reconciliation: of the same connection, up to the same day.
fn asked(view: &ReconciliationView) -> Result<Asked, Failure> {
    let through = view.row.through.parse();
    let through = through.map_err(|e| Failure::unreadable("day", e))?;
    Ok(Asked {
        connection: view.row.connection.clone(),
        span: Span {
            from: None,
            to: Some(through),
        },
        // Every break is told, at its age on the day of this run, which is the last one.
        through: None,
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
