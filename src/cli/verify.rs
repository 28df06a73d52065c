//! `avstem verify`

use super::bar::Bar;
use super::error::CliError;
use super::{Ended, Global, open};
use crate::app::verify_ledger::finding::Finding;
use crate::app::verify_ledger::months::Statements;
use crate::app::verify_ledger::{self, Verification};
use serde_json::json;
use std::io::Write;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Prints the report as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(global: &Global, arguments: &Arguments) -> Result<Ended, CliError> {
    let app = open::existing(global)?;
    let bar = Bar::new(global.noise, "journals");
    let verification = verify_ledger::verify(&app, &mut |progress| bar.show(progress))?;
    drop(bar);
    let report = if arguments.json {
        as_json(&verification)
    } else {
        as_text(&verification)
    };
    writeln!(std::io::stdout(), "{report}").map_err(CliError::Stdout)?;
    Ok(if verification.findings_total == 0 {
        Ended::Done
    } else {
        Ended::Found
    })
}

fn as_text(verification: &Verification) -> String {
    let counts = &verification.counts;
    let mut lines: Vec<String> = verification
        .findings
        .iter()
        .map(ToString::to_string)
        .collect();
    let shown = u64::try_from(lines.len()).unwrap_or(u64::MAX);
    let more = verification.findings_total.saturating_sub(shown);
    if more > 0 {
        lines.push(format!("… and {more} more."));
    }
    lines.push(format!(
        "Looked at {} journals with {} postings and {} effects, {} of them sealed.",
        counts.journals, counts.postings, counts.effects, counts.sealed
    ));
    lines.extend(of_statements(&verification.statements));
    lines.push(match verification.findings_total {
        0 => "The ledger is whole.".to_owned(),
        1 => {
            "The ledger is broken: 1 finding. Change nothing, and compare with a backup.".to_owned()
        }
        total => format!(
            "The ledger is broken: {total} findings. Change nothing, and compare with a backup."
        ),
    });
    lines.join("\n")
}

fn of_statements(statements: &Statements) -> Option<String> {
    if statements.checked == 0 {
        return None;
    }
    let mut line = format!(
        "Compared {} closing statements with the books; {} are signed with the key of the settings.",
        statements.checked, statements.signed
    );
    if statements.not_checkable > 0 {
        line.push_str(&format!(
            " {} are signed with a key that books.signing_key does not hold.",
            statements.not_checkable
        ));
    }
    Some(line)
}

fn as_json(verification: &Verification) -> String {
    let counts = &verification.counts;
    let finding =
        |finding: &Finding| json!({ "code": finding.code(), "message": finding.to_string() });
    let report = json!({
        "ok": verification.findings_total == 0,
        "journals": counts.journals,
        "postings": counts.postings,
        "effects": counts.effects,
        "sealed": counts.sealed,
        "statements": verification.statements.checked,
        "statements_signed": verification.statements.signed,
        "statements_not_checkable": verification.statements.not_checkable,
        "findings_total": verification.findings_total,
        "findings": verification.findings.iter().map(finding).collect::<Vec<_>>(),
    });
    format!("{report:#}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::verify_ledger::audit::Counts;

    fn verification(findings_total: u64) -> Verification {
        let findings = vec![Finding::HeadMissing; usize::from(findings_total > 0)];
        let counts = Counts {
            journals: 2,
            postings: 5,
            effects: 2,
            sealed: 1,
        };
        Verification {
            counts,
            statements: Statements::default(),
            findings,
            findings_total,
        }
    }

    #[test]
    fn a_report_says_what_was_looked_at_and_what_was_found() {
        assert_eq!(
            as_text(&verification(0)),
            "Looked at 2 journals with 5 postings and 2 effects, 1 of them sealed.\nThe ledger is whole."
        );
        let broken = as_text(&verification(3));
        assert!(
            broken.starts_with("The head of the chain is missing.\n… and 2 more.\n"),
            "{broken}"
        );
        assert!(broken.contains("3 findings"), "{broken}");
    }

    #[test]
    fn the_json_report_counts_findings_it_does_not_list() {
        let report: serde_json::Value = serde_json::from_str(&as_json(&verification(3))).unwrap();
        assert_eq!(report["ok"], false);
        assert_eq!(report["findings_total"], 3);
        assert_eq!(report["findings"][0]["code"], "head_missing");
    }
}
