//! What a run looks at, and up to when.

use super::super::statements::rows::day;
use super::super::{App, Failure};
use avstem_domain::matching::Rules;
use avstem_domain::time::Timestamp;
use chrono::NaiveDate;

pub struct Scope<'a> {
    pub app: &'a App,
    /// The reconciliation's own.
    pub id: String,
    pub connection: Option<String>,
    pub through: NaiveDate,
}

impl Scope<'_> {
    pub fn connections(&self) -> impl Iterator<Item = &String> {
        let wanted = self.connection.as_ref();
        let all = self.app.config.connections.keys();
        all.filter(move |name| wanted.is_none_or(|wanted| wanted == *name))
    }

    pub fn covers(&self, connection: Option<&str>) -> bool {
        match (&self.connection, connection) {
            (None, _) => true,
            (Some(wanted), Some(name)) => wanted == name,
            (Some(_), None) => false,
        }
    }

    pub fn rules(&self) -> Rules {
        Rules {
            through: self.through,
            bank_days: self.app.config.reconciliation.bank_days,
        }
    }
}

/// The last day that anything imported tells of: of the bank, for what is not there yet could not be
/// missed; where there are no statements, of the reports; and with neither, today.
pub fn last_known_day(app: &App) -> Result<NaiveDate, Failure> {
    app.store.read(|tx| {
        let mut last: Option<String> = None;
        for side in ["bank", "settlement"] {
            let files = tx.statement_files_of(side)?;
            last = files.into_iter().filter_map(|file| file.last_day).max();
            if last.is_some() {
                break;
            }
        }
        match last {
            Some(text) => day(&text),
            None => Ok(Timestamp::date_in(app.clock.now(), app.config.time_zone)),
        }
    })
}
