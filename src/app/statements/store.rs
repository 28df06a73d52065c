//! From a stored file's bytes to its lines: in batches, each its own transaction, and at the end one that
//! lets them count. Every step can be repeated.

use super::super::progress::Progress;
use super::super::{App, Failure};
use super::accounts::{bank_named, context_of};
use super::{ImportError, bank_lines, members, pieces, post_lines, provider_lines};
use crate::store::rows::{FileProblem, StatementFile};
use avstem_domain::statement::ProviderLine;
use avstem_domain::statement::bank::BankLine;
use avstem_statements::context::ReadContext;
use avstem_statements::formats::Format;
use avstem_statements::problem::Problem;
use avstem_statements::sink::Sink;
use std::ops::ControlFlow;

/// Lines that are written in one transaction.
const BATCH: usize = 1_000;

/// Takes in every file that some process left unfinished, as far as its bytes are here.
pub fn finish_interrupted(app: &App) -> Result<(), ImportError> {
    let files = app
        .store
        .read(|tx| tx.unfinished_files().map_err(Failure::from))?;
    for file in files {
        if pieces::are_whole(app, &file)? {
            take_in(app, &file, &mut |_| ())?;
        } else {
            tracing::warn!(file.id = %file.id, "File {} never arrived whole; hand it in again", file.id);
        }
    }
    Ok(())
}

/// Stores the lines of a file whose bytes are here, and lets them count.
pub fn take_in(
    app: &App,
    file: &StatementFile,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), ImportError> {
    let format = Format::named(&file.format).ok_or_else(|| {
        Failure::Unreadable(format!("file {} of format {:?}", file.id, file.format))
    })?;
    let context = match file.side.as_str() {
        "bank" => context_of(app, &bank_named(app, &file.owner)?)?,
        _ => ReadContext::new(app.config.time_zone),
    };
    let mut batches = Batches {
        app,
        file,
        role: provider_lines::role_of(format),
        reports: Vec::new(),
        statements: Vec::new(),
        problems: Vec::new(),
        problems_told: 0,
        lines: 0,
        members: members::Seen::default(),
        progress,
        failure: None,
    };
    let bytes = pieces::read(app, &file.id, file.bytes);
    let read = avstem_statements::read(format, bytes, &context, &mut batches);
    let summary = match (read, batches.failure.take()) {
        (_, Some(failure)) => return Err(failure.into()),
        (Err(error), None) => return Err(error.into()),
        (Ok(summary), None) => summary,
    };
    batches.write()?;
    let problems = batches.problems_told;
    let seen = std::mem::take(&mut batches.members);
    app.seams.cross("file_lines").map_err(Failure::from)?;
    app.store.write(|tx| {
        tx.finish_file(&file.id, problems)?;
        Ok::<_, Failure>(())
    })?;
    tracing::info!(file.id = %file.id, "Took in file {} with {} rows", file.id, summary.data_rows);
    if file.side == "settlement" {
        post_lines::post(app, &file.owner, &mut |_| ())?;
        members::send_payouts(app, &file.owner, format, &summary, &seen)?;
    }
    Ok(())
}

/// Lines on their way to the database.
struct Batches<'a> {
    app: &'a App,
    file: &'a StatementFile,
    role: &'static str,
    reports: Vec<ProviderLine>,
    statements: Vec<BankLine>,
    problems: Vec<FileProblem>,
    /// All of the file's so far.
    problems_told: i64,
    lines: u64,
    members: members::Seen,
    progress: &'a mut dyn FnMut(Progress),
    failure: Option<Failure>,
}

impl Batches<'_> {
    /// Writes what has gathered.
    fn write(&mut self) -> Result<(), Failure> {
        let (app, file, role) = (self.app, self.file, self.role);
        let (reports, statements) = (&self.reports, &self.statements);
        let (told, problems) = (self.problems_told, &self.problems);
        let contradictions = app.store.write(|tx| {
            let found = provider_lines::store(tx, app, file, role, reports)?;
            bank_lines::store(tx, file, statements)?;
            let mut rows = problems.clone();
            for (position, problem) in (told..).zip(&found) {
                rows.push(row(&file.id, position, problem));
            }
            tx.add_file_problems(&rows)?;
            Ok::<_, Failure>(found.len())
        })?;
        let contradictions = i64::try_from(contradictions).unwrap_or(i64::MAX);
        self.problems_told = self.problems_told.saturating_add(contradictions);
        self.reports.clear();
        self.statements.clear();
        self.problems.clear();
        (self.progress)(Progress {
            done: self.lines,
            total: u64::try_from(self.file.data_rows).ok(),
        });
        Ok(())
    }

    fn write_when_full(&mut self) -> ControlFlow<()> {
        let gathered = [
            self.reports.len(),
            self.statements.len(),
            self.problems.len(),
        ];
        if gathered.into_iter().max().is_none_or(|most| most < BATCH) {
            return ControlFlow::Continue(());
        }
        match self.write() {
            Ok(()) => ControlFlow::Continue(()),
            Err(failure) => {
                self.failure = Some(failure);
                ControlFlow::Break(())
            }
        }
    }
}

impl Sink for Batches<'_> {
    fn provider_line(&mut self, line: ProviderLine) -> ControlFlow<()> {
        self.lines = self.lines.saturating_add(1);
        self.members.add(&line, self.app.config.time_zone);
        self.reports.push(line);
        self.write_when_full()
    }

    fn bank_line(&mut self, line: BankLine) -> ControlFlow<()> {
        self.lines = self.lines.saturating_add(1);
        self.statements.push(line);
        self.write_when_full()
    }

    fn problem(&mut self, problem: Problem) -> ControlFlow<()> {
        self.lines = self.lines.saturating_add(1);
        let position = self.problems_told;
        self.problems.push(row(&self.file.id, position, &problem));
        self.problems_told = self.problems_told.saturating_add(1);
        self.write_when_full()
    }
}

fn row(file_id: &str, position: i64, problem: &Problem) -> FileProblem {
    FileProblem {
        file_id: file_id.to_owned(),
        position,
        row_number: i64::try_from(problem.row).unwrap_or(i64::MAX),
        column_name: problem.column.clone(),
        code: problem.code.as_str().to_owned(),
        found: problem.found.clone(),
        expected: problem.expected.clone(),
    }
}
