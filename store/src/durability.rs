//! What a database must be set to, so that what was committed outlasts a crash. It is read back, because a setting that
//! is not understood is ignored in silence.

use super::StoreError;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::sqlite::SqliteConnection;

/// Refuses a connection of which a pragma is not what money depends on: `wanted` is its value as a text, as SQLite tells it back.
///
/// # Errors
/// `Unsafe` when it is another, and `Statement` when SQLite does not know the pragma.
pub fn require_pragma(
    c: &mut SqliteConnection,
    pragma: &str,
    wanted: &str,
) -> Result<(), StoreError> {
    #[derive(QueryableByName)]
    struct Pragma {
        #[diesel(sql_type = Text)]
        value: String,
    }
    let sql = format!("SELECT CAST({pragma} AS TEXT) AS value FROM pragma_{pragma}");
    let found = diesel::sql_query(sql).get_result::<Pragma>(c)?.value;
    if found == wanted {
        Ok(())
    } else {
        Err(StoreError::Unsafe(format!(
            "SQLite runs with {pragma} = {found} where {wanted} is needed to lose nothing; \
             keep the database on a local disk and not on a network file system"
        )))
    }
}

/// A setting of a PostgreSQL server, as `pg_settings` tells it.
#[derive(Debug, QueryableByName)]
pub struct ServerSetting {
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub setting: String,
}

/// Those that [`require_on`] is to be given.
pub(super) const SERVER_SETTINGS: &str =
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes')";

/// Refuses a server that may forget what it said it had written: such a one must not keep these books.
///
/// # Errors
/// `Unsafe`, with the first setting that is not `on`.
pub fn require_on(settings: &[ServerSetting]) -> Result<(), StoreError> {
    settings.iter().find(|found| found.setting != "on").map_or(Ok(()), |found| {
        let ServerSetting { name, setting } = found;
        Err(StoreError::Unsafe(format!(
            "PostgreSQL runs with {name} = {setting}: a crash could lose acknowledged webhooks. Set {name} = on"
        )))
    })
}
