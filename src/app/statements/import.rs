//! Takes one file in, whole or not at all. The same file again changes nothing.

use super::super::progress::Progress;
use super::super::{App, Failure};
use super::accounts::{bank_named, bank_of, banks, context_of, earlier_account};
use super::pieces::PackedPieces;
use super::spool::Spooled;
use super::{ImportError, holders, pieces, post_lines, store};
use crate::store::StoreError;
use crate::store::rows::{FileProblem, StatementFile, StatementHolder};
use avstem_domain::id::FileId;
use avstem_domain::statement::ProviderLine;
use avstem_domain::statement::bank::BankLine;
use avstem_domain::time::Timestamp;
use avstem_statements::context::ReadContext;
use avstem_statements::formats::{Format, Origin, Role};
use avstem_statements::problem::Problem;
use avstem_statements::sink::Sink;
use avstem_statements::summary::Summary;
use avstem_statements::{HEAD_BYTES, detect};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

/// Problems that an answer lists; a file may have more.
const PROBLEMS_LISTED: i64 = 100;

/// What a file is handed in as.
#[derive(Debug, Clone)]
pub enum Target {
    /// A report of the provider of this connection.
    Settlement { connection: String },
    /// A statement of this account; without a name, of the one that it says.
    Bank { account: Option<String> },
}

#[derive(Debug, Clone)]
pub struct ImportRequest {
    pub target: Target,
    /// `None`: it is told by the file's content.
    pub format: Option<Format>,
    /// An API key's id, or the command line.
    pub by: String,
}

/// A file that is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub file: StatementFile,
    /// The first ones.
    pub problems: Vec<FileProblem>,
    pub standing: Standing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    New,
    /// It was here already.
    Known,
}

pub fn import(
    app: &App,
    request: &ImportRequest,
    spooled: &Spooled,
    progress: &mut dyn FnMut(Progress),
) -> Result<Imported, ImportError> {
    if let Target::Settlement { connection } = &request.target
        && !app.config.connections.contains_key(connection)
    {
        return Err(ImportError::UnknownConnection(connection.clone()));
    }
    if let Some(known) = known(app, request, spooled)? {
        if known.state == "received" {
            let packed = pieces::pack(&app.clock, spooled, &AtomicBool::new(true))?;
            pieces::keep(app, &known.id, &packed)?;
        }
        return finish(app, known, Standing::Known, progress);
    }
    // Its bytes are packed while it is read through; nothing is stored before that has ended well.
    let readable = AtomicBool::new(true);
    let (looked, packed) = std::thread::scope(|threads| {
        let packed = threads.spawn(|| pieces::pack(&app.clock, spooled, &readable));
        let looked = look(app, request, spooled);
        readable.store(looked.is_ok(), Ordering::Relaxed);
        (looked, packed.join())
    });
    let looked = looked?;
    let packed = packed.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    let file = keep(app, request, spooled, looked, &packed)?;
    finish(app, file, Standing::New, progress)
}

/// The same bytes, handed in before for the same connection or account.
fn known(
    app: &App,
    request: &ImportRequest,
    spooled: &Spooled,
) -> Result<Option<StatementFile>, ImportError> {
    let (side, owner) = match &request.target {
        Target::Settlement { connection } => ("settlement", Some(connection)),
        Target::Bank { account } => ("bank", account.as_ref()),
    };
    Ok(app.store.read(|tx| {
        if let Some(owner) = owner {
            return tx.file_by_hash(side, owner, &spooled.sha256);
        }
        let all = tx.statement_files_of(side)?;
        Ok::<_, StoreError>(all.into_iter().find(|file| file.sha256 == spooled.sha256))
    })?)
}

/// What reading the whole file, before any of it is stored, has shown.
struct Looked {
    side: &'static str,
    owner: String,
    summary: Summary,
    times: Times,
}

fn look(app: &App, request: &ImportRequest, spooled: &Spooled) -> Result<Looked, ImportError> {
    match &request.target {
        Target::Settlement { connection } => look_at_report(app, request, connection, spooled),
        Target::Bank { account } => look_at_statement(app, request, account.as_deref(), spooled),
    }
}

fn look_at_report(
    app: &App,
    request: &ImportRequest,
    name: &str,
    spooled: &Spooled,
) -> Result<Looked, ImportError> {
    let connection = app
        .config
        .connections
        .get(name)
        .ok_or_else(|| ImportError::UnknownConnection(name.to_owned()))?;
    let context = ReadContext::new(app.config.time_zone);
    let format = format(request, spooled, &context)?;
    match format.origin() {
        Origin::Provider(provider) if provider == connection.provider => {}
        Origin::Provider(_) => {
            return Err(ImportError::OtherProvider {
                title: format.title(),
                connection: name.to_owned(),
                provider: connection.provider,
            });
        }
        Origin::Bank => {
            return Err(ImportError::OtherSide {
                title: format.title(),
                wanted: "a provider's report",
                instead: "a bank statement",
            });
        }
    }
    let (summary, times) = read_through(format, spooled, &context)?;
    let earlier = app
        .store
        .read(|tx| tx.holders_of("settlement", name).map_err(Failure::from))?;
    holders::check_provider(connection, &summary, &earlier)?;
    Ok(Looked {
        side: "settlement",
        owner: name.to_owned(),
        summary,
        times,
    })
}

fn look_at_statement(
    app: &App,
    request: &ImportRequest,
    name: Option<&str>,
    spooled: &Spooled,
) -> Result<Looked, ImportError> {
    let chosen = name.map(|name| bank_named(app, name)).transpose()?;
    let only = || {
        let mut all = banks(app);
        all.pop().filter(|_| all.is_empty())
    };
    let bank = chosen.or_else(only);
    let mut context = ReadContext::new(app.config.time_zone);
    if let Some(bank) = &bank {
        context = context_of(app, bank)?;
    }
    let format = format(request, spooled, &context)?;
    if let Origin::Provider(_) = format.origin() {
        return Err(ImportError::OtherSide {
            title: format.title(),
            wanted: "a bank statement",
            instead: "a settlement report",
        });
    }
    let (mut summary, times) = read_through(format, spooled, &context)?;
    let bank = match bank {
        Some(bank) => bank,
        None => {
            let bank = bank_of(app, &summary)?;
            // Once more, by the name that the account is known by.
            summary = read_through(format, spooled, &context_of(app, &bank)?)?.0;
            bank
        }
    };
    let earlier = earlier_account(app, &bank)?;
    holders::check_bank(&bank, &summary, earlier.as_ref())?;
    Ok(Looked {
        side: "bank",
        owner: bank.name.to_string(),
        summary,
        times,
    })
}

fn format(
    request: &ImportRequest,
    spooled: &Spooled,
    context: &ReadContext,
) -> Result<Format, ImportError> {
    match request.format {
        Some(format) => Ok(format),
        None => Ok(detect(&spooled.head(HEAD_BYTES)?, context)?),
    }
}

fn read_through(
    format: Format,
    spooled: &Spooled,
    context: &ReadContext,
) -> Result<(Summary, Times), ImportError> {
    let mut times = Times::default();
    let summary = avstem_statements::read(format, spooled.reader()?, context, &mut times)?;
    Ok((summary, times))
}

/// Keeps nothing of a report's lines but the times of the oldest and the newest.
#[derive(Default)]
struct Times {
    oldest: Option<Timestamp>,
    newest: Option<Timestamp>,
}

impl Sink for Times {
    fn provider_line(&mut self, line: ProviderLine) -> ControlFlow<()> {
        let at = line.occurred_at;
        self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
        self.newest = self.newest.max(Some(at));
        ControlFlow::Continue(())
    }

    fn bank_line(&mut self, _: BankLine) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn problem(&mut self, _: Problem) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Stores the file's row and bytes. Its lines follow from those.
fn keep(
    app: &App,
    request: &ImportRequest,
    spooled: &Spooled,
    looked: Looked,
    packed: &PackedPieces,
) -> Result<StatementFile, ImportError> {
    let Looked {
        side,
        owner,
        summary,
        times,
    } = looked;
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let file = StatementFile {
        id: FileId::from_uuid(app.clock.uuid()).to_string(),
        side: side.to_owned(),
        owner,
        format: summary.format.name().to_owned(),
        sha256: spooled.sha256.clone(),
        bytes: count(spooled.bytes),
        data_rows: count(summary.data_rows),
        problems: count(summary.problems),
        first_day: summary.period.map(|days| days.first.to_string()),
        last_day: summary.period.map(|days| days.last.to_string()),
        covers_until: times.newest.map(Timestamp::as_micros),
        state: "received".to_owned(),
        received_by: request.by.clone(),
        received_at: app.clock.now().as_micros(),
        covers_from: match summary.format.role() {
            Role::Movements => times.oldest.map(Timestamp::as_micros),
            Role::Opinion => None,
        },
        lines_before: 0,
    };
    let file = app.store.write(|tx| {
        // Somebody else may have handed in the same file meanwhile.
        if let Some(known) = tx.file_by_hash(side, &file.owner, &file.sha256)? {
            return Ok::<_, StoreError>(known);
        }
        let file = StatementFile {
            lines_before: tx.last_line_seq()?,
            ..file.clone()
        };
        tx.add_statement_file(&file)?;
        let holder = |(what, name): (&'static str, &str)| StatementHolder {
            side: side.to_owned(),
            owner: file.owner.clone(),
            what: what.to_owned(),
            name: name.to_owned(),
            file_id: file.id.clone(),
        };
        let holders = summary.holders.iter().map(holders::named).map(holder);
        tx.add_holders(&holders.collect::<Vec<_>>())?;
        Ok(file)
    })?;
    app.seams.cross("file_row").map_err(Failure::from)?;
    pieces::keep(app, &file.id, packed)?;
    Ok(file)
}

/// Takes in what is left of the file, and answers.
fn finish(
    app: &App,
    file: StatementFile,
    standing: Standing,
    progress: &mut dyn FnMut(Progress),
) -> Result<Imported, ImportError> {
    if file.state == "received" {
        store::take_in(app, &file, progress)?;
    }
    if file.side == "settlement" {
        post_lines::post(app, &file.owner, &mut |_| ())?;
    }
    let (file, problems) = app.store.read(|tx| {
        let stored = tx.statement_file(&file.id)?.unwrap_or_else(|| file.clone());
        let problems = tx.problems_of_file(&file.id, PROBLEMS_LISTED)?;
        Ok::<_, Failure>((stored, problems))
    })?;
    Ok(Imported {
        file,
        problems,
        standing,
    })
}
