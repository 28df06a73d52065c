//! `avstem rebuild`

use super::bar::Bar;
use super::error::CliError;
use super::{Ended, Global, Noise, open};
use crate::app::progress::Progress;
use crate::app::rebuild::finding::{Finding, Value};
use crate::app::rebuild::{Checked, Part, Watch, check};
use serde_json::json;
use std::io::Write;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Rebuilds in a scratch copy and compares; the database is only read
    #[arg(long, required = true)]
    check: bool,
    /// Prints the report as JSON
    #[arg(long)]
    json: bool,
}

pub fn run(global: &Global, arguments: &Arguments) -> Result<Ended, CliError> {
    let app = open::existing(global)?;
    let form = if arguments.json {
        Form::Json
    } else {
        Form::Text
    };
    let mut report = Report::begin(form, global.noise, std::io::stdout());
    let checked = check(&app, &mut report)?;
    report.end(checked).map_err(CliError::Stdout)?;
    Ok(if checked.findings == 0 {
        Ended::Done
    } else {
        Ended::Found
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Json,
}

/// Writes each difference when it is found: there is no limit to how many are told.
struct Report<W> {
    form: Form,
    noise: Noise,
    bar: Option<(Part, Bar)>,
    out: W,
    findings: u64,
    /// The first line that could not be written; nothing is written after it.
    broken: std::io::Result<()>,
}

impl<W: Write> Report<W> {
    const fn begin(form: Form, noise: Noise, out: W) -> Self {
        Self {
            form,
            noise,
            bar: None,
            out,
            findings: 0,
            broken: Ok(()),
        }
    }

    fn line(&mut self, line: &str) {
        if self.broken.is_ok() {
            let out = &mut self.out;
            let mut write = || writeln!(out, "{line}");
            self.broken = match &self.bar {
                Some((_, bar)) => bar.aside(write),
                None => write(),
            };
        }
    }

    fn end(mut self, checked: Checked) -> std::io::Result<()> {
        self.bar = None;
        let lines = match self.form {
            Form::Text => as_text(checked),
            Form::Json => self.json_end(checked),
        };
        self.line(&lines);
        self.broken
    }

    fn json_finding(&self, finding: &Finding) -> String {
        let begin = if self.findings == 0 {
            "{\n  \"findings\": [\n    "
        } else {
            "    ,"
        };
        format!("{begin}{}", as_json(finding))
    }

    fn json_end(&self, checked: Checked) -> String {
        let begin = if self.findings == 0 {
            "{\n  \"findings\": ["
        } else {
            "  "
        };
        let Checked {
            events,
            answers,
            rows,
            findings,
        } = checked;
        format!(
            "{begin}],\n  \"ok\": {},\n  \"events\": {events},\n  \"answers\": {answers},\n  \
             \"rows\": {rows},\n  \"findings_total\": {findings}\n}}",
            findings == 0
        )
    }
}

impl<W: Write> Watch for Report<W> {
    fn found(&mut self, finding: Finding) {
        let line = match self.form {
            Form::Text => finding.to_string(),
            Form::Json => self.json_finding(&finding),
        };
        self.line(&line);
        self.findings = self.findings.saturating_add(1);
    }

    fn progress(&mut self, part: Part, progress: Progress) {
        if !matches!(&self.bar, Some((shown, _)) if *shown == part) {
            // The old one is cleared before the new one is drawn.
            self.bar = None;
            let what = match part {
                Part::Replaying => "events",
                Part::Comparing => "rows",
            };
            self.bar = Some((part, Bar::new(self.noise, what)));
        }
        if let Some((_, bar)) = &self.bar {
            bar.show(progress);
        }
    }
}

fn as_text(checked: Checked) -> String {
    let Checked {
        events,
        answers,
        rows,
        findings,
    } = checked;
    let outcome = match findings {
        0 => "The database is what was told.".to_owned(),
        1 => "There is 1 difference. Change nothing, and compare with a backup.".to_owned(),
        total => {
            format!("There are {total} differences. Change nothing, and compare with a backup.")
        }
    };
    format!(
        "Took in {events} events and {answers} answers once more, and compared {rows} rows and sums.\n{outcome}"
    )
}

fn as_json(finding: &Finding) -> serde_json::Value {
    let code = finding.code();
    let message = finding.to_string();
    match finding {
        Finding::Differs {
            table,
            key,
            column,
            live,
            rebuilt,
        } => json!({
            "code": code, "message": message, "table": table, "key": key, "column": column,
            "live": value(live), "rebuilt": value(rebuilt),
        }),
        Finding::OnlyLive { table, key } | Finding::OnlyRebuilt { table, key } => {
            json!({ "code": code, "message": message, "table": table, "key": key })
        }
        Finding::NotApplied { table, key, why } => {
            json!({ "code": code, "message": message, "table": table, "key": key, "why": why })
        }
    }
}

fn value(value: &Value) -> serde_json::Value {
    match value {
        Value::Nothing => serde_json::Value::Null,
        Value::Text(text) => json!(text),
        Value::Personal => json!("[personal]"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECKED: Checked = Checked {
        events: 12,
        answers: 3,
        rows: 40,
        findings: 0,
    };

    fn report(form: Form, findings: &[Finding]) -> String {
        let mut out = Vec::new();
        let mut report = Report::begin(form, Noise::Quiet, &mut out);
        for finding in findings {
            report.found(finding.clone());
        }
        let findings = u64::try_from(findings.len()).unwrap();
        report
            .end(Checked {
                findings,
                ..CHECKED
            })
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    fn findings() -> [Finding; 3] {
        [
            Finding::Differs {
                table: "charges",
                key: "stripe ch_1".to_owned(),
                column: "invoice",
                live: Value::Nothing,
                rebuilt: Value::Text("in_1".to_owned()),
            },
            Finding::Differs {
                table: "customers",
                key: "stripe cus_1".to_owned(),
                column: "email",
                live: Value::Personal,
                rebuilt: Value::Personal,
            },
            Finding::NotApplied {
                table: "events",
                key: "avevt_1".to_owned(),
                why: "it cannot be read".to_owned(),
            },
        ]
    }

    #[test]
    fn a_report_says_what_was_looked_at_and_what_was_found() {
        assert_eq!(
            report(Form::Text, &[]),
            "Took in 12 events and 3 answers once more, and compared 40 rows and sums.\n\
             The database is what was told.\n"
        );
        assert_eq!(
            report(Form::Text, &findings()),
            "charges stripe ch_1: invoice is nothing, and what was told makes it \"in_1\".\n\
             customers stripe cus_1: email is [personal], and what was told makes it [personal].\n\
             events avevt_1: it was taken in once, and cannot be now: it cannot be read.\n\
             Took in 12 events and 3 answers once more, and compared 40 rows and sums.\n\
             There are 3 differences. Change nothing, and compare with a backup.\n"
        );
    }

    #[test]
    fn the_json_report_is_one_document_however_much_is_found() {
        for count in 0..=3 {
            let text = report(Form::Json, &findings()[..count]);
            let read: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(read["ok"], count == 0, "{text}");
            assert_eq!(read["findings_total"], count);
            assert_eq!(read["findings"].as_array().unwrap().len(), count);
            assert_eq!((&read["events"], &read["rows"]), (&json!(12), &json!(40)));
        }
        let text = report(Form::Json, &findings());
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["findings"][0]["live"], json!(null));
        assert_eq!(read["findings"][0]["rebuilt"], "in_1");
        assert_eq!(read["findings"][1]["live"], "[personal]");
        assert_eq!(read["findings"][2]["why"], "it cannot be read");
    }
}
