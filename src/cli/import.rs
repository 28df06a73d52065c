//! `avstem import`

use super::bar::Bar;
use super::error::CliError;
use super::{Ended, Global, open};
use crate::app::App;
use crate::app::progress::Progress;
use crate::app::statements::import::{ImportRequest, Imported, Standing, Target, import};
use crate::app::statements::spool::{Spool, Spooled};
use avstem_statements::formats::Format;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Who hands in what comes from here.
pub const BY: &str = "command line";

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// A provider's settlement report
    Settlement {
        /// Whose report it is: a connection's name in the settings
        #[arg(long, value_name = "NAME")]
        connection: String,
        #[command(flatten)]
        file: Given,
    },
    /// A bank statement
    Bank {
        /// Of which account, by its name in the settings; without it, the file tells
        #[arg(long, value_name = "NAME")]
        account: Option<String>,
        #[command(flatten)]
        file: Given,
    },
}

#[derive(Debug, clap::Args)]
pub struct Given {
    /// What the file is; without it, its content tells
    #[arg(long, value_parser = format)]
    format: Option<Format>,
    /// The file; - is standard input
    #[arg(value_name = "FILE")]
    path: PathBuf,
}

fn format(name: &str) -> Result<Format, String> {
    Format::named(name).ok_or_else(|| {
        let names: Vec<&str> = Format::all().map(Format::name).collect();
        format!("there is no format {name:?}; one of {}", names.join(", "))
    })
}

pub fn run(global: &Global, command: &Command) -> Result<Ended, CliError> {
    let app = open::existing(global)?;
    let (target, given) = match command {
        Command::Settlement { connection, file } => {
            let connection = connection.clone();
            (Target::Settlement { connection }, file)
        }
        Command::Bank { account, file } => {
            let account = account.clone();
            (Target::Bank { account }, file)
        }
    };
    let request = ImportRequest {
        target,
        format: given.format,
        by: BY.to_owned(),
    };
    let bar = Bar::new(global.noise, "bytes");
    let spooled = spool(&app, &given.path, &bar)?;
    drop(bar);
    let bar = Bar::new(global.noise, "rows");
    let imported = import(&app, &request, &spooled, &mut |progress| bar.show(progress))?;
    drop(bar);
    tell(&imported).map_err(CliError::Stdout)
}

fn spool(app: &App, path: &Path, bar: &Bar) -> Result<Spooled, CliError> {
    let mut show = |done| bar.show(Progress { done, total: None });
    let failed = |source| CliError::Input {
        path: path.to_path_buf(),
        source,
    };
    if path == Path::new("-") {
        return Spool::copy(&app.clock, std::io::stdin().lock(), &mut show).map_err(failed);
    }
    let file = File::open(path).map_err(failed)?;
    Spool::copy(&app.clock, file, &mut show).map_err(failed)
}

/// The file's id goes to stdout, for scripts; the rest is for people.
fn tell(imported: &Imported) -> std::io::Result<Ended> {
    let file = &imported.file;
    for problem in &imported.problems {
        eprintln!(
            "row {}, {}: found {:?}, expected {} ({})",
            problem.row_number, problem.column_name, problem.found, problem.expected, problem.code
        );
    }
    let listed = i64::try_from(imported.problems.len()).unwrap_or(i64::MAX);
    let more = file.problems.saturating_sub(listed);
    if more > 0 {
        eprintln!("… and {more} more problems.");
    }
    match imported.standing {
        Standing::New => eprintln!(
            "Took in {} rows of {} for {}, {} of them with problems.",
            file.data_rows, file.format, file.owner, file.problems
        ),
        Standing::Known => eprintln!(
            "This file was taken in before, for {}; nothing was done.",
            file.owner
        ),
    }
    writeln!(std::io::stdout(), "{}", file.id)?;
    // A file that is known has told its problems before.
    Ok(match imported.standing {
        Standing::New if file.problems > 0 => Ended::Found,
        Standing::New | Standing::Known => Ended::Done,
    })
}
