//! `avstem migrate`

use super::error::CliError;
use super::{Ended, Global, open};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Applies nothing; exits 3 if any are pending
    #[arg(long)]
    check: bool,
}

pub fn run(global: &Global, arguments: &Arguments) -> Result<Ended, CliError> {
    let config = open::settings(global)?;
    if arguments.check {
        // Looking must not leave an empty database behind.
        if let Some(path) = open::missing_file(&config.database_url) {
            eprintln!(
                "There is no database at {} yet; `avstem migrate` makes it.",
                path.display()
            );
            return Ok(Ended::Found);
        }
        let pending = open::store(&config.database_url)?.pending_migrations()?.0;
        for name in &pending {
            eprintln!("Pending: {name}");
        }
        return Ok(if pending.is_empty() {
            up_to_date()
        } else {
            Ended::Found
        });
    }
    let applied = open::store(&config.database_url)?.migrate()?.0;
    for name in &applied {
        eprintln!("Applied: {name}");
    }
    Ok(if applied.is_empty() {
        up_to_date()
    } else {
        Ended::Done
    })
}

fn up_to_date() -> Ended {
    eprintln!("The database is up to date.");
    Ended::Done
}
