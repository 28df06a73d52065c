//! Lines of a file, gathered to be written together, on the thread that reads.

use super::super::{App, Failure};
use super::members::Seen;
use super::provider_lines::{self, Told};
use crate::store::rows::StatementFile;
use avstem_domain::statement::ProviderLine;
use avstem_domain::statement::bank::BankLine;
use avstem_statements::formats::Format;
use avstem_statements::problem::Problem;
use avstem_statements::sink::Sink;
use std::ops::ControlFlow;
use std::sync::mpsc::SyncSender;

/// Lines that are written in one transaction.
const LINES: usize = 5_000;

/// What is written in one transaction.
#[derive(Default)]
pub struct Batch {
    pub reports: Told,
    pub statements: Vec<BankLine>,
    pub problems: Vec<Problem>,
    /// Lines of the file that are read by now.
    pub read: u64,
}

impl Batch {
    fn len(&self) -> usize {
        let lines = self.reports.lines.len().max(self.statements.len());
        lines.max(self.problems.len())
    }
}

/// Gathers lines, and sends them on.
pub struct Batches<'a> {
    app: &'a App,
    file: &'a StatementFile,
    role: &'static str,
    sender: SyncSender<Batch>,
    batch: Batch,
    read: u64,
    seen: Seen,
    failure: Option<Failure>,
}

impl<'a> Batches<'a> {
    pub fn new(
        app: &'a App,
        file: &'a StatementFile,
        format: Format,
        sender: SyncSender<Batch>,
    ) -> Self {
        Self {
            app,
            file,
            role: provider_lines::role_of(format),
            sender,
            batch: Batch::default(),
            read: 0,
            seen: Seen::default(),
            failure: None,
        }
    }

    /// Sends what is left, and returns what lines say of payouts.
    pub fn finish(mut self) -> Result<Seen, Failure> {
        if self.batch.len() > 0 {
            let _ = self.send();
        }
        self.failure.map_or(Ok(self.seen), Err)
    }

    fn send_when_full(&mut self) -> ControlFlow<()> {
        self.read = self.read.saturating_add(1);
        if self.batch.len() < LINES {
            return ControlFlow::Continue(());
        }
        self.send()
    }

    /// Breaks off when the lines cannot be written.
    fn send(&mut self) -> ControlFlow<()> {
        let mut batch = std::mem::take(&mut self.batch);
        batch.read = self.read;
        let compared = self.app.store.read(|tx| {
            let reports = &mut batch.reports;
            provider_lines::compare_with_charges(tx, &self.file.owner, reports)
        });
        if let Err(failure) = compared {
            self.failure = Some(failure);
            return ControlFlow::Break(());
        }
        match self.sender.send(batch) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

impl Sink for Batches<'_> {
    fn provider_line(&mut self, line: ProviderLine) -> ControlFlow<()> {
        self.seen.add(&line, self.app.config.time_zone);
        let row = provider_lines::row(self.app, self.file, self.role, &line);
        self.batch.reports.lines.push(row);
        self.send_when_full()
    }

    fn bank_line(&mut self, line: BankLine) -> ControlFlow<()> {
        self.batch.statements.push(line);
        self.send_when_full()
    }

    fn problem(&mut self, problem: Problem) -> ControlFlow<()> {
        self.batch.problems.push(problem);
        self.send_when_full()
    }
}
