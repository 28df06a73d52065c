//! `avstem keys create | list | revoke`

use super::error::CliError;
use super::{Ended, Global, open};
use crate::app::App;
use crate::app::api_keys::{self, Revoked, Role};
use crate::app::books::time;
use crate::store::rows::ApiKey;
use secrecy::ExposeSecret;
use std::io::Write;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Makes a key and prints it, once: only a hash of it is kept
    Create {
        /// read, support, finance or admin
        #[arg(long, value_parser = role)]
        role: Role,
        /// Who uses it, such as "shop backend"
        #[arg(long)]
        name: String,
    },
    /// Lists every key, the revoked ones too
    List,
    /// Makes a key stop working at once
    Revoke {
        /// As `avstem keys list` shows it
        id: String,
    },
}

pub fn run(global: &Global, command: &Command) -> Result<Ended, CliError> {
    let app = open::existing(global)?;
    match command {
        Command::Create { role, name } => create(&app, *role, name),
        Command::List => list(&app),
        Command::Revoke { id } => revoke(&app, id),
    }
}

fn role(text: &str) -> Result<Role, String> {
    let names = || Role::ALL.map(Role::as_str).join(", ");
    Role::parse(text).ok_or_else(|| format!("there are: {}", names()))
}

/// Stdout is the key alone, so that a script can take it.
fn create(app: &App, role: Role, name: &str) -> Result<Ended, CliError> {
    let created = api_keys::create(app, role, name)?;
    writeln!(std::io::stdout(), "{}", created.key.expose_secret()).map_err(CliError::Stdout)?;
    eprintln!(
        "Made {} for {:?} with the role {role}. It is shown only now.",
        created.row.id,
        created.row.name,
        role = role.as_str()
    );
    Ok(Ended::Done)
}

fn list(app: &App) -> Result<Ended, CliError> {
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{:38}  {:7}  {:27}  {:27}  NAME",
        "ID", "ROLE", "CREATED", "REVOKED"
    )
    .map_err(CliError::Stdout)?;
    for key in api_keys::list(app)? {
        writeln!(out, "{}", line(&key)?).map_err(CliError::Stdout)?;
    }
    Ok(Ended::Done)
}

fn line(key: &ApiKey) -> Result<String, CliError> {
    let created = time(key.created_at)?.to_rfc3339();
    let revoked = key
        .revoked_at
        .map(time)
        .transpose()?
        .map_or_else(|| "-".to_owned(), |at| at.to_rfc3339());
    Ok(format!(
        "{:38}  {:7}  {created:27}  {revoked:27}  {}",
        key.id, key.role, key.name
    ))
}

fn revoke(app: &App, id: &str) -> Result<Ended, CliError> {
    match api_keys::revoke(app, id)? {
        Revoked::Now => eprintln!("Revoked {id}."),
        Revoked::Before => eprintln!("{id} was revoked before."),
        Revoked::NoSuchKey => return Err(CliError::NoSuchKey(id.to_owned())),
    }
    Ok(Ended::Done)
}
