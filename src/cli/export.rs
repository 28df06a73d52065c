//! `avstem export`

use super::bar::Bar;
use super::error::CliError;
use super::{Ended, Global, day, open};
use crate::app::App;
use crate::app::export::{self, ExportRequest};
use crate::exports::formats::Format;
use crate::exports::kinds::Kind;
use chrono::NaiveDate;
use std::fs::File;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// journal, trial-balance, charges, refunds, subscriptions, decisions, payouts or breaks
    #[arg(value_parser = kind)]
    kind: &'static Kind,
    /// csv, jsonl, xlsx or parquet; for the journal also hledger, beancount or sie4
    #[arg(long, value_parser = format)]
    format: &'static Format,
    /// The first day, such as 2026-10-01
    #[arg(long, value_name = "DATE", value_parser = day::parse)]
    from: Option<NaiveDate>,
    /// The last day, included
    #[arg(long, value_name = "DATE", value_parser = day::parse)]
    to: Option<NaiveDate>,
    /// Where to write; without it, or with -, standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

fn kind(name: &str) -> Result<&'static Kind, String> {
    Kind::parse(name).map_err(|error| error.to_string())
}

fn format(name: &str) -> Result<&'static Format, String> {
    Format::parse(name).map_err(|error| error.to_string())
}

pub fn run(global: &Global, arguments: &Arguments) -> Result<Ended, CliError> {
    arguments.format.require(arguments.kind)?;
    let app = open::existing(global)?;
    let Arguments {
        kind,
        format,
        from,
        to,
        output,
    } = arguments;
    let request = ExportRequest {
        kind,
        format,
        from: *from,
        to: *to,
    };
    match output.as_deref().filter(|path| *path != Path::new("-")) {
        None => {
            let exported = export::export(&app, &request, &mut std::io::stdout(), &mut |_| ())?;
            tell(&exported);
        }
        Some(path) => {
            let bar = Bar::new(global.noise, format.unit);
            let exported = to_file(&app, &request, path, &bar)?;
            drop(bar);
            let (count, unit) = (exported.count, format.unit);
            eprintln!("Wrote {count} {unit} to {}.", path.display());
            tell(&exported);
        }
    }
    Ok(Ended::Done)
}

/// Says what whoever uses the file should know.
fn tell(exported: &export::Exported) {
    for note in &exported.notes {
        eprintln!("{note}");
    }
}

fn to_file(
    app: &App,
    request: &ExportRequest,
    path: &Path,
    bar: &Bar,
) -> Result<export::Exported, CliError> {
    let failed = |source| CliError::File {
        path: path.to_path_buf(),
        source,
    };
    let write =
        |file: &mut File| export::export(app, request, file, &mut |progress| bar.show(progress));
    // A device or a pipe is written to; renaming a file onto it would put the file in its place.
    if path.metadata().is_ok_and(|found| !found.is_file()) {
        let mut file = File::options().write(true).open(path).map_err(failed)?;
        return Ok(write(&mut file)?);
    }
    // A link stays one: what it points at is replaced.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let partial = partial(&target, &app.clock.uuid().simple().to_string());
    let mut file = File::create_new(&partial).map_err(failed)?;
    let written = write(&mut file)
        .map_err(CliError::from)
        .and_then(|exported| {
            file.sync_all()
                .and_then(|()| std::fs::rename(&partial, &target))
                .map_err(failed)?;
            Ok(exported)
        });
    if written.is_err() {
        // Half an export helps nobody; that it cannot be removed either is not what went wrong.
        let _ = std::fs::remove_file(&partial);
    }
    written
}

/// A file beside `target`, on the same disk, so that it can be renamed in one step.
fn partial(target: &Path, unique: &str) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{unique}.partial"));
    target.with_file_name(name)
}
