//! `avstem sync`

use super::bar::Bar;
use super::error::CliError;
use super::reconcile::{one_break, open_breaks};
use super::{Ended, Global, day, open};
use crate::app::breaks::BreakView;
use crate::app::sync::{RAISED, SyncReport, SyncRequest, sync};
use avstem_domain::time::start_of_day;
use chrono::NaiveDate;
use std::io::Write;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The connection's name in the settings
    connection: String,
    /// Only what was made on this day or later; without it, everything the provider has
    #[arg(long, value_name = "DATE", value_parser = day::parse)]
    since: Option<NaiveDate>,
}

pub fn run(global: &Global, arguments: &Arguments) -> Result<Ended, CliError> {
    let app = open::existing(global)?;
    let zone = app.config.time_zone;
    let request = SyncRequest {
        connection: arguments.connection.clone(),
        made_from: arguments.since.map(|day| start_of_day(day, zone)),
        holder: app.clock.uuid().to_string(),
    };
    let bar = Bar::new(global.noise, "objects");
    let report = sync(&app, &request, &mut |progress| bar.show(progress))?;
    drop(bar);
    let mut open = open_breaks(&app, Some(&arguments.connection))?;
    open.retain(|view| RAISED.contains(&view.kind));
    let text = as_text(&arguments.connection, &report, &open);
    writeln!(std::io::stdout(), "{text}").map_err(CliError::Stdout)?;
    Ok(if report.breaks.is_empty() {
        Ended::Done
    } else {
        Ended::Found
    })
}

fn as_text(connection: &str, report: &SyncReport, open: &[BreakView]) -> String {
    let total: i64 = report.breaks.values().sum();
    let state = match total {
        0 => "nothing for a person to look at".to_owned(),
        1 => "1 open break".to_owned(),
        total => format!("{total} open breaks"),
    };
    let mut lines = vec![
        format!("Compared {connection} with its provider: {state}."),
        String::new(),
        format!("{:<17}  {:>9}  {:>9}", "compared", "seen", "repaired"),
    ];
    for kind in &report.kinds {
        lines.push(format!(
            "{:<17}  {:>9}  {:>9}",
            kind.kind, kind.seen, kind.repaired
        ));
    }
    for view in open {
        lines.push(String::new());
        lines.extend(one_break(view));
        lines.push(format!("    {}", view.kind.suggestion()));
        if let Some(note) = &view.last.note {
            lines.push(format!("    {note}"));
        }
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::sync::KindReport;
    use std::collections::BTreeMap;

    #[test]
    fn figures_stand_under_each_other_and_breaks_are_counted() {
        let kind = |kind, seen, repaired| KindReport {
            kind,
            seen,
            repaired,
        };
        let report = SyncReport {
            kinds: vec![kind("events", 1_200, 3), kind("refunds by others", 7, 0)],
            breaks: BTreeMap::from([("status_mismatch".to_owned(), 2)]),
        };
        assert_eq!(
            as_text("stripe", &report, &[]),
            "Compared stripe with its provider: 2 open breaks.\n\
             \n\
             compared                seen   repaired\n\
             events                  1200          3\n\
             refunds by others          7          0"
        );
    }
}
