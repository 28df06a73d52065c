//! From a stored file's bytes to its lines: in batches, each its own transaction, and at the end one that
//! lets them count. Every step can be repeated. One thread reads while another writes.

use super::super::progress::Progress;
use super::super::{App, Failure};
use super::accounts::{bank_named, context_of};
use super::batches::{Batch, Batches};
use super::members::{self, Seen};
use super::{ImportError, bank_lines, pieces, post_lines, provider_lines};
use crate::store::rows::{FileProblem, StatementFile};
use avstem_statements::context::ReadContext;
use avstem_statements::formats::Format;
use avstem_statements::problem::Problem;
use avstem_statements::summary::Summary;
use std::sync::mpsc::{Receiver, sync_channel};

/// Batches that are read ahead of what is written.
const BATCHES_AHEAD: usize = 2;

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
    let mut writer = Writer {
        app,
        file,
        problems_told: 0,
        progress,
    };
    let (summary, seen) = std::thread::scope(|threads| {
        let (sender, receiver) = sync_channel(BATCHES_AHEAD);
        let reader = threads.spawn(|| {
            let mut batches = Batches::new(app, file, format, sender);
            let bytes = pieces::read(app, &file.id, file.bytes);
            let read = avstem_statements::read(format, bytes, &context, &mut batches);
            let seen = batches.finish()?;
            Ok::<(Summary, Seen), ImportError>((read?, seen))
        });
        let written = writer.write_all(&receiver);
        // Whoever reads is told that nobody takes its batches any more.
        drop(receiver);
        match reader.join() {
            Ok(read) => written.map_err(ImportError::from).and(read),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })?;
    let problems = writer.problems_told;
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

/// Writes lines to the database.
struct Writer<'a> {
    app: &'a App,
    file: &'a StatementFile,
    /// All of the file's so far.
    problems_told: i64,
    progress: &'a mut dyn FnMut(Progress),
}

impl Writer<'_> {
    fn write_all(&mut self, batches: &Receiver<Batch>) -> Result<(), Failure> {
        for mut batch in batches {
            self.write(&mut batch)?;
            (self.progress)(Progress {
                done: batch.read,
                total: u64::try_from(self.file.data_rows).ok(),
            });
        }
        Ok(())
    }

    fn write(&mut self, batch: &mut Batch) -> Result<(), Failure> {
        let (file, told) = (self.file, self.problems_told);
        let problems = self.app.store.write(|tx| {
            let contradictions = provider_lines::store(tx, &file.owner, &mut batch.reports)?;
            bank_lines::store(tx, file, &batch.statements)?;
            let all = batch.problems.iter().chain(&contradictions);
            let rows: Vec<FileProblem> = (told..)
                .zip(all)
                .map(|(position, problem)| row(&file.id, position, problem))
                .collect();
            tx.add_file_problems(&rows)?;
            Ok::<_, Failure>(rows.len())
        })?;
        let problems = i64::try_from(problems).unwrap_or(i64::MAX);
        self.problems_told = self.problems_told.saturating_add(problems);
        Ok(())
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
